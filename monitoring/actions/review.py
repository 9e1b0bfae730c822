"""Moves of a school's form: send, withdraw, take, return with remarks, accept, open again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from monitoring.actions.totals import rebuild_totals
from monitoring.enums import CellState
from monitoring.models import AcceptedForm, Element, Reply, Section, StatusChange, Submission, Thread
from monitoring.queries.content import content_of
from monitoring.workflow import TRANSITIONS, Move, MoveRefused, check_can_move, is_late, lock_sentence
from portal.actions import put_in_outbox
from portal.formats import date_digits, plural, school_year_short
from portal.models import Membership
from portal.roles import Role


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be mended, tied to a cell or to a section by its code."""

    text: str
    element: str = ""
    section: str = ""


@transaction.atomic
def send(*, submission: Submission, by: Membership, version: int) -> Submission:
    """Send a form that has no errors and whose warnings are all explained.

    `version` is what the sender saw: a form changed since then must be looked at again. A form sent twice stays sent
    once: the second call is refused with a sentence. Raises MoveRefused.
    """
    locked = _locked(submission)
    check_can_move(by, locked, Move.SEND)
    if locked.version != version:
        raise MoveRefused("Данные формы изменились после того, как вы их проверили. Проверьте форму ещё раз.")
    state = content_of(locked)
    if state.errors or state.unexplained:
        missing = []
        if state.errors:
            missing.append(f"исправьте {plural(len(state.errors), 'ошибку', 'ошибки', 'ошибок')}")
        if state.unexplained:
            missing.append(f"дайте {plural(len(state.unexplained), 'пояснение', 'пояснения', 'пояснений')}")
        raise MoveRefused(f"Форма не отправлена: {' и '.join(missing)}.")
    now = timezone.now()
    locked.late = is_late(locked, locked.campaign, now)
    locked.sent_at = now
    locked.threads.filter(closed_at__isnull=True).update(closed_at=now)
    return _move(locked, Move.SEND, by)


@transaction.atomic
def withdraw(*, submission: Submission, by: Membership) -> Submission:
    """Take a sent form back while nobody has begun to check it."""
    locked = _locked(submission)
    check_can_move(by, locked, Move.WITHDRAW)
    return _move(locked, Move.WITHDRAW, by)


@transaction.atomic
def take(*, submission: Submission, by: Membership) -> Submission:
    """Begin to check a sent form; from now on the school cannot withdraw it."""
    locked = _locked(submission)
    check_can_move(by, locked, Move.TAKE)
    return _move(locked, Move.TAKE, by)


@transaction.atomic
def return_form(
    *, submission: Submission, by: Membership, remarks: Sequence[Remark], due_at: datetime, comment: str = ""
) -> Submission:
    """Send a form back with at least one remark tied to a cell or a section, and a new deadline."""
    locked = _locked(submission)
    check_can_move(by, locked, Move.RETURN)
    if not remarks:
        raise MoveRefused("Чтобы вернуть форму, напишите хотя бы одно замечание к строке или разделу.")
    if due_at <= timezone.now():
        raise MoveRefused("Новый срок должен быть в будущем. Укажите более позднюю дату.")
    Thread.objects.bulk_create(
        Thread(
            submission=locked,
            element=Element.objects.get(code=remark.element) if remark.element else None,
            section=Section.objects.get(code=remark.section) if remark.section else None,
            text=remark.text,
            by=by.user,
        )
        for remark in remarks
    )
    locked.due_at = due_at
    moved = _move(locked, Move.RETURN, by, comment)
    _tell_school(moved, len(remarks))
    return moved


@transaction.atomic
def accept(*, submission: Submission, by: Membership, version: int) -> AcceptedForm:
    """Accept a form: its numbers become the ones that count, and an immutable revision keeps them for ever."""
    locked = _locked(submission)
    check_can_move(by, locked, Move.ACCEPT)
    if locked.version != version:
        raise MoveRefused("Форма изменилась, пока вы её смотрели. Откройте её ещё раз и проверьте.")
    last = locked.accepted.aggregate(last=Max("revision"))["last"] or 0
    locked.values.update(accepted_state=F("state"), accepted_number=F("number"))
    kept = AcceptedForm.objects.create(
        municipality=locked.municipality,
        submission=locked,
        revision=last + 1,
        by=by.user,
        values={
            code: [state, number, reason]
            for code, state, number, reason in locked.values.exclude(state=CellState.EMPTY).values_list(
                "element__code", "state", "number", "reason"
            )
        },
    )
    _move(locked, Move.ACCEPT, by)
    rebuild_totals(municipality=locked.municipality, year=locked.year)
    return kept


@transaction.atomic
def reopen(*, submission: Submission, by: Membership, reason: str) -> Submission:
    """Open an accepted form for correction. Its accepted numbers count until it is accepted again."""
    locked = _locked(submission)
    check_can_move(by, locked, Move.REOPEN)
    if not reason.strip():
        raise MoveRefused("Напишите, почему форму нужно открыть: причина останется в истории.")
    return _move(locked, Move.REOPEN, by, reason)


@transaction.atomic
def answer_remark(*, thread: Thread, by: Membership, text: str) -> Reply:
    """The school's answer to a remark, while the form is theirs to mend. Raises MoveRefused."""
    locked = _locked(thread.submission)
    if cause := lock_sentence(by, locked, locked.campaign):
        raise MoveRefused(cause)
    return Reply.objects.create(thread=thread, text=text, by=by.user)


def _locked(submission: Submission) -> Submission:
    rows = Submission.objects.select_for_update(of=("self",)).select_related("campaign__form", "municipality", "school")
    return rows.get(pk=submission.pk)


def _move(submission: Submission, move: Move, by: Membership, comment: str = "") -> Submission:
    before, submission.state = submission.state, TRANSITIONS[move].target
    submission.version += 1
    submission.changed_at = timezone.now()
    submission.save()
    StatusChange.objects.create(
        submission=submission, from_state=before, to_state=submission.state, by=by.user, comment=comment
    )
    return submission


def _tell_school(submission: Submission, remarks: int) -> None:
    """A letter to everybody who may mend the form; it carries no numbers and no names of pupils."""
    title, year = submission.campaign.form.title, school_year_short(submission.year)
    due = date_digits(timezone.localtime(submission.due_at).date()) if submission.due_at else ""
    body = (
        f"Форма «{title}» за {year} учебный год возвращена на доработку: "
        f"{plural(remarks, 'замечание', 'замечания', 'замечаний')}. Новый срок – {due}.\n\n"
        "Откройте форму на портале, исправьте отмеченное и отправьте её снова."
    )
    members = Membership.objects.in_force(timezone.localdate()).filter(school=submission.school, role=Role.COORDINATOR)
    for member in members.select_related("user"):
        put_in_outbox(
            to=member.user.email,
            subject=f"Форма возвращена на доработку: {title}",
            body=body,
            municipality=submission.municipality,
        )
