"""One cell that saves itself: what the browser's queue sends, and every answer it may get (ux B5)."""

import json
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from monitoring import actions
from monitoring.actions import SaveResult
from monitoring.forms.entry import UNREADABLE, lines, read_section
from monitoring.models import Submission
from monitoring.queries.content import FormContent, Row, SectionOfForm, content_of
from monitoring.queries.forms import submissions
from monitoring.workflow import MoveRefused
from portal.access import load, member_of, requires
from portal.roles import Permission

LONGEST = 2_000  # bytes of one cell


@requires(Permission.ENTER_VALUES)
@require_http_methods(["PUT"])
def cell(request: HttpRequest, public_id: str, code: str) -> JsonResponse:
    """Save one cell of the version that the browser saw.

    200 echoes the code and the new version, and only then may the browser forget the value; 409 tells what stands there
    now, 422 what is wrong with the text, 423 why the form is locked. The same value sent twice is saved once.
    """
    submission = load(request, submissions(), public_id=public_id)
    section, row = _place(content_of(submission), code)
    given = read_section(_posted(request, code), [row])
    if given.errors or not given.typed:
        return JsonResponse({"code": code, "error": given.errors.get(code, UNREADABLE)}, status=422)
    try:
        result = actions.save_cells(submission=submission, entries=given.entries, by=member_of(request))
    except MoveRefused as refusal:
        return JsonResponse({"code": code, "error": str(refusal)}, status=423)
    if result.conflicts:
        return _conflict(submission, code, result)
    saved = load(request, submissions(), public_id=public_id)
    section, row = _place(content_of(saved), code)
    return JsonResponse(_state(saved, section, row))


def _place(content: FormContent, code: str) -> tuple[SectionOfForm, Row]:
    """The applicable row of this code with its section; 404 for a row that the school is not asked."""
    for section in content.sections:
        for row in section.rows:
            if row.code == code:
                return section, row
    raise Http404


def _posted(request: HttpRequest, code: str) -> dict[str, str]:
    """The cell in the names of the plain form, so that both ways are read by one reader; {} for what is no JSON."""
    try:
        given = json.loads(request.body[: LONGEST + 1]) if len(request.body) <= LONGEST else None
    except ValueError:
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("value"), str):
        return {}
    posted = {f"value-{code}": given["value"], f"version-{code}": str(given.get("version", ""))}
    if given.get("no_data") is True:
        posted |= {f"no-data-{code}": "on", f"reason-{code}": str(given.get("reason", ""))}
    return posted


def _conflict(submission: Submission, code: str, result: SaveResult) -> JsonResponse:
    value = result.conflicts[code]
    _, row = _place(content_of(submission), code)
    who = str(value.changed_by) if value.changed_by else "другой сотрудник"
    when = date_format(timezone.localtime(value.changed_at), "d.m.Y, H:i")
    return JsonResponse(
        {
            "code": code,
            "version": value.version,
            "shown": row.shown,
            "answer": row.answer,
            "no_data": row.state == "no_data",
            "error": f"Эту строку изменили: {who}, {when}. Теперь здесь {row.answer}.",
        },
        status=409,
    )


def _state(submission: Submission, section: SectionOfForm, row: Row) -> dict[str, Any]:
    """What the page draws anew: the saved cell, and findings of the whole section, for one number may touch several."""
    context = {"submission": submission}
    return {
        "code": row.code,
        "version": row.version,
        "shown": row.shown,
        "at": date_format(timezone.localtime(), "H:i"),
        "rows": [
            {
                "code": line.row.code,
                "css": line.css,
                "change": line.row.change,
                "findings": render_to_string("monitoring/_findings_of_row.html", {**context, "row": line.row}),
            }
            for line in lines(section.rows)
        ],
    }
