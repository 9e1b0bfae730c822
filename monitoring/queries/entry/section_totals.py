"""What the page counts by itself from a form's cells: totals of populations and the shares that a section feeds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from monitoring.catalogue import grades_label
from monitoring.enums import CellState, IndicatorKind, Side
from monitoring.models import Element, Indicator, Population, Submission, Term, Value
from monitoring.queries.entry.content import FormContent, SectionOfForm
from portal.formats import NO_DATA, SMALL_BASE, number, percent, points, signed


@dataclass(frozen=True, slots=True)
class Sum:
    """Cells that are added up: those on the page by code, the others as they stand in the school's other sections.

    `lacks` says that one of the others has no number, so that there is no sum at all.
    """

    cells: tuple[str, ...]
    rest: int = 0
    lacks: bool = False
    value: int | None = None  # as the server has it now; None where a cell of it has no number


@dataclass(frozen=True, slots=True)
class Total:
    """A population inside one section: «Всего (считается)»."""

    label: str
    sum: Sum
    before: str
    change: str

    @property
    def value(self) -> str:
        return NO_DATA if self.sum.value is None else number(self.sum.value)


@dataclass(frozen=True, slots=True)
class Share:
    """An indicator that is a share of people, as this school alone has it."""

    code: str
    label: str
    numerator: Sum
    denominator: Sum
    before: str
    change: str  # in percentage points; empty where one of the years has no share to compare

    @property
    def value(self) -> str:
        return fraction_words(self.numerator.value, self.denominator.value)


def fraction_words(numerator: int | None, denominator: int | None) -> str:
    """«310 из 499 (62,1 %)»; «3 из 7» for a base under ten; «…» without a value. The page's script writes the same."""
    if numerator is None or not denominator:
        return NO_DATA
    counts = f"{number(numerator)} из {number(denominator)}"
    return counts if denominator < SMALL_BASE else f"{counts} ({percent(Fraction(numerator, denominator))})"


@dataclass(frozen=True, slots=True)
class Cells:
    """What the school's cells of one year hold, by code: a number, None for no answer, 0 for a structural zero."""

    numbers: Mapping[str, int | None]
    inapplicable: frozenset[str]

    def sum_of(self, codes: Iterable[str]) -> int | None:
        parts = [self.numbers.get(code) for code in codes]
        return None if None in parts else sum(part or 0 for part in parts)


def cells_of(submission: Submission) -> tuple[Cells, Cells]:
    """(this year as it is typed, last year as it was accepted) over all forms of the school; one query."""
    years: tuple[dict[str, int | None], dict[str, int | None]] = ({}, {})
    outside: tuple[set[str], set[str]] = (set(), set())
    rows = Value.objects.filter(
        submission__school_id=submission.school_id, submission__year__in=(submission.year, submission.year - 1)
    ).values_list("element__code", "submission__year", "state", "number", "accepted_state", "accepted_number")
    for code, year, state, now, accepted_state, accepted in rows:
        old = year != submission.year
        if CellState.INAPPLICABLE in ((accepted_state or state) if old else state,):
            years[old][code] = 0
            outside[old].add(code)
        else:
            years[old][code] = accepted if old else now
    return Cells(years[0], frozenset(outside[0])), Cells(years[1], frozenset(outside[1]))


def totals_of(submission: Submission, section: SectionOfForm, now: Cells, before: Cells) -> tuple[Total, ...]:
    """Sums of the populations that lie wholly in the section, without those that add up the same cells."""
    asked = {row.code for row in section.rows}
    found: dict[tuple[str, ...], Total] = {}
    for population in Population.objects.prefetch_related("elements__section"):
        elements = sorted(population.elements.all(), key=lambda one: one.order)
        cells = tuple(one.code for one in elements if one.code in asked)
        if any(one.section.code != section.code for one in elements) or len(cells) < 2 or cells in found:
            continue
        this, last = now.sum_of(cells), before.sum_of(cells)
        found[cells] = Total(
            label=words_of([one for one in elements if one.code in asked], submission.grades),
            sum=Sum(cells, value=this),
            before=NO_DATA if last is None else number(last),
            change="" if this is None or last is None else signed(this - last),
        )
    return tuple(found.values())


def shares_of(
    submission: Submission, now: Cells, before: Cells, section: SectionOfForm | None = None
) -> tuple[Share, ...]:
    """Shares whose numerator the section feeds (or any section of the form), as this school alone has them."""
    here = {row.code for row in section.rows} if section else set()
    rows = Term.objects.select_related("indicator", "element__section").order_by("indicator__order", "order")
    rows = rows.filter(indicator__kind=IndicatorKind.SHARE)
    terms: dict[Indicator, dict[str, list[Element]]] = defaultdict(lambda: defaultdict(list))
    for term in rows:
        terms[term.indicator][term.side].append(term.element)
    shares = []
    for indicator, sides in terms.items():
        above, below = sides[Side.NUMERATOR], sides[Side.DENOMINATOR]
        fed = any(one.code in here if section else one.section.form_id == submission.form_id for one in above)
        if not (fed and indicator.computed_in(submission.year) and _applies(above, now) and _applies(below, now)):
            continue
        this = _sum(above, here, now), _sum(below, here, now)
        last = before.sum_of(one.code for one in above), before.sum_of(one.code for one in below)
        change = _points((this[0].value, this[1].value), last)
        shares.append(Share(indicator.code, indicator.name, *this, fraction_words(*last), change))
    return tuple(shares)


def whole_form_totals(submission: Submission, content: FormContent) -> tuple[list[Total], tuple[Share, ...]]:
    """What the person who sends a form looks at once more: the largest total of each section, and every share."""
    now, before = cells_of(submission)
    largest = []
    for section in content.sections:
        totals = totals_of(submission, section, now, before)
        if totals:
            largest.append(max(totals, key=lambda one: len(one.sum.cells)))
    return largest, shares_of(submission, now, before)


def words_of(elements: Iterable[Element], taught: Iterable[int]) -> str:
    """Rows named together: «Обучающихся, 6–9 классы», several names joined by «и»."""
    named: dict[str, set[int]] = defaultdict(set)
    own = set(taught)
    for element in elements:
        named[element.name.removesuffix(" (вечернее обучение)")] |= set(element.grades) & own
    return " и ".join(f"{name}, {grades_label(grades)}" if grades else name for name, grades in named.items())


def _applies(elements: Iterable[Element], cells: Cells) -> bool:
    return any(one.code not in cells.inapplicable for one in elements)


def _points(now: tuple[int | None, int | None], before: tuple[int | None, int | None]) -> str:
    """«+2,1 п. п.», or nothing where a year has no share or a base under ten."""
    ratios = [
        Fraction(above, below) for above, below in (now, before) if above is not None and below and below >= SMALL_BASE
    ]
    return points(ratios[0] - ratios[1]) if len(ratios) == 2 else ""


def _sum(elements: list[Element], here: set[str], cells: Cells) -> Sum:
    rest = cells.sum_of(one.code for one in elements if one.code not in here)
    return Sum(
        cells=tuple(one.code for one in elements if one.code in here),
        rest=rest or 0,
        lacks=rest is None,
        value=cells.sum_of(one.code for one in elements),
    )
