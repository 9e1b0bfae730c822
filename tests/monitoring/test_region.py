"""The region: municipalities side by side, never a school, and no small count that could be computed back."""

import json
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.arithmetic import Measured
from monitoring.differencing import Span
from monitoring.enums import IndicatorKind
from monitoring.models import Indicator, IndicatorTotal
from monitoring.queries.results.region import Formula, RegionColumn, RegionGroup, hidden_places, region_year
from monitoring.region_table import region_headline
from monitoring.suppression import is_small
from portal.models import Municipality, Region
from portal.roles import Role
from tests.factories import MunicipalityFactory, RegionFactory, SchoolFactory, accepted, member, submission

pytestmark = pytest.mark.django_db
ADDRESS = reverse("monitoring:region")


@pytest.fixture
def region():
    return RegionFactory()


@pytest.fixture
def official(region, sign_in):
    return sign_in(member(Role.REGIONAL))


def town_with(*tested, name="Округ", **place):
    """A municipality of the region whose schools tested so many of 90 pupils of grades 9–11 each."""
    town = MunicipalityFactory(name=name, **place)
    schools = SchoolFactory.create_batch(len(tested), municipality=town)
    for school, number in zip(schools, tested, strict=True):
        accepted(submission(school), tested_9_11=number, tested_6_8=30)
    return town


def cell(response, town, code="4.1"):
    place = [column.indicator.code for column in response.context["group"].columns].index(code)
    rows = {row.name: row.cells for row in response.context["rows"]}
    return (rows.get(town) or response.context["totals"])[place]


def page(client, **query):
    return client.get(ADDRESS, {"year": 2021, "group": "support", **query})


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_a_municipality_stands_with_its_sums_and_the_region_with_theirs(official):
    town_with(18, 27, name="Первый")
    town_with(45, 45, 45, name="Второй")
    response = page(official)
    assert (cell(response, "Первый").value, cell(response, "Первый").fraction) == ("25,0\u00a0%", "45 из 180")
    assert cell(response, "Первый").coverage == "по данным 2 из 2 школ"
    assert cell(response, "область").fraction == "180 из 450"


def test_no_school_and_no_municipality_of_another_region_comes_out(official):
    town = town_with(18, 27, name="Первый")
    other = town_with(18, 27, name="Чужой", region=Region.objects.create(name="Другая область", slug="other"))
    text = page(official).content.decode() + page(official, format="json").content.decode()
    assert "Первый" in text
    assert "Чужой" not in text
    assert not any(school.name in text for place in (town, other) for school in place.schools.all())


def test_numbers_that_are_not_accepted_are_no_data(official):
    town_with(18, 27, name="Первый")
    MunicipalityFactory(name="Пустой")
    assert cell(page(official), "Пустой").value == "…"


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"year": "1999"}, 200, "Данных за 1999/2000 учебный год нет."),
        ({"year": "2021 OR 1"}, 400, "Год указан неверно."),
        ({"group": "nothing"}, 200, "Муниципалитеты региона"),
        ({"format": "pdf"}, 404, ""),
    ],
)
def test_what_the_address_holds_wrongly_gets_an_answer(query, status, words, official):
    town_with(18, 27)
    response = page(official, **query)
    assert response.status_code == status
    assert words in response.content.decode()


def test_a_region_without_data_says_when_they_will_come(official):
    response = official.get(ADDRESS)
    assert response.status_code == 200
    assert "Они появятся, когда муниципалитеты примут формы своих школ." in response.content.decode()


def test_the_region_opens_on_the_newest_year_that_can_be_judged(official):
    town = MunicipalityFactory()
    schools = SchoolFactory.create_batch(5, municipality=town)
    for school in schools:
        accepted(submission(school), tested_9_11=30, tested_6_8=30)
    for place, school in enumerate(schools):
        form = submission(school, 2022)
        if not place:
            accepted(form, tested_9_11=30, tested_6_8=30)
    assert official.get(ADDRESS).context["year"] == 2021
    assert official.get(ADDRESS, {"year": 2022}).context["year"] == 2022


def test_the_home_of_the_region_leads_to_its_years(official):
    town_with(18, 27)
    assert f"{ADDRESS}?year=2021" in official.get(reverse("home")).content.decode()


def test_a_specialist_of_a_municipality_sees_no_region(sign_in):
    assert sign_in(member(Role.SPECIALIST)).get(ADDRESS).status_code == 403


def test_the_message_compares_no_small_base_and_no_half_collected_data():
    told = {
        1: measured(90, 180),
        2: measured(45, 180),
        3: measured(15, 15),
        4: Measured(IndicatorKind.SHARE, 0, 90, 2, 5),
    }
    column = RegionColumn(Indicator(code="4.1"), told, frozenset(), None, region_hidden=False)
    towns = [Municipality(pk=place, name=f"Округ {place}") for place in told]
    assert region_headline(towns, RegionGroup("support", "Поддержка", (column,))) == (
        "Сильнее всего муниципалитеты различаются по показателю 4.1: 25,0\u00a0% (Округ 2) и 50,0\u00a0% (Округ 1)"
    )


# --- what is hidden ---------------------------------------------------------------------------------------------------


def test_a_small_count_is_hidden_with_a_second_one_and_the_region_stays(official):
    town_with(2, 1, name="Малый")
    town_with(20, 20, name="Второй")
    town_with(40, 40, name="Третий")
    response = page(official)
    assert [cell(response, name).value for name in ("Малый", "Второй", "Третий")] == ["скрыто", "скрыто", "44,4\u00a0%"]
    assert cell(response, "область").fraction == "123 из 540"
    row = json.loads(page(official, format="json").content)["rows"][0]
    assert row["4.1"] == "скрыто"


def test_the_data_of_a_single_school_are_not_shown_as_those_of_a_municipality(official):
    town_with(45, name="Одна школа")
    town_with(20, 20, name="Второй")
    town_with(40, 40, name="Третий")
    assert cell(page(official), "Одна школа").value == "скрыто"


def test_one_small_municipality_alone_hides_the_region_too(official):
    town_with(2, 1, name="Малый")
    assert cell(page(official), "область").value == "скрыто"


def measured(numerator, denominator):
    return Measured(IndicatorKind.SHARE, numerator, denominator, 5, 5)


FORMULAS = {
    "6–9": Formula(frozenset({1}), frozenset({11})),
    "10–11": Formula(frozenset({2}), frozenset({12})),
    "6–11": Formula(frozenset({1, 2}), frozenset({11, 12})),
}


def test_a_hidden_part_cannot_be_had_from_the_whole_and_the_other_part():
    totals = {}
    for place, (first, second) in enumerate([(50, 3), (60, 70), (80, 90)]):
        totals |= {
            (place, "6–9"): measured(first, 200),
            (place, "10–11"): measured(second, 200),
            (place, "6–11"): measured(first + second, 400),
        }
    hidden, _ = hidden_places(totals, FORMULAS)
    assert {code for place, code in hidden if place == 0} == FORMULAS.keys()


@pytest.mark.parametrize("seed", range(60))
def test_no_hidden_small_count_lies_in_the_span_of_what_is_shown(seed):
    chance = random.Random(seed)
    cells = {
        (place, element): chance.choice([0, 1, 2, 3, 4, 5, 7, 12, 40, 90])
        for place in range(chance.randint(1, 5))
        for element in (1, 2)
    }
    cells |= {(place, 10 + element): 100 + cells[place, element] for place, element in list(cells)}
    places = sorted({place for place, _ in cells})
    totals = {
        (place, code): measured(
            sum(cells[place, one] for one in formula.numerator), sum(cells[place, one] for one in formula.denominator)
        )
        for place in places
        for code, formula in FORMULAS.items()
    }
    hidden, untold = hidden_places(totals, FORMULAS)
    number = {one: place for place, one in enumerate(cells)}
    shown = [
        {number[place, one]: 1 for one in elements}
        for place, code in totals.keys() - hidden
        for elements in (FORMULAS[code].numerator, FORMULAS[code].denominator)
    ]
    shown += [
        {number[place, one]: 1 for place in places for one in elements}
        for code, formula in FORMULAS.items()
        if code not in untold
        for elements in (formula.numerator, formula.denominator)
    ]
    span = Span(shown)
    secrets = [{number[one]: 1} for one, count in cells.items() if is_small(count)]
    secrets += [
        {number[place, one]: 1 for one in (1, 2)} for place in places if is_small(cells[place, 1] + cells[place, 2])
    ]
    assert not any(span.origin_of(secret) for secret in secrets)


def test_a_share_of_organisations_shares_nobody_with_the_people_of_its_element():
    totals = {
        (place, code): Measured(kind, numerator, denominator, 5, 5)
        for place in range(3)
        for code, kind, numerator, denominator in (
            ("4.5", IndicatorKind.SHARE, 100, 200),
            ("4.5-org", IndicatorKind.ORG_SHARE, 3, 20),
        )
    }
    formulas = {"4.5": Formula(frozenset({1}), frozenset({2})), "4.5-org": Formula(frozenset({1}), frozenset())}
    hidden, _ = hidden_places(totals, formulas)
    assert {code for _, code in hidden} == {"4.5-org"}


# --- speed ------------------------------------------------------------------------------------------------------------


def test_the_page_asks_as_much_of_thirty_municipalities_as_of_one(official):
    rows = list(IndicatorTotal.objects.filter(municipality=town_with(18, 27)).values())
    counts = []
    page(official)
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert page(official).status_code == 200
        counts.append(len(queries))
        for other in MunicipalityFactory.create_batch(29):
            copies = [{**row, "id": None, "municipality_id": other.pk} for row in rows]
            IndicatorTotal.objects.bulk_create([IndicatorTotal(**copy) for copy in copies])
    assert counts[0] == counts[1] <= 15


def test_a_year_of_the_region_holds_every_group_in_order(region):
    town_with(18, 27)
    codes = [group.code for group in region_year(region, 2021).groups]
    assert codes == ["contests", "coverage", "support", "partners", "quality"]
