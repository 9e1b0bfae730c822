"""The register of schools: the list, the page of one school, and keeping them: adding, changing, closing."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import actions, queries
from portal.access import load, member_of, municipality_of, requires
from portal.actions import ActionRefused
from portal.forms.schools import CloseForm, SchoolFilter, SchoolForm, filled_with, only_known
from portal.models import School
from portal.roles import Permission
from portal.views.pages import slots

PAGE = 50


@requires(Permission.SEE_SCHOOLS)
@require_safe
def schools(request: HttpRequest) -> HttpResponse:
    form = SchoolFilter(request.GET)
    asked = only_known(form)
    page = Paginator(found_schools(request, asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "form": form,
        "asked": asked,
        "filtered": any(asked.get(name) for name in ("q", "kind", "locality", "closed")),
        "today": timezone.localdate(),
        "may_manage": member_of(request).may(Permission.MANAGE_SCHOOLS),
    }
    return render(request, "portal/schools.html", context)


def found_schools(request: HttpRequest, asked: dict[str, Any]) -> Any:
    """The schools that the filters of an address leave."""
    return queries.schools(
        request,
        search=asked.get("q", ""),
        order=asked.get("order", ""),
        kind=asked.get("kind", ""),
        locality=asked.get("locality", ""),
        closed={"yes": True, "no": False}.get(asked.get("closed", "")),
        today=timezone.localdate(),
    )


@requires(Permission.SEE_SCHOOLS)
@require_safe
def school(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, School, public_id=public_id)
    member, today = member_of(request), timezone.localdate()
    sees_people = member.may(Permission.SEE_PEOPLE)
    context = {
        "school": shown,
        "slots": slots(settings.PORTAL_SCHOOL_SLOTS, request, shown),
        "today": today,
        "may_manage": member.may(Permission.MANAGE_SCHOOLS),
        "sees_people": sees_people,
        "people": queries.people_of_school(member, shown, today) if sees_people else [],
    }
    return render(request, "portal/school.html", context)


@requires(Permission.MANAGE_SCHOOLS)
@require_http_methods(["GET", "HEAD", "POST"])
def school_add(request: HttpRequest) -> HttpResponse:
    form = SchoolForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            added = actions.add_school(municipality=municipality_of(request), passport=form.passport)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Школа «{added.name}» добавлена. В новые сборы данных она войдёт сама.")
            return redirect("school", added.public_id)
    return render(request, "portal/school_form.html", {"form": form}, status=422 if form.errors else 200)


@requires(Permission.MANAGE_SCHOOLS)
@require_http_methods(["GET", "HEAD", "POST"])
def school_edit(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, School, public_id=public_id)
    form = SchoolForm(
        request.POST or None,
        initial=filled_with(shown),
        today=timezone.localdate(),
        code_is_permanent=queries.used_by_others(shown),
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_school(school=shown, passport=form.passport)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Изменения сохранены.")
            return redirect("school", public_id)
    return render(
        request, "portal/school_form.html", {"form": form, "school": shown}, status=422 if form.errors else 200
    )


@requires(Permission.MANAGE_SCHOOLS)
@require_http_methods(["GET", "HEAD", "POST"])
def school_close(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close a school or merge it into another; its past stays."""
    shown, today = load(request, School, public_id=public_id), timezone.localdate()
    form = CloseForm(
        request.POST or None,
        school=shown,
        successors=queries.possible_successors(request, shown),
        today=today,
        initial={"closed": shown.closed, "successor": shown.successor and shown.successor.public_id},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.close_school(school=shown, on=given["closed"], successor=given["successor"])
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Школа «{shown.name}» отмечена как закрытая. Её данные за прошлые годы сохранены."
            )
            return redirect("school", public_id)
    context = {"form": form, "school": shown}
    return render(request, "portal/school_close.html", context, status=422 if form.errors else 200)


@requires(Permission.MANAGE_SCHOOLS)
@require_POST
def school_reopen(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, School, public_id=public_id)
    actions.reopen_school(school=shown)
    messages.success(request, f"Отметка о закрытии снята. Школа «{shown.name}» войдёт в новые сборы данных.")
    return redirect("school", public_id)
