"""An indicator's sums: value, change, people, medians and the worst quarter, exactly."""

from fractions import Fraction
from statistics import median as float_median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.arithmetic import (
    Measured,
    change,
    direction,
    in_lowest_quarter,
    in_people,
    median,
    quantile,
    worsened,
)
from monitoring.enums import IndicatorKind

RATIOS = st.fractions(min_value=0, max_value=1, max_denominator=1000)


def share(numerator, denominator, used=19, expected=19, outside=0):
    return Measured(IndicatorKind.SHARE, numerator, denominator, used, expected, outside)


def count(number, used=19):
    return Measured(IndicatorKind.COUNT, number, 0, used, 19)


def test_a_share_is_the_exact_quotient_of_its_sums():
    assert share(282, 419).value == Fraction(282, 419)


def test_a_count_is_its_numerator_and_zero_is_a_number():
    assert count(23).value == 23
    assert count(0).value == 0


@pytest.mark.parametrize("measured", [share(0, 0), share(5, 10, used=0), count(5, used=0)])
def test_no_school_or_a_zero_denominator_gives_no_value(measured):
    assert measured.value is None
    assert not measured.rankable


def test_a_base_of_ten_is_told_as_a_share_and_nine_is_not():
    assert share(3, 9).small
    assert not share(3, 10).small


def test_only_shares_have_small_bases():
    assert not Measured(IndicatorKind.ORG_SHARE, 3, 5, 5, 5).small
    assert not count(3).small


def test_ranks_need_a_base_of_twenty():
    assert share(3, 20).rankable
    assert not share(3, 19).rankable


def test_a_change_needs_both_values():
    assert change(share(1, 2), share(1, 4)) == Fraction(1, 4)
    assert change(share(1, 2), None) is None
    assert change(share(1, 2), share(0, 0)) is None


def test_a_change_is_told_in_people_of_this_years_base():
    assert in_people(Fraction(21, 1000), share(282, 419)) == 9


def test_half_a_person_is_rounded_away_from_zero():
    assert in_people(Fraction(1, 100), share(10, 50)) == 1
    assert in_people(Fraction(-1, 100), share(10, 50)) == -1


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (Fraction(1, 100), 1),
        (Fraction(-1, 100), -1),
        (Fraction(94, 10000), 0),
        (Fraction(95, 10000), 1),
        (Fraction(0), 0),
        (None, 0),
    ],
)
def test_a_share_grows_or_falls_from_one_percentage_point_as_it_is_printed(difference, expected):
    assert direction(difference, is_count=False) == expected


def test_a_count_grows_by_one():
    assert direction(Fraction(1), is_count=True) == 1


@pytest.mark.parametrize(
    ("better", "fell", "grew"), [("up", True, False), ("down", False, True), ("none", False, False)]
)
def test_worse_is_the_way_against_the_better_one(better, fell, grew):
    assert worsened(Fraction(-5, 100), better, is_count=False) is fell
    assert worsened(Fraction(5, 100), better, is_count=False) is grew


@given(st.lists(RATIOS, min_size=1))
def test_the_median_is_the_middle_one(values):
    assert float(median(values)) == pytest.approx(float_median(map(float, values)))


def test_nothing_has_no_median():
    assert median([]) is None


def test_quartiles_are_interpolated_as_spreadsheets_do():
    values = [Fraction(one) for one in (1, 2, 3, 4)]
    assert quantile(values, Fraction(1, 4)) == Fraction(7, 4)


@given(st.lists(RATIOS, min_size=1), st.fractions(min_value=0, max_value=1, max_denominator=8))
def test_a_quantile_lies_between_the_ends(values, part):
    assert min(values) <= quantile(values, part) <= max(values)


def test_the_worst_quarter_needs_eight_values():
    seven = [Fraction(one, 10) for one in range(7)]
    assert not in_lowest_quarter(Fraction(0), seven, "up")
    assert in_lowest_quarter(Fraction(0), [*seven, Fraction(7, 10)], "up")


def test_where_less_is_better_the_worst_quarter_is_the_highest():
    values = [Fraction(one, 10) for one in range(8)]
    assert in_lowest_quarter(Fraction(7, 10), values, "down")
    assert not in_lowest_quarter(Fraction(0), values, "down")


def test_an_unjudged_indicator_has_no_worst_quarter():
    assert not in_lowest_quarter(Fraction(0), [Fraction(one, 10) for one in range(8)], "none")
