"""Whom a move of a form concerns on the other side, and the notice that they find in the portal."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from monitoring.models import Submission
from portal.actions import tell
from portal.formats import date_digits, school_year_short
from portal.models import Membership, User
from portal.roles import PERMISSIONS, Permission, Role

LONGEST = 500  # letters of a notice; long names of schools and forms are cut
_REVIEWERS = [role for role, granted in PERMISSIONS.items() if Permission.REVIEW_FORMS in granted]


def tell_school(submission: Submission, text: str, *roles: Role) -> int:
    """Leave a notice for the people of the school in these roles; without roles, for its coordinators."""
    rows = Membership.objects.in_force(timezone.localdate()).filter(school_id=submission.school_id)
    people = _people(rows.filter(role__in=roles or (Role.COORDINATOR,)))
    return _leave(submission, people, text)


def tell_department(submission: Submission, text: str) -> int:
    """Leave a notice for the campaign's contact; where there is none, for all who check forms."""
    people = [submission.campaign.contact] if submission.campaign.contact else None
    if people is None:
        rows = Membership.objects.in_force(timezone.localdate()).filter(municipality_id=submission.municipality_id)
        people = _people(rows.filter(role__in=_REVIEWERS))
    return _leave(submission, people, text)


def tell_person(submission: Submission, person: User, text: str) -> int:
    """Leave a notice for one person."""
    return _leave(submission, [person], text)


def form_words(submission: Submission) -> str:
    """«Сведения школы» за 2021/22 учебный год – how notices name a form."""
    return f"«{submission.campaign.form.title}» за {school_year_short(submission.year)} учебный год"


def day_words(submission: Submission) -> str:
    """The day until which the form is in time."""
    return date_digits(timezone.localtime(submission.deadline).date())


def _people(rows: QuerySet[Membership]) -> list[User]:
    return [row.user for row in rows.select_related("user")]


def _leave(submission: Submission, people: Iterable[User], text: str) -> int:
    url = reverse("monitoring:form", args=[submission.public_id])
    return tell(people=people, municipality=submission.municipality, text=text[:LONGEST], url=url)
