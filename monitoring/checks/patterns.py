"""Do the numbers of a form look copied from one row to another, or rounded?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from monitoring.catalogue import quoted
from monitoring.checks.records import Cell, Finding, FormContext, Rule, Share
from monitoring.checks.relations import total
from monitoring.checks.years import EXPLAIN
from portal.formats import number

FEWEST_LARGE = 10  # cells of a form whose roundness is judged
_WIDEST = 10**9


def identical(
    rule: Rule, cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterable[Finding]:
    """Rows with the same number of at least `people` this year and the same last year.

    Only numerators of shares: two grades may well have as many pupils. A number that equals the base of its share
    («все обучающиеся») says nothing, and a part that equals its whole is right.
    """
    if not context.last_year:
        return
    if touching is not None and all(touching.isdisjoint(share.codes) for share in context.shares):
        return
    bases = _bases(context.shares)
    alike: dict[tuple[int, int], list[str]] = defaultdict(list)
    for code in context.lines:
        cell, before = cells.get(code), context.last_year.get(code)
        if code not in bases or cell is None or cell.number is None or before is None:
            continue
        if min(cell.number, before) >= rule.people:
            alike[before, cell.number].append(code)
    for (before, now), group in alike.items():
        if len(group) < 2:
            continue
        free = [code for code in group if not _is_base(bases[code], before, now, cells, context)]
        for place, code in enumerate(free):
            twins = [one for one in free[:place] if not {(one, code), (code, one)} & context.related]
            if twins:
                rows = "строке " if len(twins) == 1 else "строках "
                rows += ", ".join(quoted(context.lines[one].name) for one in twins)
                sentence = (
                    f"Числа те же, что в {rows}: {number(before)} в прошлом году и {number(now)} в этом."
                    f" Проверьте, не перенесены ли они. {EXPLAIN}"
                )
                yield Finding(rule.code, rule.severity, sentence, (*twins, code), f"{before}/{now}", code, now)


@lru_cache(maxsize=64)
def _bases(shares: tuple[Share, ...]) -> dict[str, list[Share]]:
    """By the code of a numerator: the shares that it is a part of."""
    bases: dict[str, list[Share]] = defaultdict(list)
    for share in shares:
        for code in share.numerator:
            bases[code].append(share)
    return dict(bases)


def _is_base(shares: Iterable[Share], before: int, now: int, cells: Mapping[str, Cell], context: FormContext) -> bool:
    """Whether the number is the whole base of one of its shares, in either year."""
    for share in shares:
        if total(share.denominator, cells) == now:
            return True
        base = [context.last_year[code] for code in share.denominator if code in context.last_year]
        if base and sum(base) == before:
            return True
    return False


def mostly_round(
    rule: Rule, cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterable[Finding]:
    """More than `percent` of the numbers of at least `people` are multiples of ten."""
    if touching is not None and not any(code in context.lines for code in touching):
        return
    large = [
        (code, cell.number)
        for code in context.lines
        if (cell := cells.get(code)) is not None and cell.number is not None and cell.number >= rule.people
    ]
    even = tuple(code for code, count in large if count % 10 == 0)
    if len(large) < FEWEST_LARGE or len(even) * 100 <= rule.percent * len(large):
        return
    sentence = (
        f"Почти все числа формы круглые: {number(len(even))} из {number(len(large))} делятся на 10."
        f" Проверьте, не округлены ли они. {EXPLAIN}"
    )
    yield Finding(rule.code, rule.severity, sentence, even, f"{len(even)}/{len(large)}", "", _WIDEST, broad=True)
