"""What is done inside a region's workbook: a script that runs as a process of its own, with little memory and time.

It reads one line of JSON and then the file from standard input. `{"do": "check"}` answers JSON: {"drawings": …} or
{"refused": …}.
`{"do": "fill", "cells": […], "notes": […]}` answers the filled workbook. It imports nothing of the portal: what a
stranger's file may break is this process alone. Called by monitoring/region_workbook.py, which has let
portal/workbooks.py look at the container and read the cells already.

A cell is [sheet, address, what], where `what` is a whole number, a text, or {"percent": 67.3, "ratio": 0.673031}.
"""

import io
import json
import re
import resource
import sys
import zipfile
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell

MEMORY = 512 * 1024 * 1024  # bytes of address space
SECONDS = 20
NOTES = "О данных"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\0", "#")
FORMULAS = {"f", "definedName", "formula", "formula1", "formula2"}  # elements that hold one
_TEXT_IN_FORMULA = re.compile(r'"[^"]*"')
# Another file («[1]Лист!A1», «[Книга.xlsx]Лист!A1»), another program (DDE: «cmd|' /C calc'!A0»), the network.
_REACHES_OUT = re.compile(
    r"(?<![\w\]])\[\d+\]|\.xl[a-z]{1,2}\b|\||\b(WEBSERVICE|FILTERXML|IMAGE|DDE|RTD|CALL|REGISTER(\.ID)?|EXEC)\s*\(",
    re.IGNORECASE,
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Refused(Exception):
    """The file is not taken; the text is a sentence for its person."""


class Formulas:
    """One pass over a part's XML: every formula is looked at, with the cell in which it stands."""

    def __init__(self) -> None:
        self.cell, self.inside, self.text = "", False, ""

    def read(self, part: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(part, True)

    def _start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self.cell = given.get("r", "")
        self.inside, self.text = local in FORMULAS, ""

    def _characters(self, text: str) -> None:
        if self.inside:
            self.text += text

    def _end(self, name: str) -> None:
        if self.inside and _REACHES_OUT.search(_TEXT_IN_FORMULA.sub('""', self.text)):
            where = f" в ячейке {self.cell}" if self.cell else ""
            raise Refused(
                f"Формула{where} обращается к другому файлу или программе, такие файлы портал не принимает. "
                "Замените её числом или удалите и загрузите файл ещё раз."
            )
        self.inside = False


def check(data: bytes) -> bool:
    """Whether the workbook has drawings, of which some are lost in filling.

    Raises Refused where a formula reaches outside of the workbook; any other error means that it cannot be filled.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        for entry in container.infolist():
            if entry.filename.startswith("xl/") and entry.filename.endswith(".xml"):
                Formulas().read(container.read(entry))
        names = container.namelist()
    opened(data)
    return any(name.startswith("xl/drawings/") for name in names)


def opened(data: bytes) -> "Workbook":
    import openpyxl  # noqa: PLC0415 – after main() has put numpy out of its way

    return openpyxl.load_workbook(io.BytesIO(data), keep_links=False, keep_vba=False, rich_text=True)


def filled(data: bytes, cells: list[Any], notes: list[str]) -> bytes:
    """The workbook with values in its cells and a sheet of notes; everything else stays as it came."""
    from openpyxl.styles import Alignment  # noqa: PLC0415 – as above

    book = opened(data)
    for sheet, address, what in cells:
        put(book[sheet][address], what)
    told = book.create_sheet(NOTES)
    told.column_dimensions["A"].width = 110
    for line, text in enumerate(notes, 1):
        cell = told.cell(line, 1)
        put(cell, text)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    book.calculation.fullCalcOnLoad = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def put(cell: "Cell", what: Any) -> None:
    """A percent keeps the cell's own format where that shows one, else it is written as 67.3 with one digit."""
    if isinstance(what, dict):
        if "%" in cell.number_format:
            cell.value = what["ratio"]
        else:
            cell.value = what["percent"]
            if "." not in cell.number_format:
                cell.number_format = "0.0"
    elif isinstance(what, str):
        cell.value = _CONTROL.sub(" ", what)[:32_767]
        cell.data_type = "s"  # openpyxl by itself makes a formula of «=…»
        if what.startswith(RISKY):
            cell.quotePrefix = True
    else:
        cell.value = what
        if cell.number_format == "@":
            cell.number_format = "0"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl loads it where it is found; it takes the memory
    asked = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    if asked["do"] == "fill":
        sys.stdout.buffer.write(filled(data, asked["cells"], asked["notes"]))
        return
    try:
        print(json.dumps({"drawings": check(data)}))
    except Refused as refusal:
        print(json.dumps({"refused": str(refusal)}))


if __name__ == "__main__":
    main()
