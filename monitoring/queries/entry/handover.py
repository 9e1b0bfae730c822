"""Who of a school may fill a section of its form, and who was given one."""

from collections import defaultdict

from django.db.models import QuerySet
from django.utils import timezone

from monitoring.enums import CellState
from monitoring.models import Section, SectionKeeper, Submission
from portal.models import Membership, User
from portal.roles import Role


def colleagues_of(submission: Submission) -> QuerySet[User]:
    """People of the school who may be given a section: colleagues and coordinators whose membership is in force."""
    members = Membership.objects.in_force(timezone.localdate()).filter(
        school_id=submission.school_id, role__in=(Role.COLLEAGUE, Role.COORDINATOR)
    )
    return User.objects.filter(pk__in=members.values("user")).order_by("full_name")


def keepers_of(submission: Submission) -> dict[str, User]:
    """Section code -> the colleague who fills it."""
    return {one.section.code: one.user for one in submission.keepers.select_related("section", "user")}


def sections_on_home(member: Membership) -> dict[int, list[str]]:
    """Submission id -> titles of the sections that this colleague was given, in the order of the form; one query."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = SectionKeeper.objects.visible_to(member).filter(user_id=member.user_id).order_by("section__order")
    for submission, title in rows.values_list("submission_id", "section__title"):
        found[submission].append(title)
    return dict(found)


def asked_sections(submission: Submission) -> list[Section]:
    """The sections that this school fills: those with a row that is not inapplicable to it."""
    outside = submission.values.filter(state=CellState.INAPPLICABLE).values("element")
    asked = submission.campaign.elements.exclude(element__in=outside)
    return list(Section.objects.filter(pk__in=asked.values("section")).order_by("order"))
