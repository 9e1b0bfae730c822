"""The people of a place: the list, the page of a person, closing accounts and ending roles, colleagues of a school."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import actions
from portal import people as queries
from portal.access import load, member_of, municipality_of, requires
from portal.actions import ActionRefused
from portal.forms.people import PeopleFilter, PersonForm, WayForm
from portal.models import Membership, School
from portal.roles import Permission, Role, looks_after
from portal.views.invitations import after_invitation

PAGE = 50
LOOKS_AFTER = (Permission.MANAGE_PEOPLE, Permission.INVITE_SCHOOL_PEOPLE)


@requires(Permission.SEE_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    form = PeopleFilter(request.GET, schools=queries.open_schools(request, timezone.localdate(now)))
    asked = form.asked()
    rows = queries.listed(
        request,
        now=now,
        search=asked.get("q", ""),
        state=asked.get("state", ""),
        role=asked.get("role", ""),
        school=asked.get("school", ""),
    )
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "form": form,
        "asked": asked,
        "shortages": queries.shortages(municipality_of(request), timezone.localdate(now)),
        "may_invite": _may_invite(request),
        "may_manage_tokens": member_of(request).may(Permission.MANAGE_TOKENS),
    }
    return render(request, "portal/people.html", context)


@requires(Permission.SEE_PEOPLE)
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    shown, today = _found(request, pk), timezone.localdate()
    member = member_of(request)
    roles = [
        (one, queries.STATES[queries.state_of(one, today)], _may_end(member, one, today))
        for one in queries.memberships_of_person(request, shown.user)
    ]
    context = {
        "shown": shown,
        "account": shown.user,  # `person` is the reader, in the head of every page
        "roles": roles,
        "may_manage": shown.user_id != member.user_id and queries.may_manage_account(member, shown.user, today),
    }
    return render(request, "portal/person.html", context)


def _may_end(member: Membership, one: Membership, today: Any) -> bool:
    return queries.state_of(one, today) != queries.ENDED and queries.may_look_after(member, one)


@requires(*LOOKS_AFTER, Permission.HAND_OVER_SECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def person_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ending one role; a coordinator comes here from the page of colleagues."""
    shown = _found(request, pk)
    member, back = member_of(request), _back(request, shown)
    if not queries.may_look_after(member, shown):
        return _refuse(request, "Завершить эту роль может только администратор.", back)
    if request.method == "POST":
        return _do(
            request,
            back,
            f"Роль «{shown.role_label}» завершена: {shown.user}.",
            actions.end_membership,
            membership=shown,
            by=member,
        )
    consequences = [
        f"{shown.user} потеряет доступ по роли «{shown.role_label}» ({shown.place_label}) сразу.",
        "Всё, что этот человек внёс, останется, вместе с его именем в истории.",
        *queries.shortage_without([shown], timezone.localdate()),
    ]
    return _ask(request, "Завершить роль?", "Завершить роль", consequences, shown, back, danger=True)


@requires(*LOOKS_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def person_off(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _found(request, pk)
    back = _back(request, shown)
    if request.method == "POST":
        return _do(
            request, back, f"Доступ закрыт: {shown.user}.", actions.switch_off, person=shown.user, by=member_of(request)
        )
    today = timezone.localdate()
    consequences = [
        f"{shown.user} не сможет войти, открытые сеансы завершатся сразу.",
        "Всё, что этот человек внёс, останется, вместе с его именем в истории. Доступ можно открыть снова.",
        *queries.shortage_without(queries.roles_held(shown.user, today), today),
    ]
    return _ask(request, "Закрыть доступ?", "Закрыть доступ", consequences, shown, back, danger=True)


@requires(*LOOKS_AFTER)
@require_POST
def person_on(request: HttpRequest, pk: int) -> HttpResponse:
    shown = _found(request, pk)
    back = _back(request, shown)
    return _do(
        request, back, f"Доступ открыт: {shown.user}.", actions.switch_on, person=shown.user, by=member_of(request)
    )


@requires(*LOOKS_AFTER)
@require_http_methods(["GET", "HEAD", "POST"])
def person_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link for somebody who has forgotten the password."""
    shown = _found(request, pk)
    back = _back(request, shown)
    form = WayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seed = actions.slip_seed()
        try:
            made = actions.send_new_link(
                person=shown.user, way=form.cleaned_data["way"], by=member_of(request), seed=seed
            )
        except ActionRefused as refusal:
            return _refuse(request, str(refusal), back)
        return after_invitation(request, [made], seed, back)
    consequences = [
        f"{shown.user} задаст новый пароль по одноразовой ссылке или коду в течение 72 часов.",
        "Прежний пароль перестанет действовать, открытые сеансы завершатся сразу.",
        "Второй фактор входа, если он подключён, останется.",
    ]
    return _ask(request, "Выдать новую ссылку?", "Выдать ссылку", consequences, shown, back, form=form)


@requires(Permission.HAND_OVER_SECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def colleagues(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who works in the portal for one school; its coordinator invites a colleague to help."""
    school = load(request, School, public_id=public_id)
    member = member_of(request)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        seed = actions.slip_seed()
        try:
            made = actions.invite(
                **form.cleaned_data,
                role=Role.COLLEAGUE,
                municipality=school.municipality,
                school=school,
                by=member,
                seed=seed,
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return after_invitation(request, [made], seed, reverse("colleagues", args=[school.public_id]))
    now = timezone.now()
    here = [(one, queries.may_look_after(member, one)) for one in queries.colleagues(school, timezone.localdate(now))]
    context = {"school": school, "form": form, "here": here, "awaited": queries.invited_colleagues(school, now)}
    return render(request, "portal/colleagues.html", context, status=422 if form.errors else 200)


def _found(request: HttpRequest, pk: int) -> Membership:
    return load(request, queries.with_places(), pk=pk)


def _may_invite(request: HttpRequest) -> bool:
    return bool(looks_after(Role(member_of(request).role)))


def _back(request: HttpRequest, shown: Membership) -> str:
    """Where a decision about a role leads: to the page of its person, or to the colleagues of a coordinator."""
    if member_of(request).may(Permission.SEE_PEOPLE) or shown.school is None:
        return reverse("person", args=[shown.pk])
    return reverse("colleagues", args=[shown.school.public_id])


def _do(request: HttpRequest, back: str, done: str, action: Any, **arguments: Any) -> HttpResponse:
    try:
        action(**arguments)
    except ActionRefused as refusal:
        return _refuse(request, str(refusal), back)
    messages.success(request, done)
    return redirect(back)


def _refuse(request: HttpRequest, sentence: str, back: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect(back)


def _ask(
    request: HttpRequest, title: str, button: str, consequences: list[str], shown: Membership, back: str, **more: Any
) -> HttpResponse:
    context = {"title": title, "button": button, "consequences": consequences, "shown": shown, "back": back, **more}
    form = more.get("form")
    return render(request, "portal/person_confirm.html", context, status=422 if form and form.errors else 200)
