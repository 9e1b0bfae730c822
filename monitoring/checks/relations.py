"""Does Σ left OP Σ right hold between the numbers of a school?"""

from collections.abc import Iterable, Mapping

from monitoring.checks.records import Cell, Finding, FormContext, Rule
from monitoring.enums import CellState, Severity
from portal.formats import number


def relation(
    rule: Rule, cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterable[Finding]:
    if (left := total(rule.left, cells)) is None or (right := total(rule.right, cells)) is None:
        return ()
    if left == right if rule.op == "=" else left <= right:
        return ()
    applicable = tuple(code for code in (*rule.left, *rule.right) if cells[code].state == CellState.NUMBER)
    if not applicable:
        return ()
    return (
        Finding(
            code=rule.code,
            severity=rule.severity,
            sentence=_sentence(rule, left, right),
            cells=applicable,
            numbers=f"{left}/{right}",
            width=right,
        ),
    )


def total(codes: Iterable[str], cells: Mapping[str, Cell]) -> int | None:
    """The sum of some cells: inapplicable terms are 0; a term without a number leaves it unknown."""
    found = 0
    for code in codes:
        cell = cells.get(code)
        if cell is None or (cell.number is None and cell.state != CellState.INAPPLICABLE):
            return None
        found += cell.number or 0
    return found


def _sentence(rule: Rule, left: int, right: int) -> str:
    if rule.op == "=":
        gap = f"не хватает {number(right - left)}" if left < right else f"лишних {number(left - right)}"
        return f"{rule.message}: сумма – {number(left)}, всего – {number(right)}, {gap}. Исправьте одно из чисел."
    what = "Исправьте одно из чисел." if rule.severity == Severity.ERROR else "Если это верно, поясните причину."
    return f"{rule.message}: указано {number(left)}, а сравнивается с числом {number(right)}. {what}"
