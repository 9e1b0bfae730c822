"""What a file would change: each number read from it beside what the forms hold now, for all schools at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from monitoring.checks import EMPTY_CELL, Cell
from monitoring.enums import CellState, FormState, ImportKind, Severity
from monitoring.models import Campaign, Submission, Value
from monitoring.queries.findings import facts_of_campaign, find_for
from monitoring.workflow import EDITABLE

# Why the department's file does not touch a form; the school's own workbook gets the sentence of monitoring/workflow.
_LOCKED: dict[FormState, str] = {
    FormState.SENT: "форма отправлена. Верните её на доработку",
    FormState.UNDER_REVIEW: "форма на проверке. Верните её на доработку",
    FormState.ACCEPTED: "форма принята. Попросите руководителя открыть её для корректировки",
}
NOT_APPLICABLE = "Эта строка к школе не относится. Оставьте ячейку пустой."
CLOSED = "Сбор данных завершён, числа больше не меняются."


class Held(NamedTuple):
    """What a cell holds, and its version (0: it was never filled)."""

    state: str = CellState.EMPTY
    number: int | None = None
    reason: str = ""
    version: int = 0

    @property
    def content(self) -> tuple[str, int | None, str]:
        return self.state, self.number, self.reason


class Incoming(NamedTuple):
    """One cell of a file. `base` is what our own workbook held when it was made; a table has none."""

    submission: int
    code: str
    state: str
    number: int | None
    reason: str
    where: str
    base: Held | None = None

    @property
    def content(self) -> tuple[str, int | None, str]:
        return self.state, self.number, self.reason


class Difference(NamedTuple):
    """A cell that the file changes, from what to what; a draft stores it as a list of these seven."""

    submission: int
    code: str
    state: str
    number: int | None
    reason: str
    before: Held
    where: str


class Fault(NamedTuple):
    """A place of the file that keeps it from being taken, and the sentence about it."""

    where: str
    school: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a file: cells, what is wrong with it, and what its person should know."""

    cells: list[Incoming]
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a file would change. `conflicts` are cells that somebody changed after the workbook was downloaded."""

    changes: list[Difference]
    conflicts: list[Difference]
    faults: list[Fault]
    notes: list[str]
    same: int
    findings: dict[int, tuple[int, int]]  # by submission: (errors, warnings) that the checks would say afterwards

    @property
    def schools(self) -> int:
        return len({one.submission for one in self.changes})

    @property
    def filled_anew(self) -> int:
        return sum(one.before.state == CellState.EMPTY for one in self.changes)


def compare(campaign: Campaign, kind: ImportKind, reading: Reading) -> Comparison:
    """Every cell of the file against the forms of its campaign; constant number of queries."""
    numbers = {cell.submission for cell in reading.cells}
    forms = {form.pk: form for form in _forms(campaign, numbers)}
    held = held_cells(campaign, numbers)
    changes: list[Difference] = []
    conflicts: list[Difference] = []
    faults = list(reading.faults)
    same = 0
    refused: set[int] = set()
    for cell in reading.cells:
        before = held.get((cell.submission, cell.code), _NOTHING)
        if cell.content == before.content or (cell.base and cell.content == cell.base.content):
            same += 1
            continue
        if before.state == CellState.INAPPLICABLE:
            faults.append(Fault(cell.where, forms[cell.submission].school.name, NOT_APPLICABLE))
            continue
        form = forms[cell.submission]
        if kind != ImportKind.WORKBOOK and (cause := locked_because(form, campaign)):
            if form.pk not in refused:
                faults.append(Fault(cell.where, form.school.name, cause))
                refused.add(form.pk)
            continue
        one = Difference(*cell[:5], before, cell.where)
        overtaken = cell.base is not None and cell.base.version != before.version
        (conflicts if overtaken else changes).append(one)
    return Comparison(changes, conflicts, faults, reading.notes, same, findings_after(campaign, changes))


_NOTHING = Held()


def _forms(campaign: Campaign, numbers: set[int]) -> Iterable[Submission]:
    rows = Submission.objects.filter(campaign=campaign).select_related("school").only("state", "school__name")
    return (form for form in rows if form.pk in numbers) if len(numbers) > 1 else rows.filter(pk__in=numbers)


def held_cells(campaign: Campaign, numbers: set[int]) -> dict[tuple[int, str], Held]:
    """All cells of these forms, by form and code; one query."""
    rows = Value.objects.filter(submission__campaign=campaign)
    if len(numbers) == 1:
        rows = rows.filter(submission_id__in=numbers)
    fields = ("submission_id", "element__code", "state", "number", "reason", "version")
    return {(row[0], row[1]): Held(*row[2:]) for row in rows.values_list(*fields) if row[0] in numbers}


def locked_because(form: Submission, campaign: Campaign) -> str:
    """Why the department's file may not change this form, or an empty string."""
    if campaign.closed_at:
        return CLOSED
    if form.state in EDITABLE:
        return ""
    return f"Числа этой школы файлом не меняются: {_LOCKED[FormState(form.state)]} или удалите строку школы из файла."


def findings_after(campaign: Campaign, changes: Iterable[Difference]) -> dict[int, tuple[int, int]]:
    """(errors, warnings) about the changed cells of each form as they would be; rows that stay empty do not count."""
    changed: dict[int, dict[str, Cell]] = defaultdict(dict)
    for one in changes:
        changed[one.submission][one.code] = Cell(CellState(one.state), one.number, one.reason)
    facts = facts_of_campaign(campaign) if changed else {}
    counted = {}
    for pk, new in changed.items():
        found = find_for({**facts[pk].cells, **new}, facts[pk].context, touching=new.keys())
        kinds = Counter(one.severity for one in found if one.code != EMPTY_CELL)
        counted[pk] = (kinds[Severity.ERROR], kinds[Severity.WARNING])
    return counted


# --- as a draft keeps it ---------------------------------------------------------------------------------------------


def reading_to_json(reading: Reading) -> dict[str, Any]:
    return {"cells": reading.cells, "faults": reading.faults, "notes": reading.notes}


def reading_from_json(kept: Mapping[str, Any]) -> Reading:
    cells = [Incoming._make((*row[:6], Held(*row[6]) if row[6] else None)) for row in kept["cells"]]
    return Reading(cells, [Fault(*row) for row in kept["faults"]], kept["notes"])


def comparison_to_json(found: Comparison) -> dict[str, Any]:
    return {
        "changes": [_row(one) for one in found.changes],
        "conflicts": [_row(one) for one in found.conflicts],
        "faults": found.faults,
        "notes": found.notes,
        "same": found.same,
        "findings": [[pk, *counts] for pk, counts in found.findings.items()],
    }


def comparison_from_json(kept: Mapping[str, Any]) -> Comparison:
    return Comparison(
        changes=[difference(row) for row in kept["changes"]],
        conflicts=[difference(row) for row in kept["conflicts"]],
        faults=[Fault(*row) for row in kept["faults"]],
        notes=kept["notes"],
        same=kept["same"],
        findings={pk: (errors, warnings) for pk, errors, warnings in kept["findings"]},
    )


def difference(row: list[Any]) -> Difference:
    return Difference(row[0], row[1], row[2], row[3], row[4], Held(*row[5]) if row[5] else _NOTHING, row[6])


def _row(one: Difference) -> tuple[Any, ...]:
    """A cell that was never filled says nothing of what it held: most of a large file are such."""
    return one if one.before.version else (*one[:5], None, one.where)
