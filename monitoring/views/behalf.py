"""The department's hand in a school's form: entering it from paper, correcting a number under review."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from monitoring import actions
from monitoring.forms.entry import lines, read_section
from monitoring.forms.review import CorrectForm, ReasonForm
from monitoring.queries.entry.content import content_of
from monitoring.queries.entry.lists import submissions
from monitoring.views.reason import step_with_reason
from monitoring.workflow import MoveRefused
from portal.access import load, member_of, requires
from portal.roles import Permission


@requires(Permission.ENTER_ON_BEHALF)
@require_http_methods(["GET", "HEAD", "POST"])
def behalf(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin to enter a school's numbers for it, with a reason that stays in the history."""
    submission = load(request, submissions(), public_id=public_id)
    return step_with_reason(
        request,
        submission,
        lambda reason: actions.begin_behalf(submission=submission, by=member_of(request), reason=reason),
        ReasonForm(
            request.POST or None,
            words="Почему данные вносит управление",
            missing="Напишите, почему данные вносит управление: причина останется в истории.",
        ),
        "monitoring/behalf.html",
        "Теперь вы можете вносить данные за школу. Школа получит уведомление.",
    )


@requires(Permission.CORRECT_VALUES)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Put another value into one row of a form under review; what the school wrote stays in its history."""
    submission = load(request, submissions(), public_id=public_id)
    content = content_of(submission)
    place = next(((part, row) for part in content.sections for row in part.rows if row.code == code), None)
    if place is None:
        raise Http404
    section, row = place
    form = CorrectForm(request.POST or None)
    given = read_section(request.POST, [row])
    if request.method == "POST" and form.is_valid() and not given.errors:
        try:
            if not given.entries:
                raise MoveRefused("Введите число или отметьте «нет данных» и назовите причину.")
            actions.correct(
                submission=submission,
                entry=given.entries[0],
                reason=form.cleaned_data["note"],
                by=member_of(request),
            )
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Число исправлено. Школа получит уведомление.")
            return redirect("monitoring:section", public_id, section.code)
    refused = request.method == "POST"  # what succeeds has led away
    context = {
        "submission": submission,
        "section": section,
        "form": form,
        "line": lines([row], given if refused else None)[0],
        "refused": [{"text": text, "url": f"#value-{code}"} for text in given.errors.values() if refused],
    }
    return render(request, "monitoring/correct.html", context, status=422 if refused else 200)
