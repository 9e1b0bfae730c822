"""What is said about one cell beside its number: a comment, a link that confirms it, a question and its answers."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from monitoring.enums import CellState, ThreadKind
from monitoring.evidence import root_problem
from monitoring.models import Element, Reply, Submission, Thread, Value
from monitoring.workflow import EDITABLE, MoveRefused, lock_sentence
from portal.actions import tell
from portal.models import Membership, User
from portal.roles import PERMISSIONS, Permission, Role, Scope

AGAIN = timedelta(days=1)  # a link that did not open is asked once more
ANSWERERS = [role for role in Role if Permission.ANSWER_QUESTIONS in PERMISSIONS[role]]


@transaction.atomic
def annotate_cell(*, submission: Submission, element: Element, comment: str, evidence: str, by: Membership) -> Value:
    """Keep the comment and the link of a cell; a cell that was never filled stays empty and keeps its version 0.

    A new link is asked later, by the worker. Raises MoveRefused where the form is locked for this person.
    """
    locked = _locked(submission)
    if cause := lock_sentence(by, locked, locked.campaign, section=element.section.code):
        raise MoveRefused(cause)
    value, _ = Value.objects.get_or_create(
        submission=locked, element=element, defaults={"state": CellState.EMPTY, "version": 0}
    )
    if value.state == CellState.INAPPLICABLE:
        raise MoveRefused("Эта строка к вашей школе не относится.")
    if evidence != value.evidence:
        value.evidence, value.evidence_checked_at = evidence, None
        value.evidence_problem = root_problem(evidence) if evidence else ""
    value.comment = comment
    value.save(update_fields=["comment", "evidence", "evidence_checked_at", "evidence_problem"])
    return value


def links_to_ask() -> QuerySet[Value]:
    """Links of forms under way that were not asked yet, and a day later those that did not open; oldest first."""
    due = Q(evidence_checked_at=None) | Q(evidence_checked_at__lt=timezone.now() - AGAIN) & ~Q(evidence_problem="")
    rows = Value.objects.filter(due, submission__state__in=EDITABLE).exclude(evidence="")
    return rows.order_by("evidence_checked_at", "pk")


def keep_answer_of_link(*, value: Value, problem: str) -> bool:
    """Write what came of asking a link; False where the link was changed meanwhile."""
    rows = Value.objects.filter(pk=value.pk, evidence=value.evidence)
    return bool(rows.update(evidence_checked_at=timezone.now(), evidence_problem=problem[:300]))


@transaction.atomic
def ask(*, submission: Submission, element: Element, text: str, by: Membership) -> Thread:
    """Ask the department about a row; those who answer questions are told. Raises MoveRefused after the collection."""
    locked = _locked(submission)
    if locked.campaign.closed_at is not None:
        raise MoveRefused("Сбор данных завершён. Задайте вопрос методисту по телефону или почте.")
    asked = Thread.objects.create(submission=locked, kind=ThreadKind.QUESTION, element=element, text=text, by=by.user)
    _tell(asked, _answerers(locked), by, f"{locked.school.name}: вопрос к строке «{element.name}».")
    return asked


@transaction.atomic
def reply(*, thread: Thread, text: str, by: Membership) -> Reply:
    """Answer a question, from either side; the other side is told. Raises MoveRefused for a closed one."""
    question = _open_question(thread)
    written = Reply.objects.create(thread=question, text=text, by=by.user)
    words = f"{question.submission.school.name}: новый ответ на вопрос к строке «{_row_name(question)}»."
    _tell(question, _others(question, by), by, words)
    return written


@transaction.atomic
def close_question(*, thread: Thread, by: Membership) -> Thread:
    """Nothing more is to be said; the other side is told. Raises MoveRefused where it is closed already."""
    question = _open_question(thread)
    question.closed_at, question.closed_by = timezone.now(), by.user
    question.save(update_fields=["closed_at", "closed_by"])
    words = f"{question.submission.school.name}: закрыт вопрос к строке «{_row_name(question)}»."
    _tell(question, _others(question, by), by, words)
    return question


def _locked(submission: Submission) -> Submission:
    rows = Submission.objects.select_for_update(of=("self",)).select_related("campaign", "municipality", "school")
    return rows.get(pk=submission.pk)


def _open_question(thread: Thread) -> Thread:
    rows = Thread.objects.select_for_update(of=("self",)).filter(kind=ThreadKind.QUESTION, closed_at=None)
    found = rows.select_related("submission__municipality", "submission__school").filter(pk=thread.pk).first()
    if found is None:
        raise MoveRefused("Вопрос уже закрыт. Если он остался, задайте новый.")
    return found


def _row_name(thread: Thread) -> str:
    return thread.element.name if thread.element else ""


def _answerers(submission: Submission) -> list[User]:
    """Everybody of the municipality who answers questions."""
    rows = Membership.objects.in_force(timezone.localdate()).filter(
        municipality=submission.municipality, role__in=ANSWERERS
    )
    return [member.user for member in rows.select_related("user")]


def _others(thread: Thread, by: Membership) -> Iterable[User]:
    """The other side: who asked and who spoke for the school, or who answered for the department, else all who may."""
    spoke = [one.by for one in thread.replies.select_related("by") if one.by] + ([thread.by] if thread.by else [])
    of_school = set(
        Membership.objects.filter(school=thread.submission.school_id, user__in=spoke).values_list("user", flat=True)
    )
    if by.scope != Scope.SCHOOL:
        return [person for person in spoke if person.pk in of_school]
    return [person for person in spoke if person.pk not in of_school] or _answerers(thread.submission)


def _tell(thread: Thread, people: Iterable[User], by: Membership, words: str) -> None:
    element = thread.element
    if element is None:
        return
    url = reverse("monitoring:row", args=[thread.submission.public_id, element.code])
    listeners = [person for person in people if person.pk != by.user_id]
    tell(people=listeners, municipality=thread.submission.municipality, text=words[:500], url=url)
