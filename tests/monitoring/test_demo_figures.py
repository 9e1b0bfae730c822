"""Do the demonstration's figures give the published totals, and does every number of theirs obey the catalogue?"""

import json
from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from monitoring.demo_figures import CannotPlaceError, apportion, kemerovo
from monitoring.management.commands.make_demo_figures import demo_files

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
CATALOGUE = yaml.safe_load((FIXTURES / "catalogue.yaml").read_text(encoding="utf-8"))
PUBLISHED = yaml.safe_load((FIXTURES / "demo" / "published-figures.yaml").read_text(encoding="utf-8"))
SOURCE = PUBLISHED["kemerovo_municipal_district"]
TABLES = {table["title"]: table for table in SOURCE["tables"]}
ELEMENTS = {element["code"]: element for element in CATALOGUE["elements"]}
PLACES = {
    name: json.loads((FIXTURES / "demo" / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("kemerovo", "prokopyevsk")
}
KEMEROVO = PLACES["kemerovo"]
both = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)

Row = dict[str, Any]


def rows(place: dict[str, Any]) -> dict[int, dict[str, Row]]:
    """Year → school → element → value of the accepted years and the current one, both forms together."""
    years = {int(year): schools for year, schools in place["years"].items()}
    current = {code: row | place["graduates_2022"][code] for code, row in place["current"]["2022"].items()}
    return years | {2022: current}


def every_row(place: dict[str, Any]) -> Iterator[tuple[int, str, Row]]:
    for year, schools in rows(place).items():
        for code, row in schools.items():
            yield year, code, row


def expanded(names: list[str]) -> list[str]:
    return [part for name in names for part in CATALOGUE["populations"].get(name, [name])]


def total(year: int, *names: str) -> int:
    return sum(row.get(name, 0) for row in KEMEROVO["years"][str(year)].values() for name in expanded(list(names)))


def series(*names: str) -> list[int]:
    return [total(year, *names) for year in (2019, 2020, 2021)]


def holds(row: Row, left: list[str], op: str, right: list[str]) -> bool:
    """Whether the relation holds; an inapplicable term is 0, a term without data leaves it not evaluated."""
    sides = [[row.get(name, 0) for name in expanded(side)] for side in (left, right)]
    if any(isinstance(value, dict) for side in sides for value in side):
        return True
    a, b = (sum(side) for side in sides)
    return a == b if op == "=" else a <= b


def changes(place: dict[str, Any]) -> Iterator[tuple[int, str, str, int, int]]:
    """(year, school, element, last year's value, this year's) wherever both are numbers."""
    years = rows(place)
    for year, code, row in every_row(place):
        for element, now in row.items():
            was = years.get(year - 1, {}).get(code, {}).get(element)
            if isinstance(was, int) and isinstance(now, int):
                yield year, code, element, was, now


@pytest.mark.parametrize(
    ("title", "column", "names"),
    [
        ("Выпускники 9 классов, поступившие в ПОО", "total", ["grad9_total"]),
        ("Выпускники 9 классов, поступившие в ПОО", "total", ["pupils_9"]),
        ("Выпускники 9 классов, поступившие в ПОО", "count", ["grad9_vocational"]),
        ("Выпускники 11 классов, поступившие в ПОО", "total", ["grad11_total"]),
        ("Выпускники 11 классов, поступившие в ПОО", "count", ["grad11_vocational"]),
        ("Выпускники 11 классов, поступившие в организации высшего образования", "total", ["grad11_total"]),
        ("Выпускники 11 классов, поступившие в организации высшего образования", "count", ["grad11_higher"]),
        ("Участники регионального чемпионата WorldSkills Russia Юниоры, 9-11 классы", "count", ["worldskills_9_11"]),
        ("Участники конкурса «Абилимпикс», обучающиеся с ОВЗ, 5-9 классы", "total", ["disabled_5_9"]),
        ("Участники конкурса «Абилимпикс», обучающиеся с ОВЗ, 5-9 классы", "count", ["abilympics_5_9"]),
        ("Охват проектом «Билет в будущее», 5-9 классы", "total", ["pupils_5_9"]),
        ("Охват проектом «Билет в будущее», 5-9 классы", "count", ["ticket_5", "ticket_6_9"]),
        ("Охват проектом «Билет в будущее», 10-11 классы", "total", ["pupils_10_11"]),
        ("Охват проектом «Билет в будущее», 10-11 классы", "count", ["ticket_10_11"]),
        ("Профориентационное тестирование, 9-11 классы", "count", ["tested_9_11"]),
        ("Учебные рабочие места для профессиональных проб и практик (количество)", "count", ["workplaces"]),
        (
            "Родители, которым оказана адресная психолого-педагогическая помощь (на одного родителя)",
            "count",
            ["parents_helped"],
        ),
    ],
)
def test_schools_add_up_to_the_published_table(title: str, column: str, names: list[str]) -> None:
    assert series(*names) == TABLES[title][column]


def test_every_school_has_a_partner_or_an_agreement_every_year() -> None:
    table = TABLES["Общеобразовательные организации, взаимодействующие по профориентации"]
    working = [
        sum(row["agreements"] + row["partners"] > 0 for row in schools.values())
        for schools in KEMEROVO["years"].values()
    ]
    assert working == table["count"] == [len(KEMEROVO["schools"])] * 3


def test_wholes_that_could_not_be_follow_from_their_parts() -> None:
    assert series("pupils_9_11") == [615, 602, 604]
    assert series("graduates") == [514, 503, 499]


@pytest.mark.parametrize(
    ("numerator", "denominator", "percents"),
    [
        ("tested_9_11", "pupils_9_11", ["13.2", "50.3", "51.3"]),
        ("worldskills_9_11", "pupils_9_11", ["8.1", "4.5", "5.5"]),
        ("parents_helped", "graduates", ["15.8", "60.2", "62.1"]),
    ],
)
def test_shares_come_out_as_the_design_says(numerator: str, denominator: str, percents: list[str]) -> None:
    ratios = [Fraction(a * 1000, b) for a, b in zip(series(numerator), series(denominator), strict=True)]
    tenths = [(Decimal(r.numerator) / r.denominator).quantize(Decimal(1), ROUND_HALF_UP) for r in ratios]
    assert [str(value / 10) for value in tenths] == percents


def test_grade_nine_has_as_many_pupils_as_graduates_in_every_school() -> None:
    for year, code, row in every_row(KEMEROVO):
        assert row.get("pupils_9") == row.get("grad9_total"), (year, code)


def test_the_loss_of_2020_is_spread_over_the_grades_5_to_9_that_moved_up() -> None:
    for grade in range(5, 10):
        moved = Fraction(total(2020, f"pupils_{grade}"), total(2019, f"pupils_{grade - 1}"))
        assert Fraction(85, 100) < moved < Fraction(95, 100), grade


@both
def test_every_check_of_the_catalogue_holds_in_every_school_and_year(place: dict[str, Any]) -> None:
    broken = [
        (year, code, check["code"])
        for year, code, row in every_row(place)
        for check in CATALOGUE["checks"]
        if not holds(row, check["left"], check["op"], check["right"])
    ]
    assert broken == []


@both
def test_no_share_is_larger_than_one_in_any_school_and_year(place: dict[str, Any]) -> None:
    broken = [
        (year, code, indicator["code"])
        for year, code, row in every_row(place)
        for indicator in CATALOGUE["indicators"]
        if indicator["kind"] == "share" and not holds(row, indicator["numerator"], "<=", indicator["denominator"])
    ]
    assert broken == []


@both
def test_a_school_has_exactly_the_elements_of_its_grades_and_of_the_year(place: dict[str, Any]) -> None:
    grades = {school["code"]: set(school["grades"]) for school in place["schools"]}
    for year, code, row in every_row(place):
        due = [
            element["code"]
            for element in CATALOGUE["elements"]
            if "kinds" not in element
            and set(element.get("grades", grades[code])) & grades[code]
            and element.get("since", year) <= year <= element.get("until", year)
        ]
        # The current year joins its two forms, so the order is compared as a set.
        assert set(row) == set(due), (year, code)


@both
def test_every_warning_is_explained_and_no_explanation_is_superfluous(place: dict[str, Any]) -> None:
    rule = CATALOGUE["year_on_year"][0]
    fired = {
        (year, code, rule["code"], element)
        for year, code, element, was, now in changes(place)
        if abs(now - was) > rule["people"] and Fraction(abs(now - was) * 100) > rule["percent"] * was
    }
    fired |= {
        (year, code, check["code"], check["left"][0])
        for year, code, row in every_row(place)
        for check in CATALOGUE["checks"]
        if check["severity"] == "warning" and not holds(row, check["left"], check["op"], check["right"])
    }
    explained = Counter((e["year"], e["school"], e["check"], e["element"]) for e in place["explanations"])
    assert explained == Counter(fired)
    reasons = {"numbers_changed", "last_year_error", "first_time", "method_changed", "other"}
    assert all(e["reason"] in reasons and len(e["text"]) >= 10 for e in place["explanations"])


def test_the_jump_of_testing_is_explained() -> None:
    assert any(e["year"] == 2020 and e["element"] == "tested_9_11" for e in KEMEROVO["explanations"])


@both
def test_no_change_stands_on_a_bound_of_the_warning(place: dict[str, Any]) -> None:
    """Whether the bounds themselves count does not then alter the demonstration; nor do units other than people."""
    rule = CATALOGUE["year_on_year"][0]
    for year, code, element, was, now in changes(place):
        people, percent = abs(now - was) - rule["people"], abs(now - was) * 100 - rule["percent"] * was
        assert not (people == 0 and percent >= 0), (year, code, element, was, now)
        assert not (people >= 0 and percent == 0), (year, code, element, was, now)
        doubtful = was == 0 or ELEMENTS[element]["unit"] != "чел."
        assert not (people > 0 and percent > 0 and doubtful), (year, code, element, was, now)


def test_cells_without_data_have_a_reason_and_touch_nothing_published() -> None:
    empty = [
        (element, cell["no_data"])
        for _, _, row in every_row(KEMEROVO)
        for element, cell in row.items()
        if isinstance(cell, dict)
    ]
    assert len(empty) >= 5
    assert all(reason for _, reason in empty)
    bases = {name for indicator in CATALOGUE["indicators"] for name in expanded(indicator.get("denominator", []))}
    assert not {element for element, _ in empty} & bases


def test_three_kinds_of_school_stand_in_kemerovo() -> None:
    assert Counter(school["kind"] for school in KEMEROVO["schools"]) == {"primary": 1, "basic": 7, "secondary": 11}
    assert len(KEMEROVO["schools"]) == SOURCE["schools"]


def test_the_two_municipalities_share_no_school() -> None:
    names, codes = ([{s[key] for s in place["schools"]} for place in PLACES.values()] for key in ("name", "code"))
    assert names[0].isdisjoint(names[1])
    assert codes[0].isdisjoint(codes[1])


def test_the_files_are_what_the_generator_makes() -> None:
    for path, text in demo_files(FIXTURES).items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_the_command_writes_the_files_and_its_check_names_one_changed_by_hand(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    for name in ("catalogue.yaml", "demo/published-figures.yaml"):
        copyfile(FIXTURES / name, tmp_path / name)
    call_command("make_demo_figures", fixtures=tmp_path, verbosity=0)
    call_command("make_demo_figures", fixtures=tmp_path, check=True)
    written = tmp_path / "demo" / "kemerovo.json"
    written.write_text(written.read_text(encoding="utf-8").replace("pupils_1", "pupils_0", 1), encoding="utf-8")
    with pytest.raises(CommandError, match=r"Файлы устарели: kemerovo\.json\."):
        call_command("make_demo_figures", fixtures=tmp_path, check=True)


def test_apportionment_gives_the_whole_total_by_largest_remainder() -> None:
    assert apportion("места", 10, {"a": 5, "b": 3, "c": 1}, dict.fromkeys("abc", 99)) == {"a": 6, "b": 3, "c": 1}


def test_apportionment_passes_on_what_a_cap_holds_back_and_keeps_the_floor() -> None:
    placed = apportion("места", 10, {"a": 98, "b": 1, "c": 1}, {"a": 4, "b": 9, "c": 9}, {"a": 0, "b": 0, "c": 2})
    assert placed == {"a": 4, "b": 2, "c": 4}


def test_apportionment_shares_equally_where_no_school_has_weight() -> None:
    assert apportion("места", 3, {"a": 0, "b": 0}, {"a": 2, "b": 2}) == {"a": 2, "b": 1}


@pytest.mark.parametrize("too", [5, -1])
def test_a_total_that_does_not_fit_is_named(too: int) -> None:
    with pytest.raises(CannotPlaceError, match=rf"места 2019: a total of {too} cannot be placed"):
        apportion("места 2019", too, {"a": 1, "b": 1}, {"a": 2, "b": 2})


def test_a_published_part_larger_than_its_whole_stops_the_generator() -> None:
    tables = [dict(table) for table in SOURCE["tables"]]
    tables[0]["count"] = [421, 303, 282]
    with pytest.raises(CannotPlaceError, match="grad9_vocational 2019"):
        kemerovo({"kemerovo_municipal_district": SOURCE | {"tables": tables}}, CATALOGUE)
