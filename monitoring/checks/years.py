"""Do the numbers differ too much from last year's, or not at all?"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from monitoring.catalogue import quoted
from monitoring.checks.records import Cell, Finding, FormContext, Rule
from portal.formats import number, plural, signed

FEWEST_REPEATED = 5  # numbers of a section; fewer may well be the same two years running
EXPLAIN = "Если это верно, поясните причину."
_WIDEST = 10**8  # a finding about a section or a form stands after those about its rows


def jumps(
    rule: Rule, cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterable[Finding]:
    """Changes that pass both bounds: more than `percent` of last year's number and more than `people`."""
    for code, before, now in _both_years(cells, context, touching):
        gap = now - before
        if abs(gap) > rule.people and abs(gap) * 100 > rule.percent * before:
            sentence = (
                f"Было {number(before)}, стало {number(now)} ({signed(gap)}): изменение больше"
                f" {rule.percent}\u00a0% и больше {plural(rule.people, 'единицы', 'единиц', 'единиц')}. {EXPLAIN}"
            )
            yield Finding(rule.code, rule.severity, sentence, (code,), f"{before}/{now}", code, now)


def flips(
    rule: Rule, cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterable[Finding]:
    """A number of at least `people` that became zero, or grew out of it."""
    for code, before, now in _both_years(cells, context, touching):
        if (before == 0) == (now == 0) or max(before, now) < rule.people:
            continue
        missed = " Проверьте, не пропущено ли число." if now == 0 else ""
        sentence = f"В прошлом году было {number(before)}, в этом – {number(now)}.{missed} {EXPLAIN}"
        yield Finding(rule.code, rule.severity, sentence, (code,), f"{before}/{now}", code, now)


def repeated_sections(
    rule: Rule, cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterable[Finding]:
    """Sections in which at least `percent` of the numbers are last year's; those under `people` in both years aside."""
    wanted = None if touching is None else {context.lines[code].section for code in touching if code in context.lines}
    sections: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for code, before, now in _both_years(cells, context, None):
        line = context.lines.get(code)
        if line and (wanted is None or line.section in wanted) and max(before, now) >= rule.people:
            sections[line.section].append((code, before == now))
    for compared in sections.values():
        same = [code for code, equal in compared if equal]
        if len(same) < FEWEST_REPEATED or len(same) * 100 < rule.percent * len(compared):
            continue
        title = context.lines[same[0]].section_title
        sentence = (
            f"В разделе {quoted(title)} совпадают с прошлым годом {number(len(same))} из {number(len(compared))} чисел."
            f" Проверьте, не перенесены ли прошлогодние. {EXPLAIN}"
        )
        first, numbers = compared[0][0], f"{len(same)}/{len(compared)}"
        yield Finding(rule.code, rule.severity, sentence, tuple(same), numbers, first, _WIDEST, broad=True)


def _both_years(
    cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterator[tuple[str, int, int]]:
    """(code, last year's number, this year's) of the cells that have both."""
    for code in context.last_year if touching is None else context.last_year.keys() & touching:
        cell = cells.get(code)
        if cell is not None and cell.number is not None:
            yield code, context.last_year[code], cell.number
