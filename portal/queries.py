"""What the portal's own pages read: schools, people and acts of a place."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from portal.access import visible
from portal.formats import search_key
from portal.models import Membership, Notice, Regulation, School

SCHOOL_ORDERS = {
    "name": "sort_key",
    "-name": "-sort_key",
    "kind": "kind",
    "-kind": "-kind",
    "code": "code",
    "-code": "-code",
}


def schools(
    request: HttpRequest,
    *,
    search: str = "",
    order: str = "name",
    kind: str = "",
    locality: str = "",
    closed: bool | None = None,
    today: date | None = None,
) -> QuerySet[School]:
    """Schools that this person may see, found by a part of their name or code and by what they are.

    `closed` keeps those that are closed (or not) on the day `today`; None keeps both.
    """
    found = visible(request, School)
    if search:
        found = found.filter(search_key__contains=search_key(search))
    if kind:
        found = found.filter(kind=kind)
    if locality:
        found = found.filter(locality=locality)
    if closed is not None:
        gone = Q(closed__isnull=False, closed__lte=today)
        found = found.filter(gone if closed else ~gone)
    return found.order_by(SCHOOL_ORDERS.get(order, "sort_key"), "sort_key")


def possible_successors(request: HttpRequest, school: School) -> QuerySet[School]:
    """Schools of the same municipality into which one may be merged."""
    rows = visible(request, School).filter(municipality=school.municipality_id, closed__isnull=True)
    return rows.exclude(pk=school.pk)


def people_of_school(member: Membership, school: School, today: date) -> QuerySet[Membership]:
    """Who works at a school on that day and has a way into the portal."""
    rows = Membership.objects.visible_to(member).in_force(today).filter(school=school)
    return rows.select_related("user").order_by("role", "id")


IN_FORCE, NOT_YET, NO_MORE = "действует", "ещё не действует", "не действует"


@dataclass(frozen=True, slots=True)
class ActRow:
    """An act as the register shows it on one day."""

    act: Regulation
    standing: str

    @property
    def in_force(self) -> bool:
        return self.standing == IN_FORCE


def standing(act: Regulation, today: date) -> str:
    """Whether an act is in force on a day: from its date or its own first day, to its last day or its replacement."""
    if (act.valid_from or act.date) > today:
        return NOT_YET
    newer = act.replaced_by
    replaced = newer is not None and (newer.valid_from or newer.date) <= today
    return NO_MORE if replaced or (act.valid_until and act.valid_until < today) else IN_FORCE


def regulations(
    request: HttpRequest, *, today: date, search: str = "", kind: str = "", year: int | None = None, only: str = ""
) -> list[ActRow]:
    """Acts that this person may see, the newest first; `only` is «yes» (in force), «no», or empty for both.

    One query: a register of acts is short, and SQLite does not compare Cyrillic text without regard to case.
    """
    found = visible(request, Regulation).select_related("replaced_by")
    if kind:
        found = found.filter(kind=kind)
    if year:
        found = found.filter(date__year=year)
    rows = [ActRow(act, standing(act, today)) for act in found]
    wanted = search_key(search)
    return [
        row
        for row in rows
        if (not only or row.in_force == (only == "yes"))
        and wanted in search_key(f"{row.act.number} {row.act.title} {row.act.issuer}")
    ]


def years_of_regulations(request: HttpRequest) -> list[int]:
    """The years in which the acts of the register are dated, the newest first."""
    return [day.year for day in visible(request, Regulation).dates("date", "year", order="DESC")]


def used_by_others(row: Model) -> bool:
    """Whether rows of other apps point at this one: then what they rest on must stay."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: row.pk}).exists()
        for relation in row._meta.related_objects
        if relation.related_model._meta.app_label != row._meta.app_label
    )


def people(request: HttpRequest) -> QuerySet[Membership]:
    """All memberships in the places that this person may see, with everything a row of a table prints."""
    found = visible(request, Membership).select_related("user", "school", "municipality", "region")
    return found.order_by("school__sort_key", "role", "user__full_name")


def notices(request: HttpRequest, *, only_unread: bool = False) -> QuerySet[Notice]:
    """The person's own notices in the municipality where they act, newest first."""
    rows = visible(request, Notice)
    return rows.filter(read_at__isnull=True) if only_unread else rows


def unread_notices(member: Membership | None) -> int:
    """How many notices wait for this person; no query for a stranger."""
    if member is None or member.municipality_id is None:
        return 0
    return Notice.objects.visible_to(member).filter(read_at__isnull=True).count()
