"""Who may move a school's form from which state to which, and the sentence that says why not.

The table below is the whole rule; `docs/workflow.md` is drawn from it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from monitoring.enums import FormState
from monitoring.models import Campaign, Submission
from portal.formats import date_digits
from portal.models import Membership
from portal.roles import Permission, Role

S = FormState


class Move(StrEnum):
    SEND = "send"
    WITHDRAW = "withdraw"
    TAKE = "take"
    RETURN = "return"
    ACCEPT = "accept"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Transition:
    """One move: from which states it starts, where it leads, what it takes, and its button."""

    sources: frozenset[FormState]
    target: FormState
    permission: Permission
    label: str


TRANSITIONS: dict[Move, Transition] = {
    Move.SEND: Transition(
        frozenset({S.FILLING, S.RETURNED, S.REOPENED}),
        S.SENT,
        Permission.SEND_FORMS,
        "Отправить в управление образования",
    ),
    Move.WITHDRAW: Transition(frozenset({S.SENT}), S.FILLING, Permission.SEND_FORMS, "Отозвать"),
    Move.TAKE: Transition(frozenset({S.SENT}), S.UNDER_REVIEW, Permission.REVIEW_FORMS, "Взять на проверку"),
    Move.RETURN: Transition(frozenset({S.UNDER_REVIEW}), S.RETURNED, Permission.REVIEW_FORMS, "Вернуть на доработку"),
    Move.ACCEPT: Transition(frozenset({S.UNDER_REVIEW}), S.ACCEPTED, Permission.ACCEPT_FORMS, "Принять"),
    Move.REOPEN: Transition(frozenset({S.ACCEPTED}), S.REOPENED, Permission.REOPEN_FORMS, "Открыть для корректировки"),
}

# States in which the school may type. Entry of the first value leads from «не начата» to «заполняется».
EDITABLE = frozenset({S.NOT_STARTED, S.FILLING, S.RETURNED, S.REOPENED})

LOCKED_BECAUSE: dict[FormState, str] = {
    S.SENT: "Форма отправлена в управление образования. Пока её не взяли на проверку, вы можете её отозвать.",
    S.UNDER_REVIEW: "Форма на проверке в управлении образования. Изменить числа можно, если её вернут на доработку.",
    S.ACCEPTED: "Форма принята. Открыть её для корректировки может руководитель управления образования.",
}


class MoveRefused(Exception):
    """The move is not possible now; the text is a sentence for the person who tried."""


def check_can_move(member: Membership, submission: Submission, move: Move) -> None:
    """Raises MoveRefused where this person may not make this move, or not from this state."""
    transition = TRANSITIONS[move]
    if not member.may(transition.permission):
        raise MoveRefused("Это действие не входит в ваши обязанности на портале.")
    if submission.state not in transition.sources:
        state = FormState(submission.state).label
        raise MoveRefused(f"Действие «{transition.label}» сейчас невозможно: форма {state}.")


def can_move(member: Membership, submission: Submission, move: Move) -> bool:
    try:
        check_can_move(member, submission, move)
    except MoveRefused:
        return False
    return True


def lock_sentence(member: Membership, submission: Submission, campaign: Campaign, now: datetime | None = None) -> str:
    """Why this person cannot type into the form now, or an empty string where they can."""
    moment = now or timezone.now()
    if moment < campaign.opens_at:
        return f"Форма откроется {date_digits(timezone.localtime(campaign.opens_at).date())}."
    if submission.state not in EDITABLE:
        return LOCKED_BECAUSE[FormState(submission.state)]
    if not member.may(Permission.ENTER_VALUES) or member.role == Role.COLLEAGUE:
        return "Числа вносит ответственный за профориентацию школы. Вам форма открыта для чтения."
    return ""


def is_late(submission: Submission, campaign: Campaign, now: datetime) -> bool:
    """Whether a form sent at this moment is late: after its own new deadline, or after the campaign's."""
    return now > (submission.due_at or campaign.closes_at)
