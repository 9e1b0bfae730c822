"""Giving people their roles."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from portal.models import Membership, Municipality, School, User
from portal.roles import Role


@transaction.atomic
def add_person(
    *,
    email: str,
    full_name: str,
    role: Role,
    municipality: Municipality | None = None,
    school: School | None = None,
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
        defaults={"since": since or timezone.localdate()},
    )
    return membership
