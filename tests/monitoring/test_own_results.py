"""A school's own results: deviations first and in words, nothing of another school but medians of at least five."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.models import Indicator, Target
from portal import chart_files
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    campaign,
    member,
    schools_that_tested,
    submission,
)

pytestmark = pytest.mark.django_db
ADDRESS = reverse("monitoring:own_results")


@pytest.fixture
def town():
    return MunicipalityFactory(slug="town")


def page(sign_in, school, role=Role.COORDINATOR, **query):
    return sign_in(member(role, school=school)).get(ADDRESS, {"year": 2021, "group": "support", **query})


def row_of(response, code="4.1"):
    return next(row for row in response.context["rows"] if row.code == code)


def kept_chart(response):
    return chart_files.find(re.search(r"[0-9a-f]{64}", response.context["figure"].src)[0])


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SCHOOL_HEAD])
def test_a_school_reads_its_value_the_median_and_the_quartiles_of_five(role, town, sign_in):
    own, *_ = schools_that_tested(town, 9, 18, 27, 36, 45)
    response = page(sign_in, own, role)
    row = row_of(response)
    assert (row.now.value, row.median) == ("10,0\u00a0%", "30,0\u00a0%")
    assert row.quartiles == "у половины школ от 20,0\u00a0% до 40,0\u00a0%"
    assert row.concerns == ("На 20,0\u00a0п.\u00a0п. ниже медианы (30,0\u00a0%), хуже, чем в трёх четвертях школ.",)


def test_of_fewer_than_five_schools_nothing_is_told(town, sign_in):
    own, *_ = schools_that_tested(town, 9, 18, 27, 36)
    response = page(sign_in, own)
    assert (row_of(response).median, row_of(response).quartiles) == ("школ меньше пяти", "")
    data = json.loads(page(sign_in, own, format="json").content)
    assert next(row for row in data["rows"] if row["code"] == "4.1")["median"] == "…"


def test_the_picture_has_the_own_point_and_no_other_school(town, sign_in):
    own, *others = schools_that_tested(town, 9, 18, 27, 36, 45)
    response = page(sign_in, own)
    kept = kept_chart(response)
    assert kept.school == own.pk
    assert kept.chart["names"] == ["Наша школа"]
    assert all(strip["others"] == [] for strip in kept.chart["strips"])
    assert not any(school.name in response.content.decode() for school in others)


def test_the_picture_of_four_schools_draws_no_median(town, sign_in):
    own, *_ = schools_that_tested(town, 9, 18, 27, 36)
    response = page(sign_in, own)
    assert {strip["median"] for strip in kept_chart(response).chart["strips"]} == {None}
    assert response.context["figure"].title.endswith(": сравнить с медианой нечего"), "above or below tells of three"


def test_what_deviates_most_stands_first(town, sign_in):
    own, *_ = schools_that_tested(town, 9, 18, 27, 36, 45)
    Target.objects.create(municipality=town, year=2021, indicator=Indicator.objects.get(code="4.1"), value=60)
    response = page(sign_in, own)
    first = response.context["deviations"][0]
    assert first.code == "4.1"
    assert first.words.startswith("Целевое значение 60\u00a0% не достигнуто, не хватает 45 обучающихся. На 20,0")
    assert response.context["rows"][0].code == "4.1"
    assert response.context["headline"].startswith("Требу")


def test_a_fall_against_the_own_last_year_is_told(town, sign_in):
    (own,) = schools_that_tested(town, 45, year=2020)
    accepted(submission(own, 2021), tested_9_11=27)
    row = row_of(page(sign_in, own))
    assert (row.now.value, row.before.value, row.change) == ("30,0\u00a0%", "50,0\u00a0%", "−20,0\u00a0п.\u00a0п.")
    assert row.concerns[0].startswith("Доля снизилась на 20,0")


def test_a_school_without_deviations_is_told_so(town, sign_in):
    own, *_ = schools_that_tested(town, 36, 36, 36, 36, 36)
    response = page(sign_in, own)
    assert not [one for one in response.context["deviations"] if one.code == "4.1"]


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({"year": "1999"}, 200, "За 1999/2000 учебный год у школы данных нет."),
        ({"year": "x"}, 400, "Год указан неверно."),
        ({"format": "pdf"}, 404, ""),
    ],
)
def test_what_the_address_holds_wrongly_gets_an_answer(query, status, words, town, sign_in):
    own, *_ = schools_that_tested(town, 9)
    response = page(sign_in, own, **query)
    assert response.status_code == status
    assert words in response.content.decode()


def test_before_the_first_collection_the_page_says_so(sign_in):
    response = page(sign_in, SchoolFactory(), year="")
    assert "сбор данных ещё не проводился" in response.content.decode()


def test_the_table_of_all_indicators_leaves_with_words(town, sign_in):
    own, *_ = schools_that_tested(town, 9, 18, 27, 36, 45)
    data = json.loads(page(sign_in, own, table="results", format="json").content)
    row = next(row for row in data["rows"] if row["code"] == "4.1")
    assert (row["value"], row["median"], row["upper_quartile"]) == (0.1, 0.3, 0.4)
    assert row["words"].startswith("На 20,0")
    assert data["about"]["Школа"] == own.name


def test_a_helper_and_the_municipality_have_no_such_page(town, sign_in):
    own, *_ = schools_that_tested(town, 9)
    assert page(sign_in, own, Role.COLLEAGUE).status_code == 403
    assert sign_in(member(Role.SPECIALIST, town)).get(ADDRESS).status_code == 403


def test_the_home_of_a_coordinator_leads_here(town, sign_in):
    own, *_ = schools_that_tested(town, 9)
    assert ADDRESS in sign_in(member(Role.COORDINATOR, school=own)).get(reverse("home")).content.decode()


def test_the_page_of_a_school_says_what_deviates_and_shows_the_target(town, sign_in):
    own, *_ = schools_that_tested(town, 9, 18, 27, 36, 45)
    Target.objects.create(municipality=town, year=2021, indicator=Indicator.objects.get(code="4.1"), value=60)
    client = sign_in(member(Role.SPECIALIST, town))
    text = client.get(reverse("school", args=[own.public_id]), {"year": 2021}).content.decode()
    assert "На что обратить внимание" in text
    assert "целевое 60\u00a0% – не достигнуто" in text
    assert "медиана 30,0\u00a0%" in text


def test_the_page_asks_as_much_of_thirty_schools_as_of_two(sign_in):
    counts = []
    for number in (2, 30):
        town = MunicipalityFactory()
        schools = SchoolFactory.create_batch(number, municipality=town)
        campaign(town)
        accepted(submission(schools[0]))
        client = sign_in(member(Role.COORDINATOR, school=schools[0]))
        client.get(ADDRESS, {"year": 2021})
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS, {"year": 2021}).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25
