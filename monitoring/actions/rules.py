"""Bounds of the checks, changed by adding a version, and what became of each warning that a school saw."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from monitoring.checks import Finding, Warned, warned
from monitoring.enums import Outcome, Severity
from monitoring.models import Check, RuleSetting, Submission, WarningRecord
from portal.actions import ActionRefused
from portal.models import Municipality, User

Key = tuple[int, str, str]  # id of the form, code of the check, code of the element
BATCH = 500  # rows in one statement


@dataclass(frozen=True, slots=True)
class Bounds:
    """From where on a check speaks; None for a bound that it does not have or that is the catalogue's."""

    percent: int | None
    people: int | None
    enabled: bool = True


@transaction.atomic
def set_rule(*, check: Check, municipality: Municipality, bounds: Bounds, note: str, by: User) -> RuleSetting:
    """Give a check the municipality's own bounds from now on; the earlier ones stay in its history.

    An explanation given under other bounds holds while its numbers stand. Raises ActionRefused for an error that would
    be switched off, a bound that this check does not have, no reason, or a change that changes nothing.
    """
    if not note.strip():
        raise ActionRefused("Напишите, почему меняется порог: причина останется в истории.")
    if check.severity == Severity.ERROR:
        raise ActionRefused("Ошибку отключить или ослабить нельзя: числа с ней противоречат друг другу.")
    if any(getattr(check, name) is None and getattr(bounds, name) is not None for name in ("percent", "people")):
        raise ActionRefused("У этого контроля нет такого порога.")
    Municipality.objects.select_for_update().get(pk=municipality.pk)  # two people change one bound in turn
    last = RuleSetting.objects.filter(municipality=municipality, check_code=check.code).first()
    if _said(check, Bounds(last.percent, last.people, last.enabled) if last else None) == _said(check, bounds):
        raise ActionRefused("Порог уже такой. Измените его или вернитесь к списку контролей.")
    return RuleSetting.objects.create(
        municipality=municipality,
        check_code=check.code,
        percent=bounds.percent,
        people=bounds.people,
        enabled=bounds.enabled,
        note=note.strip(),
        by=by,
    )


def _said(check: Check, bounds: Bounds | None) -> Bounds:
    """The bounds in force: the catalogue's where the municipality has none of its own."""
    own = bounds or Bounds(None, None)
    percent = check.percent if own.percent is None else own.percent
    return Bounds(percent, check.people if own.people is None else own.people, own.enabled)


def follow_warnings(
    *, submission: Submission, before: Iterable[Finding], after: Iterable[Finding], corrects: bool
) -> None:
    """Keep up what became of the form's warnings after cells were written; no query where they are the same.

    A warning that is gone because a number was changed (`corrects`) is corrected; one that is gone because more was
    filled in had been asked too early and is forgotten.
    """
    pk = submission.pk
    follow_warnings_of_many(
        before={pk: warned(before)}, after={pk: warned(after)}, corrects={pk} if corrects else frozenset()
    )


@transaction.atomic
def follow_warnings_of_many(
    *, before: Mapping[int, Iterable[Warned]], after: Mapping[int, Iterable[Warned]], corrects: Collection[int]
) -> None:
    """The same for many forms by the id of the submission, in a few queries whatever their number.

    Both sides hold what the written cells touch. A form that has no record yet needs no `before`. `corrects` are the
    forms in which a number took the place of another.
    """
    was = {(pk, *one[:2]): one.numbers for pk, some in before.items() for one in some}
    now = {(pk, *one[:2]): one.numbers for pk, some in after.items() for one in some}
    if was == now:
        return
    known = _records(was.keys() | now.keys())
    _keep([(key, numbers) for key, numbers in now.items() if key not in known], Outcome.OPEN)
    asked_again = [
        record.pk
        for key, record in known.items()
        if key in now and record.outcome != Outcome.OPEN and was.get(key) != now[key]
    ]
    gone = [record for key, record in known.items() if key in was and key not in now]
    corrected = [record.pk for record in gone if record.submission_id in corrects]
    forgotten = [record.pk for record in gone if record.submission_id not in corrects]
    records = WarningRecord.objects
    for some in _batches(asked_again):
        records.filter(pk__in=some).update(outcome=Outcome.OPEN, settled_at=None)
    for some in _batches(corrected):
        records.filter(pk__in=some).update(outcome=Outcome.CORRECTED, settled_at=timezone.now())
    for some in _batches(forgotten):
        records.filter(pk__in=some).delete()


def keep_explained(*, submission: Submission, code: str, element: str, numbers: str) -> None:
    """The school explained a warning."""
    answered = {"outcome": Outcome.EXPLAINED, "settled_at": timezone.now()}
    WarningRecord.objects.update_or_create(
        submission=submission,
        check_code=code,
        element=element,
        defaults=answered,
        create_defaults={**answered, "numbers": numbers},
    )


def settle_warnings(*, submission: Submission, findings: Iterable[Finding]) -> None:
    """At sending every warning is explained: write down those that nobody had seen before, drop those withdrawn.

    A warning may come or go without a change of this form: by a new bound, or by another form of the school.
    """
    now = {(submission.pk, *one[:2]): one.numbers for one in warned(findings)}
    records = submission.warning_records
    known = {_key(record): record for record in records.all()}
    _keep([(key, numbers) for key, numbers in now.items() if key not in known], Outcome.EXPLAINED)
    unanswered = {key: record.pk for key, record in known.items() if record.outcome == Outcome.OPEN}
    records.filter(pk__in=[pk for key, pk in unanswered.items() if key in now]).update(
        outcome=Outcome.EXPLAINED, settled_at=timezone.now()
    )
    records.filter(pk__in=[pk for key, pk in unanswered.items() if key not in now]).delete()


def _key(record: WarningRecord) -> Key:
    return record.submission_id, record.check_code, record.element


def _records(keys: Collection[Key]) -> dict[Key, WarningRecord]:
    """The records of these warnings; one query for each BATCH of forms."""
    forms, codes = sorted({key[0] for key in keys}), {key[1] for key in keys}
    rows = (
        row
        for some in _batches(forms)
        for row in WarningRecord.objects.filter(submission__in=some, check_code__in=codes)
    )
    return {key: row for row in rows if (key := _key(row)) in keys}


def _keep(warnings: Iterable[tuple[Key, str]], outcome: Outcome) -> None:
    settled = None if outcome == Outcome.OPEN else timezone.now()
    WarningRecord.objects.bulk_create(
        (
            WarningRecord(
                submission_id=pk,
                check_code=code,
                element=element,
                numbers=numbers[:200],
                outcome=outcome,
                settled_at=settled,
            )
            for (pk, code, element), numbers in warnings
        ),
        batch_size=BATCH,
    )


def _batches(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))
