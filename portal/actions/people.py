"""Giving people their roles and taking them away; closing accounts."""

from datetime import date, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from portal.actions.refusal import ActionRefused
from portal.models import Invitation, Membership, Municipality, Region, School, User
from portal.people import may_look_after, may_manage_account
from portal.roles import Role


@transaction.atomic
def add_person(
    *,
    email: str,
    full_name: str,
    role: Role,
    municipality: Municipality | None = None,
    school: School | None = None,
    region: Region | None = None,
    password: str | None = None,
    position: str = "",
    since: date | None = None,
) -> Membership:
    """Give a person a role, making the account when the address is new. Without a password nobody can sign in yet."""
    person = User.objects.filter(email=email.lower()).first()
    if person is None:
        person = User.objects.create_user(email, password, full_name=full_name, position=position)
    place = school.municipality if school else municipality
    membership, _ = Membership.objects.get_or_create(
        user=person,
        role=role,
        municipality=place,
        school=school,
        region=region,
        defaults={"since": since or timezone.localdate()},
    )
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: Membership) -> None:
    """Take a role away from today on. What its person wrote, and the sections given to them, stay as they are."""
    if not may_look_after(by, membership):
        raise ActionRefused("Завершить эту роль может только администратор.")
    today = timezone.localdate()
    if membership.until and membership.until < today:
        raise ActionRefused("Эта роль уже завершена.")
    membership.until = today - timedelta(days=1)
    membership.save()


@transaction.atomic
def switch_off(*, person: User, by: Membership) -> None:
    """Close an account: its sessions end, its open links no longer work, its authorship stays."""
    _check_account(person, by)
    person.is_active = False
    person.save()
    end_sessions(person)
    Invitation.objects.filter(email=person.email, used_at__isnull=True, cancelled_at__isnull=True).update(
        cancelled_at=timezone.now()
    )


@transaction.atomic
def switch_on(*, person: User, by: Membership) -> None:
    """Open a closed account again; the password and the second factor are as they were."""
    _check_account(person, by)
    person.is_active = True
    person.save()


def end_sessions(person: User) -> int:
    """Delete every session of a person; how many there were. There are as many rows as people signed in today."""
    rows = Session.objects.filter(expire_date__gt=timezone.now())
    own = [one.pk for one in rows.iterator() if one.get_decoded().get(SESSION_KEY) == str(person.pk)]
    Session.objects.filter(pk__in=own).delete()
    UserSession.objects.filter(user=person).delete()
    return len(own)


def _check_account(person: User, by: Membership) -> None:
    if person.pk == by.user_id:
        raise ActionRefused("Закрыть или открыть доступ самому себе нельзя.")
    if not may_manage_account(by, person, timezone.localdate()):
        raise ActionRefused("Закрыть или открыть доступ этому человеку может только администратор.")
