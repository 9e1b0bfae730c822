"""Comparison: which schools are alike, what the strips draw and say, and whom the address may name."""

import json
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import strips
from monitoring.queries.results.overview import overview, school_lines
from monitoring.queries.results.similar import band, band_words, circle_of, contingents, similar
from monitoring.strips import Compared
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
ADDRESS = reverse("monitoring:compare")


@pytest.fixture
def town():
    return MunicipalityFactory(slug="town")


@pytest.fixture
def specialist(town, sign_in):
    return sign_in(member(Role.SPECIALIST, town))


def page(client, **query):
    return client.get(ADDRESS, {"year": 2021, "group": "support", **query})


def kept_chart(response):
    key = re.search(r"[0-9a-f]{64}", response.context["figure"].src)[0]
    return chart_files.find(key).chart


# --- who is alike -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("pupils", "place"), [(1, 0), (100, 0), (101, 1), (300, 1), (301, 2), (1000, 3), (1001, 4)])
def test_the_size_of_a_school_falls_into_one_band(pupils, place):
    assert band(pupils) == place


def test_bands_are_named_by_their_bounds():
    assert [band_words(place) for place in (0, 1, 4)] == [
        "до 100 обучающихся",
        "101–300 обучающихся",
        "больше 1000 обучающихся",
    ]


def test_alike_are_schools_of_one_kind_place_and_size(town):
    village = SchoolFactory(municipality=town, locality="village")
    lyceum = SchoolFactory(municipality=town, kind="lyceum")
    large = SchoolFactory(municipality=town)
    unknown = SchoolFactory(municipality=town)
    own, other = schools_that_tested(town, 9, 18)
    for school in (village, lyceum):
        accepted(submission(school))
    accepted(submission(large), pupils_9=400)
    lines = school_lines(town, 2021)
    pupils = contingents(town, 2021)
    assert {line.school for line in similar(own, lines, pupils)} == {own, other}
    assert unknown.pk not in pupils
    assert similar(unknown, lines, pupils) == ()


def test_fewer_than_five_alike_give_way_to_the_whole_kind(town):
    village = SchoolFactory(municipality=town, locality="village")
    own, *_ = schools_that_tested(town, 9, 18, 27, 36)
    accepted(submission(village))
    lines, pupils = school_lines(town, 2021), contingents(town, 2021)
    assert not circle_of(own, lines, pupils).alike
    assert len(circle_of(own, lines, pupils).lines) == 5


# --- the strips -------------------------------------------------------------------------------------------------------


def test_the_strip_of_a_share_holds_named_points_others_median_and_quartiles(town, specialist):
    first, second, *_ = schools_that_tested(town, 9, 18, 27, 36, 45)
    response = page(specialist, school=[first.public_id, second.public_id])
    strip = next(one for one in kept_chart(response)["strips"] if one["label"].startswith("4.1 "))
    assert strip["named"] == [10.0, 20.0]
    assert sorted(strip["others"]) == [30.0, 40.0, 50.0]
    assert (strip["median"], strip["quartiles"]) == (30.0, [20.0, 40.0])
    assert response.context["figure"].title == (
        "Сильнее всего выбранные школы различаются по показателю 4.1: от 10,0\u00a0% до 20,0\u00a0%"
    )


def test_four_schools_have_a_median_and_no_quartiles(town):
    schools_that_tested(town, 9, 18, 27, 36)
    lines = school_lines(town, 2021)
    compared = Compared((overview(town, 2021)["4.1"],), lines[:1], lines)
    (strip,) = strips.strips_chart(compared, "Сравнение", ["А"]).strips
    assert (strip.median, strip.quartiles) == (25.0, ())


def test_one_school_among_those_like_it_is_told_in_words(town, specialist):
    own, *_ = schools_that_tested(town, 9, 18, 27)
    response = page(specialist, like=own.public_id)
    assert response.context["figure"].title.startswith("Школа 0: выше медианы по 0 показателям из ")
    assert [school.name for school, _ in response.context["alike"]] == ["Школа 0", "Школа 1", "Школа 2"]
    assert "Средняя школа, город, 301–600 обучающихся" in response.content.decode()


def test_a_school_without_accepted_pupils_has_none_like_it_and_the_page_says_so(town, specialist):
    empty = SchoolFactory(municipality=town)
    schools_that_tested(town, 9, 18)
    assert "Похожие школы не подобраны" in page(specialist, like=empty.public_id).content.decode()


def test_the_picture_is_drawn_with_the_names_of_the_schools(town, specialist):
    first, second = schools_that_tested(town, 9, 18)
    figure = page(specialist, school=[first.public_id, second.public_id]).context["figure"]
    answer = specialist.get(figure.src)
    assert answer["Content-Type"] == "image/svg+xml"
    assert "Школа 0 – 10,0\u00a0% (9 из 90), Школа 1 – 20,0\u00a0% (18 из 90)" in figure.alt


def test_the_table_leaves_with_ratios_and_the_median(town, specialist):
    (first,) = schools_that_tested(town, 9)
    data = json.loads(page(specialist, school=first.public_id, format="json").content)
    row = next(row for row in data["rows"] if row["code"] == "4.1")
    assert (row[f"school_{first.code}"], row["median"], row["lower_quartile"]) == (0.1, 0.1, "…")
    assert data["about"]["Источник"] == "принятые формы школ"
    assert "Местность" not in data["about"], "the schools were chosen by name"


# --- the address ------------------------------------------------------------------------------------------------------


def test_without_a_school_the_page_says_what_to_do(town, specialist):
    schools_that_tested(town, 9)
    assert "Выберите школу из списка." in page(specialist).content.decode()


def test_a_picked_school_becomes_a_part_of_the_address(town, specialist):
    first, second = schools_that_tested(town, 9, 18)
    added = page(specialist, school=first.public_id, pick=second.public_id, how="add")
    assert added["Location"].endswith(f"&school={first.public_id}&school={second.public_id}")
    alike = page(specialist, school=first.public_id, pick=second.public_id, how="like")
    assert alike["Location"].endswith(f"&like={second.public_id}")
    assert "school=" not in alike["Location"]


def test_a_seventh_school_is_left_out_with_a_word(town, specialist):
    schools = schools_that_tested(town, 9, 18, 27, 36, 45, 54, 63)
    response = page(specialist, school=[school.public_id for school in schools])
    assert len(kept_chart(response)["names"]) == 6
    assert "показаны первые 6" in response.content.decode()


def test_a_foreign_school_answers_as_a_missing_one(town, specialist):
    schools_that_tested(town, 9)
    foreign = SchoolFactory()
    for wanted in (foreign.public_id, uuid4(), "x"):
        assert page(specialist, school=wanted).status_code == 404
        assert page(specialist, like=wanted).status_code == 404


def test_schools_of_a_municipality_do_not_compare(town, sign_in):
    (school,) = schools_that_tested(town, 9)
    assert page(sign_in(member(Role.COORDINATOR, school=school)), school=school.public_id).status_code == 403


def test_the_page_asks_as_much_of_thirty_schools_as_of_two(sign_in):
    counts = []
    for number in (2, 30):
        town = MunicipalityFactory()
        schools = SchoolFactory.create_batch(number, municipality=town)
        campaign(town)
        accepted(submission(schools[0]))
        client = sign_in(member(Role.SPECIALIST, town))
        page(client, like=schools[0].public_id)
        with CaptureQueriesContext(connection) as queries:
            assert page(client, like=schools[0].public_id).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25
