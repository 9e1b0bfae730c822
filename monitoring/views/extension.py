"""A later deadline for one school: granted with a reason, cancelled before its time."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from monitoring import actions
from monitoring.forms.campaigns import end_of_day
from monitoring.forms.review import ExtendForm
from monitoring.queries.entry.lists import submissions
from monitoring.workflow import MoveRefused
from portal.access import load, member_of, requires
from portal.roles import Permission


@requires(Permission.RUN_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put off the deadline of one form; earlier extensions are listed below."""
    submission = load(request, submissions(), public_id=public_id)
    form = ExtendForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        until = end_of_day(given["until"], submission.municipality)
        try:
            actions.extend(submissions=[submission], until=until, reason=given["reason"], by=member_of(request))
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Срок продлён. Школа получит уведомление.")
            return redirect("monitoring:form", public_id)
    context = {
        "submission": submission,
        "form": form,
        "extensions": submission.extensions.select_related("by", "cancelled_by"),
        "now": timezone.now(),
    }
    return render(request, "monitoring/extend.html", context, status=422 if form.errors else 200)


@requires(Permission.RUN_CAMPAIGNS)
@require_POST
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """End the extension in force; the deadline without it holds again."""
    submission = load(request, submissions(), public_id=public_id)
    try:
        if submission.extension is None:
            raise MoveRefused("Срок этой формы сейчас не продлён.")
        actions.cancel_extension(extension=submission.extension, by=member_of(request))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Продление отменено. Школа получит уведомление.")
    return redirect("monitoring:form", public_id)
