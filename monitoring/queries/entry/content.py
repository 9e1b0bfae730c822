"""A school's form as its pages, its check and its sending see it: rows, last year, findings, explanations, remarks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction

from monitoring.catalogue import grades_label
from monitoring.checks import EMPTY_CELL, Finding, Rule, find_for, open_rules
from monitoring.enums import CellState, Reason, Severity, ThreadKind, Way
from monitoring.models import CampaignElement, Explanation, Submission, Thread, Value
from monitoring.queries.entry.findings import Facts, facts_of
from monitoring.queries.entry.rulebook import asked as rows_asked
from portal.formats import NO_DATA, number, relative, signed

YES_NO = "да/нет"
# What a cell says of a value that nobody typed into it; what was typed or pasted needs no words.
WAYS_TOLD = {
    Way.CLASSES: "сумма по классам",
    Way.WORKBOOK: "из бланка XLSX",
    Way.IMPORT: "из файла",
    Way.BEHALF: "внесено управлением за школу",
    Way.CORRECTION: "исправлено управлением",
}


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
    questions: int = 0  # open ones
    way: str = ""  # how the value came here, where it was not typed in the form
    comment: str = ""
    evidence: str = ""
    evidence_problem: str = ""

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

    @property
    def needs_reason(self) -> bool:
        return self.blocks and not self.is_error

    @property
    def reasons(self) -> list[tuple[str, str]]:
        """The list of reasons that stands beside a warning."""
        return Reason.choices


@dataclass(frozen=True, slots=True)
class SectionOfForm:
    """A section with its applicable rows; inapplicable ones are only counted."""

    code: str
    title: str
    as_at: str
    source: str
    rows: tuple[Row, ...]
    inapplicable: int
    marked: bool | None = None  # what the school says of it: filled, not yet, or nothing

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
        if self.filled < len(self.rows) or self.marked is False:
            return "edit", "Заполняется"
        return "done", "Готов"


@dataclass(frozen=True, slots=True)
class FormContent:
    """Everything about one form that a page shows."""

    sections: tuple[SectionOfForm, ...]
    standings: tuple[Standing, ...]
    open_checks: tuple[Rule, ...]  # not evaluated because of «нет данных»
    remarks: tuple[Thread, ...]
    questions: tuple[Thread, ...] = ()  # open ones
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
    def unfinished(self) -> tuple[SectionOfForm, ...]:
        """Sections that the school itself marked as not filled yet."""
        return tuple(one for one in self.sections if one.marked is False)

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way of sending."""
        return not (self.errors or self.unexplained or self.unfinished)

    @property
    def warnings(self) -> tuple[Standing, ...]:
        return tuple(one for one in self.standings if not one.is_error)

    def section(self, code: str) -> SectionOfForm | None:
        return next((one for one in self.sections if one.code == code), None)


def content_of(submission: Submission) -> FormContent:
    """The whole form; the number of queries does not depend on how long it is."""
    facts = facts_of(submission)
    asked = list(facts.form.rows.values())
    own, last_year = _values(submission)
    threads = submission.threads.filter(closed_at__isnull=True).select_related("element", "section", "by")
    talks = list(threads.prefetch_related("replies__by"))
    remarks = tuple(one for one in talks if one.kind == ThreadKind.REMARK)
    questions = tuple(one for one in talks if one.kind == ThreadKind.QUESTION)
    standings = standings_of(submission, find_for(facts.cells, facts.context))
    labels = {line.element.code: label_of(line, submission.grades) for line in asked}
    marks = dict(submission.marks.values_list("section_id", "filled"))
    return FormContent(
        sections=_sections(asked, own, last_year, labels, standings, remarks, questions, marks),
        standings=standings,
        open_checks=open_rules(facts.cells, facts.context),
        remarks=remarks,
        questions=questions,
        labels=labels,
        section_of={line.element.code: line.section.code for line in asked},
    )


def row_to_type(submission: Submission, code: str) -> Row | None:
    """A row that the form asks, as if nothing were in it: enough to read what is typed; no query as a rule."""
    line = rows_asked(submission.campaign_id).get(code)
    return _row(line, None, {}, {code: line.name}, {}, {}, {}) if line else None


def rows_of(submission: Submission, codes: Set[str], facts: Facts, known: Mapping[str, Value]) -> tuple[Row, ...]:
    """Applicable rows of these codes with what is said of them, without the talk about them; at most two queries.

    `known` are values that need not be read again.
    """
    asked = [facts.form.rows[code] for code in facts.form.rows if code in codes]
    own = dict(known)
    if codes - known.keys():
        wanted = {facts.form.rows[code].element_id: code for code in codes - known.keys()}
        rows = submission.values.filter(element_id__in=wanted)
        own |= {wanted[value.element_id]: value for value in rows}
    said: dict[str, list[Standing]] = defaultdict(list)
    for one in standings_of(submission, find_for(facts.cells, facts.context, touching=codes)):
        for code in one.finding.rows:
            said[code].append(one)
    labels = {line.element.code: label_of(line, submission.grades) for line in asked}
    return tuple(
        _row(line, own.get(line.element.code), facts.context.last_year, labels, said, {}, {})
        for line in asked
        if not _inapplicable(own.get(line.element.code))
    )


def standings_of(submission: Submission, findings: Iterable[Finding]) -> tuple[Standing, ...]:
    """The findings with the explanations that still hold; no query where nothing asks for one."""
    found = tuple(findings)
    if all(one.severity == Severity.ERROR for one in found):
        return tuple(Standing(one, None) for one in found)
    explanations = {
        (one.check_code, one.element.code if one.element else ""): one
        for one in submission.explanations.select_related("element", "by")
    }
    return tuple(Standing(one, _holds(one, explanations)) for one in found)


def _values(submission: Submission) -> tuple[dict[str, Value], dict[str, int]]:
    """(this form's values, last year's accepted numbers), by code."""
    own: dict[str, Value] = {}
    last_year: dict[str, int] = {}
    for value in submission.values.select_related("element", "changed_by"):
        own[value.element.code] = value
    rows = Value.objects.filter(
        submission__school_id=submission.school_id, submission__year=submission.year - 1, accepted_number__isnull=False
    )
    for code, before in rows.values_list("element__code", "accepted_number"):
        if before is not None:
            last_year[code] = before
    return own, last_year


def _holds(finding: Finding, explanations: Mapping[tuple[str, str], Explanation]) -> Explanation | None:
    """The explanation given for exactly these numbers."""
    given = explanations.get((finding.code, finding.element))
    return given if given is not None and given.numbers == finding.numbers else None


def label_of(line: CampaignElement, taught: list[int]) -> str:
    """The name of a row with the grades that the school has."""
    own = sorted(set(line.element.grades) & set(taught))
    return f"{line.name}, {grades_label(own)}" if own else line.name


def _sections(
    asked: list[CampaignElement],
    own: Mapping[str, Value],
    last_year: Mapping[str, int],
    labels: Mapping[str, str],
    standings: Iterable[Standing],
    remarks: Iterable[Thread],
    questions: Iterable[Thread],
    marks: Mapping[int, bool],
) -> tuple[SectionOfForm, ...]:
    by_cell: dict[str, list[Standing]] = defaultdict(list)
    for one in standings:
        for code in one.finding.rows:
            by_cell[code].append(one)
    remarks_of: dict[str, list[Thread]] = defaultdict(list)
    for remark in remarks:
        if remark.element:
            remarks_of[remark.element.code].append(remark)
    asked_about = Counter(question.element.code for question in questions if question.element)
    lines: dict[int, list[CampaignElement]] = defaultdict(list)
    for line in asked:
        lines[line.section_id].append(line)
    sections = []
    for group in lines.values():
        rows = tuple(
            _row(line, own.get(line.element.code), last_year, labels, by_cell, remarks_of, asked_about)
            for line in group
            if not _inapplicable(own.get(line.element.code))
        )
        section = group[0].section
        sections.append(
            SectionOfForm(
                code=section.code,
                title=group[0].section_title,
                as_at=section.as_at,
                source=section.source,
                rows=rows,
                inapplicable=len(group) - len(rows),
                marked=marks.get(section.pk),
            )
        )
    return tuple(one for one in sections if one.rows)


def _inapplicable(value: Value | None) -> bool:
    return value is not None and value.state == CellState.INAPPLICABLE


def _row(
    line: CampaignElement,
    value: Value | None,
    last_year: Mapping[str, int],
    labels: Mapping[str, str],
    findings: Mapping[str, list[Standing]],
    remarks: Mapping[str, list[Thread]],
    questions: Mapping[str, int],
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
        questions=questions.get(code, 0),
        way=WAYS_TOLD.get(Way(value.way), "") if value and value.version else "",
        comment=value.comment if value else "",
        evidence=value.evidence if value else "",
        evidence_problem=value.evidence_problem if value else "",
    )


def _change(before: int | None, now: int | None) -> str:
    """«+13 (+12,1 %)», without a percentage of nothing."""
    if before is None or now is None:
        return ""
    if before == 0:
        return signed(now - before)
    return f"{signed(now - before)} ({relative(Fraction(now - before, before))})"
