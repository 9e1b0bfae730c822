"""What the tiles and tables of the dashboards print: every cell as ready words, which a template only lays out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from functools import cache
from html import escape

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from monitoring.arithmetic import Measured
from monitoring.charts import sparkline_runs
from monitoring.enums import FormState, IndicatorKind
from monitoring.models import Submission
from monitoring.queries.campaigns.board import MISSING_FIRST
from monitoring.queries.results.attention import Lateness, standing, worst_of, worst_words
from monitoring.queries.results.comparison import KindLines, Peers
from monitoring.queries.results.overview import IN_TABLES, Group, IndicatorHistory, Overview, SchoolLine
from monitoring.queries.results.sentences import (
    coverage_words,
    difference_words,
    people_words,
    short_value,
    target_value,
    target_words,
    value_and_fraction,
    value_of,
)
from portal.formats import NBSP, NO_DATA, date_digits, number, points, school_year_short
from portal.models import School

TILES = ("1.1", "1.4", "3.1", "3.2", "4.1", "4.3", "5.2", "2.1")


@dataclass(frozen=True, slots=True)
class Tile:
    """One card of the overview, as words; `sparkline` are the points of its unbroken runs of years."""

    name: str
    url: str
    value: str
    fraction: str
    change: str
    change_base: str
    target: str
    target_kind: str
    target_icon: str
    sparkline: tuple[str, ...]
    coverage: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the three answers at the top of the overview: worst indicator, late schools, better or worse."""

    question: str
    answer: str
    words: tuple[str, ...]
    url: str
    kind: str  # done, warning or nothing
    icon: str


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
    standing_icon: str = ""
    target_icon: str = ""
    peers: str = ""
    peers_note: str = ""

    @property
    def html(self) -> SafeString:
        """The row as the overview prints it; in Python, for a template takes five times as long."""
        cells = [_cell_html(cell, last=cell is self.years[-1]) for cell in self.years]
        change = _number("Изменение за год", escape(self.change) + _span("cell-fraction", self.people))
        target = _number("Целевое значение", escape(self.target) or "–")
        return SafeString(
            f'<tr><th scope="row">{_span("muted", self.code)} <a href="{escape(self.url)}">{escape(self.name)}</a></th>'
            + "".join(cells)
            + change
            + _verdict(self.standing, self.standing_kind, self.standing_icon)
            + "</td>"
            + target
            + _verdict(self.target_standing, self.target_kind, self.target_icon)
            + "</td></tr>"
        )


def _cell_html(cell: Cell, *, last: bool) -> str:
    coverage = cell.coverage if last else ""
    inside = _span("cell-mark", cell.mark) + _span("cell-value", cell.value) + _span("cell-fraction", cell.fraction)
    return _number(cell.year, inside + _span("cell-coverage", coverage), few=cell.few) + "</td>"


def _number(label: str, inside: str, *, few: bool = False) -> str:
    return f'<td class="number{" few" if few else ""}" data-label="{escape(label)}">{inside}'


def _span(kind: str, words: str) -> str:
    return f' <span class="{kind}">{escape(words)}</span>' if words else ""


def _verdict(words: str, kind: str, picture: str) -> str:
    """`picture` is markup of the portal's own."""
    return f'<span class="verdict is-{kind}">{picture} {escape(words)}</span>' if words else ""


@dataclass(frozen=True, slots=True)
class GroupTable:
    code: str
    title: str
    rows: tuple[IndicatorRow, ...]


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """One school of a table. `place` is its rank inside its kind, or why it has none."""

    school: School
    cells: tuple[Cell, ...]
    deviation: str = ""
    place: str = ""


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


def answers_of(overview: Overview, query: str, late: Lateness | None, now: datetime) -> tuple[Answer, ...]:
    """What a stranger should see within five seconds; `late` is None where a past version of the data is shown."""
    told = [_worst(overview, query)]
    if late is not None:
        kind = "warning" if late.overdue else "" if late.missing else "done"
        url = f"{reverse('monitoring:collection')}?year={late.year}"
        words = tuple(one for one in (late.names, late.words(now)) if one)
        told.append(_answer(f"Сбор данных за {school_year_short(late.year)}", late.verdict, words, url, kind))
    stands = standing(overview)
    told.append(_answer("К прошлому году", stands.verdict, (stands.words,), "#all-indicators", stands.kind))
    return tuple(told)


def _worst(overview: Overview, query: str) -> Answer:
    question, worst = "Самый слабый показатель", worst_of(overview)
    if worst is None and not any(one.now and one.now.comparable for one in overview.with_data):
        few = "Данных слишком мало, чтобы назвать слабый показатель: приняты формы не всех школ."
        return _answer(question, "Судить рано", (few,), "#all-indicators", "")
    if worst is None:
        none = "Показателей ниже целевого значения и ухудшений нет"
        return _answer(question, none, (), "#all-indicators", "done" if overview.with_data else "")
    answer = f"{short_value(worst.now)} – {worst.code} {worst.name}"
    return _answer(question, answer, (worst_words(worst),), indicator_url(worst.code, query), "warning")


def _answer(question: str, answer: str, words: tuple[str, ...], url: str, kind: str) -> Answer:
    return Answer(question, answer, words, url, kind, icon(kind))


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
    value, fraction = value_and_fraction(history.now)
    return Tile(
        name=history.name,
        url=indicator_url(history.code, query),
        value=value,
        fraction=fraction,
        change=_change(history) + (f", {people}" if people else ""),
        change_base=f"к{NBSP}{school_year_short(before.year)}" if compared and before else "",
        target=target_words(history),
        target_kind=_met(history.target_met),
        target_icon=icon(_met(history.target_met)),
        sparkline=sparkline_runs(history),
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
        target_kind=_met(met),
        standing_icon=icon(kind),
        target_icon=icon(_met(met)),
    )


def _met(met: bool | None) -> str:
    return {True: "done", False: "warning", None: ""}[met]


@cache
def icon(name: str) -> str:
    """The picture beside a word, rendered once: a template would draw it anew in every row."""
    return render_to_string("_parts/icon.html", {"name": name}) if name else ""


def _school_row(history: IndicatorHistory, query: str, peers: Peers | None, official: bool) -> IndicatorRow:
    """A school's own line; what it has or has not (a share of organisations) has no change."""
    median, note = _median(history, peers, official)
    row = replace(_row(history, query), years=year_cells(history, own=True), peers=median, peers_note=note)
    if history.kind == IndicatorKind.ORG_SHARE:
        return replace(row, change="", people="", standing="")
    return row


def year_cells(history: IndicatorHistory, *, own: bool = False) -> tuple[Cell, ...]:
    """The values of the last three years; only the last one tells its coverage, for which a table has no more room."""
    last = len(history.points) - 1
    places = range(max(last - IN_TABLES + 1, 0), last + 1)
    return tuple(_year_cell(history, place, own=own, covered=place == last) for place in places)


def history_cells(history: IndicatorHistory) -> tuple[Cell, ...]:
    """The values of all years, each with its coverage."""
    return tuple(_year_cell(history, place, own=False, covered=True) for place in range(len(history.points)))


def _year_cell(history: IndicatorHistory, place: int, *, own: bool, covered: bool) -> Cell:
    """A year's value, marked where the definition changed."""
    point = history.points[place]
    cell = cell_of(point.measured, year=school_year_short(point.year), own=own, covered=covered)
    return replace(cell, mark="показатель изменён") if place in history.breaks else cell


def cell_of(measured: Measured | None, *, year: str = "", own: bool = False, covered: bool = True) -> Cell:
    """A value of a table; `own` is of a single school, whose share of organisations is just «да» or «нет»."""
    if own and measured is not None and measured.kind == IndicatorKind.ORG_SHARE and measured.used:
        return Cell("да" if measured.numerator else "нет", year=year)
    value, fraction = value_and_fraction(measured)
    return Cell(
        value=value,
        fraction=fraction,
        coverage=coverage_words(measured) if covered and not own else "",
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


def _median(history: IndicatorHistory, peers: Peers | None, official: bool) -> tuple[str, str]:
    """(median of the school's kind, from how many schools); a school is told only of groups of five and more."""
    if peers is None or not peers.count or history.kind == IndicatorKind.ORG_SHARE:
        return NO_DATA, ""
    if not official and not peers.told_to_schools:
        return NO_DATA, "школ меньше пяти"
    return value_of(peers.median, history.kind), f"школ: {peers.count}"


def indicator_url(code: str, query: str) -> str:
    return _indicator_path(code) + query


@cache
def _indicator_path(code: str) -> str:
    """Resolving an address takes longer than printing a row."""
    return reverse("monitoring:indicator", args=[code])


# --- schools ----------------------------------------------------------------------------------------------------------


def kind_rows(history: IndicatorHistory, kind: KindLines, rows: slice = slice(None)) -> tuple[SchoolRow, ...]:
    """One indicator's schools of one kind, or a page of them, each with its place and its distance from the median."""
    places = _places(history, kind)
    return tuple(
        SchoolRow(line.school, (_school_cell(line, history.code),), _deviation(history, kind, line), place)
        for line, place in list(zip(kind.lines, places, strict=True))[rows]
    )


def _deviation(history: IndicatorHistory, kind: KindLines, line: SchoolLine) -> str:
    measured, middle = line.values[history.code], kind.peers.median
    if middle is None or measured.value is None or not measured.rankable or history.kind == IndicatorKind.ORG_SHARE:
        return ""
    gap = measured.value - middle
    return _gap_of_counts(gap) if history.is_count else points(gap)


def _places(history: IndicatorHistory, kind: KindLines) -> list[str]:
    """Equal values share a place; a small base, no value and an indicator that is not judged have none."""
    places: list[str] = []
    last: Fraction | None = None
    ranked = history.better != "none" and history.kind != IndicatorKind.ORG_SHARE
    for place, line in enumerate(kind.lines, start=1):
        measured = line.values[history.code]
        if measured.value is None or not ranked:
            places.append("")
        elif not measured.rankable:
            places.append("мало данных")
        else:
            places.append(places[-1] if measured.value == last else str(place))
            last = measured.value
    return places


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
