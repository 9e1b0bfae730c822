"""What a municipality's dashboard and report say of a year: every indicator with its history, target, coverage."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Max

from monitoring.arithmetic import Measured, change, direction, in_lowest_quarter, in_people, median, worsened
from monitoring.enums import IndicatorKind
from monitoring.models import AcceptedForm, Campaign, Indicator, IndicatorTotal, Submission, Target
from monitoring.queries.indicators import Circle, measure
from portal.models import Municipality, School

HISTORY = 3  # years of a trend, the asked one included


@dataclass(frozen=True, slots=True)
class YearPoint:
    """One year of a trend. `code` is of the indicator that was in force then: a predecessor's differs."""

    year: int
    code: str
    measured: Measured | None

    @property
    def value(self) -> Fraction | None:
        return self.measured.value if self.measured else None


@dataclass(frozen=True, slots=True)
class IndicatorHistory:
    """One indicator over the years, the asked year last; a predecessor's years stand before the break."""

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

    @property
    def now(self) -> Measured | None:
        return self.points[-1].measured

    @property
    def value(self) -> Fraction | None:
        return self.now.value if self.now else None

    @property
    def breaks(self) -> tuple[int, ...]:
        """Positions of the points before which the definition changed."""
        pairs = zip(self.points, self.points[1:], strict=False)
        return tuple(place for place, (before, after) in enumerate(pairs, start=1) if before.code != after.code)

    @property
    def difference(self) -> Fraction | None:
        """The change against the year before; none across a break, on too small a base or from too few schools."""
        if len(self.points) < 2 or len(self.points) - 1 in self.breaks:
            return None
        before = self.points[-2].measured
        if any(measured is not None and (measured.small or not measured.comparable) for measured in (self.now, before)):
            return None
        return change(self.now, before)

    @property
    def people(self) -> int | None:
        """The change told in people (or organisations) of this year's base; for a count the change itself."""
        if self.difference is None or self.now is None:
            return None
        return int(self.difference) if self.is_count else in_people(self.difference, self.now)

    @property
    def turn(self) -> int:
        """+1 grew, −1 fell, 0 no noticeable change or unknown; one person more or fewer is no trend (ux C3)."""
        if self.kind == IndicatorKind.SHARE and abs(self.people or 0) <= 1:
            return 0
        return direction(self.difference, is_count=self.is_count)

    @property
    def worsened(self) -> bool:
        return self.turn != 0 and worsened(self.difference, self.better, is_count=self.is_count)

    @property
    def target_met(self) -> bool | None:
        if self.target is None or self.value is None:
            return None
        return self.value <= self.target if self.better == "down" else self.value >= self.target

    @property
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


@dataclass(frozen=True, slots=True)
class Overview:
    """A municipality and a year. `preliminary` numbers include forms that are not accepted."""

    municipality: Municipality
    year: int
    years: tuple[int, ...]
    groups: tuple[Group, ...]
    preliminary: bool
    data_version: int

    def __getitem__(self, code: str) -> IndicatorHistory:
        found = self.get(code)
        if found is None:
            raise KeyError(code)
        return found

    def get(self, code: str) -> IndicatorHistory | None:
        return next((one for one in self.all if one.code == code), None)

    @property
    def all(self) -> tuple[IndicatorHistory, ...]:
        return tuple(indicator for group in self.groups for indicator in group.indicators)

    @property
    def with_data(self) -> tuple[IndicatorHistory, ...]:
        return tuple(one for one in self.all if one.value is not None)


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """A school's values of a year by indicator code."""

    school: School
    values: dict[str, Measured]


def years_of(municipality: Municipality) -> tuple[int, ...]:
    """School years for which anything was collected, newest first."""
    rows = Campaign.objects.filter(municipality=municipality).values_list("year", flat=True).distinct()
    return tuple(sorted(rows, reverse=True))


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


def overview(municipality: Municipality, year: int, *, preliminary: bool = False) -> Overview:
    """All indicators of a municipality for a year with their history. The number of queries is constant."""
    years = tuple(range(year - HISTORY + 1, year + 1))
    totals = _live(municipality, years) if preliminary else _totals(municipality, years)
    targets = {
        target.indicator_id: target.value for target in Target.objects.filter(municipality=municipality, year=year)
    }
    return Overview(
        municipality=municipality,
        year=year,
        years=years,
        groups=_groups(year, years, totals, targets),
        preliminary=preliminary,
        data_version=data_version(municipality),
    )


def school_history(school: School, year: int) -> tuple[Group, ...]:
    """A school's own indicators with their history, in the shape of the municipality's."""
    years = tuple(range(year - HISTORY + 1, year + 1))
    measured = measure(Circle(school.municipality_id, years, (school.pk,)), by="school")
    targets = {
        target.indicator_id: target.value
        for target in Target.objects.filter(municipality_id=school.municipality_id, year=year)
    }
    own = {(when, code): sums for (_, when, code), sums in measured.items() if sums.expected}
    return _groups(year, years, own, targets)


def school_lines(municipality: Municipality, year: int, *, preliminary: bool = False) -> tuple[SchoolLine, ...]:
    """Every school of the year's frozen lists with its values; two queries."""
    measured = measure(Circle(municipality.pk, (year,)), by="school", preliminary=preliminary)
    values: dict[int, dict[str, Measured]] = defaultdict(dict)
    for (school, _, code), sums in measured.items():
        values[int(school)][code] = sums
    return tuple(SchoolLine(school, values[school.pk]) for school in School.objects.filter(pk__in=values))


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


def _totals(municipality: Municipality, years: tuple[int, ...]) -> dict[tuple[int, str], Measured]:
    rows = IndicatorTotal.objects.filter(municipality=municipality, year__in=years).select_related("indicator")
    return {
        (row.year, row.indicator.code): Measured(
            IndicatorKind(row.indicator.kind),
            row.numerator,
            row.denominator,
            row.schools_used,
            row.schools_expected,
            row.schools_outside,
        )
        for row in rows
    }


def _live(municipality: Municipality, years: tuple[int, ...]) -> dict[tuple[int, str], Measured]:
    measured = measure(Circle(municipality.pk, years), by="municipality", preliminary=True)
    return {(when, code): sums for (_, when, code), sums in measured.items()}


def _groups(
    year: int,
    years: tuple[int, ...],
    totals: dict[tuple[int, str], Measured],
    targets: dict[int, Decimal],
) -> tuple[Group, ...]:
    indicators = list(Indicator.objects.select_related("group").order_by("group__order", "order"))
    by_id = {indicator.pk: indicator for indicator in indicators}
    groups: dict[tuple[str, str], list[IndicatorHistory]] = defaultdict(list)
    for indicator in indicators:
        if not indicator.computed_in(year):
            continue
        points = tuple(_point(indicator, when, by_id, totals) for when in years)
        if all(point.measured is None or not point.measured.expected for point in points):
            continue
        target = targets.get(indicator.pk)
        groups[indicator.group.title, indicator.group.code].append(
            IndicatorHistory(
                code=indicator.code,
                name=indicator.name,
                group=indicator.group.title,
                kind=IndicatorKind(indicator.kind),
                better=indicator.better,
                points=points,
                target=_as_value(target, indicator),
            )
        )
    return tuple(Group(title, tuple(rows), code) for (title, code), rows in groups.items())


def _point(
    indicator: Indicator, year: int, by_id: dict[int, Indicator], totals: dict[tuple[int, str], Measured]
) -> YearPoint:
    """The year's value under the definition that was in force then."""
    current: Indicator | None = indicator
    while current is not None and not current.computed_in(year):
        current = by_id.get(current.succeeds_id or 0)
    if current is None:
        return YearPoint(year, indicator.code, None)
    return YearPoint(year, current.code, totals.get((year, current.code)))


def _as_value(target: Decimal | None, indicator: Indicator) -> Fraction | None:
    if target is None:
        return None
    return Fraction(target) if indicator.kind == IndicatorKind.COUNT else Fraction(target) / 100
