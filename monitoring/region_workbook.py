"""The region's workbook as a file: what stands in its cells, which of them are marked, and the same file filled.

The defences are those of security F6: portal/workbooks.py looks at the container and reads the cells in a process of
its own; monitoring/region_filler.py, another such process, refuses formulas that reach out and fills the cells.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter, range_boundaries

from monitoring.queries.tables.region_forms import ONE_MARK, SOME_MARK
from monitoring.region_filler import SECONDS
from portal.workbooks import MEGABYTE, Limits, Sheet, WorkbookRefused, read_workbook

LIMITS = Limits(2 * MEGABYTE, 20 * MEGABYTE, 2000, 200)
FILLER = Path(__file__).with_name("region_filler.py")
LONGEST_TEMPLATE = 1000
MOST_MERGED = 100_000  # cells in all merged areas together
_ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_LATIN = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")  # typed on a Russian keyboard
_UNFILLABLE = "Файл слишком сложен, портал не сможет его заполнить. Удалите лишние листы и рисунки."

Mark = tuple[str, str, str]  # sheet, cell, mark: a code, or a text with codes in braces


@dataclass(frozen=True, slots=True)
class Layout:
    """The sheets of a workbook as they were read; `drawings` says that it has pictures, charts or shapes."""

    sheets: tuple[Sheet, ...]
    drawings: bool = False

    @property
    def names(self) -> list[str]:
        return [sheet.name for sheet in self.sheets]

    def text_at(self, sheet: str, cell: str) -> Any:
        """What stands in a cell; None in an empty one."""
        found = self._sheet(sheet)
        row, column = _position(cell)
        if found is None or row >= len(found.rows) or column >= len(found.rows[row]):
            return None
        return found.rows[row][column]

    def beside(self, sheet: str, cell: str) -> str:
        """The nearest words to the left in the row of a cell: what the form asks there."""
        found = self._sheet(sheet)
        row, column = _position(cell)
        if found is None or row >= len(found.rows):
            return ""
        words = [text for text in found.rows[row][:column] if isinstance(text, str) and not SOME_MARK.search(text)]
        return words[-1][:200] if words else ""

    def obstacle(self, sheet: str, cell: str) -> str:
        """Why a cell cannot be filled, in a sentence; empty where it can."""
        found = self._sheet(sheet)
        if found is None:
            return f"Листа «{sheet}» в файле нет."
        row, column = _position(cell)
        if row >= LIMITS.rows or column >= LIMITS.columns:
            return f"Ячейка {cell} лежит слишком далеко: не дальше {LIMITS.rows} строк и {LIMITS.columns} столбцов."
        for area in found.merged:
            left, top, right, bottom = (number - 1 for number in range_boundaries(area))
            if top <= row <= bottom and left <= column <= right and (row, column) != (top, left):
                first = f"{get_column_letter(left + 1)}{top + 1}"
                return f"Ячейка {cell} входит в объединённую ячейку {area}. Отметьте ячейку {first}."
        if (row, column) in found.formulas:
            return f"В ячейке {cell} стоит формула, портал её не меняет."
        return ""

    def found_marks(self) -> list[Mark]:
        """Codes that the region or a colleague typed into cells in braces; a text around them makes a template."""
        marks: list[Mark] = []
        for sheet in self.sheets:
            for row, cells in enumerate(sheet.rows):
                for column, text in enumerate(cells):
                    if not isinstance(text, str) or len(text) > LONGEST_TEMPLATE or not SOME_MARK.search(text):
                        continue
                    cell = f"{get_column_letter(column + 1)}{row + 1}"
                    if not self.obstacle(sheet.name, cell):
                        alone = ONE_MARK.fullmatch(text)
                        marks.append((sheet.name, cell, " ".join(alone[1].split()) if alone else text))
        return marks

    def _sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def open_form(data: bytes) -> Layout:
    """Read a workbook that may be filled later. Raises WorkbookRefused with a sentence."""
    sheets = read_workbook(data, LIMITS)
    if sum(_size(area) for sheet in sheets for area in sheet.merged) > MOST_MERGED:
        raise WorkbookRefused(_UNFILLABLE)
    answer = _asked({"do": "check"}, data)
    try:
        told = json.loads(answer)
    except ValueError:
        raise WorkbookRefused(_UNFILLABLE) from None
    if "refused" in told:
        raise WorkbookRefused(told["refused"])
    return Layout(tuple(sheets), told["drawings"])


def layout_of(data: bytes) -> Layout:
    """The sheets of a workbook that was taken once already."""
    return Layout(tuple(read_workbook(data, LIMITS)))


def fill(data: bytes, cells: Sequence[tuple[str, str, Any]], notes: Iterable[str]) -> bytes:
    """The workbook with its cells filled, its own formulas and styles, and a sheet «О данных».

    A cell's value is a whole number, a text, or {"percent": 67.3, "ratio": 0.673031}. Raises WorkbookRefused where the
    file cannot be filled in the memory and the time that one file may take.
    """
    answer = _asked({"do": "fill", "cells": cells, "notes": list(notes)}, data)
    if not answer.startswith(b"PK"):
        raise WorkbookRefused(_UNFILLABLE)
    return answer


def carried(old: Layout, new: Layout, marks: Iterable[Sequence[str]]) -> tuple[list[Mark], list[Mark]]:
    """(marks of the new version, marks of the old one that do not fit it).

    Codes in braces of the new file count first. An earlier mark holds where its cell still exists, can be filled, and
    is empty or says what it said; one whose code now stands in braces elsewhere has moved.
    """
    kept = new.found_marks()
    places, codes = {mark[:2] for mark in kept}, {mark[2] for mark in kept}
    left: list[Mark] = []
    for sheet, cell, mark in marks:
        if (sheet, cell) in places:
            continue
        text = new.text_at(sheet, cell)
        if not new.obstacle(sheet, cell) and text in (None, old.text_at(sheet, cell)) and mark not in codes:
            kept.append((sheet, cell, mark))
        elif mark not in codes:
            left.append((sheet, cell, mark))
    return kept, left


def address_of(text: str) -> str:
    """«c7», «$C$7» and «С7» typed in Cyrillic as C7. Raises ValueError for what is no cell."""
    match = _ADDRESS.fullmatch(text.replace("$", "").replace(" ", "").upper().translate(_LATIN))
    if match is None:
        raise ValueError(text)
    return match[0]


def _size(area: str) -> int:
    """How many cells a merged area has: openpyxl makes every one of them. The reader lets through real areas only."""
    left, top, right, bottom = (int(number or 0) for number in range_boundaries(area))
    return (right - left + 1) * (bottom - top + 1)


def _position(cell: str) -> tuple[int, int]:
    """«B3» → (2, 1)."""
    left, top, _, _ = range_boundaries(cell)
    return int(top or 1) - 1, int(left or 1) - 1


def _asked(instruction: dict[str, Any], data: bytes) -> bytes:
    given = json.dumps(instruction).encode() + b"\n" + data
    try:
        done = subprocess.run(  # noqa: S603 – our own script; nothing of the file is in the call
            [sys.executable, "-I", str(FILLER)],
            input=given,
            capture_output=True,
            timeout=SECONDS,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise WorkbookRefused(f"Файл не удалось обработать за {SECONDS} секунд. Уменьшите его.") from None
    if done.returncode:
        raise WorkbookRefused(_UNFILLABLE)
    return done.stdout
