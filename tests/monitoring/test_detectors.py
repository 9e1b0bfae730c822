"""Does each detector fire on its case, name the numbers of both sides, and stay silent on the neighbour?"""

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.detectors import (
    CODES,
    Bases,
    Entry,
    Finding,
    Population,
    Roundness,
    Series,
    Spot,
    back_computed,
    changed_scope,
    discrepancies,
    grades_in,
    identical,
    jumps,
    larger_parts,
    mostly_round,
    other_grades,
    small_bases,
    smaller_than_parts,
    sums_of_parts,
    two_sizes,
    wrong_percentages,
)
from portal.formats import round_half_up

GRADES_9_11 = Population("pupils", (9, 10, 11))


def series(name, *rows, **more):
    """Rows are (count, total) or (count, total, declared) of 2019, 2020 and so on."""
    entries = tuple(Entry(2019 + place, *row) for place, row in enumerate(rows))
    return Series(key=more.pop("key", name), name=name, entries=entries, **more)


def told(findings: list[Finding]) -> str:
    return " ".join(line for one in findings for line in (one.title, *one.lines)).replace("\u00a0", " ")


# --- W-01 -------------------------------------------------------------------------------------------------------------


def test_the_same_numbers_in_two_tables_are_a_suspected_copy():
    found = identical([series("Тест", (81, 493), (303, 505)), series("Родители", (81, 493), (303, 505))])
    assert [one.code for one in found] == ["W-01"]
    assert "81 из 493" in told(found)
    assert "303 из 505" in told(found)
    assert found[0].disputed == {Spot(name, year) for name in ("Тест", "Родители") for year in (2019, 2020)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([(81, 493), (303, 505)], [(81, 493), (302, 505)]),  # one year only
        ([(9, 493), (9, 505)], [(9, 493), (9, 505)]),  # so few may well be the same
        ([(81, 81), (303, 303)], [(81, 81), (303, 303)]),  # everybody
    ],
    ids=["one-year", "small", "whole-base"],
)
def test_numbers_that_may_be_alike_are_no_copy(one, other):
    assert not identical([series("Тест", *one), series("Родители", *other)])


def test_ten_people_are_enough_to_be_a_copy():
    assert identical([series("Тест", (10, 493), (10, 505)), series("Родители", (10, 400), (10, 410))])


@pytest.mark.parametrize(
    "more",
    [
        ({"indicator": "4.1"}, {"indicator": "4.1"}),  # one indicator published twice
        ({"elements": frozenset({"a", "b"})}, {"elements": frozenset({"b"})}),  # a sum and its only part
        ({"elements": frozenset({"a"}), "kin": frozenset({"b"})}, {"elements": frozenset({"b"})}),  # part of a whole
        ({"people": False}, {"people": False}),  # organisations are few
    ],
    ids=["published-twice", "shared-element", "relation", "organisations"],
)
def test_what_is_the_same_by_its_meaning_is_no_copy(more):
    rows = ((81, 493), (303, 505))
    assert not identical([series("Тест", *rows, **more[0]), series("Родители", *rows, **more[1])])


def test_the_same_title_in_two_documents_is_no_copy():
    rows = ((81, 493), (303, 505))
    assert not identical([series("Тест", *rows, key="a"), series("тест", *rows, key="b")])


# --- W-02 -------------------------------------------------------------------------------------------------------------

SERVICES = {"Консультации": (10887, "50"), "Игры": (16984, "78"), "Лекции": (12411, "57"), "Беседы": (15024, "69")}


def services(total=21775, **changed):
    given = SERVICES | changed
    return [series(name, (count, total, declared)) for name, (count, declared) in given.items()]


def test_counts_that_are_percentages_cut_off_were_never_counted():
    found = back_computed([*services(), series("Ярмарки", (3135, 21775, "100"))])
    assert [one.code for one in found] == ["W-02"]
    assert "50 % от 21 775 – 10 887,5, записано 10 887" in told(found)
    assert len(found[0].disputed) == 4


def test_one_count_that_is_no_product_clears_the_others():
    assert not back_computed(services(Беседы=(15100, "69")))


def test_rounded_products_are_seen_too():
    rows = {"А": (12412, "57"), "Б": (15025, "69"), "В": (16985, "78")}
    assert back_computed([series(name, (count, 21775, part)) for name, (count, part) in rows.items()])


@pytest.mark.parametrize(
    "rows",
    [
        [(570, 999, "57"), (689, 999, "69"), (779, 999, "78")],  # a base below a thousand
        [(12411, 21775, "57"), (15024, 21775, "69"), (21775, 21775, "100")],  # two rows that tell
        [(12411, 21775, "57"), (12411, 21775, "57"), (12411, 21775, "57")],  # one row three times
        [(12411, 21775, "57"), (15025, 21775, "69"), (16984, 21775, "78")],  # cut off and rounded in turns
    ],
    ids=["small", "two", "repeated", "mixed"],
)
def test_too_little_to_say_that_numbers_were_not_counted(rows):
    assert not back_computed([series(f"Ряд {place}", row) for place, row in enumerate(rows)])


def test_a_base_of_a_thousand_and_three_rows_are_enough():
    assert back_computed([series(f"Ряд {part}", (part * 10, 1000, str(part))) for part in (31, 47, 58)])


def test_without_printed_percentages_whole_ones_are_looked_for():
    assert back_computed([series(name, (count, 21775)) for name, (count, _) in SERVICES.items()])
    assert not back_computed([series(name, (count + 60, 21775)) for name, (count, _) in SERVICES.items()])


@settings(max_examples=300, derandomize=True)
@given(seed=st.integers(0, 2**32), total=st.integers(5_000, 60_000), rows=st.integers(3, 8), printed=st.booleans())
def test_an_honest_municipality_is_never_accused_of_computing_its_counts(seed, total, rows, printed):
    """Counts as they come, percentages printed from them: chance alone makes fewer than one such case in 10,000."""
    chance = random.Random(seed)
    counts = [chance.randint(1, total - 1) for _ in range(rows)]
    percents = [str(round_half_up(Fraction(count * 100, total))) for count in counts]
    table = [
        series(f"Ряд {place}", (count, total, percent if printed else ""))
        for place, (count, percent) in enumerate(zip(counts, percents, strict=True))
    ]
    assert not back_computed(table)


# --- W-03 -------------------------------------------------------------------------------------------------------------


def test_a_share_that_jumps_is_told_with_both_years():
    found = jumps([series("Тест", (81, 493), (303, 505))])
    assert [one.code for one in found] == ["W-03"]
    assert "16,4 % (81 из 493); 2020/21: 60,0 % (303 из 505); разница +43,6 п. п." in told(found)
    assert not found[0].disputed  # a jump may be real


@pytest.mark.parametrize(
    "rows",
    [
        [(100, 500), (149, 500)],  # 9,8 points
        [(3, 80), (12, 80)],  # nine people
        [(1, 9), (9, 9)],  # a base on which no share is told
        [(None, 500), (300, 500)],
        [(300, 500), (300, 0)],
    ],
    ids=["points", "people", "small", "missing", "zero"],
)
def test_a_small_change_is_no_jump(rows):
    assert not [one for one in jumps([series("Тест", *rows)]) if "доля" in one.title]


def test_exactly_ten_points_and_ten_people_are_a_jump():
    assert jumps([series("Тест", (10, 100), (20, 100))])


def test_years_that_are_not_neighbours_are_not_compared():
    entries = (Entry(2018, 81, 493), Entry(2021, 303, 505))
    assert not jumps([Series("тест", "Тест", entries)])


def test_a_base_that_falls_is_told():
    assert "2019/20: 105; 2020/21: 26 (−75,2 %)" in told(jumps([series("Абилимпикс", (4, 105), (3, 26))]))


@pytest.mark.parametrize("now", [130, 70])
def test_a_base_that_moves_by_a_third_or_less_is_silent(now):
    assert not jumps([series("Абилимпикс", (4, 100), (4, now))])


def test_ten_people_fewer_in_a_small_base_are_silent():
    assert not jumps([series("Абилимпикс", (4, 20), (4, 10))])


def test_a_year_of_too_few_schools_is_not_compared():
    entries = (Entry(2019, 81, 493), Entry(2020, 303, 505, comparable=False))
    assert not jumps([Series("тест", "Тест", entries)])


# --- W-04 and E-01 of a row -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((46, 80, "57"), "46 из 80 – это 57,5 %, по правилу округления 58 %, а напечатано 57 %"),
        ((75, 185, "40"), "75 из 185 – это 40,54 %, по правилу округления 41 %, а напечатано 40 %"),
        ((4, 105, "4.2"), "4 из 105 – это 3,81 %, по правилу округления 3,8 %, а напечатано 4,2 %"),
        ((3135, 21775, "100"), "3135 из 21 775 – это 14,4 %, по правилу округления 14 %, а напечатано 100 %"),
    ],
)
def test_a_percentage_that_does_not_follow_from_its_numbers(row, words):
    found = wrong_percentages([series("Таблица", row)])
    assert [one.code for one in found] == ["W-04"]
    assert words in told(found)


@pytest.mark.parametrize(
    "row", [(46, 80, "58"), (46, 80, "57.5"), (75, 185, "40.5"), (75, 185, "40.54"), (4, 105, "3.8"), (19, 19, "100")]
)
def test_a_percentage_printed_by_the_rule_is_silent_with_any_number_of_digits(row):
    assert not wrong_percentages([series("Таблица", row)])


@pytest.mark.parametrize("row", [(46, None, "57"), (46, 0, "57"), (None, 80, "57"), (46, 80, "")])
def test_a_percentage_without_its_numbers_is_not_judged(row):
    assert not wrong_percentages([series("Таблица", row)])


def test_only_a_percentage_of_another_whole_makes_the_value_disputed():
    cut_off, other = wrong_percentages([series("А", (46, 80, "57")), series("Б", (3135, 21775, "100"))])
    assert not cut_off.disputed
    assert other.disputed == {Spot("Б", 2019)}
    assert "получается от 3135" in told([other])


def test_what_is_shown_never_contradicts_the_rule():
    assert "это 57,496 %, по правилу округления 57 %" in told(wrong_percentages([series("А", (57496, 100_000, "58"))]))


def test_a_part_larger_than_its_whole():
    found = larger_parts([series("Таблица", (27, 20), (5, 0))])
    assert "27 из 20" in told(found)
    assert {spot.year for spot in found[0].disputed} == {2019, 2020}
    assert not larger_parts([series("Таблица", (20, 20), (0, 0))])


# --- populations ------------------------------------------------------------------------------------------------------


def people(of, grades, *totals, key=None):
    base = Population(of, grades)
    return series(key or base.words, *((1, total) for total in totals), base=base)


def test_one_population_with_two_sizes_in_a_year():
    found = two_sizes([series("Чемпионат", (27, 417), base=GRADES_9_11), series("Тест", (303, 505), base=GRADES_9_11)])
    assert [one.code for one in found] == ["E-03"]
    assert "417 и 505" in told(found)
    assert "6,5 % (27 из 417), а с другой численностью 5,3 % (27 из 505)" in told(found)


def test_other_grades_other_people_and_other_years_may_differ():
    other = [
        series("А", (27, 417), base=GRADES_9_11),
        series("Б", (27, 505), base=Population("pupils", (8, 9, 10, 11))),
        series("В", (27, 503), base=Population("graduates", (9, 10, 11))),
        Series("г", "Г", (Entry(2020, 27, 300),), base=GRADES_9_11),
        series("Д", (27, 999)),
    ]
    assert not two_sizes(other)


def test_pupils_of_unnamed_grades_are_the_same_only_inside_a_document():
    first, second = (Population("pupils", document=name) for name in ("Отчёт А", "Отчёт Б"))
    assert not two_sizes([series("А", (1, 400), base=first), series("Б", (1, 500), base=second)])
    assert two_sizes([series("А", (1, 400), base=first), series("Б", (1, 500), base=first)])


def test_pupils_are_no_fewer_than_graduates_and_older_pupils_together():
    graduates_9, graduates_11 = people("graduates", (9,), 419), people("graduates", (11,), 80)
    found = smaller_than_parts(
        [people("pupils", (9, 10, 11), 499), graduates_9, graduates_11, people("pupils", (10, 11), 185)]
    )
    assert [one.code for one in found] == ["E-01"]
    assert "указано 499, а должно быть не меньше 604" in told(found)
    assert "выпускники 9 классов – 419, обучающиеся 10–11 классов – 185" in told(found)
    assert "Ровно столько было выпускников: выпускники 9 классов – 419, выпускники 11 классов – 80" in told(found)


def test_as_many_as_the_parts_is_enough_and_overlapping_parts_are_not_added():
    older, graduates = people("pupils", (10, 11), 185), people("graduates", (9,), 419)
    assert not smaller_than_parts([people("pupils", (9, 10, 11), 604), graduates, older])
    assert not smaller_than_parts(
        [people("pupils", (10, 11), 100), people("graduates", (11,), 80), people("disabled", (10, 11), 90)]
    )


def test_many_tables_of_one_base_take_no_time():
    grades = [tuple(range(first, last + 1)) for first in range(1, 12) for last in range(first, 12)]
    tables = [people(of, some, 10) for of in ("graduates", "disabled") for some in grades]
    found = smaller_than_parts([people("pupils", tuple(range(1, 12)), 100), *tables])
    assert "указано 100, а должно быть не меньше 110" in told(found)


def test_the_sum_of_parts_is_the_whole():
    parts = [people("graduates", (9,), 420, 419), people("graduates", (11,), 94, 80)]
    whole = series("Родители", (81, 493), (310, 499), base=Population("graduates", (9, 11)))
    found = sums_of_parts([*parts, whole])
    assert [one.code for one in found] == ["E-02"]
    assert "указано 493, по частям 514" in told(found)
    assert "15,8 % (81 из 514)" in told(found)
    assert found[0].disputed == {Spot("Родители", 2019)}
    assert not smaller_than_parts([*parts, whole])  # told once


def test_parts_that_leave_a_grade_out_are_no_whole():
    assert not sums_of_parts([people("graduates", (9,), 420), people("graduates", (9, 11), 600)])


# --- scope ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "grades"),
    [
        ("Охват, 5-9 классы", (5, 6, 7, 8, 9)),
        ("Охват обучающихся 10–11-х классов", (10, 11)),
        ("Выпускники 9 и 11 классов", (9, 11)),
        ("Выпускники 9 классов", (9,)),
        ("Охват 5–9 классов и 10–11 классов", ()),
        ("Учебные рабочие места", ()),
    ],
)
def test_grades_are_read_from_a_title(title, grades):
    assert grades_in(title) == grades


def test_a_base_of_other_grades_than_the_definition_is_not_comparable():
    one = series(
        "Билет", (390, 2194), base=Population("pupils", (5, 6, 7, 8, 9)), indicator="3.3", defined=(6, 7, 8, 9, 10, 11)
    )
    found = other_grades([one])
    assert [one.code for one in found] == ["W-05"]
    assert "По определению показателя 3.3 – 6–11 классы, посчитано по группе: 5–9 классы" in told(found)
    assert found[0].disputed


def test_a_title_and_its_base_name_different_grades():
    assert "В названии – 9–11 классы" in told(
        other_grades([series("Тест, 9–11 классы", (1, 2), base=Population("pupils", (5,)))])
    )


@pytest.mark.parametrize("defined", [(9, 10, 11), (9, 10, 11, 12), ()])
def test_the_same_grades_with_or_without_evening_classes_are_silent(defined):
    assert not other_grades([series("Тест, 9–11 классы", (1, 2), base=GRADES_9_11, defined=defined)])


def test_a_changed_definition_between_years_is_told():
    before = series("Билет", (390, 2194), key="3.1", chain="3.1", scope="3.1, 5–9 классы")
    after = Series("3.1-p", "Билет", (Entry(2020, 400, 1700),), chain="3.1", scope="3.1-p, 6–9 классы")
    assert "2019/20: 3.1, 5–9 классы; 2020/21: 3.1-p, 6–9 классы" in told(changed_scope([before, after]))
    assert not changed_scope([before, Series("b", "Билет", after.entries, chain="3.1", scope="3.1, 5–9 классы")])


def test_a_year_in_which_the_indicator_was_not_in_force():
    assert "2019/20" in told(changed_scope([series("Билет", (1, 2), (1, 2), indicator="3.1-p", since=2020)]))
    assert not changed_scope([series("Билет", (1, 2), (1, 2), indicator="3.1", since=2019, until=2020)])


# --- C7 and C10 -------------------------------------------------------------------------------------------------------


def test_almost_all_round_numbers_are_told():
    assert "9 из 10" in told(mostly_round([Roundness("4.1", "Тест", 2021, 10, 9)]))


@pytest.mark.parametrize(("numbers", "tens"), [(9, 9), (10, 8), (40, 4)], ids=["few", "eighty-percent", "chance"])
def test_some_round_numbers_are_chance(numbers, tens):
    assert not mostly_round([Roundness("4.1", "Тест", 2021, numbers, tens)])


def test_bases_below_ten_are_told_when_half_of_the_schools_have_them():
    assert "меньше 10 человек у 2 из 4 школ" in told(
        small_bases([Bases("2.3", "Абилимпикс", 2021, 60, (3, 9, 10, 38))])
    )
    assert not small_bases([Bases("2.3", "Абилимпикс", 2021, 60, (3, 10, 10, 37))])


# --- together ---------------------------------------------------------------------------------------------------------


def test_every_code_has_its_case_here():
    fired = {"E-01", "E-02", "E-03", "W-01", "W-02", "W-03", "W-04", "W-05", "W-06", "C7", "C10"}
    assert set(CODES) == fired


def test_a_municipality_of_one_small_school_says_nothing():
    base = Population("pupils", (9,))
    assert not discrepancies(
        [
            series("Тест", (3, 9, "33"), (8, 9, "89"), base=base),
            series("Родители", (3, 9, "33"), (8, 9, "89"), base=Population("parents", (9,))),
            series("Билет", (3, 9, "33"), (1, 9, "11"), base=base),
        ]
    )


ENTRIES = st.builds(
    Entry,
    st.integers(2015, 2024),
    st.none() | st.integers(0, 30_000),
    st.none() | st.integers(0, 30_000),
    st.sampled_from(["", "0", "57", "57.5", "100", "1000", "0.0001"]),
)
GRADE_SETS = st.lists(st.integers(1, 12), unique=True, max_size=6).map(lambda grades: tuple(sorted(grades)))
BASES = st.none() | st.builds(
    Population, st.sampled_from(["pupils", "graduates", "parents", "schools", "other"]), GRADE_SETS
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.lists(ENTRIES, max_size=4, unique_by=lambda one: one.year), BASES), max_size=6))
def test_nothing_that_can_be_printed_breaks_a_detector(tables):
    found = discrepancies(
        [
            Series(
                str(place),
                f"Таблица {place}",
                tuple(sorted(entries, key=lambda one: one.year)),
                base,
                indicator="4.1",
                chain="4.1",
                scope=str(base),
            )
            for place, (entries, base) in enumerate(tables)
        ]
    )
    for one in found:
        assert one.code in CODES
        assert one.lines
        assert one.disputed <= set(one.spots)
