"""Does the status page name every declared indicator, whether it is collected, and the reason where it is not (W-12)?"""

import json
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from monitoring.actions.catalogue_drafts import load_catalogue_file
from monitoring.enums import Collected
from monitoring.models import CollectionNote, Indicator
from monitoring.queries.passports.collected import Standing, Status, collected
from portal.models import Membership, Municipality, School
from portal.roles import Role
from tests.conftest import CATALOGUE_FILE
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, campaign, fill, member, submission

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
PAGE = "/monitoring/collected/"
NOTE = "/monitoring/collected/4.1/note/"


@pytest.fixture
def town() -> Municipality:
    return MunicipalityFactory(slug="town")


@pytest.fixture
def schools(town: Municipality) -> list[School]:
    return SchoolFactory.create_batch(3, municipality=town)


def state(standing: Standing, code: str) -> Status:
    return next(row for row in standing.rows if row.code == code)


def told(town: Municipality, code: str) -> tuple[Collected, str]:
    row = state(collected(town, 2021), code)
    return row.state, row.words


# --- the state and its reason -----------------------------------------------------------------------------------------


def test_every_indicator_of_the_catalogue_has_a_state(town: Municipality, schools: list[School]):
    submission(schools[0])
    standing = collected(town, 2021)
    assert len(standing.rows) == Indicator.objects.count()
    assert sum(count for _, count in standing.counts) == len(standing.rows)
    assert standing.missing, "nothing is accepted yet"


def test_an_indicator_is_collected_when_every_school_is_accepted(town: Municipality, schools: list[School]):
    for school in schools:
        accepted(submission(school))
    assert told(town, "4.1") == (Collected.FULLY, "")
    assert state(collected(town, 2021), "4.1").coverage == "по данным 3 из 3 школ"


def test_forms_that_are_not_accepted_are_counted_and_linked(town: Municipality, schools: list[School]):
    one = submission(schools[0])
    fill(submission(schools[1]), tested_9_11=5)
    assert told(town, "4.1") == (Collected.NOT, "Не принято 3 формы «Мониторинг профориентационной работы».")
    accepted(one)
    accepted(submission(schools[1]))
    assert told(town, "4.1") == (Collected.PARTLY, "Не принята 1 форма «Мониторинг профориентационной работы».")
    (reason,) = state(collected(town, 2021), "4.1").reasons
    assert reason.campaign == one.campaign.public_id


def test_no_data_is_told_apart_from_a_form_that_is_not_accepted(town: Municipality, schools: list[School]):
    accepted(submission(schools[0]))
    accepted(submission(schools[1]), tested_9_11=None)
    state_now, words = told(town, "4.1")
    assert state_now == Collected.PARTLY
    assert words == (
        "Не принята 1 форма «Мониторинг профориентационной работы»."
        " «Нет данных» в 1 школе: «Прошли профориентационное тестирование (диагностику)»."
    )
    assert told(town, "5.2")[1] == "Не принята 1 форма «Мониторинг профориентационной работы»."


def test_w_12_fires_for_a_form_that_was_never_launched_and_rests_when_it_is(town: Municipality, schools: list[School]):
    for school in schools:
        accepted(submission(school))
    assert told(town, "6.1") == (Collected.NOT, "Форма не запущена: «Самоопределение выпускников».")
    missing = {row.code for row in collected(town, 2021).missing}
    assert {"1.1", "4.3", "6.1"} <= missing
    assert "4.1" not in missing
    for school in schools:
        accepted(submission(school, form="graduates"))
    assert not [row.code for row in collected(town, 2021).missing if row.code]


def test_what_is_not_in_force_or_concerns_no_school_is_not_missing(town: Municipality):
    small = SchoolFactory(municipality=town, kind="primary", grades=[1, 2, 3, 4])
    accepted(submission(small))
    assert told(town, "3.8") == (Collected.OUTSIDE, "Рассчитывается с 2023/24 уч. года.")
    assert told(town, "4.1") == (Collected.OUTSIDE, "Нет ни одной школы, к которой показатель относится.")
    assert told(town, "3.4-pre") == (Collected.OUTSIDE, "Нет ни одной организации, к которой показатель относится.")


def test_a_zero_denominator_is_collected_without_a_value(town: Municipality, schools: list[School]):
    for school in schools:
        accepted(submission(school), staff_responsible=0, staff_trained=0)
    assert told(town, "6.3") == (Collected.FULLY, "Числа есть, но знаменатель равен нулю: значения нет.")


def test_what_an_order_names_without_a_formula_is_declared_and_not_collected(town: Municipality, schools: list[School]):
    load_catalogue_file(text=CATALOGUE_FILE.read_text(encoding="utf-8"), file_name="catalogue.yaml")
    campaign(town)
    row = next(row for row in collected(town, 2021).rows if not row.code)
    assert (row.name, row.state, row.words) == ("Индекс подготовки к ЕГЭ", Collected.NOT, "В приказах нет формулы.")


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_counts_what_is_missing_and_narrows_to_a_state(
    town: Municipality, schools: list[School], sign_in: SignIn
):
    accepted(submission(schools[0]))
    client = sign_in(member(Role.HEAD, town))
    page = client.get(PAGE).content.decode()
    missing = len(collected(town, 2021).missing)
    assert re.search(rf"Объявлено, но не собрано: {missing}\s", page)
    assert f"не собран – {missing}" in page
    only = client.get(PAGE, {"state": "not"}).content.decode()
    assert only.count('<th scope="row">') == missing
    assert "Пояснить" not in page, "a head reads"
    assert client.get(PAGE, {"state": "x"}).content.decode().count('<th scope="row">') > missing


def test_the_table_leaves_as_a_file_with_its_year(town: Municipality, schools: list[School], sign_in: SignIn):
    accepted(submission(schools[0]))
    answer = sign_in(member(Role.HEAD, town)).get(PAGE, {"year": "2021", "format": "json"})
    data = json.loads(answer.content)
    assert data["about"]["Период"] == "2021/2022 учебный год"
    assert {row["code"]: row["state"] for row in data["rows"]}["4.1"] == "собран частично"


@pytest.mark.parametrize("query", [{}, {"year": "2031"}, {"year": "год"}])
def test_a_year_without_data_is_told_in_a_sentence(
    query: dict[str, str], town: Municipality, schools: list[School], sign_in: SignIn
):
    answer = sign_in(member(Role.HEAD, town)).get(PAGE, query)
    assert answer.status_code == (400 if query.get("year") == "год" else 200)
    assert "empty" in answer.content.decode()


def test_the_page_asks_as_few_questions_of_thirty_schools_as_of_one(town: Municipality, sign_in: SignIn):
    first = SchoolFactory(municipality=town)
    for school in SchoolFactory.create_batch(29, municipality=town):
        submission(school)
    client = sign_in(member(Role.SPECIALIST, town))
    client.get(PAGE)
    with CaptureQueriesContext(connection) as before:
        client.get(PAGE)
    accepted(submission(first), tested_9_11=None)
    for indicator in Indicator.objects.all():
        CollectionNote.objects.create(municipality=town, year=2021, indicator=indicator, text="Не собирали")
    with CaptureQueriesContext(connection) as after:
        client.get(PAGE)
    assert len(after) == len(before)
    assert len(after) < 30


# --- the department's words -------------------------------------------------------------------------------------------


def test_the_department_says_why_and_takes_it_back(town: Municipality, schools: list[School], sign_in: SignIn):
    submission(schools[0])
    client = sign_in(member(Role.METHODIST, town))
    assert client.post(f"{NOTE}?year=2021", {"text": "Ждём протоколы"}).status_code == 302
    assert "Ждём протоколы" in client.get(PAGE).content.decode()
    campaign(town, 2022)
    assert "Ждём протоколы" not in client.get(PAGE, {"year": "2022"}).content.decode(), "a note is of its year"
    client.post(f"{NOTE}?year=2021", {"text": " "})
    assert not CollectionNote.objects.exists()


def test_a_note_is_refused_where_a_child_seems_to_be_named(town: Municipality, schools: list[School], sign_in: SignIn):
    submission(schools[0])
    client = sign_in(member(Role.METHODIST, town))
    answer = client.post(f"{NOTE}?year=2021", {"text": "Не сдала ученица Петрова Анна"})
    assert answer.status_code == 422
    assert "Петрова Анна" in answer.content.decode()
    assert client.get("/monitoring/collected/9.9/note/?year=2021").status_code == 404
    assert not CollectionNote.objects.exists()
