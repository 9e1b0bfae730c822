"""What a reviewer reads: what changed since a return, what the department wrote, what may be accepted at once."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from monitoring.enums import CellState, FormState, Severity, ThreadKind, Way
from monitoring.models import Campaign, StatusChange, Submission, Thread, ValueChange
from monitoring.queries.entry.findings import facts_of_campaign, find_for
from portal.formats import number
from portal.models import User

OPENED = (FormState.RETURNED, FormState.REOPENED)
GIVEN_BACK = "Директор вернул форму: "  # begins the trace of such a move
WITH_DEPARTMENT = (FormState.SENT, FormState.UNDER_REVIEW)


def value_words(state: str, held: int | None, reason: str = "") -> str:
    """What a cell held, in words: «12», «нет данных: учёт не ведётся», «не заполнено»."""
    if held is not None:
        return number(held)
    words = str(CellState(state).label)
    return f"{words}: {reason}" if reason else words


# --- the difference --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellDifference:
    """One cell that is not what it was: its row, both values in words, and who changed it last."""

    code: str
    name: str
    before: str
    now: str
    by: User | None
    at: datetime
    way: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed since the form was given back to the school: the move that did it, the cells, the remarks."""

    opened: StatusChange
    cells: tuple[CellDifference, ...]
    remarks: tuple[Thread, ...]  # of this return, with their replies

    @property
    def after_return(self) -> bool:
        """After a return, else after an acceptance that was opened for correction."""
        return self.opened.to_state == FormState.RETURNED


def opening_of(submission: Submission) -> StatusChange | None:
    """The last return or opening for correction, whose reason stands on top of the form."""
    moves = submission.moves.filter(to_state__in=OPENED).exclude(from_state__in=OPENED)
    return moves.select_related("by").first()


def difference(submission: Submission) -> Difference | None:
    """What changed since the last return or opening for correction; None where there was none. Four queries."""
    opened = opening_of(submission)
    if opened is None:
        return None
    changes = submission.changes.filter(at__gte=opened.at).select_related("element", "by").order_by("id")
    before = submission.moves.filter(pk__lt=opened.pk).first()
    remarks = submission.threads.filter(kind=ThreadKind.REMARK, at__lte=opened.at)
    if before is not None:
        remarks = remarks.filter(at__gte=before.at)
    of_return = remarks if opened.to_state == FormState.RETURNED else remarks.none()
    return Difference(
        opened, _differences(changes), tuple(of_return.select_related("element", "section").prefetch_related("replies"))
    )


def _differences(changes: Iterable[ValueChange]) -> tuple[CellDifference, ...]:
    """The first «before» and the last «now» of each cell; a cell that came back to what it was is left out."""
    first: dict[int, ValueChange] = {}
    last: dict[int, ValueChange] = {}
    for change in changes:
        first.setdefault(change.element_id, change)
        last[change.element_id] = change
    return tuple(
        CellDifference(
            code=now.element.code,
            name=now.element.name,
            before=value_words(then.from_state, then.from_number),
            now=value_words(now.to_state, now.to_number, now.reason),
            by=now.by,
            at=now.at,
            way=now.way,
        )
        for then, now in ((first[key], last[key]) for key in first)
        if (then.from_state, then.from_number) != (now.to_state, now.to_number)
    )


def word_of_head(submission: Submission) -> str:
    """What the school's head said when giving the form back, while nothing has moved since; else empty."""
    last = submission.moves.first()
    stays = last is not None and last.from_state == last.to_state
    return last.comment if last and stays and last.comment.startswith(GIVEN_BACK) else ""


# --- what the department wrote ----------------------------------------------------------------------------------------


def written_by_department(submission: Submission) -> dict[str, str]:
    """Element code -> the words beside a cell whose value the department wrote. Two queries."""
    held = dict(submission.values.filter(way__in=(Way.BEHALF, Way.CORRECTION)).values_list("element__code", "way"))
    if not held:
        return {}
    words = dict.fromkeys(held, f"{str(Way.BEHALF.label).capitalize()}.")
    corrections = submission.changes.filter(way=Way.CORRECTION).select_related("element")
    for change in reversed(corrections):
        if held.get(change.element.code) == Way.CORRECTION:
            was = value_words(change.from_state, change.from_number)
            words[change.element.code] = f"Исправлено управлением: было {was}. Причина: {change.note}"
    return words


# --- accepting many ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A form that waits for acceptance, and what in it must be looked at first."""

    submission: Submission
    errors: int
    warnings: int  # explained by the school
    threads: int  # open remarks and questions

    @property
    def clean(self) -> bool:
        return not (self.errors or self.warnings or self.threads)

    @property
    def reasons(self) -> str:
        """Why it is to be accepted by itself: «предупреждений: 2; открытых замечаний и вопросов: 1»."""
        found = {
            "ошибок": self.errors,
            "предупреждений": self.warnings,
            "открытых замечаний и вопросов": self.threads,
        }
        return "; ".join(f"{name}: {count}" for name, count in found.items() if count)


def waiting_for_acceptance(campaign: Campaign) -> tuple[Waiting, ...]:
    """Forms sent or under review, in the order of schools; the number of queries does not depend on how many."""
    rows = campaign.submissions.filter(state__in=WITH_DEPARTMENT).select_related("school", "campaign__form")
    counted = rows.annotate(waiting=Count("threads", filter=Q(threads__closed_at=None)))
    forms = list(counted.order_by("school__sort_key"))
    if not forms:
        return ()
    facts = facts_of_campaign(campaign)
    found = []
    for one in forms:
        held = facts[one.pk]
        severities = Counter(finding.severity for finding in find_for(held.cells, held.context))
        found.append(Waiting(one, severities[Severity.ERROR], severities[Severity.WARNING], one.waiting))
    return tuple(found)


# --- the history ------------------------------------------------------------------------------------------------------


def what_happened(move: StatusChange) -> str:
    """A move in words: what became of the form, or what happened while its state stayed."""
    if move.from_state != move.to_state:
        return str(FormState(move.to_state).label)
    if not move.on_behalf:
        return "состояние прежнее"
    return "управление вносит данные за школу" if move.comment else "управление закончило вносить данные за школу"


HEADER = ["Когда", "Кто", "Что", "Было", "Стало", "Как", "Примечание"]


def history_rows(submission: Submission) -> Iterator[list[str]]:
    """The whole history as a table, newest first: moves of the form and changes of values. Two queries."""
    lines = [(one.at, _line_of_move(one)) for one in submission.moves.select_related("by")]
    changes = submission.changes.select_related("element", "by").exclude(way=Way.LAUNCH)
    lines += [(one.at, _line_of_change(one)) for one in changes]
    for at, line in sorted(lines, key=lambda pair: pair[0], reverse=True):
        yield [f"{timezone.localtime(at):%d.%m.%Y %H:%M}", *line]


def _line_of_move(one: StatusChange) -> list[str]:
    way = str(Way.BEHALF.label) if one.on_behalf else ""
    return [str(one.by or ""), "Форма", one.get_from_state_display(), what_happened(one), way, one.comment]


def _line_of_change(one: ValueChange) -> list[str]:
    was, now = value_words(one.from_state, one.from_number), value_words(one.to_state, one.to_number, one.reason)
    return [str(one.by or ""), one.element.name, was, now, one.get_way_display(), one.note]
