"""What the accepted numbers of a municipality show against each other: copies, jumps, rounding, changed definitions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q

from monitoring.arithmetic import Measured
from monitoring.catalogue import grades_label, quoted
from monitoring.detectors import (
    CODES,
    Bases,
    Entry,
    Finding,
    Population,
    Roundness,
    Series,
    back_computed,
    changed_scope,
    identical,
    jumps,
    mostly_round,
    other_grades,
    small_bases,
)
from monitoring.detectors.collected import LEAST_ROUND
from monitoring.enums import BaseOf, CellState, CheckKind, IndicatorKind, Side
from monitoring.models import Check, Indicator, IndicatorTotal, Term, Value
from monitoring.queries.results.indicators import Circle, measure
from portal.formats import coverage
from portal.models import Municipality

YEARS = 3  # that a series looks back, the asked one included


@dataclass(frozen=True, slots=True)
class Detected:
    """The findings of a year, and the indicators that they may point to by code."""

    findings: tuple[Finding, ...]
    indicators: Mapping[str, Indicator]
    looked_at: int  # indicators with a value in the year


@dataclass
class _Definition:
    """What an indicator is made of: codes and grades of both sides."""

    numerator: dict[str, list[int]]
    denominator: dict[str, list[int]]

    @property
    def grades(self) -> tuple[int, ...]:
        return tuple(sorted({grade for grades in self.denominator.values() for grade in grades}))


def detect(municipality: Municipality, year: int) -> Detected:
    """Compare a year with the two before it; the number of queries is constant. Only accepted numbers are read."""
    indicators = {one.code: one for one in Indicator.objects.select_related("group", "succeeds")}
    definitions = _definitions()
    series = _series(_totals(municipality, year), indicators, definitions)
    of_year = [one for one in series if one.entry(year)]
    findings = [
        *identical(series),
        *back_computed(series),
        *jumps(series),
        *other_grades(of_year),
        *changed_scope(series),
        *mostly_round(_roundness(municipality, year, definitions, of_year)),
        *small_bases(_bases(municipality, year, indicators, of_year)),
    ]
    order = list(CODES)
    told = [one for one in findings if year in one.years]
    told.sort(key=lambda finding: order.index(finding.code))
    return Detected(tuple(told), indicators, len(of_year))


def _totals(municipality: Municipality, year: int) -> dict[str, list[tuple[int, Measured]]]:
    rows = IndicatorTotal.objects.filter(municipality=municipality, year__gt=year - YEARS, year__lte=year)
    found: dict[str, list[tuple[int, Measured]]] = defaultdict(list)
    for row in rows.select_related("indicator").order_by("year"):
        if row.schools_used:
            found[row.indicator.code].append((row.year, row.measured))
    return found


def _definitions() -> dict[str, _Definition]:
    found: dict[str, _Definition] = defaultdict(lambda: _Definition({}, {}))
    rows = Term.objects.values_list("indicator__code", "side", "element__code", "element__grades")
    for indicator, side, element, grades in rows:
        definition = found[indicator]
        (definition.numerator if side == Side.NUMERATOR else definition.denominator)[element] = grades
    return found


def _series(
    totals: Mapping[str, list[tuple[int, Measured]]],
    indicators: Mapping[str, Indicator],
    definitions: Mapping[str, _Definition],
) -> list[Series]:
    related = _related()
    found = []
    for code, years in totals.items():
        indicator, definition = indicators[code], definitions[code]
        elements = frozenset(definition.numerator)
        grades = definition.grades
        scope = ", ".join(filter(None, (f"{code} {quoted(indicator.name)}", grades_label(grades))))
        found.append(
            Series(
                key=code,
                name=f"{code} {indicator.name}",
                entries=tuple(_entry(year, sums) for year, sums in years),
                base=Population(BaseOf.PUPILS, grades) if grades else None,
                document=",".join(sorted(definition.denominator)),  # rows on one base are counted of the same elements
                chain=_root(indicator, indicators).code,
                scope=scope,
                indicator=code,
                elements=elements,
                kin=frozenset().union(*(related.get(element, set()) for element in elements)),
                people=indicator.kind != IndicatorKind.ORG_SHARE,
            )
        )
    return found


def _entry(year: int, sums: Measured) -> Entry:
    return Entry(
        year,
        sums.numerator,
        None if sums.is_count else sums.denominator,
        comparable=sums.comparable,
        coverage=coverage(sums.used, sums.expected) if sums.used < sums.expected else "",
    )


def _root(indicator: Indicator, indicators: Mapping[str, Indicator]) -> Indicator:
    """The first indicator of a succession: its code names the whole chain."""
    while indicator.succeeds is not None:
        indicator = indicators[indicator.succeeds.code]
    return indicator


def _related() -> dict[str, set[str]]:
    """Element → elements on the other side of a relation of the catalogue: a part may equal its whole."""
    found: dict[str, set[str]] = defaultdict(set)
    for left, right in Check.objects.filter(kind=CheckKind.RELATION).values_list("left", "right"):
        for one in left:
            found[one].update(right)
        for one in right:
            found[one].update(left)
    return found


def _roundness(
    municipality: Municipality, year: int, definitions: Mapping[str, _Definition], series: Iterable[Series]
) -> list[Roundness]:
    """Every row of the forms that a shown indicator uses: how many of its numbers are multiples of ten."""
    used = {code: one.key for one in series for code in definitions[one.key].numerator}
    rows = (
        Value.objects.filter(
            submission__municipality=municipality,
            submission__year=year,
            accepted_state=CellState.NUMBER,
            accepted_number__gte=LEAST_ROUND,
        )
        .annotate(rest=F("accepted_number") % 10)
        .values("element__code", "element__name")
        .annotate(numbers=Count("pk"), tens=Count("pk", filter=Q(rest=0)))
        .order_by("element__code")
    )
    return [
        Roundness(used[row["element__code"]], row["element__name"], year, row["numbers"], row["tens"])
        for row in rows
        if row["element__code"] in used
    ]


def _bases(
    municipality: Municipality, year: int, indicators: Mapping[str, Indicator], series: Iterable[Series]
) -> list[Bases]:
    schools: dict[str, list[int]] = defaultdict(list)
    for (_, _, code), sums in measure(Circle(municipality.pk, (year,)), by="school").items():
        if sums.used:
            schools[code].append(sums.denominator)
    found = []
    for one in series:
        entry = one.entry(year)
        if indicators[one.key].kind == IndicatorKind.SHARE and entry is not None and entry.total:
            found.append(Bases(one.key, one.name, year, entry.total, tuple(schools[one.key])))
    return found
