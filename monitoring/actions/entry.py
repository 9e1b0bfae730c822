"""Writing cells of a form and explanations of warnings, each with its author and what stood there before."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from monitoring.enums import CellState, FormState, Reason, Way
from monitoring.models import Element, Explanation, StatusChange, Submission, Value, ValueChange
from monitoring.workflow import MoveRefused, lock_sentence
from portal.models import Membership

FILLED = (CellState.NUMBER, CellState.NO_DATA)


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
    """Codes of the cells that were changed, and the cells that somebody else had changed in the meantime."""

    saved: tuple[str, ...]
    conflicts: dict[str, Value]


@transaction.atomic
def save_cells(
    *, submission: Submission, entries: Iterable[CellEntry], by: Membership, way: Way = Way.FORM, note: str = ""
) -> SaveResult:
    """Write the cells that differ from what is stored; a cell that changed since it was seen is left alone.

    `note` is why the department wrote them, where it did.
    Raises MoveRefused with the cause where the form is locked for this person; then nothing is written.
    """
    locked = Submission.objects.select_for_update().select_related("campaign").get(pk=submission.pk)
    if cause := lock_sentence(by, locked, locked.campaign):
        raise MoveRefused(cause)
    stored = {value.element.code: value for value in locked.values.select_related("element", "changed_by")}
    asked = dict(locked.campaign.elements.values_list("element__code", "element_id"))
    saved: list[str] = []
    conflicts: dict[str, Value] = {}
    for entry in entries:
        value = stored.get(entry.code)
        if entry.code not in asked or (value and value.state == CellState.INAPPLICABLE):
            continue
        if _same(value, entry):
            continue
        if (value.version if value else 0) != entry.version:
            if value:
                conflicts[entry.code] = value
            continue
        _write(locked, value, entry, asked[entry.code], by, way, note)
        saved.append(entry.code)
    if saved:
        _touch(locked, by)
    return SaveResult(tuple(saved), conflicts)


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
) -> None:
    before = (value.state, value.number) if value else (CellState.EMPTY, None)
    value = value or Value(submission=submission, element_id=element_id, version=0)
    value.state, value.number, value.reason = entry.state, entry.number, entry.reason
    value.version += 1
    value.way = way
    value.changed_by, value.changed_at = by.user, timezone.now()
    value.save()
    ValueChange.objects.create(
        submission=submission,
        element_id=element_id,
        by=by.user,
        way=way,
        from_state=before[0],
        from_number=before[1],
        to_state=entry.state,
        to_number=entry.number,
        reason=entry.reason,
        note=note,
    )


def _touch(submission: Submission, by: Membership) -> None:
    """A changed form has a new version; the first value of a form that was not begun begins it."""
    if submission.state == FormState.NOT_STARTED:
        StatusChange.objects.create(
            submission=submission, from_state=submission.state, to_state=FormState.FILLING, by=by.user
        )
        submission.state = FormState.FILLING
    submission.version += 1
    submission.cells_filled = submission.values.filter(state__in=FILLED).count()
    submission.changed_at = timezone.now()
    submission.save(update_fields=["state", "version", "cells_filled", "changed_at"])


@transaction.atomic
def explain(
    *, submission: Submission, code: str, element: str, numbers: str, reason: Reason, text: str, by: Membership
) -> None:
    """Keep why the numbers that a warning doubts are right; an earlier explanation of the same warning is replaced.

    Raises MoveRefused where the form is locked for this person.
    """
    locked = Submission.objects.select_for_update().select_related("campaign").get(pk=submission.pk)
    if cause := lock_sentence(by, locked, locked.campaign):
        raise MoveRefused(cause)
    Explanation.objects.update_or_create(
        submission=locked,
        check_code=code,
        element=Element.objects.get(code=element) if element else None,
        defaults={"numbers": numbers, "reason": reason, "text": text, "by": by.user, "at": timezone.now()},
    )
