"""What is wrong with the numbers of one form: the same rules in the page, at sending and in the import."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitoring.enums import CellState, CheckKind, Severity
from monitoring.models import Check
from portal.formats import number, plural, signed

EMPTY_CELL = "E001"


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds; `number` is set only where the state is NUMBER."""

    state: CellState
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong or unusual: its permanent code, both numbers, the cells it touches, and a sentence.

    `element` is set where a rule speaks of one cell (a change against last year, an empty cell). `numbers` is what an
    explanation was given for: when they change, it no longer holds.
    """

    code: str
    severity: Severity
    sentence: str
    cells: tuple[str, ...]
    numbers: str
    element: str = ""
    width: int = 0  # of the whole it compares with; of several on one cell the narrowest comes first

    @property
    def key(self) -> str:
        return f"{self.code}:{self.element}"


def find(
    rules: Iterable[Check], cells: Mapping[str, Cell], last_year: Mapping[str, int], *, year: int
) -> tuple[Finding, ...]:
    """Everything the rules say of these cells, errors first, the narrowest rule first on each cell.

    `cells` are the form's own applicable and inapplicable cells and, for rules over two forms, those of the other
    form; a code that is absent was not asked. `last_year` are accepted numbers of the year before, by this year's code.
    """
    found: list[Finding] = [_empty(code) for code, cell in cells.items() if cell.state == CellState.EMPTY]
    for rule in rules:
        if not _in_force(rule, year):
            continue
        if rule.kind == CheckKind.YEAR_ON_YEAR:
            found.extend(_jumps(rule, cells, last_year))
        elif finding := _relation(rule, cells):
            found.append(finding)
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.HINT: 2}
    return tuple(sorted(found, key=lambda one: (order[one.severity], one.code == EMPTY_CELL, one.width)))


def not_evaluated(rules: Iterable[Check], cells: Mapping[str, Cell], *, year: int) -> tuple[Check, ...]:
    """Relations that stay open because a term of theirs is «нет данных»; listed, never silently passed."""
    return tuple(
        rule
        for rule in rules
        if rule.kind == CheckKind.RELATION
        and _in_force(rule, year)
        and any(code in cells and cells[code].state == CellState.NO_DATA for code in (*rule.left, *rule.right))
    )


def _in_force(rule: Check, year: int) -> bool:
    return (rule.since is None or rule.since <= year) and (rule.until is None or year <= rule.until)


def _empty(code: str) -> Finding:
    sentence = "Строка не заполнена. Введите число (ноль – тоже число) или отметьте «нет данных» и назовите причину."
    return Finding(EMPTY_CELL, Severity.ERROR, sentence, (code,), "", code)


def _side(codes: Iterable[str], cells: Mapping[str, Cell]) -> int | None:
    """The sum of one side: inapplicable terms are 0; a term without a number leaves it unknown."""
    total = 0
    for code in codes:
        cell = cells.get(code)
        if cell is None or cell.state in {CellState.NO_DATA, CellState.EMPTY}:
            return None
        total += cell.number or 0
    return total


def _relation(rule: Check, cells: Mapping[str, Cell]) -> Finding | None:
    left, right = _side(rule.left, cells), _side(rule.right, cells)
    if left is None or right is None or (left == right if rule.op == "=" else left <= right):
        return None
    applicable = tuple(code for code in (*rule.left, *rule.right) if cells[code].state == CellState.NUMBER)
    if not applicable:
        return None
    return Finding(
        code=rule.code,
        severity=Severity(rule.severity),
        sentence=_relation_sentence(rule, left, right),
        cells=applicable,
        numbers=f"{left}/{right}",
        width=right,
    )


def _relation_sentence(rule: Check, left: int, right: int) -> str:
    if rule.op == "=":
        gap = f"не хватает {number(right - left)}" if left < right else f"лишних {number(left - right)}"
        return f"{rule.message}: сумма – {number(left)}, всего – {number(right)}, {gap}. Исправьте одно из чисел."
    what = "Исправьте одно из чисел." if rule.severity == Severity.ERROR else "Если это верно, поясните причину."
    return f"{rule.message}: указано {number(left)}, а сравнивается с числом {number(right)}. {what}"


def _jumps(rule: Check, cells: Mapping[str, Cell], last_year: Mapping[str, int]) -> Iterable[Finding]:
    """Changes that pass both bounds: more than `percent` of last year's number and more than `people`."""
    for code, before in last_year.items():
        cell = cells.get(code)
        if cell is None or cell.number is None:
            continue
        gap = cell.number - before
        if abs(gap) > (rule.people or 0) and abs(gap) * 100 > (rule.percent or 0) * before:
            sentence = (
                f"Было {number(before)}, стало {number(cell.number)} ({signed(gap)}): изменение больше"
                f" {rule.percent}\u00a0% и больше {plural(rule.people or 0, 'единицы', 'единиц', 'единиц')}."
                " Если это верно, поясните причину."
            )
            yield Finding(
                rule.code, Severity(rule.severity), sentence, (code,), f"{before}/{cell.number}", code, cell.number
            )
