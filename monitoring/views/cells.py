"""One cell that saves itself: what the browser's queue sends, and every answer it may get (ux B5)."""

import json
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from monitoring import actions
from monitoring.actions import SaveResult
from monitoring.enums import CellState
from monitoring.forms.entry import UNREADABLE, lines, posted_cell, read_section, who_and_when
from monitoring.models import Submission, Value
from monitoring.queries.entry.content import Row, row_to_type, rows_of
from monitoring.workflow import MoveRefused
from portal.access import load, member_of, requires
from portal.roles import Permission

LONGEST = 2_000  # bytes of one cell


@requires(Permission.ENTER_VALUES, Permission.ENTER_ON_BEHALF)
@require_http_methods(["PUT"])
def cell(request: HttpRequest, public_id: str, code: str) -> JsonResponse:
    """Save one cell of the version that the browser saw.

    200 echoes the code and the new version, and only then may the browser forget the value; 409 tells what stands there
    now, 422 what is wrong with the text, 423 why the form is locked. The same value sent twice is saved once.
    """
    submission = load(request, Submission, public_id=public_id)
    row = row_to_type(submission, code)
    if row is None:
        raise Http404
    given = read_section(_posted(request, code), [row])
    if given.errors or not given.typed:
        return JsonResponse({"code": code, "error": given.errors.get(code, UNREADABLE)}, status=422)
    try:
        result = actions.save_cells(submission=submission, entries=given.entries, by=member_of(request))
    except MoveRefused as refusal:
        return JsonResponse({"code": code, "error": str(refusal)}, status=423)
    if result.facts.cells[code].state == CellState.INAPPLICABLE:
        raise Http404  # nothing is ever written into such a row
    if result.conflicts:
        return _conflict(submission, code, result)
    return JsonResponse(_state(submission, code, result))


def _posted(request: HttpRequest, code: str) -> dict[str, str]:
    """The cell in the names of the plain form; {} for what is no JSON."""
    try:
        given = json.loads(request.body[: LONGEST + 1]) if len(request.body) <= LONGEST else None
    except ValueError:
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("value"), str):
        return {}
    return posted_cell(code, given)


def _conflict(submission: Submission, code: str, result: SaveResult) -> JsonResponse:
    value = result.conflicts[code]
    (row,) = rows_of(submission, {code}, result.facts, result.conflicts)
    return JsonResponse(
        {
            "code": code,
            "version": value.version,
            "shown": row.shown,
            "answer": row.answer,
            "no_data": row.state == "no_data",
            "error": changed_words(value, row),
        },
        status=409,
    )


def _state(submission: Submission, code: str, result: SaveResult) -> dict[str, Any]:
    """What the page draws anew: the saved cell and the rows of its section of which something else is said now."""
    drawn = rows_of(submission, _touched(code, result), result.facts, result.values)
    own = next(row for row in drawn if row.code == code)
    return {
        "code": code,
        "version": own.version,
        "shown": own.shown,
        "at": date_format(timezone.localtime(), "H:i"),
        "rows": redrawn(submission, drawn),
    }


def changed_words(value: Value, row: Row) -> str:
    """What stands in a cell that somebody else wrote in the meantime."""
    return f"Эту строку изменили: {who_and_when(value)}. Теперь здесь {row.answer}."


def redrawn(submission: Submission, rows: Iterable[Row]) -> list[dict[str, str]]:
    """The parts of rows that the page puts in place of its own."""
    context = {"submission": submission}
    return [
        {
            "code": line.row.code,
            "css": line.css,
            "change": line.row.change,
            "findings": render_to_string("monitoring/_findings_of_row.html", {**context, "row": line.row}),
        }
        for line in lines(rows)
    ]


def _touched(code: str, result: SaveResult) -> set[str]:
    """The rows to draw. A value sent again was answered before, but the answer may be lost: then the whole section."""
    section = {one for one, line in result.facts.context.lines.items() if line.section == result.facts.section_of(code)}
    if not result.saved:
        return section
    changed = set(result.before) ^ set(result.after)
    return {code} | section & {row for one in changed for row in one.rows}
