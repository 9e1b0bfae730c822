"""Lists of campaigns, of their people and of schools' forms, and the history of one form."""

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from monitoring.enums import FormState, Way
from monitoring.models import Campaign, Form, StatusChange, Submission, ValueChange
from portal.models import Membership, Municipality, User
from portal.roles import PERMISSIONS, SCOPES, Permission, Role, Scope

DEPARTMENT = [
    role for role in Role if SCOPES[role] == Scope.MUNICIPALITY and Permission.SEE_CAMPAIGNS in PERMISSIONS[role]
]


def submissions() -> QuerySet[Submission]:
    """Forms with everything their pages print besides the values; access.load narrows it to what a person may see."""
    return Submission.objects.select_related("campaign__form", "campaign__regulation", "school", "form", "municipality")


def campaigns(member: Membership) -> QuerySet[Campaign]:
    """Campaigns that this membership may see, newest first."""
    return Campaign.objects.visible_to(member).select_related("form", "regulation")


def counted_by_state(rows: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Campaigns with how many forms they have, how many are accepted, and how many wait for the department."""
    waiting = [FormState.SENT, FormState.UNDER_REVIEW]
    return rows.annotate(
        forms=Count("submissions"),
        accepted=Count("submissions", filter=Q(submissions__state=FormState.ACCEPTED)),
        waiting=Count("submissions", filter=Q(submissions__state__in=waiting)),
    ).order_by("-year", "form_id")  # grouping drops the model's own order


def forms_of_school(member: Membership) -> QuerySet[Submission]:
    """The school's own forms, newest first, with what a line of a list prints."""
    return (
        Submission.objects.visible_to(member)
        .select_related("campaign", "form", "school", "municipality")
        .prefetch_related("extensions")
        .order_by("-year", "form_id")
    )


def campaigns_of_year(member: Membership, year: int) -> QuerySet[Campaign]:
    """The campaigns of one year that this membership may see: the yearly form first, as the catalogue lists them."""
    return campaigns(member).filter(year=year).order_by("form_id")


def forms_beside(submission: Submission) -> QuerySet[Submission]:
    """All forms of the school of the same year, this one among them."""
    rows = Submission.objects.filter(school_id=submission.school_id, year=submission.year)
    return rows.select_related("form", "campaign").prefetch_related("extensions").order_by("form_id")


def catalogue_forms() -> QuerySet[Form]:
    """The forms of the common catalogue; every municipality may launch any of them."""
    return Form.objects.order_by("pk")


def history_of(submission: Submission) -> tuple[list[ValueChange], list[StatusChange]]:
    """Every change of a value and every move of a form, newest first."""
    changes = submission.changes.select_related("element", "by").exclude(way=Way.LAUNCH)
    return list(changes), list(submission.moves.select_related("by"))


def newest_year(member: Membership) -> int | None:
    """The newest school year of the municipality for which anything was launched."""
    return campaigns(member).aggregate(newest=Max("year"))["newest"]


def department(municipality: Municipality) -> QuerySet[User]:
    """The people who run and read the campaigns of a municipality."""
    members = Membership.objects.in_force(timezone.localdate()).filter(municipality=municipality, role__in=DEPARTMENT)
    return User.objects.filter(pk__in=members.values("user")).order_by("full_name")
