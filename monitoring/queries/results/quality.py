"""How good the data of a year are: completeness, punctuality, warnings, outliers, small bases, corrections, no data.

The counters of a form are those of the campaign's board (features C12); nothing is counted here by another rule.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.db.models import Count, Max, QuerySet

from monitoring.arithmetic import Measured, quantile
from monitoring.enums import CellState, IndicatorKind, Outcome, ThreadKind
from monitoring.models import AcceptedForm, Thread, Value, WarningRecord
from monitoring.queries.campaigns.board import Progress, progress
from monitoring.queries.results.overview import IndicatorHistory, SchoolLine, peers
from portal.models import Municipality, School

_FEWEST = 8  # comparable schools of a kind below which nothing is called an outlier
_FENCE = Fraction(3, 2)  # interquartile ranges beyond the quartiles, the usual fences of a box plot


@dataclass(frozen=True, slots=True)
class _Outcomes:
    """Warnings by what came of them."""

    explained: int
    corrected: int
    open: int

    @property
    def shown(self) -> int:
        return self.explained + self.corrected + self.open


@dataclass(frozen=True, slots=True)
class FormQuality(_Outcomes):
    """The four counters of one form (C12), and its warnings by what came of them."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class RuleWarnings(_Outcomes):
    """The warnings of one check in the year."""

    code: str


@dataclass(frozen=True, slots=True)
class Outlier:
    """A school whose share lies far from the schools of its kind."""

    school: School
    indicator: IndicatorHistory
    measured: Measured
    median: Fraction
    schools: int


@dataclass(frozen=True, slots=True)
class SmallBases:
    """How many of the schools of an indicator have a base under ten."""

    indicator: IndicatorHistory
    small: int
    schools: int


@dataclass(frozen=True, slots=True)
class Correction:
    """A form that was accepted more than once."""

    school: str
    form: str
    submission: UUID
    times: int  # acceptances after the first
    at: datetime  # of the last


@dataclass(frozen=True, slots=True)
class NoData:
    """An element for which schools have «нет данных»."""

    code: str
    name: str
    section: str
    schools: int


def forms_of_year(municipality: Municipality, year: int) -> tuple[FormQuality, ...]:
    """The counters of every form of the year; three queries."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    rows = _warnings(municipality, year).values("submission__campaign", "outcome").annotate(count=Count("pk"))
    for row in rows.order_by():
        found[row["submission__campaign"]][row["outcome"]] = row["count"]
    return tuple(
        FormQuality(*_outcomes(found[one.campaign.pk]), one) for one in progress(municipality, year) if one.total
    )


def warnings_by_rule(municipality: Municipality, year: int) -> tuple[RuleWarnings, ...]:
    """The warnings of the year by check, those that most schools left without an answer first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    rows = _warnings(municipality, year).values("check_code", "outcome").annotate(count=Count("pk"))
    for row in rows.order_by():
        found[row["check_code"]][row["outcome"]] = row["count"]
    told = [RuleWarnings(*_outcomes(counts), code) for code, counts in found.items()]
    return tuple(sorted(told, key=lambda one: (-one.open, -one.shown, one.code)))


def open_questions(municipality: Municipality, year: int) -> int:
    rows = Thread.objects.filter(submission__municipality=municipality, submission__year=year)
    return rows.filter(kind=ThreadKind.QUESTION, closed_at=None).count()


def outliers(lines: Sequence[SchoolLine], indicators: Iterable[IndicatorHistory]) -> tuple[Outlier, ...]:
    """Shares beyond the fences of their kind of school, farthest first; none among fewer than eight schools."""
    found = [
        one
        for indicator in indicators
        if indicator.kind == IndicatorKind.SHARE
        for kind in sorted({line.school.kind for line in lines})
        for one in _outside(lines, indicator, kind)
    ]
    return tuple(sorted(found, key=lambda one: abs((one.measured.value or 0) - one.median), reverse=True))


def _outside(lines: Sequence[SchoolLine], indicator: IndicatorHistory, kind: str) -> Iterator[Outlier]:
    values = peers(lines, indicator.code, kind)
    low, high = quantile(values, Fraction(1, 4)), quantile(values, Fraction(3, 4))
    if len(values) < _FEWEST or low is None or high is None or low == high:
        return
    reach, middle = (high - low) * _FENCE, quantile(values, Fraction(1, 2)) or Fraction(0)
    for line in lines:
        own = line.values.get(indicator.code)
        if line.school.kind != kind or own is None or own.value is None or not own.rankable:
            continue
        if not low - reach <= own.value <= high + reach:
            yield Outlier(line.school, indicator, own, middle, len(values))


def small_bases(lines: Iterable[SchoolLine], indicators: Iterable[IndicatorHistory]) -> tuple[SmallBases, ...]:
    """Indicators that some schools have on fewer than ten people, those with most such schools first."""
    small: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for line in lines:
        for code, own in line.values.items():
            if own.value is not None:
                known[code] += 1
                small[code] += own.small
    told = [SmallBases(one, small[one.code], known[one.code]) for one in indicators if small[one.code]]
    return tuple(sorted(told, key=lambda one: -one.small))


def corrections(municipality: Municipality, year: int) -> tuple[Correction, ...]:
    """Forms that were accepted again after a correction, the newest first; one query."""
    rows = (
        AcceptedForm.objects.filter(municipality=municipality, submission__year=year)
        .values_list("submission__school__name", "submission__form__title", "submission__public_id")
        .annotate(times=Max("revision"), last=Max("at"))
        .filter(times__gt=1)
        .order_by("-last")
    )
    return tuple(Correction(school, form, form_id, times - 1, last) for school, form, form_id, times, last in rows)


def without_data(municipality: Municipality, year: int) -> tuple[NoData, ...]:
    """Elements with «нет данных», those of most schools first; one query."""
    rows = (
        Value.objects.filter(submission__municipality=municipality, submission__year=year, state=CellState.NO_DATA)
        .values_list("element__code", "element__name", "element__section__title")
        .annotate(schools=Count("pk"))
        .order_by("-schools", "element__section__order", "element__order")
    )
    return tuple(NoData(*row) for row in rows)


def _warnings(municipality: Municipality, year: int) -> QuerySet[WarningRecord]:
    return WarningRecord.objects.filter(submission__municipality=municipality, submission__year=year)


def _outcomes(counts: Counter[str]) -> tuple[int, int, int]:
    return counts[Outcome.EXPLAINED], counts[Outcome.CORRECTED], counts[Outcome.OPEN]
