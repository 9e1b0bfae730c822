"""Moves of a form between its states, by those who may make them."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.forms.campaigns import ReopenForm, ReturnForm, end_of_day
from monitoring.models import Submission
from monitoring.queries.content import content_of
from monitoring.queries.forms import submissions
from monitoring.workflow import Move, MoveRefused
from portal.access import load, member_of, requires
from portal.models import Membership
from portal.roles import Permission

DONE = {
    Move.SEND: "Форма отправлена в управление образования.",
    Move.WITHDRAW: "Форма отозвана. Её снова можно изменять.",
    Move.TAKE: "Форма взята на проверку.",
    Move.ACCEPT: "Форма принята. Показатели пересчитаны.",
}


@requires(Permission.SEND_FORMS, Permission.REVIEW_FORMS)
@require_POST
def move(request: HttpRequest, public_id: str, move: str) -> HttpResponse:
    """Send, withdraw, take or accept; `version` in the post is what the person saw."""
    submission = load(request, submissions(), public_id=public_id)
    if move not in DONE:
        raise Http404
    given = request.POST.get("version", "")
    version = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else -1
    try:
        _steps(submission, member_of(request), version)[Move(move)]()
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("monitoring:check" if move == Move.SEND else "monitoring:form", public_id)
    messages.success(request, DONE[Move(move)])
    return redirect("monitoring:form", public_id)


def _steps(submission: Submission, member: Membership, version: int) -> dict[Move, Callable[[], object]]:
    return {
        Move.SEND: lambda: actions.send(submission=submission, by=member, version=version),
        Move.WITHDRAW: lambda: actions.withdraw(submission=submission, by=member),
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
        due_at = end_of_day(form.cleaned_data["due_on"], submission.municipality)
        try:
            actions.return_form(submission=submission, by=member_of(request), remarks=remarks, due_at=due_at)
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
    form = ReopenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.reopen(submission=submission, by=member_of(request), reason=form.cleaned_data["reason"])
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Форма открыта для корректировки. Принятые числа учитываются, пока её не примут снова."
            )
            return redirect("monitoring:form", public_id)
    context = {"submission": submission, "form": form}
    return render(request, "monitoring/reopen.html", context, status=422 if form.errors else 200)
