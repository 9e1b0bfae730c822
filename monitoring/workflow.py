"""Who may move a school's form from which state to which, who may type into it, and the sentence that says why not.

The two tables below are the whole rule; `docs/workflow.md` repeats them for people, and a test compares the two.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import F, Q
from django.utils import timezone

from monitoring.enums import FormState, Way
from monitoring.models import Campaign, SectionKeeper, StatusChange, Submission
from portal.formats import date_digits
from portal.models import Membership
from portal.roles import Permission, Role

S = FormState


class Move(StrEnum):
    OFFER = "offer"
    TAKE_BACK = "take_back"
    SEND = "send"
    CONFIRM = "confirm"
    GIVE_BACK = "give_back"
    WITHDRAW = "withdraw"
    BEGIN_BEHALF = "begin_behalf"
    END_BEHALF = "end_behalf"
    SEND_FOR_SCHOOL = "send_for_school"
    TAKE = "take"
    RETURN = "return"
    ACCEPT = "accept"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Transition:
    """One move: from which states it starts, where it leads (None: the state stays), what it takes, and its button."""

    sources: frozenset[FormState]
    target: FormState | None
    permission: Permission
    label: str


# States in which the school may type. Entry of the first value leads from «не начата» to «заполняется».
EDITABLE = frozenset({S.NOT_STARTED, S.FILLING, S.RETURNED, S.REOPENED})
_SENDABLE = EDITABLE - {S.NOT_STARTED}
_SEND = "Отправить в управление образования"

TRANSITIONS: dict[Move, Transition] = {
    Move.OFFER: Transition(_SENDABLE, None, Permission.SEND_FORMS, "Передать директору"),
    Move.TAKE_BACK: Transition(_SENDABLE, None, Permission.SEND_FORMS, "Забрать у директора"),
    Move.SEND: Transition(_SENDABLE, S.SENT, Permission.SEND_FORMS, _SEND),
    Move.CONFIRM: Transition(_SENDABLE, S.SENT, Permission.CONFIRM_FORMS, _SEND),
    Move.GIVE_BACK: Transition(_SENDABLE, None, Permission.CONFIRM_FORMS, "Вернуть ответственному"),
    Move.WITHDRAW: Transition(frozenset({S.SENT}), S.FILLING, Permission.SEND_FORMS, "Отозвать"),
    Move.BEGIN_BEHALF: Transition(EDITABLE, None, Permission.ENTER_ON_BEHALF, "Внести за школу"),
    Move.END_BEHALF: Transition(EDITABLE, None, Permission.ENTER_ON_BEHALF, "Закончить внесение за школу"),
    Move.SEND_FOR_SCHOOL: Transition(_SENDABLE, S.SENT, Permission.ENTER_ON_BEHALF, "Отправить за школу"),
    Move.TAKE: Transition(frozenset({S.SENT}), S.UNDER_REVIEW, Permission.REVIEW_FORMS, "Взять на проверку"),
    Move.RETURN: Transition(frozenset({S.UNDER_REVIEW}), S.RETURNED, Permission.REVIEW_FORMS, "Вернуть на доработку"),
    Move.ACCEPT: Transition(frozenset({S.UNDER_REVIEW}), S.ACCEPTED, Permission.ACCEPT_FORMS, "Принять"),
    Move.REOPEN: Transition(frozenset({S.ACCEPTED}), S.REOPENED, Permission.REOPEN_FORMS, "Открыть для корректировки"),
}

SENDINGS = frozenset({Move.SEND, Move.CONFIRM, Move.SEND_FOR_SCHOOL})
# What makes no sense in a form that could not be typed into afterwards or that is no longer taken.
_IN_TIME = SENDINGS | {Move.OFFER, Move.WITHDRAW, Move.BEGIN_BEHALF}


class MoveRefused(Exception):
    """The move is not possible now; the text is a sentence for the person who tried."""


class LockCause(StrEnum):
    NOT_OPEN = "not_open"
    CLOSED = "closed"
    SCHOOL_CLOSED = "school_closed"
    OVERDUE = "overdue"
    SENT = "sent"
    UNDER_REVIEW = "under_review"
    ACCEPTED = "accepted"
    OTHER_SECTION = "other_section"
    DEPARTMENT = "department"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Lock:
    """Why somebody cannot type: cause, sentence of the page, who lifts it, and when it ends by itself if it does."""

    cause: LockCause
    sentence: str
    lifted_by: str
    until: datetime | None = None


_COORDINATOR = "ответственный за профориентацию школы"
_SPECIALIST = "специалист управления образования"
_HEAD = "руководитель управления образования"

LOCKS_OF_STATES: dict[FormState, Lock] = {
    S.SENT: Lock(
        LockCause.SENT,
        f"Форма отправлена в управление образования. Пока её не взяли на проверку, отозвать её может {_COORDINATOR}.",
        _COORDINATOR,
    ),
    S.UNDER_REVIEW: Lock(
        LockCause.UNDER_REVIEW,
        "Форма на проверке в управлении образования. Школа сможет изменить числа, если специалист вернёт форму"
        " на доработку.",
        _SPECIALIST,
    ),
    S.ACCEPTED: Lock(LockCause.ACCEPTED, f"Форма принята. Открыть её для корректировки может {_HEAD}.", _HEAD),
}
LOCKED_BECAUSE: dict[FormState, str] = {state: lock.sentence for state, lock in LOCKS_OF_STATES.items()}


# --- typing ----------------------------------------------------------------------------------------------------------


def lock_of(
    member: Membership, submission: Submission, campaign: Campaign, now: datetime | None = None, section: str = ""
) -> Lock | None:
    """What keeps this person from typing now, or None where they may type.

    `section` is the code of the section in question: a colleague types only into those given to them, and so has no
    right to the form as a whole. Asks the database only about colleagues, about the department's entry for a school,
    and about extensions once the additional time is over.
    """
    return form_lock(submission, campaign, now) or _lock_of_person(member, submission, section)


def lock_sentence(
    member: Membership, submission: Submission, campaign: Campaign, now: datetime | None = None, section: str = ""
) -> str:
    """Why this person cannot type into the form now, or an empty string where they can."""
    lock = lock_of(member, submission, campaign, now, section)
    return lock.sentence if lock else ""


def form_lock(submission: Submission, campaign: Campaign, now: datetime | None = None) -> Lock | None:
    """What keeps everybody from typing into the form: its time or its state."""
    moment, state = now or timezone.now(), FormState(submission.state)
    if state not in EDITABLE:
        return LOCKS_OF_STATES[state]
    return time_lock(submission, campaign, state, moment)


def time_lock(submission: Submission, campaign: Campaign, state: FormState, now: datetime) -> Lock | None:
    """What the calendar says of a form in this state. Late is no lock: only the end of the additional time is.

    A form that the head opened for correction is open, whatever the calendar says: it is a decision about one form.
    """
    if now < campaign.opens_at:
        sentence = f"Форма откроется {_moment(campaign.opens_at)}. Вопросы о сроках: {_contact(campaign)}."
        return Lock(LockCause.NOT_OPEN, sentence, _SPECIALIST, campaign.opens_at)
    if state == S.REOPENED:
        return None
    if campaign.closed_at is not None:
        sentence = f"Сбор данных закрыт {_moment(campaign.closed_at)}. Изменить срок может {_contact(campaign)}."
        return Lock(LockCause.CLOSED, sentence, _SPECIALIST)
    closed = submission.school.closed if submission.school_id else None
    if closed and closed <= timezone.localdate(now):
        sentence = (
            f"Школа закрыта с {date_digits(closed)}, поэтому её форму не заполняют. Исправить дату в списке школ может"
            " администратор муниципалитета."
        )
        return Lock(LockCause.SCHOOL_CLOSED, sentence, "администратор муниципалитета")
    if campaign.grace_until and now > campaign.grace_until and now > (deadline := submission.deadline_in(campaign)):
        ended = f"Срок сдачи закончился {_moment(deadline)}"
        if deadline < campaign.grace_until:
            ended += f", дополнительное время – {_moment(campaign.grace_until)}"
        return Lock(LockCause.OVERDUE, f"{ended}. Продлить срок для школы может {_contact(campaign)}.", _SPECIALIST)
    return None


def _lock_of_person(member: Membership, submission: Submission, section: str) -> Lock | None:
    if member.may(Permission.ENTER_ON_BEHALF):
        if behalf_of(submission):
            return None
        sentence = "Числа школы вносит школа. Если школа прислала бумагу, нажмите «Внести за школу»."
        return Lock(LockCause.DEPARTMENT, sentence, _SPECIALIST)
    if not member.may(Permission.ENTER_VALUES):
        sentence = f"Числа вносит {_COORDINATOR}. Вам форма открыта для чтения."
        return Lock(LockCause.READER, sentence, _COORDINATOR)
    if member.role != Role.COLLEAGUE:
        return None
    given = sections_given(member, submission)
    if section and section in given:
        return None
    if not given:
        sentence = f"Вам пока не передали ни одного раздела этой формы. Передать раздел может {_COORDINATOR}."
    elif section:
        sentence = f"Этот раздел вам не передан: он открыт вам для чтения. Передать его может {_COORDINATOR}."
    else:
        titles = "; ".join(f"«{title}»" for title in given.values())
        sentence = f"Вы заполняете разделы, которые вам передали: {titles}. Остальное открыто вам для чтения."
    return Lock(LockCause.OTHER_SECTION, sentence, _COORDINATOR)


def written_as(member: Membership, submission: Submission, way: Way, note: str) -> tuple[Way, str]:
    """How a value comes to be in the form, and why: what the department types is marked with the reason it gave."""
    record = behalf_of(submission) if member.may(Permission.ENTER_ON_BEHALF) else None
    return (Way.BEHALF, record.comment[:300]) if record else (way, note)


def sections_given(member: Membership, submission: Submission) -> dict[str, str]:
    """Titles of the sections of this form that were given to a colleague, by code; in the order of the form."""
    rows = SectionKeeper.objects.filter(submission_id=submission.pk, user_id=member.user_id)
    return dict(rows.order_by("section__order").values_list("section__code", "section__title"))


def behalf_of(submission: Submission) -> StatusChange | None:
    """The record with which the department began to type for the school; None before it, after its end, once sent.

    The record keeps the state as it is and says why; the one that ends it says nothing (monitoring/actions/behalf.py).
    """
    if submission.pk is None:
        return None
    marks = Q(on_behalf=True, from_state=F("to_state")) | Q(to_state=S.SENT)
    last = submission.moves.filter(marks).select_related("by").first()
    return last if last is not None and last.from_state == last.to_state and last.comment else None


# --- moves -----------------------------------------------------------------------------------------------------------


def check_can_move(member: Membership, submission: Submission, move: Move) -> None:
    """Raises MoveRefused where this person may not make this move, or the form is not in a condition for it."""
    transition = TRANSITIONS[move]
    if not member.may(transition.permission):
        raise MoveRefused("Это действие не входит в ваши обязанности на портале.")
    if submission.state not in transition.sources:
        state = FormState(submission.state).label
        raise MoveRefused(f"Действие «{transition.label}» сейчас невозможно: форма {state}.")
    if obstacle := _obstacle(submission, move):
        raise MoveRefused(obstacle)


def can_move(member: Membership, submission: Submission, move: Move) -> bool:
    try:
        check_can_move(member, submission, move)
    except MoveRefused:
        return False
    return True


def moves_of(member: Membership, submission: Submission) -> list[Move]:
    """The moves that this person may make now, in the order of their buttons."""
    return [move for move in Move if can_move(member, submission, move)]


def sending_of(member: Membership) -> Move:
    """The move by which this person sends: for the school, as its head, or as its coordinator."""
    if member.may(Permission.ENTER_ON_BEHALF):
        return Move.SEND_FOR_SCHOOL
    return Move.CONFIRM if member.may(Permission.CONFIRM_FORMS) else Move.SEND


def _obstacle(submission: Submission, move: Move) -> str:
    """What besides the state stands in the way of a move; empty where nothing does."""
    campaign, ready = submission.campaign, submission.ready_at is not None
    if move in _IN_TIME:
        after = S.FILLING if move == Move.WITHDRAW else FormState(submission.state)
        if lock := time_lock(submission, campaign, after, timezone.now()):
            return lock.sentence
    match move:
        case Move.SEND if campaign.two_step:
            return "В этом сборе форму отправляет директор школы. Нажмите «Передать директору»."
        case Move.OFFER if not campaign.two_step:
            return "В этом сборе форму отправляет ответственный за профориентацию: передавать её директору не нужно."
        case Move.OFFER if ready:
            return "Форма уже передана директору."
        case Move.CONFIRM | Move.GIVE_BACK | Move.TAKE_BACK if not ready:
            return "Форма не передана директору: её ещё заполняют."
        case Move.BEGIN_BEHALF if behalf_of(submission):
            return "Управление образования уже вносит данные за эту школу."
        case Move.END_BEHALF | Move.SEND_FOR_SCHOOL if not behalf_of(submission):
            return "Управление образования сейчас не вносит данные за эту школу. Нажмите «Внести за школу»."
        case Move.RETURN if campaign.closed_at is not None:
            return (
                "Сбор данных закрыт, и школа не сможет исправить форму. Примите её; принятую форму может открыть"
                " для корректировки руководитель управления образования."
            )
    return ""


def is_late(submission: Submission, campaign: Campaign, now: datetime) -> bool:
    """Whether a form sent at this moment is late."""
    return now > submission.deadline_in(campaign)


def _moment(moment: datetime) -> str:
    """«20.12.2026, 23:59» in the time zone of the page, which is the municipality's."""
    local = timezone.localtime(moment)
    return f"{date_digits(local.date())}, {local:%H:%M}"


def _contact(campaign: Campaign) -> str:
    """Whom a school asks: the specialist, and who it is where the campaign names them."""
    if campaign.contact is None:
        return _SPECIALIST
    phone = f", тел. {campaign.contact.phone}" if campaign.contact.phone else ""
    return f"{_SPECIALIST} ({campaign.contact}{phone})"
