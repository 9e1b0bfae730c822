"""The heat map of schools and indicators: what stands in each cell, how it is toned, in which order schools come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import partial

from monitoring.arithmetic import JUMP_POINTS, NOTICEABLE, Measured, change
from monitoring.enums import IndicatorKind
from monitoring.queries.results.overview import Group, IndicatorHistory, SchoolLine, median_of, peers, school_lines
from monitoring.queries.results.pinned import Version
from portal.formats import round_half_up
from portal.models import Municipality, School

COLUMNS = 15  # more do not fit a look (ux C2, screen 6)
STEPS = 5


class View(StrEnum):
    """What the numbers of the map are."""

    VALUE = "value"
    CHANGE = "change"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One school and indicator. `shown` is what the view asks: a ratio for shares, a number for counts, or None.

    `tone` is how the cell looks: step-1…step-5, less-2…more-2, «few» (too small a base), «missing» or «outside».
    """

    measured: Measured | None
    shown: Fraction | None
    tone: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    school: School
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Schools in the asked order × indicators. `medians` are of the shown schools that may be compared."""

    view: View
    indicators: tuple[IndicatorHistory, ...]
    rows: tuple[HeatRow, ...]
    medians: tuple[Fraction | None, ...]


def heat_groups(groups: Iterable[Group], view: View) -> tuple[Group, ...]:
    """Groups of indicators that somebody was asked for, in parts of at most fifteen: «support», «support-2».

    What a school has or has not is no scale, so it has no deviation from a median.
    """
    parts: list[Group] = []
    for group in groups:
        shown = [one for one in group.indicators if one.now and one.now.expected]
        if view == View.GAP:
            shown = [one for one in shown if one.kind != IndicatorKind.ORG_SHARE]
        count = -(-len(shown) // COLUMNS)
        size = -(-len(shown) // count) if count else 0
        for place in range(count):
            title, code = group.title, group.code
            if count > 1:
                title = f"{title}, часть {place + 1}"
            if place:
                code = f"{code}-{place + 1}"
            parts.append(Group(title, tuple(shown[place * size : (place + 1) * size]), code))
    return tuple(parts)


def heat(
    municipality: Municipality,
    year: int,
    indicators: Sequence[IndicatorHistory],
    *,
    view: View = View.VALUE,
    preliminary: bool = False,
    version: Version | None = None,
    kind: str = "",
    locality: str = "",
    order: str = "name",
) -> HeatMap:
    """All schools of the year's frozen lists that match; two queries, four for the change against the year before."""
    codes = tuple(one.code for one in indicators)
    lines_of = partial(school_lines, municipality, preliminary=preliminary, version=version, codes=codes)
    lines = lines_of(year)
    before: dict[int, dict[str, Measured]] = {}
    if view == View.CHANGE:
        before = {line.school.pk: line.values for line in lines_of(year - 1)}
    medians = _medians_of_kinds(lines, indicators) if view == View.GAP else {}
    shown = [line for line in lines if kind in {"", line.school.kind} and locality in {"", line.school.locality}]
    columns = [
        [_shown(view, line, one, before.get(line.school.pk, {}), medians) for line in shown] for one in indicators
    ]
    tones = [
        [
            _tone(view, line.values.get(one.code), value, _most(values))
            for line, value in zip(shown, values, strict=True)
        ]
        for one, values in zip(indicators, columns, strict=True)
    ]
    rows = [
        HeatRow(
            line.school,
            tuple(
                HeatCell(line.values.get(one.code), columns[i][place], tones[i][place])
                for i, one in enumerate(indicators)
            ),
        )
        for place, line in enumerate(shown)
    ]
    middle = tuple(median_of(shown, code) if view == View.VALUE else None for code in codes)
    return HeatMap(view, tuple(indicators), tuple(_ordered(rows, codes, order)), middle)


def _medians_of_kinds(
    lines: Sequence[SchoolLine], indicators: Iterable[IndicatorHistory]
) -> dict[tuple[str, str], Fraction | None]:
    """The median of each kind of school, by (kind, code); none where only one school can be compared."""
    kinds = {line.school.kind for line in lines}
    return {
        (kind, one.code): median_of([line for line in lines if line.school.kind == kind], one.code)
        if len(peers(lines, one.code, kind)) > 1
        else None
        for kind in kinds
        for one in indicators
    }


def _shown(
    view: View,
    line: SchoolLine,
    indicator: IndicatorHistory,
    before: dict[str, Measured],
    medians: dict[tuple[str, str], Fraction | None],
) -> Fraction | None:
    now = line.values.get(indicator.code)
    if now is None or now.value is None:
        return None
    if view == View.VALUE:
        return now.value
    if view == View.CHANGE:
        past = before.get(indicator.code)
        changed_meaning = len(indicator.points) - 1 in indicator.breaks
        return None if changed_meaning or now.small or (past is not None and past.small) else change(now, past)
    middle = medians.get((line.school.kind, indicator.code))
    return now.value - middle if middle is not None and now.rankable else None


def _most(values: Iterable[Fraction | None]) -> Fraction:
    """The greatest distance from zero in a column."""
    return max((abs(value) for value in values if value is not None), default=Fraction(0))


def _tone(view: View, now: Measured | None, shown: Fraction | None, most: Fraction) -> str:
    """How a cell looks; shares keep one scale in every column, counts are measured by the greatest of theirs."""
    if now is None or not now.expected:
        return "outside"
    if now.value is None:
        return "missing"
    if now.small or (shown is None and view == View.GAP and not now.rankable):
        return "few"
    if shown is None:
        return "missing"
    if view == View.VALUE:
        part = shown / most if now.is_count and most else shown
        return f"step-{min(STEPS, int(round_half_up(part * 100, 1)) * STEPS // 100 + 1)}"
    return _leaning(shown, most, is_count=now.is_count)


def _leaning(shown: Fraction, most: Fraction, *, is_count: bool) -> str:
    """Which way a difference goes, and whether far: ten points, or half of the greatest difference of counts."""
    size = abs(shown) if is_count else Fraction(round_half_up(abs(shown) * 100, 1))
    if size < NOTICEABLE:
        return "even"
    far = size * 2 >= most if is_count else size >= JUMP_POINTS
    return f"{'more' if shown > 0 else 'less'}-{2 if far else 1}"


def _ordered(rows: Iterable[HeatRow], codes: Sequence[str], order: str) -> list[HeatRow]:
    """By name, or by what a column shows: «4.1» from the highest, «-4.1» from the lowest; those without it last."""
    by_name = sorted(rows, key=lambda row: row.school.sort_key)
    code, backwards = order.removeprefix("-"), order.startswith("-")
    if code not in codes:
        return by_name[::-1] if order == "-name" else by_name
    place = codes.index(code)
    known = [row for row in by_name if row.cells[place].shown is not None]
    known.sort(key=lambda row: row.cells[place].shown or 0, reverse=not backwards)
    return known + [row for row in by_name if row.cells[place].shown is None]
