"""The overview sums first and divides after, counts accepted data only, and asks any number of schools the same questions."""

from fractions import Fraction

import pytest

from monitoring import actions
from monitoring.actions import set_target
from monitoring.models import Indicator
from monitoring.queries.results.comparison import by_kind, definition_of
from monitoring.queries.results.overview import (
    data_version,
    default_year,
    median_of,
    overview,
    school_history,
    school_lines,
    years_of,
)
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    campaign,
    fill,
    member,
    sent,
    specialist_of,
    submission,
)

pytestmark = pytest.mark.django_db
BASIC, PRIMARY = list(range(1, 10)), list(range(1, 5))


@pytest.fixture
def town():
    return MunicipalityFactory(slug="town")


def two_schools(town):
    """90 pupils in grades 9–11 of the first, 30 in grade 9 of the second."""
    return SchoolFactory(municipality=town), SchoolFactory(municipality=town, kind="basic", grades=BASIC)


def test_a_share_is_the_sum_over_schools_divided_once(town):
    first, second = two_schools(town)
    accepted(submission(first), tested_9_11=9)
    accepted(submission(second), tested_9_11=30)
    now = overview(town, 2021)["4.1"].now
    assert (now.numerator, now.denominator, now.used, now.expected) == (39, 120, 2, 2)
    assert now.value == Fraction(39, 120)


def test_a_school_without_a_term_leaves_both_sums(town):
    first, second = two_schools(town)
    accepted(submission(first), tested_9_11=None)
    accepted(submission(second), tested_9_11=3)
    now = overview(town, 2021)["4.1"].now
    assert (now.numerator, now.denominator, now.used, now.expected) == (3, 30, 1, 2)


def test_a_school_to_which_it_does_not_apply_stands_outside(town):
    first, _ = two_schools(town)
    SchoolFactory(municipality=town, kind="primary", grades=PRIMARY)
    accepted(submission(first), tested_9_11=9)
    now = overview(town, 2021)["4.1"].now
    assert (now.used, now.expected, now.outside) == (1, 2, 1)


def test_a_form_that_is_only_sent_counts_as_preliminary(town):
    first, _ = two_schools(town)
    sent(submission(first), tested_9_11=9)
    assert overview(town, 2021)["4.1"].value is None
    shown = overview(town, 2021, preliminary=True)
    assert shown.preliminary
    assert shown["4.1"].value == Fraction(9, 90)


def test_accepted_numbers_count_while_the_form_is_open_for_correction(town):
    first, _ = two_schools(town)
    form = submission(first)
    accepted(form, tested_9_11=9)
    actions.reopen(submission=form, by=member(Role.HEAD, town), reason="Ошибка в строке")
    form.refresh_from_db()
    fill(form, tested_9_11=40)
    assert overview(town, 2021)["4.1"].now.numerator == 9
    assert overview(town, 2021, preliminary=True)["4.1"].now.numerator == 40


def test_another_municipality_changes_nothing(town):
    first, _ = two_schools(town)
    accepted(submission(first), tested_9_11=9)
    accepted(submission(SchoolFactory()), tested_9_11=80)
    assert overview(town, 2021)["4.1"].now.numerator == 9
    assert [line.school.municipality_id for line in school_lines(town, 2021)] == [town.pk] * 2


def test_history_tells_the_change_in_points_and_people(town):
    school = SchoolFactory(municipality=town)
    accepted(submission(school, 2020), tested_9_11=9)
    accepted(submission(school, 2021), tested_9_11=18)
    history = overview(town, 2021)["4.1"]
    assert [point.year for point in history.points] == [2019, 2020, 2021]
    assert history.points[0].value is None
    assert (history.difference, history.people, history.turn) == (Fraction(9, 90), 9, 1)


def test_a_successor_continues_the_series_behind_a_break(town):
    school = SchoolFactory(municipality=town)
    accepted(submission(school, 2021))
    accepted(submission(school, 2022))
    history = overview(town, 2022)["2.1-p"]
    assert [point.code for point in history.points] == ["2.1", "2.1", "2.1-p"]
    assert history.points[1].value is not None
    assert history.breaks == (2,)
    assert history.difference is None
    assert overview(town, 2022).get("2.1") is None


def test_an_unknown_code_is_a_missing_key(town):
    with pytest.raises(KeyError):
        overview(town, 2021)["9.9"]


def test_a_target_is_a_ratio_for_a_share_and_a_number_for_a_count(town):
    school = SchoolFactory(municipality=town)
    accepted(submission(school), tested_9_11=45, workplaces=20)
    for code, value in (("4.1", 60), ("5.2", 25)):
        indicator = Indicator.objects.get(code=code)
        set_target(municipality=town, year=2021, indicator=indicator, value=value, by=None)
    shown = overview(town, 2021)
    assert (shown["4.1"].target, shown["4.1"].target_met, shown["4.1"].missing_to_target) == (Fraction(3, 5), False, 9)
    assert (shown["5.2"].target, shown["5.2"].missing_to_target) == (25, 5)


# --- years and versions -----------------------------------------------------------------------------------------------


def test_a_year_is_judged_once_half_of_its_forms_are_accepted(town):
    first, second = two_schools(town)
    SchoolFactory(municipality=town)
    accepted(submission(first, 2020))
    assert default_year(town) == 2020
    accepted(submission(second, 2020))
    accepted(submission(first, 2021))
    assert years_of(town) == (2021, 2020)
    assert default_year(town) == 2020
    accepted(submission(second, 2021))
    assert default_year(town) == 2021


def test_a_year_with_two_forms_is_one_year(town):
    SchoolFactory(municipality=town)
    for form in ("year", "graduates"):
        campaign(town, 2021, form)
    campaign(town, 2020)
    assert years_of(town) == (2021, 2020)


def test_a_municipality_without_data_has_no_year(town):
    assert (years_of(town), default_year(town), data_version(town)) == ((), None, 0)


def test_every_acceptance_raises_the_data_version(town):
    first, second = two_schools(town)
    before = accepted(submission(first)).pk
    assert data_version(town) == before
    accepted(submission(second))
    assert data_version(town) > before


# --- schools ----------------------------------------------------------------------------------------------------------


def test_a_school_has_its_own_history(town):
    first, second = two_schools(town)
    accepted(submission(first), tested_9_11=9)
    accepted(submission(second), tested_9_11=30)
    own = {one.code: one for group in school_history(first, 2021) for one in group.indicators}
    assert own["4.1"].value == Fraction(9, 90)


def test_a_school_has_no_line_for_what_does_not_apply_to_it(town):
    _, second = two_schools(town)
    accepted(submission(second))
    codes = {one.code for group in school_history(second, 2021) for one in group.indicators}
    assert "3.1" in codes
    assert "3.2" not in codes


def test_the_median_is_of_bases_of_twenty_and_more(town):
    for school, number in zip(SchoolFactory.create_batch(3, municipality=town), (9, 18, 45), strict=True):
        accepted(submission(school), tested_9_11=number)
    lines = school_lines(town, 2021)
    assert median_of(lines, "4.1") == Fraction(18, 90)
    assert median_of(lines, "2.3") is None  # three pupils with disabilities each


def test_schools_are_compared_within_their_kind(town):
    first, second = two_schools(town)
    third = SchoolFactory(municipality=town)
    for school, number in ((first, 9), (second, 30), (third, 45)):
        accepted(submission(school), tested_9_11=number)
    kinds = {kind.peers.kind: kind for kind in by_kind(school_lines(town, 2021), "4.1", "up")}
    assert [line.school for line in kinds["secondary"].lines] == [third, first]
    assert kinds["secondary"].peers.median == Fraction(27, 90)
    assert not kinds["secondary"].peers.told_to_schools


def test_an_unjudged_indicator_keeps_schools_in_order_of_names(town):
    low, high = SchoolFactory(municipality=town, name="А"), SchoolFactory(municipality=town, name="Б")
    accepted(submission(low), tested_9_11=9)
    accepted(submission(high), tested_9_11=45)
    lines = school_lines(town, 2021)
    assert [line.school for line in by_kind(lines, "4.1", "none")[0].lines] == [low, high]


def test_five_schools_make_a_group_that_may_be_told(town):
    for school in SchoolFactory.create_batch(5, municipality=town):
        accepted(submission(school))
    [kind] = by_kind(school_lines(town, 2021), "4.1", "up")
    peers = kind.peers
    assert peers.count == 5
    assert peers.told_to_schools
    assert peers.quartiles == (Fraction(2, 90), Fraction(2, 90))


def test_a_definition_is_told_in_the_words_of_its_rows():
    definition = definition_of("4.1")
    assert definition.denominator == ("Обучающихся, 9–11 классы",)
    assert len(definition.sources) == 2
    assert definition_of("9.9") is None


def test_a_definition_knows_its_neighbours():
    assert definition_of("3.1").successor == "3.1-p"
    assert definition_of("3.1-p").predecessor == "3.1"


# --- queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schools", [3, 60])
def test_reads_ask_the_same_questions_of_three_schools_and_of_sixty(
    schools, town, django_assert_num_queries, django_assert_max_num_queries
):
    SchoolFactory.create_batch(schools, municipality=town)
    campaign(town)
    specialist_of(town)
    with django_assert_num_queries(3):
        overview(town, 2021)
    with django_assert_num_queries(2):
        school_lines(town, 2021)
    with django_assert_max_num_queries(6):
        school_history(town.schools.first(), 2021)
