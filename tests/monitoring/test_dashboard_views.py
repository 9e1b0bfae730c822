"""The dashboard: whose it is, what it says without data, what it shows with it, and how many queries that takes."""

import re
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import charts
from monitoring.forms.dashboard import TargetForm
from monitoring.models import Campaign, Element, Explanation, Target
from monitoring.queries.results.comparison import KindLines, Peers
from portal.enums import SchoolKind
from portal.models import School
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, campaign, member, sent, submission
from tests.monitoring import histories

pytestmark = pytest.mark.django_db
PAGES = ["monitoring:dashboard", "monitoring:dashboard_schools", "monitoring:collection"]
DASHBOARD = reverse("monitoring:dashboard")


def text_of(response):
    """What a person reads: no tags, single spaces."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(body.replace("\u00a0", " ").replace("&nbsp;", " ").split())


@pytest.fixture
def town():
    return MunicipalityFactory(slug="town", name="Городской округ")


@pytest.fixture
def specialist(town, sign_in):
    return sign_in(member(Role.SPECIALIST, town))


@pytest.fixture
def with_data(town):
    """Two schools with two accepted years, a third that has not begun."""
    first, second, _ = SchoolFactory.create_batch(3, municipality=town)
    for year, tested in ((2020, 18), (2021, 36)):
        for school in (first, second):
            accepted(submission(school, year), tested_9_11=tested)
    return first, second


# --- whose it is, and what the address may say ------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_another_municipality_is_not_found(name, specialist, with_data):
    MunicipalityFactory(slug="neighbour")
    assert specialist.get(reverse(name), {"municipality": "town"}, follow=True).status_code == 200
    assert specialist.get(reverse(name), {"municipality": "neighbour"}).status_code == 404
    assert specialist.get(reverse(name), {"municipality": "nowhere"}).status_code == 404


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("year", ["abc", "20215", "-1", "２０２１", "2021 OR 1=1"])
def test_a_year_that_is_no_year_gets_a_sentence(name, year, specialist, with_data):
    response = specialist.get(reverse(name), {"year": year})
    assert response.status_code == 400
    assert "Год указан неверно. Выберите учебный год из списка." in text_of(response)


@pytest.mark.parametrize("name", PAGES)
def test_a_year_without_data_gets_a_sentence_and_the_years_that_have_it(name, specialist, with_data):
    response = specialist.get(reverse(name), {"year": "1999"})
    assert response.status_code == 200
    assert "Данных за 1999/2000 учебный год нет." in text_of(response)
    assert "year=2021" in response.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_a_municipality_without_any_data_gets_a_sentence(name, specialist):
    assert "сбор данных ещё не проводился" in text_of(specialist.get(reverse(name)))


def test_a_coordinator_has_no_dashboard(sign_in, with_data):
    client = sign_in(member(Role.COORDINATOR, school=with_data[0]))
    assert client.get(DASHBOARD).status_code == 403


# --- the overview -----------------------------------------------------------------------------------------------------


def test_a_value_stands_with_its_fraction_coverage_and_change(specialist, with_data):
    told = text_of(specialist.get(DASHBOARD, {"year": 2021}))
    assert "40,0 % 72 из 180 по данным 2 из 3 школ" in told
    assert "+20,0 п. п. ≈ 36 обучающихся" in told


def test_tiles_are_those_of_the_municipality(specialist, town, with_data):
    town.document_profile = {"tiles": ["4.2"]}
    town.save()
    response = specialist.get(DASHBOARD, {"year": 2021})
    assert [tile.url.split("?")[0] for tile in response.context["tiles"]] == [
        reverse("monitoring:indicator", args=["4.2"])
    ]


def test_a_tile_without_value_is_named_instead(specialist, town, with_data):
    town.document_profile = {"tiles": ["4.2", "5.2"]}
    town.save()
    accepted(submission(with_data[0], 2022), tested_6_8=None)
    response = specialist.get(DASHBOARD, {"year": 2022})
    assert "Нет значения за этот год: 4.2" in text_of(response)


def test_a_tile_whose_indicator_was_replaced_shows_its_successor(specialist, with_data):
    accepted(submission(with_data[0], 2022))
    accepted(submission(with_data[1], 2022))
    response = specialist.get(DASHBOARD, {"year": 2022})
    assert any("2.1-p" in tile.url for tile in response.context["tiles"])
    assert "показатель изменён" in text_of(response)


def test_the_default_year_is_the_last_that_can_be_judged(specialist, with_data):
    sent(submission(with_data[0], 2022))
    assert specialist.get(DASHBOARD).context["chosen"].year == 2021


def test_forms_that_are_not_accepted_count_only_when_asked_and_the_page_says_so(specialist, with_data):
    sent(submission(with_data[0], 2022), tested_9_11=45)
    assert "Принятых данных за 2022/2023 учебный год пока нет." in text_of(specialist.get(DASHBOARD, {"year": 2022}))
    told = text_of(specialist.get(DASHBOARD, {"year": 2022, "preliminary": 1}))
    assert "Предварительно: включены непринятые формы" in told
    assert "50,0 % 45 из 90" in told


def test_the_legend_explains_the_signs(specialist, with_data):
    assert "«…» – нет данных или значения; «х» – показатель не относится" in text_of(specialist.get(DASHBOARD))


# --- schools × indicators ---------------------------------------------------------------------------------------------


def schools_page(client, **query):
    return client.get(reverse("monitoring:dashboard_schools"), {"year": 2021, "group": "support", **query})


def test_schools_are_sorted_by_the_indicator_of_the_address(specialist, town):
    low, high = SchoolFactory.create_batch(2, municipality=town)
    accepted(submission(low), tested_9_11=9)
    accepted(submission(high), tested_9_11=45)
    assert [row.school for row in schools_page(specialist, order="4.1").context["rows"]] == [high, low]
    response = schools_page(specialist, order="-4.1")
    assert [row.school for row in response.context["rows"]] == [low, high]
    assert 'aria-sort="ascending"' in response.content.decode()


def test_an_unknown_group_or_order_falls_back(specialist, with_data):
    assert schools_page(specialist, group="nothing", order="9.9").status_code == 200


def test_no_data_and_inapplicable_are_different_signs(specialist, town):
    full, primary = (
        SchoolFactory(municipality=town),
        SchoolFactory(municipality=town, kind="primary", grades=[1, 2, 3, 4]),
    )
    accepted(submission(full), tested_9_11=None)
    response = schools_page(specialist)
    place = [column["code"] for column in response.context["columns"]].index("4.1")
    cells = {row.school: row.cells[place].value for row in response.context["rows"]}
    assert cells == {full: "…", primary: "х"}


def test_the_wide_table_scrolls_in_a_region_that_the_keyboard_reaches(specialist, with_data):
    assert 'role="region" tabindex="0"' in schools_page(specialist).content.decode()


# --- one indicator ----------------------------------------------------------------------------------------------------


def indicator_page(client, code="4.1", **query):
    return client.get(reverse("monitoring:indicator", args=[code]), {"year": 2021, **query})


def test_an_indicator_is_defined_and_concluded_in_words(specialist, with_data):
    told = text_of(indicator_page(specialist))
    assert "Обучающихся, 9–11 классы" in told
    assert "Доля выросла на 20,0 п. п. (≈ 36 обучающихся) к 2020/21 уч. году. Динамика положительная." in told


def test_the_figure_is_a_kept_picture_with_message_alt_and_table(specialist, with_data):
    response = indicator_page(specialist)
    figure = response.context["figure"]
    assert figure.title == "Доля выросла до 40,0\u00a0%"
    assert "36 из 180" in figure.alt
    assert specialist.get(figure.src).headers["Content-Type"] == "image/svg+xml"
    assert "2020/21 20,0 % 36 из 180 по данным 2 из 3 школ" in text_of(response)


def test_a_picture_of_another_municipality_is_not_found(specialist, with_data, client, sign_in):
    source = indicator_page(specialist).context["figure"].src
    stranger = sign_in(member(Role.SPECIALIST, MunicipalityFactory()))
    assert stranger.get(source).status_code == 404


def test_an_unknown_indicator_is_not_found(specialist, with_data):
    assert indicator_page(specialist, "9.9").status_code == 404


def test_an_indicator_outside_its_years_leads_to_its_successor(specialist, with_data):
    campaign(with_data[0].municipality, 2022)
    response = indicator_page(specialist, "2.1", year=2022)
    assert "показатель не рассчитывается" in text_of(response)
    assert reverse("monitoring:indicator", args=["2.1-p"]) in response.content.decode()


def test_a_year_is_shown_with_two_more_in_the_table_and_four_more_in_the_trend(specialist, town):
    school = SchoolFactory(municipality=town)
    for year in range(2017, 2022):
        accepted(submission(school, year), tested_9_11=9 * (year - 2016))
    figure = indicator_page(specialist).context["figure"]
    assert [row[0].text for row in figure.data.rows] == ["2017/18", "2018/19", "2019/20", "2020/21", "2021/22"]
    assert "Раньше: 10,0 % (9 из 90) в 2017/18" in figure.alt.replace("\u00a0", " ")
    response = specialist.get(DASHBOARD, {"year": 2021})
    assert response.context["years"] == ["2019/20", "2020/21", "2021/22"]
    assert (
        "2017/18" in specialist.get(DASHBOARD, {"year": 2021, "table": "indicators", "format": "csv"}).content.decode()
    )


def test_a_change_of_the_circle_of_schools_is_not_taken_for_a_change(specialist, town):
    stays, comes = SchoolFactory.create_batch(2, municipality=town)
    accepted(submission(stays, 2020), tested_9_11=45)
    submission(comes, 2020)
    accepted(submission(stays), tested_9_11=45)
    accepted(submission(comes), tested_9_11=9)
    told = text_of(indicator_page(specialist))
    assert (
        "По сопоставимому кругу школ (1 школа, у которой есть данные за оба года): 50,0 % (45 из 90) в 2020/21" in told
    )
    assert "Доля не изменилась к 2020/21 уч. году." in told


def test_schools_are_ranked_inside_their_kind_and_small_bases_have_no_place(specialist, town):
    schools = SchoolFactory.create_batch(3, municipality=town)
    little = SchoolFactory(municipality=town, name="Малая", kind="basic", grades=list(range(1, 10)))
    for school, number in zip(schools, (9, 45, 45), strict=True):
        accepted(submission(school), tested_9_11=number)
    accepted(submission(little), pupils_9=18, tested_9_11=6)
    kinds = {kind["label"]: kind for kind in indicator_page(specialist).context["kinds"]}
    assert [row.place for row in kinds["Средняя школа"]["rows"]] == ["1", "1", "3"]
    assert [row.place for row in kinds["Основная школа"]["rows"]] == ["мало данных"]


def test_two_thousand_schools_come_a_hundred_to_a_page_in_the_order_of_all(specialist, town):
    schools = [SchoolFactory.build(municipality=town, name=f"Школа № {n}", sort_key=f"{n:05d}") for n in range(2000)]
    School.objects.bulk_create(schools)
    campaign(town)
    first, last = School.objects.filter(municipality=town).order_by("-pk")[:2]
    accepted(submission(first), tested_9_11=9)
    accepted(submission(last), tested_9_11=45)
    [kind] = indicator_page(specialist).context["kinds"]
    assert [row.school for row in kind["rows"][:2]] == [last, first]
    assert (len(kind["rows"]), kind["page"].paginator.num_pages) == (100, 20)
    [kind] = indicator_page(specialist, **{"schools-secondary": 20}).context["kinds"]
    assert (len(kind["rows"]), "next" in kind, "previous" in kind) == (100, False, True)
    assert indicator_page(specialist, **{"schools-secondary": "abc"}).status_code == 200


def test_a_share_beyond_a_hundred_percent_has_no_strip_and_breaks_no_page():
    def kind(*numerators):
        return KindLines(Peers(SchoolKind.SECONDARY, tuple(Fraction(one, 100) for one in numerators)), ())

    told = histories.history((1, 2))
    assert charts.spread_chart(told, [kind(10, 20, 30, 40, 120)]) is None
    assert charts.spread_chart(told, [kind(10, 20, 30, 40, 100)]) is not None
    assert charts.spread_chart(told, [kind(10, 20, 30, 40)]) is None


def test_what_a_school_explained_stands_beside_the_indicator(specialist, town):
    form = submission(SchoolFactory(municipality=town))
    accepted(form)
    Explanation.objects.create(
        submission=form,
        check_code="W901",
        element=Element.objects.get(code="tested_9_11"),
        numbers="6/25",
        reason="other",
        text="Тестирование перенесли на осень.",
    )
    assert "Тестирование перенесли на осень." in text_of(indicator_page(specialist))
    assert "Тестирование перенесли на осень." not in text_of(indicator_page(specialist, "1.1"))


def test_tables_of_the_pages_leave_as_files(specialist, with_data):
    address = reverse("monitoring:indicator", args=["4.1"])
    for key in ("trend", "spread", "schools-secondary"):
        for ending in ("xlsx", "csv", "json"):
            assert specialist.get(address, {"year": 2021, "table": key, "format": ending}).status_code == 200
    assert specialist.get(address, {"year": 2021, "table": "nothing", "format": "csv"}).status_code == 404
    assert specialist.get(DASHBOARD, {"year": 2021, "table": "indicators", "format": "exe"}).status_code == 404


# --- the three answers ------------------------------------------------------------------------------------------------


def test_the_top_says_what_is_worst_who_is_late_and_how_the_year_stands(specialist, town, with_data):
    set_target(specialist, "60")
    told = text_of(specialist.get(DASHBOARD, {"year": 2021}))
    place = told.index("Самый слабый показатель 40,0 % – 4.1")
    assert "Целевое значение 60 % не достигнуто, не хватает 36 обучающихся." in told[place:]
    assert "Не сдали 1 из 3" in told[place:]
    assert "Лучше по" in told[place:]


def test_too_few_accepted_forms_are_no_proof_that_nothing_is_weak(specialist, town):
    schools = SchoolFactory.create_batch(5, municipality=town)
    for school in schools:
        form = submission(school)
        if school is schools[0]:
            accepted(form, tested_9_11=1)
    set_target(specialist, "60")
    told = text_of(specialist.get(DASHBOARD, {"year": 2021}))
    assert "Самый слабый показатель Судить рано" in told


def test_the_menu_shows_where_a_page_below_the_indicators_stands(specialist, with_data):
    for name in ("passports", "published", "own_table", "region_forms", "collected"):
        page = specialist.get(reverse(f"monitoring:{name}")).content.decode()
        assert f'<a href="{DASHBOARD}" aria-current="true">Показатели</a>' in page, name
        assert page.count('aria-current="page"') >= 1, name
        tabs = page[page.index('class="tabs tab-rows') :]
        assert tabs[: tabs.index("</nav>")].count('aria-current="page"') == 1, name


# --- targets ----------------------------------------------------------------------------------------------------------


def set_target(client, value, code="4.1"):
    return client.post(reverse("monitoring:target", args=[code]) + "?year=2021", {"value": value})


def test_a_target_may_have_a_comma(specialist, with_data):
    assert set_target(specialist, "62,5").status_code == 302
    assert Target.objects.get().value == 62.5
    assert "целевое значение 62,5 % не достигнуто, не хватает 41 обучающегося" in text_of(
        specialist.get(DASHBOARD, {"year": 2021})
    )


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("101", "Целевое значение доли – число от 0 до 100"),
        ("много", "Введите число с одной цифрой после запятой"),
        ("-5", "Введите число с одной цифрой после запятой"),
        ("62,55", "Введите число с одной цифрой после запятой"),
        ("٦٠", "Введите число с одной цифрой после запятой"),
    ],
)
def test_an_impossible_target_is_refused_with_a_sentence(value, sentence, specialist, with_data):
    response = set_target(specialist, value)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert not Target.objects.exists()


def test_an_empty_target_takes_it_away(specialist, with_data):
    set_target(specialist, "60")
    set_target(specialist, "")
    assert not Target.objects.exists()


def test_a_count_may_have_a_target_over_a_hundred():
    form = TargetForm({"value": "1 250"}, is_count=True)
    assert form.is_valid()
    assert form.cleaned_data["value"] == 1250


def test_an_observer_reads_and_sets_nothing(town, sign_in, with_data):
    client = sign_in(member(Role.OBSERVER, town))
    assert "Установить целевое значение" not in text_of(indicator_page(client))
    assert set_target(client, "60").status_code == 403


# --- the collection ---------------------------------------------------------------------------------------------------


def test_the_collection_of_a_year_leads_to_its_board(specialist, with_data):
    newest = campaign(with_data[0].municipality, 2022)
    of_year = Campaign.objects.get(year=2021)
    collection = reverse("monitoring:collection")
    assert specialist.get(collection)["Location"] == reverse("monitoring:campaign", args=[newest.public_id])
    answer = specialist.get(collection, {"year": 2021})
    assert answer["Location"] == reverse("monitoring:campaign", args=[of_year.public_id])


# --- queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [*((name, []) for name in PAGES[:2]), ("monitoring:indicator", ["4.1"]), ("home", [])],
)
def test_a_page_asks_as_much_of_sixty_schools_as_of_three(name, arguments, sign_in):
    address = reverse(name, args=arguments) + "?year=2021&group=support"
    assert queries_of(sign_in, address, schools=3) == queries_of(sign_in, address, schools=60) <= 25


def queries_of(sign_in, address, *, schools):
    """How many queries a page of a municipality of so many schools takes, once its charts are kept."""
    town = MunicipalityFactory()
    SchoolFactory.create_batch(schools, municipality=town)
    campaign(town)
    accepted(submission(town.schools.first()))
    client = sign_in(member(Role.SPECIALIST, town))
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)
