"""What stands in the cells of a workbook: a script that runs as a process of its own, with little memory and time.

It reads a file from standard input and prints JSON. It imports nothing of the portal: what a stranger's file may break
is this process alone. Called by portal/workbooks.py, which has looked at the container already.
"""

import datetime
import io
import json
import posixpath
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from xml.parsers import expat

from python_calamine import CalamineWorkbook

MEMORY = 512 * 1024 * 1024  # bytes of address space
SECONDS = 20
LONGEST_TEXT = 32_767  # what Excel itself allows in a cell
EXACT = 10**15  # whole numbers up to here are exact in a float
BROKEN = "Файл повреждён. Откройте его в табличном редакторе, сохраните ещё раз в формате «Книга Excel (.xlsx)»."


class Refused(Exception):
    """The file is not read; the text is a sentence for its person."""


class Scan:
    """One pass over a sheet's XML before anything is kept: its real size, its formulas, its merged cells."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns = rows, columns
        self.formulas: list[tuple[int, int]] = []
        self.merged: list[str] = []
        self.row = self.column = -1

    def read(self, part: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EntityDeclHandler = _refuse_entity
        parser.Parse(part, True)

    def _start(self, name: str, given: dict[str, str]) -> None:
        """Positions come from `r`; where a writer left it out, a cell follows the one before it."""
        match name.rpartition(":")[2] if ":" in name else name:
            case "c":
                if "r" in given:
                    self.row, self.column = _position(given["r"])
                else:
                    self.column += 1
            case "v" | "is":
                self._within()
            case "row":
                self.row = int(given["r"]) - 1 if "r" in given else self.row + 1
                self.column = -1
            case "f":
                self._within()
                self.formulas.append((self.row, self.column))
            case "mergeCell":
                self.merged.append(given.get("ref", ""))

    def _within(self) -> None:
        """An empty cell may stand anywhere (editors leave them); one that holds something counts."""
        if self.row >= self.rows:
            raise Refused(f"На листе больше {self.rows} строк. Оставьте только нужные строки и загрузите файл ещё раз.")
        if self.column >= self.columns:
            raise Refused(
                f"На листе больше {self.columns} столбцов. Оставьте только нужные столбцы и загрузите файл ещё раз."
            )


def read(data: bytes, rows: int, columns: int) -> list[dict[str, Any]]:
    """Every sheet as {name, rows, merged, formulas}; a date is {"date": iso}, an empty cell null."""
    scans = {}
    with zipfile.ZipFile(io.BytesIO(data)) as container:
        _refuse_declarations(container)
        for name, path in _sheets(container):
            scans[name] = Scan(rows, columns)
            scans[name].read(container.read(path))
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [
        {
            "name": name,
            "rows": [
                [_plain(cell) for cell in row[:columns]]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=rows)
            ],
            "merged": scan.merged,
            "formulas": scan.formulas,
        }
        for name, scan in scans.items()
    ]


def _refuse_declarations(container: zipfile.ZipFile) -> None:
    """Reading every part to its end also compares its real size and checksum with the declared ones."""
    for entry in container.infolist():
        part = container.read(entry)
        if entry.filename.endswith((".xml", ".rels")) and (b"<!DOCTYPE" in part or b"<!ENTITY" in part):
            _refuse_entity()


def _refuse_entity(*_: object) -> None:
    raise Refused("В файле есть служебные объявления, которых в книге Excel не бывает. " + BROKEN)


def _sheets(container: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """(name, path of the part) of every worksheet, in the order of the workbook."""
    root = next(_elements(container.read("_rels/.rels"), "Relationship", Type="/officeDocument"))["Target"].lstrip("/")
    folder, file = posixpath.split(root)
    links = {
        one["Id"]: one["Target"]
        for one in _elements(container.read(f"{folder}/_rels/{file}.rels"), "Relationship", Type="/worksheet")
    }
    for sheet in _elements(container.read(root), "sheet"):
        link = next((value for key, value in sheet.items() if key.rpartition(":")[2] == "id"), "")
        if link in links:
            yield sheet["name"], posixpath.normpath(posixpath.join("/", folder, links[link])).lstrip("/")


def _elements(part: bytes, local: str, **ending: str) -> Iterator[dict[str, str]]:
    """Attributes of every element of that local name whose attributes end as asked."""
    found: list[dict[str, str]] = []

    def start(name: str, given: dict[str, str]) -> None:
        if name.rpartition(":")[2] == local and all(given.get(k, "").endswith(v) for k, v in ending.items()):
            found.append(given)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = _refuse_entity
    parser.Parse(part, True)
    return iter(found)


def _position(reference: str) -> tuple[int, int]:
    """«B3» → (2, 1)."""
    letters = reference.rstrip("0123456789")
    return int(reference[len(letters) :]) - 1, _column(letters)


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _plain(cell: Any) -> Any:
    if cell == "" and isinstance(cell, str):
        return None
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return int(cell)
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, datetime.date):
        return {"date": cell.isoformat()}
    if isinstance(cell, datetime.time | datetime.timedelta):
        return str(cell)
    if isinstance(cell, str):
        if len(cell) > LONGEST_TEXT:
            raise Refused("В одной из ячеек слишком длинный текст. Сократите его и загрузите файл ещё раз.")
        return cell.replace("\0", " ")
    return cell


def _written(sheets: Iterable[dict[str, Any]], limit: int) -> str:
    """JSON of the sheets. One shared text may stand in every cell, so what comes out is measured anew."""
    size = sum(len(cell) for sheet in sheets for row in sheet["rows"] for cell in row if isinstance(cell, str))
    if size > limit:
        raise Refused("В файле слишком много текста. Оставьте только нужные столбцы и загрузите файл ещё раз.")
    return json.dumps({"sheets": sheets}, ensure_ascii=True)


def main(rows: int, columns: int, unpacked: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    try:
        print(_written(read(sys.stdin.buffer.read(), rows, columns), unpacked))
    except Refused as refusal:
        print(json.dumps({"refused": str(refusal)}))
    except Exception:  # whatever a broken file breaks in a parser, its person reads one sentence
        print(json.dumps({"refused": BROKEN}))


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:4]))
