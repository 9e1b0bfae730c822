"""What asks for an action this year: below target, worsened, in the lowest quarter, not filled in (feature F1)."""

from dataclasses import dataclass
from fractions import Fraction

from monitoring.arithmetic import change, quantile, worsened
from monitoring.enums import Better, IndicatorKind
from monitoring.queries.results.overview import IndicatorHistory, SchoolLine, lowest_quarter, peers
from reports.content.results import without_data
from reports.content.topics import Topic, topic_of
from reports.queries import AnalysisData


@dataclass(frozen=True, slots=True)
class Finding:
    """One judged indicator with everything that asks for an action.

    `low` are the schools of the lowest quarter, worst first, and `bound` the value that parts them from the others;
    for a share of organisations `low` are those that have nothing. `fallen` are schools whose own value worsened.
    """

    history: IndicatorHistory
    topic: Topic
    low: tuple[SchoolLine, ...]
    bound: Fraction | None
    fallen: tuple[SchoolLine, ...]

    @property
    def code(self) -> str:
        return self.history.code

    @property
    def below(self) -> bool:
        return self.history.target_met is False

    @property
    def of_municipality(self) -> bool:
        """Whether the municipality's own value asks for an action."""
        return self.below or self.history.worsened


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A main or targeted indicator for which some schools gave no data."""

    history: IndicatorHistory
    schools: tuple[SchoolLine, ...]


def findings(data: AnalysisData) -> tuple[Finding, ...]:
    """Findings of the main and targeted indicators that are judged, in the order of the catalogue."""
    found = (_finding(one, data) for one in _examined(data) if one.better != Better.NONE and one.value is not None)
    return tuple(one for one in found if one.of_municipality or one.low)


def unfilled(data: AnalysisData) -> tuple[Unfilled, ...]:
    """Where a school whose form is accepted has no data; schools without an accepted form are told once elsewhere."""
    rows = ((one, without_data(one.code, data)[0]) for one in data.overview.all)
    return tuple(Unfilled(one, tuple(schools)) for one, schools in rows if schools)


def _examined(data: AnalysisData) -> list[IndicatorHistory]:
    main = {one.code for one in data.profile}
    return [one for one in data.overview.all if one.code in main or one.target is not None]


def _finding(history: IndicatorHistory, data: AnalysisData) -> Finding:
    topic = topic_of(data.passports[history.code].topics)
    if history.kind == IndicatorKind.ORG_SHARE:
        own = ((line, line.values.get(history.code)) for line in data.lines)
        nothing = tuple(line for line, sums in own if sums is not None and sums.used and not sums.numerator)
        return Finding(history, topic, nothing, None, ())
    low = lowest_quarter(data.lines, history.code, history.better)
    part = Fraction(3, 4) if history.better == Better.DOWN else Fraction(1, 4)
    bound = quantile(peers(data.lines, history.code), part) if low else None
    return Finding(history, topic, low, bound, _fallen(history, data))


def _fallen(history: IndicatorHistory, data: AnalysisData) -> tuple[SchoolLine, ...]:
    """Schools that may be compared in both years and have noticeably worsened; none across a changed definition."""
    if history.difference is None:
        return ()
    before = {line.school.pk: line.values.get(history.code) for line in data.earlier}
    rows = []
    for line in data.lines:
        now, then = line.values.get(history.code), before.get(line.school.pk)
        if now is None or then is None or not (now.rankable and then.rankable):
            continue
        if worsened(change(now, then), history.better, is_count=history.is_count):
            rows.append(line)
    return tuple(rows)
