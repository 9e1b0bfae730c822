"""Every way a number, a year, a date or a plural is written, against a table written by hand."""

import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import formats

# "~" stands for U+00A0, so that a plain space in an answer cannot pass for it.
CASES = [
    # whole numbers
    (formats.number, (0,), "0"),
    (formats.number, (7,), "7"),
    (formats.number, (1450,), "1450"),
    (formats.number, (9999,), "9999"),
    (formats.number, (10000,), "10~000"),
    (formats.number, (21775,), "21~775"),
    (formats.number, (1234567,), "1~234~567"),
    (formats.number, (-16,), "−16"),
    (formats.number, (-21775,), "−21~775"),
    (formats.signed, (16,), "+16"),
    (formats.signed, (-16,), "−16"),
    (formats.signed, (0,), "0"),
    (formats.signed, (12345,), "+12~345"),
    # fractional numbers
    (formats.decimal, (Fraction(673, 10),), "67,3"),
    (formats.decimal, (Fraction(1, 3), 2), "0,33"),
    (formats.decimal, (Fraction(5, 2), 0), "3"),
    (formats.decimal, (Fraction(-5, 2), 0), "−3"),
    (formats.decimal, (Fraction(-1, 100),), "0,0"),
    (formats.decimal, (Decimal("21775.25"),), "21~775,3"),
    # percents: the first three are the sums that the printed papers rounded in three different ways
    (formats.percent, (Fraction(46, 80),), "57,5~%"),
    (formats.percent, (Fraction(75, 185),), "40,5~%"),
    (formats.percent, (Fraction(4, 105),), "3,8~%"),
    (formats.percent, (Fraction(310, 499),), "62,1~%"),
    (formats.percent, (Fraction(1, 8), 0), "13~%"),
    (formats.percent, (Fraction(1, 2000),), "0,1~%"),
    (formats.percent, (Fraction(0),), "0,0~%"),
    (formats.percent, (Fraction(1),), "100,0~%"),
    (formats.percent, (Fraction(2999, 3000),), "100,0~%"),
    (formats.percent, (Fraction(999, 1000), 0), "100~%"),
    (formats.percent, (Fraction(9994, 10000),), "99,9~%"),
    (formats.percent, (None,), "…"),
    # shares
    (formats.share, (282, 419), "67,3~% (282 из 419)"),
    (formats.share, (10888, 21775), "50,0~% (10~888 из 21~775)"),
    (formats.share, (3, 7), "3 из 7"),
    (formats.share, (0, 9), "0 из 9"),
    (formats.share, (3, 10), "30,0~% (3 из 10)"),
    (formats.share, (0, 419), "0,0~% (0 из 419)"),
    (formats.share, (0, 0), "…"),
    (formats.share, (None, 419), "…"),
    (formats.share, (3, None), "…"),
    # differences and changes: 60 → 62 is two points and 3,3 percent
    (formats.points, (Fraction(62, 100) - Fraction(60, 100),), "+2,0~п.~п."),
    (formats.relative, (Fraction(62, 60) - 1,), "+3,3~%"),
    (formats.points, (Fraction(21, 1000),), "+2,1~п.~п."),
    (formats.points, (Fraction(-21, 1000),), "−2,1~п.~п."),
    (formats.points, (Fraction(-4, 10000),), "0,0~п.~п."),
    (formats.points, (Fraction(1, 2000),), "+0,1~п.~п."),
    (formats.points, (Fraction(-1, 2000),), "−0,1~п.~п."),
    (formats.relative, (Fraction(121, 1000),), "+12,1~%"),
    (formats.relative, (Fraction(-1, 3),), "−33,3~%"),
    (formats.relative, (Fraction(0),), "0,0~%"),
    # school years
    (formats.school_year, (2021,), "2021/2022 учебный год"),
    (formats.school_year, (1999,), "1999/2000 учебный год"),
    (formats.school_year_short, (2021,), "2021/22"),
    (formats.school_year_short, (1999,), "1999/00"),
    (formats.school_year_short, (2008,), "2008/09"),
    (formats.school_year_genitive, (2021,), "2021/2022 учебного года"),
    (formats.school_year_prepositional, (2021,), "2021/2022 учебном году"),
    # counted nouns
    (formats.plural, (1, "школа", "школы", "школ"), "1 школа"),
    (formats.plural, (2, "школа", "школы", "школ"), "2 школы"),
    (formats.plural, (5, "школа", "школы", "школ"), "5 школ"),
    (formats.plural, (0, "школа", "школы", "школ"), "0 школ"),
    (formats.plural, (11, "школа", "школы", "школ"), "11 школ"),
    (formats.plural, (14, "школа", "школы", "школ"), "14 школ"),
    (formats.plural, (21, "школа", "школы", "школ"), "21 школа"),
    (formats.plural, (103, "школа", "школы", "школ"), "103 школы"),
    (formats.plural, (112, "школа", "школы", "школ"), "112 школ"),
    (formats.plural, (21775, "школа", "школы", "школ"), "21~775 школ"),
    (formats.plural_form, (22, "день", "дня", "дней"), "дня"),
    # dates
    (formats.date_words, (datetime.date(2026, 6, 15),), "15 июня 2026~г."),
    (formats.date_words, (datetime.date(2025, 8, 1),), "1 августа 2025~г."),
    (formats.date_digits, (datetime.date(2026, 6, 5),), "05.06.2026"),
    # coverage
    (formats.coverage, (19, 19), "по данным 19 из 19 школ"),
    (formats.coverage, (20, 21), "по данным 20 из 21 школы"),
    (formats.coverage, (0, 1), "по данным 0 из 1 школы"),
    (formats.coverage, (2, 2), "по данным 2 из 2 школ"),
]


@pytest.mark.parametrize(("write", "given_values", "expected"), CASES)
def test_writes_what_the_table_says(write, given_values, expected):
    assert write(*given_values) == expected.replace("~", "\u00a0")


def test_no_answer_has_a_plain_space_before_the_percent_or_a_space_that_the_font_lacks():
    for write, given_values, _ in CASES:
        text = write(*given_values)
        assert " %" not in text
        assert "\u202f" not in text
        assert "\u2009" not in text


def test_the_signs_are_the_ones_that_the_font_has_and_readers_expect():
    assert (formats.NBSP, formats.MINUS) == ("\u00a0", "\u2212")
    assert (formats.NO_DATA, formats.INAPPLICABLE) == ("\u2026", "\u0445")


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=5), st.integers(0, 4)
)
def test_rounding_equals_that_of_the_decimal_module(value, places):
    expected = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    assert formats.round_half_up(Fraction(value), places) == expected
    assert formats.round_half_up(value, places).as_tuple().exponent == -places


@given(st.integers(-(10**40), 10**40), st.integers(1, 10**6), st.integers(0, 6))
def test_rounding_is_never_further_than_half_a_unit_and_loses_no_digit_of_a_long_number(numerator, denominator, places):
    error = Fraction(formats.round_half_up(Fraction(numerator, denominator), places)) - Fraction(numerator, denominator)
    assert abs(error) <= Fraction(1, 2 * 10**places)


def test_a_tie_goes_away_from_zero_and_a_rounded_zero_has_no_sign():
    assert [formats.round_half_up(Fraction(n, 2)) for n in (1, 3, 5, -1, -3)] == [1, 2, 3, -1, -2]
    assert not formats.round_half_up(Fraction(-1, 100)).is_signed()


def test_a_float_is_refused():
    with pytest.raises(TypeError, match="not exact"):
        formats.round_half_up(0.575, 2)


def test_negative_places_are_refused():
    with pytest.raises(ValueError, match="places"):
        formats.round_half_up(Fraction(1), -1)


@pytest.mark.parametrize(
    ("count", "told"), [(0, ""), (1, "1"), (3, "1, 2, 3"), (4, "1, 2, 3 и ещё 1"), (9, "1, 2, 3 и ещё 6")]
)
def test_a_long_list_of_names_ends_with_how_many_more(count, told):
    assert formats.listed([str(n + 1) for n in range(count)], most=3) == told


@pytest.mark.parametrize(
    ("numbers", "written"),
    [([], ""), ([7], "7"), ([1, 2, 3, 5, 7, 8], "1–3, 5, 7–8"), (list(range(1, 12)), "1–11")],
)
def test_runs_of_numbers_are_joined(numbers, written):
    assert formats.ranges(numbers) == written
