"""A table beside a register, and writing it, every row or none: the only caller of django-import-export.

Its defaults would leave rows unvalidated and keep the good rows beside the bad ones.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import tablib
from django.db import transaction
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import RowResult

from portal.formats import search_key
from portal.importing.reading import as_text
from portal.importing.records import Change, PreviewIsOld, Problem, RegisterResult, RegisterRow, Standing
from portal.models import Municipality, User
from portal.workbooks import Plain

logger = logging.getLogger(__name__)
HEAD_WITHIN = 10  # rows in which the head of the table is looked for
WRONG = "Строку не удалось записать. Проверьте её и загрузите файл ещё раз."


class RegisterResource(ModelResource):
    """What the rows of a register of one municipality are; its columns are found by their titles."""

    titles: ClassVar[dict[str, str]]  # field → head of its column
    named: ClassVar[tuple[str, str]]  # the fields by which a row is known to the portal and to people
    optional: ClassVar[frozenset[str]] = frozenset()  # fields whose column may be missing
    ignored: ClassVar[frozenset[str]] = frozenset()  # heads of columns that are only there to be read

    municipality = Field("municipality", "municipality")

    class Meta:
        use_transactions = True
        report_skipped = True
        skip_html_diff = True
        store_instance = True

    def __init__(self, municipality: Municipality) -> None:
        super().__init__()
        self.place = municipality

    @staticmethod
    def shown(field: str, instance: Any) -> str:
        """A field of a row as the preview prints it; empty where there is no instance yet."""
        raise NotImplementedError


@transaction.atomic
def import_register(
    *,
    resource: RegisterResource,
    sheet_rows: Sequence[Sequence[Plain]],
    by: User,
    dry_run: bool,
    previewed: str = "",
) -> RegisterResult:
    """Compare a table with a register and, unless `dry_run`, write it: every row or none.

    `sheet_rows` start at the first row of the sheet; the head of the table is looked for in the first ten. With
    `previewed`, the fingerprint of what the person saw, raises PreviewIsOld where it would write anything else: the
    register, or in another window the file, has changed since.
    """
    Municipality.objects.select_for_update().get(pk=resource.place.pk)  # one writer at a time
    table = _table(resource, [[as_text(cell) for cell in row] for row in sheet_rows])
    if isinstance(table, RegisterResult):
        return table
    answer = resource.import_data(
        tablib.Dataset(
            *([resource.place, *texts] for texts in table.lines.values()), headers=["municipality", *table.columns]
        ),
        dry_run=dry_run,
        use_transactions=True,
        rollback_on_validation_errors=True,
    )
    if answer.base_errors:
        raise answer.base_errors[0].error
    refused = answer.has_errors() or answer.has_validation_errors()
    rows = tuple(_row(resource, table, line, row) for line, row in zip(table.lines, answer.rows, strict=True))
    result = RegisterResult(rows, written=not (dry_run or refused))
    if result.written:
        if previewed and result.fingerprint != previewed:
            raise PreviewIsOld
        kind = resource._meta.model._meta.model_name
        logger.info("register %s of municipality %s imported by person %s", kind, resource.place.pk, by.pk)
    return result


@dataclass(frozen=True, slots=True)
class _Table:
    """The part of a sheet that is the table: field → column number, line of the sheet → texts of the fields."""

    columns: dict[str, int]
    lines: dict[int, list[str]]

    def address(self, field: str, line: int) -> str:
        return f"{_letters(self.columns[field])}{line}" if field in self.columns else ""


def _table(resource: RegisterResource, rows: list[list[str]]) -> _Table | RegisterResult:
    """Find the head and the lines under it, or say what the table lacks."""
    fields = {search_key(title): field for field, title in resource.titles.items()}
    heads = [(number, row) for number, row in enumerate(rows[:HEAD_WITHIN]) if _known(row, fields) >= 2]
    wanted = ", ".join(f"«{title}»" for title in resource.titles.values())
    if not heads:
        return RegisterResult(problems=(Problem("", f"В таблице не найдены заголовки столбцов. Нужны: {wanted}."),))
    number, head = heads[0]
    ignored = {search_key(title) for title in resource.ignored}
    columns: dict[str, int] = {}
    problems: list[Problem] = []
    for place, title in enumerate(head):
        field, address = fields.get(search_key(title)), f"{_letters(place)}{number + 1}"
        if field and field in columns:
            problems.append(Problem(address, f"Столбец «{title}» стоит в таблице дважды. Оставьте один."))
        elif field:
            columns[field] = place
        elif title and search_key(title) not in ignored:
            problems.append(Problem(address, f"Столбец «{title}» порталу не известен. Переименуйте или удалите его."))
    for field, title in resource.titles.items():
        if field not in columns and field not in resource.optional:
            problems.append(Problem("", f"Нет столбца «{title}». Добавьте его."))
    lines = {
        line: [row[place] if place < len(row) else "" for place in columns.values()]
        for line, row in enumerate(rows[number + 1 :], start=number + 2)
        if any(row)
    }
    if not lines:
        problems.append(Problem("", "Под заголовками нет ни одной заполненной строки."))
    return RegisterResult(problems=tuple(problems)) if problems else _Table(columns, lines)


def _known(row: Iterable[str], fields: dict[str, str]) -> int:
    return sum(search_key(title) in fields for title in row)


def _row(resource: RegisterResource, table: _Table, line: int, result: RowResult) -> RegisterRow:
    given = dict(zip(table.columns, table.lines[line], strict=True))
    code, name = (given[field] for field in resource.named)
    named = (line, code, name)
    if result.errors:
        logger.error("a row of a register was not written: %s", type(result.errors[0].error).__name__)
        return RegisterRow(*named, Standing.ERROR, problems=(Problem("", WRONG),))
    if result.validation_error is not None:
        faults = result.validation_error.message_dict
        return RegisterRow(
            *named,
            Standing.ERROR,
            problems=tuple(
                Problem(table.address(field, line), sentence) for field, said in faults.items() for sentence in said
            ),
        )
    if result.import_type == RowResult.IMPORT_TYPE_SKIP:
        return RegisterRow(*named, Standing.SAME)
    new = result.import_type == RowResult.IMPORT_TYPE_NEW
    pairs = [
        Change(resource.titles[field], resource.shown(field, result.original), resource.shown(field, result.instance))
        for field in table.columns
        if not (new and field in resource.named)  # these stand in the row itself
    ]
    changes = tuple(pair for pair in pairs if pair.after != pair.before)
    return RegisterRow(*named, Standing.NEW if new else Standing.CHANGED, changes)


def _letters(place: int) -> str:
    """The letters of a column: 0 → A, 26 → AA."""
    first, last = divmod(place, 26)
    return (_letters(first - 1) if first else "") + chr(65 + last)
