"""Are the sums of every indicator those that anybody would get who adds up the forms by hand?"""

import random
from collections import defaultdict
from datetime import date
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.actions import rebuild_totals
from monitoring.arithmetic import Measured
from monitoring.enums import CellState, IndicatorKind, Side
from monitoring.models import AcceptedForm, Indicator, IndicatorTotal, Submission, Value
from monitoring.queries.results.indicators import Circle, measure
from portal.actions import close_school, reopen_school
from portal.models import Municipality, School
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, campaign, fill_all, submission

pytestmark = pytest.mark.django_db
YEARS = (2021, 2022)  # between them elements and indicators begin and end
MISSING = "missing"

# --- the plain reading: forms in dictionaries, sums in Python, no SQL -------------------------------------------------


def reading(value: Value, preliminary: bool) -> tuple[str, int | None]:
    """What a cell says to an indicator: a number, «неприменимо», or nothing."""
    if preliminary:
        return value.state, value.number
    if value.accepted_state is None:
        return (CellState.INAPPLICABLE, None) if value.state == CellState.INAPPLICABLE else (MISSING, None)
    return value.accepted_state, value.accepted_number


def counts(form: Submission) -> bool:
    """A school that closed by the end of the school year is asked nothing, unless it was accepted before."""
    closed = form.school.closed
    return closed is None or closed > date(form.year + 1, 8, 31) or form.accepted.exists()


def by_hand(town: Municipality, by: str, *, preliminary: bool) -> dict[tuple, Measured]:
    """The same answer as `measure`, school by school and term by term."""
    forms: dict[tuple[int, int], dict[str, Submission]] = defaultdict(dict)
    for form in Submission.objects.filter(municipality=town).select_related("school", "form"):
        if counts(form):
            forms[form.school_id, form.year][form.form.code] = form
    cells = {
        (value.submission_id, value.element.code): reading(value, preliminary)
        for value in Value.objects.filter(submission__municipality=town).select_related("element")
    }
    found: dict[tuple, list[int]] = {}
    kinds: dict[str, IndicatorKind] = {}
    for indicator in Indicator.objects.prefetch_related("terms__element__section__form"):
        kinds[indicator.code] = IndicatorKind(indicator.kind)
        terms = [(term.side, term.element.code, term.element.section.form.code) for term in indicator.terms.all()]
        needed = {form for _, _, form in terms}
        base = Side.DENOMINATOR if indicator.kind == IndicatorKind.SHARE else Side.NUMERATOR
        for (_, year), own in forms.items():
            if not indicator.computed_in(year) or not needed & own.keys():
                continue
            some = own[next(iter(needed & own.keys()))]
            group = {"school": some.school_id, "kind": some.kind, "municipality": town.pk}[by]
            sums = found.setdefault((group, year, indicator.code), [0, 0, 0, 0, 0])
            said = [
                (side, *(cells.get((own[form].pk, code), (MISSING, None)) if form in own else (MISSING, None)))
                for side, code, form in terms
            ]
            asked = needed <= own.keys() and any(s == base and state != CellState.INAPPLICABLE for s, state, _ in said)
            if not asked:
                sums[4] += 1
                continue
            sums[3] += 1
            if any(state not in (CellState.NUMBER, CellState.INAPPLICABLE) for _, state, _ in said):
                continue
            top = sum(number or 0 for side, _, number in said if side == Side.NUMERATOR)
            bottom = sum(number or 0 for side, _, number in said if side == Side.DENOMINATOR)
            if indicator.kind == IndicatorKind.ORG_SHARE:
                top, bottom = int(top > 0), 1
            sums[0], sums[1], sums[2] = sums[0] + top, sums[1] + bottom, sums[2] + 1
    return {key: Measured(kinds[key[2]], *sums) for key, sums in found.items()}


# --- random municipalities -------------------------------------------------------------------------------------------

GRADES = {
    "primary": [1, 2, 3, 4],
    "basic": [5, 6, 7, 8, 9],
    "secondary": list(range(1, 12)),
    "evening": [9, 10, 11, 12],
    "preschool": [],
}
CLOSURES = [None, None, None, date(2022, 8, 31), date(2022, 9, 1), date(2021, 12, 1)]


def random_cell(chance: random.Random, dirty: bool) -> tuple[str, int | None]:
    if dirty and chance.random() < 0.05:
        return chance.choice([(CellState.NO_DATA, None), (CellState.EMPTY, None)])
    return CellState.NUMBER, chance.choice([0, 0, 1, 3, 17, 250])


def random_form(form: Submission, chance: random.Random) -> None:
    """Fill a form at random: some never accepted, some accepted as they stand, some changed since acceptance."""
    fate = chance.choice(["open", "accepted", "accepted", "accepted", "reopened"])
    dirty = chance.random() < 0.4
    kept = set(form.values.values_list("element_id", flat=True))
    rows = []
    for line in form.campaign.elements.all():
        if line.element_id in kept or (dirty and chance.random() < 0.02):
            continue  # inapplicable since launch, or never touched
        state, number = random_cell(chance, dirty)
        row = Value(submission=form, element_id=line.element_id, state=state, number=number)
        if fate != "open":
            row.accepted_state, row.accepted_number = state, number
        if fate == "reopened":
            row.state, row.number = random_cell(chance, dirty)
        rows.append(row)
    Value.objects.bulk_create(rows)
    if fate != "open":
        form.values.filter(state=CellState.INAPPLICABLE).update(accepted_state=CellState.INAPPLICABLE)
        AcceptedForm.objects.create(municipality=form.municipality, submission=form, revision=1, values={})


def random_town(chance: random.Random) -> Municipality:
    town = MunicipalityFactory()
    SchoolFactory(municipality=town)
    for _ in range(chance.randint(1, 4)):
        kind = chance.choice(list(GRADES))
        SchoolFactory(municipality=town, kind=kind, grades=GRADES[kind])
    if not School.objects.filter(municipality=town, kind="preschool").exists():
        SchoolFactory(municipality=town, kind="preschool", grades=[])
    for year in YEARS:
        for form in chance.choice([["year"], ["year", "graduates"], ["year", "graduates", "preschool"]]):
            campaign(town, year, form)
    for school in School.objects.filter(municipality=town).order_by("pk"):
        school.closed = chance.choice(CLOSURES)
        school.save()
    for form in Submission.objects.filter(municipality=town).order_by("pk").select_related("campaign", "municipality"):
        random_form(form, chance)
    return town


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_every_sum_is_what_plain_addition_gives(seed):
    chance = random.Random(seed)
    with transaction.atomic():
        town, other = random_town(chance), random_town(chance)
        for preliminary in (False, True):
            for by in ("school", "kind", "municipality"):
                measured = measure(Circle(town.pk, YEARS), by=by, preliminary=preliminary)
                assert measured == by_hand(town, by, preliminary=preliminary)
        for key, sums in measure(Circle(town.pk, YEARS), by="municipality").items():
            if sums.kind == IndicatorKind.SHARE and sums.used and sums.denominator:
                assert sums.value == Fraction(sums.numerator, sums.denominator), key
        totals_are_measured(town)
        totals_are_measured(other)
        transaction.set_rollback(True)


def totals_are_measured(town: Municipality) -> None:
    """The kept totals, computed again, say what the question about accepted forms says."""
    for year in YEARS:
        rebuild_totals(municipality=town, year=year)
    kept = {
        (town.pk, row.year, row.indicator.code): Measured(
            IndicatorKind(row.indicator.kind),
            row.numerator,
            row.denominator,
            row.schools_used,
            row.schools_expected,
            row.schools_outside,
        )
        for row in IndicatorTotal.objects.filter(municipality=town).select_related("indicator")
    }
    assert kept == measure(Circle(town.pk, YEARS), by="municipality")


# --- each rule by an example -----------------------------------------------------------------------------------------


def measured(form: Submission, code: str, **more) -> Measured | None:
    key = (form.municipality_id, form.year, code)
    return measure(Circle(form.municipality_id, (form.year,)), by="municipality", **more).get(key)


def schools(*grades: list[int], kind: str = "secondary") -> list[Submission]:
    """The year's forms of new schools of one municipality."""
    town = MunicipalityFactory()
    made = [SchoolFactory(municipality=town, grades=taught, kind=kind) for taught in grades]
    return [submission(school) for school in made]


ALL = list(range(1, 12))


def test_a_share_is_the_sum_of_parts_over_the_sum_of_wholes():
    first, second = schools(ALL, ALL)
    accepted(first, tested_9_11=90)
    accepted(second, tested_9_11=0, pupils_9=300)
    found = measured(first, "4.1")
    assert found == Measured(IndicatorKind.SHARE, 90, 450, 2, 2)
    assert found.value == Fraction(1, 5), "and not the mean of 100 % and 0 %"


@pytest.mark.parametrize("code", ["tested_9_11", "pupils_10"])
def test_no_data_in_any_term_takes_the_school_out_of_both_sums(code):
    first, second = schools(ALL, ALL)
    accepted(first, tested_9_11=20)
    accepted(second, **{"tested_9_11": 30, code: None})
    assert measured(first, "4.1") == Measured(IndicatorKind.SHARE, 20, 90, 1, 2)
    assert measured(first, "4.8").used == (2 if code == "tested_9_11" else 1), "other indicators lose nothing"


def test_what_does_not_apply_is_a_structural_zero():
    full, basic, primary = schools(ALL, [5, 6, 7, 8, 9], [1, 2, 3, 4])
    for form in (full, basic, primary):
        accepted(form)
    assert measured(full, "4.1") == Measured(IndicatorKind.SHARE, 4, 120, 2, 2, 1), "30 of grade 9 stay in the base"


def test_a_form_that_is_not_accepted_does_not_count_unless_asked_for():
    first, second = schools(ALL, ALL)
    accepted(first, tested_9_11=20)
    fill_all(second, tested_9_11=30)
    assert measured(first, "4.1") == Measured(IndicatorKind.SHARE, 20, 90, 1, 2)
    assert measured(first, "4.1", preliminary=True) == Measured(IndicatorKind.SHARE, 50, 180, 2, 2)


@pytest.mark.parametrize(
    ("closed", "expected"), [(date(2022, 8, 31), 1), (date(2022, 9, 1), 2), (date(2021, 11, 1), 1)]
)
def test_a_school_that_closed_during_the_year_is_not_expected(closed, expected):
    first, second = schools(ALL, ALL)
    accepted(first)
    School.objects.filter(pk=second.school_id).update(closed=closed)
    assert measured(first, "4.1").expected == expected


def test_the_kept_totals_follow_a_school_that_closes_and_opens_again():
    first, second = schools(ALL, ALL)
    accepted(first)

    def expected() -> int:
        return IndicatorTotal.objects.get(municipality=first.municipality, indicator__code="4.1").schools_expected

    assert expected() == 2
    close_school(school=second.school, on=date(2022, 1, 31))
    assert expected() == 1
    reopen_school(school=second.school)
    assert expected() == 2


def test_a_closed_school_keeps_its_accepted_past():
    first, second = schools(ALL, ALL)
    accepted(first, tested_9_11=20)
    accepted(second, tested_9_11=30)
    School.objects.filter(pk=second.school_id).update(closed=date(2022, 6, 30))
    assert measured(first, "4.1") == Measured(IndicatorKind.SHARE, 50, 180, 2, 2)


def test_an_indicator_over_two_forms_needs_both():
    (form,) = schools(ALL)
    accepted(form, parents_helped=6)
    assert measured(form, "4.3") == Measured(IndicatorKind.SHARE, 0, 0, 0, 0, 1), "graduates were not asked for"
    graduates = submission(form.school, form="graduates")
    assert measured(form, "4.3") == Measured(IndicatorKind.SHARE, 0, 0, 0, 1), "asked for and not there"
    accepted(graduates)
    assert measured(form, "4.3") == Measured(IndicatorKind.SHARE, 6, 12 + 14, 1, 1)


def test_a_share_of_schools_counts_schools():
    forms = schools(ALL, ALL, ALL)
    for form, lectures in zip(forms, (0, 1, 200), strict=True):
        accepted(form, service_lecture=lectures, pupils_9=300)
    assert measured(forms[0], "4.8-org") == Measured(IndicatorKind.ORG_SHARE, 2, 3, 3, 3)
    assert measured(forms[0], "4.8-org").value == Fraction(2, 3)


def test_a_count_adds_up_and_divides_by_nothing():
    forms = schools(ALL, ALL)
    for form in forms:
        accepted(form, agreements=4)
    found = measured(forms[0], "5.3")
    assert (found.numerator, found.denominator, found.value) == (8, 0, Fraction(8))


def test_an_indicator_without_a_base_has_no_value():
    (form,) = schools(ALL)
    accepted(form, pupils_9=0, pupils_10=0, pupils_11=0, tested_9_11=0, vocational_training=0, pre_profile_9=0,
             ticket_10_11=0, advanced_10_11=0, events_with_colleges=0, disabled_10_12=0, abilympics_10_11=0,
             worldskills_9_11=0)  # fmt: skip
    found = measured(form, "4.1")
    assert (found.used, found.denominator, found.value) == (1, 0, None)


def test_other_organisations_are_never_added_to_the_schools():
    (form,) = schools(ALL)
    kindergarten = SchoolFactory(municipality=form.municipality, kind="preschool", grades=[])
    accepted(form, early_1_4=7)
    accepted(submission(kindergarten, form="preschool"), kids_early=5)
    assert measured(form, "3.4") == Measured(IndicatorKind.SHARE, 7, 120, 1, 1)
    assert measured(form, "3.4-pre") == Measured(IndicatorKind.SHARE, 5, 30, 1, 1)


def test_a_successor_begins_where_the_old_definition_ends():
    school = SchoolFactory()
    before, after = submission(school, 2021), submission(school, 2022)
    accepted(before, worldskills_9_11=5)
    accepted(after, professionals_9_11=9)
    assert measured(before, "2.1") == Measured(IndicatorKind.SHARE, 5, 90, 1, 1)
    assert measured(before, "2.1-p") is None
    assert measured(after, "2.1") is None
    assert measured(after, "2.1-p") == Measured(IndicatorKind.SHARE, 9, 90, 1, 1)
    assert Indicator.objects.get(code="2.1-p").succeeds.code == "2.1"


def test_an_element_that_is_no_longer_collected_is_no_gap():
    school = SchoolFactory()
    accepted(submission(school, 2022), ticket_5=3, ticket_6_9=4)
    assert measured(submission(school, 2022), "3.1") == Measured(IndicatorKind.SHARE, 7, 150, 1, 1)
    accepted(submission(school, 2023))
    assert measured(submission(school, 2023), "3.1") is None
    assert measured(submission(school, 2023), "3.1-p").used == 1


def test_some_schools_of_a_circle_are_measured_alone():
    first, second = schools(ALL, ALL)
    accepted(first, tested_9_11=20)
    accepted(second, tested_9_11=30)
    circle = Circle(first.municipality_id, (2021,), (second.school_id,))
    assert measure(circle, by="municipality")[first.municipality_id, 2021, "4.1"].numerator == 30
    assert measure(Circle(first.municipality_id, (2021,), ()), by="school") == {}
    assert measure(Circle(first.municipality_id, ()), by="school") == {}


def test_the_neighbours_numbers_never_enter():
    (own,) = schools(ALL)
    (foreign,) = schools(ALL)
    accepted(own, tested_9_11=20)
    accepted(foreign, tested_9_11=30)
    assert measured(own, "4.1").numerator == 20
    alien = Circle(own.municipality_id, (2021,), (foreign.school_id,))
    assert measure(alien, by="school") == {}


def test_one_question_whatever_the_number_of_schools(django_assert_num_queries):
    forms = schools(ALL, ALL, ALL, ALL)
    with django_assert_num_queries(1):
        assert measure(Circle(forms[0].municipality_id, YEARS), by="school")
