"""The heat map: what stands in a cell, how it is toned, sorted, filtered, paged and taken away."""

import itertools
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.queries.results.heat import COLUMNS, View, heat, heat_groups
from monitoring.queries.results.overview import overview
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, campaign, member, submission
from tests.guards.test_static import TEXT_RATIO, contrast

pytestmark = pytest.mark.django_db
ADDRESS = reverse("monitoring:dashboard_schools")
STYLES = Path(__file__).resolve().parents[2] / "static" / "monitoring" / "heat.css"


@pytest.fixture
def town():
    return MunicipalityFactory(slug="town")


@pytest.fixture
def specialist(town, sign_in):
    return sign_in(member(Role.SPECIALIST, town))


def page(client, **query):
    return client.get(ADDRESS, {"year": 2021, "group": "support", **query})


def cells(response, code):
    """School → its cell of an indicator."""
    place = [column["code"] for column in response.context["columns"]].index(code)
    return {row.school.name: row.cells[place] for row in response.context["rows"]}


def schools_with(town, *numbers, **fields):
    """Schools by what they tested in 2021, or in 2020 and 2021; all are there before a launch freezes its list."""
    schools = [SchoolFactory(municipality=town, name=name, **fields) for name, *_ in numbers]
    for school, (_, *years) in zip(schools, numbers, strict=True):
        for year, tested in zip((2021,) if len(years) == 1 else (2020, 2021), years, strict=True):
            accepted(submission(school, year), tested_9_11=tested)
    return schools


# --- what stands in a cell --------------------------------------------------------------------------------------------


def test_a_cell_holds_its_number_and_the_step_of_its_fifth(town, specialist):
    schools_with(town, ("А", 17), ("Б", 18), ("В", 45), ("Г", 90))
    found = cells(page(specialist), "4.1")
    assert {name: (cell.value, cell.tone) for name, cell in found.items()} == {
        "А": ("18,9\u00a0%", "step-1"),
        "Б": ("20,0\u00a0%", "step-2"),
        "В": ("50,0\u00a0%", "step-3"),
        "Г": ("100,0\u00a0%", "step-5"),
    }
    assert found["В"].fraction == "45 из 90"


def test_no_data_is_hatched_and_what_does_not_apply_is_not_a_zero(town, specialist):
    SchoolFactory(municipality=town, name="Начальная", kind="primary", grades=[1, 2, 3, 4])
    schools_with(town, ("Без данных", None), ("Ноль", 0))
    response = page(specialist)
    found = {name: (cell.value, cell.tone) for name, cell in cells(response, "4.1").items()}
    assert found["Без данных"] == ("…", "missing")
    assert found["Ноль"] == ("0,0\u00a0%", "step-1")
    assert found["Начальная"] == ("х", "outside")


def test_a_small_base_is_told_as_a_count_without_a_colour(town, specialist):
    school = SchoolFactory(municipality=town, grades=[9])
    accepted(submission(school), pupils_9=7, tested_9_11=3)
    (cell,) = cells(page(specialist), "4.1").values()
    assert (cell.value, cell.tone) == ("3 из 7", "few")


def test_a_cell_leads_to_the_indicator_on_the_page_of_the_school(town, specialist):
    (school,) = schools_with(town, ("А", 45))
    (cell,) = cells(page(specialist), "4.1").values()
    assert cell.url == f"{reverse('school', args=[school.public_id])}?municipality=town&year=2021#indicator-4.1"
    assert 'id="indicator-4.1"' in specialist.get(cell.url).content.decode()


def test_the_change_is_toned_by_its_sign_and_size(town, specialist):
    schools_with(town, ("Рост", 9, 45), ("Спад", 45, 43), ("Ровно", 45, 45))
    found = cells(page(specialist, view="change"), "4.1")
    assert {name: (cell.value.replace("\u00a0", " "), cell.tone) for name, cell in found.items()} == {
        "Рост": ("+40,0 п. п.", "more-2"),
        "Спад": ("−2,2 п. п.", "less-1"),
        "Ровно": ("0,0 п. п.", "even"),
    }


def test_a_changed_indicator_has_no_change(town, specialist):
    (school,) = schools_with(town, ("А", 45))
    accepted(submission(school, 2022))
    response = page(specialist, year=2022, group="contests", view="change")
    assert cells(response, "2.1-p")[school.name].value == "…"
    assert "показатель изменён" in response.content.decode()


def test_the_gap_is_to_the_median_of_the_same_kind_of_school(town):
    SchoolFactory(municipality=town, name="Лицей", kind="lyceum")
    schools_with(town, ("А", 9), ("Б", 18), ("В", 45))
    accepted(submission(town.schools.get(kind="lyceum")), tested_9_11=90)
    indicator = overview(town, 2021)["4.1"]
    found = heat(town, 2021, [indicator], view=View.GAP)
    assert [row.cells[0].shown for row in found.rows] == [Fraction(-9, 90), Fraction(0), Fraction(27, 90), None]


def test_groups_are_cut_to_fifteen_columns_without_losing_any(town):
    schools_with(town, ("А", 45))
    groups = overview(town, 2021).groups
    parts = heat_groups(groups, View.VALUE)
    assert max(len(part.indicators) for part in parts) <= COLUMNS
    assert [one.code for part in parts for one in part.indicators] == [
        one.code for group in groups for one in group.indicators if one.now and one.now.expected
    ]
    assert len({part.code for part in parts}) == len(parts)


# --- order, filters, pages --------------------------------------------------------------------------------------------


def test_sorting_is_over_all_schools_and_a_page_holds_a_hundred(town, specialist):
    SchoolFactory.create_batch(119, municipality=town)
    best = SchoolFactory(municipality=town, name="Яя последняя")
    accepted(submission(best), tested_9_11=45)
    first = page(specialist, order="4.1")
    assert first.context["rows"][0].school == best
    assert (len(first.context["rows"]), len(page(specialist, page="2").context["rows"])) == (100, 20)
    assert len(page(specialist, page="999").context["rows"]) == 20


def test_the_order_of_a_difference_is_by_the_difference(town, specialist):
    schools_with(town, ("Мало, но вырос", 1, 20), ("Много, но упал", 80, 70))
    rows = page(specialist, view="change", order="4.1").context["rows"]
    assert [row.school.name for row in rows] == ["Мало, но вырос", "Много, но упал"]


def test_kind_and_locality_of_the_address_choose_schools(town, specialist):
    village = SchoolFactory(municipality=town, locality="village")
    lyceum = SchoolFactory(municipality=town, kind="lyceum")
    schools_with(town, ("А", 45))
    assert [row.school for row in page(specialist, locality="village").context["rows"]] == [village]
    assert [row.school for row in page(specialist, kind="lyceum").context["rows"]] == [lyceum]
    assert "Таких школ нет." in page(specialist, kind="primary").content.decode()


@pytest.mark.parametrize("query", [{"view": "x", "kind": "<b>", "locality": "moon"}, {"page": "-1"}, {"order": "9.9"}])
def test_what_the_address_holds_wrongly_counts_as_not_given(query, town, specialist):
    schools_with(town, ("А", 45))
    response = page(specialist, **query)
    assert response.status_code == 200
    assert response.context["asked"]["view"] == View.VALUE


# --- words, files, looks ----------------------------------------------------------------------------------------------


def test_the_message_names_the_widest_indicator(town, specialist):
    schools_with(town, ("А", 9), ("Б", 81))
    assert page(specialist).context["headline"] == (
        "Сильнее всего школы различаются по показателю 4.1: от 10,0\u00a0% до 90,0\u00a0%"
    )


def test_the_file_holds_every_school_in_the_order_of_the_page(town, specialist):
    schools_with(town, ("Низкая", 9), ("Высокая", 81))
    data = json.loads(page(specialist, order="4.1", format="json").content)
    assert [(row["school"], row["4.1"]) for row in data["rows"]] == [("Высокая", 0.9), ("Низкая", 0.1)]
    assert data["about"]["Период"] == "2021/2022 учебный год"
    assert page(specialist, format="xlsx").status_code == 200
    assert "90,0\u00a0%" in page(specialist, format="csv").content.decode("utf-8-sig")
    assert page(specialist, format="pdf").status_code == 404


def test_every_tone_can_be_read_in_colour_and_the_steps_in_grey():
    found = re.findall(
        r"\.tone\.([\w-]+) \{ background: (#\w{6}); color: (#\w{6});", STYLES.read_text(encoding="utf-8")
    )
    assert len(found) == 9
    assert [name for name, ground, ink in found if contrast(ground, ink) < TEXT_RATIO] == []
    steps = [ground for name, ground, _ in found if name.startswith("step")]
    lightness = [contrast(ground, "#000000") for ground in steps]
    assert lightness == sorted(lightness, reverse=True)
    assert min(a / b for a, b in itertools.pairwise(lightness)) > 1.25


@pytest.mark.parametrize("view", list(View))
def test_the_page_asks_as_much_of_sixty_schools_as_of_three(view, sign_in):
    counts = []
    for schools in (3, 60):
        town = MunicipalityFactory()
        SchoolFactory.create_batch(schools, municipality=town)
        campaign(town)
        accepted(submission(town.schools.first()))
        client = sign_in(member(Role.SPECIALIST, town))
        with CaptureQueriesContext(connection) as queries:
            assert page(client, view=view).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25
