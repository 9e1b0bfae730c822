"""Registers from a table: what a file would change, and writing it, all or nothing (features I1; design §7).

A file is read by `read_register` alone, within limits. `import_register` is the only caller of django-import-export,
whose defaults would leave rows unvalidated and keep the good rows beside the bad ones.
"""

import csv
import hashlib
import io
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

import tablib
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import RowResult
from import_export.widgets import Widget

from portal.checks import GRADES, school_faults
from portal.enums import Locality, SchoolKind
from portal.formats import date_digits, ranges, search_key
from portal.models import Municipality, School, User
from portal.workbooks import MEGABYTE, Limits, Plain, WorkbookRefused, read_workbook

logger = logging.getLogger(__name__)
LIMITS = Limits(file_bytes=2 * MEGABYTE, unpacked_bytes=20 * MEGABYTE, rows=1001, columns=40)
HEAD_WITHIN = 10  # rows in which the head of the table is looked for
EMPTY = "Ячейка пуста. Заполните её."
WRONG = "Строку не удалось записать. Проверьте её и загрузите файл ещё раз."
_DATE = re.compile(r"\d{2}\.\d{2}\.\d{4}")


class Register(StrEnum):
    """What may be imported from a table."""

    SCHOOLS = "schools"


class Standing(StrEnum):
    """What a row of the file is beside the register."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a row: what stands in the register and what the file brings."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and in which cell of the sheet («C7»; empty where no single cell is to blame)."""

    address: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row of the file: its line on the sheet, whom it names, what it would do."""

    line: int
    code: str
    name: str
    standing: Standing
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterResult:
    """What an import does, or has done if `written`; with any problem nothing is written."""

    rows: tuple[RegisterRow, ...] = ()
    problems: tuple[Problem, ...] = ()  # of the table as a whole
    written: bool = False

    def of(self, standing: Standing) -> list[RegisterRow]:
        return [row for row in self.rows if row.standing == standing]

    @property
    def all_problems(self) -> list[Problem]:
        return [*self.problems, *(problem for row in self.rows for problem in row.problems)]

    @property
    def fingerprint(self) -> str:
        """What a person saw in the preview: confirming writes this and nothing else."""
        return hashlib.sha256(repr((self.rows, self.problems)).encode()).hexdigest()


class PreviewIsOld(Exception):
    """The register has changed since the preview was shown; nothing is written."""


# --- reading a file --------------------------------------------------------------------------------------------------


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
        raise WorkbookRefused("Файл больше 2\u00a0МБ. Оставьте в нём только список школ.")
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


# --- schools ---------------------------------------------------------------------------------------------------------


class WordWidget(Widget):
    """A closed list in words as on screen, or as the portal's own code; case and «ё» do not matter."""

    def __init__(self, choices: Sequence[tuple[str, str]], what: str) -> None:
        super().__init__()
        self.labels = dict(choices)
        self.words = {search_key(word): code for code, label in choices for word in (code, label)}
        self.what = what

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> str:
        if code := self.words.get(search_key(value or "")):
            return code
        known = ", ".join(f"«{label}»" for label in self.labels.values())
        said = f"{self.what} «{value}» порталу не известен" if value else f"{self.what} не указан"
        raise ValueError(f"{said}. Подходит одно из: {known}.")


class GradesWidget(Widget):
    """«1–11», «1-4, 5-9», «10; 11»; empty or «нет» where there are none."""

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> list[int]:
        text = search_key(value or "")
        if _DATE.fullmatch(text):
            raise ValueError("Вместо классов стоит дата: табличный редактор сам сделал её из «1-11». Введите «1–11».")
        grades: set[int] = set()
        if text in {"", "нет", "классов нет", "–", "-"}:
            return []
        for part in re.split(r"\s*[,;]\s*", text):
            found = re.fullmatch(r"([0-9]{1,2})(?:\s*[-–—]\s*([0-9]{1,2}))?", part)
            first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
            if first > last or first not in GRADES or last not in GRADES:
                raise ValueError(f"Классы «{value}» не понятны. Запишите их так: «1–11» или «1–4, 7, 9».")
            grades.update(range(first, last + 1))
        return sorted(grades)


class DayWidget(Widget):
    """«01.09.1998» or «1998-09-01»; empty where it is not known."""

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> date | None:
        if not value:
            return None
        for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
            try:
                return datetime.strptime(value, pattern).date()  # noqa: DTZ007 – a day has no zone
            except ValueError:
                continue
        raise ValueError(f"Дата «{value}» не понятна. Запишите её так: 01.09.1998.")


class TextWidget(Widget):
    """A text that must be there."""

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> str:
        if not value:
            raise ValueError(EMPTY)
        return value


class SchoolResource(ModelResource):
    """Schools of one municipality, found by their code; what the table does not name stays as it is."""

    municipality = Field("municipality", "municipality")
    code = Field("code", "code", TextWidget())
    name = Field("name", "name", TextWidget())
    kind = Field("kind", "kind", WordWidget(SchoolKind.choices, "Вид"))
    locality = Field("locality", "locality", WordWidget(Locality.choices, "Тип местности"))
    grades = Field("grades", "grades", GradesWidget())
    opened = Field("opened", "opened", DayWidget())

    titles: ClassVar[dict[str, str]] = {
        "code": "Код",
        "name": "Название",
        "kind": "Вид",
        "locality": "Местность",
        "grades": "Классы",
        "opened": "Дата открытия",
    }
    optional: ClassVar[frozenset[str]] = frozenset({"opened"})
    # The portal's own table has them to be read; a closing is entered on the page of the school.
    ignored: ClassVar[frozenset[str]] = frozenset({"Закрыта", "Код преемницы"})

    class Meta:
        model = School
        fields = ("municipality", "code", "name", "kind", "locality", "grades", "opened")
        import_id_fields = ("municipality", "code")
        clean_model_instances = True
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        skip_html_diff = True
        store_instance = True

    def __init__(self, municipality: Municipality, today: date) -> None:
        super().__init__()
        self.today = today
        self.known = {school.code: school for school in School.objects.filter(municipality=municipality)}
        self.seen: set[str] = set()

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> School | None:
        """All schools are read at once; the library would ask for each."""
        return self.known.get(row["code"])

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        code = row["code"]
        if not code:
            raise ValidationError({"code": EMPTY})
        if code in self.seen:
            raise ValidationError({"code": f"Код «{code}» уже есть выше в этом файле. Оставьте одну из строк."})
        self.seen.add(code)

    def validate_instance(self, instance: School, import_validation_errors: Any = None, validate_unique: Any = True):
        errors = dict(import_validation_errors or {})
        faults = school_faults(
            name=instance.name, kind=instance.kind, grades=instance.grades, opened=instance.opened, today=self.today
        )
        for field, sentence in faults.items():
            if not errors.keys() & {field, "kind"}:
                errors[field] = ValidationError(sentence)
        # `save` makes the keys of search and order, which the model's own checks would miss before it.
        instance.search_key = instance.search_key or "-"
        instance.sort_key = instance.sort_key or "-"
        super().validate_instance(instance, errors, validate_unique)

    @staticmethod
    def shown(field: str, school: School | None) -> str:
        """A field of a school as the preview prints it."""
        if school is None:
            return ""
        value = getattr(school, field)
        if field in {"kind", "locality"}:
            return str(getattr(school, f"get_{field}_display")())
        if field == "grades":
            return ranges(value) or "нет"
        return date_digits(value) if isinstance(value, date) else str(value or "")


RESOURCES: dict[Register, type[SchoolResource]] = {Register.SCHOOLS: SchoolResource}


# --- the one entry point ---------------------------------------------------------------------------------------------


@transaction.atomic
def import_register(
    *,
    kind: Register,
    sheet_rows: Sequence[Sequence[Plain]],
    municipality: Municipality,
    by: User,
    dry_run: bool,
    previewed: str = "",
) -> RegisterResult:
    """Compare a table with a register and, unless `dry_run`, write it: every row or none.

    `sheet_rows` start at the first row of the sheet; the head of the table is looked for in the first ten. With
    `previewed`, the fingerprint of what the person saw, raises PreviewIsOld where the register has changed since.
    """
    Municipality.objects.select_for_update().get(pk=municipality.pk)  # one writer at a time
    resource = RESOURCES[kind](municipality, timezone.localdate())
    table = _table(resource, [[as_text(cell) for cell in row] for row in sheet_rows])
    if isinstance(table, RegisterResult):
        return table
    answer = resource.import_data(
        tablib.Dataset(
            *([municipality, *texts] for texts in table.lines.values()), headers=["municipality", *table.columns]
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
    if previewed and result.fingerprint != previewed:
        raise PreviewIsOld
    if result.written:
        logger.info("register %s of municipality %s imported by person %s", kind, municipality.pk, by.pk)
    return result


@dataclass(frozen=True, slots=True)
class _Table:
    """The part of a sheet that is the table: field → column number, line of the sheet → texts of the fields."""

    columns: dict[str, int]
    lines: dict[int, list[str]]

    def address(self, field: str, line: int) -> str:
        return f"{_letters(self.columns[field])}{line}" if field in self.columns else ""


def _table(resource: SchoolResource, rows: list[list[str]]) -> _Table | RegisterResult:
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


def _row(resource: SchoolResource, table: _Table, line: int, result: RowResult) -> RegisterRow:
    given = dict(zip(table.columns, table.lines[line], strict=True))
    named = (line, given["code"], given["name"])
    if result.errors:
        logger.error("a row of a register was not written: %r", result.errors[0].error)
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
    ]
    changes = tuple(pair for pair in pairs if pair.after != pair.before)
    return RegisterRow(*named, Standing.NEW if new else Standing.CHANGED, changes)


def _letters(place: int) -> str:
    """The letters of a column: 0 → A, 26 → AA."""
    first, last = divmod(place, 26)
    return (_letters(first - 1) if first else "") + chr(65 + last)
