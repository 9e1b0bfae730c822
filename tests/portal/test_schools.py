"""Keeping the register of schools: adding, changing, closing, opening again, filters, the table, the page's people."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from portal import actions
from portal.actions import ActionRefused
from portal.actions.schools import Passport
from portal.importing import read_register
from portal.models import School
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, member, specialist_of, submission
from tests.portal.test_pages import text_of

pytestmark = pytest.mark.django_db

PASSPORT = {
    "code": "K77",
    "name": "Школа № 77",
    "kind": "secondary",
    "locality": "village",
    "grades": ["1", "2", "3"],
    "opened": "1998-09-01",
}


@pytest.fixture
def town():
    return MunicipalityFactory(name="Городской округ")


@pytest.fixture
def browser(town, sign_in):
    return sign_in(specialist_of(town))


def passport(**more):
    return Passport(**{"code": "K1", "name": "Школа", "kind": "secondary", "locality": "city", "grades": [1], **more})


# --- adding and changing ----------------------------------------------------------------------------------------------


def test_a_school_is_added_and_found_by_its_code(town, browser):
    answer = browser.post(reverse("school_add"), PASSPORT)
    added = School.objects.get(municipality=town, code="K77")
    assert answer.url == reverse("school", args=[added.public_id])
    assert (added.grades, added.opened, added.locality) == ([1, 2, 3], date(1998, 9, 1), "village")
    assert "Школа № 77" in text_of(browser.get(reverse("schools"), {"q": "k77"}))


def test_a_code_is_once_in_a_municipality_and_free_in_another(town, browser):
    SchoolFactory(code="K77")
    assert browser.post(reverse("school_add"), PASSPORT).status_code == 302
    answer = browser.post(reverse("school_add"), PASSPORT)
    assert answer.status_code == 422
    assert "Школа с кодом «K77» в муниципалитете уже есть." in text_of(answer)
    assert 'value="Школа № 77"' in answer.content.decode(), "what was typed is kept"
    assert "<title>Ошибка: Новая школа" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"grades": []}, "Укажите классы, которые есть в школе."),
        ({"kind": "preschool"}, "У организации этого вида классов нет."),
        ({"opened": "1500-01-01"}, "Дата открытия указана неверно"),
        ({"name": "1 " * 99}, "Название слишком длинное."),
        ({"kind": "castle"}, "Выберите корректный вариант."),
    ],
)
def test_an_impossible_passport_is_refused_with_a_sentence(typed, sentence, browser):
    answer = browser.post(reverse("school_add"), {**PASSPORT, **typed})
    assert (answer.status_code, School.objects.filter(code="K77").exists()) == (422, False)
    assert sentence in text_of(answer)


def test_the_code_is_permanent_once_there_are_forms(town, browser):
    fresh, used = SchoolFactory(municipality=town, code="A"), SchoolFactory(municipality=town, code="B")
    submission(used)
    fresh = School.objects.create(municipality=town, code="C", name="Новая", kind="basic", locality="city", grades=[1])
    for school in (fresh, used):
        browser.post(reverse("school_edit", args=[school.public_id]), {**PASSPORT, "code": f"{school.code}-2"})
    fresh.refresh_from_db()
    used.refresh_from_db()
    assert (fresh.code, used.code) == ("C-2", "B")
    assert used.name == "Школа № 77", "the rest is corrected all the same"
    with pytest.raises(ActionRefused, match="код изменить нельзя"):
        actions.change_school(school=used, passport=passport(code="B-2"))


def test_a_changed_kind_does_not_touch_a_launched_campaign(town, browser):
    form = submission(SchoolFactory(municipality=town))
    page = browser.get(reverse("school_edit", args=[form.school.public_id]))
    assert "не касается уже запущенных сборов данных" in text_of(page)
    browser.post(reverse("school_edit", args=[form.school.public_id]), PASSPORT)
    form.refresh_from_db()
    assert (form.kind, form.grades) == ("secondary", list(range(1, 12)))


# --- closing ----------------------------------------------------------------------------------------------------------


def close(browser, school, **typed):
    given = {"closed": timezone.localdate().isoformat(), **typed}
    return browser.post(reverse("school_close", args=[school.public_id]), given)


def test_a_merged_school_keeps_its_past_and_names_its_successor(town, browser):
    old, heir = SchoolFactory.create_batch(2, municipality=town)
    form = submission(old)
    assert close(browser, old, successor=heir.public_id).status_code == 302
    told = text_of(browser.get(reverse("school", args=[old.public_id])))
    assert f"Преемница: {heir.name}" in told
    form.refresh_from_db()
    assert form.school == old


def test_a_closed_school_is_not_asked_by_a_later_launch_and_a_reopened_one_is(town, browser):
    school, other = SchoolFactory.create_batch(2, municipality=town)
    close(browser, school, closed="2021-01-01")
    assert submission(other, 2021).campaign.submissions.count() == 1
    browser.post(reverse("school_reopen", args=[school.public_id]))
    assert submission(other, 2022).campaign.submissions.count() == 2


def test_a_successor_is_of_the_same_municipality_open_and_another(town, browser):
    school, closed = SchoolFactory.create_batch(2, municipality=town)
    close(browser, closed, closed="2020-01-01")
    for wrong in (SchoolFactory(), school, closed):
        assert close(browser, school, successor=wrong.public_id).status_code == 422
    with pytest.raises(ActionRefused, match="того же муниципалитета"):
        actions.close_school(school=school, on=date(2021, 9, 1), successor=SchoolFactory())
    with pytest.raises(ActionRefused, match="преемницей самой себя"):
        actions.close_school(school=school, on=date(2021, 9, 1), successor=school)


def test_two_schools_cannot_be_merged_into_each_other(town):
    first, second = SchoolFactory.create_batch(2, municipality=town)
    actions.close_school(school=first, on=timezone.localdate() + timedelta(days=9), successor=second)
    with pytest.raises(ActionRefused, match="сама присоединена"):
        actions.close_school(school=second, on=timezone.localdate(), successor=School.objects.get(pk=first.pk))


def test_a_school_does_not_close_before_it_opened(town, browser):
    school = SchoolFactory(municipality=town, opened=date(2015, 9, 1))
    answer = close(browser, school, closed="2014-09-01")
    assert "не могла закрыться раньше, чем открылась" in text_of(answer)


# --- the list and the table -------------------------------------------------------------------------------------------


def test_the_list_is_filtered_by_kind_place_and_closing(town, browser):
    today = timezone.localdate()
    SchoolFactory(municipality=town, name="Лицей села", kind="lyceum", locality="village")
    SchoolFactory(municipality=town, name="Лицей города", kind="lyceum", closed=today)
    SchoolFactory(municipality=town, name="Закроется", closed=today + timedelta(days=1))

    def names(**query):
        return {one.name for one in browser.get(reverse("schools"), query).context["page"]}

    assert names(kind="lyceum") == {"Лицей села", "Лицей города"}
    assert names(kind="lyceum", locality="village") == {"Лицей села"}
    assert names(closed="yes") == {"Лицей города"}
    assert names(closed="no") == {"Лицей села", "Закроется"}
    assert len(names(kind="castle")) == 3, "nonsense in the address filters nothing"
    assert "Таких школ нет." in text_of(browser.get(reverse("schools"), {"kind": "evening"}))


def test_the_table_has_the_filtered_schools_with_codes_and_no_formula(town, browser):
    heir = SchoolFactory(municipality=town, code="A1", name="=1+1", grades=[1, 2, 3, 4, 9])
    SchoolFactory(municipality=town, code="B2", kind="lyceum", closed=date(2020, 9, 1), successor=heir)
    SchoolFactory(code="C3")
    whole, lyceums = (
        openpyxl.load_workbook(io.BytesIO(browser.get(reverse("schools_export"), query).content)).worksheets[0]
        for query in ({}, {"kind": "lyceum"})
    )
    rows = list(whole.values)
    assert rows[0] == (
        "Код", "Название", "Вид", "Местность", "Классы", "Дата открытия", "Закрыта", "Код преемницы",
    )  # fmt: skip
    assert ("A1", "=1+1", "Средняя школа", "Город", "1–4, 9", None, None, None) in rows
    assert {cell.data_type for row in whole.iter_rows() for cell in row} <= {"s", "n", "d"}
    assert [row[0] for row in lyceums.values] == ["Код", "B2"]
    assert next(row for row in rows if row[0] == "B2")[7] == "A1"


def test_people_go_out_as_a_table_with_codes(town, browser):
    school = SchoolFactory(municipality=town, code="K05")
    member(Role.COORDINATOR, school=school, full_name="Ответственный Первый", phone="+7 000")
    member(Role.COORDINATOR, full_name="Чужой Второй")
    rows = list(openpyxl.load_workbook(io.BytesIO(browser.get(reverse("people_export")).content)).worksheets[0].values)
    row = next(row for row in rows if row[0] == "Ответственный Первый")
    assert (row[2], row[5], row[7]) == ("+7 000", "coordinator", "K05")
    assert not [row for row in rows if row[0] == "Чужой Второй"]


def test_both_registers_go_out_as_csv_which_is_read_back_and_in_no_other_format(town, browser):
    school = SchoolFactory(municipality=town, code="K05", name="=1+1", opened=date(1998, 9, 1))
    someone = member(Role.COORDINATOR, school=school)
    schools, people = (
        read_register(browser.get(reverse(name), {"format": "csv"}).content)
        for name in ("schools_export", "people_export")
    )
    assert schools[1][:2] + schools[1][5:6] == ["K05", "=1+1", "01.09.1998"]
    assert [someone.user.email, "coordinator", "K05"] in [[row[1], row[5], row[7]] for row in people]
    assert browser.get(reverse("people_export"), {"format": "exe"}).status_code == 404


def test_the_page_of_a_school_names_its_people_to_those_who_see_people(town, sign_in):
    school = SchoolFactory(municipality=town)
    someone = member(Role.COORDINATOR, school=school, phone="8 000 111")
    member(Role.SCHOOL_HEAD, school=school, full_name="Бывший Директор", until=date(2021, 1, 1))
    url = reverse("school", args=[school.public_id])
    told = text_of(sign_in(specialist_of(town)).get(url))
    assert "8 000 111" in told
    assert someone.user.email in told
    assert "Бывший Директор" not in told
    assert "8 000 111" not in text_of(sign_in(someone).get(url))
    assert "Изменить" not in text_of(sign_in(member(Role.METHODIST, town)).get(url))
