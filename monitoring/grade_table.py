"""The matrix of grades and programmes in words: spans of cells, findings of W-19, and the table that is taken away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from monitoring.catalogue import grades_label
from monitoring.queries.results.grades import Gap, Line, Matrix, Span
from portal.datatables import Column, DataCell, DataTable
from portal.formats import SMALL_BASE, coverage, number, percent, plural, plural_form, ranges, school_year

NOT_MEANT, NOBODY, NO_NUMBERS = "не предусмотрено", "не охвачены", "нет данных"


@dataclass(frozen=True, slots=True)
class GradeCell:
    """One figure over `width` grades; `tone` hatches what is not covered."""

    width: int
    grades: str  # «5–9 классы»
    value: str
    fraction: str
    coverage: str
    tone: str  # covered, bare – nobody takes part, missing, outside – not meant for these grades


@dataclass(frozen=True, slots=True)
class GradeRow:
    name: str
    cells: tuple[GradeCell, ...]


@dataclass(frozen=True, slots=True)
class GradeGroup:
    title: str
    rows: tuple[GradeRow, ...]


def grade_groups(matrix: Matrix) -> tuple[GradeGroup, ...]:
    """The rows of the page, programme by programme."""
    return tuple(
        GradeGroup(one.title, tuple(GradeRow(line.name, tuple(_cells(line, matrix.grades))) for line in one.lines))
        for one in matrix.programmes
    )


def _cells(line: Line, grades: Sequence[int]) -> Iterable[GradeCell]:
    """The cells of a row from the first grade to the last: the spans, and between them the grades not asked of."""
    place = 0
    while place < len(grades):
        span = next((one for one in line.spans if grades[place] in one.grades), None)
        width = 1
        while place + width < len(grades) and _same(line, span, grades[place + width]):
            width += 1
        yield _cell(span, list(grades[place : place + width]))
        place += width


def _same(line: Line, span: Span | None, grade: int) -> bool:
    if span is not None:
        return grade in span.grades
    return not any(grade in one.grades for one in line.spans)


def _cell(span: Span | None, grades: list[int]) -> GradeCell:
    label = grades_label(grades)
    if span is None:
        return GradeCell(len(grades), label, NOT_MEANT, "", "", "outside")
    told = coverage(span.used, span.expected)
    if span.people is None:
        return GradeCell(len(grades), label, NO_NUMBERS, "", told, "missing")
    fraction = f"{number(span.people)} из {number(span.base)}"
    if span.empty:
        return GradeCell(len(grades), label, NOBODY, fraction, told, "bare")
    value = percent(Fraction(span.people, span.base)) if span.base >= SMALL_BASE else fraction
    return GradeCell(len(grades), label, value, fraction if value != fraction else "", told, "covered")


def gap_words(gap: Gap) -> str:
    """«Программа «Билет в будущее» не охватывает 5 класс: участников нет, обучающихся 812»."""
    classes = f"{ranges(list(gap.grades))} {plural_form(len(gap.grades), 'класс', 'классы', 'классы')}"
    pupils = plural(gap.pupils, "обучающийся", "обучающихся", "обучающихся")
    if gap.asked:
        return f"Программа {_quoted(gap.title)} не охватывает {classes}: участников нет, в этих классах {pupils}."
    return f"Раздел {_quoted(gap.title)} не охватывает {classes}: ни одна программа для них не предусмотрена, {pupils}."


def _quoted(title: str) -> str:
    return title if title.startswith("«") else f"«{title}»"


def grades_headline(matrix: Matrix) -> str:
    """Which grades are left out, or that none is."""
    missed = sorted({grade for gap in matrix.gaps for grade in gap.grades})
    if not missed:
        return "Все классы, для которых есть программы, охвачены"
    words = plural_form(len(missed), "класс", "классы", "классы")
    return f"Не все программы охватывают {ranges(missed)} {words}"


def grades_data(matrix: Matrix, *, year: int, about: Sequence[tuple[str, str]]) -> DataTable:
    """One row for each figure: its programme, its grades, people, pupils and coverage."""
    columns = (
        Column("Программа", "programme"),
        Column("Что считается", "element"),
        Column("Классы", "grades"),
        Column("Охвачено, чел.", "people", number=True),
        Column("Всего, чел.", "base", number=True),
        Column("Доля", "share", number=True),
        Column("Охват данными", "coverage"),
    )
    rows = tuple(
        _data_row(programme.title, line.name, span)
        for programme in matrix.programmes
        for line in programme.lines
        for span in line.spans
    )
    title = f"Охват классов программами, {school_year(year)}"
    return DataTable(f"grades-{year}", title, columns, rows, (("Период", school_year(year)), *about))


def _data_row(programme: str, name: str, span: Span) -> tuple[DataCell, ...]:
    share = Fraction(span.people, span.base) if span.people is not None and span.base >= SMALL_BASE else None
    texts = (programme, name, grades_label(list(span.grades)))
    return (
        *(DataCell(words, words) for words in texts),
        DataCell(span.people, NO_NUMBERS if span.people is None else number(span.people)),
        DataCell(span.base, number(span.base)) if span.used else DataCell(None, NO_NUMBERS),
        DataCell(share, percent(share)),
        DataCell(coverage(span.used, span.expected), coverage(span.used, span.expected)),
    )
