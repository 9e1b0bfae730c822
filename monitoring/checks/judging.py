"""Which findings do the cells of one form have, all of them or those that a change of some cells can touch?"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

from monitoring.checks.patterns import identical, mostly_round
from monitoring.checks.records import EMPTY_CELL, NO_REASON, Cell, Finding, FormContext, Rule
from monitoring.checks.relations import relation
from monitoring.checks.shares import above_target, outliers
from monitoring.checks.years import flips, jumps, repeated_sections
from monitoring.enums import CellState, CheckKind, Severity

Judge = Callable[[Rule, Mapping[str, Cell], FormContext, frozenset[str] | None], Iterable[Finding]]

_JUDGES: dict[CheckKind, Judge] = {
    CheckKind.RELATION: relation,
    CheckKind.YEAR_ON_YEAR: jumps,
    CheckKind.ZERO_FLIP: flips,
    CheckKind.SAME_AS_LAST_YEAR: repeated_sections,
    CheckKind.IDENTICAL: identical,
    CheckKind.ROUND: mostly_round,
    CheckKind.OUTLIER: outliers,
    CheckKind.ABOVE_TARGET: above_target,
}
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.HINT: 2}
_EMPTY = "Строка не заполнена. Введите число (ноль – тоже число) или отметьте «нет данных» и назовите причину."
_NO_REASON = "Отмечено «нет данных», но причина не названа. Назовите её."


def find_for(
    cells: Mapping[str, Cell], context: FormContext, *, touching: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Everything the rules say of the form's own cells, errors first, the narrowest rule first on each cell.

    `cells` are the rows that the form asks; a code that is absent was not asked. With `touching`, only what depends on
    one of these cells: no other finding can change when they do. A finding that speaks of another form's cells alone
    belongs to that form.
    """
    found = list(_states(cells if touching is None else {code: cells[code] for code in touching if code in cells}))
    everything = {**context.other, **cells}
    touching = None if touching is None else frozenset(touching)
    rules = context.rules if touching is None else _touched(context.rules, touching)
    flipped: set[str] = set()
    large: set[str] = set()
    for rule in rules:
        for one in _JUDGES[rule.kind](rule, everything, context, touching):
            if not any(code in cells for code in one.cells):
                continue
            found.append(one)
            if rule.kind == CheckKind.ZERO_FLIP:
                flipped.add(one.element)
            elif rule.kind == CheckKind.YEAR_ON_YEAR:
                large.add(rule.code)
    if flipped:  # «было 81, стало 0» is asked once, not once more as a large change
        found = [one for one in found if one.code not in large or one.element not in flipped]
    return tuple(sorted(found, key=lambda one: (_ORDER[one.severity], one.code == EMPTY_CELL, one.width)))


@lru_cache(maxsize=256)
def _touched(rules: tuple[Rule, ...], codes: frozenset[str]) -> tuple[Rule, ...]:
    """Without the relations that none of these cells stands in: a file changes the same cells in thousands of forms."""
    return tuple(
        rule
        for rule in rules
        if rule.kind != CheckKind.RELATION or not (codes.isdisjoint(rule.left) and codes.isdisjoint(rule.right))
    )


def open_rules(cells: Mapping[str, Cell], context: FormContext) -> tuple[Rule, ...]:
    """Relations that stay open because a term of theirs is «нет данных»; listed, never silently passed."""
    everything = {**context.other, **cells}
    return tuple(
        rule
        for rule in context.rules
        if rule.kind == CheckKind.RELATION
        and any(code in cells for code in (*rule.left, *rule.right))
        and any(
            code in everything and everything[code].state == CellState.NO_DATA for code in (*rule.left, *rule.right)
        )
    )


def _states(cells: Mapping[str, Cell]) -> Iterable[Finding]:
    """Cells that wait for an answer, and «нет данных» without a reason, however it came in."""
    for code, cell in cells.items():
        if cell.state == CellState.EMPTY:
            yield Finding(EMPTY_CELL, Severity.ERROR, _EMPTY, (code,), "", code)
        elif cell.state == CellState.NO_DATA and not cell.reason.strip():
            yield Finding(NO_REASON, Severity.ERROR, _NO_REASON, (code,), "", code)
