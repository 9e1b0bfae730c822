"""Who changed what in a form, when and why: the page, and the same as a file."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from monitoring.models import Submission
from monitoring.queries.entry.lists import history_of, submissions
from monitoring.queries.entry.review import HEADER, history_rows, what_happened
from portal.access import load, requires
from portal.formats import school_year_short
from portal.roles import Permission
from portal.workbooks import CSV_TYPE, XLSX_TYPE, attachment, write_csv, write_table


@requires(Permission.SEE_FORMS)
@require_safe
def history(request: HttpRequest, public_id: str) -> HttpResponse:
    """The school sees the same as the department. `?kind=csv` and `?kind=xlsx` give it as a file."""
    submission = load(request, submissions(), public_id=public_id)
    if kind := request.GET.get("kind"):
        return _file(submission, kind)
    changes, moves = history_of(submission)
    context = {
        "submission": submission,
        "changes": changes,
        "moves": [(one, what_happened(one)) for one in moves],
    }
    return render(request, "monitoring/history.html", context)


def _file(submission: Submission, kind: str) -> HttpResponse:
    title = f"История {school_year_short(submission.year)}".replace("/", "-")
    name, rows = f"{title} {submission.school.name}", history_rows(submission)
    if kind == "csv":
        return attachment(f"{name}.csv", write_csv(HEADER, rows), CSV_TYPE)
    if kind != "xlsx":
        raise Http404
    note = f"{submission.school.name}. {submission.form.title}."
    return attachment(f"{name}.xlsx", write_table(title, HEADER, rows, note), XLSX_TYPE)
