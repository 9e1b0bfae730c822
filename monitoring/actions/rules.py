"""Bounds of the checks, changed by adding a version, and what became of each warning that a school saw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from monitoring.checks import Finding
from monitoring.enums import Outcome, Severity
from monitoring.models import Check, RuleSetting, Submission, WarningRecord
from portal.actions import ActionRefused
from portal.models import Municipality, User

Key = tuple[str, str]  # code of the check, code of the element


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
    was, now = _warnings(before), _warnings(after)
    if {key: one.numbers for key, one in was.items()} == {key: one.numbers for key, one in now.items()}:
        return
    known = _records(submission, was.keys() | now.keys())
    _keep(submission, [one for key, one in now.items() if key not in known], Outcome.OPEN)
    asked_again = [
        record.pk
        for key, record in known.items()
        if key in now and record.outcome != Outcome.OPEN and (key not in was or was[key].numbers != now[key].numbers)
    ]
    gone = [record.pk for key, record in known.items() if key in was and key not in now]
    records = submission.warning_records
    if asked_again:
        records.filter(pk__in=asked_again).update(outcome=Outcome.OPEN, settled_at=None)
    if gone and corrects:
        records.filter(pk__in=gone).update(outcome=Outcome.CORRECTED, settled_at=timezone.now())
    elif gone:
        records.filter(pk__in=gone).delete()


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
    now = _warnings(findings)
    records = submission.warning_records
    known = {(record.check_code, record.element): record for record in records.all()}
    _keep(submission, [one for key, one in now.items() if key not in known], Outcome.EXPLAINED)
    unanswered = {key: record.pk for key, record in known.items() if record.outcome == Outcome.OPEN}
    records.filter(pk__in=[pk for key, pk in unanswered.items() if key in now]).update(
        outcome=Outcome.EXPLAINED, settled_at=timezone.now()
    )
    records.filter(pk__in=[pk for key, pk in unanswered.items() if key not in now]).delete()


def _warnings(findings: Iterable[Finding]) -> dict[Key, Finding]:
    return {(one.code, one.element): one for one in findings if one.severity == Severity.WARNING}


def _records(submission: Submission, keys: Iterable[Key]) -> Mapping[Key, WarningRecord]:
    wanted = set(keys)
    rows = submission.warning_records.filter(check_code__in={code for code, _ in wanted})
    return {key: row for row in rows if (key := (row.check_code, row.element)) in wanted}


def _keep(submission: Submission, findings: Iterable[Finding], outcome: Outcome) -> None:
    WarningRecord.objects.bulk_create(
        WarningRecord(
            submission=submission,
            check_code=one.code,
            element=one.element,
            numbers=one.numbers[:200],
            outcome=outcome,
            settled_at=None if outcome == Outcome.OPEN else timezone.now(),
        )
        for one in findings
    )
