"""A column pasted from a spreadsheet: several cells in one request, each judged by itself (ux B9)."""

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from monitoring import actions
from monitoring.actions import SaveResult
from monitoring.enums import Way
from monitoring.forms.entry import UNREADABLE, SectionInput, lines, read_section
from monitoring.models import Submission
from monitoring.queries.content import FormContent, Row, content_of
from monitoring.queries.forms import submissions
from monitoring.workflow import MoveRefused
from portal.access import load, member_of, requires
from portal.roles import Permission

LONGEST = 60_000  # bytes of one request
MOST = 200  # cells of one request
CHANGED = "Строка изменилась, пока страница была открыта. Обновите страницу."
NOT_ASKED = "Эту строку ваша школа не заполняет."


@requires(Permission.ENTER_VALUES, Permission.ENTER_ON_BEHALF)
@require_POST
def cells(request: HttpRequest, public_id: str) -> JsonResponse:
    """Save several cells: `{"cells": [{"code", "value", "version", "no_data"?, "reason"?}, …]}`.

    200 tells of each cell what became of it: the new version, or what is wrong with its text, or what stands there
    instead since somebody changed it. 422 is for a request that cannot be read at all, 423 for a locked form.
    """
    submission = load(request, submissions(), public_id=public_id)
    wanted = _posted(request)
    if not wanted:
        return JsonResponse({"error": UNREADABLE}, status=422)
    asked = {row.code: row for section in content_of(submission).sections for row in section.rows}
    given = read_section(_plain(wanted), [asked[code] for code in wanted if code in asked])
    try:
        result = actions.save_cells(submission=submission, entries=given.entries, by=member_of(request), way=Way.PASTE)
    except MoveRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=423)
    saved = load(request, submissions(), public_id=public_id)
    return JsonResponse(_answer(saved, content_of(saved), list(wanted), given, result))


def _posted(request: HttpRequest) -> dict[str, dict[str, Any]]:
    """The cells by code, or nothing where the request is no such list."""
    try:
        given = json.loads(request.body) if len(request.body) <= LONGEST else None
    except ValueError:
        given = None
    listed = given.get("cells") if isinstance(given, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST or not all(_is_cell(one) for one in listed):
        return {}
    return {one["code"]: one for one in listed}


def _is_cell(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("code"), str) and isinstance(one.get("value"), str)


def _plain(wanted: dict[str, dict[str, Any]]) -> dict[str, str]:
    """The cells in the names of the plain form, so that every way in is read by one reader."""
    posted: dict[str, str] = {}
    for code, one in wanted.items():
        posted |= {f"value-{code}": one["value"], f"version-{code}": str(one.get("version", ""))}
        if one.get("no_data") is True:
            posted |= {f"no-data-{code}": "on", f"reason-{code}": str(one.get("reason", ""))}
    return posted


def _answer(
    submission: Submission, content: FormContent, wanted: list[str], given: SectionInput, result: SaveResult
) -> dict[str, Any]:
    rows = {row.code: row for section in content.sections for row in section.rows}
    touched = {section.code for section in content.sections for row in section.rows if row.code in wanted}
    drawn = [line for section in content.sections if section.code in touched for line in lines(section.rows)]
    context = {"submission": submission}
    return {
        "at": date_format(timezone.localtime(), "H:i"),
        "cells": [_cell(code, rows.get(code), given, result) for code in wanted],
        "rows": [
            {
                "code": line.row.code,
                "css": line.css,
                "change": line.row.change,
                "findings": render_to_string("monitoring/_findings_of_row.html", {**context, "row": line.row}),
            }
            for line in drawn
        ],
    }


def _cell(code: str, row: Row | None, given: SectionInput, result: SaveResult) -> dict[str, Any]:
    if row is None:
        return {"code": code, "error": NOT_ASKED}
    if error := given.errors.get(code):
        return {"code": code, "error": error}
    stands = {"code": code, "version": row.version, "shown": row.shown, "no_data": row.state == "no_data"}
    if value := result.conflicts.get(code):
        who = str(value.changed_by) if value.changed_by else "другой сотрудник"
        return {**stands, "error": f"Эту строку изменили: {who}. Теперь здесь {row.answer}."}
    entry = next((one for one in given.entries if one.code == code), None)
    if entry is None or (entry.state, entry.number) != (row.state, row.number):
        return {**stands, "error": CHANGED}
    return stands
