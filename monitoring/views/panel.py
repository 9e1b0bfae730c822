"""One row of a form: help, past years, history, comment, link, questions; and the department's list of questions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import escape
from django.views.decorators.http import require_POST, require_safe

from monitoring import actions
from monitoring.forms.entry import NoteForm, PresenceForm, QuestionForm, ReplyForm, ThreadForm
from monitoring.models import CampaignElement, Submission, Thread
from monitoring.queries.entry.lists import submissions
from monitoring.queries.entry.questions import STANDINGS
from monitoring.queries.entry.questions import questions as questions_of
from monitoring.queries.entry.row_history import line_of, row_panel, sections_asked
from monitoring.workflow import MoveRefused, lock_sentence
from portal.access import load, member_of, requires
from portal.forms import SearchForm
from portal.roles import Permission

PAGE = 30
PRESENT = 75  # seconds after the last sign of life: two of them may be late


@requires(Permission.SEE_FORMS)
@require_safe
def row(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """The row as a page of its own; a script asks for its inner part alone and shows it beside the section."""
    submission, line = _loaded(request, public_id, code)
    return _page(request, submission, line)


@requires(Permission.ENTER_VALUES, Permission.ENTER_ON_BEHALF)
@require_POST
def note(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Keep the comment and the link of a cell."""
    submission, line = _loaded(request, public_id, code)
    form = NoteForm(request.POST, prefix="note")

    def keep(given: dict[str, Any]) -> str:
        value = actions.annotate_cell(
            submission=submission,
            element=line.element,
            comment=given["comment"],
            evidence=given["evidence"],
            by=member_of(request),
        )
        return f"Сохранено. {value.evidence_problem}".strip()

    return _take(request, submission, line, form, keep, refused="note")


@requires(Permission.ENTER_VALUES)
@require_POST
def ask(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Ask the department about the row."""
    submission, line = _loaded(request, public_id, code)
    form = QuestionForm(request.POST, prefix="ask")

    def keep(given: dict[str, Any]) -> str:
        actions.ask(submission=submission, element=line.element, text=given["text"], by=member_of(request))
        return "Вопрос отправлен. Ответ появится здесь и в ваших уведомлениях."

    return _take(request, submission, line, form, keep, refused="ask")


@requires(Permission.ENTER_VALUES, Permission.ANSWER_QUESTIONS)
@require_POST
def reply(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Answer a question of the row, from either side."""
    submission, line = _loaded(request, public_id, code)
    form = ReplyForm(request.POST, prefix="reply")

    def keep(given: dict[str, Any]) -> str:
        thread = load(request, Thread, submission=submission, element=line.element, pk=given["thread"])
        actions.reply(thread=thread, text=given["text"], by=member_of(request))
        return "Ответ сохранён."

    return _take(request, submission, line, form, keep, refused="reply")


@requires(Permission.ENTER_VALUES, Permission.ANSWER_QUESTIONS)
@require_POST
def close(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Close a question: nothing more is to be said."""
    submission, line = _loaded(request, public_id, code)

    def keep(given: dict[str, Any]) -> str:
        thread = load(request, Thread, submission=submission, element=line.element, pk=given["thread"])
        actions.close_question(thread=thread, by=member_of(request))
        return "Вопрос закрыт."

    return _take(request, submission, line, ThreadForm(request.POST, prefix="reply"), keep)


@requires(Permission.ENTER_VALUES, Permission.ENTER_ON_BEHALF)
@require_POST
def presence(request: HttpRequest) -> HttpResponse:
    """A sign of life of an open section every 30 seconds; the answer says who else types into the form now."""
    given = PresenceForm(request.POST)
    if not given.is_valid():
        return HttpResponse(status=422)
    submission = load(request, submissions(), public_id=given.cleaned_data["form"])
    code = given.cleaned_data["section"]
    section = next((one for one in sections_asked(submission) if one[0] == code), None)
    if section is None:
        raise Http404
    member, now = member_of(request), timezone.now().timestamp()
    key = f"presence:{submission.pk}"
    seen = {pk: one for pk, one in (cache.get(key) or {}).items() if one[2] > now - PRESENT}
    cache.set(key, {**seen, member.user_id: (str(member.user), section[1], now)}, PRESENT)
    others = [f"{name}, раздел «{title}»" for pk, (name, title, _) in seen.items() if pk != member.user_id]
    words = f"Сейчас форму заполняет также: {'; '.join(others)}." if others else ""
    return HttpResponse(escape(words))


@requires(Permission.ANSWER_QUESTIONS)
@require_safe
def questions(request: HttpRequest) -> HttpResponse:
    """All questions of the municipality's schools, those that wait for an answer first."""
    search = SearchForm(request.GET)
    words = search.cleaned_data["q"] if search.is_valid() else ""
    standing = request.GET.get("standing", "")
    rows = questions_of(member_of(request), standing=standing, search=words)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "standing": standing, "standings": STANDINGS.items(), "search": words}
    return render(request, "monitoring/questions.html", context)


def _loaded(request: HttpRequest, public_id: str, code: str) -> tuple[Submission, CampaignElement]:
    submission = load(request, submissions(), public_id=public_id)
    line = line_of(submission, code)
    if line is None:
        raise Http404
    return submission, line


def _take(
    request: HttpRequest,
    submission: Submission,
    line: CampaignElement,
    form: forms.Form,
    keep: Callable[[dict[str, Any]], str],
    refused: str = "",
) -> HttpResponse:
    """Do what the form asks and tell what was done; a refused form stays on the page with its words."""
    kept: dict[str, Any] = {refused: form} if refused else {}
    if not form.is_valid():
        return _page(request, submission, line, status=422, **kept)
    try:
        told = keep(form.cleaned_data)
    except MoveRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, submission, line, status=422, **(kept or {"failure": str(refusal)}))
    if _in_drawer(request):
        return _page(request, submission, line, told=told)
    messages.success(request, told)
    return redirect("monitoring:row", submission.public_id, line.element.code)


def _in_drawer(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _page(
    request: HttpRequest,
    submission: Submission,
    line: CampaignElement,
    *,
    note: forms.Form | None = None,
    ask: forms.Form | None = None,
    reply: forms.Form | None = None,
    told: str = "",
    failure: str = "",
    status: int = 200,
) -> HttpResponse:
    member = member_of(request)
    panel = row_panel(submission, line)
    value = panel.value
    known = {"comment": value.comment, "evidence": value.evidence} if value else {}
    context = {
        "submission": submission,
        "panel": panel,
        "locked": lock_sentence(member, submission, submission.campaign, section=line.section.code),
        "note": note or NoteForm(initial=known, prefix="note"),
        "ask": ask or QuestionForm(prefix="ask"),
        "refused_reply": reply,
        "refused": note or ask or reply,
        "may_ask": member.may(Permission.ENTER_VALUES),
        "may_answer": member.may(Permission.ENTER_VALUES) or member.may(Permission.ANSWER_QUESTIONS),
        "told": told,
        "failure": failure,
        "drawer": _in_drawer(request),
    }
    template = "monitoring/_panel.html" if _in_drawer(request) else "monitoring/row.html"
    return render(request, template, context, status=status)
