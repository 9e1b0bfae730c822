"""What a file changes: kept as a draft until its person confirms, then written whole or not at all."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Count, F, Max, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from monitoring.actions.entry import FILLED, CellEntry, save_cells
from monitoring.actions.rules import follow_warnings_of_many
from monitoring.enums import CellState, FormState, ImportKind, Way
from monitoring.models import Campaign, Element, ImportDraft, StatusChange, Submission, Value, ValueChange
from monitoring.queries.campaigns.incoming import (
    Difference,
    Held,
    Reading,
    compare,
    comparison_from_json,
    comparison_to_json,
    held_cells,
    locked_because,
    reading_from_json,
    reading_to_json,
)
from portal import jobs
from portal.actions import ActionRefused, tell
from portal.models import Job, Membership, User
from portal.roles import Role

T = TypeVar("T")
DIRECT = 5_000  # more cells than these are compared and written by the worker
BATCH = 500  # rows or forms in one statement
CHANGED_SINCE = (
    "После проверки файла числа в формах изменились, поэтому ничего не записано. Загрузите файл ещё раз: портал"
    " сравнит его с новыми числами."
)


@transaction.atomic
def keep_draft(
    *,
    campaign: Campaign,
    kind: ImportKind,
    reading: Reading,
    by: Membership,
    file_name: str,
    submission: Submission | None = None,
    source: str = "",
) -> tuple[ImportDraft, Job | None]:
    """Keep what was read from a file, compared with the forms; a large file is compared by the worker (the job)."""
    draft = ImportDraft.objects.create(
        municipality=campaign.municipality,
        kind=kind,
        campaign=campaign,
        submission=submission,
        by=by.user,
        file_name=file_name[:200],
        source=source,
        content={"reading": reading_to_json(reading)},
    )
    if len(reading.cells) > DIRECT:
        return draft, _start(draft, "compare", by)
    compare_draft(draft=draft)
    return draft, None


def _start(draft: ImportDraft, step: str, by: Membership) -> Job:
    payload = {"draft": draft.pk, "step": step, "membership": by.pk}
    return jobs.start(kind="import", municipality=draft.municipality, by=by.user, payload=payload)


@transaction.atomic
def compare_draft(*, draft: ImportDraft) -> None:
    """Put the differences in place of what was read; nothing is left to do once it was done, cancelled or forgotten."""
    locked = ImportDraft.objects.select_for_update().get(pk=draft.pk)
    if "reading" in locked.content:
        reading = reading_from_json(locked.content["reading"])
        found = compare(draft.campaign, ImportKind(draft.kind), reading)
        locked.content = comparison_to_json(found)
        locked.save(update_fields=["content"])
    draft.content = locked.content


def confirm_draft(*, draft: ImportDraft, by: Membership, take: Collection[str] = ()) -> Job | None:
    """Write the draft now, or start the job that does where it is large. Raises as `apply_draft`."""
    if draft.content.get("total", 0) > DIRECT:
        check_open(draft)
        return _start(draft, "apply", by)
    apply_draft(draft=draft, by=by, take=take)
    return None


@transaction.atomic
def apply_draft(*, draft: ImportDraft, by: Membership, take: Collection[str] = ()) -> int:
    """Write every change of a draft, all or nothing; how many cells were written.

    `take` are codes of conflicting cells where the file's value wins; the others stay as they are. Raises
    ActionRefused where the file has faults, is done already, or a cell changed since the preview; MoveRefused where a
    school's own form is locked for this person.
    """
    rows = ImportDraft.objects.select_for_update(of=("self",)).select_related("campaign__municipality", "submission")
    locked = rows.get(pk=draft.pk)
    check_open(locked)
    found = comparison_from_json(locked.content)
    changes = [*found.changes, *(one for one in found.conflicts if one.code in take)]
    if locked.kind == ImportKind.WORKBOOK:
        written = _through_the_form(locked, changes, by)
    else:
        note = f"{ImportKind(locked.kind).label}: {locked.source or locked.file_name}"
        written = write_cells(campaign=locked.campaign, changes=changes, by=by.user, note=note)
        follow_warnings_of_many(
            before={pk: before for pk, (before, _) in found.warned.items()},
            after={pk: after for pk, (_, after) in found.warned.items()},
            corrects={one.submission for one in changes if one.before.state == CellState.NUMBER},
        )
        _tell_schools(locked, changes)
    locked.applied_at = timezone.now()
    locked.content = {"written": written}
    locked.save(update_fields=["applied_at", "content"])
    return written


@transaction.atomic
def cancel_draft(*, draft: ImportDraft) -> None:
    """Throw a draft away; its content goes with it."""
    locked = ImportDraft.objects.select_for_update().get(pk=draft.pk)
    if locked.applied_at is None and locked.cancelled_at is None:
        locked.cancelled_at = timezone.now()
        locked.content = {}
        locked.save(update_fields=["cancelled_at", "content"])


def check_open(draft: ImportDraft) -> None:
    """Raises ActionRefused where a draft cannot be written."""
    if draft.applied_at:
        raise ActionRefused("Числа из этого файла уже записаны.")
    if draft.cancelled_at:
        raise ActionRefused("Загрузка этого файла отменена. Загрузите его ещё раз.")
    if "reading" in draft.content:
        raise ActionRefused("Файл ещё проверяется. Подождите, пока появится список изменений.")
    if draft.content["faults"]:
        raise ActionRefused("В файле есть ошибки, поэтому ничего не записано. Исправьте их и загрузите файл ещё раз.")


def _through_the_form(draft: ImportDraft, changes: Iterable[Difference], by: Membership) -> int:
    """A school's own workbook is entered as its page would enter it."""
    if draft.submission is None:
        raise ValueError("a school's workbook without its form")
    entries = [CellEntry(one.code, one.state, one.number, one.reason, one.before.version) for one in changes]
    result = save_cells(submission=draft.submission, entries=entries, by=by, way=Way.WORKBOOK)
    if result.conflicts:
        raise ActionRefused(CHANGED_SINCE)
    return len(result.saved)


def _tell_schools(draft: ImportDraft, changes: Iterable[Difference]) -> None:
    forms = {one.submission for one in changes}
    schools = set(Submission.objects.filter(campaign=draft.campaign).values_list("pk", "school_id"))
    touched = {school for form, school in schools if form in forms}
    people = User.objects.filter(
        memberships__in=draft.municipality.membership_set.in_force(timezone.localdate()).filter(role=Role.COORDINATOR)
    )
    rows = people.values_list("pk", "memberships__school_id")
    chosen = {pk for pk, school in rows if school in touched}
    text = "Управление образования загрузило в вашу форму числа из файла. Проверьте их: они отмечены в истории."
    tell(people=people.filter(pk__in=chosen).distinct(), municipality=draft.municipality, text=text, url="/")


# --- writing many forms at once --------------------------------------------------------------------------------------


@transaction.atomic
def write_cells(
    *,
    campaign: Campaign,
    changes: Sequence[Difference],
    by: User | None,
    note: str = "",
) -> int:
    """Write cells of many forms in a few large queries, with the history that `save_cells` leaves; how many.

    Raises ActionRefused, and writes nothing, where a form was locked or a cell changed since the changes were found.
    """
    forms = _locked_forms(campaign, {one.submission for one in changes})
    held = held_cells(campaign, set(forms), {one.code for one in changes})
    if any(held.get((one.submission, one.code), _NOTHING).version != one.before.version for one in changes):
        raise ActionRefused(CHANGED_SINCE)
    if any(locked_because(state, campaign) for state in set(forms.values())):
        raise ActionRefused(CHANGED_SINCE)
    now = timezone.now()
    _write(campaign, changes, by, now, note)
    _touch(forms, by, now)
    return len(changes)


_NOTHING = Held()


def _locked_forms(campaign: Campaign, numbers: set[int]) -> dict[int, str]:
    """The states of these forms, by id; the whole campaign is locked."""
    rows = Submission.objects.select_for_update().filter(campaign=campaign).order_by("pk")
    return {pk: state for pk, state in rows.values_list("pk", "state") if pk in numbers}


# A cell that was never filled gets its row, another its new content; comments and acceptance stay.
_FROM_HISTORY = """
INSERT INTO monitoring_value (submission_id, element_id, state, number, reason, version, way, changed_by_id, changed_at,
                              comment, evidence, evidence_problem)
SELECT submission_id, element_id, to_state, to_number, reason, 1, way, by_id, at, '', '', ''
FROM monitoring_valuechange
WHERE id > %s AND at = %s AND submission_id IN (SELECT id FROM monitoring_submission WHERE campaign_id = %s)
ON CONFLICT (submission_id, element_id) DO UPDATE
SET state = excluded.state, number = excluded.number, reason = excluded.reason, version = monitoring_value.version + 1,
    way = excluded.way, changed_by_id = excluded.changed_by_id, changed_at = excluded.changed_at
"""


def _write(campaign: Campaign, changes: Iterable[Difference], by: User | None, now: datetime, note: str) -> None:
    """The history of every cell, and out of it what the cells hold: the numbers are sent to the database once."""
    elements = dict(Element.objects.filter(section__form=campaign.form_id).values_list("code", "pk"))
    last = ValueChange.objects.aggregate(last=Max("pk"))["last"] or 0
    at = connection.ops.adapt_datetimefield_value(now)
    rows = (
        (form, elements[code], before.state, before.number, state.value, number, reason)
        for form, code, state, number, reason, _, _, before in changes
    )
    fields = ("submission", "element", "from_state", "from_number", "to_state", "to_number", "reason")
    constant = {"by": by.pk if by else None, "at": at, "way": Way.IMPORT.value, "note": note[:300]}
    _insert(ValueChange, fields, rows, constant)
    with connection.cursor() as cursor:
        cursor.execute(_FROM_HISTORY, [last, at, campaign.pk])


def _insert(
    model: type[Model], fields: Sequence[str], rows: Iterable[tuple[Any, ...]], constant: Mapping[str, Any]
) -> None:
    """Insert rows of plain values in statements of BATCH rows.

    `bulk_create` prepares every field of every row anew and takes ten times as long for a hundred thousand cells.
    """
    quote = connection.ops.quote_name
    column = {field.name: quote(field.column or "") for field in model._meta.concrete_fields}
    names = ", ".join(column[name] for name in (*fields, *constant))
    line = f"({', '.join(['%s'] * (len(fields) + len(constant)))})"
    end = tuple(constant.values())
    start = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES "  # noqa: S608 – only names of our own columns
    with connection.cursor() as cursor:
        for some in _batches(rows, BATCH):
            lines = ", ".join([line] * len(some))
            cursor.execute(start + lines, [value for row in some for value in (*row, *end)])


def _touch(forms: Mapping[int, str], by: User | None, now: datetime) -> None:
    """As in entry: a changed form has a new version and a new count; the first value begins it."""
    begun = ((pk, state, FormState.FILLING.value) for pk, state in forms.items() if state == FormState.NOT_STARTED)
    constant = {
        "by": by.pk if by else None,
        "at": connection.ops.adapt_datetimefield_value(now),
        "comment": "",
        "on_behalf": False,
    }
    _insert(StatusChange, ("submission", "from_state", "to_state"), begun, constant)
    filled = (
        Value.objects.filter(submission=OuterRef("pk"), state__in=FILLED)
        .order_by()
        .values("submission")
        .annotate(count=Count("pk"))
        .values("count")
    )
    for some in _batches(forms, BATCH):
        rows = Submission.objects.filter(pk__in=some)
        rows.filter(state=FormState.NOT_STARTED).update(state=FormState.FILLING)
        rows.update(version=F("version") + 1, changed_at=now, cells_filled=Coalesce(Subquery(filled), 0))


def _batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(rows)
    while some := list(islice(iterator, size)):
        yield some
