"""Does a passport say all of an indicator or a row, with an example on real numbers, to whom it may be shown?"""

import json
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.actions.wordings import Wanted, set_wording
from monitoring.models import Element, Indicator, RegionForm, SavedTable, Target, Term
from monitoring.queries.passports.examples import example_of
from monitoring.queries.passports.passports import indicator_passport
from portal.models import Membership, Municipality, School
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, coordinator_of, member, submission

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
PLACE = "/monitoring/passports/"


def text_of(response: HttpResponse) -> str:
    """What a person reads: no tags, single spaces."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(body.replace("\u00a0", " ").replace("&nbsp;", " ").split())


@pytest.fixture
def town() -> Municipality:
    return MunicipalityFactory(slug="town")


@pytest.fixture
def schools(town: Municipality) -> list[School]:
    """Two schools with an accepted year: 30 pupils a grade, 50 and 41 tested of 90; a third has not begun."""
    made = SchoolFactory.create_batch(3, municipality=town)
    for school, tested in zip(made[:2], (50, 41), strict=True):
        accepted(submission(school, 2021), tested_9_11=tested)
    return made


@pytest.fixture
def specialist(town: Municipality, sign_in: SignIn) -> Client:
    return sign_in(member(Role.SPECIALIST, town))


# --- the example ------------------------------------------------------------------------------------------------------


def test_the_example_is_the_newest_accepted_year_of_the_municipality(specialist: Client, schools: list[School]):
    page = text_of(specialist.get(f"{PLACE}indicators/4.1/"))
    assert "2021/2022 учебный год: 91 из 180 = 50,6 % . Посчитано по данным 2 из 3 школ" in page
    assert f"форма принята управлением образования {timezone.localdate():%d.%m.%Y}" in page
    assert "Прошли профориентационное тестирование (диагностику), 9–11 классы tested_9_11 91" in page
    assert "Обучающихся, 10 класс pupils_10 60" in page, "two schools of thirty"


def test_a_year_that_has_hardly_begun_gives_no_example(specialist: Client, schools: list[School]):
    accepted(submission(schools[0], 2022))
    page = text_of(specialist.get(f"{PLACE}indicators/4.1/"))
    assert "2021/2022 учебный год: 91 из 180" in page, "one school of three is no example of the municipality"


def test_a_school_with_no_data_for_a_row_is_outside_both_sums(town: Municipality):
    whole, without = SchoolFactory.create_batch(2, municipality=town)
    accepted(submission(whole), tested_9_11=45)
    accepted(submission(without), tested_9_11=None)
    passport = indicator_passport("4.1", town)
    assert passport is not None
    example = example_of(passport, town)
    assert example.result == "45 из 90 = 50,0\u00a0%"
    assert [line.number for line in example.lines] == ["45", "30", "30", "30"]


def test_a_schools_people_see_an_example_on_their_own_numbers(sign_in: SignIn, schools: list[School]):
    first, _, third = schools
    page = text_of(sign_in(coordinator_of(first)).get(f"{PLACE}indicators/4.1/"))
    assert "50 из 90 = 55,6 %" in page
    assert "Посчитано по форме вашей школы" in page
    assert "91 из 180" not in page, "with two schools one would read the other's number out of the sum"
    nothing = text_of(sign_in(coordinator_of(third)).get(f"{PLACE}indicators/4.1/"))
    assert "Примера пока нет: ни одна форма ещё не принята." in nothing


def test_counts_and_shares_of_schools_have_examples_of_their_own(specialist: Client, schools: list[School]):
    assert "2021/2022 учебный год: 4 ." in text_of(specialist.get(f"{PLACE}indicators/5.2/"))
    assert "2 из 2 = 100,0 %" in text_of(specialist.get(f"{PLACE}indicators/5.7/"))


def test_an_indicator_that_is_younger_than_the_data_says_so(specialist: Client, schools: list[School]):
    page = text_of(specialist.get(f"{PLACE}indicators/3.8/"))
    assert "Примера пока нет. В 2021/22 уч. году: он рассчитывается с 2023/24 уч. года." in page


def test_a_row_that_did_not_exist_in_the_year_is_explained(specialist: Client, schools: list[School]):
    """A formula with an element that was not collected yet: it is a structural zero, and the example says so."""
    horizons = Element.objects.get(code="horizons")
    Term.objects.create(indicator=Indicator.objects.get(code="4.1"), side="numerator", element=horizons, order=9)
    page = text_of(specialist.get(f"{PLACE}indicators/4.1/"))
    assert "91 из 180 = 50,6 %" in page
    assert "Строки «Посещают курс „Россия – мои горизонты“, 6–11 классы» в 2021/22 уч. году не было" in page
    assert "(она собирается с 2023/24 уч. года), поэтому в сумме её нет" in page


def test_an_indicator_that_is_gone_shows_its_last_year_and_why(specialist: Client, schools: list[School]):
    for school in schools[:2]:
        accepted(submission(school, 2022))
    page = text_of(specialist.get(f"{PLACE}indicators/2.1/"))
    assert "2021/2022 учебный год:" in page
    assert "В 2022/23 уч. году показателя нет: он рассчитывается по 2021/22 уч. год." in page


# --- what a passport says ---------------------------------------------------------------------------------------------


def test_the_passport_names_its_formula_years_and_successor(specialist: Client):
    response = specialist.get(f"{PLACE}indicators/2.1/")
    page = text_of(response)
    assert "worldskills_9_11 ÷ pupils_9_11 × 100 %" in page
    assert "pupils_9_11 = pupils_9 + pupils_10 + pupils_11" in page
    assert "по 2021/22 уч. год" in page
    assert "2.1-p : определение изменилось, значения не сравниваются" in page
    assert 'href="/monitoring/passports/elements/worldskills_9_11/"' in response.content.decode()
    assert "9–11 классы; все общеобразовательные школы" in page
    assert "Контингент обучающихся: ФСН № ОО-1" in page


def test_the_passport_names_what_rests_on_it(town: Municipality, specialist: Client):
    Target.objects.create(municipality=town, year=2022, indicator=Indicator.objects.get(code="4.1"), value="62.5")
    SavedTable.objects.create(municipality=town, name="К совещанию", query="what=4.1&what=4.2&year=2021")
    SavedTable.objects.create(municipality=town, name="Иное", query="what=4.11")
    RegionForm.objects.create(
        municipality=town, name="Приложение 2", file=b"", marks=[["Лист1", "C7", "4.1 числитель"]]
    )
    for name, words in (("Записка", "Охват {4.1 числитель} чел."), ("Другое письмо", "Охват {4.11}")):
        RegionForm.objects.create(municipality=town, name=name, file=b"", marks=[["Лист1", "A1", words]])
    page = text_of(specialist.get(f"{PLACE}indicators/4.1/"))
    assert "62,5 % на 2022/2023 учебный год" in page
    assert "К совещанию" in page
    assert "Приложение 2" in page
    assert "Записка" in page
    assert "Иное" not in page
    assert "Другое письмо" not in page


def test_the_passport_of_a_row_leads_to_its_indicators_and_checks(specialist: Client, schools: list[School]):
    response = specialist.get(f"{PLACE}elements/tested_6_8/")
    page = text_of(response)
    assert "4.2 Доля обучающихся 6–11 классов, прошедших профориентационное тестирование числитель" in page
    assert "E501 Прошедших тестирование не больше, чем обучающихся 6–8 классов" in page
    assert "Считается один раз" in page
    assert "2021/22 Прошли профориентационное тестирование (диагностику)" in page, "as the campaign asked it"


@pytest.mark.parametrize("address", ["indicators/9.9/", "elements/nothing/", "indicators/9.9/words/"])
def test_an_unknown_code_is_not_found(address: str, specialist: Client):
    assert specialist.get(PLACE + address).status_code == 404


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_list_is_searched_without_regard_to_case_and_narrowed_by_group(specialist: Client):
    found = specialist.get(PLACE, {"q": "ТЕСТИРОВАНИЕ"}).content.decode()
    assert re.findall(r"<th scope=\"row\">([^<]+)</th>", found) == ["4.1", "4.2"]
    part = specialist.get(PLACE, {"part": "quality"}).content.decode()
    assert re.findall(r"<th scope=\"row\">([^<]+)</th>", part) == ["6.1", "6.2", "6.3"]
    assert specialist.get(PLACE, {"part": "unknown"}).status_code == 200
    assert "Ничего не найдено" in text_of(specialist.get(PLACE, {"q": "дирижабль"}))


def test_rows_of_forms_are_a_list_of_their_own(specialist: Client):
    rows = specialist.get(PLACE, {"show": "elements", "part": "staff"}).content.decode()
    assert re.findall(r"<th scope=\"row\">([^<]+)</th>", rows) == ["staff_responsible", "staff_trained"]


def test_what_is_listed_leaves_as_a_file(specialist: Client):
    answer = specialist.get(PLACE, {"q": "тестирование", "table": "passports", "format": "json"})
    rows = json.loads(answer.content)["rows"]
    assert [row["code"] for row in rows] == ["4.1", "4.2"]
    assert rows[0]["formula"] == "tested_9_11 ÷ pupils_9_11 × 100\u00a0%"
    for ending in ("xlsx", "csv"):
        assert specialist.get(PLACE, {"format": ending}).status_code == 200
    assert specialist.get(PLACE, {"format": "docx"}).status_code == 404


@pytest.mark.parametrize("address", ["", "?show=elements", "indicators/4.1/", "elements/tested_9_11/"])
def test_words_and_forms_add_no_queries(address: str, town: Municipality, specialist: Client, schools: list[School]):
    specialist.get(PLACE + address)
    with CaptureQueriesContext(connection) as before:
        specialist.get(PLACE + address)
    editor = member(Role.METHODIST, town)
    for model in (Indicator, Element):
        for thing in model.objects.all()[:20]:
            set_wording(municipality=town, thing=thing, wanted=Wanted(name="Иначе"), note="Проще", by=editor.user)
    accepted(submission(schools[2], 2021))
    with CaptureQueriesContext(connection) as after:
        specialist.get(PLACE + address)
    assert len(after) == len(before)
