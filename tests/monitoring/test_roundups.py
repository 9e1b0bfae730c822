"""Does a round-up ask the right schools, add up by hand's reckoning, name the silent, and lose nobody's answer?"""

import io
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring.actions import roundups as actions
from monitoring.actions.roundups import ColumnAsked
from monitoring.enums import ColumnKind
from monitoring.models import Roundup, RoundupRow
from monitoring.queries.campaigns.roundups import table_of
from portal.actions import ActionRefused
from portal.models import Membership, Municipality, Notice, School
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, coordinator_of, member, specialist_of

pytestmark = pytest.mark.django_db
FOUR = (
    ColumnAsked("Участников", ColumnKind.NUMBER),
    ColumnAsked("Кто провёл", ColumnKind.TEXT, required=False),
    ColumnAsked("Есть приказ", ColumnKind.YES_NO),
    ColumnAsked("Когда", ColumnKind.DATE, required=False),
)


@pytest.fixture
def town() -> Municipality:
    return MunicipalityFactory()


@pytest.fixture
def schools(town: Municipality) -> list[School]:
    found = [SchoolFactory(municipality=town, name=f"Школа № {number}") for number in (1, 2, 3)]
    for school in found:
        coordinator_of(school)
    return found


@pytest.fixture
def asked(town: Municipality, schools: list[School]) -> Roundup:
    return ask(town, schools)


def ask(town: Municipality, schools: list[School], *, days: int = 3, **more: Any) -> Roundup:
    return actions.ask_roundup(
        by=specialist_of(town),
        title=more.pop("title", "Открытые уроки"),
        note="Считайте классы с 6 по 11.",
        due_at=timezone.now() + timedelta(days=days),
        columns=FOUR,
        schools=schools,
        **more,
    )


def row_of(roundup: Roundup, school: School) -> RoundupRow:
    return roundup.rows.get(school=school)


def answer(roundup: Roundup, school: School, by: Membership | None = None, **answers: Any) -> RoundupRow:
    row = row_of(roundup, school)
    given = {key.removeprefix("c"): value for key, value in answers.items()}
    return actions.fill_roundup_row(row=row, answers=given, version=row.version, by=by or coordinator_of(school))


def url(row: RoundupRow) -> str:
    return f"/monitoring/roundups/rows/{row.public_id}/"


def typed(row: RoundupRow, **answers: str) -> dict[str, str]:
    return {"version": str(row.version)} | {f"answer-{key.removeprefix('c')}": text for key, text in answers.items()}


def new_one(**more: Any) -> dict[str, Any]:
    due = timezone.localdate() + timedelta(days=5)
    return {"title": "Мартовский свод", "due_on": due.isoformat(), "whom": "all", "title-1": "Сколько"} | more


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_table_sums_counts_and_names_the_silent(asked, schools):
    answer(asked, schools[0], c1=17, c2="Психолог", c3=True, c4="2026-03-02")
    answer(asked, schools[1], c1=25, c3=False)
    table = table_of(asked)
    assert [(one.words, one.base) for one in table.totals] == [
        ("Σ 42", "ответили 2 из 3"),
        ("", "ответили 1 из 3"),
        ("да\u00a0– 1, нет\u00a0– 1", "ответили 2 из 3"),
        ("", "ответили 1 из 3"),
    ]
    assert table.silent_words == "Не ответила 1 школа: Школа № 3."
    assert [words for _, words in table.lines[0].cells] == ["17", "Психолог", "да", "02.03.2026"]


def test_a_zero_is_an_answer_and_no_answers_are_no_zero(asked, schools):
    assert table_of(asked).totals[0].words == "–"
    answer(asked, schools[0], c1=0, c3=False)
    assert table_of(asked).totals[0].words == "Σ 0"


def test_an_answer_after_the_deadline_is_marked_until_the_deadline_moves(asked, schools):
    with time_machine.travel(asked.due_at + timedelta(minutes=1), tick=False):
        answer(asked, schools[0], c1=1, c3=True)
        assert table_of(asked).lines[0].marks == "с опозданием"
        moved = actions.move_roundup_deadline(roundup=asked, due_at=asked.due_at + timedelta(days=2))
    assert table_of(moved).lines[0].marks == ""


def test_what_the_department_entered_is_marked(asked, schools, town, sign_in):
    browser, row = sign_in(specialist_of(town)), row_of(asked, schools[0])
    done = browser.post(url(row), typed(row, c1="5", c3="yes"))
    assert (done.status_code, table_of(asked).lines[0].marks) == (302, "внесено управлением")
    answer(asked, schools[1], c1=5, c3=True)
    assert table_of(asked).lines[1].marks == ""


@pytest.mark.parametrize("path", ["", "print/"])
def test_a_table_takes_as_many_queries_for_two_schools_as_for_thirty(path, town, sign_in):
    browser = sign_in(specialist_of(town))
    browser.get("/monitoring/roundups/")  # the first page of a session costs more
    counts = []
    for size in (2, 30):
        made = [SchoolFactory(municipality=town) for _ in range(size)]
        asked = ask(town, made)
        for school in made:
            answer(asked, school, c1=1, c3=True)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(f"/monitoring/roundups/{asked.public_id}/{path}").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_list_is_filtered_sorted_and_of_constant_cost(town, schools, sign_in):
    browser = sign_in(specialist_of(town))
    late, closed = ask(town, schools, title="Поздний"), ask(town, schools, title="Закрытый")
    Roundup.objects.filter(pk=late.pk).update(due_at=timezone.now() - timedelta(days=1))
    actions.close_roundup(roundup=closed)
    page = browser.get("/monitoring/roundups/?state=overdue").content.decode()
    assert "Поздний" in page
    assert "Закрытый" not in page
    with CaptureQueriesContext(connection) as few:
        browser.get("/monitoring/roundups/")
    for number in range(30):
        ask(town, schools[:1], title=f"Свод {number}")
    with CaptureQueriesContext(connection) as many:
        page = browser.get("/monitoring/roundups/?order=-title").content.decode()
    assert len(few) == len(many)
    assert page.index("Свод 9<") < page.index("Свод 0<") < page.index("Поздний") < page.index("Закрытый")


def test_the_workbook_keeps_numbers_and_dates_and_makes_no_formula(asked, schools, town, sign_in):
    answer(asked, schools[0], c1=17, c2="=1+1", c3=True, c4="2026-03-02")
    got = sign_in(specialist_of(town)).get(f"/monitoring/roundups/{asked.public_id}/xlsx/")
    sheet = openpyxl.load_workbook(io.BytesIO(got.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["Организация", "Участников", "Кто провёл", "Есть приказ", "Когда", "Отметки"]
    assert rows[1][1] == 17
    assert rows[1][3] == "да"
    assert rows[1][4].date() == date(2026, 3, 2)
    assert sheet.cell(2, 3).data_type == "s"
    assert rows[-1][1] == 17


# --- a school's row ---------------------------------------------------------------------------------------------------


def test_a_school_finds_its_row_at_home_and_fills_it(asked, schools, sign_in):
    browser, row = sign_in(coordinator_of(schools[0])), row_of(asked, schools[0])
    assert url(row) in browser.get("/").content.decode()
    assert browser.post(url(row), typed(row, c1="1 234", c3="no", c4="02.03.2026")).status_code == 302
    row.refresh_from_db()
    assert row.answers == {"1": 1234, "3": False, "4": "2026-03-02"}


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"c1": "-5", "c3": "yes"}, "не может быть меньше нуля"),
        ({"c1": "1,5", "c3": "yes"}, "без дробной части"),
        ({"c1": "", "c3": "yes"}, "Ноль – тоже число"),
        ({"c1": "5", "c3": "может быть"}, "Выберите «да» или «нет»"),
        ({"c1": "5", "c3": "yes", "c4": "01.01.1999"}, "Проверьте год"),
        ({"c1": "5", "c3": "yes", "c4": "20.02.200"}, "Введите дату"),
        ({"c1": "5", "c3": "yes", "c4": "01.01.2099"}, "Проверьте год"),
        ({"c1": "5", "c3": "yes", "c2": "я" * 501}, "500"),
    ],
)
def test_what_cannot_be_read_is_told_kept_on_the_page_and_not_written(asked, schools, sign_in, answers, sentence):
    browser, row = sign_in(coordinator_of(schools[0])), row_of(asked, schools[0])
    got = browser.post(url(row), typed(row, **answers))
    page = got.content.decode()
    assert (got.status_code, sentence in page, "Ошибка: " in page) == (422, True, True)
    assert answers["c1"] in page
    row.refresh_from_db()
    assert (row.answers, row.version) == ({}, 0)


def test_a_name_in_a_text_is_asked_about_and_kept_after_the_tick(asked, schools, sign_in):
    browser, row = sign_in(coordinator_of(schools[0])), row_of(asked, schools[0])
    given = typed(row, c1="5", c3="yes", c2="Провела Петрова Мария")
    warned = browser.post(url(row), given)
    assert (warned.status_code, "Не называйте детей" in warned.content.decode()) == (422, True)
    assert browser.post(url(row), given | {"names_confirmed": "on"}).status_code == 302
    row.refresh_from_db()
    assert row.answers["2"] == "Провела Петрова Мария"


def test_two_tabs_lose_nothing_and_see_both_values(asked, schools, sign_in):
    browser, row = sign_in(coordinator_of(schools[0])), row_of(asked, schools[0])
    browser.post(url(row), typed(row, c1="10", c3="yes"))
    second = browser.post(url(row), typed(row, c1="12", c3="yes"))
    page = second.content.decode()
    assert second.status_code == 422
    assert "теперь здесь «10»" in page
    assert "у вас «12»" in page
    row.refresh_from_db()
    assert row.answers["1"] == 10
    assert browser.post(url(row), typed(row, c1="12", c3="yes")).status_code == 302
    row.refresh_from_db()
    assert (row.answers["1"], row.version) == (12, 2)


def test_the_same_answers_sent_twice_are_one_change(asked, schools):
    first = answer(asked, schools[0], c1=3, c3=True)
    again = actions.fill_roundup_row(row=first, answers={"1": 3, "3": True}, version=0, by=coordinator_of(schools[0]))
    assert again.version == 1


def test_a_closed_round_up_takes_nothing_until_it_is_opened(asked, schools, sign_in):
    actions.close_roundup(roundup=asked)
    browser, row = sign_in(coordinator_of(schools[0])), row_of(asked, schools[0])
    assert browser.post(url(row), typed(row, c1="10", c3="yes")).status_code == 422
    row.refresh_from_db()
    assert row.answers == {}
    assert url(row) not in browser.get("/").content.decode()
    actions.open_roundup(roundup=asked)
    assert browser.post(url(row), typed(row, c1="10", c3="yes")).status_code == 302


def test_no_other_school_and_no_other_town_sees_a_row(asked, schools):
    row = row_of(asked, schools[0])
    for stranger in (coordinator_of(schools[1]), specialist_of(MunicipalityFactory())):
        browser = Client()
        browser.force_login(stranger.user)
        assert browser.get(url(row)).status_code == 404
    colleague = Client()
    colleague.force_login(member(Role.COLLEAGUE, school=schools[0]).user)
    assert colleague.get(url(row)).status_code == 403


# --- asking, reminding, repeating -------------------------------------------------------------------------------------


def test_a_new_round_up_goes_to_all_open_schools_and_tells_their_people(town, schools, sign_in):
    SchoolFactory(municipality=town, closed=timezone.localdate() - timedelta(days=1))
    SchoolFactory()
    got = sign_in(specialist_of(town)).post(
        "/monitoring/roundups/new/", new_one(**{"title-7": "Дата", "kind-7": "date"})
    )
    made = Roundup.objects.get()
    assert got["Location"] == f"/monitoring/roundups/{made.public_id}/"
    assert [(one.order, one.title, one.kind) for one in made.columns.all()] == [
        (1, "Сколько", "number"),
        (2, "Дата", "date"),
    ]
    assert {row.school for row in made.rows.all()} == set(schools)
    assert set(Notice.objects.values_list("url", flat=True)) == {url(row) for row in made.rows.all()}
    due = timezone.localtime(made.due_at)
    assert (due.date(), due.hour, due.minute) == (timezone.localdate() + timedelta(days=5), 23, 59)


def test_a_round_up_can_go_to_some_kinds_or_to_chosen_schools(town, schools, sign_in):
    SchoolFactory(municipality=town, kind="preschool", grades=[])
    foreign = SchoolFactory()
    browser = sign_in(specialist_of(town))
    browser.post("/monitoring/roundups/new/", new_one(whom="kinds", kinds=["preschool"]))
    assert [row.school.kind for row in Roundup.objects.get().rows.all()] == ["preschool"]
    browser.post("/monitoring/roundups/new/", new_one(whom="chosen", schools=[str(schools[1].public_id)]))
    assert [row.school for row in Roundup.objects.first().rows.all()] == [schools[1]]
    stolen = browser.post("/monitoring/roundups/new/", new_one(whom="chosen", schools=[str(foreign.public_id)]))
    assert (stolen.status_code, Roundup.objects.count()) == (422, 2)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title-1": " "}, "Назовите хотя бы одну графу"),
        ({"title-2": "СКОЛЬКО"}, "Две графы названы одинаково"),
        ({"due_on": "2020-01-01"}, "Срок уже прошёл"),
        ({"due_on": "2999-01-01"}, "Проверьте год"),
        ({"whom": "chosen"}, "Отметьте хотя бы одну организацию"),
        ({"kind-1": "money"}, "Выберите корректный вариант"),
    ],
)
def test_a_round_up_that_says_too_little_is_refused(town, schools, sign_in, wrong, sentence):
    got = sign_in(specialist_of(town)).post("/monitoring/roundups/new/", new_one(**wrong))
    assert (got.status_code, sentence in got.content.decode()) == (422, True)
    assert not Roundup.objects.exists()


def test_a_name_in_the_title_is_asked_about(town, schools, sign_in):
    browser, given = sign_in(specialist_of(town)), new_one(title="Поездка Петровой Марии")
    warned = browser.post("/monitoring/roundups/new/", given)
    assert (warned.status_code, 'type="checkbox" name="names_confirmed"' in warned.content.decode()) == (422, True)
    assert browser.post("/monitoring/roundups/new/", given | {"names_confirmed": "on"}).status_code == 302


def test_the_example_shows_the_school_s_page_and_asks_nobody(town, schools, sign_in):
    browser = sign_in(specialist_of(town))
    page = browser.post(
        "/monitoring/roundups/new/", new_one(example="1", **{"title-2": "Есть приказ", "kind-2": "yes_no"})
    )
    assert page.status_code == 200
    assert 'name="answer-2"' in page.content.decode()
    part = browser.post("/monitoring/roundups/new/", new_one(example="1"), headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()
    assert 'name="answer-1"' in part.content.decode()
    assert not Roundup.objects.exists()


def test_the_silent_are_reminded_at_most_once_an_hour(asked, schools):
    answer(asked, schools[0], c1=1, c3=True)
    Membership.objects.filter(school=schools[2]).delete()
    Notice.objects.all().delete()
    done = actions.remind_silent(roundup=asked)
    assert (done.told, done.lately, done.nobody) == ((schools[1],), (), (schools[2],))
    assert [one.url for one in Notice.objects.all()] == [url(row_of(asked, schools[1]))]
    again = actions.remind_silent(roundup=asked)
    assert (again.told, again.lately) == ((), (schools[1],))
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert actions.remind_silent(roundup=asked).told == (schools[1],)
    assert (row_of(asked, schools[1]).reminders, row_of(asked, schools[2]).reminders) == (2, 0)


def test_a_repeat_copies_columns_and_schools_and_nothing_else(asked, schools, town):
    answer(asked, schools[0], c1=17, c2="Психолог", c3=True)
    actions.remind_silent(roundup=asked)
    schools[2].closed = timezone.localdate()
    schools[2].save()
    due = timezone.now() + timedelta(days=30)
    again = actions.repeat_roundup(roundup=asked, by=specialist_of(town), title="Апрель", due_at=due)
    assert again.repeats == asked
    assert [(one.title, one.kind, one.required) for one in again.columns.all()] == [
        (one.title, one.kind, one.required) for one in FOUR
    ]
    assert [row.school for row in again.rows.order_by("school__sort_key")] == schools[:2]
    assert {(str(row.answers), row.version, row.filled_at, row.reminders) for row in again.rows.all()} == {
        ("{}", 0, None, 0)
    }
    asked.refresh_from_db()
    assert row_of(asked, schools[0]).answers["1"] == 17


def test_a_past_deadline_is_refused(asked):
    with pytest.raises(ActionRefused):
        actions.move_roundup_deadline(roundup=asked, due_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.parametrize(("role", "status"), [(Role.METHODIST, 302), (Role.OPERATOR, 302), (Role.HEAD, 403)])
def test_who_runs_round_ups_and_who_only_reads(role, status, asked, town, sign_in):
    browser = sign_in(member(role, town))
    page = browser.get(f"/monitoring/roundups/{asked.public_id}/").content.decode()
    assert ("Напомнить молчащим" in page) == (status == 302)
    assert browser.post(f"/monitoring/roundups/{asked.public_id}/close/").status_code == status
