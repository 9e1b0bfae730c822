"""What the tiles and tables of the dashboards print: every cell as ready words, which a template only lays out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from django.urls import reverse
from django.utils import timezone

from monitoring.arithmetic import Measured
from monitoring.charts import sparkline_values, value_of
from monitoring.enums import FormState, IndicatorKind
from monitoring.models import Submission
from monitoring.queries.board import MISSING_FIRST
from monitoring.queries.comparison import KindLines, Peers
from monitoring.queries.overview import Group, IndicatorHistory, Overview, SchoolLine
from monitoring.queries.sentences import (
    coverage_words,
    difference_words,
    fraction_words,
    people_words,
    short_value,
    target_value,
    target_words,
)
from portal.charts import sparkline_points
from portal.formats import NO_DATA, date_digits, number, points, school_year_short
from portal.models import School

TILES = ("1.1", "1.4", "3.1", "3.2", "4.1", "4.3", "5.2", "2.1")


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile of the overview; the strings of `_parts/tile.html`."""

    name: str
    url: str
    value: str
    fraction: str
    change: str
    change_base: str
    target: str
    target_kind: str
    sparkline: str
    coverage: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, its fraction, its coverage; `few` greys a count on a small base."""

    value: str
    fraction: str = ""
    coverage: str = ""
    few: bool = False
    year: str = ""
    mark: str = ""  # «показатель изменён» where the definition is not that of the year before


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One line of the table of all indicators. `standing` says in a word which way the change went, if it is judged."""

    code: str
    name: str
    url: str
    years: tuple[Cell, ...]
    change: str
    people: str
    standing: str
    standing_kind: str
    target: str
    target_standing: str
    target_kind: str
    peers: str = ""
    peers_note: str = ""


@dataclass(frozen=True, slots=True)
class GroupTable:
    code: str
    title: str
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True, slots=True)
class SchoolRow:
    school: School
    cells: tuple[Cell, ...]
    deviation: str = ""


@dataclass(frozen=True, slots=True)
class FormRow:
    """One form in a school's own list."""

    submission: Submission
    year: str
    state: str
    sign: str
    progress: str
    deadline: str
    late: str
    opens: str  # the day, where the form is not open yet
    closed: bool  # the collection is over


# --- the overview -----------------------------------------------------------------------------------------------------


def tiles_of(overview: Overview, query: str) -> tuple[tuple[Tile, ...], tuple[str, ...]]:
    """(tiles of the municipality's choice that have a value, names of chosen indicators that have none).

    A chosen code that is not computed in the year gives way to the indicator that succeeds it.
    """
    profile = overview.municipality.document_profile
    chosen = [_in_force(overview, code) for code in profile.get("tiles") or TILES]
    known = list(dict.fromkeys(one for one in chosen if one is not None))
    shown = tuple(_tile(one, query) for one in known if one.value is not None)
    return shown, tuple(f"{one.code} «{one.name}»" for one in known if one.value is None)


def _in_force(overview: Overview, code: str) -> IndicatorHistory | None:
    """The indicator of this code, or the one whose earlier years were counted under it."""
    own = overview.get(code)
    return own or next((one for one in overview.all if any(point.code == code for point in one.points)), None)


def _tile(history: IndicatorHistory, query: str) -> Tile:
    before = history.points[-2] if len(history.points) > 1 else None
    compared = before is not None and history.difference is not None
    people = people_words(history)
    return Tile(
        name=history.name,
        url=indicator_url(history.code, query),
        value=short_value(history.now),
        fraction=fraction_words(history.now),
        change=_change(history) + (f", {people}" if people else ""),
        change_base=f"к {school_year_short(before.year)}" if compared and before else "",
        target=target_words(history),
        target_kind={True: "done", False: "warning", None: ""}[history.target_met],
        sparkline=_sparkline(history),
        coverage=coverage_words(history.now),
    )


def group_tables(groups: Iterable[Group], query: str) -> tuple[GroupTable, ...]:
    """The table of all indicators of a municipality, by group."""
    return tuple(
        GroupTable(group.code, group.title, tuple(_row(one, query) for one in group.indicators)) for group in groups
    )


def school_tables(
    groups: Iterable[Group], query: str, peers: Mapping[str, Peers], *, official: bool
) -> tuple[GroupTable, ...]:
    """The same table of one school, each row with the median of the school's kind."""
    return tuple(
        GroupTable(
            group.code,
            group.title,
            tuple(_school_row(one, query, peers.get(one.code), official) for one in group.indicators),
        )
        for group in groups
    )


def _row(history: IndicatorHistory, query: str) -> IndicatorRow:
    standing, kind = _standing(history)
    met = history.target_met
    return IndicatorRow(
        code=history.code,
        name=history.name,
        url=indicator_url(history.code, query),
        years=year_cells(history),
        change=_change(history) or NO_DATA,
        people=people_words(history),
        standing=standing,
        standing_kind=kind,
        target=target_value(history),
        target_standing={True: "достигнуто", False: "не достигнуто", None: ""}[met],
        target_kind={True: "done", False: "warning", None: ""}[met],
    )


def _school_row(history: IndicatorHistory, query: str, peers: Peers | None, official: bool) -> IndicatorRow:
    """A school's own line; what it has or has not (a share of organisations) has no change."""
    median, note = _median(history, peers, official)
    row = replace(_row(history, query), years=year_cells(history, own=True), peers=median, peers_note=note)
    if history.kind == IndicatorKind.ORG_SHARE:
        return replace(row, change="", people="", standing="")
    return row


def year_cells(history: IndicatorHistory, *, own: bool = False) -> tuple[Cell, ...]:
    """The value of every year, marked where the definition changed."""
    return tuple(
        replace(
            cell_of(point.measured, year=school_year_short(point.year), own=own),
            mark="показатель изменён" if place in history.breaks else "",
        )
        for place, point in enumerate(history.points)
    )


def cell_of(measured: Measured | None, *, year: str = "", own: bool = False) -> Cell:
    """A value of a table; `own` is of a single school, whose share of organisations is just «да» or «нет»."""
    if own and measured is not None and measured.kind == IndicatorKind.ORG_SHARE and measured.used:
        return Cell("да" if measured.numerator else "нет", year=year)
    return Cell(
        value=short_value(measured),
        fraction=fraction_words(measured),
        coverage="" if own else coverage_words(measured),
        few=measured is not None and measured.value is not None and measured.small,
        year=year,
    )


def _change(history: IndicatorHistory) -> str:
    words = difference_words(history)
    return "" if words == NO_DATA else words


def _standing(history: IndicatorHistory) -> tuple[str, str]:
    """A judged change in a word; nothing where no direction is better or nothing noticeable happened."""
    if not history.turn or history.better == "none":
        return "", ""
    return ("ухудшение", "warning") if history.worsened else ("улучшение", "done")


def _sparkline(history: IndicatorHistory) -> str:
    return sparkline_points(sparkline_values(history), 100, 24)


def _median(history: IndicatorHistory, peers: Peers | None, official: bool) -> tuple[str, str]:
    """(median of the school's kind, from how many schools); a school is told only of groups of five and more."""
    if peers is None or not peers.count or history.kind == IndicatorKind.ORG_SHARE:
        return NO_DATA, ""
    if not official and not peers.told_to_schools:
        return NO_DATA, "школ меньше пяти"
    return value_of(peers.median, history.kind), f"школ: {peers.count}"


def indicator_url(code: str, query: str) -> str:
    return reverse("monitoring:indicator", args=[code]) + query


# --- schools ----------------------------------------------------------------------------------------------------------


def school_rows(lines: Iterable[SchoolLine], codes: Sequence[str]) -> tuple[SchoolRow, ...]:
    """Schools × indicators, in the order given."""
    return tuple(SchoolRow(line.school, tuple(_school_cell(line, code) for code in codes)) for line in lines)


def kind_rows(history: IndicatorHistory, kind: KindLines) -> tuple[SchoolRow, ...]:
    """One indicator's schools of one kind, each with its distance from the median of the kind."""
    rows = []
    for line in kind.lines:
        measured, middle = line.values[history.code], kind.peers.median
        deviation = ""
        if (
            middle is not None
            and measured.rankable
            and measured.value is not None
            and history.kind != IndicatorKind.ORG_SHARE
        ):
            gap = measured.value - middle
            deviation = _gap_of_counts(gap) if history.is_count else points(gap)
        rows.append(SchoolRow(line.school, (_school_cell(line, history.code),), deviation))
    return tuple(rows)


def _gap_of_counts(gap: Fraction) -> str:
    return ("+" if gap > 0 else "") + value_of(gap, IndicatorKind.COUNT)


def _school_cell(line: SchoolLine, code: str) -> Cell:
    """A school outside an indicator's list is the same as one to which it does not apply."""
    return cell_of(line.values.get(code) or Measured(IndicatorKind.SHARE, 0, 0, 0, 0), own=True)


# --- the collection ---------------------------------------------------------------------------------------------------


def form_rows(submissions: Iterable[Submission]) -> tuple[FormRow, ...]:
    """Forms of a school, those that were not sent first and among them the emptiest."""
    order = {state: place for place, state in enumerate(MISSING_FIRST)}
    rows = sorted(submissions, key=lambda one: (-one.year, order[FormState(one.state)], one.percent_filled))
    return tuple(form_row(one) for one in rows)


def form_row(submission: Submission) -> FormRow:
    state, now = FormState(submission.state), timezone.now()
    opens, due = submission.campaign.opens_at, submission.deadline
    waiting = state in {FormState.NOT_STARTED, FormState.FILLING, FormState.RETURNED}
    if submission.late:
        late = "отправлена с опозданием"
    elif waiting and due < now:
        late = "срок прошёл"
    else:
        late = ""
    return FormRow(
        submission=submission,
        year=school_year_short(submission.year),
        state=str(state.label),
        sign=submission.tag,
        progress=f"{number(submission.cells_filled)} из {number(submission.cells_total)}",
        deadline=date_digits(timezone.localtime(due).date()),
        late=late,
        opens=date_digits(timezone.localtime(opens).date()) if now < opens else "",
        closed=submission.campaign.closed_at is not None,
    )
