"""What a file with published tables says: one line a table and year, read into tables or into faults by cell."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from monitoring.catalogue import quoted
from monitoring.enums import BaseOf
from monitoring.forms.entry import CountRefused, read_count
from monitoring.importing import letters
from monitoring.queries.published.printed import PrintedRow, PrintedTable
from portal.formats import plural, search_key
from portal.importing import Problem, read_register
from portal.importing.reading import as_text
from portal.importing.widgets import GradesWidget
from portal.workbooks import SCHOOL_LIMITS, Plain, WorkbookRefused, read_workbook, write_csv, write_table

# Column → its head, and the heads that are also understood.
HEADS: dict[str, tuple[str, ...]] = {
    "document": ("Документ",),
    "title": ("Таблица", "Название таблицы"),
    "number": ("Номер", "Номер таблицы"),
    "base_of": ("Кого считают",),
    "grades": ("Классы",),
    "indicator": ("Показатель", "Код показателя"),
    "year": ("Учебный год", "Год"),
    "count": ("Количество", "Числитель"),
    "total": ("Всего", "Знаменатель"),
    "declared": ("Процент", "Процент в документе"),
    "note": ("Примечание",),
}
NEEDED = ("document", "title", "year", "count")
ABOUT = ("number", "base_of", "grades", "indicator", "note")  # the same in all lines of a table
WIDTHS = {"document": 300, "title": 300, "number": 30, "note": 500}
HEAD_LINES = 10  # the heads stand within these
SAMPLE = (
    ("Отчёт за 2021/22 уч. год", "Тестирование, 9–11 классы", "9", "обучающиеся", "9–11", "4.1", "2020/21", 303, 505),
    ("Отчёт за 2021/22 уч. год", "Тестирование, 9–11 классы", "9", "обучающиеся", "9–11", "4.1", "2021/22", 310, 499),
    ("Отчёт за 2021/22 уч. год", "Учебные рабочие места", "10", "", "", "5.2", "2021/22", 23, ""),
)
SAMPLE_PERCENTS = ("60", "62,1", "")

_YEAR = re.compile(r"(20[0-9]{2})\s*[/\u2013\u2014-]\s*(20)?([0-9]{2})(?:\s*(?:уч\.?\s*г(?:од|\.)?|учебный год))?")
_PERCENT = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,4}))?")
_BASES = {search_key(word): one.value for one in BaseOf for word in (one.value, one.label)} | {
    "обучающиеся с овз": BaseOf.DISABLED.value,
    "школы": BaseOf.SCHOOLS.value,
}


@dataclass
class PrintedFile:
    """The tables of a file in its order, or what is wrong with it; a file with a problem is never written."""

    tables: tuple[PrintedTable, ...] = ()
    problems: list[Problem] = field(default_factory=list)


def sample(extension: str) -> bytes:
    """A file to fill: the heads and three lines, one of a number without a percentage."""
    heads = [names[0] for names in HEADS.values()]
    lines = [[*line, percent, ""] for line, percent in zip(SAMPLE, SAMPLE_PERCENTS, strict=True)]
    if extension == "csv":
        return write_csv(heads, lines)
    return write_table("Опубликованные таблицы", heads, lines)


def rows_of_file(data: bytes) -> list[list[str]]:
    """The lines of the first sheet of an XLSX, or of a CSV, as texts. Raises WorkbookRefused with a sentence."""
    if not data.startswith(b"PK"):
        rows = read_register(data)
        if len(rows) > SCHOOL_LIMITS.rows:
            raise WorkbookRefused(f"В файле больше {SCHOOL_LIMITS.rows} строк. Разделите его на части.")
        return rows
    sheet = next((one for one in read_workbook(data, SCHOOL_LIMITS) if any(map(any, one.rows))), None)
    if sheet is None:
        raise WorkbookRefused("В файле нет ни одной заполненной строки.")
    if sheet.merged:
        raise WorkbookRefused(
            f"На листе есть объединённые ячейки: {', '.join(sheet.merged[:5])}. Разъедините их и повторите значение в"
            " каждой строке, потом загрузите файл ещё раз."
        )
    rows = [[as_text(cell) for cell in row] for row in sheet.rows]
    _refuse_numeric_codes(sheet.rows, rows)
    return rows


def _refuse_numeric_codes(cells: Sequence[Sequence[Plain]], rows: Sequence[Sequence[str]]) -> None:
    """A table program keeps the code 4.10 as the number 4.1, which is another indicator."""
    place = next((columns["indicator"] for row in rows[:HEAD_LINES] if "indicator" in (columns := _columns(row))), None)
    if place is None:
        return
    for line, row in enumerate(cells, start=1):
        if place < len(row) and isinstance(row[place], float):
            raise WorkbookRefused(
                f"Ячейка {letters(place)}{line}: код показателя записан числом, и 4.10 не отличить от 4.1."
                " Задайте столбцу «Показатель» текстовый формат и введите коды заново."
            )


def read_printed(rows: Sequence[Sequence[str]], indicators: Collection[str]) -> PrintedFile:
    """Tables of the lines. `indicators` are the codes that there are."""
    found = PrintedFile()
    head = next((place for place, row in enumerate(rows[:HEAD_LINES]) if len(_columns(row)) > 1), None)
    if head is None:
        found.problems.append(Problem("", f"Не найдена строка с заголовками. {_expected()}"))
        return found
    columns = _columns(rows[head])
    _check_heads(rows[head], columns, head, found)
    if not found.problems:
        reader = _Reader(columns, indicators, found)
        for line, row in enumerate(rows[head + 1 :], start=head + 2):
            if any(row):
                reader.read(row, line)
        reader.finish()
    return found


def _columns(row: Sequence[str]) -> dict[str, int]:
    """Column → its place on the sheet, of the heads that are known."""
    known = {search_key(name): column for column, names in HEADS.items() for name in names}
    found: dict[str, int] = {}
    for place, head in enumerate(row):
        if column := known.get(search_key(head)):
            found.setdefault(column, place)
    return found


def _check_heads(row: Sequence[str], columns: dict[str, int], line: int, found: PrintedFile) -> None:
    for place, head in enumerate(row):
        if head and place not in columns.values():
            sentence = f"Столбец {quoted(head)} порталу не известен или повторяется. {_expected()}"
            found.problems.append(Problem(f"{letters(place)}{line + 1}", sentence))
    found.problems.extend(
        Problem("", f"Нет столбца «{HEADS[column][0]}». Верните ему это название.")
        for column in NEEDED
        if column not in columns
    )


def _expected() -> str:
    return f"Заголовки столбцов: {', '.join(names[0] for names in HEADS.values())}."


class _Reader:
    """Gathers the lines of a sheet into tables."""

    def __init__(self, columns: dict[str, int], indicators: Collection[str], found: PrintedFile) -> None:
        self.columns, self.indicators, self.found = columns, indicators, found
        self.about: dict[tuple[str, str], dict[str, str]] = {}
        self.rows: dict[tuple[str, str], dict[int, PrintedRow]] = {}

    def read(self, row: Sequence[str], line: int) -> None:
        cells = {column: row[place] if place < len(row) else "" for column, place in self.columns.items()}
        before = len(self.found.problems)
        for column in ("document", "title"):
            if not cells[column]:
                self._fault(column, line, "Ячейка пуста. Заполните её: каждая строка называет документ и таблицу.")
        for column, width in WIDTHS.items():
            if len(cells.get(column, "")) > width:
                self._fault(column, line, f"Текст длиннее {plural(width, 'знака', 'знаков', 'знаков')}. Сократите его.")
        year, count, total, declared = (
            self._year(cells, line),
            self._number("count", cells, line),
            self._number("total", cells, line),
            self._percent(cells, line),
        )
        key = cells["document"], cells["title"]
        self._about(key, cells, line)
        if count is None and total is None and not declared and len(self.found.problems) == before:
            self._fault("count", line, "В строке нет ни одного числа. Заполните её или удалите.")
        if year in self.rows.get(key, {}):
            self._fault("year", line, "Этот год таблицы уже есть в файле. Оставьте одну из строк.")
        if len(self.found.problems) == before and year is not None:
            if _looks_like_ratio(count, total, declared):
                sentence = (
                    f"Стоит {_comma(declared)}, а по числам получается в сто раз больше. Запишите процент текстом."
                )
                self._fault("declared", line, sentence)
            self.rows.setdefault(key, {})[year] = PrintedRow(year, count, total, declared)

    def _about(self, key: tuple[str, str], cells: dict[str, str], line: int) -> None:
        """What is said of a table stands in its first line; a later line repeats it or is empty."""
        kept = self.about.setdefault(key, {})
        for column in ABOUT:
            given = cells.get(column, "")
            if not given:
                continue
            if kept.setdefault(column, given) != given:
                self._fault(column, line, f"В другой строке этой таблицы – {quoted(kept[column])}. Должно быть одно.")
            elif column == "base_of" and search_key(given) not in _BASES:
                known = ", ".join(f"«{one.label}»" for one in BaseOf)
                self._fault(column, line, f"Подходит одно из: {known}.")
            elif column == "indicator" and given not in self.indicators:
                self._fault(column, line, f"Показателя с кодом {quoted(given)} нет. Исправьте код или очистите ячейку.")
            elif column == "grades":
                self._grades(given, line)

    def _grades(self, given: str, line: int) -> tuple[int, ...]:
        try:
            return tuple(GradesWidget().clean(re.sub(r"\s*класс[а-я]*$", "", given.casefold())))
        except ValueError as refusal:
            self._fault("grades", line, str(refusal))
            return ()

    def _year(self, cells: dict[str, str], line: int) -> int | None:
        given = cells["year"]
        told = _YEAR.fullmatch(given)
        if told and int(told[3]) == (int(told[1]) + 1) % 100:
            return int(told[1])
        said = "Учебный год не указан" if not given else f"Учебный год {quoted(given)} не понятен"
        self._fault("year", line, f"{said}. Запишите его двумя годами: 2019/20.")
        return None

    def _number(self, column: str, cells: dict[str, str], line: int) -> int | None:
        try:
            return read_count(cells.get(column, ""))
        except CountRefused as refusal:
            self._fault(column, line, str(refusal))
            return None

    def _percent(self, cells: dict[str, str], line: int) -> str:
        given = cells.get("declared", "")
        if not given or given in {"-", "–", "—"}:
            return ""
        told = _PERCENT.fullmatch(given)
        if told:
            return told[1] + (f".{told[2]}" if told[2] else "")
        bare = given.removesuffix("%").strip()
        if given.endswith("%") and _PERCENT.fullmatch(bare):
            self._fault("declared", line, f"Уберите знак процента: {bare}.")
        else:
            self._fault("declared", line, "Запишите процент так, как он напечатан, без знака: 57 или 57,5.")
        return ""

    def _fault(self, column: str, line: int, sentence: str) -> None:
        address = f"{letters(self.columns[column])}{line}" if column in self.columns else f"строка {line}"
        self.found.problems.append(Problem(address, sentence))

    def finish(self) -> None:
        if not self.rows and not self.found.problems:
            self.found.problems.append(Problem("", "Под заголовками нет ни одной строки."))
        if self.found.problems:
            return
        self.found.tables = tuple(self._table(key, rows) for key, rows in self.rows.items())

    def _table(self, key: tuple[str, str], rows: dict[int, PrintedRow]) -> PrintedTable:
        about = self.about[key]
        return PrintedTable(
            document=key[0],
            title=key[1],
            number=about.get("number", ""),
            base_of=_BASES[search_key(about["base_of"])] if "base_of" in about else "",
            grades=self._grades(about["grades"], 0) if "grades" in about else (),
            indicator=about.get("indicator", ""),
            note=about.get("note", ""),
            rows=tuple(sorted(rows.values(), key=lambda row: row.year)),
        )


def _looks_like_ratio(count: int | None, total: int | None, declared: str) -> bool:
    """A cell in the percent format of a table program holds 0,575 for 57,5 %: which of the two is not guessed."""
    if not declared or not count or not total or Decimal(declared) > 1:
        return False
    exact, told = Fraction(count * 100, total), Fraction(Decimal(declared))
    return abs(told * 100 - exact) < abs(told - exact) and exact > 1


def _comma(declared: str) -> str:
    return declared.replace(".", ",")
