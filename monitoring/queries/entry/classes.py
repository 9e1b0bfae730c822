"""The working sheet of a section by classes: what can be added up, what each class has, what comes together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.catalogue import grades_label
from monitoring.enums import CellState
from monitoring.models import CampaignElement, ClassRow, Section, Submission, Value
from portal.formats import number, plural_form, signed

SUMMABLE_UNITS = frozenset({"чел.", "участий"})  # counts of people and of their taking part; the rest is of the school
MOST_CLASSES = 60  # with nine columns a page stays within Django's limit of 600 fields


@dataclass(frozen=True, slots=True)
class Asked:
    """An element that classes add up to; `grades` are those of the element that the school teaches."""

    code: str
    name: str
    label: str  # the name with the grades
    unit: str
    hint: str
    once: bool
    grades: tuple[int, ...]

    @property
    def grades_words(self) -> str:
        return grades_label(list(self.grades))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sheet: one element, or elements of one name that share out the grades among them."""

    name: str
    unit: str
    elements: tuple[Asked, ...]

    def at(self, grade: int) -> Asked | None:
        """The element to which a class of this grade counts; None where the column does not concern it."""
        return next((one for one in self.elements if grade in one.grades), None)


@dataclass(frozen=True, slots=True)
class ClassCell:
    """What a class has for a column; without an element the cell is grey."""

    column: Column
    element: Asked | None
    number: int | None


@dataclass(frozen=True, slots=True)
class ClassLine:
    row: ClassRow
    cells: tuple[ClassCell, ...]

    @property
    def sum(self) -> int:
        return sum(cell.number or 0 for cell in self.cells)


@dataclass(frozen=True, slots=True)
class ElementSum:
    """The sum of an element over its classes beside what the form holds."""

    element: Asked
    sum: int | None  # None while no class has a number
    filled: int
    classes: int
    grades_without_classes: tuple[int, ...]
    value: Value | None

    @property
    def complete(self) -> bool:
        """Whether every class has its number and every grade its class."""
        return bool(self.classes) and self.filled == self.classes and not self.grades_without_classes

    @property
    def words(self) -> str:
        """«внесено по 7 из 9 классов; нет классов: 8»."""
        said = f"внесено по {self.filled} из {self.classes} {plural_form(self.classes, 'класса', 'классов', 'классов')}"
        if self.grades_without_classes:
            said += f"; в листе нет параллели: {', '.join(map(str, self.grades_without_classes))}"
        return said

    @property
    def now(self) -> str:
        """What the form holds, in words."""
        if self.value is None:
            return str(CellState.EMPTY.label)
        if self.value.number is not None:
            return number(self.value.number)
        return str(CellState(self.value.state).label)

    @property
    def difference(self) -> str:
        if self.sum is None or self.value is None or self.value.number is None:
            return ""
        return signed(self.sum - self.value.number)

    @property
    def differs(self) -> bool:
        return self.sum is not None and (self.value is None or self.value.number != self.sum)

    @property
    def version(self) -> int:
        return self.value.version if self.value else 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole sheet of a section; `left_out` are elements that are not counted by classes."""

    section: Section
    title: str
    columns: tuple[Column, ...]
    lines: tuple[ClassLine, ...]
    sums: tuple[ElementSum, ...]
    left_out: tuple[str, ...]
    grades: tuple[int, ...]  # that have anything to count here

    @property
    def feet(self) -> list[tuple[Column, list[ElementSum]]]:
        """The sums that stand under each column."""
        return [(column, [one for one in self.sums if one.element in column.elements]) for column in self.columns]

    @property
    def total(self) -> int:
        return sum(line.sum for line in self.lines)

    @property
    def papers(self) -> list[tuple[str, list[Asked]]]:
        """(class, what its teacher is asked) of every sheet of paper; grades stand in until there are classes."""
        rows = [(str(line.row), line.row.grade) for line in self.lines]
        rows = rows or [(f"{grade} ____", grade) for grade in self.grades]
        return [(name, [one for column in self.columns if (one := column.at(grade))]) for name, grade in rows]


def sheet_of(submission: Submission, code: str) -> Sheet | None:
    """The sheet of a section of this form; None where the form has no such section. Four queries, whatever its size."""
    lines = list(
        submission.campaign.elements.filter(section__code=code).select_related("element", "section").order_by("order")
    )
    if not lines:
        return None
    values = {
        one.element_id: one
        for one in submission.values.filter(element__section__code=code).select_related("element", "changed_by")
    }
    applying = [line for line in lines if not _inapplicable(values.get(line.element_id))]
    asked = {line.element_id: _asked(line, submission.grades) for line in applying if _summable(line, submission)}
    columns = _columns(asked.values())
    rows = list(
        submission.class_rows.filter(section=lines[0].section)
        .select_related("changed_by")
        .prefetch_related("numbers")
        .order_by("grade", "letter")
    )
    return Sheet(
        section=lines[0].section,
        title=lines[0].section_title,
        columns=columns,
        lines=tuple(_line(row, columns, asked) for row in rows),
        sums=tuple(_sum(pk, one, rows, values.get(pk)) for pk, one in asked.items()),
        left_out=tuple(line.name for line in applying if line.element_id not in asked),
        grades=tuple(sorted({grade for one in asked.values() for grade in one.grades})),
    )


def sections_with_classes(submission: Submission, code: str) -> list[tuple[str, str]]:
    """(code, title) of the other sections of the form that have classes to copy."""
    found = Section.objects.filter(classrow__submission=submission).exclude(code=code).distinct()
    return list(found.order_by("order").values_list("code", "title"))


def classes_of(submission: Submission, code: str) -> list[tuple[int, str]]:
    """(grade, letter) of every class on the sheet of a section."""
    return list(submission.class_rows.filter(section__code=code).values_list("grade", "letter"))


def _inapplicable(value: Value | None) -> bool:
    return value is not None and value.state == CellState.INAPPLICABLE


def _summable(line: CampaignElement, submission: Submission) -> bool:
    return line.unit in SUMMABLE_UNITS and bool(set(line.element.grades) & set(submission.grades))


def _asked(line: CampaignElement, taught: list[int]) -> Asked:
    grades = sorted(set(line.element.grades) & set(taught))
    return Asked(
        code=line.element.code,
        name=line.name,
        label=f"{line.name}, {grades_label(grades)}",
        unit=line.unit,
        hint=line.hint,
        once=line.element.once,
        grades=tuple(grades),
    )


def _columns(asked: Iterable[Asked]) -> tuple[Column, ...]:
    """Elements of one name stand in one column as long as no class would count to two of them."""
    groups: dict[str, list[list[Asked]]] = defaultdict(list)
    order: list[list[Asked]] = []
    for one in asked:
        for group in groups[one.name]:
            if not any(set(one.grades) & set(other.grades) for other in group):
                group.append(one)
                break
        else:
            order.append(group := [one])
            groups[one.name].append(group)
    return tuple(Column(group[0].name, group[0].unit, tuple(group)) for group in order)


def _line(row: ClassRow, columns: Iterable[Column], asked: dict[int, Asked]) -> ClassLine:
    numbers = {asked[one.element_id].code: one.number for one in row.numbers.all() if one.element_id in asked}
    cells = []
    for column in columns:
        element = column.at(row.grade)
        cells.append(ClassCell(column, element, numbers.get(element.code) if element else None))
    return ClassLine(row, tuple(cells))


def _sum(element_id: int, element: Asked, rows: Iterable[ClassRow], value: Value | None) -> ElementSum:
    counted = [row for row in rows if row.grade in element.grades]
    given = [one.number for row in counted for one in row.numbers.all() if one.element_id == element_id]
    return ElementSum(
        element=element,
        sum=sum(given) if given else None,
        filled=len(given),
        classes=len(counted),
        grades_without_classes=tuple(sorted(set(element.grades) - {row.grade for row in counted})),
        value=value,
    )
