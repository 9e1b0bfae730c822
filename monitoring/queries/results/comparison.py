"""What an indicator is made of, and where a school stands among schools of its kind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from monitoring.arithmetic import GROUP, Measured, median, quantile, together
from monitoring.catalogue import grades_label
from monitoring.enums import IndicatorKind, Side
from monitoring.models import Indicator, Term
from monitoring.queries.results.overview import SchoolLine, peers
from portal.enums import SchoolKind

SameSchools = tuple[Measured, Measured]


@dataclass(frozen=True, slots=True)
class Definition:
    """How an indicator is computed, in the words of the catalogue; `model` is its row for those who set a target."""

    model: Indicator
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    sources: tuple[str, ...]  # sections: «Контингент обучающихся (на 20 сентября)»
    predecessor: str
    successor: str

    @property
    def code(self) -> str:
        return self.model.code

    @property
    def is_count(self) -> bool:
        return self.model.kind == IndicatorKind.COUNT

    @property
    def is_org_share(self) -> bool:
        return self.model.kind == IndicatorKind.ORG_SHARE


@dataclass(frozen=True, slots=True)
class Peers:
    """The values of one kind of school that may be compared: base of 20 and more."""

    kind: SchoolKind
    values: tuple[Fraction, ...]

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def median(self) -> Fraction | None:
        return median(self.values)

    @property
    def quartiles(self) -> tuple[Fraction, Fraction] | None:
        low, high = quantile(self.values, Fraction(1, 4)), quantile(self.values, Fraction(3, 4))
        return None if low is None or high is None else (low, high)

    @property
    def told_to_schools(self) -> bool:
        """A school learns of others only from groups of at least five (design §2, rule 9)."""
        return self.count >= GROUP


@dataclass(frozen=True, slots=True)
class KindLines:
    """Schools of one kind in the order of an indicator: best first; those outside the comparison last, by name."""

    peers: Peers
    lines: tuple[SchoolLine, ...]


def definition_of(code: str) -> Definition | None:
    """The definition of an indicator by its permanent code, or None; four queries."""
    model = Indicator.objects.select_related("group", "succeeds").filter(code=code).first()
    if model is None:
        return None
    terms = list(model.terms.select_related("element__section").order_by("side", "order"))
    successor = Indicator.objects.filter(succeeds=model).first()
    return Definition(
        model=model,
        numerator=_labels(terms, Side.NUMERATOR),
        denominator=_labels(terms, Side.DENOMINATOR),
        sources=tuple(dict.fromkeys(f"{term.element.section.title} ({term.element.section.as_at})" for term in terms)),
        predecessor=model.succeeds.code if model.succeeds else "",
        successor=successor.code if successor else "",
    )


def by_kind(lines: Iterable[SchoolLine], code: str, better: str) -> tuple[KindLines, ...]:
    """The lines to which an indicator applies, by kind of school; unjudged indicators stay in order of names."""
    kinds: dict[str, list[SchoolLine]] = defaultdict(list)
    for line in lines:
        measured = line.values.get(code)
        if measured is not None and measured.expected:
            kinds[line.school.kind].append(line)
    return tuple(
        KindLines(Peers(kind, tuple(peers(kinds[kind], code))), tuple(_ranked(kinds[kind], code, better)))
        for kind in SchoolKind
        if kind in kinds
    )


def like_for_like(now: Iterable[SchoolLine], before: Iterable[SchoolLine], code: str) -> SameSchools | None:
    """The sums (now, before) over the schools that have data in both years; None where there is no such school.

    So a change of the circle of schools is not taken for a change of the value.
    """
    earlier = {line.school.pk: line.values.get(code) for line in before}
    pairs = [
        (own, past)
        for line in now
        if (own := line.values.get(code)) and own.used and (past := earlier.get(line.school.pk)) and past.used
    ]
    if not pairs:
        return None
    return together([own for own, _ in pairs]), together([past for _, past in pairs])


def _ranked(lines: Iterable[SchoolLine], code: str, better: str) -> list[SchoolLine]:
    by_name = sorted(lines, key=lambda line: line.school.sort_key)
    if better == "none":
        return by_name
    comparable = [line for line in by_name if line.values[code].rankable]
    comparable.sort(key=lambda line: line.values[code].value or 0, reverse=better == "up")
    return comparable + [line for line in by_name if not line.values[code].rankable]


def _labels(terms: Iterable[Term], side: Side) -> tuple[str, ...]:
    """The elements of one side; those that differ only by their grades are told as one."""
    grades: dict[str, set[int]] = defaultdict(set)
    for term in terms:
        if term.side == side:
            grades[term.element.name].update(term.element.grades)
    return tuple(f"{name}, {grades_label(sorted(own))}" if own else name for name, own in grades.items())
