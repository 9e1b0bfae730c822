"""The register of acts (НПА): the list, one act with where it is used, adding, correcting, deleting."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from portal import actions, queries
from portal.access import load, member_of, municipality_of, requires, visible
from portal.actions import ActionRefused
from portal.forms.regulations import RegulationFilter, RegulationForm, filled_with
from portal.forms.schools import only_known
from portal.models import Regulation
from portal.roles import Permission
from portal.views.pages import slots

PAGE = 50


@requires(Permission.SEE_REGULATIONS)
@require_safe
def regulations(request: HttpRequest) -> HttpResponse:
    form = RegulationFilter(request.GET, years=queries.years_of_regulations(request))
    asked = only_known(form)
    rows = queries.regulations(
        request,
        today=timezone.localdate(),
        search=asked.get("q", ""),
        kind=asked.get("kind", ""),
        year=asked.get("year"),
        only=asked.get("standing", ""),
    )
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "form": form,
        "asked": asked,
        "filtered": any(asked.values()),
        "may_manage": member_of(request).may(Permission.MANAGE_REGULATIONS),
    }
    return render(request, "portal/regulations.html", context)


@requires(Permission.SEE_REGULATIONS)
@require_safe
def regulation(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, visible(request, Regulation).select_related("replaced_by"), public_id=public_id)
    context = {
        "act": shown,
        "standing": queries.standing(shown, timezone.localdate()),
        "replaces": visible(request, shown.replaces.all()),
        "slots": slots(settings.PORTAL_REGULATION_SLOTS, request, shown),
        "may_manage": member_of(request).may(Permission.MANAGE_REGULATIONS),
        "in_use": queries.used_by_others(shown),
    }
    return render(request, "portal/regulation.html", context)


@requires(Permission.MANAGE_REGULATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def regulation_add(request: HttpRequest) -> HttpResponse:
    """Enter an act; `?next=` leads back to the page that needed it."""
    form = RegulationForm(request.POST or None, others=visible(request, Regulation), today=timezone.localdate())
    back = _way_back(request)
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_regulation(municipality=municipality_of(request), act=form.act)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Документ добавлен в реестр: {added}.")
            return redirect(back) if back else redirect("regulation", added.public_id)
    context = {"form": form, "next": back}
    return render(request, "portal/regulation_form.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_REGULATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def regulation_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, visible(request, Regulation).select_related("replaced_by"), public_id=public_id)
    form = RegulationForm(
        request.POST or None,
        initial=filled_with(shown),
        others=visible(request, Regulation).exclude(pk=shown.pk),
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_regulation(regulation=shown, act=form.act)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Изменения сохранены.")
            return redirect("regulation", public_id)
    context = {"form": form, "act": shown}
    return render(request, "portal/regulation_form.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_REGULATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def regulation_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask, and take an act out of the register where nothing rests on it."""
    shown = load(request, Regulation, public_id=public_id)
    if request.method == "POST":
        try:
            actions.delete_regulation(regulation=shown)
        except ActionRefused as refusal:
            messages.error(request, str(refusal))
            return redirect("regulation", public_id)
        messages.success(request, f"Документ удалён из реестра: {shown}.")
        return redirect("regulations")
    return render(request, "portal/regulation_delete.html", {"act": shown})


def _way_back(request: HttpRequest) -> str:
    """The page of the portal that sent the person here, or an empty string; a foreign address is dropped."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    local = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, {request.get_host()}, request.is_secure())
    return asked if local else ""
