"""Are numbers copied (W-01), computed back from percentages (W-02), or changed beyond belief within a year (W-03)?"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, pairwise

from monitoring.arithmetic import Measured, jumped
from monitoring.catalogue import quoted
from monitoring.detectors.records import Entry, Finding, Series, Spot, newest_last
from monitoring.enums import IndicatorKind
from portal.formats import number, points, relative, round_half_up, search_key, share

LEAST_COPIED = 10  # W-01: a smaller number may well be the same twice
YEARS_COPIED = 2
LEAST_BASE, LEAST_ROWS = 1000, 3  # W-02
BASE_PERCENT, BASE_PEOPLE = 30, 10  # W-03: the bounds of W901, for a base of a municipality


def identical(series: Sequence[Series]) -> list[Finding]:
    """W-01: two series with the same numerators of at least ten people, not their whole base, in two or more years."""
    by_value: dict[tuple[int, int], list[Series]] = defaultdict(list)
    for one in series:
        if one.people:
            for entry in one.entries:
                if entry.count is not None and entry.count >= LEAST_COPIED and entry.count != entry.total:
                    by_value[entry.year, entry.count].append(one)
    years: dict[tuple[str, str], list[int]] = defaultdict(list)
    pairs: dict[tuple[str, str], tuple[Series, Series]] = {}
    for (year, _), alike in by_value.items():
        for one, other in combinations(alike, 2):
            if not _may_be_alike(one, other):
                pairs[one.key, other.key] = one, other
                years[one.key, other.key].append(year)
    found = []
    for key, (one, other) in pairs.items():
        same = sorted(years[key])
        if len(same) < YEARS_COPIED:
            continue
        spots = tuple(Spot(side.key, year) for year in same for side in (one, other))
        lines = tuple(f"{_told(one, year)}; {_fraction(other, year)}." for year in same)
        title = f"Одинаковые числа: {quoted(one.name)} и {quoted(other.name)}"
        found.append(Finding("W-01", title, lines, spots, frozenset(spots)))
    return found


def _may_be_alike(one: Series, other: Series) -> bool:
    """The same thing told twice, or a part and its whole: nothing was copied."""
    if one.elements & other.elements or one.kin & other.elements or other.kin & one.elements:
        return True
    told_twice = bool(one.indicator) and one.indicator == other.indicator
    return told_twice or search_key(one.name) == search_key(other.name)


def _told(one: Series, year: int) -> str:
    entry = one.entry(year)
    return f"{entry.year_words if entry else ''}: {_fraction(one, year)}"


def _fraction(one: Series, year: int) -> str:
    entry = one.entry(year)
    if entry is None or entry.count is None:
        return ""
    return f"{number(entry.count)} из {number(entry.total)}" if entry.total else number(entry.count)


# --- W-02 ------------------------------------------------------------------------------------------------------------


def _floor(value: Fraction) -> int:
    return int(value // 1)


def _half_up(value: Fraction) -> int:
    return int(round_half_up(value))


_WAYS: tuple[tuple[str, Callable[[Fraction], int]], ...] = (
    ("дробная часть отброшена", _floor),
    ("округлено до целого", _half_up),
)


def back_computed(series: Sequence[Series]) -> list[Finding]:
    """W-02: every count on one base of a year is a percentage of it, cut off or rounded in one and the same way.

    Asked only of a base of at least a thousand people and of at least three different rows on it; a row of 0 or
    100 % says nothing. Where no percentage was printed, a whole one is looked for.
    """
    groups: dict[tuple[object, ...], list[tuple[Series, Entry]]] = defaultdict(list)
    for one in series:
        for entry in one.entries:
            if one.people and entry.count and entry.total and entry.total >= LEAST_BASE and _tells(entry):
                groups[one.document, one.base, entry.year, entry.total].append((one, entry))
    found = []
    for rows in groups.values():
        if len({entry.count for _, entry in rows}) < LEAST_ROWS:
            continue
        for words, way in _WAYS:
            parts = [part for _, entry in rows if (part := _percent_behind(entry, way)) is not None]
            if len(parts) == len(rows):
                spots = tuple(one.spot(entry) for one, entry in rows)
                lines = tuple(_product(one, entry, part) for (one, entry), part in zip(rows, parts, strict=True))
                title = f"Числа похожи на вычисленные по процентам, а не посчитанные ({words})"
                found.append(Finding("W-02", title, lines, newest_last(spots), frozenset(spots)))
                break
    return found


def _tells(entry: Entry) -> bool:
    """Whether it is no row of 100 %, by its numbers or by what was printed."""
    return entry.count != entry.total and not (entry.declared and Fraction(entry.declared) in {0, 100})


def _percent_behind(entry: Entry, way: Callable[[Fraction], int]) -> Fraction | None:
    """The percentage of which the count is the rounded product, or None."""
    count, total = entry.count or 0, entry.total or 0
    if entry.declared:
        tried = [Fraction(entry.declared)]
    else:
        tried = [Fraction(count * 100 // total), Fraction(count * 100 // total + 1)]
    return next((one for one in tried if 0 < one < 100 and way(one * total / 100) == count), None)


def _product(one: Series, entry: Entry, part: Fraction) -> str:
    exact = part * (entry.total or 0) / 100
    printed = str(float(part)).removesuffix(".0").replace(".", ",")
    whole = number(int(exact)) if exact.denominator == 1 else _decimal(exact)
    return (
        f"{entry.year_words}, {quoted(one.name)}: {printed}\u00a0% от {number(entry.total or 0)} – {whole},"
        f" записано {number(entry.count or 0)}."
    )


def _decimal(value: Fraction) -> str:
    rounded = round_half_up(value, 2)
    return f"{number(int(rounded))},{f'{rounded:.2f}'.partition('.')[2].rstrip('0') or '0'}"


# --- W-03 ------------------------------------------------------------------------------------------------------------


def jumps(series: Iterable[Series]) -> list[Finding]:
    """W-03: a share that moved by ten points and ten people within a year, or a base by 30 % and ten people."""
    found = []
    for one in series:
        changes = [
            (before, now)
            for before, now in pairwise(one.entries)
            if now.year == before.year + 1 and before.comparable and now.comparable
        ]
        values = [pair for pair in changes if one.people and _value_jumped(*pair)]
        bases = [pair for pair in changes if one.people and _base_jumped(*pair)]
        if values:
            lines = tuple(_value_line(before, now) for before, now in values)
            title = f"{quoted(one.name)}: доля резко изменилась за год"
            found.append(Finding("W-03", title, lines, _both(one, values)))
        if bases:
            lines = tuple(_base_line(before, now) for before, now in bases)
            title = f"{quoted(one.name)}: за год резко изменилось число тех, из кого считают"
            found.append(Finding("W-03", title, lines, _both(one, bases)))
    return found


def _both(one: Series, changes: Iterable[tuple[Entry, Entry]]) -> tuple[Spot, ...]:
    return newest_last(one.spot(entry) for pair in changes for entry in pair)


def _value_jumped(before: Entry, now: Entry) -> bool:
    was, became = _measured(before), _measured(now)
    if was is None or became is None or was.small or became.small or was.value is None or became.value is None:
        return False
    return jumped(became.value - was.value, became)


def _measured(entry: Entry) -> Measured | None:
    if entry.count is None or not entry.total:
        return None
    return Measured(IndicatorKind.SHARE, entry.count, entry.total, 1, 1)


def _base_jumped(before: Entry, now: Entry) -> bool:
    if not before.total or now.total is None:
        return False
    moved = abs(now.total - before.total)
    return moved > BASE_PEOPLE and moved * 100 > BASE_PERCENT * before.total


def _value_line(before: Entry, now: Entry) -> str:
    difference = Fraction(now.count or 0, now.total or 1) - Fraction(before.count or 0, before.total or 1)
    return (
        f"{before.year_words}: {share(before.count, before.total)}{_covered(before)};"
        f" {now.year_words}: {share(now.count, now.total)}{_covered(now)}; разница {points(difference)}"
    )


def _base_line(before: Entry, now: Entry) -> str:
    difference = Fraction((now.total or 0) - (before.total or 0), before.total or 1)
    return (
        f"{before.year_words}: {number(before.total or 0)}{_covered(before)};"
        f" {now.year_words}: {number(now.total or 0)}{_covered(now)} ({relative(difference)})."
    )


def _covered(entry: Entry) -> str:
    return f", {entry.coverage}" if entry.coverage else ""
