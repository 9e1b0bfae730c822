"""Round-ups: their list with how far each is, a school's own rows, and the table that sums itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from monitoring.enums import ColumnKind
from monitoring.models import Roundup, RoundupColumn, RoundupRow
from portal.formats import NBSP, date_digits, number, plural, plural_form
from portal.models import Membership, School
from portal.roles import PERMISSIONS, Permission, Role

REMIND_AGAIN = timedelta(hours=1)  # a school is not reminded of the same round-up more often
FILLERS = [role for role in Role if Permission.FILL_ROUNDUPS in PERMISSIONS[role]]
STATES = {"open": "Идёт сбор", "overdue": "Срок прошёл", "closed": "Закрыт"}
ORDERS = {
    "title": "title",
    "-title": "-title",
    "due": "due_at",
    "-due": "-due_at",
    "answered": "answered",
    "-answered": "-answered",
}

Answer = int | str | bool | None


# --- lists -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """A round-up in the list: its state in words with a sign, answered of asked."""

    roundup: Roundup
    sign: str
    words: str
    answered: int
    asked: int


def roundups(member: Membership) -> QuerySet[Roundup]:
    """Round-ups that this membership may see, newest first, with what their pages print."""
    return Roundup.objects.visible_to(member).select_related("municipality", "by", "repeats")


def standings(member: Membership, *, state: str = "", order: str = "") -> QuerySet[Roundup]:
    """The list with `asked` and `answered`; an unknown state or order is left out."""
    now = timezone.now()
    chosen = {
        "open": Q(closed_at=None, due_at__gte=now),
        "overdue": Q(closed_at=None, due_at__lt=now),
        "closed": Q(closed_at__isnull=False),
    }.get(state, Q())
    counted = (
        roundups(member)
        .filter(chosen)
        .annotate(asked=Count("rows"), answered=Count("rows", filter=Q(rows__filled_at__isnull=False)))
    )
    return counted.order_by(*([ORDERS[order]] if order in ORDERS else []), "-id")


def standing(roundup: Roundup, *, answered: int, asked: int) -> Standing:
    """The state of a round-up now: closed, complete, past its deadline, or under way."""
    if roundup.closed_at:
        sign, words = "lock", "закрыт"
    elif answered == asked:
        sign, words = "done", "все ответили"
    elif roundup.due_at < timezone.now():
        sign, words = "warning", "срок прошёл"
    else:
        sign, words = "clock", "идёт сбор"
    return Standing(roundup, sign, words, answered, asked)


def listed(page: Iterable[Any]) -> list[Standing]:
    """Rows of `standings` as the list prints them."""
    return [standing(one, answered=one.answered, asked=one.asked) for one in page]


def rows() -> QuerySet[RoundupRow]:
    """Schools' rows with everything their page prints; access.load narrows it to what a person may see."""
    return RoundupRow.objects.select_related("roundup__municipality", "school", "filled_by").prefetch_related(
        "roundup__columns"
    )


def rows_of_school(member: Membership) -> QuerySet[RoundupRow]:
    """The school's rows of the round-ups that are not closed, the unanswered and the most urgent first."""
    open_ones = RoundupRow.objects.visible_to(member).filter(roundup__closed_at=None).select_related("roundup")
    return open_ones.order_by(F("filled_at").asc(nulls_first=True), "roundup__due_at", "id")


def open_schools(member: Membership) -> QuerySet[School]:
    """Organisations of the municipality that work today."""
    today = timezone.localdate()
    return School.objects.visible_to(member).filter(
        Q(closed=None) | Q(closed__gt=today), Q(opened=None) | Q(opened__lte=today)
    )


def schools_asked(roundup: Roundup) -> list[School]:
    """Everybody who has a row, in the order of the list of schools."""
    return list(School.objects.filter(rounduprow__roundup=roundup).order_by("sort_key"))


def people_of(schools: Sequence[School]) -> dict[int, list[Membership]]:
    """Those who fill round-ups for each school today, by its id."""
    found: dict[int, list[Membership]] = {}
    people = Membership.objects.in_force(timezone.localdate()).filter(school__in=schools, role__in=FILLERS)
    for one in people.select_related("user"):
        if one.school_id is not None:
            found.setdefault(one.school_id, []).append(one)
    return found


# --- the table -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A school in the table; `cells` are words beside their columns, empty where there is no answer."""

    row: RoundupRow
    cells: tuple[tuple[RoundupColumn, str], ...]
    late: bool
    by_department: bool

    @property
    def marks(self) -> str:
        """«с опозданием, внесено управлением», or nothing."""
        said = [("с опозданием", self.late), ("внесено управлением", self.by_department)]
        return ", ".join(words for words, true in said if true)


@dataclass(frozen=True, slots=True)
class Total:
    """The foot of a column: the sum or the count in words, and on how many schools it rests."""

    column: RoundupColumn
    words: str
    base: str
    sum: int | None = None  # of a column of numbers


@dataclass(frozen=True, slots=True)
class RoundupTable:
    """All answers of a round-up; whatever is summed is summed here, over the schools that answered."""

    roundup: Roundup
    columns: tuple[RoundupColumn, ...]
    lines: tuple[Line, ...]
    totals: tuple[Total, ...]

    @property
    def heads(self) -> tuple[str, ...]:
        """Heads of the columns, as they stand beside the school."""
        return tuple(column.title for column in self.columns)

    @property
    def silent(self) -> tuple[RoundupRow, ...]:
        return tuple(line.row for line in self.lines if line.row.filled_at is None)

    @property
    def answered(self) -> int:
        return len(self.lines) - len(self.silent)

    @property
    def standing(self) -> Standing:
        return standing(self.roundup, answered=self.answered, asked=len(self.lines))

    @property
    def wide(self) -> bool:
        """Whether it is printed on a sheet laid on its side."""
        return len(self.columns) > 5

    @property
    def silent_words(self) -> str:
        """«Не ответили 2 школы: Школа № 1, Школа № 2.»"""
        if not self.silent:
            return "Ответили все."
        names = ", ".join(row.school.name for row in self.silent)
        count = len(self.silent)
        verb = plural_form(count, "Не ответила", "Не ответили", "Не ответили")
        return f"{verb} {plural(count, 'школа', 'школы', 'школ')}: {names}."


def table_of(roundup: Roundup) -> RoundupTable:
    """The table of a round-up; three queries, whatever its size."""
    columns = tuple(roundup.columns.all())
    asked = list(
        roundup.rows.select_related("school", "filled_by", "roundup__municipality").order_by("school__sort_key")
    )
    theirs = set(
        Membership.objects.filter(school__rounduprow__roundup=roundup).values_list("user_id", "school_id").distinct()
    )
    lines = tuple(
        Line(
            row=row,
            cells=tuple((column, in_words(row.answers.get(str(column.order)), column.kind)) for column in columns),
            late=is_late(row),
            by_department=row.filled_by_id is not None and (row.filled_by_id, row.school_id) not in theirs,
        )
        for row in asked
    )
    return RoundupTable(roundup, columns, lines, tuple(_total(column, asked) for column in columns))


def is_late(row: RoundupRow) -> bool:
    """Whether the row was last filled after the deadline, as the deadline stands now."""
    return row.filled_at is not None and row.filled_at > row.roundup.due_at


def in_words(answer: Answer, kind: str) -> str:
    """An answer as a cell prints it."""
    if answer is None or answer == "":
        return ""
    match kind:
        case ColumnKind.NUMBER:
            return number(int(answer))
        case ColumnKind.YES_NO:
            return "да" if answer else "нет"
        case ColumnKind.DATE:
            return date_digits(date.fromisoformat(str(answer)))
    return str(answer)


def _total(column: RoundupColumn, asked: Sequence[RoundupRow]) -> Total:
    """Numbers are summed, «да» and «нет» are counted, of texts and dates only the answers are counted."""
    given = [answer for row in asked if (answer := row.answers.get(str(column.order))) not in (None, "")]
    base = f"ответили {number(len(given))} из {number(len(asked))}"
    if column.kind == ColumnKind.NUMBER:
        return Total(column, f"Σ {number(sum(given))}", base, sum(given)) if given else Total(column, "–", base)
    if column.kind == ColumnKind.YES_NO:
        agreed = sum(bool(answer) for answer in given)
        return Total(column, f"да{NBSP}– {number(agreed)}, нет{NBSP}– {number(len(given) - agreed)}", base)
    return Total(column, "", base)


def reminded_lately(row: RoundupRow, now: datetime) -> bool:
    return row.reminded_at is not None and now - row.reminded_at < REMIND_AGAIN
