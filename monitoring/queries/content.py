"""A school's form as its pages, its check and its sending see it: rows, last year, findings, explanations, remarks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from monitoring.catalogue import grades_label
from monitoring.checks import EMPTY_CELL, Cell, Finding, find, not_evaluated
from monitoring.enums import CellState, Severity
from monitoring.models import CampaignElement, Check, Explanation, Submission, Thread, Value
from portal.formats import NO_DATA, number, relative, signed

YES_NO = "да/нет"


def in_unit(value: int, unit: str) -> str:
    """A number as its row prints it: 1 and 0 of a «да/нет» row are words."""
    if unit == YES_NO:
        return "да" if value else "нет"
    return number(value)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a section: what is asked, what the cell holds, what it held last year, what is said about it."""

    code: str
    label: str  # the name with the grades that the school has
    unit: str
    hint: str
    once: bool
    state: CellState
    number: int | None
    reason: str
    version: int
    last_year: str  # the accepted number of the year before, or «…»
    redefined: bool  # last year another definition stood in this row's place
    change: str
    findings: tuple["Standing", ...] = ()
    remarks: tuple[Thread, ...] = ()

    @property
    def filled(self) -> bool:
        return self.state in {CellState.NUMBER, CellState.NO_DATA}

    @property
    def yes_no(self) -> bool:
        return self.unit == YES_NO

    @property
    def answer(self) -> str:
        """What the cell holds, in words: a number, «да», «нет данных», or «не заполнено»."""
        if self.number is None:
            return f"{self.state.label}: {self.reason}" if self.reason else str(self.state.label)
        return in_unit(self.number, self.unit)

    @property
    def shown(self) -> str:
        """What the input box holds."""
        return str(self.number) if self.number is not None else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding together with its explanation, if one still holds."""

    finding: Finding
    explanation: Explanation | None

    @property
    def blocks(self) -> bool:
        """Whether the form cannot be sent because of it."""
        return self.is_error or (self.finding.severity == Severity.WARNING and self.explanation is None)

    @property
    def is_error(self) -> bool:
        return self.finding.severity == Severity.ERROR


@dataclass(frozen=True, slots=True)
class SectionOfForm:
    """A section with its applicable rows; inapplicable ones are only counted."""

    code: str
    title: str
    as_at: str
    source: str
    rows: tuple[Row, ...]
    inapplicable: int

    @property
    def filled(self) -> int:
        return sum(row.filled for row in self.rows)

    @property
    def errors(self) -> int:
        """Errors other than cells that are simply not filled yet."""
        return len({one.finding.key for row in self.rows for one in row.findings if one.is_error and row.filled})

    @property
    def unexplained(self) -> int:
        return len({one.finding.key for row in self.rows for one in row.findings if one.blocks and not one.is_error})

    @property
    def remarks(self) -> int:
        return sum(len(row.remarks) for row in self.rows)

    @property
    def status(self) -> tuple[str, str]:
        """(kind of tag, words) of the section in the hub."""
        if self.errors:
            return "error", f"Есть ошибки ({self.errors})"
        if not self.filled:
            return "todo", "Не начат"
        if self.unexplained:
            return "warning", f"Нужны пояснения ({self.unexplained})"
        if self.filled < len(self.rows):
            return "edit", "Заполняется"
        return "done", "Готов"


@dataclass(frozen=True, slots=True)
class FormContent:
    """Everything about one form that a page shows."""

    sections: tuple[SectionOfForm, ...]
    standings: tuple[Standing, ...]
    open_checks: tuple[Check, ...]  # not evaluated because of «нет данных»
    remarks: tuple[Thread, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    section_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Standing, ...]:
        return tuple(one for one in self.standings if one.is_error)

    @property
    def empty_rows(self) -> tuple[str, ...]:
        """Codes of the rows that still wait for an answer."""
        return tuple(one.finding.element for one in self.errors if one.finding.code == EMPTY_CELL)

    @property
    def contradictions(self) -> tuple[Standing, ...]:
        """Errors between numbers, without the rows that are merely empty."""
        return tuple(one for one in self.errors if one.finding.code != EMPTY_CELL)

    @property
    def unexplained(self) -> tuple[Standing, ...]:
        return tuple(one for one in self.standings if one.blocks and not one.is_error)

    @property
    def warnings(self) -> tuple[Standing, ...]:
        return tuple(one for one in self.standings if not one.is_error)

    def section(self, code: str) -> SectionOfForm | None:
        return next((one for one in self.sections if one.code == code), None)


def content_of(submission: Submission) -> FormContent:
    """The whole form; the number of queries does not depend on how long it is."""
    asked = list(submission.campaign.elements.select_related("element__succeeds", "section"))
    own, other, last_year = _values(submission)
    explanations = {
        (one.check_code, one.element.code if one.element else ""): one
        for one in submission.explanations.select_related("element", "by")
    }
    threads = submission.threads.filter(closed_at__isnull=True).select_related("element", "section", "by")
    remarks = tuple(threads.prefetch_related("replies__by"))
    cells = {line.element.code: _cell(own.get(line.element.code)) for line in asked}
    out_of_year = {code: _cell(value) for code, value in own.items() if code not in cells}
    rules = list(Check.objects.all())
    everything = {**other, **out_of_year, **cells}
    findings = find(rules, everything, _comparable(asked, last_year), year=submission.year)
    touched = [one for one in findings if any(code in cells for code in one.cells)]
    standings = tuple(Standing(one, _holds(one, explanations)) for one in touched)
    labels = {line.element.code: _label(line, submission.grades) for line in asked}
    return FormContent(
        sections=_sections(asked, own, cells, last_year, labels, standings, remarks),
        standings=standings,
        open_checks=tuple(
            rule
            for rule in not_evaluated(rules, everything, year=submission.year)
            if any(code in cells for code in (*rule.left, *rule.right))
        ),
        remarks=remarks,
        labels=labels,
        section_of={line.element.code: line.section.code for line in asked},
    )


def _values(submission: Submission) -> tuple[dict[str, Value], dict[str, Cell], dict[str, int]]:
    """(this form's values, cells of the school's other forms of the year, last year's accepted numbers), by code."""
    own: dict[str, Value] = {}
    other: dict[str, Cell] = {}
    last_year: dict[str, int] = {}
    rows = Value.objects.filter(
        submission__school_id=submission.school_id, submission__year__in=(submission.year, submission.year - 1)
    ).select_related("element", "submission", "changed_by")
    for value in rows:
        if value.submission_id == submission.pk:
            own[value.element.code] = value
        elif value.submission.year == submission.year:
            if value.state != CellState.EMPTY:
                other[value.element.code] = _cell(value)
        elif value.accepted_number is not None:
            last_year[value.element.code] = value.accepted_number
    return own, other, last_year


def _cell(value: Value | None) -> Cell:
    return Cell(CellState(value.state), value.number) if value else Cell(CellState.EMPTY)


def _comparable(asked: Iterable[CampaignElement], last_year: Mapping[str, int]) -> dict[str, int]:
    """Last year's numbers of the elements that mean the same this year; a successor starts anew."""
    codes = {line.element.code for line in asked}
    return {code: before for code, before in last_year.items() if code in codes}


def _holds(finding: Finding, explanations: Mapping[tuple[str, str], Explanation]) -> Explanation | None:
    """The explanation given for exactly these numbers."""
    given = explanations.get((finding.code, finding.element))
    return given if given is not None and given.numbers == finding.numbers else None


def _label(line: CampaignElement, taught: list[int]) -> str:
    own = sorted(set(line.element.grades) & set(taught))
    return f"{line.name}, {grades_label(own)}" if own else line.name


def _sections(
    asked: list[CampaignElement],
    own: Mapping[str, Value],
    cells: Mapping[str, Cell],
    last_year: Mapping[str, int],
    labels: Mapping[str, str],
    standings: Iterable[Standing],
    remarks: Iterable[Thread],
) -> tuple[SectionOfForm, ...]:
    by_cell: dict[str, list[Standing]] = defaultdict(list)
    for one in standings:
        for code in one.finding.cells:
            by_cell[code].append(one)
    remarks_of: dict[str, list[Thread]] = defaultdict(list)
    for remark in remarks:
        if remark.element:
            remarks_of[remark.element.code].append(remark)
    lines: dict[int, list[CampaignElement]] = defaultdict(list)
    for line in asked:
        lines[line.section_id].append(line)
    sections = []
    for group in lines.values():
        rows = tuple(
            _row(line, own.get(line.element.code), last_year, labels, by_cell, remarks_of)
            for line in group
            if cells[line.element.code].state != CellState.INAPPLICABLE
        )
        section = group[0].section
        sections.append(
            SectionOfForm(
                section.code, group[0].section_title, section.as_at, section.source, rows, len(group) - len(rows)
            )
        )
    return tuple(one for one in sections if one.rows)


def _row(
    line: CampaignElement,
    value: Value | None,
    last_year: Mapping[str, int],
    labels: Mapping[str, str],
    findings: Mapping[str, list[Standing]],
    remarks: Mapping[str, list[Thread]],
) -> Row:
    code = line.element.code
    before = last_year.get(code)
    succeeded = line.element.succeeds
    redefined = before is None and succeeded is not None and succeeded.code in last_year
    if redefined and succeeded is not None:
        before_text = in_unit(last_year[succeeded.code], line.unit)
    else:
        before_text = NO_DATA if before is None else in_unit(before, line.unit)
    now = value.number if value else None
    return Row(
        code=code,
        label=labels[code],
        unit=line.unit,
        hint=line.hint,
        once=line.element.once,
        state=CellState(value.state) if value else CellState.EMPTY,
        number=now,
        reason=value.reason if value else "",
        version=value.version if value else 0,
        last_year=before_text,
        redefined=redefined,
        change="" if line.unit == YES_NO else _change(before, now),
        findings=tuple(findings.get(code, ())),
        remarks=tuple(remarks.get(code, ())),
    )


def _change(before: int | None, now: int | None) -> str:
    """«+13 (+12,1 %)», without a percentage of nothing."""
    if before is None or now is None:
        return ""
    if before == 0:
        return signed(now - before)
    return f"{signed(now - before)} ({relative(Fraction(now - before, before))})"
