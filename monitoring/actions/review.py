"""Moves of a school's form: send, withdraw, take, return with remarks, accept one or all clean ones, open again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils import timezone

from monitoring.actions.rules import settle_warnings
from monitoring.actions.telling import day_words, form_words, tell_department, tell_school
from monitoring.actions.totals import rebuild_totals
from monitoring.checks import Finding
from monitoring.enums import CellState, FormState, ThreadKind
from monitoring.models import (
    AcceptedForm,
    Campaign,
    Element,
    Reply,
    Section,
    StatusChange,
    Submission,
    Thread,
    ValueChange,
)
from monitoring.queries.entry.content import content_of
from monitoring.queries.entry.review import Waiting, waiting_for_acceptance
from monitoring.workflow import (
    TRANSITIONS,
    Move,
    MoveRefused,
    check_can_move,
    is_late,
    lock_sentence,
    sending_of,
)
from portal.formats import plural
from portal.models import Membership
from portal.roles import Permission, Role


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be mended, tied to a cell or to a section by its code."""

    text: str
    element: str = ""
    section: str = ""


@transaction.atomic
def send(*, submission: Submission, by: Membership, version: int, confirmed_by: str = "") -> Submission:
    """Send a form that has no errors and whose warnings are all explained.

    `version` is what the sender saw: a form changed since then must be looked at again. A form sent twice stays sent
    once: the second call is refused with a sentence. `confirmed_by` is the name of the school's head as the sender
    typed it; who sends as the head is that person. Raises MoveRefused.
    """
    locked, move = locked_form(submission), sending_of(by)
    check_can_move(by, locked, move)
    check_version(locked, version)
    settle_warnings(submission=locked, findings=check_complete(locked))
    now = timezone.now()
    locked.late = is_late(locked, locked.campaign, now)
    locked.sent_at = now
    locked.confirmed_by = str(by.user) if move == Move.CONFIRM else confirmed_by
    locked.ready_at = locked.ready_by = None
    _close_settled_remarks(locked, now)
    moved = move_form(locked, move, by, on_behalf=move == Move.SEND_FOR_SCHOOL)
    text = f"{locked.school.name}: форма {form_words(locked)} отправлена на проверку."
    tell_department(moved, text)
    if move == Move.SEND_FOR_SCHOOL:
        tell_school(moved, f"Управление образования отправило за школу форму {form_words(locked)}.")
    return moved


@transaction.atomic
def withdraw(*, submission: Submission, by: Membership) -> Submission:
    """Take a sent form back while nobody has begun to check it."""
    locked = locked_form(submission)
    check_can_move(by, locked, Move.WITHDRAW)
    moved = move_form(locked, Move.WITHDRAW, by)
    tell_department(moved, f"{locked.school.name}: школа отозвала форму {form_words(locked)}.")
    return moved


@transaction.atomic
def take(*, submission: Submission, by: Membership) -> Submission:
    """Begin to check a sent form; from now on the school cannot withdraw it."""
    locked = locked_form(submission)
    check_can_move(by, locked, Move.TAKE)
    moved = move_form(locked, Move.TAKE, by)
    tell_school(moved, f"Форму {form_words(locked)} взяли на проверку.")
    return moved


@transaction.atomic
def return_form(
    *, submission: Submission, by: Membership, remarks: Sequence[Remark], due_at: datetime, comment: str = ""
) -> Submission:
    """Send a form back with at least one remark tied to a cell or a section, and a new deadline."""
    locked = locked_form(submission)
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
    moved = move_form(locked, Move.RETURN, by, comment)
    count = plural(len(remarks), "замечание", "замечания", "замечаний")
    tell_school(
        moved, f"Форма {form_words(locked)} возвращена на доработку: {count}. Исправьте её до {day_words(locked)}."
    )
    return moved


@transaction.atomic
def accept(*, submission: Submission, by: Membership, version: int) -> AcceptedForm:
    """Accept a form: its numbers become the ones that count, and an immutable revision keeps them for ever.

    Raises MoveRefused also while a remark or a question is open.
    """
    locked = locked_form(submission)
    check_can_move(by, locked, Move.ACCEPT)
    if locked.version != version:
        raise MoveRefused("Форма изменилась, пока вы её смотрели. Откройте её ещё раз и проверьте.")
    kept = _keep(locked, by)
    rebuild_totals(municipality=locked.municipality, year=locked.year)
    return kept


@transaction.atomic
def accept_clean(
    *, campaign: Campaign, by: Membership, seen: Mapping[str, int] | None = None
) -> tuple[list[Submission], list[Waiting]]:
    """Accept every form that waits and has nothing to look at; returns (accepted, those left to be looked at).

    A form without errors, warnings, open remarks and questions is accepted also where nobody has taken it yet. `seen`
    (public id -> version) limits it to the forms that the person was shown, as they were then.
    """
    if not by.may(Permission.ACCEPT_FORMS):
        raise MoveRefused("Принять формы может специалист управления образования.")
    accepted, left = [], []
    for one in waiting_for_acceptance(campaign):
        locked = locked_form(one.submission)
        shown = seen is None or seen.get(str(locked.public_id)) == locked.version
        if one.clean and shown and locked.version == one.submission.version:
            if locked.state == FormState.SENT:
                move_form(locked, Move.TAKE, by)
            _keep(locked, by)
            accepted.append(locked)
        else:
            left.append(one)
    if accepted:
        rebuild_totals(municipality=campaign.municipality, year=campaign.year)
    return accepted, left


@transaction.atomic
def reopen(*, submission: Submission, by: Membership, reason: str) -> Submission:
    """Open an accepted form for correction. Its accepted numbers count until it is accepted again."""
    locked = locked_form(submission)
    check_can_move(by, locked, Move.REOPEN)
    if not reason.strip():
        raise MoveRefused("Напишите, почему форму нужно открыть: причина останется в истории.")
    moved = move_form(locked, Move.REOPEN, by, reason)
    tell_school(moved, f"Форма {form_words(locked)} открыта для корректировки.")
    return moved


@transaction.atomic
def answer_remark(*, thread: Thread, by: Membership, text: str) -> Reply:
    """The school's answer to a remark, while the form is theirs to mend. Raises MoveRefused."""
    locked = locked_form(thread.submission)
    section = thread.element.section if thread.element else thread.section
    if cause := lock_sentence(by, locked, locked.campaign, section=section.code if section else ""):
        raise MoveRefused(cause)
    return Reply.objects.create(thread=thread, text=text, by=by.user)


@transaction.atomic
def close_remark(*, thread: Thread, by: Membership) -> None:
    """The department is content with a remark that the school neither answered nor mended by a number."""
    locked = locked_form(thread.submission)
    if not by.may(Permission.REVIEW_FORMS):
        raise MoveRefused("Закрыть замечание может специалист управления образования.")
    if locked.state not in {FormState.SENT, FormState.UNDER_REVIEW}:
        raise MoveRefused("Замечание можно закрыть, когда школа снова отправит форму.")
    Thread.objects.filter(pk=thread.pk, closed_at=None).update(closed_at=timezone.now(), closed_by=by.user)


# --- what the moves share --------------------------------------------------------------------------------------------


def locked_form(submission: Submission) -> Submission:
    """The form as it is now, locked until the end of the transaction."""
    rows = Submission.objects.select_for_update(of=("self",))
    return rows.select_related("campaign__form", "campaign__contact", "municipality", "school").get(pk=submission.pk)


def move_form(
    submission: Submission, move: Move, by: Membership, comment: str = "", *, on_behalf: bool = False
) -> Submission:
    """Write the new state and its trace; a move that keeps the state leaves a trace, too."""
    before = FormState(submission.state)
    submission.state = TRANSITIONS[move].target or before
    submission.version += 1
    submission.changed_at = timezone.now()
    submission.save()
    StatusChange.objects.create(
        submission=submission,
        from_state=before,
        to_state=submission.state,
        by=by.user,
        comment=comment,
        on_behalf=on_behalf,
    )
    return submission


def check_version(submission: Submission, version: int) -> None:
    if submission.version != version:
        raise MoveRefused("Данные формы изменились после того, как вы их проверили. Проверьте форму ещё раз.")


def check_complete(submission: Submission) -> list[Finding]:
    """What the checks still say of a form that may be sent.

    Raises MoveRefused while there are errors, warnings without an explanation, or sections that the school itself
    marked as not filled yet.
    """
    state = content_of(submission)
    missing = []
    if state.errors:
        missing.append(f"исправьте {plural(len(state.errors), 'ошибку', 'ошибки', 'ошибок')}")
    if state.unexplained:
        missing.append(f"дайте {plural(len(state.unexplained), 'пояснение', 'пояснения', 'пояснений')}")
    if state.unfinished:
        titles = ", ".join(f"«{one.title}»" for one in state.unfinished)
        missing.append(f"отметьте заполненными разделы {titles}")
    if missing:
        raise MoveRefused(f"Форма не отправлена: {' и '.join(missing)}.")
    return [one.finding for one in state.standings]


def _close_settled_remarks(submission: Submission, now: datetime) -> None:
    """A remark that the school answered, or whose cell or section it changed, is settled; another stays open (C11)."""
    later = ValueChange.objects.filter(submission=submission, at__gte=OuterRef("at"))
    answered = Exists(Reply.objects.filter(thread=OuterRef("pk")))
    mended = Exists(later.filter(element=OuterRef("element"))) | Exists(
        later.filter(element__section=OuterRef("section"))
    )
    settled = submission.threads.filter(Q(answered) | Q(mended), kind=ThreadKind.REMARK, closed_at=None)
    Thread.objects.filter(pk__in=list(settled.values_list("pk", flat=True))).update(closed_at=now)


def _keep(submission: Submission, by: Membership) -> AcceptedForm:
    """Accept a locked form under review, without counting the totals anew."""
    check_can_move(by, submission, Move.ACCEPT)
    if waiting := submission.threads.filter(closed_at=None).count():
        count = plural(waiting, "замечание или вопрос", "замечания или вопроса", "замечаний и вопросов")
        raise MoveRefused(
            f"Форму нельзя принять: в ней ждёт решения {count}. Закройте их или верните форму на доработку."
        )
    last = submission.accepted.aggregate(last=Max("revision"))["last"] or 0
    submission.values.update(accepted_state=F("state"), accepted_number=F("number"))
    kept = AcceptedForm.objects.create(
        municipality=submission.municipality,
        submission=submission,
        revision=last + 1,
        by=by.user,
        values={
            code: [state, number, reason]
            for code, state, number, reason in submission.values.exclude(state=CellState.EMPTY).values_list(
                "element__code", "state", "number", "reason"
            )
        },
    )
    move_form(submission, Move.ACCEPT, by)
    tell_school(submission, f"Форма {form_words(submission)} принята.", Role.COORDINATOR, Role.SCHOOL_HEAD)
    return kept
