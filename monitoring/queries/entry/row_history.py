"""All about one row of a form: what it means, which indicators it feeds, its past years, its changes and talks."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitoring.catalogue import grades_label
from monitoring.enums import CellState, IndicatorKind, Side, Way
from monitoring.models import CampaignElement, Element, Indicator, Submission, Term, Thread, Value, ValueChange
from monitoring.queries.entry.content import in_unit, label_of
from monitoring.queries.entry.section_totals import Cells, cells_of, fraction_words, words_of
from portal.formats import NO_DATA, number, school_year_short

YEARS = 5
_OF_GRADES = ("класса", "классов")


@dataclass(frozen=True, slots=True)
class Feed:
    """An indicator that the row feeds: its formula in words, and what it gave last year in this school."""

    name: str
    formula: str
    example: str


@dataclass(frozen=True, slots=True)
class PastYear:
    year: str
    value: str
    redefined: bool  # another definition stood in the row's place


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One change of the cell as the page prints it."""

    at: datetime
    who: str
    way: str
    before: str
    after: str
    note: str


@dataclass(frozen=True, slots=True)
class RowPanel:
    """One row with all that is known of it. `why_not` says why the school is not asked; then nothing is typed."""

    line: CampaignElement
    label: str
    why_not: str
    value: Value | None
    feeds: tuple[Feed, ...]
    years: tuple[PastYear, ...]
    changes: tuple[ChangeLine, ...]
    threads: tuple[Thread, ...]

    @property
    def answer(self) -> str:
        if self.value is None or self.value.state == CellState.EMPTY:
            return ""
        if self.value.number is None:
            return f"{CellState(self.value.state).label}: {self.value.reason}"
        return in_unit(self.value.number, self.line.unit)


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Rows of one section that do not concern the school."""

    title: str
    whole: bool  # nothing of the section is asked
    rows: tuple[tuple[str, str], ...]  # (code, label)


def line_of(submission: Submission, code: str) -> CampaignElement | None:
    """The row of this code as the campaign asked it, or None."""
    rows = submission.campaign.elements.select_related("element__succeeds__succeeds", "section")
    return rows.filter(element__code=code).first()


def sections_asked(submission: Submission) -> list[tuple[str, str]]:
    """(code, title) of the sections of the form, in their order."""
    rows = submission.campaign.elements.order_by("order").values_list("section__code", "section_title")
    return list(dict.fromkeys(rows))


def row_panel(submission: Submission, line: CampaignElement) -> RowPanel:
    """The number of queries does not depend on how much was changed or said."""
    element = line.element
    value = submission.values.select_related("changed_by").filter(element=element).first()
    talks = submission.threads.filter(element=element).select_related("by", "closed_by").prefetch_related("replies__by")
    changes = submission.changes.filter(element=element).select_related("by")
    outside = value is not None and value.state == CellState.INAPPLICABLE
    return RowPanel(
        line=line,
        label=label_of(line, element.grades if outside else submission.grades),
        why_not=why_not_asked(submission, element) if outside else "",
        value=value,
        feeds=_feeds(submission, element),
        years=_years(submission, line),
        changes=tuple(_change_line(one, line.unit) for one in changes),
        threads=tuple(talks),
    )


def why_not_asked(submission: Submission, element: Element) -> str:
    """Why a row of the form does not concern this school, in words."""
    if submission.kind not in element.kinds:
        return "Эту строку заполняют организации другого вида."
    if element.grades and not set(element.grades) & set(submission.grades):
        return f"В школе нет {grades_label(element.grades, _OF_GRADES)}."
    if not element.collected_in(submission.year):
        return "В этом учебном году эту строку не собирают."
    return "Строка отмечена как неприменимая к вашей школе при запуске сбора."


def not_asked(submission: Submission) -> tuple[NotAsked, ...]:
    """Rows that do not concern the school, by section, named; two queries."""
    outside = set(submission.values.filter(state=CellState.INAPPLICABLE).values_list("element_id", flat=True))
    if not outside:
        return ()
    lines: dict[str, list[CampaignElement]] = defaultdict(list)
    for line in submission.campaign.elements.select_related("element"):
        lines[line.section_title].append(line)
    return tuple(
        NotAsked(
            title,
            all(line.element_id in outside for line in group),
            tuple(
                (line.element.code, f"{line.name}, {grades_label(line.element.grades)}".removesuffix(", "))
                for line in group
                if line.element_id in outside
            ),
        )
        for title, group in lines.items()
        if any(line.element_id in outside for line in group)
    )


def _change_line(change: ValueChange, unit: str) -> ChangeLine:
    return ChangeLine(
        at=change.at,
        who=str(change.by) if change.by else "портал",
        way=str(Way(change.way).label),
        before=_held(change.from_state, change.from_number, unit),
        after=_held(change.to_state, change.to_number, unit) + (f": {change.reason}" if change.reason else ""),
        note=change.note,
    )


def _held(state: str, held: int | None, unit: str) -> str:
    return str(CellState(state).label) if held is None else in_unit(held, unit)


def _years(submission: Submission, line: CampaignElement) -> tuple[PastYear, ...]:
    """Accepted values of up to five years before this one, newest first, also of the rows that this one succeeds."""
    chain: list[int] = []
    element: Element | None = line.element
    while element is not None and element.pk not in chain:
        chain.append(element.pk)
        element = element.succeeds
    rows = Value.objects.filter(
        submission__school_id=submission.school_id,
        submission__year__lt=submission.year,
        submission__year__gte=submission.year - YEARS,
        element_id__in=chain,
        accepted_state__in=(CellState.NUMBER, CellState.NO_DATA),
    ).order_by("-submission__year")
    return tuple(
        PastYear(
            school_year_short(year),
            _held(state or CellState.EMPTY, accepted, line.unit),
            element_id != line.element_id,
        )
        for year, state, accepted, element_id in rows.values_list(
            "submission__year", "accepted_state", "accepted_number", "element_id"
        )
    )


def _feeds(submission: Submission, element: Element) -> tuple[Feed, ...]:
    """The indicators of the year that the row feeds, with this school's numbers of the year before as the example."""
    fed = Term.objects.filter(element=element).values("indicator")
    terms: dict[Indicator, dict[str, list[Element]]] = defaultdict(lambda: defaultdict(list))
    for term in Term.objects.filter(indicator__in=fed).select_related("indicator", "element"):
        terms[term.indicator][term.side].append(term.element)
    _, before = cells_of(submission)
    ordered = sorted(terms, key=lambda one: one.order)
    return tuple(
        Feed(
            f"{one.code}. {one.name}",
            _formula(one, terms[one], submission.grades),
            _example(one, terms[one], before, submission.year - 1),
        )
        for one in ordered
        if one.computed_in(submission.year)
    )


def _formula(indicator: Indicator, sides: dict[str, list[Element]], taught: Iterable[int]) -> str:
    above = words_of(sides[Side.NUMERATOR], taught)
    if indicator.kind == IndicatorKind.SHARE:
        return f"{above} – разделить на: {words_of(sides[Side.DENOMINATOR], taught)}."
    if indicator.kind == IndicatorKind.COUNT:
        return f"Сумма по школам: {above}."
    return f"Доля школ, у которых больше нуля: {above}."


def _example(indicator: Indicator, sides: dict[str, list[Element]], before: Cells, year: int) -> str:
    """«В 2020/21 уч. году ваша школа: 310 из 499 (62,1 %)», or nothing where last year has no numbers."""
    above = before.sum_of(one.code for one in sides[Side.NUMERATOR])
    if above is None:
        return ""
    words = number(above)
    if indicator.kind == IndicatorKind.SHARE:
        words = fraction_words(above, before.sum_of(one.code for one in sides[Side.DENOMINATOR]))
    return "" if words == NO_DATA else f"В {school_year_short(year)} уч. году по вашей школе: {words}."
