"""Two-step sending, where the campaign asks for it: the coordinator gives the form to the school's head and back.

The state of the form stays; `ready_at` says that it is with the head. A number changed in the meantime takes it away
from the head (monitoring/actions/entry.py), so that nobody confirms what they have not seen.
"""

from django.db import transaction
from django.utils import timezone

from monitoring.actions.review import check_complete, check_version, locked_form, move_form
from monitoring.actions.telling import form_words, tell_school
from monitoring.models import Submission
from monitoring.queries.entry.review import GIVEN_BACK
from monitoring.workflow import Move, MoveRefused, check_can_move
from portal.models import Membership
from portal.roles import Role


@transaction.atomic
def offer(*, submission: Submission, by: Membership, version: int) -> Submission:
    """Give a complete form to the school's head for confirmation."""
    locked = locked_form(submission)
    check_can_move(by, locked, Move.OFFER)
    check_version(locked, version)
    check_complete(locked)
    locked.ready_at, locked.ready_by = timezone.now(), by.user
    moved = move_form(locked, Move.OFFER, by, "Передана директору.")
    tell_school(moved, f"Форма {form_words(locked)} ждёт вашего подтверждения.", Role.SCHOOL_HEAD)
    return moved


@transaction.atomic
def take_back(*, submission: Submission, by: Membership) -> Submission:
    """The coordinator takes the form back from the head to go on with it."""
    locked = locked_form(submission)
    check_can_move(by, locked, Move.TAKE_BACK)
    locked.ready_at = locked.ready_by = None
    moved = move_form(locked, Move.TAKE_BACK, by, "Ответственный забрал форму у директора.")
    tell_school(moved, f"Форму {form_words(locked)} подтверждать пока не нужно: её дополняют.", Role.SCHOOL_HEAD)
    return moved


@transaction.atomic
def give_back(*, submission: Submission, by: Membership, reason: str) -> Submission:
    """The head gives the form back to the coordinator with a word."""
    locked = locked_form(submission)
    check_can_move(by, locked, Move.GIVE_BACK)
    if not reason.strip():
        raise MoveRefused("Напишите, что исправить: ответственный увидит это вверху формы.")
    locked.ready_at = locked.ready_by = None
    moved = move_form(locked, Move.GIVE_BACK, by, f"{GIVEN_BACK}{reason}")
    tell_school(moved, f"Директор вернул форму {form_words(locked)}. Откройте её: вверху сказано, что исправить.")
    return moved
