"""Campaigns: their list, launching one, and the board that shows who has not handed in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from monitoring import actions
from monitoring.enums import FormState
from monitoring.forms.campaigns import LaunchForm
from monitoring.queries.forms import board, campaigns, catalogue_forms, counted_by_state
from portal.access import load, member_of, municipality_of, requires, visible
from portal.actions import ActionRefused
from portal.models import Regulation
from portal.roles import Permission


@requires(Permission.SEE_CAMPAIGNS)
@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    context = {"campaigns": counted_by_state(campaigns(member)), "may_launch": member.may(Permission.RUN_CAMPAIGNS)}
    return render(request, "monitoring/campaigns.html", context)


@requires(Permission.RUN_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def launch(request: HttpRequest) -> HttpResponse:
    """Choose form, year, order and dates; the launch fixes the list of schools and the wording."""
    municipality = municipality_of(request)
    form = LaunchForm(
        request.POST or None,
        municipality=municipality,
        regulations=visible(request, Regulation),
        forms_on_offer=catalogue_forms(),
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            launched = actions.launch_campaign(municipality=municipality, by=member_of(request).user, **form.launch())
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Сбор данных запущен. Список школ и формулировки закреплены.")
            return redirect("monitoring:campaign", launched.public_id)
    return render(request, "monitoring/launch.html", {"form": form}, status=422 if form.errors else 200)


@requires(Permission.SEE_CAMPAIGNS)
@require_safe
def campaign(request: HttpRequest, public_id: str) -> HttpResponse:
    """The board of one campaign; `?state=` keeps only the forms in that state."""
    shown = load(request, campaigns(member_of(request)), public_id=public_id)
    rows = list(board(member_of(request), shown))
    state = request.GET.get("state", "")
    context = {
        "campaign": shown,
        "rows": [row for row in rows if row.state == state] if state in FormState.values else rows,
        "counts": [(one, sum(row.state == one for row in rows)) for one in FormState],
        "state": state if state in FormState.values else "",
        "total": len(rows),
        "now": timezone.now(),
    }
    return render(request, "monitoring/campaign.html", context)
