"""What a file would change: each number read from it beside what the forms hold now, for all schools at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import QuerySet

from monitoring.checks import EMPTY_CELL, Cell, Warned, warned
from monitoring.enums import CellState, FormState, ImportKind, Severity
from monitoring.models import Campaign, Submission, Value, WarningRecord
from monitoring.queries.entry.findings import facts_of_campaign, find_for
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

    state: str = CellState.EMPTY.value
    number: int | None = None
    reason: str = ""
    version: int = 0

    @property
    def content(self) -> tuple[str, int | None, str]:
        return self[:3]


class Incoming(NamedTuple):
    """One cell of a file. `base` is what our own workbook held when it was made; a table has none.

    Its place in the file is told by `column` and `row` together: «F» and «7», or the whole place and nothing.
    """

    submission: int
    code: str
    state: CellState
    number: int | None
    reason: str
    column: str
    row: str = ""
    base: Held | None = None

    @property
    def where(self) -> str:
        return self.column + self.row


class Difference(NamedTuple):
    """A cell that the file changes, from what to what."""

    submission: int
    code: str
    state: CellState
    number: int | None
    reason: str
    column: str
    row: str
    before: Held

    @property
    def where(self) -> str:
        return self.column + self.row

    @property
    def fresh(self) -> bool:
        """Nothing stood there."""
        return self.before.state == CellState.EMPTY


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
    warned: dict[int, tuple[list[Warned], list[Warned]]]  # of those with any: said of the changed cells before, after

    @property
    def schools(self) -> int:
        return len({one.submission for one in self.changes})

    @property
    def filled_anew(self) -> int:
        return sum(one.fresh for one in self.changes)


def compare(campaign: Campaign, kind: ImportKind, reading: Reading) -> Comparison:
    """Every cell of the file against the forms of its campaign; constant number of queries."""
    numbers = {cell.submission for cell in reading.cells}
    schools: dict[int, str] = {}
    locked: dict[int, str] = {}
    for pk, state, name in _of(campaign, numbers).values_list("pk", "state", "school__name"):
        schools[pk] = name
        if kind != ImportKind.WORKBOOK and (cause := locked_because(state, campaign)):
            locked[pk] = cause
    held = held_cells(campaign, numbers, {cell.code for cell in reading.cells})
    changes: list[Difference] = []
    conflicts: list[Difference] = []
    faults = list(reading.faults)
    same = 0
    refused: set[int] = set()
    for form, code, state, number, reason, column, row, base in reading.cells:
        before, content = held.get((form, code), _NOTHING), (state, number, reason)
        if content == before.content or (base and content == base.content):
            same += 1
        elif before.state == CellState.INAPPLICABLE:
            faults.append(Fault(column + row, schools[form], NOT_APPLICABLE))
        elif form in locked:
            if form not in refused:
                faults.append(Fault(column + row, schools[form], locked[form]))
                refused.add(form)
        else:
            overtaken = base is not None and base.version != before.version
            (conflicts if overtaken else changes).append(Difference(form, code, *content, column, row, before))
    return Comparison(changes, conflicts, faults, reading.notes, same, *findings_after(campaign, changes))


_NOTHING = Held()


def _of(campaign: Campaign, numbers: set[int]) -> QuerySet[Submission]:
    """The forms of a campaign: all of them, or the only one that is meant."""
    rows = Submission.objects.filter(campaign=campaign)
    return rows.filter(pk__in=numbers) if len(numbers) == 1 else rows


def held_cells(campaign: Campaign, numbers: set[int], codes: set[str]) -> dict[tuple[int, str], Held]:
    """These cells of these forms, by form and code; one query."""
    rows = Value.objects.filter(submission__campaign=campaign, element__code__in=codes)
    if len(numbers) == 1:
        rows = rows.filter(submission_id__in=numbers)
    fields = ("submission_id", "element__code", "state", "number", "reason", "version")
    return {(row[0], row[1]): Held(*row[2:]) for row in rows.values_list(*fields) if row[0] in numbers}


def locked_because(state: str, campaign: Campaign) -> str:
    """Why the department's file may not change a form in this state, or an empty string."""
    if campaign.closed_at:
        return CLOSED
    if state in EDITABLE:
        return ""
    return f"Числа этой школы файлом не меняются: {_LOCKED[FormState(state)]} или удалите строку школы из файла."


def findings_after(
    campaign: Campaign, changes: Iterable[Difference]
) -> tuple[dict[int, tuple[int, int]], dict[int, tuple[list[Warned], list[Warned]]]]:
    """`findings` and `warned` of a Comparison; rows that stay empty do not count.

    What was said before is asked only of the forms that have a record of it: the first numbers of a form correct none.
    """
    changed: dict[int, dict[str, Cell]] = defaultdict(dict)
    for one in changes:
        changed[one.submission][one.code] = Cell(one.state, one.number, one.reason)
    facts = facts_of_campaign(campaign) if changed else {}
    recorded = set(WarningRecord.objects.filter(submission__campaign=campaign).values_list("submission", flat=True))
    counted, told = {}, {}
    for pk, new in changed.items():
        form = facts[pk]
        found = list(find_for({**form.cells, **new}, form.context, touching=new.keys()))
        kinds = Counter(one.severity for one in found if one.code != EMPTY_CELL)
        counted[pk] = (kinds[Severity.ERROR], kinds[Severity.WARNING])
        before = warned(find_for(form.cells, form.context, touching=new.keys())) if pk in recorded else []
        if kinds[Severity.WARNING] or before:
            told[pk] = (before, warned(found))
    return counted, told


# --- as a draft keeps it ---------------------------------------------------------------------------------------------


def reading_to_json(reading: Reading) -> dict[str, Any]:
    return {"cells": _packed(reading.cells, None), "faults": reading.faults, "notes": reading.notes}


def reading_from_json(kept: Mapping[str, Any]) -> Reading:
    cells = list(map(Incoming._make, _unpacked(kept["cells"], None)))
    return Reading(cells, [Fault(*row) for row in kept["faults"]], kept["notes"])


def comparison_to_json(found: Comparison) -> dict[str, Any]:
    """With the counts that the page and the buttons need; numbers that replace others come first."""
    replaced: list[Difference] = []
    fresh: list[Difference] = []
    for one in found.changes:
        (fresh if one.fresh else replaced).append(one)
    return {
        "total": len(found.changes),
        "fresh": len(fresh),
        "schools": found.schools,
        "changes": [_packed(replaced, _NOTHING), _packed(fresh, _NOTHING)],
        "conflicts": [_packed(found.conflicts, _NOTHING)],
        "faults": found.faults,
        "notes": found.notes,
        "same": found.same,
        "findings": [[pk, *counts] for pk, counts in found.findings.items()],
        "warned": [[pk, *said] for pk, said in found.warned.items()],
    }


def comparison_from_json(kept: Mapping[str, Any]) -> Comparison:
    return Comparison(
        changes=list(differences(kept["changes"])),
        conflicts=list(differences(kept["conflicts"])),
        faults=[Fault(*row) for row in kept["faults"]],
        notes=kept["notes"],
        same=kept["same"],
        findings={pk: (errors, warnings) for pk, errors, warnings in kept["findings"]},
        warned={
            pk: ([Warned(*one) for one in before], [Warned(*one) for one in after])
            for pk, before, after in kept["warned"]
        },
    )


def differences(kept: Iterable[Mapping[str, Any]]) -> Iterator[Difference]:
    """The changes or conflicts of a draft, made one by one."""
    for part in kept:
        yield from map(Difference._make, _unpacked(part, _NOTHING))


def _packed(cells: Iterable[tuple[Any, ...]], nothing: Held | None) -> dict[str, Any]:
    """Cells as a table: what is common to a column and to a row stands there once.

    A bare number is a cell with no more to it, null a cell that the file does not bring. Of a hundred thousand cells
    this takes a tenth of the room and of the time.
    """
    columns: dict[tuple[str, str], int] = {}
    rows: dict[tuple[int, str], dict[int, Any]] = defaultdict(dict)
    for form, code, state, number, reason, column, row, held in cells:
        place = columns.setdefault((code, column), len(columns))
        bare = held is nothing and state == CellState.NUMBER
        rows[form, row][place] = number if bare else (state, number, reason, None if held is nothing else held)
    places = range(len(columns))
    return {
        "columns": list(columns),
        "rows": [(form, row, [line.get(place) for place in places]) for (form, row), line in rows.items()],
    }


def _unpacked(kept: Mapping[str, Any], nothing: Held | None) -> Iterator[tuple[Any, ...]]:
    columns, typed = kept["columns"], CellState.NUMBER
    for form, row, cells in kept["rows"]:
        for (code, column), cell in zip(columns, cells, strict=True):
            if isinstance(cell, int):
                yield form, code, typed, cell, "", column, row, nothing
            elif cell:
                state, number, reason, held = cell
                yield form, code, CellState(state), number, reason, column, row, Held(*held) if held else nothing
