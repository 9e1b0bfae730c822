"""Does «Своя таблица» show exactly the sums that the forms hold, under one permanent address, and keep it by name?"""

import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.actions.saved import rename_table
from monitoring.models import Indicator, SavedTable
from monitoring.queries.results.indicators import Circle, measure
from monitoring.queries.results.sentences import coverage_words, value_words
from monitoring.queries.tables.own_table import LAYOUTS, MOST_COLUMNS, Choice, own_table
from monitoring.queries.tables.table_offer import offer_of
from portal.actions import ActionRefused
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, member, sent, submission

pytestmark = pytest.mark.django_db
PAGE = reverse("monitoring:own_table")


@pytest.fixture
def town():
    return MunicipalityFactory(slug="town", name="Городской округ")


@pytest.fixture
def specialist(town, sign_in):
    return sign_in(member(Role.SPECIALIST, town))


@pytest.fixture
def schools(town):
    """Two secondary schools and a primary one accepted in 2021, a gymnasium that has not begun; 2020 of the first."""
    first = SchoolFactory(municipality=town, code="A", name="Школа № 1", locality="village")
    second = SchoolFactory(municipality=town, code="B", name="Школа № 2")
    primary = SchoolFactory(municipality=town, code="C", name="Школа № 3", kind="primary", grades=[1, 2, 3, 4])
    late = SchoolFactory(municipality=town, code="D", name="Школа № 4", kind="gymnasium")
    accepted(submission(first, 2020), tested_9_11=18)
    accepted(submission(first, 2021), tested_9_11=30, service_talk=7)
    accepted(submission(second, 2021), tested_9_11=45, service_talk=None)
    accepted(submission(primary, 2021), service_talk=5)
    return first, second, primary, late


def text_of(response):
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(body.replace("\u00a0", " ").replace("&nbsp;", " ").split())


def shown(response):
    """{row: [cells as they are printed]} of the page's table, totals among them."""
    context = response.context
    lines = [*context["rows"], *context["sums"]]
    return {row.head.title: [cell.words.replace("\u00a0", " ") for _, cell in cells] for row, cells in lines}


# --- the numbers ------------------------------------------------------------------------------------------------------


def test_a_share_is_added_up_and_never_averaged(specialist, schools):
    asked = {"what": "4.1", "year": "2021", "layout": "schools", "show": "both", "total": ["all", "kinds"]}
    response = specialist.get(PAGE, asked)
    table = shown(response)
    assert table == {
        "Школа № 1": ["33,3 % (30 из 90)"],
        "Школа № 2": ["50,0 % (45 из 90)"],
        "Школа № 3": ["х"],
        "Школа № 4": ["…"],
        "Всего": ["41,7 % (75 из 180)"],
        "Всего: Начальная школа": ["х"],
        "Всего: Средняя школа": ["41,7 % (75 из 180)"],
        "Всего: Гимназия": ["…"],
    }
    assert "по данным 2 из 3 школ; не относится: 1 школа" in text_of(response)


def test_an_element_is_added_up_with_its_coverage(specialist, schools):
    response = specialist.get(PAGE, {"what": "service_talk", "year": "2021", "layout": "schools", "total": "all"})
    assert shown(response) == {
        "Школа № 1": ["7"],
        "Школа № 2": ["…"],
        "Школа № 3": ["5"],
        "Школа № 4": ["…"],
        "Всего": ["12"],
    }
    assert "по данным 2 из 4 школ" in text_of(response)


def test_every_total_is_that_of_the_dashboards(town, schools):
    offer = offer_of(town)
    codes = tuple(Indicator.objects.order_by("group__order", "order").values_list("code", flat=True))
    table = own_table(Choice(what=codes, years=("2021",), layout="indicators"), offer)
    by_municipality = measure(Circle(town.pk, (2021,)), by="municipality")
    compared = 0
    for row in table.rows:
        sums = by_municipality.get((town.pk, 2021, row.head.code))
        if sums is not None:
            compared += 1
            assert (row.cells[0].words, row.cells[0].coverage) == (value_words(sums), coverage_words(sums))
    assert compared > 20


@pytest.mark.parametrize(("show", "words"), [("percent", "33,3 %"), ("fraction", "30 из 90")])
def test_percent_and_numbers_may_be_shown_alone(show, words, specialist, schools):
    response = specialist.get(PAGE, {"what": "4.1", "year": "2021", "layout": "schools", "show": show})
    assert shown(response)["Школа № 1"] == [words]


def test_unaccepted_forms_count_only_where_they_are_asked_for(specialist, schools):
    sent(submission(schools[3], 2021), tested_9_11=60)
    asked = {"what": "4.1", "year": "2021", "layout": "schools", "total": "all"}
    assert shown(specialist.get(PAGE, asked))["Всего"] == ["41,7 % (75 из 180)"]
    preliminary = specialist.get(PAGE, asked | {"preliminary": "1"})
    assert shown(preliminary)["Всего"] == ["50,0 % (135 из 270)"]
    assert "Предварительно: включены непринятые формы." in text_of(preliminary)


def test_layouts_turn_the_same_numbers(specialist, schools):
    asked = {"what": ["4.1", "service_talk"], "year": ["2020", "2021"], "school": "A"}
    flat = shown(specialist.get(PAGE, asked | {"layout": "schools"}))["Школа № 1"]
    assert flat == ["20,0 % (18 из 90)", "33,3 % (30 из 90)", "2", "7"]
    across = shown(specialist.get(PAGE, asked | {"layout": "across"}))
    assert [*across.values()] == [flat[:2], flat[2:]]
    by_year = shown(specialist.get(PAGE, asked | {"layout": "years"}))
    assert by_year == {"2020/21": [flat[0], flat[2]], "2021/22": [flat[1], flat[3]]}
    by_item = shown(specialist.get(PAGE, asked | {"layout": "indicators"}))
    assert [*by_item.values()] == [flat[:2], flat[2:]]


def test_schools_are_chosen_by_kind_locality_and_name(specialist, schools):
    def names(**more):
        table = shown(specialist.get(PAGE, {"what": "pupils_1", "year": "2021", "layout": "schools", **more}))
        return [name for name in table if name.startswith("Школа")]

    assert names(kind="primary") == ["Школа № 3"]
    assert names(locality="village") == ["Школа № 1"]
    assert names(school=["B", "D"]) == ["Школа № 2", "Школа № 4"]
    assert names(kind="secondary", locality="city") == ["Школа № 2"]


def test_an_indicator_outside_its_years_is_inapplicable_and_a_note_says_so(specialist, town, schools):
    accepted(submission(schools[0], 2022))
    response = specialist.get(PAGE, {"what": "professionals_9_11", "year": ["2021", "2022"], "layout": "schools"})
    assert shown(response)["Школа № 1"] == ["х", "2"]
    assert "собирается с 2022/23" in text_of(response)


# --- the address ------------------------------------------------------------------------------------------------------


def test_relative_years_move_with_the_data(specialist, schools):
    asked = {"what": "4.1", "year": "last3", "layout": "years"}
    assert [*shown(specialist.get(PAGE, asked))] == ["2020/21", "2021/22"]
    for school in schools[:3]:
        accepted(submission(school, 2022))
    assert [*shown(specialist.get(PAGE, asked))] == ["2020/21", "2021/22", "2022/23"]


def test_what_is_unknown_is_named_and_the_rest_is_shown(specialist, schools):
    foreign = SchoolFactory(code="ZEBRA")
    asked = {"what": ["4.1", "9.99"], "year": ["2021", "1999"], "school": ["A", foreign.code], "kind": "castle"}
    response = specialist.get(PAGE, asked | {"layout": "upside", "show": "x", "total": "y", "page": "abc"})
    assert response.status_code == 200
    told = text_of(response)
    for sentence in ("Таких показателей нет: 9.99.", "данных нет: 1999.", "Таких школ нет: ZEBRA.", "castle"):
        assert sentence in told
    assert shown(response)["Школа № 1"] == ["33,3 % (30 из 90)"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "Отметьте показатели и нажмите «Показать таблицу»."),
        ({"what": "4.1", "year": "1999"}, "За выбранные годы данных нет."),
        ({"what": "kids_5_7"}, "По этому выбору данных нет"),
        ({"what": "4.1", "kind": "primary", "locality": "village"}, "По этому выбору данных нет"),
    ],
)
def test_a_choice_that_leaves_nothing_gets_a_sentence(asked, sentence, specialist, schools):
    assert sentence in text_of(specialist.get(PAGE, asked))


def test_a_municipality_without_data_gets_a_sentence(specialist):
    assert "сбор данных ещё не проводился" in text_of(specialist.get(PAGE, {"what": "4.1"}))


def test_too_many_columns_are_refused_and_many_are_left_to_the_file(specialist, town, schools):
    codes = [*offer_of(town).items]
    refused = specialist.get(PAGE, {"what": codes[: MOST_COLUMNS + 1], "year": "2021"})
    assert "в одной таблице их не больше 60" in text_of(refused)
    response = specialist.get(PAGE, {"what": codes[:20], "year": "2021"})
    assert len(response.context["columns"]) == 15
    assert "Остальные (5) есть в файле" in text_of(response)
    file = specialist.get(PAGE, {"what": codes[:20], "year": "2021", "table": "own", "format": "json"}).json()
    assert set(codes[:20]) <= {column["code"].removesuffix(".2021") for column in file["columns"]}


def test_a_hundred_rows_to_a_page_all_on_paper_and_in_the_file(specialist, town):
    made = SchoolFactory.create_batch(101, municipality=town)
    submission(made[0], 2021)
    asked = {"what": "pupils_1", "year": "2021", "layout": "schools", "total": "all"}
    assert len(specialist.get(PAGE, asked).context["rows"]) == 100
    last = specialist.get(PAGE, asked | {"page": "2"})
    assert len(last.context["rows"]) == len(last.context["sums"]) == 1
    assert len(specialist.get(PAGE, asked | {"print": "1"}).context["rows"]) == 101
    assert len(specialist.get(PAGE, asked | {"table": "own", "format": "json"}).json()["rows"]) == 102


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_number_of_queries_does_not_grow(layout, specialist, town, schools):
    asked = {"what": ["4.1", "service_talk"], "year": ["2020", "2021"], "layout": layout, "total": ["all", "kinds"]}
    specialist.get(PAGE, asked)
    with CaptureQueriesContext(
        connection,
    ) as few:
        specialist.get(PAGE, asked)
    for school in SchoolFactory.create_batch(5, municipality=town):
        submission_of_late_school(school)
    wider = {"what": ["4.1", "4.2", "1.1", "service_talk", "pupils_1", "pupils_9"], "year": ["2020", "2021"]}
    with CaptureQueriesContext(connection) as many:
        specialist.get(PAGE, asked | wider)
    assert len(many) == len(few) <= 22


def submission_of_late_school(school):
    """A school that joined a campaign after its launch."""
    like = submission(school.municipality.schools.first(), 2021)
    like.pk, like.public_id, like.school = None, school.public_id, school
    like._state.adding = True
    like.save()


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_workbook_holds_numbers_and_says_what_they_are(specialist, schools):
    asked = {"what": ["4.1", "pupils_1"], "year": "2021", "layout": "schools", "total": "all"}
    answer = specialist.get(PAGE, asked | {"show": "both", "table": "own", "format": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    lines = {row[0]: row[1:] for row in book.worksheets[0].iter_rows(values_only=True)}
    assert lines["Школа № 1"][:3] == (pytest.approx(1 / 3, abs=1e-6), 30, 90)
    assert lines["Школа № 3"][:3] == ("х", None, None)
    assert lines["Всего"][1:3] == (75, 180)
    about = " ".join(str(row[0]) for row in book["О данных"].iter_rows(values_only=True))
    assert "по данным 2 из 3 школ" in about
    assert "только принятые данные" in about
    assert "Σ (" in about


def test_a_csv_holds_what_a_person_reads_and_no_formula(specialist, town, schools):
    schools[0].name = "=HYPERLINK(1)"
    schools[0].save()
    asked = {"what": "4.1", "year": "2021", "layout": "schools", "show": "percent", "table": "own"}
    lines = specialist.get(PAGE, asked | {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert "'=HYPERLINK(1);33,3\u00a0%" in lines
    assert specialist.get(PAGE, asked | {"format": "exe"}).status_code == 404


# --- kept by name -----------------------------------------------------------------------------------------------------


def keep(browser, name, query="what=4.1&year=last&layout=schools&find=x&page=3", **more):
    return browser.post(reverse("monitoring:table_keep"), {"name": name, "query": query, **more})


def test_a_table_is_kept_as_its_choice_and_opens_by_it(specialist, town, schools):
    answer = keep(specialist, "  Охват   по школам ")
    kept = SavedTable.objects.get(municipality=town)
    assert kept.name == "Охват по школам"
    assert kept.query == "what=4.1&year=last&layout=schools&show=both"
    assert answer.url == f"{PAGE}?{kept.query}"
    assert "41,7" not in kept.query
    listed = specialist.get(reverse("monitoring:saved_tables")).content.decode()
    assert "what=4.1&amp;year=last" in listed


def test_a_taken_name_asks_before_it_is_replaced(specialist, town, schools):
    keep(specialist, "Охват")
    asked = keep(specialist, "Охват", "what=4.2&layout=years")
    assert asked.status_code == 422
    assert "Таблица с таким названием уже есть" in text_of(asked)
    assert 'value="what=4.2&amp;layout=years"' in asked.content.decode()
    assert SavedTable.objects.get().query.startswith("what=4.1")
    keep(specialist, "Охват", "what=4.2&layout=years", replace="on")
    assert SavedTable.objects.get().query.startswith("what=4.2")


@pytest.mark.parametrize(
    ("name", "query", "sentence"),
    [
        ("", "what=4.1", "Назовите таблицу."),
        ("Т" * 201, "what=4.1", "200"),
        ("Пустая", "", "Сначала выберите показатели"),
        ("Чужая", "what=9.99", "Сначала выберите показатели"),
    ],
)
def test_a_table_without_name_or_choice_is_refused(name, query, sentence, specialist, schools):
    answer = keep(specialist, name, query)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not SavedTable.objects.exists()


def test_a_choice_too_long_for_an_address_is_refused(specialist, town, schools):
    many = SchoolFactory.create_batch(90, municipality=town)
    query = "what=4.1&" + "&".join(f"school={school.code:0>30}" for school in many)
    for school in many:
        school.code = f"{school.code:0>30}"
        school.save()
    assert "слишком много школ" in text_of(keep(specialist, "Все", query))


def test_renaming_and_deleting(specialist, town, schools):
    keep(specialist, "Первая")
    keep(specialist, "Вторая")
    first = SavedTable.objects.get(name="Первая")
    rename, delete = (reverse(f"monitoring:table_{what}", args=[first.public_id]) for what in ("rename", "delete"))
    taken = specialist.post(rename, {"name": "Вторая"})
    assert taken.status_code == 422
    assert "уже есть" in text_of(taken)
    specialist.post(rename, {"name": "Третья"})
    assert "Удалить таблицу «Третья»?" in text_of(specialist.get(delete))
    specialist.post(delete)
    assert [*SavedTable.objects.values_list("name", flat=True)] == ["Вторая"]


def test_a_table_that_was_deleted_between_two_clicks_is_not_renamed(specialist, schools):
    keep(specialist, "Первая")
    table = SavedTable.objects.get()
    SavedTable.objects.all().delete()
    with pytest.raises(ActionRefused, match="уже удалили"):
        rename_table(table=table, name="Другая")


def test_a_table_of_another_municipality_is_not_found(specialist, schools):
    foreign = SavedTable.objects.create(municipality=MunicipalityFactory(), name="ЗЕБРА", query="what=4.1")
    for what in ("rename", "delete"):
        address = reverse(f"monitoring:table_{what}", args=[foreign.public_id])
        assert specialist.get(address).status_code == specialist.post(address).status_code == 404
    assert "ЗЕБРА" not in text_of(specialist.get(reverse("monitoring:saved_tables")))
    assert keep(specialist, "ЗЕБРА").status_code == 302
    assert SavedTable.objects.count() == 2


def test_an_observer_reads_and_does_not_keep(town, schools, sign_in):
    observer = sign_in(member(Role.OBSERVER, town))
    page = observer.get(PAGE, {"what": "4.1", "year": "2021"})
    assert "Сохранить таблицу" not in text_of(page)
    assert keep(observer, "Охват").status_code == 403


def test_the_list_of_kept_tables_asks_the_same_number_of_queries(specialist, town):
    address = reverse("monitoring:saved_tables")
    SavedTable.objects.create(municipality=town, name="0", query="what=4.1")
    specialist.get(address)
    with CaptureQueriesContext(connection) as few:
        specialist.get(address)
    for number in range(1, 30):
        SavedTable.objects.create(municipality=town, name=str(number), query="what=4.1")
    with CaptureQueriesContext(connection) as many:
        specialist.get(address)
    assert len(few) == len(many)
