"""What an indicator's sums mean: its value, its change, and where a school stands among others. Exact, no models."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from monitoring.enums import Better, IndicatorKind
from portal.formats import round_half_up

SMALL_BASE = 10  # below it a percentage is not told as a share (design §2, rule 3)
RANK_BASE = 20  # below it a school is not ranked
GROUP = 5  # fewer values give no median or quartiles to a school (design §2, rule 9)
# W902 (W-03): a share of a municipality that moved by so many points, as they are shown, and by so many people.
JUMP_POINTS, JUMP_PEOPLE = 10, 10
NOTICEABLE = 1  # percentage points, as they are shown: a smaller change is no «рост» or «снижение»


@dataclass(frozen=True)
class Measured:
    """Sums of one indicator over some organisations and one year.

    `numerator` and `denominator` are counts; for a share of organisations they count organisations, for a count the
    denominator is 0. `used` of `expected` organisations stand in the sums; to `outside` more it does not apply.
    """

    kind: IndicatorKind
    numerator: int
    denominator: int
    used: int
    expected: int
    outside: int = 0

    @cached_property
    def value(self) -> Fraction | None:
        """A ratio for shares, the number itself for a count; None where there is nothing to divide or to add up."""
        if not self.used:
            return None
        if self.kind == IndicatorKind.COUNT:
            return Fraction(self.numerator)
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def is_count(self) -> bool:
        return self.kind == IndicatorKind.COUNT

    @property
    def small(self) -> bool:
        """A share on so few people that only its count is told."""
        return self.kind == IndicatorKind.SHARE and self.denominator < SMALL_BASE

    @property
    def comparable(self) -> bool:
        """Whether another year may be compared with it: a sum needs all its organisations, a share at least half.

        In the middle of a collection two schools of nineteen would otherwise look like a fall.
        """
        return self.used == self.expected if self.is_count else 2 * self.used >= self.expected

    @property
    def rankable(self) -> bool:
        return self.value is not None and (self.kind != IndicatorKind.SHARE or self.denominator >= RANK_BASE)


def together(parts: Sequence[Measured]) -> Measured:
    """Sums of one indicator over several organisations or municipalities, at least one, added up: never a mean."""
    return Measured(
        parts[0].kind,
        sum(one.numerator for one in parts),
        sum(one.denominator for one in parts),
        sum(one.used for one in parts),
        sum(one.expected for one in parts),
        sum(one.outside for one in parts),
    )


def change(now: Measured | None, before: Measured | None) -> Fraction | None:
    """The difference of two values (ratios, or numbers for a count), or None where one of them is missing."""
    if now is None or before is None or now.value is None or before.value is None:
        return None
    return now.value - before.value


def in_people(difference: Fraction, now: Measured) -> int:
    """A change of a share told in people of this year's base: +2,1 п. п. of 419 is ≈ 9."""
    return int(round_half_up(difference * now.denominator))


def direction(difference: Fraction | None, *, is_count: bool) -> int:
    """+1 for growth, −1 for decline, 0 for a change too small to be named or unknown.

    A share is judged by its change as it is printed, so that the word never contradicts the number beside it.
    """
    if difference is None:
        return 0
    shown = abs(difference) if is_count else Fraction(round_half_up(abs(difference) * 100, 1))
    if shown < NOTICEABLE:
        return 0
    return 1 if difference > 0 else -1


def worsened(difference: Fraction | None, better: str, *, is_count: bool) -> bool:
    """Whether a noticeable change went the wrong way; never for an indicator that is not judged."""
    wrong = {Better.UP: -1, Better.DOWN: 1}.get(Better(better))
    return wrong is not None and direction(difference, is_count=is_count) == wrong


def jumped(difference: Fraction | None, now: Measured | None) -> bool:
    """W902: whether a share changed so much within a year, for better or worse, that its numbers are to be checked."""
    if difference is None or now is None or now.is_count:
        return False
    moved = round_half_up(abs(difference) * 100, 1)
    return moved >= JUMP_POINTS and abs(in_people(difference, now)) >= JUMP_PEOPLE


def median(values: Sequence[Fraction]) -> Fraction | None:
    """The exact median, or None of nothing."""
    return quantile(values, Fraction(1, 2))


def quantile(values: Sequence[Fraction], part: Fraction) -> Fraction | None:
    """The quantile by linear interpolation between neighbours (as spreadsheets do), or None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def in_lowest_quarter(value: Fraction, values: Sequence[Fraction], better: str) -> bool:
    """Whether a value is in the quarter that is worst, among at least eight of them."""
    if Better(better) == Better.NONE or len(values) < 8:
        return False
    if better == Better.UP:
        return value < (quantile(values, Fraction(1, 4)) or 0)
    return value > (quantile(values, Fraction(3, 4)) or 0)
