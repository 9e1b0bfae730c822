"""Is one population one number a year (E-03), no smaller than its parts (E-01) and equal to their sum (E-02)?

And are the grades those of the title and of the indicator (W-05), the same from year to year (W-06)?
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from monitoring.catalogue import grades_label, quoted
from monitoring.detectors.records import Entry, Finding, Population, Series, Spot, newest_last
from monitoring.enums import BaseOf
from portal.formats import number, school_year_short, share

# Of whom a smaller base may be a part: every graduate and every pupil with disability is a pupil of the same grades.
PARTS_OF: dict[str, frozenset[str]] = {
    BaseOf.PUPILS: frozenset({BaseOf.PUPILS, BaseOf.GRADUATES, BaseOf.DISABLED}),
    BaseOf.GRADUATES: frozenset({BaseOf.GRADUATES}),
    BaseOf.DISABLED: frozenset({BaseOf.DISABLED}),
    BaseOf.PARENTS: frozenset({BaseOf.PARENTS}),
}
EVENING = 12  # the grade of evening classes: printed tables leave it out, so it makes no difference of scope

_SPAN = re.compile(r"([0-9]{1,2})\s*[-\u2013\u2014]\s*([0-9]{1,2})(?:-?[хй]х?)?\s*кл", re.IGNORECASE)
_PAIR = re.compile(r"([0-9]{1,2})(?:-?[хй]х?)?\s*(?:,|и)\s*([0-9]{1,2})(?:-?[хй]х?)?\s*кл", re.IGNORECASE)
_ONE = re.compile(r"([0-9]{1,2})(?:-?[хй]х?)?\s*кл", re.IGNORECASE)

Sizes = Mapping[Population, Mapping[int, Mapping[int, list[tuple[Series, Entry]]]]]  # population → year → size → whose
Part = tuple[Population, int]


def sizes_of(series: Iterable[Series]) -> Sizes:
    """Every stated size of every population, with the values that stand on it."""
    sizes: dict[Population, dict[int, dict[int, list[tuple[Series, Entry]]]]] = {}
    for one in series:
        if one.base is None or one.base.of == BaseOf.OTHER:
            continue
        years = sizes.setdefault(one.base, {})
        for entry in one.entries:
            if entry.total is not None:
                years.setdefault(entry.year, {}).setdefault(entry.total, []).append((one, entry))
    return sizes


def two_sizes(series: Sequence[Series]) -> list[Finding]:
    """E-03: the same people of the same grades are counted differently in two tables of a year."""
    found = []
    for base, years in sizes_of(series).items():
        lines: list[str] = []
        spots: list[Spot] = []
        for year, sizes in sorted(years.items()):
            if len(sizes) < 2:
                continue
            lines.append(f"{school_year_short(year)}: {' и '.join(number(size) for size in sorted(sizes))}.")
            for size, whose in sorted(sizes.items()):
                others = [other for other in sorted(sizes) if other != size]
                lines.extend(_by_other_bases(one, entry, others) for one, entry in whose)
                spots.extend(one.spot(entry) for one, entry in whose)
        if lines:
            title = f"Одни и те же люди, разная численность: {base.words}"
            found.append(Finding("E-03", title, tuple(lines), newest_last(spots), frozenset(spots)))
    return found


def _by_other_bases(one: Series, entry: Entry, others: Sequence[int]) -> str:
    told = f"{quoted(one.name)}: {share(entry.count, entry.total)}"
    if entry.count is None:
        return f"{quoted(one.name)}: указано {number(entry.total or 0)}."
    wholes = [share(entry.count, other) for other in others if other >= entry.count]
    return f"{told}{', а с другой численностью ' if wholes else ''}{', '.join(wholes)}."


def smaller_than_parts(series: Sequence[Series]) -> list[Finding]:
    """E-01: there are fewer people than in the parts of which they consist."""
    sizes, found = sizes_of(series), []
    for base, years in sizes.items():
        if not base.grades or base.of not in PARTS_OF:
            continue
        lines: list[str] = []
        spots: list[Spot] = []
        for year, stated in sorted(years.items()):
            parts = _parts(sizes, base, year)
            least = max(_unions(parts).values(), key=_sum)
            whole = _exact_partition(base, parts)
            if whole is not None and _sum(whole) >= _sum(least):  # E-02 speaks of it
                continue
            for size, whose in sorted(stated.items()):
                if size < _sum(least):
                    lines.append(
                        f"{school_year_short(year)}: указано {number(size)}, а должно быть не меньше"
                        f" {number(_sum(least))} ({_listed(least)}).{_taken_for(base, size, sizes, year)}"
                    )
                    spots.extend(one.spot(entry) for one, entry in whose)
        if lines:
            title = f"Численность меньше суммы своих частей: {base.words}"
            found.append(Finding("E-01", title, tuple(lines), newest_last(spots), frozenset(spots)))
    return found


def _taken_for(base: Population, size: int, sizes: Sizes, year: int) -> str:
    """Whose number it is in fact: the graduates of these grades, counted as if they were all pupils."""
    if base.of != BaseOf.PUPILS:
        return ""
    graduates = [
        part for part in _parts(sizes, base, year) if part[0].of == BaseOf.GRADUATES and len(part[0].grades) == 1
    ]
    for some in _unions(graduates).values():
        if some and _sum(some) == size:
            return f" Ровно столько было выпускников: {_listed(some)}. Похоже, вместо обучающихся указаны выпускники."
    return ""


def sums_of_parts(series: Sequence[Series]) -> list[Finding]:
    """E-02: the parts of a population, grade by grade, do not add up to the whole that another table states."""
    sizes, found = sizes_of(series), []
    for base, years in sizes.items():
        lines: list[str] = []
        spots: list[Spot] = []
        for year, stated in sorted(years.items()):
            whole = _exact_partition(base, _parts(sizes, base, year))
            if whole is None:
                continue
            for size, whose in sorted(stated.items()):
                lines.append(_against_parts(year, size, whole, whose))
                if size != _sum(whole):
                    spots.extend(one.spot(entry) for one, entry in whose)
        if spots:
            title = f"Сумма частей не равна целому: {base.words}"
            found.append(Finding("E-02", title, tuple(lines), newest_last(spots), frozenset(spots)))
    return found


def _against_parts(year: int, size: int, parts: Sequence[Part], whose: Iterable[tuple[Series, Entry]]) -> str:
    same = size == _sum(parts)
    told = f"{school_year_short(year)}: указано {number(size)}, по частям " + (
        f"столько же ({_listed(parts)})." if same else f"{number(_sum(parts))} ({_listed(parts)})."
    )
    shares = [
        f"{quoted(one.name)} – {share(entry.count, _sum(parts))}"
        for one, entry in whose
        if entry.count is not None and entry.count <= _sum(parts)
    ]
    return f"{told} Доля от суммы частей: {'; '.join(shares)}." if shares else told


def _parts(sizes: Sizes, base: Population, year: int) -> list[Part]:
    """Populations of the year that lie inside the base and are not it; of several sizes the smallest."""
    return [
        (part, min(years[year]))
        for part, years in sizes.items()
        if year in years
        and part != base
        and part.grades
        and part.of in PARTS_OF.get(base.of, ())
        and set(part.grades) <= set(base.grades)
        and (part.of != base.of or part.grades != base.grades)
    ]


def _unions(parts: Iterable[Part]) -> dict[frozenset[int], tuple[Part, ...]]:
    """Every union of parts without a common grade: its grades → the choice that holds most people.

    Grades are twelve, so the unions are few however many tables there are.
    """
    best: dict[frozenset[int], tuple[Part, ...]] = {frozenset(): ()}
    for part in parts:
        own = frozenset(part[0].grades)
        for grades, chosen in list(best.items()):
            longer = (*chosen, part)
            if not grades & own and _sum(longer) > _sum(best.get(grades | own, ())):
                best[grades | own] = longer
    return best


def _exact_partition(base: Population, parts: Sequence[Part]) -> tuple[Part, ...] | None:
    """Parts of the same sort that together have exactly the grades of the base; none where its grades are not known."""
    if not base.grades:
        return None
    own = [part for part in parts if part[0].of == base.of]
    return _unions(own).get(frozenset(base.grades))


def _sum(parts: Iterable[Part]) -> int:
    return sum(size for _, size in parts)


def _listed(parts: Iterable[Part]) -> str:
    ordered = sorted(parts, key=lambda part: part[0].grades)
    return ", ".join(f"{part.words} – {number(size)}" for part, size in ordered)


# --- whose grades ----------------------------------------------------------------------------------------------------


def other_grades(series: Iterable[Series]) -> list[Finding]:
    """W-05: the base is of other grades than the title names, or than the definition of the indicator."""
    found = []
    for one in series:
        grades = one.base.grades if one.base else ()
        if not grades or not one.entries:
            continue
        lines = []
        named = grades_in(one.name)
        if named and _without_evening(named) != _without_evening(grades):
            lines.append(f"В названии – {grades_label(named)}, посчитано по группе: {grades_label(grades)}.")
        if one.defined and _without_evening(one.defined) != _without_evening(grades):
            lines.append(
                f"По определению показателя {one.indicator} – {grades_label(one.defined)},"
                f" посчитано по группе: {grades_label(grades)}."
            )
        if lines:
            spots = tuple(one.spot(entry) for entry in one.entries)
            title = f"{quoted(one.name)}: не те классы, сравнивать нельзя"
            found.append(Finding("W-05", title, tuple(lines), spots, frozenset(spots)))
    return found


def grades_in(title: str) -> tuple[int, ...]:
    """The grades that a title names: «5-9 классы», «9 и 11 классов», «9 классов»; nothing where it names several."""
    for pattern in (_SPAN, _PAIR, _ONE):
        told = pattern.findall(title)
        if len(told) > 1:
            return ()
        if told:
            first, last = (told[0], told[0]) if isinstance(told[0], str) else told[0]
            if pattern is _SPAN:
                return tuple(range(int(first), int(last) + 1))
            return tuple(sorted({int(first), int(last)}))
    return ()


def _without_evening(grades: Iterable[int]) -> set[int]:
    return set(grades) - {EVENING}


def changed_scope(series: Iterable[Series]) -> list[Finding]:
    """W-06: what one series counts is defined otherwise in another year, or was not defined at all."""
    chains: dict[str, list[Series]] = defaultdict(list)
    found = []
    for one in series:
        if one.chain:
            chains[one.chain].append(one)
        if outside := _out_of_force(one):
            found.append(outside)
    return [*found, *filter(None, map(_broken, chains.values()))]


def _out_of_force(one: Series) -> Finding | None:
    outside = [
        entry
        for entry in one.entries
        if (one.since and entry.year < one.since) or (one.until and one.until < entry.year)
    ]
    if not outside:
        return None
    spots = tuple(one.spot(entry) for entry in outside)
    years = ", ".join(entry.year_words for entry in outside)
    line = f"Показатель {one.indicator} в эти годы не действовал: {years}."
    title = f"{quoted(one.name)}: показатель определён для других лет"
    return Finding("W-06", title, (line,), spots, frozenset(spots))


def _broken(chain: Sequence[Series]) -> Finding | None:
    """Neighbouring years of a chain that do not count the same."""
    years = sorted(((entry.year, one) for one in chain for entry in one.entries), key=lambda pair: pair[0])
    breaks = [
        (before, after)
        for before, after in pairwise(years)
        if before[0] != after[0] and before[1].scope != after[1].scope
    ]
    if not breaks:
        return None
    lines = tuple(
        f"{school_year_short(then)}: {was.scope}; {school_year_short(now)}: {became.scope}."
        for (then, was), (now, became) in breaks
    )
    spots = newest_last(Spot(one.key, year) for pair in breaks for year, one in pair)
    title = f"{quoted(breaks[-1][1][1].name)}: изменилось то, что считают, годы не сравнимы"
    return Finding("W-06", title, lines, spots)
