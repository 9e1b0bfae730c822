"""Are faults told exactly, in the order in which they are mended, and never from a number that is not there?"""

from operator import eq, le

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.checks import EMPTY_CELL, NO_REASON, Cell, FormContext, Rule, find_for, open_rules
from monitoring.enums import CellState, CheckKind, Severity
from monitoring.queries.entry.content import content_of
from tests.factories import SchoolFactory, accepted, fill_all, sent, submission

NUMBER, NO_DATA, INAPPLICABLE, EMPTY = CellState.NUMBER, CellState.NO_DATA, CellState.INAPPLICABLE, CellState.EMPTY
NBSP = "\u00a0"


def rule(left: str, op: str, right: str, code: str = "T1", severity: str = "error", **more) -> Rule:
    return Rule(
        code=code,
        severity=Severity(severity),
        kind=CheckKind.RELATION,
        left=tuple(left.split()),
        op=op,
        right=tuple(right.split()),
        message="Участников не больше, чем обучающихся",
        **more,
    )


JUMP = Rule("J1", Severity.WARNING, CheckKind.YEAR_ON_YEAR, "Поясните", percent=30, people=10)


def cells(**numbers: int | CellState | None) -> dict[str, Cell]:
    return {
        code: Cell(CellState(given), reason="нет журнала" if given == NO_DATA else "")
        if isinstance(given, str)
        else Cell(NUMBER, given)
        for code, given in numbers.items()
    }


def found(rules: list[Rule], given: dict[str, Cell], last_year: dict[str, int] | None = None):
    return find_for(given, FormContext(year=2021, rules=tuple(rules), last_year=last_year or {}))


# --- what is told ----------------------------------------------------------------------------------------------------


def test_an_error_names_both_numbers_and_what_to_do():
    (one,) = found([rule("part", "<=", "whole")], cells(part=21775, whole=1201))
    assert one.sentence == (
        f"Участников не больше, чем обучающихся: указано 21{NBSP}775, а сравнивается с числом 1201."
        " Исправьте одно из чисел."
    )
    assert (one.severity, one.numbers, one.cells) == (Severity.ERROR, "21775/1201", ("part", "whole"))


def test_a_warning_asks_for_a_reason():
    (one,) = found([rule("part", "<=", "whole", severity="warning")], cells(part=5, whole=4))
    assert one.sentence.endswith("Если это верно, поясните причину.")


@pytest.mark.parametrize(("parts", "gap"), [(7, "не хватает 3"), (12, "лишних 2")])
def test_an_unequal_sum_says_how_many_are_missing_or_too_many(parts, gap):
    (one,) = found([rule("a b", "=", "all")], cells(a=2, b=parts - 2, all=10))
    assert f"сумма – {parts}, всего – 10, {gap}." in one.sentence


def test_a_jump_tells_both_years_and_the_change():
    (one,) = found([JUMP], cells(part=303), {"part": 81})
    assert one.sentence.startswith("Было 81, стало 303 (+222): изменение больше 30")
    assert (one.numbers, one.element, one.key) == ("81/303", "part", "J1:part")
    (one,) = found([JUMP], cells(part=0), {"part": 81})
    assert "(\u221281)" in one.sentence


def test_an_empty_cell_is_an_error_of_its_own():
    (one,) = found([], cells(part=EMPTY))
    assert (one.code, one.severity, one.element) == (EMPTY_CELL, Severity.ERROR, "part")


def test_zero_is_a_number():
    assert found([rule("part", "<=", "whole")], cells(part=0, whole=0)) == ()
    assert found([], cells(part=0)) == ()


# --- what is not there -----------------------------------------------------------------------------------------------


def test_what_does_not_apply_counts_as_zero_and_is_not_pointed_at():
    (one,) = found([rule("part", "<=", "a b")], cells(part=5, a=4, b=INAPPLICABLE))
    assert (one.numbers, one.cells) == ("5/4", ("part", "a"))


def test_a_rule_about_nothing_that_applies_is_silent():
    assert found([rule("part", "=", "whole")], cells(part=INAPPLICABLE, whole=INAPPLICABLE)) == ()


@pytest.mark.parametrize("missing", ["part", "a", "b"])
def test_no_data_leaves_a_rule_open_and_lists_it(missing):
    given = {**cells(part=9, a=1, b=1), **cells(**{missing: NO_DATA})}
    relation = rule("part", "<=", "a b")
    context = FormContext(year=2021, rules=(relation,))
    assert find_for(given, context) == ()
    assert open_rules(given, context) == (relation,)
    assert open_rules(cells(part=9, a=1, b=1), context) == ()


def test_a_number_of_another_form_that_is_not_there_leaves_the_rule_silent():
    assert found([rule("part", "<=", "whole")], cells(part=9)) == ()


def test_no_jump_without_a_number_of_this_year_or_the_last():
    assert found([JUMP], cells(part=NO_DATA, other=100), {"part": 5}) == ()
    assert found([JUMP], {}, {"part": 500}) == ()


@pytest.mark.parametrize(("year", "fires"), [(2020, False), (2021, True), (2022, True), (2023, False)])
def test_a_rule_holds_in_its_years(year, fires):
    assert rule("part", "<=", "whole", since=2021, until=2022).in_force(year) == fires


def test_no_data_without_a_reason_is_an_error_and_with_one_is_none():
    (one,) = found([], {"part": Cell(NO_DATA, reason=" ")})
    assert (one.code, one.severity, one.element) == (NO_REASON, Severity.ERROR, "part")
    assert found([], {"part": Cell(NO_DATA, reason="журнал утрачен")}) == ()


# --- order -----------------------------------------------------------------------------------------------------------


def test_errors_come_before_warnings_and_the_narrowest_before_the_wider():
    rules = [
        rule("part", "<=", "whole", "WIDE"),
        rule("part", "<=", "class", "WARN", severity="warning"),
        rule("part", "<=", "group", "NARROW"),
    ]
    given = cells(part=100, whole=90, group=20, **{"class": 10}, void=EMPTY)
    assert [one.code for one in found([*rules, JUMP], given, {"part": 1})] == [
        "NARROW",
        "WIDE",
        EMPTY_CELL,
        "WARN",
        "J1",
    ]


# --- against plain arithmetic ----------------------------------------------------------------------------------------

SOME_CELL = st.one_of(
    st.integers(0, 60).map(lambda number: Cell(NUMBER, number)),
    st.sampled_from([Cell(NO_DATA, reason="нет журнала"), Cell(INAPPLICABLE), Cell(EMPTY)]),
)


@given(
    left=st.lists(SOME_CELL, min_size=1, max_size=4),
    right=st.lists(SOME_CELL, min_size=1, max_size=4),
    op=st.sampled_from(["<=", "="]),
)
def test_a_relation_fires_exactly_where_plain_arithmetic_says(left, right, op):
    names = [f"l{index}" for index in range(len(left))], [f"r{index}" for index in range(len(right))]
    given_cells = dict(zip(names[0] + names[1], left + right, strict=True))
    relation = rule(" ".join(names[0]), op, " ".join(names[1]))
    sides = sum(cell.number or 0 for cell in left), sum(cell.number or 0 for cell in right)
    known = all(cell.state in (NUMBER, INAPPLICABLE) for cell in left + right)
    applies = any(cell.state == NUMBER for cell in left + right)
    wrong = known and applies and not {"<=": le, "=": eq}[op](*sides)
    assert (relation.code in {one.code for one in found([relation], given_cells)}) == wrong


# --- in a real form --------------------------------------------------------------------------------------------------


def codes(form) -> set[str]:
    return {one.finding.code for one in content_of(form).standings}


@pytest.mark.django_db
def test_a_plain_form_has_nothing_to_mend():
    for kind, taught, form in [
        ("secondary", list(range(1, 12)), "year"),
        ("secondary", list(range(1, 12)), "graduates"),
        ("primary", [1, 2, 3, 4], "year"),
        ("basic", [5, 6, 7, 8, 9], "year"),
        ("evening", [9, 10, 11, 12], "year"),
        ("preschool", [], "preschool"),
        ("extra", [], "extra"),
    ]:
        for year in (2021, 2022, 2023):
            filled = fill_all(submission(SchoolFactory(kind=kind, grades=taught), year, form))
            assert content_of(filled).standings == (), (kind, form, year)


@pytest.mark.django_db
def test_every_cell_of_an_untouched_form_is_named_once():
    form = submission()
    standings = content_of(form).standings
    assert {one.finding.code for one in standings} == {EMPTY_CELL}
    assert len(standings) == form.cells_total


@pytest.mark.django_db
def test_a_check_over_two_forms_is_seen_in_the_later_one():
    year = submission()
    graduates = submission(year.school, form="graduates")
    fill_all(graduates, grad9_total=60, grad9_grade10=50)
    fill_all(year)
    assert "W109" not in codes(graduates), "what is being typed in the other form is not compared"
    assert "W109" not in codes(year)
    sent(year)
    assert "W109" in codes(graduates)
    assert "W109" not in codes(year), "it was sent first, so nothing was asked there"
    sent(graduates, grad9_total=60, grad9_grade10=50)
    assert "W109" in codes(graduates)
    assert "W109" not in codes(year)


@pytest.mark.django_db
def test_the_neighbour_s_numbers_are_not_compared():
    school = SchoolFactory()
    neighbour = SchoolFactory(municipality=school.municipality)
    sent(submission(school))
    graduates = fill_all(submission(neighbour, form="graduates"), grad9_total=60, grad9_grade10=50)
    assert "W109" not in codes(graduates)
    sent(submission(neighbour))
    assert "W109" in codes(graduates)


@pytest.mark.django_db
def test_a_successor_is_not_compared_with_what_it_replaced():
    school = SchoolFactory()
    accepted(submission(school, 2021), worldskills_9_11=2, service_talk=50)
    after = fill_all(submission(school, 2022), professionals_9_11=80, service_talk=10)
    assert [one.finding.element for one in content_of(after).unexplained] == ["service_talk"]
    rows = {row.code: row for section in content_of(after).sections for row in section.rows}
    assert rows["professionals_9_11"].redefined
    assert not rows["service_talk"].redefined
    assert rows["service_talk"].change == f"\u221240 (\u221280,0{NBSP}%)"


@pytest.mark.django_db
def test_what_rests_on_no_data_is_listed_as_open():
    form = fill_all(submission(), events_pupils=None)
    assert {one.code for one in content_of(form).open_checks} >= {"E601", "E602", "E603"}
    assert not {"E601", "E602", "E603"} & codes(form)
