"""The heat map in words: its cells, its heads, its message, and the same numbers as a table that is taken away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.urls import reverse

from monitoring.enums import IndicatorKind
from monitoring.queries.results.heat import HeatCell, HeatMap, HeatRow, View
from monitoring.queries.results.overview import IndicatorHistory
from monitoring.queries.results.sentences import fraction_words, short_value, value_of
from monitoring.tables import cell_of
from portal.datatables import Column, DataCell, DataTable
from portal.formats import INAPPLICABLE, NO_DATA, plural, points, school_year, signed
from portal.models import School

FEW = "мало"  # too few people for the number that the view asks
VIEWS = {View.VALUE: "Значение", View.CHANGE: "Изменение за год", View.GAP: "Отклонение от медианы"}


@dataclass(frozen=True, slots=True)
class ShownCell:
    value: str
    fraction: str
    tone: str
    url: str  # the indicator on the school's page; empty where it does not apply to the school


@dataclass(frozen=True, slots=True)
class ShownRow:
    school: School
    url: str
    cells: tuple[ShownCell, ...]


def shown_rows(heat: HeatMap, rows: Iterable[HeatRow], query: str) -> list[ShownRow]:
    """The rows of one page; every cell with a number leads to the indicator on the school's page."""
    return [_shown_row(heat, row, query) for row in rows]


def _shown_row(heat: HeatMap, row: HeatRow, query: str) -> ShownRow:
    url = reverse("school", args=[row.school.public_id]) + query
    cells = tuple(
        ShownCell(
            value=cell_words(heat.view, one, cell),
            fraction=fraction_words(cell.measured) if heat.view == View.VALUE and not _yes_no(one) else "",
            tone=cell.tone,
            url="" if cell.tone == "outside" else f"{url}#{anchor_of(one.code)}",
        )
        for one, cell in zip(heat.indicators, row.cells, strict=True)
    )
    return ShownRow(row.school, url, cells)


def anchor_of(code: str) -> str:
    """Where a school's page shows an indicator."""
    return f"indicator-{code}"


def cell_words(view: View, indicator: IndicatorHistory, cell: HeatCell) -> str:
    """«67,3 %», «3 из 7» on a small base, «да»; «+2,1 п. п.» for a difference; «…», «х» and «мало»."""
    if cell.tone == "outside":
        return INAPPLICABLE
    if view == View.VALUE:
        return cell_of(cell.measured, own=True).value if _yes_no(indicator) else short_value(cell.measured)
    if cell.shown is None:
        return FEW if cell.tone == "few" else NO_DATA
    if _yes_no(indicator):
        return {1: "нет → да", -1: "да → нет"}.get(int(cell.shown), "без изменений")
    return difference_of(cell.shown, indicator.kind)


def difference_of(difference: Fraction, kind: IndicatorKind) -> str:
    """«+2,1 п. п.» for shares, «+5» and «+2,5» for counts."""
    if kind != IndicatorKind.COUNT:
        return points(difference)
    if difference.denominator == 1:
        return signed(int(difference))
    return ("+" if difference > 0 else "") + value_of(difference, kind)


def _yes_no(indicator: IndicatorHistory) -> bool:
    return indicator.kind == IndicatorKind.ORG_SHARE


def columns_of(heat: HeatMap, order: str, query: str) -> list[dict[str, str]]:
    """The heads of the columns; a second press on one turns the order round."""
    heads = []
    for one in heat.indicators:
        descending, ascending = one.code, f"-{one.code}"
        heads.append(
            {
                "code": one.code,
                "name": one.name,
                "url": reverse("monitoring:indicator", args=[one.code]) + query,
                "order": ascending if order == descending else descending,
                "sorted": {descending: "descending", ascending: "ascending"}.get(order, ""),
                "broken": "показатель изменён"
                if heat.view == View.CHANGE and len(one.points) - 1 in one.breaks
                else "",
            }
        )
    return heads


def medians_of(heat: HeatMap) -> list[str]:
    """The medians of the shown schools; a share of organisations has none."""
    pairs = zip(heat.indicators, heat.medians, strict=True)
    return ["–" if _yes_no(one) else value_of(middle, one.kind) for one, middle in pairs]


def headline(heat: HeatMap) -> str:
    """What the map says first: where schools differ most, how many values moved, or the farthest from its median."""
    found = {View.VALUE: _widest, View.CHANGE: _moved, View.GAP: _farthest}[heat.view](heat)
    return found or "Школы и показатели"


def _comparable(heat: HeatMap, place: int) -> list[Fraction]:
    cells = (row.cells[place] for row in heat.rows)
    return [cell.shown for cell in cells if cell.shown is not None and cell.measured and cell.measured.rankable]


def _widest(heat: HeatMap) -> str:
    ranges = [
        (max(values) - min(values), one, values)
        for place, one in enumerate(heat.indicators)
        if one.kind == IndicatorKind.SHARE and len(values := _comparable(heat, place)) > 1
    ]
    if not ranges:
        return ""
    _, one, values = max(ranges, key=lambda found: found[0])
    low, high = (value_of(value, one.kind) for value in (min(values), max(values)))
    return f"Сильнее всего школы различаются по показателю {one.code}: от {low} до {high}"


def _moved(heat: HeatMap) -> str:
    tones = [cell.tone for row in heat.rows for cell in row.cells]
    up, down = (sum(tone.startswith(way) for tone in tones) for way in ("more", "less"))
    known = up + down + tones.count("even")
    if not known:
        return "Сравнить с прошлым годом нечего"
    values = plural(known, "значения", "значений", "значений")
    return f"За год из {values} выросли {up}, снизились {down}"


def _farthest(heat: HeatMap) -> str:
    found = [
        (abs(cell.shown), row.school, one, cell.shown)
        for row in heat.rows
        for one, cell in zip(heat.indicators, row.cells, strict=True)
        if cell.shown is not None and one.kind == IndicatorKind.SHARE
    ]
    if not found:
        return "Сравнить с медианой нечего"
    _, school, one, gap = max(found, key=lambda one: one[0])
    return f"Дальше всего от медианы школ своего вида: {school.name}, показатель {one.code}, {points(gap)}"


def heat_data(heat: HeatMap, *, title: str, year: int, about: Sequence[tuple[str, str]]) -> DataTable:
    """All schools of the map as a file, in the order of the page."""
    columns = (
        Column("Код школы", "school_code"),
        Column("Школа", "school"),
        Column("Вид", "kind"),
        Column("Местность", "locality"),
        *(Column(f"{one.code} {one.name}", one.code, number=True) for one in heat.indicators),
    )
    rows = tuple(
        (
            *(
                DataCell(words, words)
                for words in (
                    row.school.code,
                    row.school.name,
                    row.school.get_kind_display(),
                    row.school.get_locality_display(),
                )
            ),
            *(
                data_cell(cell_words(heat.view, one, cell), one, cell.shown)
                for one, cell in zip(heat.indicators, row.cells, strict=True)
            ),
        )
        for row in heat.rows
    )
    return DataTable(
        name=f"schools-{year}-{heat.view}",
        title=title,
        columns=columns,
        rows=rows,
        about=(("Период", school_year(year)), ("Показано", VIEWS[heat.view]), *about),
    )


def data_cell(words: str, indicator: IndicatorHistory, value: Fraction | None) -> DataCell:
    """A share leaves as a ratio, a count as a whole number where it is one, «да» and «нет» as words."""
    if value is None or _yes_no(indicator) or words == FEW:
        return DataCell(None, words)
    if indicator.is_count and value.denominator == 1:
        return DataCell(int(value), words)
    return DataCell(value, words)
