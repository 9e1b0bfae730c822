"""What a workbook says about forms: each of the three layouts read into cells with their place, or a sentence."""

import datetime
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from monitoring.enums import CellState, ImportKind
from monitoring.forms.entry import BOTH, NEEDS_REASON, UNREADABLE, YES_OR_NO, CountRefused, read_count
from monitoring.models import Campaign, Submission
from monitoring.queries.campaigns.incoming import Fault, Held, Incoming, Reading
from monitoring.queries.entry.content import YES_NO
from monitoring.workbooks import FORMAT, HEADER_ROW, HIDDEN, MARK, Column, header_of, sheet_titles
from portal.formats import INAPPLICABLE, NO_DATA, plural, school_year_short, search_key
from portal.workbooks import Plain, Sheet, WorkbookRefused

WORDS = {"да": 1, "нет": 0}
NO_DATA_WORDS = re.compile(r"(?:нет данных|…|\.\.\.)\s*[:,–—-]?\s*(.*)", re.IGNORECASE | re.DOTALL)
NOT_COUNTED = "В ячейке формула, значение которой не посчитано. Введите вместо неё число."
CODE_HEADS = {"код", "код школы", "код организации"}
NAME_HEADS = {"школа", "название", "наименование", "организация", "наименование организации"}
TOTALS = ("итого", "всего")
CONTINGENT = "contingent"
HEAD_LINES = 10  # the header of a table stands within these
_GRADE = re.compile(r"([0-9]{1,2})(?:-?[йи]?\s*(?:класс|кл\.?))?")
_SPAN = re.compile(r"([0-9]{1,2})\s*[-\u2013\u2014]\s*([0-9]{1,2})")


def place(sheet: Sheet, row: int, column: int) -> str:
    """«лист «Контингент», ячейка F7» of 0-based indexes."""
    return f"лист «{sheet.name}», ячейка {letters(column)}{row + 1}"


def letters(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def at(sheet: Sheet, row: int, column: int) -> Plain:
    """What a cell holds; beyond the filled part, nothing."""
    cells = sheet.rows[row] if row < len(sheet.rows) else []
    return cells[column] if column < len(cells) else None


def text_of(cell: Plain) -> str:
    return "" if cell is None else " ".join(str(cell).split())


@dataclass
class Tally:
    """What is gathered while a file is read."""

    cells: list[Incoming] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def reading(self) -> Reading:
        if self.seen["formula"]:
            words = plural(self.seen["formula"], "ячейке", "ячейках", "ячейках")
            self.notes.append(f"Формулы найдены в {words}: взяты значения, которые они показывали.")
        if self.seen["text"]:
            words = plural(self.seen["text"], "число записано", "числа записаны", "чисел записано")
            self.notes.append(f"{words} в файле как текст и прочитано как число.")
        return Reading(self.cells, self.faults, self.notes)


def read_cell(cell: Plain, reason: str, unit: str, tally: Tally) -> tuple[CellState, int | None, str]:
    """(state, number, reason) of a cell, as a page's box would be read. Raises CountRefused with the sentence."""
    if type(cell) is int and cell >= 0 and unit != YES_NO and not reason and cell <= _MOST:
        return CellState.NUMBER, cell, ""
    number = _number(cell, unit, tally)
    if isinstance(number, str):
        reason, number = number or reason, None
        if not reason:
            raise CountRefused(NEEDS_REASON)
    if number is not None and reason:
        raise CountRefused(BOTH)
    if number is None:
        return (CellState.NO_DATA, None, reason[:300]) if reason else (CellState.EMPTY, None, "")
    return CellState.NUMBER, number, ""


_MOST = 9_999_999


def _number(cell: Plain, unit: str, tally: Tally) -> int | str | None:
    """A count; None for an empty cell; a text is the reason that stands after the words «нет данных»."""
    if isinstance(cell, bool):
        cell = int(cell) if unit == YES_NO else str(cell)
    if isinstance(cell, datetime.date):
        raise CountRefused(f"В ячейке дата. {UNREADABLE}")
    if isinstance(cell, str):
        words = " ".join(cell.split())
        if unit == YES_NO and words.casefold() in WORDS:
            return WORDS[words.casefold()]
        if told := NO_DATA_WORDS.fullmatch(words):
            return told[1]
    number = read_count(text_of(cell))
    if unit == YES_NO and number not in {0, 1, None}:
        raise CountRefused(YES_OR_NO)
    if isinstance(cell, str) and number is not None:
        tally.seen["text"] += 1
    return number


# --- a school's own workbook -----------------------------------------------------------------------------------------


def read_blank(sheets: list[Sheet], submission: Submission, units: Mapping[str, str]) -> Reading:
    """The workbook that the portal made for this very form. `units` are those of its cells, by code.

    Raises WorkbookRefused where it is another school's, year's or form's, or where its columns or sheets were changed.
    """
    hidden = next((sheet for sheet in sheets if sheet.name == HIDDEN), None)
    if hidden is None:
        raise WorkbookRefused("Это не бланк портала. Скачайте бланк на странице формы, заполните и загрузите его.")
    _check_origin(hidden, submission)
    base = _base(hidden)
    titles = sheet_titles(_sections(hidden))
    tally = Tally()
    shown = {sheet.name: sheet for sheet in sheets}
    for section, title in titles.items():
        sheet = shown.get(title)
        if sheet is None:
            raise WorkbookRefused(f"В файле нет листа «{title}». Верните листу это название или скачайте бланк заново.")
        _check_sheet(sheet, section, titles, submission.year)
        _read_rows(sheet, submission.pk, units, base, tally)
    repeated = [code for code, count in Counter(cell.code for cell in tally.cells).items() if count > 1]
    if repeated:
        twice = next(cell.where for cell in reversed(tally.cells) if cell.code == repeated[0])
        raise WorkbookRefused(f"Строка встречается дважды ({twice}). Удалите лишнюю или скачайте бланк заново.")
    return tally.reading()


def _check_origin(hidden: Sheet, submission: Submission) -> None:
    told = {text_of(at(hidden, row, 0)): text_of(at(hidden, row, 1)) for row in range(len(hidden.rows))}
    if told.get("format") != FORMAT:
        raise WorkbookRefused("Бланк сделан прежней версией портала. Скачайте новый бланк и перенесите в него числа.")
    school = submission.school
    if (told.get("municipality"), told.get("school")) != (submission.municipality.slug, school.code):
        name = told.get("school_name") or told.get("school") or "…"
        raise WorkbookRefused(f"Это бланк другой школы: «{name}». Загрузите бланк школы «{school.name}».")
    if told.get("form") != submission.form.code:
        raise WorkbookRefused(f"Это бланк другой формы. Скачайте бланк формы «{submission.form.title}».")
    if told.get("year") != str(submission.year):
        year = told.get("year", "")
        what = f"за {school_year_short(int(year))} уч. год" if re.fullmatch("[0-9]{4}", year) else "за другой год"
        raise WorkbookRefused(f"Это бланк {what}. Скачайте бланк за {school_year_short(submission.year)} уч. год.")
    if told.get("campaign") != str(submission.campaign.public_id):
        raise WorkbookRefused("Этот бланк относится к другому сбору данных. Скачайте бланк на странице формы.")


def _base(hidden: Sheet) -> dict[str, Held]:
    """What every cell held when the workbook was made: rows «cell | code | version | state | number | reason»."""
    found = {}
    for line, row in enumerate(hidden.rows):  # the reader leaves out columns that are empty on the whole sheet
        version, number = at(hidden, line, 2), at(hidden, line, 4)
        if row[0] == "cell" and isinstance(version, int):
            held = number if isinstance(number, int) else None
            found[text_of(row[1])] = Held(text_of(at(hidden, line, 3)), held, text_of(at(hidden, line, 5)), version)
    return found


def _sections(hidden: Sheet) -> dict[str, str]:
    return {text_of(row[1]): text_of(row[2]) for row in hidden.rows if len(row) >= 3 and row[0] == "section"}


def _check_sheet(sheet: Sheet, section: str, titles: Mapping[str, str], year: int) -> None:
    """Whether a sheet is still the one that was made: its section, its columns, no merged cells."""
    mark = text_of(at(sheet, 0, Column.CODE)).removeprefix(MARK)
    if mark != section:
        other = titles.get(mark)
        told = f"строки раздела «{other}»" if other else "не те строки"
        raise WorkbookRefused(f"Листы перепутаны: на листе «{sheet.name}» – {told}. Верните листам их названия.")
    _refuse_merged(sheet)
    for column, name in enumerate(header_of(year)):
        found = text_of(at(sheet, HEADER_ROW, column))
        if found != name:
            raise WorkbookRefused(
                f"На листе «{sheet.name}» в столбце {letters(column)} заголовок «{found}», а в бланке – «{name}»."
                " Верните столбцы на свои места или скачайте бланк заново."
            )


def _refuse_merged(sheet: Sheet) -> None:
    if sheet.merged:
        raise WorkbookRefused(
            f"На листе «{sheet.name}» объединены ячейки {sheet.merged[0]}. Отмените объединение и загрузите файл снова."
        )


def _read_rows(sheet: Sheet, submission: int, units: Mapping[str, str], base: Mapping[str, Held], tally: Tally) -> None:
    for row in range(HEADER_ROW + 1, len(sheet.rows)):
        code = text_of(at(sheet, row, Column.CODE))
        cell, reason = at(sheet, row, Column.VALUE), text_of(at(sheet, row, Column.REASON))
        where = place(sheet, row, Column.VALUE)
        if code not in units or code not in base:
            if code or cell is not None or reason:
                tally.faults.append(Fault(where, "", "Такой строки в форме нет. Удалите её или скачайте бланк заново."))
            continue
        try:
            _note_formula(sheet, row, Column.VALUE, cell, tally)
            read = read_cell(cell, reason, units[code], tally)
        except CountRefused as refusal:
            tally.faults.append(Fault(where, "", str(refusal)))
        else:
            tally.cells.append(Incoming(submission, code, *read, where, base=base[code]))


def _note_formula(sheet: Sheet, row: int, column: int, cell: Plain, tally: Tally) -> None:
    if sheet.formulas and (row, column) in sheet.formulas:
        if cell is None:
            raise CountRefused(NOT_COUNTED)
        tally.seen["formula"] += 1


# --- a table of many schools -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """An element of the campaign as the head of a table may name it."""

    code: str
    name: str
    unit: str
    section: str
    grades: tuple[int, ...]


class SchoolForm(NamedTuple):
    """The form of a school in the campaign, and the name of the school."""

    pk: int
    school: str


def read_table(
    sheets: list[Sheet], kind: ImportKind, asked: Iterable[Asked], forms: Mapping[str, SchoolForm]
) -> Reading:
    """A table with a school in each row and an element in each column; `forms` by the code of the school.

    Empty cells leave a form as it is. Raises WorkbookRefused where the table cannot be understood as a whole.
    """
    name_column = contingent_columns(asked) if kind == ImportKind.CONTINGENT else value_columns(asked)
    sheet, head, columns, unused = _find_head(sheets, name_column)
    _refuse_merged(sheet)
    if unused and kind != ImportKind.CONTINGENT:
        raise WorkbookRefused(
            f"Столбцы с этими заголовками портал не узнал: {_listed(unused)}. Исправьте заголовки – это должны быть"
            " коды показателей – или удалите столбцы."
        )
    tally = Tally()
    if unused:
        tally.notes.append(f"Не использованы столбцы: {_listed(unused)}.")
    _read_schools(sheet, head, columns, forms, tally)
    if not tally.cells and not tally.faults:
        raise WorkbookRefused("В таблице нет чисел. Заполните её и загрузите ещё раз.")
    return tally.reading()


def value_columns(asked: Iterable[Asked]) -> Callable[[str], Asked | None]:
    """The head of a column of values: the code of an element."""
    by_code = {one.code: one for one in asked}
    return by_code.get


def contingent_columns(asked: Iterable[Asked]) -> Callable[[str], Asked | None]:
    """The head of a column of the contingent: «5 класс», «ОВЗ 5–9 классы», or the code of an element."""
    own = [one for one in asked if one.section == CONTINGENT]
    by_code = {one.code: one for one in own}
    by_grade = {one.grades[0]: one for one in own if len(one.grades) == 1}
    by_start = {one.grades[0]: one for one in own if len(one.grades) > 1}

    def named(head: str) -> Asked | None:
        key = search_key(head)
        if grade := _GRADE.fullmatch(key):
            return by_grade.get(int(grade[1]))
        span = _SPAN.search(key)
        if span and ("овз" in key or "инвалид" in key):
            found = by_start.get(int(span[1]))
            return found if found and int(span[2]) in found.grades[1:] else None
        return by_code.get(head)

    return named


def _find_head(
    sheets: list[Sheet], name_column: Callable[[str], Asked | None]
) -> tuple[Sheet, int, dict[int, Asked], list[str]]:
    """(sheet, row of the header, elements by column, heads nobody knows). The first column holds the school's code."""
    found = []
    for sheet in sheets:
        for row in range(min(HEAD_LINES, len(sheet.rows))):
            heads = {column: text_of(cell) for column, cell in enumerate(sheet.rows[row]) if text_of(cell)}
            known = {column: one for column, head in heads.items() if column and (one := name_column(head))}
            if known and search_key(heads.get(0, "")) in CODE_HEADS:
                unused = [
                    head
                    for column, head in heads.items()
                    if column and column not in known and search_key(head) not in NAME_HEADS
                ]
                found.append((sheet, row, known, unused))
                break
    if not found:
        raise WorkbookRefused(
            "В файле нет таблицы, которую портал может прочитать. В первом столбце с заголовком «Код школы» должны"
            " стоять коды школ, а в заголовках следующих – показатели. Возьмите за образец выгрузку портала."
        )
    if len(found) > 1:
        names = ", ".join(f"«{one[0].name}»" for one in found)
        raise WorkbookRefused(f"Таблицы найдены на нескольких листах: {names}. Оставьте в файле один лист.")
    repeated = [one.code for one, count in Counter(found[0][2].values()).items() if count > 1]
    if repeated:
        raise WorkbookRefused(f"Столбец «{repeated[0]}» встречается дважды. Оставьте один и загрузите файл ещё раз.")
    return found[0]


def _read_schools(
    sheet: Sheet, head: int, columns: Mapping[int, Asked], forms: Mapping[str, SchoolForm], tally: Tally
) -> None:
    seen: dict[str, int] = {}
    lettered = [(column, letters(column), one) for column, one in columns.items()]
    for row in range(head + 1, len(sheet.rows)):
        code = text_of(at(sheet, row, 0))
        if not code and all(cell is None for cell in sheet.rows[row]):
            continue
        if search_key(code).startswith(TOTALS):
            tally.notes.append(f"Строка {row + 1} («{code}») пропущена: итоги портал считает сам.")
            continue
        where = place(sheet, row, 0)
        form = forms.get(code)
        if form is None:
            told = f"Школы с кодом «{code}» в этом сборе данных нет." if code else "В строке нет кода школы."
            tally.faults.append(Fault(where, "", f"{told} Исправьте код или удалите строку."))
        elif code in seen:
            told = f"Школа уже есть в строке {seen[code] + 1}. Оставьте одну строку."
            tally.faults.append(Fault(where, form.school, told))
        else:
            seen[code] = row
            _read_school(sheet, row, lettered, form, tally)


def _read_school(
    sheet: Sheet, row: int, columns: Iterable[tuple[int, str, Asked]], form: SchoolForm, tally: Tally
) -> None:
    line = str(row + 1)
    for column, letter, one in columns:
        cell = at(sheet, row, column)
        try:
            _note_formula(sheet, row, column, cell, tally)
            if cell in _UNCHANGED:
                continue
            state, number, reason = read_cell(cell, "", one.unit, tally)
        except CountRefused as refusal:
            tally.faults.append(Fault(letter + line, form.school, f"{one.name}. {refusal}"))
        else:
            if state != CellState.EMPTY:
                tally.cells.append(Incoming(form.pk, one.code, state, number, reason, letter, line))


_UNCHANGED = frozenset({None, NO_DATA, INAPPLICABLE})  # the marks are as our own export prints them


def _listed(heads: list[str]) -> str:
    shown = ", ".join(f"«{head[:60]}»" for head in heads[:10])
    return f"{shown} и ещё {len(heads) - 10}" if len(heads) > 10 else shown


# --- what the campaign asks ------------------------------------------------------------------------------------------


def asked_in(campaign: Campaign) -> list[Asked]:
    """The elements of a campaign as the head of a table names them; one query."""
    rows = campaign.elements.select_related("element", "section")
    return [Asked(one.element.code, one.name, one.unit, one.section.code, tuple(one.element.grades)) for one in rows]


def forms_by_school(campaign: Campaign) -> dict[str, SchoolForm]:
    """The forms of a campaign by the code of their school; one query."""
    rows = campaign.submissions.values_list("school__code", "pk", "school__name")
    return {code: SchoolForm(form, school) for code, form, school in rows}


def units_of(campaign: Campaign) -> dict[str, str]:
    return {one.code: one.unit for one in asked_in(campaign)}
