"""What the department writes in a school's form: for the school from its paper, or as a correction under review."""

from django.db import transaction
from django.utils import timezone

from monitoring.actions.entry import FILLED, CellEntry
from monitoring.actions.review import locked_form, move_form
from monitoring.actions.telling import form_words, tell_school
from monitoring.enums import CellState, FormState, Way
from monitoring.models import Submission, Value, ValueChange
from monitoring.queries.entry.content import content_of
from monitoring.workflow import Move, MoveRefused, check_can_move
from portal.models import Membership
from portal.roles import Permission


@transaction.atomic
def begin_behalf(*, submission: Submission, by: Membership, reason: str) -> Submission:
    """From now on the department may type into the form while the school may; why stays in its history.

    It lasts until `end_behalf` or until the form is sent (monitoring/workflow.py, `behalf_of`).
    """
    locked = locked_form(submission)
    check_can_move(by, locked, Move.BEGIN_BEHALF)
    if not reason.strip():
        raise MoveRefused("Напишите, почему данные вносит управление: причина останется в истории.")
    moved = move_form(locked, Move.BEGIN_BEHALF, by, reason, on_behalf=True)
    tell_school(moved, f"Управление образования вносит за школу данные формы {form_words(locked)}.")
    return moved


@transaction.atomic
def end_behalf(*, submission: Submission, by: Membership) -> Submission:
    """The department has written down what it had; the school goes on by itself."""
    locked = locked_form(submission)
    check_can_move(by, locked, Move.END_BEHALF)
    moved = move_form(locked, Move.END_BEHALF, by, on_behalf=True)
    tell_school(moved, f"Управление образования закончило вносить за школу данные формы {form_words(locked)}.")
    return moved


@transaction.atomic
def correct(*, submission: Submission, entry: CellEntry, reason: str, by: Membership) -> Value:
    """Put another value into a cell of a form under review; the school's own stays in the history.

    Raises MoveRefused where the form is in another state, the cell changed since it was seen, or the new value would
    contradict another one.
    """
    locked = locked_form(submission)
    _check_may_correct(by, locked, entry, reason)
    value = locked.values.select_related("element").filter(element__code=entry.code).first()
    if value is None or value.version != entry.version or value.state == CellState.INAPPLICABLE:
        raise MoveRefused("Строка изменилась, пока вы её смотрели. Откройте её ещё раз.")
    if (value.state, value.number, value.reason) == (entry.state, entry.number, entry.reason):
        raise MoveRefused("В строке уже стоит это значение.")
    before = {one.finding.key for one in content_of(locked).errors}
    ValueChange.objects.create(
        submission=locked,
        element=value.element,
        by=by.user,
        way=Way.CORRECTION,
        from_state=value.state,
        from_number=value.number,
        to_state=entry.state,
        to_number=entry.number,
        reason=entry.reason,
        note=reason,
    )
    value.state, value.number, value.reason, value.way = entry.state, entry.number, entry.reason, Way.CORRECTION
    value.version += 1
    value.changed_by, value.changed_at = by.user, timezone.now()
    value.save()
    if worse := [one for one in content_of(locked).errors if one.finding.key not in before]:
        raise MoveRefused(f"С этим числом в форме появится ошибка. {worse[0].finding.sentence}")
    locked.version += 1
    locked.cells_filled = locked.values.filter(state__in=FILLED).count()
    locked.changed_at = timezone.now()
    locked.save(update_fields=["version", "cells_filled", "changed_at"])
    tell_school(locked, f"Управление образования исправило строку формы {form_words(locked)}: {value.element.name}.")
    return value


def _check_may_correct(by: Membership, submission: Submission, entry: CellEntry, reason: str) -> None:
    if not by.may(Permission.CORRECT_VALUES):
        raise MoveRefused("Исправлять числа школы может специалист управления образования.")
    if submission.state != FormState.UNDER_REVIEW:
        state = FormState(submission.state).label
        raise MoveRefused(f"Исправить число можно, пока форма на проверке. Сейчас форма {state}.")
    if entry.state == CellState.EMPTY:
        raise MoveRefused("Введите число или отметьте «нет данных» и назовите причину.")
    if not reason.strip():
        raise MoveRefused("Напишите, почему число исправлено: школа увидит причину.")
