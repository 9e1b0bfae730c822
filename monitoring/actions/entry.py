"""Writing cells of a form and explanations of warnings, each with its author and what stood there before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from monitoring.actions.rules import follow_warnings, keep_explained
from monitoring.checks import Cell, Finding
from monitoring.enums import CellState, FormState, Reason, Way
from monitoring.models import Element, Explanation, StatusChange, Submission, Value, ValueChange
from monitoring.queries.entry.findings import Facts, facts_of, find_for
from monitoring.workflow import MoveRefused, lock_sentence, written_as
from portal.models import Membership

FILLED = (CellState.NUMBER, CellState.NO_DATA)
WRITTEN = ("state", "number", "reason", "version", "way", "changed_by", "changed_at")


@dataclass(frozen=True, slots=True)
class CellEntry:
    """What a person wants a cell to hold, and the version of the cell that they saw (0: it had never been filled)."""

    code: str
    state: CellState
    number: int | None
    reason: str
    version: int


@dataclass(frozen=True, slots=True)
class SaveResult:
    """Codes of the cells that were changed, and the cells that somebody else had changed in the meantime.

    `facts` is the form as it stands now, `values` are the rows of the changed cells; `before` and `after` are the
    findings that depend on them.
    """

    saved: tuple[str, ...]
    conflicts: dict[str, Value]
    facts: Facts
    values: Mapping[str, Value] = field(default_factory=dict)
    before: tuple[Finding, ...] = ()
    after: tuple[Finding, ...] = ()


@transaction.atomic
def save_cells(
    *, submission: Submission, entries: Iterable[CellEntry], by: Membership, way: Way = Way.FORM, note: str = ""
) -> SaveResult:
    """Write the cells that differ from what is stored; a cell that changed since it was seen is left alone.

    `note` is why the department wrote them, where it did; what it writes is marked as its own.
    Raises MoveRefused with the cause where the form, or the section of a cell, is locked for this person; then nothing
    is written.
    """
    locked = _locked(submission)
    facts, wanted = facts_of(locked), list(entries)
    _refuse_locked(locked, by, {facts.context.lines[one.code].section for one in wanted if one.code in facts.cells})
    way, note = written_as(by, locked, way, note)
    code_of = {facts.form.rows[one.code].element_id: one.code for one in wanted if one.code in facts.cells}
    stored = {
        code_of[value.element_id]: value
        for value in locked.values.filter(element_id__in=code_of).select_related("changed_by")
    }
    saved: dict[str, Cell] = {}
    written: dict[str, Value] = {}
    conflicts: dict[str, Value] = {}
    for entry in wanted:
        value = stored.get(entry.code)
        if entry.code not in facts.cells or (value and value.state == CellState.INAPPLICABLE):
            continue
        if _same(value, entry):
            continue
        if (value.version if value else 0) != entry.version:
            if value:
                conflicts[entry.code] = value
            continue
        written[entry.code] = _write(locked, value, entry, facts.form.rows[entry.code].element_id, by, way, note)
        saved[entry.code] = Cell(entry.state, entry.number, entry.reason)
    if not saved:
        return SaveResult((), conflicts, facts)
    now = facts.with_cells(saved)
    _touch(locked, by, sum(cell.state in FILLED for cell in now.cells.values()))
    before = find_for(facts.cells, facts.context, touching=saved.keys())
    after = find_for(now.cells, now.context, touching=saved.keys())
    corrects = any(facts.cells[code].state == CellState.NUMBER for code in saved)
    follow_warnings(submission=locked, before=before, after=after, corrects=corrects)
    return SaveResult(tuple(saved), conflicts, now, written, before, after)


def _locked(submission: Submission) -> Submission:
    rows = Submission.objects.select_for_update(of=("self",)).select_related("campaign", "school")
    return rows.get(pk=submission.pk)


def _refuse_locked(submission: Submission, by: Membership, sections: Iterable[str]) -> None:
    for section in sorted(sections) or [""]:
        if cause := lock_sentence(by, submission, submission.campaign, section=section):
            raise MoveRefused(cause)


def _same(value: Value | None, entry: CellEntry) -> bool:
    """Sending again what is stored changes nothing, so that a form sent twice is one change."""
    if value is None:
        return entry.state == CellState.EMPTY
    return (value.state, value.number, value.reason) == (entry.state, entry.number, entry.reason)


def _write(
    submission: Submission,
    value: Value | None,
    entry: CellEntry,
    element_id: int,
    by: Membership,
    way: Way,
    note: str,
) -> Value:
    before = (value.state, value.number) if value else (CellState.EMPTY, None)
    value = value or Value(submission=submission, element_id=element_id, version=0)
    value.state, value.number, value.reason = entry.state, entry.number, entry.reason
    value.version += 1
    value.way = way
    value.changed_by_id, value.changed_at = by.user_id, timezone.now()
    value.save(update_fields=WRITTEN if value.pk else None)
    ValueChange.objects.create(
        submission=submission,
        element_id=element_id,
        by_id=by.user_id,
        way=way,
        from_state=before[0],
        from_number=before[1],
        to_state=entry.state,
        to_number=entry.number,
        reason=entry.reason,
        note=note,
    )
    return value


def _touch(submission: Submission, by: Membership, filled: int) -> None:
    """A changed form has a new version; the first value of a form that was not begun begins it."""
    if submission.state == FormState.NOT_STARTED:
        StatusChange.objects.create(
            submission=submission, from_state=submission.state, to_state=FormState.FILLING, by_id=by.user_id
        )
        submission.state = FormState.FILLING
    submission.version += 1
    submission.cells_filled = filled
    submission.changed_at = timezone.now()
    submission.ready_at = submission.ready_by = None  # the school's head has not seen this number
    submission.save(update_fields=["state", "version", "cells_filled", "changed_at", "ready_at", "ready_by"])


@transaction.atomic
def explain(
    *, submission: Submission, code: str, element: str, numbers: str, reason: Reason, text: str, by: Membership
) -> None:
    """Keep why the numbers that a warning doubts are right; an earlier explanation of the same warning is replaced.

    Raises MoveRefused where the form is locked for this person.
    """
    locked = _locked(submission)
    found = Element.objects.select_related("section").get(code=element) if element else None
    _refuse_locked(locked, by, {found.section.code} if found else ())
    Explanation.objects.update_or_create(
        submission=locked,
        check_code=code,
        element=found,
        defaults={"numbers": numbers, "reason": reason, "text": text, "by": by.user, "at": timezone.now()},
    )
    keep_explained(submission=locked, code=code, element=element, numbers=numbers)
