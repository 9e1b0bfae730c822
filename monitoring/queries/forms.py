"""Lists of campaigns and of schools' forms, and the history of one form."""

from django.db.models import Count, Q, QuerySet

from monitoring.enums import FormState, Way
from monitoring.models import Campaign, Form, StatusChange, Submission, ValueChange
from portal.models import Membership


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
        .order_by("-year", "form_id")
    )


def board(member: Membership, campaign: Campaign) -> QuerySet[Submission]:
    """All forms of a campaign with what a row of the collection table prints; one query."""
    rows = Submission.objects.visible_to(member).filter(campaign=campaign)
    return rows.select_related("school", "campaign").order_by("school__sort_key")


def catalogue_forms() -> QuerySet[Form]:
    """The forms of the common catalogue; every municipality may launch any of them."""
    return Form.objects.order_by("pk")


def history_of(submission: Submission) -> tuple[list[ValueChange], list[StatusChange]]:
    """Every change of a value and every move of a form, newest first."""
    changes = submission.changes.select_related("element", "by").exclude(way=Way.LAUNCH)
    return list(changes), list(submission.moves.select_related("by"))
