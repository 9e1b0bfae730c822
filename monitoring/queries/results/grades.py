"""Which grades each programme covers: how many people of how many pupils, over the span asked (features E6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from monitoring.enums import CellState, IndicatorKind, Side
from monitoring.models import Element, Submission, Term, Value
from monitoring.queries.results.similar import ALL_PUPILS
from portal.models import Municipality

SCHOOL_GRADES = tuple(range(1, 12))
# What a code of the catalogue is called; one that is not here stands for itself.
PROGRAMMES = {
    "champ": "Чемпионаты профессионального мастерства",
    "abilympics": "«Абилимпикс»",
    "ticket": "«Билет в будущее»",
    "early": "Ранняя профориентация",
    "profmin": "Профминимум",
    "training": "Предпрофильная подготовка и профессиональное обучение",
    "diagnostics": "Профориентационная диагностика",
    "services": "Профориентационные услуги",
    "events": "Мероприятия и конкурсы",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the schools of a year's lists gave: numbers by (school, element), and what does not apply to them."""

    listed: Mapping[int, frozenset[int]]  # form → schools
    given: Mapping[tuple[int, int], int]
    outside: frozenset[tuple[int, int]]

    def of(self, school: int, element: int) -> int | None:
        """«Неприменимо» is a structural 0, what is missing is None."""
        return 0 if (school, element) in self.outside else self.given.get((school, element))

    def sum_of(self, element: int) -> int:
        return sum(number for (_, one), number in self.given.items() if one == element)


@dataclass(frozen=True, slots=True)
class Span:
    """One element over the grades it speaks of: people, of how many, by the data of `used` of `expected` schools.

    `people` is None where no school has a value; nothing is divided among the grades of a span.
    """

    element: Element
    grades: tuple[int, ...]
    people: int | None
    base: int
    used: int
    expected: int

    @property
    def covered(self) -> bool:
        return bool(self.people)

    @property
    def empty(self) -> bool:
        """Pupils there are, people there are none."""
        return self.people == 0 and self.base > 0


@dataclass(frozen=True, slots=True)
class Line:
    """What is counted under one name: elements of the same name, whose grades do not overlap."""

    name: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    code: str
    title: str
    lines: tuple[Line, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        return tuple(span for line in self.lines for span in line.spans)


@dataclass(frozen=True, slots=True)
class Gap:
    """W-19: grades that a programme asks of and nobody takes part in, or that the projects of a section pass over."""

    title: str
    grades: tuple[int, ...]
    asked: bool  # the programme is meant for them
    elements: tuple[str, ...]
    pupils: int


@dataclass(frozen=True, slots=True)
class Matrix:
    grades: tuple[int, ...]
    programmes: tuple[Programme, ...]
    gaps: tuple[Gap, ...]
    pupils: Mapping[int, int]  # by grade


def grade_matrix(municipality: Municipality, year: int, *, preliminary: bool = False) -> Matrix:
    """The programmes of a year by grade; five queries, of accepted numbers unless `preliminary`."""
    known = list(Element.objects.select_related("section__form").order_by("section__order", "order"))
    elements = [one for one in known if one.collected_in(year)]
    every_pupil = _pupil_elements()
    bases = _bases(elements, every_pupil)
    asked = [one for one in elements if one.programme]
    wanted = {one.pk for one in asked} | {base.pk for one in asked for base in bases[one.pk]}
    pupils_of = [one for one in elements if one.pk in every_pupil]
    numbers = _numbers(municipality, year, wanted | {one.pk for one in pupils_of}, preliminary)
    spans = {one.pk: _span(one, bases[one.pk], numbers) for one in asked}
    programmes = _programmes(asked, spans)
    pupils = {grade: numbers.sum_of(one.pk) for one in pupils_of for grade in one.grades}
    grades = SCHOOL_GRADES + tuple(grade for grade in (12,) if pupils.get(grade))
    return Matrix(grades, programmes, tuple(_gaps(programmes, asked, spans, pupils)), pupils)


def _pupil_elements() -> set[int]:
    rows = Element.objects.filter(population__code=ALL_PUPILS)
    return set(rows.values_list("pk", flat=True))


def _bases(elements: Sequence[Element], every_pupil: set[int]) -> dict[int, tuple[Element, ...]]:
    """Of whom each element is a part: the base of the first share that counts it, within the element's own grades.

    An element of no share is a part of all pupils of its grades.
    """
    by_id = {one.pk: one for one in elements}
    shares: dict[int, dict[Side, list[int]]] = defaultdict(lambda: defaultdict(list))
    terms = Term.objects.filter(indicator__kind=IndicatorKind.SHARE).order_by("indicator__order", "order")
    for indicator, side, element in terms.values_list("indicator_id", "side", "element_id"):
        shares[indicator][Side(side)].append(element)
    found: dict[int, tuple[Element, ...]] = {}
    for sides in shares.values():
        base = [by_id[pk] for pk in sides[Side.DENOMINATOR] if pk in by_id]
        for pk in sides[Side.NUMERATOR]:
            own = by_id.get(pk)
            if own is not None and own.pk not in found:
                within = tuple(one for one in base if set(one.grades) & set(own.grades))
                if set(own.grades) <= {grade for one in within for grade in one.grades}:
                    found[pk] = within
    pupils = [one for one in elements if one.pk in every_pupil]
    return {
        one.pk: found.get(one.pk) or tuple(row for row in pupils if set(row.grades) & set(one.grades))
        for one in elements
    }


def _numbers(municipality: Municipality, year: int, elements: set[int], preliminary: bool) -> Numbers:
    """Two queries: the frozen lists, without schools that closed and left nothing, and the numbers of the elements."""
    forms = Submission.objects.filter(municipality=municipality, year=year)
    gone = Q(school__closed__lte=date(year + 1, 8, 31), accepted__isnull=True)
    listed: dict[int, set[int]] = defaultdict(set)
    for form, school in forms.exclude(gone).values_list("form_id", "school_id"):
        listed[form].add(school)
    rows = Value.objects.filter(submission__municipality=municipality, submission__year=year, element__in=elements)
    state, number = ("state", "number") if preliminary else ("accepted_state", "accepted_number")
    given, outside = {}, set()
    for school, element, now, kept, value in rows.values_list(
        "submission__school_id", "element_id", "state", state, number
    ):
        if CellState.INAPPLICABLE in (now, kept):
            outside.add((school, element))
        elif kept == CellState.NUMBER:
            given[school, element] = value
    return Numbers({form: frozenset(schools) for form, schools in listed.items()}, given, frozenset(outside))


def _span(element: Element, base: Sequence[Element], numbers: Numbers) -> Span:
    """Sums over the schools that have every number of the span; the others stand outside of both."""
    people = pupils = used = 0
    schools = numbers.listed.get(element.section.form_id, frozenset())
    asked = [school for school in schools if (school, element.pk) not in numbers.outside]
    for school in asked:
        own, parts = numbers.of(school, element.pk), [numbers.of(school, one.pk) for one in base]
        if own is None or None in parts:
            continue
        used, people, pupils = used + 1, people + own, pupils + sum(part or 0 for part in parts)
    return Span(element, tuple(element.grades), people if used else None, pupils, used, len(asked))


def _programmes(asked: Iterable[Element], spans: Mapping[int, Span]) -> tuple[Programme, ...]:
    named: dict[str, dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for one in asked:
        named[one.programme][one.name].append(spans[one.pk])
    return tuple(
        Programme(
            code,
            PROGRAMMES.get(code, code),
            tuple(
                Line(name, tuple(sorted(row, key=lambda span: span.grades[0]))) for name, row in lines.items() if row
            ),
        )
        for code, lines in named.items()
    )


def _gaps(
    programmes: Iterable[Programme], asked: Iterable[Element], spans: Mapping[int, Span], pupils: Mapping[int, int]
) -> Iterable[Gap]:
    """Programme by programme what is asked and empty, then the grades between others that a section passes over."""
    for programme in programmes:
        covered = {grade for span in programme.spans if span.covered for grade in span.grades}
        empty = [span for span in programme.spans if span.empty]
        open_grades = {grade for span in empty for grade in span.grades} - covered
        missed = tuple(sorted(grade for grade in open_grades if pupils.get(grade)))
        if missed:
            elements = tuple(span.element.code for span in empty if set(span.grades) & set(missed))
            yield Gap(programme.title, missed, True, elements, sum(pupils[grade] for grade in missed))
    sections: dict[str, list[Span]] = defaultdict(list)
    for one in asked:
        sections[one.section.title].append(spans[one.pk])
    for title, row in sections.items():
        meant = {grade for span in row for grade in span.grades}
        between = range(min(meant), max(meant)) if meant else ()
        passed = tuple(grade for grade in between if grade not in meant and pupils.get(grade))
        if passed:
            yield Gap(title, passed, False, (), sum(pupils[grade] for grade in passed))
