"""Municipalities of a region in words: cells that may be told, hidden ones, the message and the table taken away."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from monitoring.arithmetic import Measured
from monitoring.queries.results.region import RegionColumn, RegionGroup
from monitoring.queries.results.sentences import short_value, value_of
from monitoring.tables import Cell, cell_of
from portal.datatables import Column, DataCell, DataTable
from portal.formats import NO_DATA, plural, school_year
from portal.models import Municipality

HIDDEN = "скрыто"


@dataclass(frozen=True, slots=True)
class RegionRow:
    name: str
    cells: tuple[Cell, ...]


def region_rows(municipalities: Sequence[Municipality], group: RegionGroup) -> tuple[RegionRow, ...]:
    """A row for each municipality; one without totals has «…» in every cell."""
    return tuple(
        RegionRow(place.name, tuple(_cell(place.pk, column) for column in group.columns)) for place in municipalities
    )


def region_totals(group: RegionGroup) -> tuple[Cell, ...]:
    """The row of the whole region."""
    return tuple(Cell(HIDDEN) if column.region_hidden else cell_of(column.region) for column in group.columns)


def _cell(place: int, column: RegionColumn) -> Cell:
    return Cell(HIDDEN) if place in column.hidden else cell_of(column.told.get(place))


def region_headline(municipalities: Sequence[Municipality], group: RegionGroup) -> str:
    """Where the municipalities that may be told and compared differ most."""
    ranges = [
        (max(values.values()) - min(values.values()), column, values)
        for column in group.columns
        if not _is_count(column) and len(values := _compared(column)) > 1
    ]
    if not ranges:
        return f"{group.title}: {plural(len(municipalities), 'муниципалитет', 'муниципалитета', 'муниципалитетов')}"
    _, column, values = max(ranges, key=lambda found: found[0])
    names = {place.pk: place.name for place in municipalities}
    low, high = min(values, key=lambda one: values[one]), max(values, key=lambda one: values[one])
    told = [f"{value_of(values[place], column.told[place].kind)} ({names[place]})" for place in (low, high)]
    return f"Сильнее всего муниципалитеты различаются по показателю {column.indicator.code}: {told[0]} и {told[1]}"


def _compared(column: RegionColumn) -> dict[int, Fraction]:
    """Values on a base of 20 and more, with data of at least half of the schools (design §2, rule 3)."""
    told = column.told.items()
    return {place: one.value for place, one in told if one.value is not None and one.rankable and one.comparable}


def _is_count(column: RegionColumn) -> bool:
    return any(one.is_count for one in column.told.values())


def region_data(municipalities: Sequence[Municipality], group: RegionGroup, *, region: str, year: int) -> DataTable:
    """Municipalities × indicators of a group, the region last; what is hidden leaves as the word."""
    named = [(f"{one.indicator.code} {one.indicator.name}", one.indicator.code) for one in group.columns]
    columns = (
        Column("Муниципалитет", "municipality"),
        *(Column(title, code, number=True) for title, code in named),
    )
    rows = [
        (DataCell(place.name, place.name), *(_data_cell(place.pk, column) for column in group.columns))
        for place in municipalities
    ]
    whole = (DataCell(region, region), *(_region_cell(column) for column in group.columns))
    return DataTable(
        name=f"region-{year}-{group.code}",
        title=f"{group.title}: {region}, {school_year(year)}",
        columns=columns,
        rows=(*rows, whole),
        about=(
            ("Период", school_year(year)),
            ("Источник", "принятые формы школ; сведения муниципалитетов"),
            ("Скрыто", "значения, по которым можно узнать число от 1 до 4"),
        ),
    )


def _data_cell(place: int, column: RegionColumn) -> DataCell:
    return DataCell(None, HIDDEN) if place in column.hidden else _measured_cell(column.told.get(place))


def _region_cell(column: RegionColumn) -> DataCell:
    return DataCell(None, HIDDEN) if column.region_hidden else _measured_cell(column.region)


def _measured_cell(measured: Measured | None) -> DataCell:
    words = short_value(measured)
    if measured is None or measured.value is None or measured.small:
        return DataCell(None, words or NO_DATA)
    return DataCell(measured.numerator if measured.is_count else Fraction(measured.value), words)
