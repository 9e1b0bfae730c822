"""Giving sections of a form to colleagues of the school."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from monitoring import actions
from monitoring.forms.review import HandOverForm
from monitoring.queries.entry.handover import asked_sections, colleagues_of, keepers_of
from monitoring.queries.entry.lists import submissions
from monitoring.workflow import MoveRefused
from portal.access import load, member_of, requires
from portal.roles import Permission


@requires(Permission.HAND_OVER_SECTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose a colleague for each section; the coordinator may go on filling it, too."""
    submission = load(request, submissions(), public_id=public_id)
    member = member_of(request)
    form = HandOverForm(
        request.POST if request.method == "POST" else None,
        sections=asked_sections(submission),
        people=[one for one in colleagues_of(submission) if one.pk != member.user_id],
        keepers=keepers_of(submission),
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.hand_over(submission=submission, keepers=form.keepers, by=member)
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            done = "Разделы распределены, коллеги получат уведомления." if changed else "Изменений не было."
            messages.success(request, done)
            return redirect("monitoring:form", public_id)
    context = {"submission": submission, "form": form}
    return render(request, "monitoring/hand_over.html", context, status=422 if form.errors else 200)
