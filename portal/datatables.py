"""A table of data that stands on a page and leaves it: the same cells as HTML, XLSX, CSV and JSON."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

from portal.formats import date_digits, round_half_up
from portal.workbooks import CSV_TYPE, XLSX_TYPE, attachment, write_csv, write_table

Plain = str | int | Decimal | Fraction | datetime.date | bool | None
FORMATS = ("xlsx", "csv", "json")


@dataclass(frozen=True, slots=True)
class Column:
    """A head of a column; `code` is its permanent name in JSON."""

    title: str
    code: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class DataCell:
    """What a cell holds for a program (a share is a ratio 0…1, None where there is no value) and how it is read."""

    value: Plain
    text: str


@dataclass(frozen=True, slots=True)
class DataTable:
    """Rows of cells under their columns. `about` are (what, words): period, filters, data version, formula, source.

    `name` is the name of its file without the ending, of Latin letters, digits and hyphens.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[DataCell, ...], ...]
    about: tuple[tuple[str, str], ...] = ()

    @property
    def lines(self) -> list[list[tuple[Column, DataCell]]]:
        """Rows as a template walks them: every cell beside its column."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


def asked(request: HttpRequest, tables: Mapping[str, Callable[[], DataTable]]) -> HttpResponse | None:
    """The file that `?table=…&format=xlsx|csv|json` asks for; None where the page itself is wanted.

    Raises Http404 for a table that the page does not have and for a format that there is not.
    """
    wanted = request.GET.get("format")
    if wanted is None:
        return None
    make = tables.get(request.GET.get("table", next(iter(tables), "")))
    if make is None or wanted not in FORMATS:
        raise Http404
    return as_file(make(), wanted)


def as_file(table: DataTable, wanted: str) -> HttpResponse:
    """The table as a file of one of FORMATS."""
    name = f"{table.name}.{wanted}"
    if wanted == "xlsx":
        return attachment(name, as_xlsx(table), XLSX_TYPE)
    if wanted == "csv":
        return attachment(name, write_csv(_head(table), _exported(table, percent=True)), CSV_TYPE)
    answer = JsonResponse(as_json(table), json_dumps_params={"ensure_ascii": False})
    answer["Content-Disposition"] = content_disposition_header(True, name)
    return answer


def as_xlsx(table: DataTable) -> bytes:
    """Sheet 1 holds the data, «О данных» what they are."""
    about = [f"{what}: {words}" for what, words in (*table.about, ("Выгружено", _now()))]
    return write_table(table.title, _head(table), _exported(table), table.title, about=about)


def as_json(table: DataTable) -> dict[str, Any]:
    """{title, about, columns, rows}; rows are objects by the codes of their columns, shares are numbers 0…1."""
    codes = [column.code for column in table.columns]
    return {
        "title": table.title,
        "about": dict(table.about) | {"Выгружено": _now()},
        "columns": [{"code": column.code, "title": column.title} for column in table.columns],
        "rows": [dict(zip(codes, row, strict=True)) for row in _exported(table)],
    }


def _head(table: DataTable) -> list[str]:
    return [column.title for column in table.columns]


def _exported(table: DataTable, *, percent: bool = False) -> list[list[object]]:
    return [[_plain(cell, percent) for cell in row] for row in table.rows]


def _plain(cell: DataCell, percent: bool) -> object:
    """Numbers leave as numbers; a cell without a value leaves its sign («…», «х»). CSV holds what a person reads."""
    value = cell.value
    if value is None:
        return cell.text or None
    if isinstance(value, Fraction):
        return cell.text if percent else float(round_half_up(value, 6))
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime.date):
        return date_digits(value)
    return value


def _now() -> str:
    now = timezone.localtime()
    return f"{date_digits(now.date())}, {now:%H:%M}"
