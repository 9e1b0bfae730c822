"""What a municipality's dashboard and report say of a year: every indicator with its history, target, coverage."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from django.db.models import Count, Max, OuterRef, Subquery

from monitoring.arithmetic import Measured, change, direction, in_lowest_quarter, in_people, median, worsened
from monitoring.enums import IndicatorKind
from monitoring.models import AcceptedForm, Campaign, Indicator, IndicatorTotal, Submission, Target, Wording
from monitoring.queries.results.indicators import Circle, GroupBy, Key, measure
from monitoring.queries.results.pinned import Version, measure_at
from portal.models import Municipality, School

HISTORY = 5  # most years of a trend on the dashboard, the asked one included
IN_TABLES = 3  # years of a table and of a paper; a shorter past is shown as years without data


@dataclass(frozen=True, slots=True)
class YearPoint:
    """One year of a trend. `code` is of the indicator that was in force then: a predecessor's differs."""

    year: int
    code: str
    measured: Measured | None

    @property
    def value(self) -> Fraction | None:
        return self.measured.value if self.measured else None


@dataclass(frozen=True)
class IndicatorHistory:
    """One indicator over the years, the asked year last; a predecessor's years stand before the break.

    What follows from the points is computed once: a page asks for every change a dozen times.
    """

    code: str
    name: str
    group: str
    kind: IndicatorKind
    better: str
    points: tuple[YearPoint, ...]
    target: Fraction | None  # a ratio for shares, a number for counts

    @property
    def is_count(self) -> bool:
        return self.kind == IndicatorKind.COUNT

    @cached_property
    def now(self) -> Measured | None:
        return self.points[-1].measured

    @cached_property
    def value(self) -> Fraction | None:
        return self.now.value if self.now else None

    @cached_property
    def breaks(self) -> tuple[int, ...]:
        """Positions of the points before which the definition changed."""
        pairs = zip(self.points, self.points[1:], strict=False)
        return tuple(place for place, (before, after) in enumerate(pairs, start=1) if before.code != after.code)

    @cached_property
    def difference(self) -> Fraction | None:
        """The change against the year before; none across a break, on too small a base or from too few schools."""
        if len(self.points) < 2 or len(self.points) - 1 in self.breaks:
            return None
        before = self.points[-2].measured
        if any(measured is not None and (measured.small or not measured.comparable) for measured in (self.now, before)):
            return None
        return change(self.now, before)

    @cached_property
    def people(self) -> int | None:
        """The change told in people (or organisations) of this year's base; for a count the change itself."""
        if self.difference is None or self.now is None:
            return None
        return int(self.difference) if self.is_count else in_people(self.difference, self.now)

    @cached_property
    def turn(self) -> int:
        """+1 grew, −1 fell, 0 no noticeable change or unknown; one person more or fewer is no trend (ux C3)."""
        if self.kind == IndicatorKind.SHARE and abs(self.people or 0) <= 1:
            return 0
        return direction(self.difference, is_count=self.is_count)

    @cached_property
    def worsened(self) -> bool:
        return self.turn != 0 and worsened(self.difference, self.better, is_count=self.is_count)

    @cached_property
    def target_met(self) -> bool | None:
        """None also while too few schools are in: in the middle of a collection nothing is reached or missed yet."""
        if self.target is None or self.value is None or self.now is None or not self.now.comparable:
            return None
        return self.value <= self.target if self.better == "down" else self.value >= self.target

    @cached_property
    def missing_to_target(self) -> int | None:
        """How many more (fewer, where less is better) people the target asks of this year's base, rounded up."""
        if self.target_met is not False or self.now is None or self.target is None:
            return None
        wanted = self.target if self.is_count else self.target * self.now.denominator
        return (
            abs(-int(-wanted // 1) - self.now.numerator) if self.better != "down" else self.now.numerator - int(wanted)
        )


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    indicators: tuple[IndicatorHistory, ...]
    code: str = ""


@dataclass(frozen=True)
class Overview:
    """A municipality and a year. `preliminary` numbers include forms that are not accepted."""

    municipality: Municipality
    year: int
    years: tuple[int, ...]
    groups: tuple[Group, ...]
    preliminary: bool
    data_version: int
    pinned: Version | None = None  # the earlier version of the data that is shown

    def __getitem__(self, code: str) -> IndicatorHistory:
        found = self.get(code)
        if found is None:
            raise KeyError(code)
        return found

    def get(self, code: str) -> IndicatorHistory | None:
        return next((one for one in self.all if one.code == code), None)

    @cached_property
    def all(self) -> tuple[IndicatorHistory, ...]:
        return tuple(indicator for group in self.groups for indicator in group.indicators)

    @cached_property
    def with_data(self) -> tuple[IndicatorHistory, ...]:
        return tuple(one for one in self.all if one.value is not None)


class Declared(NamedTuple):
    """An indicator of the catalogue as an overview reads it: a model object for each would cost more than its sums."""

    pk: int
    code: str
    name: str
    kind: str
    better: str
    since: int | None
    until: int | None
    succeeds: int | None
    group_code: str
    group_title: str
    target: Decimal | None  # of the asked year
    own_name: str | None  # the municipality's, where it has one

    def computed_in(self, year: int) -> bool:
        return (self.since is None or self.since <= year) and (self.until is None or year <= self.until)


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A school's values of a year by indicator code."""

    school: School
    values: dict[str, Measured]


def years_of(municipality: Municipality) -> tuple[int, ...]:
    """School years for which anything was collected, newest first."""
    rows = Campaign.objects.filter(municipality=municipality).order_by("-year")
    return tuple(rows.values_list("year", flat=True).distinct())


def default_year(municipality: Municipality) -> int | None:
    """The newest year that can be judged: at least half of its forms are accepted; else the newest with any."""
    rows = Submission.objects.filter(municipality=municipality).values("year")
    counted = rows.annotate(
        forms=Count("id", distinct=True), done=Count("accepted__submission", distinct=True)
    ).order_by("-year")
    years = [(row["year"], row["forms"], row["done"]) for row in counted if row["done"]]
    return next((year for year, forms, done in years if 2 * done >= forms), years[0][0] if years else None)


def data_version(municipality: Municipality) -> int:
    """The highest id of the municipality's accepted forms; 0 before the first."""
    return AcceptedForm.objects.filter(municipality=municipality).aggregate(last=Max("id"))["last"] or 0


def overview(
    municipality: Municipality,
    year: int,
    *,
    preliminary: bool = False,
    version: Version | None = None,
    history: int = IN_TABLES,
) -> Overview:
    """All indicators of a municipality for a year with their history. The number of queries is constant.

    `history` is the most years shown; beyond the three of a table only years with data are. `version` counts what was
    accepted up to then; targets are always those of today.
    """
    years = tuple(range(year - history + 1, year + 1))
    declared = _declared(municipality.pk, year)
    if version or preliminary:
        totals = _live(municipality, years, preliminary=preliminary, version=version)
    else:
        totals = _totals(municipality, years, declared)
    first = min((when for (when, _), sums in totals.items() if sums.used), default=year)
    years = tuple(when for when in years if when >= min(first, year - IN_TABLES + 1))
    return Overview(
        municipality=municipality,
        year=year,
        years=years,
        groups=_groups(year, years, totals, declared),
        preliminary=preliminary,
        data_version=version.id if version else data_version(municipality),
        pinned=version,
    )


def school_history(school: School, year: int) -> tuple[Group, ...]:
    """A school's own indicators with their history, in the shape of the municipality's."""
    years = tuple(range(year - IN_TABLES + 1, year + 1))
    measured = measure(Circle(school.municipality_id, years, (school.pk,)), by="school")
    own = {(when, code): sums for (_, when, code), sums in measured.items() if sums.expected}
    return _groups(year, years, own, _declared(school.municipality_id, year))


def school_lines(
    municipality: Municipality,
    year: int,
    *,
    preliminary: bool = False,
    version: Version | None = None,
    codes: tuple[str, ...] | None = None,
) -> tuple[SchoolLine, ...]:
    """Every school of the year's frozen lists with its values, of some indicators only if asked; two queries."""
    circle = Circle(municipality.pk, (year,), codes=codes)
    values: dict[int, dict[str, Measured]] = defaultdict(dict)
    for (school, _, code), sums in _measured(circle, "school", preliminary, version).items():
        values[int(school)][code] = sums
    return tuple(SchoolLine(school, values[school.pk]) for school in School.objects.filter(pk__in=list(values)))


def _measured(circle: Circle, by: GroupBy, preliminary: bool, version: Version | None) -> dict[Key, Measured]:
    """The sums of now, or those of an earlier version of the data."""
    return measure_at(circle, version.id, by=by) if version else measure(circle, by=by, preliminary=preliminary)


def peers(lines: Iterable[SchoolLine], code: str, kind: str | None = None) -> list[Fraction]:
    """Values of an indicator that may be compared: a base of 20 and more, of one kind of school if asked."""
    return [
        sums.value
        for line in lines
        if (sums := line.values.get(code))
        and sums.rankable
        and sums.value is not None
        and kind in {None, line.school.kind}
    ]


def median_of(lines: Iterable[SchoolLine], code: str) -> Fraction | None:
    return median(peers(lines, code))


def lowest_quarter(lines: Sequence[SchoolLine], code: str, better: str) -> tuple[SchoolLine, ...]:
    """Schools in the worst quarter of an indicator, worst first; none where fewer than eight can be compared."""
    values = peers(lines, code)
    chosen = [
        line
        for line in lines
        if (sums := line.values.get(code))
        and sums.rankable
        and sums.value is not None
        and in_lowest_quarter(sums.value, values, better)
    ]
    return tuple(sorted(chosen, key=lambda line: line.values[code].value or 0, reverse=better == "down"))


def _declared(municipality: int, year: int) -> tuple[Declared, ...]:
    """The catalogue in its order, with the municipality's names and the targets of the year; one query."""
    own = Wording.objects.filter(municipality=municipality, indicator=OuterRef("pk")).order_by("-version")
    target = Target.objects.filter(municipality=municipality, year=year, indicator=OuterRef("pk"))
    rows = Indicator.objects.order_by("group__order", "order").values_list(
        *("pk", "code", "name", "kind", "better", "since", "until", "succeeds", "group__code", "group__title"),
        Subquery(target.values("value")[:1]),
        Subquery(own.values("name")[:1]),
    )
    return tuple(map(Declared._make, rows))


def _totals(
    municipality: Municipality, years: tuple[int, ...], declared: Iterable[Declared]
) -> dict[tuple[int, str], Measured]:
    of = {one.pk: (one.code, IndicatorKind(one.kind)) for one in declared}
    rows = IndicatorTotal.objects.filter(municipality=municipality, year__in=years).values_list(
        "year", "indicator", "numerator", "denominator", "schools_used", "schools_expected", "schools_outside"
    )
    totals = {}
    for year, indicator, *sums in rows:
        code, kind = of[indicator]
        totals[year, code] = Measured(kind, *sums)
    return totals


def _live(
    municipality: Municipality, years: tuple[int, ...], *, preliminary: bool, version: Version | None
) -> dict[tuple[int, str], Measured]:
    measured = _measured(Circle(municipality.pk, years), "municipality", preliminary, version)
    return {(when, code): sums for (_, when, code), sums in measured.items()}


def _groups(
    year: int,
    years: tuple[int, ...],
    totals: dict[tuple[int, str], Measured],
    indicators: tuple[Declared, ...],
) -> tuple[Group, ...]:
    by_id = {indicator.pk: indicator for indicator in indicators}
    groups: dict[tuple[str, str], list[IndicatorHistory]] = defaultdict(list)
    for indicator in indicators:
        if not indicator.computed_in(year):
            continue
        points = tuple(_point(indicator, when, by_id, totals) for when in years)
        if all(point.measured is None or not point.measured.expected for point in points):
            continue
        groups[indicator.group_title, indicator.group_code].append(
            IndicatorHistory(
                code=indicator.code,
                name=indicator.own_name or indicator.name,
                group=indicator.group_title,
                kind=IndicatorKind(indicator.kind),
                better=indicator.better,
                points=points,
                target=_as_value(indicator),
            )
        )
    return tuple(Group(title, tuple(rows), code) for (title, code), rows in groups.items())


def _point(
    indicator: Declared, year: int, by_id: dict[int, Declared], totals: dict[tuple[int, str], Measured]
) -> YearPoint:
    """The year's value under the definition that was in force then."""
    current: Declared | None = indicator
    while current is not None and not current.computed_in(year):
        current = by_id.get(current.succeeds or 0)
    if current is None:
        return YearPoint(year, indicator.code, None)
    return YearPoint(year, current.code, totals.get((year, current.code)))


def _as_value(indicator: Declared) -> Fraction | None:
    if indicator.target is None:
        return None
    return Fraction(indicator.target) if indicator.kind == IndicatorKind.COUNT else Fraction(indicator.target) / 100
