"""Inviting people: one, many from a list, printed slips; and the page on which an invitation is accepted."""

from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import actions, people
from portal.access import load, member_of, municipality_of, open_to_strangers, requires
from portal.actions import ActionRefused
from portal.enums import InvitationPurpose, InvitationWay
from portal.forms.people import AcceptForm, CodeForm, InviteForm, WayForm
from portal.forms.schools import RegisterFileForm
from portal.importing import PeopleResource, PreviewIsOld, Standing, import_register
from portal.models import Invitation
from portal.roles import Permission, Role, looks_after
from portal.views.registers import draft_rows, errors_of, keep_draft
from portal.workbooks import XLSX_TYPE, attachment, write_table

INVITES = (Permission.MANAGE_PEOPLE, Permission.INVITE_SCHOOL_PEOPLE)
LIST_KEY = "people_list"
SLIPS_COOKIE = "slips"
SLIPS_SECONDS = 3600
Made = list[tuple[Invitation, str]]


@requires(*INVITES)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    form = InviteForm(
        request.POST or None,
        initial={"school": request.GET.get("school"), "role": request.GET.get("role"), "way": InvitationWay.MAIL},
        roles=looks_after(Role(member.role)),
        schools=people.open_schools(request, timezone.localdate()),
    )
    if request.method == "POST" and form.is_valid():
        given, seed = form.cleaned_data, actions.slip_seed()
        try:
            made = actions.invite(
                **{**given, "role": Role(given["role"])}, municipality=member.municipality, by=member, seed=seed
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return after_invitation(request, [made], seed, reverse("people"))
    return render(request, "portal/invite.html", {"form": form}, status=422 if form.errors else 200)


def after_invitation(request: HttpRequest, made: Made, seed: str, back: str) -> HttpResponse:
    """Where to go when codes have been made: back, with a sentence; for slips, to their printing.

    The server keeps only hashes. What the slips follow from travels in a cookie of this one browser for an hour.
    """
    slips = [one for one, code in made if code and one.way == InvitationWay.SLIP]
    if slips:
        answer = redirect("slips")
        answer.set_cookie(
            SLIPS_COOKIE,
            seed,
            max_age=SLIPS_SECONDS,
            path=reverse("slips"),
            secure=not settings.DEMO,
            httponly=True,
            samesite="Strict",
        )
        return answer
    if made:
        messages.success(request, _done(*made[0], len(made)))
    else:
        messages.info(request, "Все люди из списка уже есть. Никто не приглашён.")
    return redirect(back)


def _done(one: Invitation, code: str, count: int) -> str:
    if count > 1:
        return f"Приглашено людей: {count}. Письма действуют 72 часа."
    if not code:
        return f"У человека с почтой {one.email} уже есть учётная запись. Роль добавлена, письмо об этом ждёт отправки."
    sent = "Письмо поставлено в очередь на отправку"
    if not settings.EMAIL_CONFIGURED:
        sent = "Отправка почты на портале не настроена, письмо ждёт в очереди. Надёжнее напечатать листок доступа"
    what = "Новая ссылка" if one.purpose == InvitationPurpose.RESET else "Приглашение"
    return f"{sent}. {what} для {one.email} действует до {actions.until_words(one.expires_at, one.municipality)}"


@requires(*INVITES, Permission.HAND_OVER_SECTIONS)
@require_safe
def slips(request: HttpRequest) -> HttpResponse:
    """The slips printed last by this browser; they can be shown again for an hour."""
    member = member_of(request)
    shown = people.slips_of(member.user, request.COOKIES.get(SLIPS_COOKIE, ""), timezone.now())
    made = [
        {
            "invitation": one,
            "code": actions.as_groups(code),
            "place": people.place_of(one),
            "role": Role(one.role).label,
            "until": actions.until_words(one.expires_at, one.municipality),
        }
        for one, code in shown
    ]
    address = request.build_absolute_uri(reverse("invitation_code"))
    sees_people = member.may(Permission.SEE_PEOPLE)
    back = (reverse("people"), "Сотрудники") if sees_people else (reverse("home"), "Главная")
    return render(request, "portal/slips.html", {"slips": made, "address": address, "back": back})


@requires(*INVITES)
@require_http_methods(["GET", "HEAD", "POST"])
def pending_invitation(request: HttpRequest, public_id: str) -> HttpResponse:
    """An invitation that waits: send it again, print a new slip, or take it back."""
    shown = load(request, people.with_places_of_invitations(), public_id=public_id)
    member, form = member_of(request), WayForm(request.POST or None, initial={"way": shown.way})
    if request.method == "POST" and "cancel" in request.POST:
        return _cancel(request, shown)
    if request.method == "POST" and form.is_valid():
        seed = actions.slip_seed()
        try:
            made = actions.renew_invitation(invitation=shown, way=form.cleaned_data["way"], by=member, seed=seed)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return after_invitation(request, [made], seed, reverse("people"))
    context = {
        "shown": shown,
        "form": form,
        "place": people.place_of(shown),
        "role": Role(shown.role).label,
        "open": shown.is_open(timezone.now()),
        "may": people.may_give(member, Role(shown.role), shown.municipality, shown.school),
    }
    return render(request, "portal/pending_invitation.html", context, status=422 if form.errors else 200)


def _cancel(request: HttpRequest, shown: Invitation) -> HttpResponse:
    try:
        actions.cancel_invitation(invitation=shown, by=member_of(request))
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Приглашение для {shown.email} отменено. Его код больше не действует.")
    return redirect("people")


# --- many at once -----------------------------------------------------------------------------------------------------


@requires(*INVITES)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_many(request: HttpRequest) -> HttpResponse:
    form = RegisterFileForm(*(request.POST, request.FILES) if request.method == "POST" else ())
    if keep_draft(request, form, LIST_KEY):
        return redirect("invite_check")
    return render(request, "portal/invite_many.html", {"form": form}, status=422 if form.errors else 200)


@requires(*INVITES)
@require_safe
def invite_sample(request: HttpRequest) -> HttpResponse:
    """The sheet to fill in, with a line that shows how."""
    line = ["ivanova@example.ru", "Фамилия Имя Отчество", "заместитель директора", Role.COORDINATOR.label, "K01", ""]
    roles = ", ".join(str(role.label) for role in Role if role in looks_after(Role(member_of(request).role)))
    note = f"Роли: {roles}. Код школы – из списка школ портала."
    data = write_table("Люди", list(PeopleResource.titles.values()), [line], note=note)
    return attachment("Список для приглашений.xlsx", data, XLSX_TYPE)


@requires(*INVITES)
@require_http_methods(["GET", "HEAD", "POST"])
def invite_check(request: HttpRequest) -> HttpResponse:
    """What the list will do, line by line; confirmed, it invites everybody new or nobody."""
    rows = draft_rows(request, LIST_KEY)
    if rows is None:
        return redirect("invite_many")
    member, form, seed = member_of(request), WayForm(request.POST or None), actions.slip_seed()
    confirmed = request.method == "POST" and form.is_valid()
    way = InvitationWay(form.cleaned_data["way"]) if confirmed else InvitationWay.MAIL
    resource = PeopleResource(municipality_of(request), member, way, seed)
    try:
        result = import_register(
            resource=resource,
            sheet_rows=rows,
            by=member.user,
            dry_run=not confirmed,
            previewed=request.POST.get("previewed", "-"),
        )
    except PreviewIsOld:
        messages.warning(request, "Пока вы проверяли список, что-то изменилось. Никто не приглашён: проверьте ещё раз.")
        return redirect("invite_check")
    if result.written:
        del request.session[LIST_KEY]
        return after_invitation(request, resource.made, seed, reverse("people"))
    context = {
        "form": form,
        "result": result,
        "new": result.of(Standing.NEW),
        "same": result.of(Standing.SAME),
        "errors": errors_of(result),
    }
    return render(request, "portal/invite_check.html", context, status=422 if confirmed or form.errors else 200)


# --- accepting --------------------------------------------------------------------------------------------------------


@open_to_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_code(request: HttpRequest) -> HttpResponse:
    """Where the code of a slip is typed."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("invitation", form.cleaned_data["code"])
    return render(request, "portal/invitation_code.html", {"form": form}, status=422 if form.errors else 200)


@open_to_strangers
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """Accepting an invitation. A code that is wrong, used, old or taken back gets one and the same page."""
    if not _may_try(request, count=False):
        return render(request, "portal/invitation_closed.html", {"too_often": True}, status=429)
    shown = people.find_invitation(code, timezone.now())
    if shown is None:
        return _no_longer(request)
    with_password = people.needs_password(shown)
    form = AcceptForm(request.POST if request.method == "POST" else None, invitation=shown, with_password=with_password)
    if request.method == "POST" and form.is_valid():
        try:
            actions.accept_invitation(code=code, password=form.cleaned_data.get("password", ""))
        except ActionRefused:
            return _no_longer(request)
        logout(request)  # whoever else was signed in here: now its person signs in
        messages.success(request, f"Готово. Войдите: ваш адрес для входа – {shown.email}.")
        return redirect("account_login")
    context: dict[str, Any] = {
        "shown": shown,
        "form": form,
        "with_password": with_password,
        "reset": shown.purpose == InvitationPurpose.RESET,
        "place": people.place_of(shown),
        "role": Role(shown.role).label,
    }
    return render(request, "portal/invitation.html", context, status=422 if form.errors else 200)


def _no_longer(request: HttpRequest) -> HttpResponse:
    _may_try(request, count=True)
    return render(request, "portal/invitation_closed.html", status=404)


def _may_try(request: HttpRequest, *, count: bool) -> bool:
    """Whether this network address has not yet tried too many wrong codes; only those are counted."""
    return bool(
        ratelimit.consume(request, app="allauth.account", action="invitation", dry_run=not count, limit_get=True)
    )
