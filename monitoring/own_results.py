"""What a school reads of its own results: a row for each indicator, what deviates, and the table taken away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse

from monitoring.enums import IndicatorKind
from monitoring.heat_table import anchor_of, data_cell
from monitoring.queries.results.deviations import MOST, Standing
from monitoring.queries.results.overview import IndicatorHistory
from monitoring.queries.results.sentences import difference_words, short_value, target_value, value_of
from monitoring.tables import Cell, cell_of
from portal.datatables import Column, DataCell, DataTable
from portal.formats import NO_DATA, plural, plural_form, school_year_short
from portal.models import School


@dataclass(frozen=True, slots=True)
class Deviation:
    """One line of «На что обратить внимание»."""

    code: str
    name: str
    value: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class OwnRow:
    """One indicator of the school. `median` and `quartiles` are told only of groups of at least five."""

    anchor: str
    code: str
    name: str
    now: Cell
    before: Cell
    change: str
    median: str
    quartiles: str
    target: str
    target_standing: str
    concerns: tuple[str, ...]


def deviations(found: Iterable[Standing], school: School, query: str) -> tuple[tuple[Deviation, ...], int]:
    """(the lines at the head of the page, how many more there are)."""
    lines = [
        Deviation(
            one.history.code,
            one.history.name,
            short_value(one.history.now),
            " ".join(one.concerns),
            f"{reverse('school', args=[school.public_id])}{query}#{anchor_of(one.history.code)}",
        )
        for one in found
        if one.concerns
    ]
    return tuple(lines[:MOST]), max(0, len(lines) - MOST)


def deviations_words(found: Sequence[Standing]) -> str:
    """«Отклонений: 4 из 23 показателей со значением»."""
    known = [one for one in found if one.history.value is not None]
    count = sum(bool(one.concerns) for one in known)
    if not known:
        return "Принятых значений за этот год нет"
    of = plural(len(known), "показателя", "показателей", "показателей")
    if not count:
        return f"Ни один из {of} не отклоняется в худшую сторону"
    verb = plural_form(count, "требует", "требуют", "требуют")
    return f"{verb.capitalize()} внимания {count} из {of}"


def own_rows(found: Iterable[Standing]) -> tuple[OwnRow, ...]:
    return tuple(_row(one) for one in found)


def _row(one: Standing) -> OwnRow:
    history = one.history
    before = history.points[-2] if len(history.points) > 1 else None
    yes_no = history.kind == IndicatorKind.ORG_SHARE
    change = "" if yes_no else difference_words(history)
    return OwnRow(
        anchor=anchor_of(history.code),
        code=history.code,
        name=history.name,
        now=cell_of(history.now, own=True),
        before=cell_of(before.measured if before else None, own=True),
        change="" if change == NO_DATA else change,
        median=value_of(one.peers.median, history.kind) if one.told else _why_not(one),
        quartiles=_quartiles(one),
        target="" if yes_no else target_value(history),
        target_standing="" if yes_no else {True: "достигнуто", False: "не достигнуто", None: ""}[history.target_met],
        concerns=one.concerns,
    )


def _why_not(one: Standing) -> str:
    return "–" if one.history.kind == IndicatorKind.ORG_SHARE else "школ меньше пяти"


def _quartiles(one: Standing) -> str:
    """«у половины школ – от 20,0 % до 45,0 %»."""
    if not one.told or one.peers.quartiles is None:
        return ""
    low, high = (value_of(value, one.history.kind) for value in one.peers.quartiles)
    return f"у половины школ от {low} до {high}"


def own_data(
    found: Sequence[Standing], *, school: School, year: int, title: str, about: Sequence[tuple[str, str]]
) -> DataTable:
    """The school's indicators of a year: its values, what it is compared with, the target."""
    columns = (
        Column("Код", "code"),
        Column("Показатель", "indicator"),
        Column(school_year_short(year), "value", number=True),
        Column(school_year_short(year - 1), "value_before", number=True),
        Column("Изменение", "change", number=True),
        Column("Медиана школ", "median", number=True),
        Column("Нижний квартиль", "lower_quartile", number=True),
        Column("Верхний квартиль", "upper_quartile", number=True),
        Column("Целевое значение", "target", number=True),
        Column("На что обратить внимание", "words"),
    )
    rows = tuple(_data_row(one) for one in found)
    return DataTable(f"results-{school.code}-{year}", title, columns, rows, tuple(about))


def _data_row(one: Standing) -> tuple[DataCell, ...]:
    history, row = one.history, _row(one)
    before = history.points[-2].value if len(history.points) > 1 else None
    quartiles = one.peers.quartiles if one.told else None
    return (
        DataCell(history.code, history.code),
        DataCell(history.name, history.name),
        data_cell(row.now.value, history, history.value),
        data_cell(row.before.value, history, before),
        DataCell(history.difference, row.change) if row.change else DataCell(None, NO_DATA),
        _told_cell(one.peers.median if one.told else None, history),
        _told_cell(quartiles[0] if quartiles else None, history),
        _told_cell(quartiles[1] if quartiles else None, history),
        _told_cell(history.target, history),
        DataCell(" ".join(one.concerns), " ".join(one.concerns)),
    )


def _told_cell(value: Fraction | None, history: IndicatorHistory) -> DataCell:
    if value is None:
        return DataCell(None, NO_DATA)
    return data_cell(value_of(value, history.kind), history, value)
