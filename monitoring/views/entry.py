"""A school's form: the hub, a section to fill in, the check before sending, the whole form, its history."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring import actions
from monitoring.enums import Severity
from monitoring.forms.entry import AnswerForm, ExplanationForm, SectionInput, lines, read_section
from monitoring.forms.review import SendForm
from monitoring.models import Submission, Thread
from monitoring.queries.entry.content import FormContent, SectionOfForm, Standing, content_of
from monitoring.queries.entry.handover import keepers_of
from monitoring.queries.entry.lists import forms_beside, submissions
from monitoring.queries.entry.review import written_by_department
from monitoring.queries.entry.row_history import not_asked
from monitoring.queries.entry.section_totals import cells_of, shares_of, totals_of, whole_form_totals
from monitoring.views.head import moves_and_marks
from monitoring.workflow import MoveRefused, lock_sentence
from portal.access import load, member_of, requires
from portal.formats import MINUS, plural
from portal.roles import Permission


@requires(Permission.SEE_FORMS)
@require_safe
def hub(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = load(request, submissions(), public_id=public_id)
    return _hub_page(request, submission)


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
    changed = bool(result.saved)
    filled = {"yes": True, "no": False}.get(request.POST.get("filled", ""))
    if filled is not None and filled != shown.marked:
        try:
            actions.mark_section(submission=submission, section=code, filled=filled, by=member_of(request))
        except MoveRefused as refusal:
            messages.error(request, f"{refusal} Числа сохранены.")
            return redirect("monitoring:section", public_id, code)
        changed = True
    messages.success(request, "Сохранено." if changed else "Изменений не было.")
    if "next" in request.POST and (following := _neighbour(content, shown, 1)):
        return redirect("monitoring:section", public_id, following.code)
    return redirect("monitoring:section", public_id, code)


@requires(Permission.SEE_FORMS)
@require_safe
def check(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = load(request, submissions(), public_id=public_id)
    return check_page(request, submission)


@requires(Permission.ENTER_VALUES, Permission.ENTER_ON_BEHALF)
@require_POST
def explain(request: HttpRequest, public_id: str) -> HttpResponse:
    """Keep the explanation of one warning, if the numbers it was written for still stand.

    A section holds the fields of several warnings: `finding` of the pressed button says whose are meant, and `next` is
    the section to go back to.
    """
    submission = load(request, submissions(), public_id=public_id)
    form = ExplanationForm(request.POST, prefix=request.POST.get("finding", "")[:110] or None)
    if not form.is_valid():
        return check_page(request, submission, form, status=422)
    given = {name: form.cleaned_data[name] for name in ("code", "element", "numbers", "reason", "text")}
    content = content_of(submission)
    standing = _warning(content, given["code"], given["element"])
    back = _after_explaining(request, content, public_id, given["element"])
    if standing is None or standing.finding.numbers != given["numbers"]:
        messages.error(
            request, "Числа изменились после того, как открыли эту страницу. Прочитайте предупреждение ещё раз."
        )
        return redirect(back)
    try:
        actions.explain(submission=submission, by=member_of(request), **given)
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Пояснение сохранено.")
    return redirect(back)


@requires(Permission.ENTER_VALUES, Permission.ENTER_ON_BEHALF)
@require_POST
def answer(request: HttpRequest, public_id: str) -> HttpResponse:
    submission = load(request, submissions(), public_id=public_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _hub_page(request, submission, form, status=422)
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


def _common(request: HttpRequest, submission: Submission, section: str = "") -> dict[str, Any]:
    """What every page of a form shows: the form, why it is locked, which moves this person has."""
    member = member_of(request)
    campaign = submission.campaign
    return {
        "submission": submission,
        "locked": lock_sentence(member, submission, campaign, section=section),
        "zone": _zone_words(submission.municipality.time_zone, submission.deadline),
        **moves_and_marks(member, submission),
        "days_left": (timezone.localtime(submission.deadline).date() - timezone.localdate()).days,
    }


def _zone_words(zone: str, moment: datetime) -> str:
    """Whose time a deadline is told in: «по московскому времени», «по местному времени (Москва +4 часа)»."""
    here = moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    moscow = moment.astimezone(ZoneInfo("Europe/Moscow")).utcoffset() or timedelta()
    hours = round((here - moscow).total_seconds() / 3600)
    if not hours:
        return "по московскому времени"
    sign = "+" if hours > 0 else MINUS
    return f"по местному времени (Москва {sign}{plural(abs(hours), 'час', 'часа', 'часов')})"


def _hub_page(
    request: HttpRequest, submission: Submission, refused: AnswerForm | None = None, status: int = 200
) -> HttpResponse:
    beside = list(forms_beside(submission))
    context = {
        **_common(request, submission),
        "content": content_of(submission),
        "refused": refused,
        "refused_thread": refused["thread"].value() if refused else "",
        "contact": submission.campaign.contact or submission.campaign.launched_by,
        "keepers": keepers_of(submission),
        "outside": not_asked(submission),
        "beside": beside if len(beside) > 1 else [],
    }
    return render(request, "monitoring/form.html", context, status=status)


def _after_explaining(request: HttpRequest, content: FormContent, public_id: str, element: str) -> str:
    """The address to go back to: the row in its section, or the list of everything that is wrong."""
    section = content.section(request.POST.get("next", ""))
    if section is None:
        return reverse("monitoring:check", args=[public_id])
    return reverse("monitoring:section", args=[public_id, section.code]) + f"#value-{quote(element)}"


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
    now, before = cells_of(submission)
    context = {
        **_common(request, submission, shown.code),
        "totals": totals_of(submission, shown, now, before),
        "shares": shares_of(submission, now, before, shown),
        "outside": [one for one in not_asked(submission) if one.title == shown.title] if shown.inapplicable else [],
        "content": content,
        "section": shown,
        "by_department": written_by_department(submission),
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


def check_page(
    request: HttpRequest,
    submission: Submission,
    refused: ExplanationForm | None = None,
    *,
    sending: SendForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """What is wrong or unusual, and the sending; `refused` and `sending` are forms that were not taken."""
    content = content_of(submission)
    totals, shares = whole_form_totals(submission, content) if content.ready else ([], ())
    context = {
        **_common(request, submission),
        "content": content,
        "totals": totals,
        "shares": shares,
        "warnings": [(one, _explanation_form(one, refused)) for one in content.warnings],
        "refused": refused,
        "send_form": sending or SendForm(),
    }
    return render(request, "monitoring/check.html", context, status=status)


def _explanation_form(standing: Standing, refused: ExplanationForm | None) -> ExplanationForm:
    """The form beside a warning: the refused one if it was for this warning, else one filled with what is known."""
    finding = standing.finding
    if refused is not None and (refused["code"].value(), refused["element"].value() or "") == (
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
