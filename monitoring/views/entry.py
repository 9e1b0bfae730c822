"""A school's form: the hub, a section to fill in, the check before sending, the whole form, its history."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring import actions
from monitoring.enums import Severity
from monitoring.forms.entry import AnswerForm, ExplanationForm, SectionInput, lines, read_section
from monitoring.models import Submission, Thread
from monitoring.queries.content import FormContent, SectionOfForm, Standing, content_of
from monitoring.queries.forms import history_of, submissions
from monitoring.workflow import TRANSITIONS, Move, MoveRefused, can_move, lock_sentence
from portal.access import load, member_of, requires
from portal.roles import Permission


@requires(Permission.SEE_FORMS)
@require_safe
def hub(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = load(request, submissions(), public_id=public_id)
    content = content_of(submission)
    return render(request, "monitoring/form.html", {**_common(request, submission), "content": content})


@requires(Permission.SEE_FORMS)
@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """A section of the form. A POST saves the rows that can be read; the others stay on the page with a sentence."""
    submission = load(request, submissions(), public_id=public_id)
    content = content_of(submission)
    shown = _section(content, code)
    if request.method != "POST":
        return _section_page(request, submission, content, shown)
    given = read_section(request.POST, shown.rows)
    try:
        result = actions.save_cells(submission=submission, entries=given.entries, by=member_of(request))
    except MoveRefused as refusal:
        messages.error(request, f"{refusal} Введённое на этой странице не сохранено.")
        return _section_page(request, submission, content, shown, given, status=409)
    if given.errors or result.conflicts:
        fresh = load(request, submissions(), public_id=public_id)
        again = content_of(fresh)
        return _section_page(
            request,
            fresh,
            again,
            _section(again, code),
            given,
            conflicts=result.conflicts,
            saved=result.saved,
            status=422,
        )
    messages.success(request, "Сохранено." if result.saved else "Изменений не было.")
    if "next" in request.POST and (following := _neighbour(content, shown, 1)):
        return redirect("monitoring:section", public_id, following.code)
    return redirect("monitoring:section", public_id, code)


@requires(Permission.SEE_FORMS)
@require_safe
def check(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = load(request, submissions(), public_id=public_id)
    return _check_page(request, submission)


@requires(Permission.ENTER_VALUES)
@require_POST
def explain(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep the explanation of one warning, if the numbers it was written for still stand."""
    submission = load(request, submissions(), public_id=public_id)
    form = ExplanationForm(request.POST)
    if not form.is_valid():
        return _check_page(request, submission, form, status=422)
    given = form.cleaned_data
    standing = _warning(content_of(submission), given["code"], given["element"])
    if standing is None or standing.finding.numbers != given["numbers"]:
        messages.error(
            request, "Числа изменились после того, как открыли эту страницу. Прочитайте предупреждение ещё раз."
        )
        return redirect("monitoring:check", public_id)
    try:
        actions.explain(submission=submission, by=member_of(request), **given)
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Пояснение сохранено.")
    return redirect("monitoring:check", public_id)


@requires(Permission.ENTER_VALUES)
@require_POST
def answer(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = load(request, submissions(), public_id=public_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Напишите ответ на замечание и сохраните его ещё раз.")
        return redirect("monitoring:form", public_id)
    thread = load(request, Thread, submission=submission, pk=form.cleaned_data["thread"])
    try:
        actions.answer_remark(thread=thread, by=member_of(request), text=form.cleaned_data["text"])
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Ответ сохранён.")
    return redirect("monitoring:form", public_id)


@requires(Permission.SEE_FORMS)
@require_safe
def whole(request: HttpRequest, public_id: str) -> HttpResponse:
    """The whole form on one page, to read and to print; `?blank=1` leaves the boxes empty for filling in by hand."""
    submission = load(request, submissions(), public_id=public_id)
    context = {**_common(request, submission), "content": content_of(submission), "blank": "blank" in request.GET}
    return render(request, "monitoring/whole.html", context)


@requires(Permission.SEE_FORMS)
@require_safe
def history(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = load(request, submissions(), public_id=public_id)
    changes, moves = history_of(submission)
    context = {**_common(request, submission), "changes": changes, "moves": moves}
    return render(request, "monitoring/history.html", context)


def _common(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    """What every page of a form shows: the form, why it is locked, which moves this person has."""
    member = member_of(request)
    return {
        "submission": submission,
        "locked": lock_sentence(member, submission, submission.campaign),
        "moves": [(move.value, TRANSITIONS[move].label) for move in Move if can_move(member, submission, move)],
        "days_left": (timezone.localtime(submission.deadline).date() - timezone.localdate()).days,
    }


def _section(content: FormContent, code: str) -> SectionOfForm:
    found = content.section(code)
    if found is None:
        raise Http404
    return found


def _neighbour(content: FormContent, shown: SectionOfForm, step: int) -> SectionOfForm | None:
    place = [one.code for one in content.sections].index(shown.code) + step
    return content.sections[place] if 0 <= place < len(content.sections) else None


def _section_page(
    request: HttpRequest,
    submission: Submission,
    content: FormContent,
    shown: SectionOfForm,
    given: SectionInput | None = None,
    *,
    conflicts: Any = None,
    saved: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    drawn = lines(shown.rows, given, conflicts)
    context = {
        **_common(request, submission),
        "content": content,
        "section": shown,
        "number": [one.code for one in content.sections].index(shown.code) + 1,
        "lines": drawn,
        "refused": [
            {"text": f"{line.row.label}: {line.error or line.conflict}", "url": f"#value-{line.row.code}"}
            for line in drawn
            if line.error or line.conflict
        ],
        "saved": len(saved),
        "previous": _neighbour(content, shown, -1),
        "following": _neighbour(content, shown, 1),
    }
    return render(request, "monitoring/section.html", context, status=status)


def _warning(content: FormContent, code: str, element: str) -> Standing | None:
    return next(
        (
            one
            for one in content.standings
            if one.finding.severity == Severity.WARNING and (one.finding.code, one.finding.element) == (code, element)
        ),
        None,
    )


def _check_page(
    request: HttpRequest, submission: Submission, refused: ExplanationForm | None = None, status: int = 200
) -> HttpResponse:
    content = content_of(submission)
    context = {
        **_common(request, submission),
        "content": content,
        "warnings": [(one, _explanation_form(one, refused)) for one in content.warnings],
        "refused": refused,
    }
    return render(request, "monitoring/check.html", context, status=status)


def _explanation_form(standing: Standing, refused: ExplanationForm | None) -> ExplanationForm:
    """The form beside a warning: the refused one if it was for this warning, else one filled with what is known."""
    finding = standing.finding
    if refused is not None and (refused.data.get("code"), refused.data.get("element", "")) == (
        finding.code,
        finding.element,
    ):
        refused.auto_id = f"{finding.code}-{finding.element}-%s"
        return refused
    known = standing.explanation
    return ExplanationForm(
        auto_id=f"{finding.code}-{finding.element}-%s",
        initial={
            "code": finding.code,
            "element": finding.element,
            "numbers": finding.numbers,
            "reason": known.reason if known else "",
            "text": known.text if known else "",
        },
    )
