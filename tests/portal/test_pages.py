"""The portal's own pages: the home of each role, schools, people, a school's page, a job; with their apps' parts."""

import re

import pytest
from django.urls import reverse

from portal.enums import JobState
from portal.models import Job
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    fill,
    member,
    sent,
    specialist_of,
    submission,
    under_review,
)

pytestmark = pytest.mark.django_db


def text_of(response):
    """What a person reads: no tags, single spaces."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(body.replace("\u00a0", " ").replace("&nbsp;", " ").split())


@pytest.fixture
def town():
    return MunicipalityFactory(name="Городской округ")


def page_of(client, school, **query):
    return client.get(reverse("school", args=[school.public_id]), query)


# --- home -------------------------------------------------------------------------------------------------------------


def test_a_coordinator_finds_the_forms_of_the_newest_year(town, sign_in):
    school = SchoolFactory(municipality=town)
    sent(submission(school, 2020))
    form = fill(submission(school, 2021), pupils_9=30, pupils_10=30)
    response = sign_in(member(Role.COORDINATOR, school=school)).get("/")
    told = text_of(response)
    assert "Формы школы, 2021/2022 учебный год" in told
    assert f"Заполнено 2 из {form.cells_total}." in told
    assert reverse("monitoring:form", args=[form.public_id]) in response.content.decode()
    assert "2020/2021" not in told


def test_a_form_of_an_earlier_year_stays_until_it_is_handed_in(town, sign_in):
    school = SchoolFactory(municipality=town)
    submission(school, 2020, "graduates")
    submission(school, 2021)
    assert "Не сданы за прошлые годы" in text_of(sign_in(member(Role.COORDINATOR, school=school)).get("/"))


def test_a_coordinator_before_the_first_campaign_is_told_what_will_come(sign_in):
    told = text_of(sign_in(member(Role.COORDINATOR)).get("/"))
    assert "Сбор данных ещё не запущен. Когда он начнётся, формы появятся здесь." in told


def test_the_municipality_sees_how_its_collection_goes(town, sign_in):
    first, second = SchoolFactory.create_batch(2, municipality=town)
    accepted(submission(first))
    under_review(submission(second))
    response = sign_in(member(Role.METHODIST, town)).get("/")
    assert "Сдали 2 из 2 · на проверке 1 · приняты 1 ·" in text_of(response)
    assert reverse("monitoring:collection") in response.content.decode()


def test_the_municipality_sees_what_asks_for_attention_in_at_most_seven_lines(town, sign_in):
    school = SchoolFactory(municipality=town)
    accepted(submission(school, 2020), tested_9_11=60, tested_6_8=60)
    accepted(submission(school, 2021), tested_9_11=10, tested_6_8=10)
    body = sign_in(member(Role.HEAD, town)).get("/").content.decode()
    attention = body.partition('<ul class="attention">')[2].partition("</ul>")[0]
    assert 1 <= attention.count("<li>") <= 7
    assert "4.1" in attention


@pytest.mark.parametrize("role", [Role.EXPERT, Role.REGIONAL, Role.INSTALLATION_ADMIN, Role.MUNICIPAL_ADMIN])
def test_a_role_without_forms_or_dashboards_has_a_calm_home(role, sign_in):
    response = sign_in(member(role))
    told = text_of(response.get("/"))
    assert "Сдали" not in told
    assert "Формы школы" not in told


# --- schools ----------------------------------------------------------------------------------------------------------


def test_schools_are_found_without_regard_to_case(town, sign_in):
    SchoolFactory(municipality=town, name="Ёлкинская школа")
    SchoolFactory(municipality=town, name="Школа № 2")
    SchoolFactory(name="Ёлкинская соседняя")
    told = text_of(sign_in(member(Role.SPECIALIST, town)).get(reverse("schools"), {"q": "елкин"}))
    assert "Школ: 1" in told
    assert "Ёлкинская школа" in told
    assert "соседняя" not in told


def test_schools_can_be_turned_round(town, sign_in):
    SchoolFactory(municipality=town, name="Школа № 2")
    SchoolFactory(municipality=town, name="Школа № 10")
    client = sign_in(member(Role.SPECIALIST, town))
    names = [
        [one.name for one in client.get(reverse("schools"), {"order": order}).context["page"]]
        for order in ("", "-name")
    ]
    assert names == [["Школа № 2", "Школа № 10"], ["Школа № 10", "Школа № 2"]]


def test_nothing_found_is_said(town, sign_in):
    told = text_of(sign_in(member(Role.SPECIALIST, town)).get(reverse("schools"), {"q": "нет такой"}))
    assert "По запросу «нет такой» школ не найдено." in told


def test_what_is_typed_into_the_search_is_shown_as_text(town, sign_in):
    body = sign_in(member(Role.SPECIALIST, town)).get(reverse("schools"), {"q": "<b>x</b>"}).content.decode()
    assert "<b>x</b>" not in body


def test_people_of_the_municipality_are_listed_and_searched(town, sign_in):
    member(Role.METHODIST, town, full_name="Вера Примерова")
    member(Role.METHODIST, full_name="Вера Соседова")
    told = text_of(sign_in(member(Role.SPECIALIST, town)).get(reverse("people"), {"q": "Вера"}))
    assert "Записей: 1" in told
    assert "Вера Примерова Методист Городской округ" in told


# --- a school's page --------------------------------------------------------------------------------------------------


@pytest.fixture
def six_schools(town):
    """Six schools of one kind whose testing was 9, 18 … 54 of 90."""
    schools = SchoolFactory.create_batch(6, municipality=town)
    for place, school in enumerate(schools, start=1):
        accepted(submission(school), tested_9_11=9 * place)
    return schools


def row_of(response, code):
    rows = [row for group in response.context["groups"] for row in group.rows]
    return next(row for row in rows if row.code == code)


def test_a_school_sees_its_passport_values_median_and_forms(six_schools, sign_in):
    response = page_of(sign_in(member(Role.COORDINATOR, school=six_schools[0])), six_schools[0])
    told = text_of(response)
    assert "Вид Средняя школа Местность Город" in told
    assert "10,0 % 9 из 90" in told
    assert row_of(response, "4.1").peers == "35,0\u00a0%"
    assert "Мониторинг профориентационной работы 2021/22 принята" in told


def test_a_school_learns_nothing_of_a_group_smaller_than_five(town, sign_in):
    schools = SchoolFactory.create_batch(4, municipality=town)
    for school in schools:
        accepted(submission(school))
    own = page_of(sign_in(member(Role.COORDINATOR, school=schools[0])), schools[0])
    assert row_of(own, "4.1").peers == "…"
    official = page_of(sign_in(specialist_of(town)), schools[0])
    assert row_of(official, "4.1").peers == "2,2\u00a0%"


def test_a_school_does_not_find_another_school(six_schools, sign_in):
    assert page_of(sign_in(member(Role.COORDINATOR, school=six_schools[0])), six_schools[1]).status_code == 404


def test_a_school_of_another_municipality_is_not_found(six_schools, sign_in):
    assert page_of(sign_in(member(Role.SPECIALIST)), six_schools[0]).status_code == 404


def test_what_a_school_has_or_has_not_is_told_by_a_word(town, sign_in):
    school = SchoolFactory(municipality=town)
    accepted(submission(school), stand=1, site_section=0)
    response = page_of(sign_in(specialist_of(town)), school)
    assert row_of(response, "5.7").years[-1].value == "нет"


def test_a_year_that_is_no_year_is_told_on_a_schools_page(six_schools, sign_in):
    told = text_of(page_of(sign_in(specialist_of(six_schools[0].municipality)), six_schools[0], year="abc"))
    assert "Год указан неверно." in told


def test_the_municipal_administrator_sees_the_passport_only(six_schools, sign_in):
    admin = member(Role.MUNICIPAL_ADMIN, six_schools[0].municipality)
    told = text_of(page_of(sign_in(admin), six_schools[0]))
    assert "Вид Средняя школа" in told
    assert "Показатели школы" not in told
    assert "Формы школы" not in told


def test_an_observer_sees_indicators_and_no_forms(six_schools, sign_in):
    told = text_of(page_of(sign_in(member(Role.OBSERVER, six_schools[0].municipality)), six_schools[0]))
    assert "Показатели школы" in told
    assert "Формы школы" not in told


def test_a_school_without_data_says_so(town, sign_in):
    school = SchoolFactory(municipality=town)
    assert "сбор данных ещё не проводился" in text_of(page_of(sign_in(specialist_of(town)), school))


# --- a job ------------------------------------------------------------------------------------------------------------


def job_page(client, job, **headers):
    return client.get(reverse("job", args=[job.public_id]), headers=headers).content.decode()


def test_a_running_job_shows_its_progress_and_asks_again(town, sign_in):
    job = Job.objects.create(kind="report", municipality=town, state=JobState.RUNNING, progress=40, stage="Таблицы")
    body = job_page(sign_in(member(Role.METHODIST, town)), job)
    assert '<progress value="40" max="100"' in body
    assert 'hx-trigger="every 2s"' in body


def test_the_part_that_renews_itself_comes_without_the_page(town, sign_in):
    job = Job.objects.create(kind="report", municipality=town, state=JobState.RUNNING)
    assert "<html" not in job_page(sign_in(member(Role.METHODIST, town)), job, hx_request="true")


def test_a_done_job_leads_to_its_result_and_asks_no_more(town, sign_in):
    job = Job.objects.create(kind="report", municipality=town, state=JobState.DONE, result={"url": "/reports/7/"})
    body = job_page(sign_in(member(Role.METHODIST, town)), job)
    assert 'href="/reports/7/"' in body
    assert "hx-trigger" not in body


def test_a_failed_job_says_why(town, sign_in):
    job = Job.objects.create(kind="report", municipality=town, state=JobState.FAILED, message="Нет принятых данных.")
    assert "Нет принятых данных." in job_page(sign_in(member(Role.METHODIST, town)), job)


def test_a_job_of_another_municipality_is_not_found(town, sign_in):
    job = Job.objects.create(kind="report", municipality=town)
    client = sign_in(member(Role.METHODIST))
    assert client.get(reverse("job", args=[job.public_id])).status_code == 404


@pytest.mark.parametrize(("name", "queries"), [("schools", 6), ("people", 8)])
def test_lists_ask_as_much_of_thirty_rows_as_of_one(name, queries, town, sign_in, django_assert_num_queries):
    client = sign_in(specialist_of(town))
    SchoolFactory(municipality=town)
    client.get(reverse(name))
    with django_assert_num_queries(queries):
        client.get(reverse(name))
    for school in SchoolFactory.create_batch(30, municipality=town):
        member(Role.COORDINATOR, school=school)
    with django_assert_num_queries(queries):
        client.get(reverse(name))
