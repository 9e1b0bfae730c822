"""What does the page of one row tell, and what becomes of comments, links and questions?"""

import gzip
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from monitoring import actions
from monitoring.enums import CellState, FormState
from monitoring.evidence import ROOT_PAGE
from monitoring.models import Element, Submission, Thread, Value
from monitoring.queries.entry.row_history import line_of, not_asked, row_panel
from monitoring.workflow import MoveRefused
from portal.models import Notice
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    campaign,
    coordinator_of,
    entry,
    fill,
    fill_all,
    member,
    specialist_of,
    submission,
)

pytestmark = pytest.mark.django_db
ROW = "tested_9_11"
STATIC = Path(__file__).resolve().parents[2] / "static"


@pytest.fixture
def form() -> Submission:
    return submission()


def element(code: str = ROW) -> Element:
    return Element.objects.select_related("section").get(code=code)


def address(form: Submission, *rest: str, code: str = ROW) -> str:
    return "/".join([f"/monitoring/submissions/{form.public_id}/rows/{code}", *rest, ""])


def asked(form: Submission, text: str = "Считать ли вечернюю группу?") -> Thread:
    return actions.ask(submission=form, element=element(), text=text, by=coordinator_of(form.school))


# --- what the row tells ----------------------------------------------------------------------------------------------


def test_a_row_tells_its_past_years_its_indicators_and_last_years_example():
    school = SchoolFactory()
    for year, number in ((2021, 40), (2022, 44)):
        accepted(submission(school, year), tested_9_11=number)
    form = submission(school, 2023)
    panel = row_panel(form, line_of(form, ROW))
    assert [(past.year, past.value) for past in panel.years] == [("2022/23", "44"), ("2021/22", "40")]
    shares = [feed.example for feed in panel.feeds]
    assert "В 2022/23 уч. году по вашей школе: 44 из 90 (48,9\u00a0%)." in shares
    assert any("разделить на: Обучающихся, 9–11 классы" in feed.formula for feed in panel.feeds)


def test_a_row_that_succeeds_another_shows_its_years_as_redefined():
    school = SchoolFactory()
    accepted(submission(school, 2021), worldskills_9_11=7)
    form = submission(school, 2022)
    (past,) = row_panel(form, line_of(form, "professionals_9_11")).years
    assert (past.value, past.redefined) == ("7", True)


def test_a_row_tells_who_changed_it_from_what_to_what(form, sign_in):
    fill(form, tested_9_11=5)
    fill(form, tested_9_11=None)
    page = sign_in(coordinator_of(form.school)).get(address(form)).content.decode()
    assert "в форме" in page
    assert "нет данных: Учёт не ведётся" in page


def test_a_row_that_does_not_concern_the_school_says_why(sign_in):
    form = submission(SchoolFactory(grades=list(range(1, 10))))
    page = sign_in(coordinator_of(form.school)).get(address(form, code="ticket_10_11")).content.decode()
    assert "Строка к вашей школе не относится. В школе нет 10–11 классов." in page
    assert "Сохранить комментарий" not in page
    named = {code for section in not_asked(form) for code, _ in section.rows}
    assert {"pupils_10", "ticket_10_11"} <= named
    assert "pupils_9" not in named


def test_a_script_gets_the_inner_part_alone(form, sign_in):
    browser = sign_in(coordinator_of(form.school))
    part = browser.get(address(form), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="panel-title"' in part
    assert "<html" in browser.get(address(form)).content.decode()


def test_the_page_of_a_row_asks_the_database_no_more_for_a_long_history(form, sign_in):
    browser = sign_in(coordinator_of(form.school))

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert browser.get(address(form)).status_code == 200
        return len(counted)

    fill(form, tested_9_11=1)
    thread = asked(form)
    actions.reply(thread=thread, text="Да.", by=specialist_of(form.municipality))
    queries()  # the first call also reads what a process keeps
    few = queries()
    for number in range(2, 12):
        fill(form, tested_9_11=number)
        actions.reply(thread=asked(form), text="Да.", by=specialist_of(form.municipality))
    assert queries() == few


# --- comment and link ------------------------------------------------------------------------------------------------


def test_a_comment_on_an_empty_cell_keeps_its_version_so_that_the_number_is_still_taken(form, sign_in):
    browser = sign_in(coordinator_of(form.school))
    given = {"note-comment": "Уточним у психолога", "note-evidence": "https://school5.ru/news/1"}
    assert browser.post(address(form, "note"), given).status_code == 302
    kept = form.values.get(element__code=ROW)
    assert (kept.state, kept.version, kept.comment) == (CellState.EMPTY, 0, "Уточним у психолога")
    result = actions.save_cells(submission=form, entries=[entry(form, ROW, 5)], by=coordinator_of(form.school))
    assert result.saved == (ROW,)
    kept.refresh_from_db()
    assert (kept.number, kept.version, kept.comment, kept.evidence) == (5, 1, "Уточним у психолога", given["note-evidence"])  # fmt: skip


def test_a_front_page_is_kept_and_warned_of(form, sign_in):
    browser = sign_in(coordinator_of(form.school))
    page = browser.post(address(form, "note"), {"note-evidence": "https://school5.ru/"}, follow=True)
    assert ROOT_PAGE in page.content.decode()
    assert form.values.get(element__code=ROW).evidence == "https://school5.ru/"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"note-evidence": "школа"}, "Ссылка должна начинаться"),
        ({"note-comment": "я" * 501}, "длиннее 500 знаков"),
        ({"note-comment": "Иванов Иван Иванович не пришёл"}, "Похоже, указаны фамилия и имя"),
    ],
)
def test_a_refused_note_keeps_what_was_typed_and_says_why(form, sign_in, given, told):
    answer = sign_in(coordinator_of(form.school)).post(address(form, "note"), given)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert told in text
    assert "<title>Ошибка: " in text
    assert next(iter(given.values())) in text
    assert not Value.objects.filter(submission=form, element__code=ROW).exists()


def test_a_name_that_is_no_childs_is_kept_after_a_tick(form, sign_in):
    given = {"note-comment": "По данным педагога: Петров Пётр Петрович", "note-names_confirmed": "on"}
    assert sign_in(coordinator_of(form.school)).post(address(form, "note"), given).status_code == 302
    assert form.values.get(element__code=ROW).comment == given["note-comment"]


def test_a_locked_form_takes_no_comment(form):
    Submission.objects.filter(pk=form.pk).update(state=FormState.SENT)
    with pytest.raises(MoveRefused, match="отправлена"):
        actions.annotate_cell(
            submission=form, element=element(), comment="Да", evidence="", by=coordinator_of(form.school)
        )


# --- questions -------------------------------------------------------------------------------------------------------


def test_a_question_reaches_those_who_answer_and_the_answer_reaches_who_asked(form, sign_in):
    town, asker = form.municipality, coordinator_of(form.school)
    methodist, head = member(Role.METHODIST, town), member(Role.HEAD, town)
    stranger = member(Role.METHODIST, MunicipalityFactory())
    asked_page = sign_in(asker).post(address(form, "ask"), {"ask-text": "Считать ли вечернюю группу?"})
    assert asked_page.status_code == 302
    told = set(Notice.objects.values_list("user", flat=True))
    assert methodist.user_id in told
    assert not told & {head.user_id, stranger.user_id, asker.user_id}
    thread = Thread.objects.get(submission=form)
    reply = {"reply-thread": thread.pk, "reply-text": "Да, всех."}
    assert sign_in(methodist).post(address(form, "reply"), reply).status_code == 302
    answer = Notice.objects.filter(user=asker.user).get()
    assert answer.url == address(form)
    page = sign_in(asker).get(answer.url).content.decode()
    assert "Да, всех." in page


def test_a_question_is_answered_closed_and_then_takes_no_word_more(form, sign_in):
    thread, browser = asked(form), sign_in(coordinator_of(form.school))
    assert browser.post(address(form, "close"), {"reply-thread": thread.pk}).status_code == 302
    thread.refresh_from_db()
    assert thread.closed_by == coordinator_of(form.school).user
    late = browser.post(address(form, "reply"), {"reply-thread": thread.pk, "reply-text": "Ещё одно."})
    assert (late.status_code, thread.replies.count()) == (422, 0)
    assert "Вопрос уже закрыт" in late.content.decode()


def test_a_question_of_another_school_cannot_be_answered_through_ones_own_form(form, sign_in):
    other = asked(submission(SchoolFactory()))
    own = {"reply-thread": other.pk, "reply-text": "Чужое."}
    assert sign_in(coordinator_of(form.school)).post(address(form, "reply"), own).status_code == 404
    assert other.replies.count() == 0


def test_an_open_question_stands_in_the_hub_and_beside_its_row(form, sign_in):
    asked(form)
    browser = sign_in(coordinator_of(form.school))
    hub = browser.get(reverse("monitoring:form", args=[form.public_id])).content.decode()
    section = browser.get(reverse("monitoring:section", args=[form.public_id, "diagnostics"])).content.decode()
    assert "Вопросы методисту (1)" in hub
    assert "Ответа пока нет." in hub
    assert "Вопрос открыт." in section
    assert "Замечания (" not in hub, "a question is no remark"


def test_the_list_of_questions_begins_with_those_that_wait(sign_in):
    town = MunicipalityFactory()
    schools = [SchoolFactory(municipality=town, name=f"Школа {word}") for word in ("Альфа", "Бета", "Гамма")]
    campaign(town)
    closed, answered, _ = [asked(submission(school), f"Вопрос {school.name}?") for school in schools]
    actions.close_question(thread=closed, by=specialist_of(town))
    actions.reply(thread=answered, text="Да.", by=specialist_of(town))
    browser = sign_in(member(Role.METHODIST, town))
    page = browser.get("/monitoring/questions/").content.decode()
    places = [page.index(f"Вопрос {name}?") for name in ("Школа Гамма", "Школа Бета", "Школа Альфа")]
    assert places == sorted(places)
    only = browser.get("/monitoring/questions/?standing=answered&q=бета").content.decode()
    assert "Вопрос Школа Бета?" in only
    assert "Вопрос Школа Гамма?" not in only
    actions.reply(thread=answered, text="А почему?", by=coordinator_of(schools[1]))
    assert "Вопрос Школа Бета?" in browser.get("/monitoring/questions/?standing=waiting").content.decode()


def test_the_list_of_questions_asks_the_database_no_more_for_thirty(sign_in):
    town = MunicipalityFactory()
    school = SchoolFactory(municipality=town)
    campaign(town)
    form = submission(school)
    browser = sign_in(member(Role.METHODIST, town))

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert browser.get("/monitoring/questions/").status_code == 200
        return len(counted)

    asked(form)
    queries()  # the first call also reads what a process keeps
    few = queries()
    for number in range(29):
        asked(form, f"Вопрос {number}?")
    assert queries() == few


# --- the section and the hub -----------------------------------------------------------------------------------------


def test_a_section_counts_totals_and_shares_from_its_cells(sign_in):
    form = fill(submission(), pupils_9=200, pupils_10=199, pupils_11=100, tested_9_11=310)
    browser = sign_in(coordinator_of(form.school))
    diagnostics = browser.get(reverse("monitoring:section", args=[form.public_id, "diagnostics"])).content.decode()
    assert "310 из 499 (62,1\u00a0%)" in diagnostics
    contingent = browser.get(reverse("monitoring:section", args=[form.public_id, "contingent"])).content.decode()
    assert '<span data-sum="pupils_9 pupils_10 pupils_11">499</span>' in contingent
    assert '<span data-sum="pupils_10 pupils_11">299</span>' in contingent
    fill(form, pupils_10=None)
    again = browser.get(reverse("monitoring:section", args=[form.public_id, "diagnostics"])).content.decode()
    assert "310 из" not in again, "a missing term leaves no share"


def test_a_warning_is_explained_beside_its_row_and_leads_back_to_it(sign_in):
    school = SchoolFactory()
    accepted(submission(school, 2021), parents_meetings=40)
    form = fill_all(submission(school, 2022), parents_meetings=90)
    browser = sign_in(coordinator_of(school))
    page = browser.get(reverse("monitoring:section", args=[form.public_id, "parents"])).content.decode()
    key = page.split('name="finding" value="')[1].split('"')[0]
    code, _, row = key.partition(":")
    numbers = page.split(f'name="{key}-numbers" value="')[1].split('"')[0]
    given = {
        "finding": key,
        "next": "parents",
        f"{key}-code": code,
        f"{key}-element": row,
        f"{key}-numbers": numbers,
        f"{key}-reason": "other",
        f"{key}-text": "Собрания стали ежемесячными.",
    }
    answer = browser.post(reverse("monitoring:explain", args=[form.public_id]), given)
    assert answer["Location"].endswith(f"/parents/#value-{row}")
    assert form.explanations.get().text == "Собрания стали ежемесячными."
    short = browser.post(reverse("monitoring:explain", args=[form.public_id]), given | {f"{key}-text": "да"})
    assert short.status_code == 422
    assert f'name="finding" value="{key}"' in short.content.decode(), "the refused form still says whose it is"


def test_the_hub_names_the_contact_the_zone_and_the_other_form_of_the_year(sign_in):
    town = MunicipalityFactory(time_zone="Asia/Novokuznetsk")
    school = SchoolFactory(municipality=town)
    contact = member(Role.SPECIALIST, town, full_name="Контакт Сбора", phone="8 000 1").user
    for kind in ("year", "graduates"):
        launched = campaign(town, form=kind)
        launched.contact = contact
        launched.save()
    form = submission(school)
    page = sign_in(coordinator_of(school)).get(reverse("monitoring:form", args=[form.public_id])).content.decode()
    assert "по местному времени (Москва +4 часа)" in page
    assert "Контакт Сбора" in page
    assert "тел. 8 000 1" in page
    assert "Самоопределение выпускников" in page


# --- who else is here, and how much a page weighs ---------------------------------------------------------------------


def test_two_people_in_one_form_are_told_of_each_other(form, client):
    one, other = coordinator_of(form.school), member(Role.COORDINATOR, school=form.school, full_name="Вторая Коллега")
    call_command("createcachetable")

    def sign_of_life(person, section) -> str:
        client.force_login(person.user)
        given = {"form": form.public_id, "section": section}
        return client.post(reverse("monitoring:presence"), given).content.decode()

    assert sign_of_life(other, "staff") == ""
    assert sign_of_life(one, "contingent") == "Сейчас форму заполняет также: Вторая Коллега, раздел «Кадры»."
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert sign_of_life(one, "contingent") == ""


def test_a_section_page_stays_light(sign_in):
    form = fill_all(submission())
    page = sign_in(coordinator_of(form.school)).get(reverse("monitoring:section", args=[form.public_id, "contingent"]))
    loaded = re.findall(r'(?:src|href)="/static/([^"]+\.(?:css|js))"', page.content.decode())
    weight = {name: len(gzip.compress((STATIC / name).read_bytes())) for name in loaded}
    own = sum(size for name, size in weight.items() if name.endswith(".js") and not name.startswith("vendor/"))
    assert "monitoring/entry.js" in weight
    assert own <= 8 * 1024
    assert len(gzip.compress(page.content)) + sum(weight.values()) <= 110 * 1024
