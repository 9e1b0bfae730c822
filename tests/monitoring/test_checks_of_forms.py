"""Do the rules about a form as a whole speak where a person would look twice, and are they silent beside it?"""

import dataclasses
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from monitoring import actions
from monitoring.checks import Cell, Finding, FormContext, Line, Peers, Rule, Share, find_for, peers_of
from monitoring.enums import Better, CellState, CheckKind, Severity
from monitoring.models import Indicator, RuleSetting, Submission, Value
from monitoring.queries.entry.content import content_of
from monitoring.queries.entry.findings import facts_of, facts_of_campaign
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    explain_all,
    fill,
    fill_all,
    sent,
    specialist_of,
    submission,
)

NBSP = "\u00a0"


def kind(of: CheckKind, percent: int = 0, people: int = 10) -> Rule:
    return Rule("T1", Severity.WARNING, of, "Т", percent=percent, people=people)


def judged(rule: Rule | list[Rule], now: dict[str, int], before: dict[str, int] | None = None, **more) -> list[Finding]:
    rules = tuple(rule) if isinstance(rule, list) else (rule,)
    lines = {code: Line(f"Строка {code}", "section", "Контингент") for code in now}
    context = FormContext(year=2021, rules=rules, lines=lines, last_year=before or {}, **more)
    return list(find_for({code: Cell(CellState.NUMBER, number) for code, number in now.items()}, context))


# --- was a number, is zero -------------------------------------------------------------------------------------------

FLIP = kind(CheckKind.ZERO_FLIP, people=5)


def test_a_number_that_became_zero_is_asked_about():
    (one,) = judged(FLIP, {"a": 0}, {"a": 5})
    assert one.sentence == (
        "В прошлом году было 5, в этом – 0. Проверьте, не пропущено ли число. Если это верно, поясните причину."
    )
    assert (one.numbers, one.element) == ("5/0", "a")
    (one,) = judged(FLIP, {"a": 5}, {"a": 0})
    assert "не пропущено" not in one.sentence


@pytest.mark.parametrize(("before", "now"), [(4, 0), (0, 4), (0, 0), (5, 1), (1, 50)])
def test_a_small_or_another_change_is_no_flip(before, now):
    assert judged(FLIP, {"a": now}, {"a": before}) == []


def test_one_change_is_asked_about_once():
    jump = Rule("J1", Severity.WARNING, CheckKind.YEAR_ON_YEAR, "Т", percent=30, people=10)
    assert [one.code for one in judged([jump, FLIP], {"a": 0}, {"a": 81})] == ["T1"]
    assert [one.code for one in judged([jump, FLIP], {"a": 20}, {"a": 81})] == ["J1"]


# --- last year once more ---------------------------------------------------------------------------------------------

REPEATED = kind(CheckKind.SAME_AS_LAST_YEAR, percent=90)


def test_a_section_that_repeats_last_year_is_told_once_beside_its_first_row():
    old = {f"r{place}": 21 + place for place in range(5)}
    (one,) = judged(REPEATED, old, old)
    assert "В разделе «Контингент» совпадают с прошлым годом 5 из 5 чисел." in one.sentence
    assert (one.element, one.rows, len(one.cells)) == ("r0", ("r0",), 5)


def test_zeros_small_numbers_and_short_sections_may_repeat():
    small = {f"r{place}": place for place in range(10)}
    assert judged(REPEATED, small, small) == []
    short = {f"r{place}": 21 + place for place in range(4)}
    assert judged(REPEATED, short, short) == []


# --- two rows alike --------------------------------------------------------------------------------------------------

ALIKE = kind(CheckKind.IDENTICAL)
SHARES = (
    Share("4.1", "Тестирование", Better.UP, ("tested",), ("pupils",)),
    Share("4.3", "Родители", Better.UP, ("parents",), ("graduates",)),
)
TABLE = {"tested": 303, "parents": 303, "pupils": 505, "graduates": 499}
BEFORE = {"tested": 81, "parents": 81, "pupils": 493, "graduates": 480}


def test_the_same_numbers_in_two_indicators_two_years_running_are_asked_about():
    (one,) = judged(ALIKE, TABLE, BEFORE, shares=SHARES)
    assert one.sentence.startswith("Числа те же, что в строке «Строка tested»: 81 в прошлом году и 303 в этом.")
    assert (one.element, one.cells) == ("parents", ("tested", "parents"))


@pytest.mark.parametrize(
    ("now", "before", "more"),
    [
        ({"parents": 304}, {}, {}),
        ({}, {"parents": 80}, {}),
        ({"tested": 9, "parents": 9}, {}, {}),
        ({"tested": 505, "parents": 505}, {}, {}),  # everybody: the base of the first
        ({}, {"tested": 493, "parents": 493}, {}),
        ({}, {}, {"related": frozenset({("parents", "tested")})}),  # a part that equals its whole
        ({}, {}, {"shares": SHARES[:1]}),  # no indicator of its own: two grades may have as many pupils
    ],
)
def test_rows_that_may_well_be_alike_are_not(now, before, more):
    assert judged(ALIKE, {**TABLE, **now}, {**BEFORE, **before}, **{"shares": SHARES, **more}) == []


# --- round numbers ---------------------------------------------------------------------------------------------------


def test_a_form_of_round_numbers_is_asked_about_as_a_whole():
    numbers = {f"r{place}": 10 + 10 * place for place in range(10)}
    rule = kind(CheckKind.ROUND, percent=80)
    (one,) = judged(rule, {**numbers, "zero": 0, "small": 7})
    assert one.sentence.startswith("Почти все числа формы круглые: 10 из 10 делятся на 10.")
    assert (one.element, one.numbers) == ("", "10/10")
    assert judged(rule, {**numbers, "r0": 0}) == [], "nine numbers say nothing"


# --- shares ----------------------------------------------------------------------------------------------------------

UNKNOWN = Share("6.1", "Доля выпускников, о которых нет сведений", Better.DOWN, ("unknown",), ("graduates",))


def test_a_share_above_its_target_is_told_with_both():
    rule = kind(CheckKind.ABOVE_TARGET)
    target = {"6.1": Decimal("5.0")}
    (one,) = judged(rule, {"unknown": 3, "graduates": 24}, shares=(UNKNOWN,), targets=target)
    assert one.sentence == (
        f"Доля выпускников, о которых нет сведений (показатель 6.1) – 12,5{NBSP}% (3 из 24),"
        f" целевое значение – не больше 5,0{NBSP}%. Если это верно, поясните причину."
    )
    assert judged(rule, {"unknown": 1, "graduates": 20}, shares=(UNKNOWN,), targets=target) == []
    assert judged(rule, {"unknown": 9, "graduates": 9}, shares=(UNKNOWN,), targets=target) == [], "too few people"
    assert judged(rule, {"unknown": 24, "graduates": 24}, shares=(UNKNOWN,)) == [], "no target was set"
    more = dataclasses.replace(UNKNOWN, better=Better.UP)
    assert judged(rule, {"unknown": 24, "graduates": 24}, shares=(more,), targets=target) == []


def test_a_share_far_from_similar_schools_is_told_with_their_median_only():
    rule = kind(CheckKind.OUTLIER, people=20)
    share = dataclasses.replace(UNKNOWN, better=Better.UP)
    near = {"6.1": Peers(10, Fraction(1, 10), Fraction(1, 50))}
    (one,) = judged(rule, {"unknown": 10, "graduates": 20}, shares=(share,), peers=near)
    assert f"– 50,0{NBSP}% (10 из 20). У похожих школ обычно около 10,0{NBSP}%." in one.sentence
    assert judged(rule, {"unknown": 9, "graduates": 18}, shares=(share,), peers=near) == []
    judged_by_nobody = dataclasses.replace(share, better=Better.NONE)
    assert judged(rule, {"unknown": 10, "graduates": 20}, shares=(judged_by_nobody,), peers=near) == []


def test_similar_schools_need_ten_values_that_differ():
    values = [Fraction(place, 100) for place in range(10)]
    assert peers_of(values) == Peers(10, Fraction(9, 200), Fraction(1, 40))
    assert peers_of(values[:9]) is None
    assert peers_of([Fraction(1, 2)] * 9 + [Fraction(1)]) is None, "more than half are the same"


# --- only what a cell touches ----------------------------------------------------------------------------------------

CODES = [f"c{place}" for place in range(6)]
EVERY_RULE = (
    Rule("R1", Severity.ERROR, CheckKind.RELATION, "Т", ("c0", "c1"), "<=", ("c2",)),
    Rule("R2", Severity.ERROR, CheckKind.RELATION, "Т", ("c3",), "=", ("c4", "c5")),
    Rule("Y", Severity.WARNING, CheckKind.YEAR_ON_YEAR, "Т", percent=30, people=3),
    Rule("F", Severity.WARNING, CheckKind.ZERO_FLIP, "Т", people=2),
    Rule("S", Severity.WARNING, CheckKind.SAME_AS_LAST_YEAR, "Т", percent=50, people=1),
    Rule("I", Severity.WARNING, CheckKind.IDENTICAL, "Т", people=1),
    Rule("O", Severity.WARNING, CheckKind.OUTLIER, "Т", people=1),
    Rule("A", Severity.WARNING, CheckKind.ABOVE_TARGET, "Т", people=1),
    Rule("N", Severity.WARNING, CheckKind.ROUND, "Т", percent=10, people=1),
)
EVERY_SHARE = (
    Share("1", "Первая", Better.DOWN, ("c0", "c1"), ("c2",)),
    Share("2", "Вторая", Better.DOWN, ("c0",), ("c2", "c5")),
    Share("3", "Третья", Better.DOWN, ("c1", "c3"), ("c4",)),
)
SOME = st.one_of(st.integers(0, 12).map(lambda n: Cell(CellState.NUMBER, n)), st.just(Cell(CellState.INAPPLICABLE)))


@given(
    cells=st.fixed_dictionaries(dict.fromkeys(CODES, SOME)),
    last_year=st.dictionaries(st.sampled_from(CODES), st.integers(0, 12)),
    code=st.sampled_from(CODES),
    typed=st.one_of(SOME, st.just(Cell(CellState.EMPTY)), st.just(Cell(CellState.NO_DATA))),
)
def test_what_one_cell_touches_is_all_that_its_change_can_change(cells, last_year, code, typed):
    context = FormContext(
        year=2021,
        rules=EVERY_RULE,
        lines={one: Line(one, "even" if int(one[1]) % 2 else "odd", "Р") for one in CODES},
        last_year=last_year,
        shares=EVERY_SHARE,
        targets={"1": Decimal(20), "2": Decimal(10), "3": Decimal(30)},
        peers=dict.fromkeys("123", Peers(10, Fraction(1, 2), Fraction(1, 40))),
        related=frozenset({("c0", "c2"), ("c1", "c2")}),
    )
    changed = {**cells, code: typed}
    before, after = set(find_for(cells, context)), set(find_for(changed, context))
    touched_before = set(find_for(cells, context, touching=[code]))
    touched_after = set(find_for(changed, context, touching=[code]))
    assert touched_before <= before
    assert (before - touched_before) | touched_after == after
    assert {one for one in after if code in one.cells} <= touched_after


# --- in real forms ---------------------------------------------------------------------------------------------------


def codes(form: Submission) -> list[str]:
    return [one.finding.code for one in content_of(form).standings]


@pytest.mark.django_db
def test_no_data_without_a_reason_is_an_error_however_it_came_in():
    form = fill_all(submission(), events_pupils=None)
    assert "E002" not in codes(form)
    Value.objects.filter(submission=form, element__code="events_pupils").update(reason="")
    assert "E002" in codes(form)


@pytest.mark.django_db
def test_last_year_s_form_sent_once_more_is_asked_about():
    school = SchoolFactory()
    accepted(submission(school, 2021))
    now = fill_all(submission(school, 2022))
    assert "W904" not in codes(now)
    last = Value.objects.filter(submission__school=school, submission__year=2021, element__code__startswith="pupils_")
    fill(now, **dict(last.filter(state=CellState.NUMBER).values_list("element__code", "number")))
    assert codes(now) == ["W904"]


@pytest.mark.django_db
def test_unknown_graduates_above_the_target_are_asked_about():
    form = fill_all(submission(form="graduates"))
    assert "W905" not in codes(form)
    actions.set_target(
        municipality=form.municipality,
        year=2021,
        indicator=Indicator.objects.get(code="6.1"),
        value=Decimal(10),
        by=specialist_of(form.municipality).user,
    )
    assert "W905" in codes(form)


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2021, 2022])
def test_similar_schools_of_this_year_or_the_last_are_compared(year):
    town = MunicipalityFactory()
    group = [SchoolFactory(municipality=town) for _ in range(10)]
    school, lyceum = SchoolFactory(municipality=town), SchoolFactory(municipality=town, kind="lyceum")
    for place, one in enumerate(group):
        accepted(submission(one, 2021), tested_9_11=40 + place)
    form = fill_all(submission(school, year), tested_9_11=44)
    assert "W908" not in codes(form)
    fill(form, tested_9_11=90)
    said = {one.finding.key: one.finding for one in content_of(form).standings}
    assert said["W908:tested_9_11"].numbers == "4.1: 90/90"
    assert "W908" not in codes(fill_all(submission(lyceum, year), tested_9_11=90)), "a school of another kind"


@pytest.mark.django_db
def test_bounds_of_a_municipality_hold_there_and_an_explanation_outlives_them():
    school = SchoolFactory()
    accepted(submission(school, 2021), service_talk=40)
    form = fill_all(submission(school, 2022), service_talk=60)
    assert codes(form) == ["W901"]
    explain_all(form)
    assert content_of(form).unexplained == ()

    def set_bounds(**bounds):
        RuleSetting.objects.create(municipality=school.municipality, check_code="W901", **bounds)

    set_bounds(percent=60)
    assert codes(form) == []
    set_bounds(percent=20)
    assert codes(form) == ["W901"]
    assert content_of(form).unexplained == (), "the numbers that were explained still stand"
    set_bounds(enabled=False)
    assert codes(form) == []
    RuleSetting.objects.create(municipality=MunicipalityFactory(), check_code="W901", enabled=True)
    assert codes(form) == []


@pytest.mark.django_db
def test_an_error_cannot_be_switched_off():
    form = fill_all(submission(), disabled_5_9=151)
    RuleSetting.objects.create(municipality=form.municipality, check_code="E202", enabled=False)
    assert "E202" in codes(form)


@pytest.mark.django_db
def test_all_forms_of_a_campaign_are_judged_as_each_of_them(django_assert_num_queries):
    town = MunicipalityFactory()
    schools = [SchoolFactory(municipality=town) for _ in range(3)]
    for number, school in enumerate(schools):
        accepted(submission(school, 2021), service_talk=5 + number)
        fill_all(submission(school, 2022), service_talk=20 + 30 * number, disabled_5_9=150 + number)
    sent(submission(schools[0], 2022, form="graduates"))
    campaign = submission(schools[0], 2022).campaign
    facts_of_campaign(campaign)  # reads the catalogue
    with django_assert_num_queries(3):
        many = facts_of_campaign(campaign)
    for form in campaign.submissions.select_related("campaign"):
        one = facts_of(form)
        assert many[form.pk] == one
        assert find_for(one.cells, one.context)


@pytest.mark.django_db
def test_a_catalogue_loaded_anew_is_judged_by_at_once(catalogue):
    form = fill_all(submission(), disabled_5_9=151)
    assert "E202" in codes(form)
    kept = tuple(check for check in catalogue.checks if check.code != "E202")
    actions.load_catalogue(catalogue=dataclasses.replace(catalogue, checks=kept))
    assert "E202" not in codes(form)


@pytest.mark.django_db
def test_another_form_counts_as_accepted_while_it_is_corrected():
    year = submission()
    accepted(year)
    graduates = fill_all(submission(year.school, form="graduates"), grad9_total=60, grad9_grade10=50)
    assert "W109" in codes(graduates)
    Submission.objects.filter(pk=year.pk).update(state="reopened", sent_at=timezone.now() - timedelta(days=1))
    year.refresh_from_db()
    fill(year, pupils_9=60)
    assert "W109" in codes(graduates), "what is being typed is nobody's word yet"
