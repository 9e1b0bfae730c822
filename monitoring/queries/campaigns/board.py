"""Who has handed in a campaign's form and who has not: its counters, and the rows of its board."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F, Max, QuerySet
from django.utils import timezone

from monitoring.enums import HANDED_IN, FormState
from monitoring.models import Campaign, Reminder, StatusChange, Submission, ValueChange
from monitoring.queries.campaigns.board_cells import Doubts, doubts_of
from portal.formats import plural, search_key
from portal.models import Membership, Municipality, User
from portal.roles import Role

# Forms that wait for the school, then those that wait for the department, then those that wait for nobody.
MISSING_FIRST = (
    FormState.NOT_STARTED,
    FormState.FILLING,
    FormState.RETURNED,
    FormState.REOPENED,
    FormState.SENT,
    FormState.UNDER_REVIEW,
    FormState.ACCEPTED,
)
GROUPS = {"missing": "Не сдали", "overdue": "Просрочено", "errors": "С ошибками", "late": "Сданы с опозданием"}
ORDERS = ("missing", "school", "-school", "filled", "-filled", "changed", "-changed")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is. `total` is the frozen list without the schools that closed since (feature C12)."""

    campaign: Campaign
    total: int
    by_state: tuple[tuple[FormState, int], ...]
    sent: int
    on_time: int
    cells_filled: int
    cells_total: int


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One school's form with everything that the department wants to know of it before it telephones."""

    submission: Submission
    expected: bool
    due: datetime  # with the extension, where there is one
    extended: bool
    corrected: bool  # it was returned or opened again, and has been handed in since
    doubts: Doubts
    acted_at: datetime | None
    acted_by: User | None
    contacts: tuple[User, ...]
    reminders: tuple[Reminder, ...]  # newest first
    now: datetime

    def __str__(self) -> str:
        return self.submission.school.name

    @property
    def missing(self) -> bool:
        return self.expected and not self.submission.handed_in

    @property
    def days_over(self) -> int:
        """Whole or begun days since the deadline passed, for a form that is not handed in; 0 before it."""
        return _days_after(self.now, self.due) if self.missing and self.now > self.due else 0

    @property
    def overdue(self) -> str:
        """«просрочено на 3 дня» or nothing."""
        return f"просрочено на {plural(self.days_over, 'день', 'дня', 'дней')}" if self.days_over else ""

    @property
    def late(self) -> str:
        """«с опозданием на 2 дня» for a form that came late."""
        form = self.submission
        if not (form.handed_in and form.late):
            return ""
        days = _days_after(form.sent_at, self.due) if form.sent_at else 0
        return f"с опозданием на {plural(days, 'день', 'дня', 'дней')}" if days else "с опозданием"


def _days_after(moment: datetime, due: datetime) -> int:
    """By the calendar of the place: what comes a minute after midnight is a day late."""
    return max((timezone.localtime(moment).date() - timezone.localtime(due).date()).days, 0)


# --- counters ---------------------------------------------------------------------------------------------------------


def is_expected(form: Submission, campaign: Campaign, today: date) -> bool:
    """Whether the form still counts: its school did not close before it could hand the form in.

    A school that closed after the school year and after the deadline was expected, and stays so for ever.
    """
    closed = form.school.closed
    last = max(date(form.year + 1, 8, 31), timezone.localtime(campaign.closes_at).date())
    return form.handed_in or closed is None or closed > min(today, last)


def progress(municipality: Municipality, year: int) -> tuple[Progress, ...]:
    """Collection progress of every campaign of the year; two queries."""
    campaigns = Campaign.objects.filter(municipality=municipality, year=year).select_related("form")
    forms: dict[int, list[Submission]] = defaultdict(list)
    for one in Submission.objects.filter(municipality=municipality, year=year).select_related("school"):
        forms[one.campaign_id].append(one)
    return tuple(progress_of(campaign, forms[campaign.pk]) for campaign in campaigns)


def progress_of(campaign: Campaign, forms: Iterable[Submission], today: date | None = None) -> Progress:
    """The counters of one campaign from its forms; every page counts by this function."""
    day = today or timezone.localdate()
    expected = [form for form in forms if is_expected(form, campaign, day)]
    states = Counter(FormState(form.state) for form in expected)
    handed_in = [form for form in expected if form.handed_in]
    return Progress(
        campaign=campaign,
        total=len(expected),
        by_state=tuple((state, states[state]) for state in FormState if states[state]),
        sent=len(handed_in),
        on_time=sum(form.sent_at is not None and not form.late for form in handed_in),
        cells_filled=sum(form.cells_filled for form in expected),
        cells_total=sum(form.cells_total for form in expected),
    )


# --- rows -------------------------------------------------------------------------------------------------------------


def board(member: Membership, campaign: Campaign, now: datetime | None = None) -> list[BoardRow]:
    """All forms of a campaign, those that were not handed in first; the number of queries is constant."""
    moment = now or timezone.now()
    today = timezone.localtime(moment).date()
    rows = Submission.objects.visible_to(member).filter(campaign=campaign)
    forms = list(rows.select_related("school", "campaign").prefetch_related("extensions"))
    corrected = _corrected(campaign)
    doubts = doubts_of(campaign)
    acted = _last_actions(campaign)
    contacts = people_of((form.school_id for form in forms), today, Role.COORDINATOR)
    reminders = _reminders(campaign)
    lines = [
        BoardRow(
            submission=form,
            expected=is_expected(form, campaign, today),
            due=form.deadline,
            extended=form.extension is not None and form.extension.until == form.deadline,
            corrected=form.pk in corrected and form.state in HANDED_IN - {FormState.REOPENED},
            doubts=doubts.get(form.pk, Doubts()),
            acted_at=acted[form.pk][0] if form.pk in acted else None,
            acted_by=acted[form.pk][1] if form.pk in acted else None,
            contacts=tuple(contacts.get(form.school_id, ())),
            reminders=tuple(reminders[form.pk]),
            now=moment,
        )
        for form in forms
    ]
    return ordered(lines, "missing")


def people_of(schools: Iterable[int], today: date, role: Role) -> dict[int, list[User]]:
    """The people of a role by the school they answer for."""
    found: dict[int, list[User]] = defaultdict(list)
    rows = Membership.objects.in_force(today).filter(role=role, school__in=list(schools))
    for member in rows.select_related("user"):
        if member.school_id is not None:
            found[member.school_id].append(member.user)
    return found


def _corrected(campaign: Campaign) -> set[int]:
    rows = StatusChange.objects.filter(submission__campaign=campaign)
    back = rows.filter(to_state__in=[FormState.RETURNED, FormState.REOPENED])
    return set(back.values_list("submission_id", flat=True))


def _last_actions(campaign: Campaign) -> dict[int, tuple[datetime, User | None]]:
    """The newest change of a value or of the state of each form: when, and whose."""
    moves = StatusChange.objects.filter(submission__campaign=campaign)
    sources: tuple[QuerySet[Any], ...] = (
        ValueChange.objects.filter(submission__campaign=campaign),
        # A record that leaves the state as it is speaks of the campaign, not of the form.
        moves.exclude(from_state=F("to_state"), on_behalf=False),
    )
    found: dict[int, tuple[datetime, User | None]] = {}
    for rows in sources:
        newest = rows.order_by().values("submission").annotate(last=Max("pk")).values("last")
        for row in rows.filter(pk__in=newest).select_related("by"):
            if row.submission_id not in found or found[row.submission_id][0] < row.at:
                found[row.submission_id] = (row.at, row.by)
    return found


def _reminders(campaign: Campaign) -> dict[int, list[Reminder]]:
    found: dict[int, list[Reminder]] = defaultdict(list)
    for one in Reminder.objects.filter(submission__campaign=campaign).select_related("by"):
        found[one.submission_id].append(one)
    return found


# --- what the address asks for ----------------------------------------------------------------------------------------


def in_group(row: BoardRow, group: str) -> bool:
    """Whether a row stays when the address names a state or a group; an empty name keeps all."""
    match group:
        case "":
            return True
        case "missing":
            return row.missing
        case "overdue":
            return row.days_over > 0
        case "errors":
            return row.expected and row.doubts.errors > 0
        case "late":
            return bool(row.late)
    return row.expected and row.submission.state == group


def found(rows: Iterable[BoardRow], text: str) -> list[BoardRow]:
    """Rows of the schools whose name or code holds the text."""
    return [row for row in rows if search_key(text) in row.submission.school.search_key]


def ordered(rows: Iterable[BoardRow], order: str) -> list[BoardRow]:
    """By default those who did not hand in first, the emptiest first; a minus turns the order round."""
    by_school = sorted(rows, key=lambda row: row.submission.school.sort_key)
    match order.removeprefix("-"):
        case "school":
            return by_school[::-1] if order.startswith("-") else by_school
        case "filled":
            return sorted(by_school, key=lambda row: row.submission.percent_filled, reverse=order.startswith("-"))
        case "changed":
            return sorted(by_school, key=lambda row: row.submission.changed_at, reverse=order.startswith("-"))
    places = {state: place for place, state in enumerate(MISSING_FIRST)}
    return sorted(
        by_school,
        key=lambda row: (not row.expected, places[FormState(row.submission.state)], row.submission.percent_filled),
    )


def groups_of(rows: Sequence[BoardRow]) -> list[tuple[str, str, int]]:
    """(name in the address, words, how many) of every group and state that has rows; all of them first."""
    named = [*GROUPS.items(), *((state.value, str(state.label).capitalize()) for state in FormState)]
    counted = [(name, words, sum(in_group(row, name) for row in rows)) for name, words in named]
    return [("", "Все", len(rows)), *(one for one in counted if one[2])]
