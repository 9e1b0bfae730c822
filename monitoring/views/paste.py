"""A column pasted from a spreadsheet: several cells in one request, each judged by itself (ux B9)."""

import json
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_POST

from monitoring import actions
from monitoring.actions import SaveResult
from monitoring.enums import Way
from monitoring.forms.entry import UNREADABLE, SectionInput, posted_cell, read_section
from monitoring.models import Submission
from monitoring.queries.entry.content import Row, row_to_type, rows_of
from monitoring.views.cells import changed_words, redrawn
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
    submission = load(request, Submission, public_id=public_id)
    wanted = _posted(request)
    if not wanted:
        return JsonResponse({"error": UNREADABLE}, status=422)
    posted = {name: text for code, one in wanted.items() for name, text in posted_cell(code, one).items()}
    asked = [row for code in wanted if (row := row_to_type(submission, code))]
    given = read_section(posted, asked)
    try:
        result = actions.save_cells(submission=submission, entries=given.entries, by=member_of(request), way=Way.PASTE)
    except MoveRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=423)
    return JsonResponse(_answer(submission, list(wanted), given, result))


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


def _answer(submission: Submission, wanted: list[str], given: SectionInput, result: SaveResult) -> dict[str, Any]:
    """What became of each cell, and all rows of the sections that were touched."""
    lines = result.facts.context.lines
    touched = {lines[code].section for code in wanted if code in lines}
    codes = {code for code, line in lines.items() if line.section in touched}
    rows = rows_of(submission, codes, result.facts, {**result.values, **result.conflicts})
    by_code = {row.code: row for row in rows}
    return {
        "at": date_format(timezone.localtime(), "H:i"),
        "cells": [_cell(code, by_code.get(code), given, result) for code in wanted],
        "rows": redrawn(submission, rows),
    }


def _cell(code: str, row: Row | None, given: SectionInput, result: SaveResult) -> dict[str, Any]:
    if row is None:
        return {"code": code, "error": NOT_ASKED}
    if error := given.errors.get(code):
        return {"code": code, "error": error}
    stands = {"code": code, "version": row.version, "shown": row.shown, "no_data": row.state == "no_data"}
    if value := result.conflicts.get(code):
        return {**stands, "error": changed_words(value, row)}
    entry = next((one for one in given.entries if one.code == code), None)
    if entry is None or (entry.state, entry.number) != (row.state, row.number):
        return {**stands, "error": CHANGED}
    return stands
