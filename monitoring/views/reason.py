"""A step with a school's form that asks for a reason first: asked, taken, told."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from monitoring.forms.review import ReasonForm
from monitoring.models import Submission
from monitoring.workflow import MoveRefused


def step_with_reason(
    request: HttpRequest, submission: Submission, act: Callable[[str], object], form: ReasonForm, page: str, done: str
) -> HttpResponse:
    """The page of the step, or the form with a sentence once `act` has taken the reason; a refusal stays there."""
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, done)
            return redirect("monitoring:form", submission.public_id)
    context = {"submission": submission, "form": form}
    return render(request, page, context, status=422 if form.errors else 200)
