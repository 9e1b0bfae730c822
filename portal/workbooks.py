"""Workbooks that people send and receive: what is refused before it is read, and tables in which no text is a formula.

The defences and their measurements are security F6. A file is read by a process of its own (portal/workbook_reader.py)
with 512 MB of memory and 20 seconds; before that its container is looked at here.
"""

import csv
import datetime
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font

from portal.workbook_reader import BROKEN, SECONDS

if not openpyxl.DEFUSEDXML:
    raise ImproperlyConfigured("defusedxml is missing: without it a workbook may hold an entity bomb.")

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
READER = Path(__file__).with_name("workbook_reader.py")
MEGABYTE = 1024 * 1024
ENTRIES = 100
RATIO = 100
TYPES = "[Content_Types].xml"
TYPES_BYTES = 200_000
WORKBOOK_TYPE = b"spreadsheetml.sheet.main+xml"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\0")  # what a table program may take for a formula (ASVS 1.2.10)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NOT_IN_TITLE = re.compile(r"[\[\]:*?/\\]")
SAVE_AS = "Откройте его в табличном редакторе и сохраните в формате «Книга Excel (.xlsx)»."

Plain = str | int | float | bool | datetime.date | None


class WorkbookRefused(Exception):
    """The file is not taken; the text is a Russian sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one kind of file may measure; rows and columns are of each sheet."""

    file_bytes: int
    unpacked_bytes: int
    rows: int
    columns: int


SCHOOL_LIMITS = Limits(2 * MEGABYTE, 20 * MEGABYTE, 200, 40)
MUNICIPAL_LIMITS = Limits(4 * MEGABYTE, 40 * MEGABYTE, 6000, 200)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet from A1 on. Formulas are read as the values they had when the file was saved; positions are 0-based."""

    name: str
    rows: list[list[Plain]]
    merged: list[str]
    formulas: set[tuple[int, int]]


def read_workbook(data: bytes, limits: Limits) -> list[Sheet]:
    """All sheets of an XLSX file. Links to other files are never followed. Raises WorkbookRefused with a sentence."""
    _check_container(data, limits)
    call = [sys.executable, "-I", str(READER), *map(str, (limits.rows, limits.columns, limits.unpacked_bytes))]
    try:
        done = subprocess.run(  # noqa: S603 – our own reader; nothing of the file is in the call
            call, input=data, capture_output=True, timeout=SECONDS, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise WorkbookRefused(f"Файл не удалось прочитать за {SECONDS} секунд. Уменьшите его.") from None
    if done.returncode or not done.stdout:
        raise WorkbookRefused("Файл слишком сложен для чтения. Скопируйте нужную таблицу в новую книгу и загрузите её.")
    answer = json.loads(done.stdout, object_hook=_dated)
    if "refused" in answer:
        raise WorkbookRefused(answer["refused"])
    return [
        Sheet(
            name=one["name"],
            rows=one["rows"],
            merged=one["merged"],
            formulas={(row, column) for row, column in one["formulas"]},
        )
        for one in answer["sheets"]
    ]


def _dated(one: dict[str, Any]) -> dict[str, Any] | datetime.date:
    """The reader tells a date as {"date": iso}."""
    return datetime.date.fromisoformat(one["date"]) if one.keys() == {"date"} else one


def _check_container(data: bytes, limits: Limits) -> None:
    """Everything that can be said of a file without unpacking it."""
    if len(data) > limits.file_bytes:
        raise WorkbookRefused(
            f"Файл больше {limits.file_bytes // MEGABYTE}\u00a0МБ. Удалите из него рисунки и лишние листы."
        )
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise WorkbookRefused(f"Файл защищён паролем или сохранён в старом формате XLS. {SAVE_AS}")
    if not data.startswith(b"PK\x03\x04"):
        raise WorkbookRefused(f"Это не книга Excel (.xlsx). {SAVE_AS}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            _check_entries(container.infolist(), len(data), limits)
            types = container.read(TYPES)
    except WorkbookRefused:
        raise
    except Exception as broken:  # zipfile raises many kinds of errors on a broken container
        raise WorkbookRefused(BROKEN) from broken
    if b"macroEnabled" in types or b"vbaProject" in types:
        raise WorkbookRefused(f"В файле есть макросы, такие файлы портал не принимает. {SAVE_AS}")
    if WORKBOOK_TYPE not in types:
        raise WorkbookRefused(f"Это не книга Excel (.xlsx). {SAVE_AS}")


def _check_entries(entries: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    names = [entry.filename for entry in entries]
    if TYPES not in names:
        raise WorkbookRefused(f"Это не книга Excel (.xlsx). {SAVE_AS}")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WorkbookRefused(f"В файле есть макросы, такие файлы портал не принимает. {SAVE_AS}")
    if len(names) > ENTRIES:
        raise WorkbookRefused("В файле слишком много листов и рисунков. Скопируйте нужную таблицу в новую книгу.")
    if len(set(names)) < len(names):
        raise WorkbookRefused(BROKEN)
    unpacked = sum(entry.file_size for entry in entries)
    types = next(entry for entry in entries if entry.filename == TYPES)
    if unpacked > limits.unpacked_bytes or unpacked > packed * RATIO or types.file_size > TYPES_BYTES:
        raise WorkbookRefused(
            "Внутри файла слишком много данных. Скопируйте нужную таблицу в новую книгу и загрузите её."
        )


# --- writing ---------------------------------------------------------------------------------------------------------


def put_text(cell: Cell, text: str) -> None:
    """Write anyone's text so that it stays text: openpyxl by itself makes a formula of «=…» and an error of «#N/A».

    The quote mark of the cell keeps it text also when it is edited in the table program.
    """
    cell.value = _CONTROL.sub(" ", text)[:32_767]
    cell.data_type = "s"
    if text.startswith(RISKY):
        cell.quotePrefix = True


def write_table(
    title: str, header: list[str], rows: Iterable[Iterable[object]], note: str = "", *, about: Iterable[str] = ()
) -> bytes:
    """An XLSX of one table with its header in the first row; `note` and `about` become lines of a sheet «О данных».

    Numbers, dates and yes/no stay what they are, everything else is written as text.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_NOT_IN_TITLE.sub(" ", title)[:31] or "Таблица")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(header, 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(number)].width = min(max(len(name) + 2, 12), 60)
    sheet.append([_cell(sheet, name, bold=True) for name in header])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    lines = [line for line in (note, *about) if line]
    if lines:
        sheet = book.create_sheet("О данных")
        sheet.column_dimensions["A"].width = 100
        for line in lines:
            sheet.append([_cell(sheet, line)])
    return saved(book)


def saved(book: Workbook) -> bytes:
    """The file of a workbook."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cell(sheet: object, value: object, *, bold: bool = False) -> object:
    if value is None or isinstance(value, bool | int | float | datetime.date):
        return value
    text = str(value)
    if not (bold or text.startswith((*RISKY, "#")) or _CONTROL.search(text)):
        return text[:32_767]
    cell = WriteOnlyCell(sheet)
    put_text(cell, text)
    if bold:
        cell.font = Font(bold=True)
    return cell


def write_csv(header: list[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A CSV as Russian Excel opens it: semicolons, UTF-8 with its mark; text that looks like a formula gets a «'»."""
    file = io.StringIO(newline="")
    lines = csv.writer(file, delimiter=";")
    lines.writerow([_quoted(name) for name in header])
    lines.writerows([_quoted(value) for value in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def _quoted(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(RISKY) else value


def attachment(name: str, data: bytes, content_type: str) -> HttpResponse:
    """A file to be saved under a name of ours (RFC 6266), never opened as anything else."""
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["X-Content-Type-Options"] = "nosniff"
    return response
