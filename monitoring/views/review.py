"""Moves of a form between its states, by those who may make them."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.enums import ThreadKind
from monitoring.forms.campaigns import end_of_day
from monitoring.forms.entry import ThreadForm
from monitoring.forms.review import ReasonForm, ReturnForm, SendForm
from monitoring.models import Submission, Thread
from monitoring.queries.entry.content import content_of
from monitoring.queries.entry.lists import campaigns, submissions
from monitoring.queries.entry.review import difference, waiting_for_acceptance
from monitoring.views.entry import check_page
from monitoring.views.head import moves_and_marks
from monitoring.views.reason import step_with_reason
from monitoring.workflow import SENDINGS, Move, MoveRefused
from portal.access import load, member_of, requires
from portal.formats import plural
from portal.models import Membership
from portal.roles import Permission

DONE = {
    **dict.fromkeys(SENDINGS, "Форма отправлена в управление образования."),
    Move.OFFER: "Форма передана директору. Он увидит её на своей главной странице.",
    Move.TAKE_BACK: "Форма снова у вас. Когда закончите, передайте её директору ещё раз.",
    Move.WITHDRAW: "Форма отозвана. Её снова можно изменять.",
    Move.END_BEHALF: "Внесение за школу закончено. Школа получит уведомление.",
    Move.TAKE: "Форма взята на проверку.",
    Move.ACCEPT: "Форма принята. Показатели пересчитаны.",
}


def _version_in(request: HttpRequest) -> int:
    """The version of the form that the person saw; −1, which no form has, for anything else."""
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else -1


@requires(Permission.SEND_FORMS, Permission.CONFIRM_FORMS, Permission.REVIEW_FORMS)
@require_POST
def move(request: HttpRequest, public_id: str, move: str) -> HttpResponse:
    """A move that needs no page of its own; `version` in the post is what the person saw."""
    submission = load(request, submissions(), public_id=public_id)
    if move not in DONE:
        raise Http404
    member, name = member_of(request), ""
    if move == Move.SEND and member.may(Permission.SEND_FORMS):
        form = SendForm(request.POST)
        if not form.is_valid():
            return check_page(request, submission, sending=form, status=422)
        name = form.cleaned_data["confirmed_by"]
    try:
        _steps(submission, member, _version_in(request), name)[Move(move)]()
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("monitoring:check" if move in {Move.OFFER, *SENDINGS} else "monitoring:form", public_id)
    messages.success(request, DONE[Move(move)])
    return redirect("monitoring:form", public_id)


def _steps(submission: Submission, member: Membership, version: int, name: str) -> dict[Move, Callable[[], object]]:
    """Each move as a call; the action of sending finds by the person which of the three sendings it is."""

    def send() -> object:
        return actions.send(submission=submission, by=member, version=version, confirmed_by=name)

    return {
        **dict.fromkeys(SENDINGS, send),
        Move.OFFER: lambda: actions.offer(submission=submission, by=member, version=version),
        Move.TAKE_BACK: lambda: actions.take_back(submission=submission, by=member),
        Move.WITHDRAW: lambda: actions.withdraw(submission=submission, by=member),
        Move.END_BEHALF: lambda: actions.end_behalf(submission=submission, by=member),
        Move.TAKE: lambda: actions.take(submission=submission, by=member),
        Move.ACCEPT: lambda: actions.accept(submission=submission, by=member, version=version),
    }


@requires(Permission.REVIEW_FORMS)
@require_http_methods(["GET", "HEAD", "POST"])
def return_form(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write remarks to rows and sections, set a new deadline, send the form back."""
    submission = load(request, submissions(), public_id=public_id)
    content = content_of(submission)
    form = ReturnForm(request.POST or None, content=content, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        remarks = [
            Remark(text, element=code) if kind == "row" else Remark(text, section=code)
            for kind, code, text in form.remarks
        ]
        given = form.cleaned_data
        due_at = end_of_day(given["due_on"], submission.municipality)
        try:
            actions.return_form(
                submission=submission, by=member_of(request), remarks=remarks, due_at=due_at, comment=given["comment"]
            )
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Форма возвращена на доработку. Школа увидит замечания и новый срок.")
            return redirect("monitoring:form", public_id)
    status = 422 if form.errors else 200
    context = {"submission": submission, "content": content, "form": form, "sections": _with_fields(form)}
    return render(request, "monitoring/return.html", context, status=status)


def _with_fields(form: ReturnForm) -> list[dict[str, object]]:
    """Each section with its own field and the fields of its rows, in the order of the form."""
    return [
        {"title": title, "field": form[f"section-{code}"], "rows": [form[f"row-{row}"] for row, _ in rows]}
        for _, code, title, rows in form.targets
    ]


@requires(Permission.REOPEN_FORMS)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest, public_id: str) -> HttpResponse:
    """Open an accepted form for correction, with a reason that stays in its history."""
    submission = load(request, submissions(), public_id=public_id)
    return step_with_reason(
        request,
        submission,
        lambda reason: actions.reopen(submission=submission, by=member_of(request), reason=reason),
        ReasonForm(request.POST or None, missing="Напишите, почему форму нужно открыть: причина останется в истории."),
        "monitoring/reopen.html",
        "Форма открыта для корректировки. Принятые числа учитываются, пока её не примут снова.",
    )


@requires(Permission.CONFIRM_FORMS)
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """The school's head gives the form back to the coordinator and says what to mend."""
    submission = load(request, submissions(), public_id=public_id)
    return step_with_reason(
        request,
        submission,
        lambda reason: actions.give_back(submission=submission, by=member_of(request), reason=reason),
        ReasonForm(
            request.POST or None,
            words="Что исправить",
            missing="Напишите, что исправить: ответственный увидит это вверху формы.",
        ),
        "monitoring/give_back.html",
        "Форма возвращена ответственному. Он получит уведомление.",
    )


@requires(Permission.REVIEW_FORMS, Permission.REOPEN_FORMS, Permission.ANSWER_QUESTIONS)
@require_safe
def changed(request: HttpRequest, public_id: str) -> HttpResponse:
    """What the school changed since the form was returned or opened for correction, and what became of the remarks."""
    submission = load(request, submissions(), public_id=public_id)
    content = content_of(submission)
    context = {
        "submission": submission,
        "difference": difference(submission),
        "labels": content.labels,
        "section_of": content.section_of,
        **moves_and_marks(member_of(request), submission),
    }
    return render(request, "monitoring/changed.html", context)


@requires(Permission.REVIEW_FORMS)
@require_POST
def close_remark(request: HttpRequest, public_id: str) -> HttpResponse:
    """The department is content with a remark; it does not stand in the way of acceptance any more."""
    submission = load(request, submissions(), public_id=public_id)
    form = ThreadForm(request.POST)
    if not form.is_valid():
        raise Http404
    thread = load(request, Thread, submission=submission, kind=ThreadKind.REMARK, pk=form.cleaned_data["thread"])
    try:
        actions.close_remark(thread=thread, by=member_of(request))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Замечание закрыто.")
    return redirect("monitoring:changed", public_id)


@requires(Permission.ACCEPT_FORMS)
@require_http_methods(["GET", "HEAD", "POST"])
def accept_clean(request: HttpRequest, public_id: str) -> HttpResponse:
    """All forms of a campaign that have nothing to look at: shown first, then accepted in one action."""
    campaign = load(request, campaigns(member_of(request)), public_id=public_id)
    if request.method == "POST":
        pairs = (one.partition(":") for one in request.POST.getlist("form"))
        seen = {key: int(version) for key, _, version in pairs if version.isascii() and version.isdecimal()}
        accepted, _ = actions.accept_clean(campaign=campaign, by=member_of(request), seen=seen)
        if accepted:
            messages.success(request, f"Принято: {plural(len(accepted), 'форма', 'формы', 'форм')}.")
        else:
            messages.error(request, "Ни одна форма не принята: они изменились. Проверьте список ещё раз.")
        return redirect("monitoring:campaign", public_id)
    waiting = waiting_for_acceptance(campaign)
    context = {
        "campaign": campaign,
        "clean": [one for one in waiting if one.clean],
        "left": [one for one in waiting if not one.clean],
    }
    return render(request, "monitoring/accept_clean.html", context)
