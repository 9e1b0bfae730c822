"""Schools beside each other: dot strips of a group of indicators, the same numbers as a table, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from monitoring.arithmetic import GROUP
from monitoring.enums import IndicatorKind
from monitoring.heat_table import data_cell
from monitoring.queries.results.comparison import Peers
from monitoring.queries.results.overview import IndicatorHistory, SchoolLine, peers
from monitoring.queries.results.sentences import short_value, value_of, value_words
from monitoring.tables import cell_of
from portal.chart_specs import DotStrips, Strip
from portal.charts import percent_point
from portal.datatables import Column, DataCell, DataTable
from portal.enums import SchoolKind
from portal.formats import NO_DATA, plural_form


@dataclass(frozen=True, slots=True)
class Compared:
    """At most six named schools among others, by a group of indicators. `others` hold the named ones too.

    `for_school`: a school reads it, which learns of others only from groups of at least five (design §2, rule 9).
    """

    indicators: tuple[IndicatorHistory, ...]
    named: tuple[SchoolLine, ...]
    others: tuple[SchoolLine, ...]
    for_school: bool = False

    def peers(self, code: str) -> Peers:
        """The values among which the schools stand: base of 20 and more."""
        return Peers(SchoolKind(self.named[0].school.kind), tuple(peers(self.others, code)))

    def tells(self, group: Peers) -> bool:
        """Whether anything of these values may be told to the reader."""
        return group.told_to_schools or not self.for_school

    @property
    def shares(self) -> tuple[IndicatorHistory, ...]:
        """Indicators that have a place on a scale of 0…100 %: a value of a named school that may be told."""
        return tuple(
            one
            for one in self.indicators
            if one.kind == IndicatorKind.SHARE and any(_place(line, one.code) is not None for line in self.named)
        )


def strips_chart(compared: Compared, title: str, names: Sequence[str]) -> DotStrips | None:
    """The strips of all shares, the other schools as dots without names; None where no share has a value."""
    if not compared.shares:
        return None
    return DotStrips(
        title=title,
        alt=_told(compared, names),
        names=tuple(names),
        strips=tuple(_strip(compared, one) for one in compared.shares),
    )


def _strip(compared: Compared, indicator: IndicatorHistory) -> Strip:
    group, named = compared.peers(indicator.code), {line.school.pk for line in compared.named}
    others = [line for line in compared.others if line.school.pk not in named and not compared.for_school]
    quartiles = group.quartiles if group.count >= GROUP else None
    return Strip(
        label=f"{indicator.code} {indicator.name}",
        named=tuple(_place(line, indicator.code) for line in compared.named),
        others=tuple(place for value in peers(others, indicator.code) if (place := percent_point(value)) is not None),
        median=percent_point(group.median) if compared.tells(group) else None,
        quartiles=tuple(float(percent_point(one) or 0) for one in quartiles) if quartiles else (),
        target=percent_point(indicator.target),
    )


def _place(line: SchoolLine, code: str) -> float | None:
    measured = line.values.get(code)
    if measured is None or measured.value is None or measured.small:
        return None
    return percent_point(measured.value)


def _told(compared: Compared, names: Sequence[str]) -> str:
    """The picture in sentences."""
    sentences = []
    for one in compared.shares:
        values = [
            f"{name} – {value_words(line.values.get(one.code))}"
            for name, line in zip(names, compared.named, strict=True)
        ]
        group = compared.peers(one.code)
        middle = f"; медиана {value_of(group.median, one.kind)}" if group.told_to_schools else ""
        sentences.append(f"{one.code}: {', '.join(values)}{middle}")
    return f"Точки на шкале от 0 до 100 процентов по показателям. {'. '.join(sentences)}."


def headline(compared: Compared) -> str:
    """What the comparison says: how one school stands to the median, or where several differ most."""
    if len(compared.named) == 1:
        return _standing(compared)
    ranges = [
        (max(values) - min(values), one, values)
        for one in compared.shares
        if len(values := peers(compared.named, one.code)) > 1
    ]
    if not ranges:
        return "Сравнение школ"
    _, one, values = max(ranges, key=lambda found: found[0])
    low, high = value_of(min(values), one.kind), value_of(max(values), one.kind)
    return f"Сильнее всего выбранные школы различаются по показателю {one.code}: от {low} до {high}"


def _standing(compared: Compared) -> str:
    """«Школа № 5: выше медианы по 4 показателям из 9, ниже – по 3»."""
    gaps = [gap for one in compared.shares if (gap := gap_of(compared, one)) is not None]
    name = compared.named[0].school.name
    if not gaps:
        return f"{name}: сравнить с медианой нечего"
    above, below = sum(gap > 0 for gap in gaps), sum(gap < 0 for gap in gaps)
    words = plural_form(above, "показателю", "показателям", "показателям")
    return f"{name}: выше медианы по {above} {words} из {len(gaps)}, ниже – по {below}"


def gap_of(compared: Compared, indicator: IndicatorHistory) -> Fraction | None:
    """How far the only named school is from the median of a group of at least two, itself among them."""
    own, group = compared.named[0].values.get(indicator.code), compared.peers(indicator.code)
    if group.median is None or group.count < 2 or not compared.tells(group):
        return None
    if own is None or own.value is None or not own.rankable:
        return None
    return own.value - group.median


def compared_data(
    compared: Compared, names: Sequence[str], *, name: str, title: str, about: Sequence[tuple[str, str]]
) -> DataTable:
    """Indicators × named schools, with the median, the quartiles and how many schools they are of."""
    columns = (
        Column("Код", "code"),
        Column("Показатель", "indicator"),
        *(
            Column(words, f"school_{line.school.code}", number=True)
            for words, line in zip(names, compared.named, strict=True)
        ),
        Column("Медиана", "median", number=True),
        Column("Нижний квартиль", "lower_quartile", number=True),
        Column("Верхний квартиль", "upper_quartile", number=True),
        Column("Школ в сравнении", "schools", number=True),
    )
    rows = tuple(_data_row(compared, one) for one in compared.indicators)
    return DataTable(name, title, columns, rows, tuple(about))


def _data_row(compared: Compared, one: IndicatorHistory) -> tuple[DataCell, ...]:
    group = compared.peers(one.code)
    quartiles = group.quartiles if group.count >= GROUP else None
    scale = one.kind != IndicatorKind.ORG_SHARE
    return (
        DataCell(one.code, one.code),
        DataCell(one.name, one.name),
        *(_own_cell(line, one) for line in compared.named),
        _spread_cell(group.median if scale and group.count else None, one),
        _spread_cell(quartiles[0] if scale and quartiles else None, one),
        _spread_cell(quartiles[1] if scale and quartiles else None, one),
        DataCell(group.count, str(group.count)),
    )


def _own_cell(line: SchoolLine, indicator: IndicatorHistory) -> DataCell:
    measured = line.values.get(indicator.code)
    if indicator.kind == IndicatorKind.ORG_SHARE:
        return DataCell(None, cell_of(measured, own=True).value)
    return data_cell(short_value(measured), indicator, measured.value if measured else None)


def _spread_cell(value: Fraction | None, indicator: IndicatorHistory) -> DataCell:
    return DataCell(None, NO_DATA) if value is None else data_cell(value_of(value, indicator.kind), indicator, value)
