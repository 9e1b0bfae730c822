"""The rows of a file with a register as texts, within limits: the only reader of such files."""

import csv
import io
from datetime import date

from portal.formats import date_digits
from portal.workbooks import MEGABYTE, Limits, Plain, WorkbookRefused, read_workbook

LIMITS = Limits(file_bytes=2 * MEGABYTE, unpacked_bytes=20 * MEGABYTE, rows=1001, columns=40)


def read_register(data: bytes) -> list[list[str]]:
    """The rows of the first sheet of an XLSX, or of a CSV, as texts; raises WorkbookRefused with a sentence."""
    rows = _text_rows(data) if _is_text(data) else read_workbook(data, LIMITS)[0].rows
    written = [[as_text(cell) for cell in row] for row in rows]
    while written and not any(written[-1]):
        written.pop()
    if not written:
        raise WorkbookRefused("В файле нет ни одной заполненной строки.")
    return written


def as_text(cell: Plain) -> str:
    """A cell as its person reads it: a date is «01.09.2021», a whole number has no point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, date):
        return date_digits(cell)
    return " ".join(str(cell).split())


def _is_text(data: bytes) -> bool:
    """A CSV has no zero bytes, and is not one of the containers that read_workbook takes or names."""
    return not data.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"%PDF")) and b"\0" not in data


def _text_rows(data: bytes) -> list[list[str]]:
    if len(data) > LIMITS.file_bytes:
        raise WorkbookRefused("Файл больше 2\u00a0МБ. Оставьте в нём только сам список.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1251", errors="replace")  # what Russian Excel calls CSV
    head = text.partition("\n")[0]
    separator = max(";\t,", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error:
        raise WorkbookRefused("Файл не похож на таблицу. Сохраните её в формате «Книга Excel (.xlsx)».") from None
    if len(rows) > LIMITS.rows:
        raise WorkbookRefused(f"В файле больше {LIMITS.rows} строк. Разделите его на части.")
    if max(map(len, rows), default=0) > LIMITS.columns:
        raise WorkbookRefused(f"В файле больше {LIMITS.columns} столбцов. Оставьте только нужные.")
    # Our own CSV puts «'» before a text that looks like a formula.
    return [[cell[1:] if cell[:2] in {"'=", "'+", "'-", "'@"} else cell for cell in row] for row in rows]
