"""A later deadline for single schools, with a reason. It ends by itself and can be taken back."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from monitoring.actions.review import locked_form
from monitoring.actions.telling import day_words, form_words, tell_school
from monitoring.models import Extension, Submission
from monitoring.workflow import EDITABLE, MoveRefused
from portal.formats import date_digits
from portal.models import Membership
from portal.roles import Permission


@transaction.atomic
def extend(*, submissions: Iterable[Submission], until: datetime, reason: str, by: Membership) -> int:
    """Put off the deadline of forms that are not handed in; how many it concerned.

    A form already sent, or with a deadline that is no earlier, is passed over. An earlier extension is replaced.
    Raises MoveRefused where nothing is left to put off.
    """
    _check_may(by)
    now = timezone.now()
    if not reason.strip():
        raise MoveRefused("Напишите, почему срок продлён: причина останется в истории.")
    if until <= now:
        raise MoveRefused("Новый срок должен быть в будущем. Укажите более позднюю дату.")
    done = 0
    for one in submissions:
        locked = locked_form(one)
        standing = max([locked.campaign.closes_at, *filter(None, [locked.due_at])])
        if locked.state not in EDITABLE or locked.campaign.closed_at is not None or until <= standing:
            continue
        locked.extensions.filter(cancelled_at=None).update(cancelled_at=now, cancelled_by=by.user)
        Extension.objects.create(submission=locked, until=until, reason=reason, by=by.user)
        day = date_digits(timezone.localtime(until).date())
        tell_school(locked, f"Срок сдачи формы {form_words(locked)} продлён для вашей школы до {day}.")
        done += 1
    if not done:
        raise MoveRefused(
            "Продлить срок можно для формы, которую ещё заполняют, и только до более поздней даты, чем её срок."
        )
    return done


@transaction.atomic
def cancel_extension(*, extension: Extension, by: Membership) -> None:
    """End an extension before its time; the deadline without it holds again."""
    _check_may(by)
    locked = locked_form(extension.submission)
    open_one = locked.extensions.filter(pk=extension.pk, cancelled_at=None, until__gt=timezone.now())
    if not open_one.update(cancelled_at=timezone.now(), cancelled_by=by.user):
        raise MoveRefused("Это продление уже закончилось или отменено.")
    tell_school(locked, f"Продление срока формы {form_words(locked)} отменено. Сдать её нужно до {day_words(locked)}.")


def _check_may(by: Membership) -> None:
    if not by.may(Permission.RUN_CAMPAIGNS):
        raise MoveRefused("Продлить срок может специалист управления образования.")
