"""Where a school deviates: from its own last year, the schools around it, the target; worst first, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from monitoring.arithmetic import NOTICEABLE
from monitoring.enums import Better, IndicatorKind
from monitoring.queries.results.comparison import Peers
from monitoring.queries.results.overview import IndicatorHistory
from monitoring.queries.results.sentences import as_sentence, target_words, trend_sentence, value_of
from monitoring.queries.results.similar import Circle
from portal.formats import points, round_half_up

MOST = 7  # lines at the head of a page


@dataclass(frozen=True, slots=True)
class Standing:
    """One indicator of a school among the schools around it; `concerns` are sentences, none where all is well."""

    history: IndicatorHistory
    peers: Peers
    concerns: tuple[str, ...]

    @property
    def told(self) -> bool:
        """Whether the median and the quartiles may be told to the school (design §2, rule 9)."""
        return self.peers.told_to_schools and self.history.kind != IndicatorKind.ORG_SHARE


def standings(histories: Iterable[IndicatorHistory], circle: Circle, kind: str) -> tuple[Standing, ...]:
    """Every indicator of a school, those with most concerns first; the rest in the order of the catalogue."""
    found = [_standing(one, circle.peers(one.code, kind)) for one in histories]
    return tuple(sorted(found, key=lambda one: -len(one.concerns)))


def _standing(history: IndicatorHistory, peers: Peers) -> Standing:
    concerns = []
    if history.kind != IndicatorKind.ORG_SHARE:
        if history.worsened:
            concerns.append(trend_sentence(history))
        if history.target_met is False:
            concerns.append(as_sentence(target_words(history)))
        concerns += _beside_others(history, peers)
    return Standing(history, peers, tuple(concerns))


def _beside_others(history: IndicatorHistory, peers: Peers) -> list[str]:
    """At most one sentence: noticeably worse than the median, and whether also worse than the outer quartile."""
    gap, now = gap_of(history, peers), history.now
    if gap is None or now is None or history.better == Better.NONE:
        return []
    size = abs(gap) if history.is_count else Fraction(round_half_up(abs(gap) * 100, 1))
    worse = gap > 0 if history.better == Better.DOWN else gap < 0
    if not worse or size < NOTICEABLE:
        return []
    middle = value_of(peers.median, history.kind)
    words = f"{_amount(abs(gap), history)} {'выше' if gap > 0 else 'ниже'} медианы ({middle})"
    low, high = peers.quartiles or (Fraction(0), Fraction(0))
    outer = now.value is not None and (now.value > high if history.better == Better.DOWN else now.value < low)
    return [f"На {words}{', хуже, чем в трёх четвертях школ' if outer else ''}."]


def gap_of(history: IndicatorHistory, peers: Peers) -> Fraction | None:
    """How far the school is from the median of at least five schools, on a base that may be compared."""
    if not peers.told_to_schools or peers.median is None or history.now is None or not history.now.rankable:
        return None
    return None if history.value is None else history.value - peers.median


def _amount(size: Fraction, history: IndicatorHistory) -> str:
    return value_of(size, history.kind) if history.is_count else points(size).removeprefix("+")
