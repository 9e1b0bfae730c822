"""Campaigns: their list, launching them in two steps, changing, closing and opening one again."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from monitoring import actions
from monitoring.forms.campaigns import LaunchForm, TermsForm
from monitoring.forms.review import ReasonForm
from monitoring.models import Campaign
from monitoring.queries.campaigns.board import board, progress_of
from monitoring.queries.campaigns.rollover import rollover
from monitoring.queries.entry.lists import campaigns, catalogue_forms, counted_by_state, department, newest_year
from portal.access import load, member_of, municipality_of, requires, visible
from portal.actions import ActionRefused
from portal.models import Regulation
from portal.roles import Permission

OVER_FORM = ("csrfmiddlewaretoken",)  # what a browser sends beside the fields


@requires(Permission.SEE_CAMPAIGNS)
@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    context = {
        "campaigns": counted_by_state(campaigns(member)),
        "may_launch": member.may(Permission.RUN_CAMPAIGNS),
        "now": timezone.now(),
    }
    return render(request, "monitoring/campaigns.html", context)


def _launch_form(request: HttpRequest, data: object) -> LaunchForm:
    municipality = municipality_of(request)
    return LaunchForm(
        data,
        municipality=municipality,
        regulations=visible(request, Regulation),
        forms_on_offer=catalogue_forms(),
        people=department(municipality),
        today=timezone.localdate(),
        newest=newest_year(member_of(request)),
    )


@requires(Permission.RUN_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def launch(request: HttpRequest) -> HttpResponse:
    """Step one: choose year, forms, order, dates and terms. Nothing is written; the choice becomes the next address."""
    form = _launch_form(request, request.POST or request.GET or None)
    if request.method == "POST" and form.is_valid():
        chosen = [(name, value) for name, values in request.POST.lists() for value in values if name not in OVER_FORM]
        return redirect(f"{reverse('monitoring:launch_review')}?{urlencode(chosen)}")
    status = 422 if request.method == "POST" else 200
    return render(request, "monitoring/launch.html", {"form": form}, status=status)


@requires(Permission.RUN_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def launch_review(request: HttpRequest) -> HttpResponse:
    """Step two: who will be asked what, and how that differs from the last time; POST launches all or nothing."""
    form = _launch_form(request, request.GET)
    if not form.is_valid():
        if not request.GET:
            return redirect("monitoring:launch")
        return render(request, "monitoring/launch.html", {"form": form}, status=422)
    municipality, terms = municipality_of(request), form.launch()
    errors = []
    if request.method == "POST":
        try:
            launched = actions.launch_together(
                municipality=municipality, by=member_of(request).user, tells_schools=True, **terms
            )
        except ActionRefused as refusal:
            errors = [{"text": str(refusal)}]
        else:
            messages.success(request, "Сбор данных запущен. Список школ и формулировки закреплены.")
            return redirect("monitoring:campaign", launched[0].public_id)
    parts = rollover(municipality, terms["forms"], terms["year"], form.cleaned_data["opens_on"])
    context = {
        "form": form,
        "terms": terms,
        "parts": parts,
        "errors": errors,
        "may_launch": all(part.listing.schools and not part.already for part in parts),
        "query": request.GET.urlencode(),
        "now": timezone.now(),
    }
    return render(request, "monitoring/launch_review.html", context, status=422 if errors else 200)


def _loaded(request: HttpRequest, public_id: str) -> Campaign:
    rows = campaigns(member_of(request)).select_related("form", "regulation", "municipality", "contact")
    return load(request, rows, public_id=public_id)


@requires(Permission.RUN_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_terms(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change deadline, additional time, contact or reminders of a running campaign."""
    shown = _loaded(request, public_id)
    form = TermsForm(request.POST or None, campaign=shown, people=department(shown.municipality))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_campaign(
                campaign=shown, terms=form.terms(), reason=form.cleaned_data["reason"], by=member_of(request)
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Условия сбора изменены. Школы, которые ещё не сдали форму, увидят уведомление.")
            return redirect("monitoring:campaign", public_id)
    context = {"form": form, "campaign": shown}
    return render(request, "monitoring/campaign_terms.html", context, status=422 if form.errors else 200)


@requires(Permission.RUN_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_close(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once more, with the numbers, and end the campaign."""
    shown = _loaded(request, public_id)
    errors = []
    if request.method == "POST":
        try:
            actions.close_campaign(campaign=shown, by=member_of(request))
        except ActionRefused as refusal:
            errors = [{"text": str(refusal)}]
        else:
            messages.success(request, "Сбор данных завершён.")
            return redirect("monitoring:campaign", public_id)
    rows = board(member_of(request), shown)
    context = {
        "campaign": shown,
        "progress": progress_of(shown, [row.submission for row in rows]),
        "missing": [row.submission.school for row in rows if row.missing],
        "errors": errors,
    }
    return render(request, "monitoring/campaign_close.html", context, status=422 if errors else 200)


@requires(Permission.REOPEN_FORMS)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_open(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the end of a campaign back."""
    shown = _loaded(request, public_id)
    form = ReasonForm(request.POST or None, missing="Напишите причину: её увидят школы.")
    if request.method == "POST" and form.is_valid():
        try:
            actions.open_campaign_again(campaign=shown, reason=form.cleaned_data["reason"], by=member_of(request))
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Сбор данных снова открыт.")
            return redirect("monitoring:campaign", public_id)
    context = {"form": form, "campaign": shown}
    return render(request, "monitoring/campaign_open.html", context, status=422 if form.errors else 200)
