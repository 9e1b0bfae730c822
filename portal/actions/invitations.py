"""Letting people in: invitations and links for a new password, each used once, within 72 hours, by whom it is for."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from portal.actions.mail import put_in_outbox
from portal.actions.people import end_sessions
from portal.actions.refusal import ActionRefused
from portal.codes import as_typed, hash_of, link_code, slip_code, slip_seed
from portal.enums import InvitationPurpose, InvitationWay
from portal.formats import date_words
from portal.models import Invitation, Membership, Municipality, School, User
from portal.people import may_give, may_manage_account, place_of, roles_held
from portal.roles import SCOPES, Role, Scope

VALID = timedelta(hours=72)
NO_LONGER = "Этот код больше не действует."


@transaction.atomic
def invite(
    *,
    email: str,
    full_name: str,
    role: Role,
    municipality: Municipality | None,
    school: School | None = None,
    way: InvitationWay,
    by: Membership | None,
    position: str = "",
    phone: str = "",
    seed: str = "",
    quiet: bool = False,
) -> tuple[Invitation, str]:
    """Invite a person to a role in a place; returns the invitation and its code, of which only the hash is kept.

    A newer invitation of the same address to the same role cancels the older. Whoever has an account with a password
    already gets the role at once and a letter; the code is then "". `by` is None for the administrator of the
    installation. A slip's code follows from `seed` (portal.codes), so that a whole printing can be shown again by the
    browser that holds it; without a seed it is as random. `quiet` sends no letter: the caller hands over the link.
    """
    municipality = school.municipality if school else municipality
    email = email.strip().lower()
    _check_place(role, municipality, school)
    if by is not None and not may_give(by, role, municipality, school):
        raise ActionRefused(f"Приглашать на роль «{role.label}» в этом месте может только администратор.")
    person = User.objects.select_for_update().filter(email=email).first()
    _check_person(person, role, municipality, school, way, by)
    now = timezone.now()
    place = {"email": email, "role": role, "municipality": municipality, "school": school}
    Invitation.objects.filter(
        purpose=InvitationPurpose.JOIN, used_at__isnull=True, cancelled_at__isnull=True, **place
    ).update(cancelled_at=now)
    invitation = Invitation(
        way=way,
        full_name=full_name,
        position=position,
        phone=phone,
        created_by=by.user if by else None,
        created_at=now,
        expires_at=now + VALID,
        **place,
    )
    code = _give_code(invitation, seed)
    if person is not None and person.has_usable_password():
        invitation.used_at = now
        invitation.save()
        _join(person, invitation)
        _tell_of_role(invitation)
        return invitation, ""
    invitation.save()
    if way == InvitationWay.MAIL and not quiet:
        _send_link(invitation, code)
    return invitation, code


@transaction.atomic
def renew_invitation(
    *, invitation: Invitation, way: InvitationWay, by: Membership, seed: str = ""
) -> tuple[Invitation, str]:
    """The same invitation once more, with a new code and 72 new hours; the old code no longer works."""
    return invite(
        email=invitation.email,
        full_name=invitation.full_name,
        role=Role(invitation.role),
        municipality=invitation.municipality,
        school=invitation.school,
        way=way,
        by=by,
        position=invitation.position,
        phone=invitation.phone,
        seed=seed,
    )


@transaction.atomic
def cancel_invitation(*, invitation: Invitation, by: Membership) -> None:
    """Take an invitation back; its code no longer works."""
    if not may_give(by, Role(invitation.role), invitation.municipality, invitation.school):
        raise ActionRefused("Отменить это приглашение может только администратор.")
    still = Invitation.objects.filter(pk=invitation.pk, used_at__isnull=True, cancelled_at__isnull=True)
    if not still.update(cancelled_at=timezone.now()):
        raise ActionRefused("Это приглашение уже использовано или отменено.")


@transaction.atomic
def send_new_link(*, person: User, way: InvitationWay, by: Membership, seed: str = "") -> tuple[Invitation, str]:
    """Let a person choose a new password: the old one and all sessions end at once, the second factor stays."""
    today = timezone.localdate()
    if not may_manage_account(by, person, today):
        raise ActionRefused("Новую ссылку этому человеку может выдать только администратор.")
    if not person.is_active:
        raise ActionRefused("Доступ этого человека закрыт. Сначала откройте его.")
    now = timezone.now()
    Invitation.objects.filter(
        email=person.email, purpose=InvitationPurpose.RESET, used_at__isnull=True, cancelled_at__isnull=True
    ).update(cancelled_at=now)
    first = roles_held(person, today)[0]
    invitation = Invitation(
        purpose=InvitationPurpose.RESET,
        way=way,
        email=person.email,
        full_name=person.full_name,
        role=first.role,
        municipality=first.municipality,
        school=first.school,
        created_by=by.user,
        created_at=now,
        expires_at=now + VALID,
    )
    code = _give_code(invitation, seed)
    invitation.save()
    person.set_unusable_password()
    person.save()
    end_sessions(person)
    if way == InvitationWay.MAIL:
        _send_link(invitation, code)
    return invitation, code


@transaction.atomic
def accept_invitation(*, code: str, password: str = "") -> User:
    """Use a code: make the account or set its password, give the role. Of two uses at once the first one wins."""
    now = timezone.now()
    row = Invitation.objects.filter(token_hash=hash_of(as_typed(code)))
    if not row.filter(used_at__isnull=True, cancelled_at__isnull=True, expires_at__gt=now).update(used_at=now):
        raise ActionRefused(NO_LONGER)
    invitation = row.select_related("municipality", "school").get()
    person = User.objects.select_for_update().filter(email=invitation.email).first()
    if person is not None and not person.is_active:
        raise ActionRefused(NO_LONGER)
    if invitation.purpose == InvitationPurpose.RESET:
        if person is None:
            raise ActionRefused(NO_LONGER)
        person.set_password(password)
        person.save()
        return person
    if person is None:
        person = User.objects.create_user(
            invitation.email,
            password,
            full_name=invitation.full_name,
            position=invitation.position,
            phone=invitation.phone,
        )
    elif not person.has_usable_password():
        person.set_password(password)
        person.save()
    _join(person, invitation)
    return person


def _check_place(role: Role, municipality: Municipality | None, school: School | None) -> None:
    """Whether the role can be held in the place; the database would refuse it without a sentence."""
    scope = SCOPES[role]
    if scope == Scope.SCHOOL and school is None:
        raise ActionRefused(f"Роль «{role.label}» действует в одной школе. Выберите школу.")
    if scope != Scope.SCHOOL and school is not None:
        raise ActionRefused(f"Роль «{role.label}» действует во всём муниципалитете. Школу выбирать не нужно.")
    if role == Role.INSTALLATION_ADMIN and municipality is not None:
        raise ActionRefused(f"Роль «{role.label}» действует на всём портале. Муниципалитет указывать не нужно.")
    if role != Role.INSTALLATION_ADMIN and municipality is None:
        raise ActionRefused(f"Для роли «{role.label}» нужен муниципалитет.")
    if school is not None and school.closed and school.closed <= timezone.localdate():
        raise ActionRefused(f"{school.name} закрыта. Пригласить туда никого нельзя.")


def _check_person(
    person: User | None,
    role: Role,
    municipality: Municipality | None,
    school: School | None,
    way: InvitationWay,
    by: Membership | None,
) -> None:
    """Whether this account may be given a role in this way; nothing to check of somebody new."""
    if person is None:
        return
    if not person.is_active:
        raise ActionRefused(f"Доступ человека с почтой {person.email} закрыт. Сначала откройте его.")
    today = timezone.localdate()
    held = roles_held(person, today)
    if person.memberships.in_force(today).filter(role=role, **_held_in(role, municipality, school)).exists():
        raise ActionRefused(f"У человека с почтой {person.email} уже есть роль «{role.label}» в этом месте.")
    # A slip sets the password of whoever holds it; it must not open the roles that somebody above has given.
    foreign = by is not None and held and not may_manage_account(by, person, today)
    if way == InvitationWay.SLIP and foreign and not person.has_usable_password():
        raise ActionRefused("У этого человека есть другие роли. Отправьте приглашение письмом.")


def _give_code(invitation: Invitation, seed: str) -> str:
    slip = invitation.way == InvitationWay.SLIP
    code = slip_code(seed or slip_seed(), str(invitation.public_id)) if slip else link_code()
    invitation.token_hash = hash_of(code)
    return code


def _join(person: User, invitation: Invitation) -> None:
    """Give the role; one that ended before begins again today."""
    Membership.objects.update_or_create(
        user=person,
        role=invitation.role,
        **_held_in(Role(invitation.role), invitation.municipality, invitation.school),
        defaults={"since": timezone.localdate(), "until": None},
    )


def _held_in(role: Role, municipality: Municipality | None, school: School | None) -> dict[str, Any]:
    """Where a membership stands; a region is named by any of its municipalities, and its member sees none of them."""
    if role == Role.REGIONAL and municipality is not None:
        return {"region": municipality.region, "municipality": None, "school": None}
    return {"municipality": municipality, "school": school}


def until_words(moment: datetime, municipality: Municipality | None) -> str:
    """«15 июня 2026 г., 14:30» where the municipality is."""
    local = moment.astimezone(ZoneInfo(municipality.time_zone if municipality else settings.TIME_ZONE))
    return f"{date_words(local.date())}, {local:%H:%M}"


def link_of(code: str) -> str:
    """The whole address at which a code is used, for letters and the command line."""
    return settings.PORTAL_URL + reverse("invitation", args=[code])


def _send_link(invitation: Invitation, code: str) -> None:
    until = until_words(invitation.expires_at, invitation.municipality)
    if invitation.purpose == InvitationPurpose.RESET:
        subject = "Новый пароль на портале «Профориентир»"
        first = "Прежний пароль больше не действует. Чтобы задать новый, откройте ссылку:"
        last = "Если вы не просили новый пароль, сообщите об этом в управление образования."
    else:
        subject = "Приглашение на портал «Профориентир»"
        first = (
            f"Вас пригласили на портал «Профориентир». Ваша роль: {Role(invitation.role).label} "
            f"({place_of(invitation)}). Чтобы задать пароль и войти, откройте ссылку:"
        )
        last = "Если вы не ждали этого письма, ничего не делайте: учётная запись не появится."
    put_in_outbox(
        to=invitation.email,
        subject=subject,
        body=f"Здравствуйте, {invitation.full_name}!\n\n{first}\n{link_of(code)}\n\n"
        f"Ссылка действует один раз, до {until}\n\n{last}",
        municipality=invitation.municipality,
    )


def _tell_of_role(invitation: Invitation) -> None:
    put_in_outbox(
        to=invitation.email,
        subject="Новая роль на портале «Профориентир»",
        body=f"Здравствуйте, {invitation.full_name}!\n\nВам дана роль: {Role(invitation.role).label} "
        f"({place_of(invitation)}). Войдите на портал как обычно: {settings.PORTAL_URL}/\n"
        "Если у вас несколько ролей, выберите нужную вверху страницы.",
        municipality=invitation.municipality,
    )
