"""Does the board tell who has not handed in, count as a person would by hand, and ask the database the same for many?"""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.enums import FormState
from monitoring.models import Campaign, Extension, Reminder, Submission
from monitoring.queries.campaigns.board import board, groups_of, in_group, progress
from portal.models import Notice
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    campaign,
    coordinator_of,
    fill,
    member,
    sent,
    specialist_of,
    submission,
    under_review,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BEFORE = datetime(2022, 4, 1, tzinfo=UTC)


def text_of(response):
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(body.replace("\u00a0", " ").replace("&nbsp;", " ").split())


@pytest.fixture
def town():
    return MunicipalityFactory()


def form_of(school) -> Submission:
    return Submission.objects.get(school=school)


def row_of(town, school):
    return next(
        row for row in board(specialist_of(town), Campaign.objects.get()) if row.submission.school_id == school.pk
    )


# --- counters --------------------------------------------------------------------------------------------------------


def test_four_counters_of_a_case_counted_by_hand(town, sign_in):
    """Five schools: one accepted in time, one sent late, one with 4 cells, one untouched, one closed meanwhile."""
    in_time, late, begun, _, closed = SchoolFactory.create_batch(5, municipality=town)
    launched = campaign(town)
    accepted(form_of(in_time))
    sent(form_of(late))
    Submission.objects.filter(school=late).update(late=True)
    fill(form_of(begun), pupils_9=30, tested_9_11=90, pupils_10=30, pupils_11=None)
    closed.closed = timezone.localdate()
    closed.save()
    [one] = progress(town, 2021)
    cells = form_of(in_time).cells_total
    assert (one.total, one.sent, one.on_time) == (4, 2, 1)
    assert (one.cells_filled, one.cells_total) == (2 * cells + 4, 4 * cells)
    told = text_of(sign_in(specialist_of(town)).get(reverse("monitoring:campaign", args=[launched.public_id])))
    assert "Сдали форму 2 из 4" in told
    assert "Сдали в срок 1 из 4" in told
    assert f"Заполнено строк {2 * cells + 4} из {4 * cells}" in told
    assert "школа закрыта" in told


@pytest.mark.parametrize(
    ("closed", "handed_in", "expected"),
    [
        (date(2021, 12, 1), False, 0),
        (date(2021, 12, 1), True, 1),
        (date(2022, 9, 1), False, 1),
        (None, False, 1),
    ],
)
def test_a_school_that_closed_in_its_year_is_expected_only_if_it_handed_in(town, closed, handed_in, expected):
    school = SchoolFactory(municipality=town)
    campaign(town, opens_at=BEFORE, closes_at=BEFORE + 30 * DAY)
    if handed_in:
        sent(form_of(school))
    school.closed = closed
    school.save()
    assert [one.total for one in progress(town, 2021)] == [expected]


def test_progress_counts_forms_by_state(town):
    first, second, _ = SchoolFactory.create_batch(3, municipality=town)
    accepted(submission(first))
    sent(submission(second))
    [one] = progress(town, 2021)
    assert dict(one.by_state) == {FormState.ACCEPTED: 1, FormState.SENT: 1, FormState.NOT_STARTED: 1}
    assert (one.total, one.sent, one.on_time) == (3, 2, 2)


# --- rows ------------------------------------------------------------------------------------------------------------


def test_those_who_did_not_hand_in_come_first_and_the_emptiest_before(town):
    done, begun, empty = SchoolFactory.create_batch(3, municipality=town)
    campaign(town)
    accepted(form_of(done))
    fill(form_of(begun), pupils_9=30)
    rows = board(specialist_of(town), Campaign.objects.get())
    assert [row.submission.school for row in rows] == [empty, begun, done]


def test_a_row_says_how_late_until_when_by_whom_and_whom_to_call(town):
    school = SchoolFactory(municipality=town)
    person = member(Role.COORDINATOR, school=school, phone="+7 000 000-00-00").user
    launched = campaign(town, opens_at=timezone.now() - 30 * DAY, closes_at=timezone.now() - 3 * DAY)
    fill(form_of(school), pupils_9=30)
    row = row_of(town, school)
    assert row.overdue == "просрочено на 3 дня"
    assert (row.acted_by, row.contacts) == (person, (person,))
    until = timezone.now() + 2 * DAY
    Extension.objects.create(submission=form_of(school), until=until, reason="Ремонт")
    Reminder.objects.create(submission=form_of(school), recipients=1, due_at=launched.closes_at)
    row = row_of(town, school)
    assert (row.overdue, row.extended, row.due, len(row.reminders)) == ("", True, until, 1)


def test_errors_and_warnings_without_explanation_are_counted_for_each_school(town):
    wrong, right = SchoolFactory.create_batch(2, municipality=town)
    campaign(town)
    fill(form_of(wrong), pupils_9=30, pupils_10=0, pupils_11=0, tested_9_11=31)
    fill(form_of(right), pupils_9=30, pupils_10=0, pupils_11=0, tested_9_11=30)
    assert row_of(town, wrong).doubts.errors >= 1
    assert row_of(town, right).doubts.errors == 0


def test_a_form_sent_again_after_a_return_is_marked_as_corrected(town):
    school = SchoolFactory(municipality=town)
    form = under_review(submission(school))
    assert not row_of(town, school).corrected
    actions.return_form(
        submission=form,
        by=specialist_of(town),
        remarks=[Remark("Уточните", element="pupils_9")],
        due_at=timezone.now() + 3 * DAY,
    )
    assert not row_of(town, school).corrected
    sent(form_of(school))
    assert row_of(town, school).corrected


def test_every_row_is_in_the_group_that_its_chip_counts(town):
    done, late, _ = SchoolFactory.create_batch(3, municipality=town)
    campaign(town, opens_at=timezone.now() - 30 * DAY, closes_at=timezone.now() - DAY)
    accepted(form_of(done))
    sent(form_of(late))
    rows = board(specialist_of(town), Campaign.objects.get())
    counted = {name: count for name, _, count in groups_of(rows)}
    assert counted == {name: sum(in_group(row, name) for row in rows) for name in counted}
    assert (counted[""], counted["missing"], counted["overdue"], counted["late"]) == (3, 1, 1, 2)


# --- the page --------------------------------------------------------------------------------------------------------


def queries_of(sign_in, schools, query):
    town = MunicipalityFactory()
    rows = SchoolFactory.create_batch(schools, municipality=town)
    launched = campaign(town)
    for school in rows:
        fill(form_of(school), pupils_9=30, pupils_10=30)
    client = sign_in(specialist_of(town))
    address = reverse("monitoring:campaign", args=[launched.public_id]) + query
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("query", ["", "?view=sections"])
def test_the_board_asks_as_much_of_thirty_schools_as_of_one(sign_in, query):
    assert queries_of(sign_in, 1, query) == queries_of(sign_in, 30, query) <= 32


def test_filters_and_search_stand_in_the_address(town, sign_in):
    SchoolFactory(municipality=town, name="Лицей № 1")
    SchoolFactory(municipality=town, name="Школа № 2")
    address = reverse("monitoring:campaign", args=[campaign(town).public_id])
    client = sign_in(specialist_of(town))
    assert [row.submission.school.name for row in client.get(address, {"q": "лицей"}).context["rows"]] == ["Лицей № 1"]
    assert "Таких школ нет." in text_of(client.get(address, {"state": "accepted"}))
    first = client.get(address, {"order": "-school"}).context["rows"][0]
    assert first.submission.school.name == "Школа № 2"


def test_sections_show_how_full_each_is(town, sign_in):
    school = SchoolFactory(municipality=town, kind="primary", grades=[1, 2, 3, 4])
    launched = campaign(town)
    fill(form_of(school), pupils_1=30)
    client = sign_in(specialist_of(town))
    told = client.get(reverse("monitoring:campaign", args=[launched.public_id]), {"view": "sections"})
    [(_, states)] = told.context["matrix"]
    assert sum(one.filled for one in states if one) == 1
    assert sum(one.total for one in states if one) == form_of(school).cells_total


def test_an_observer_sees_the_board_without_people_and_without_buttons(town, sign_in):
    school = SchoolFactory(municipality=town)
    person = coordinator_of(school).user
    launched = campaign(town)
    body = sign_in(member(Role.OBSERVER, town)).get(reverse("monitoring:campaign", args=[launched.public_id]))
    assert body.status_code == 200
    assert person.full_name not in body.content.decode()
    assert "/monitoring/submissions/" not in body.content.decode()
    assert "Напомнить" not in text_of(body)


# --- several schools at once -----------------------------------------------------------------------------------------


def test_selected_schools_are_reminded_after_a_question_with_numbers(town, sign_in):
    waiting, done, alone = SchoolFactory.create_batch(3, municipality=town)
    launched = campaign(town)
    person = coordinator_of(waiting).user
    accepted(form_of(done))
    address = reverse("monitoring:campaign_remind", args=[launched.public_id])
    query = "?" + "&".join(f"school={one.code}" for one in (waiting, done, alone))
    client = sign_in(specialist_of(town))
    asked = text_of(client.get(address + query))
    assert "Напоминание получат ответственные школ: 1" in asked
    assert "Нет ответственного, напоминать некому: 1" in asked
    assert "Форма уже сдана, напоминание не нужно: 1" in asked
    assert not Notice.objects.filter(user=person).exists()
    assert client.post(address + query).status_code == 302
    assert Notice.objects.filter(user=person).count() == 1
    assert [(one.submission.school, one.by) for one in Reminder.objects.all()] == [(waiting, specialist_of(town).user)]
    assert client.post(address + query).status_code == 422, "a second press reminds nobody again"
    assert Notice.objects.filter(user=person).count() == 1


def test_nobody_chosen_leads_back_with_a_sentence(town, sign_in):
    SchoolFactory(municipality=town)
    launched = campaign(town)
    client = sign_in(specialist_of(town))
    for name in ("campaign_remind", "campaign_extend"):
        answer = client.get(reverse(f"monitoring:{name}", args=[launched.public_id]), follow=True)
        assert "Отметьте школы в таблице" in text_of(answer)


def test_selected_schools_get_a_later_deadline(town, sign_in):
    first, second = SchoolFactory.create_batch(2, municipality=town)
    launched = campaign(town)
    address = reverse("monitoring:campaign_extend", args=[launched.public_id]) + f"?school={first.code}"
    client = sign_in(specialist_of(town))
    assert "Срок продлевается для школ: 1" in text_of(client.get(address))
    until = timezone.localdate(launched.closes_at) + 5 * DAY
    refused = client.post(address, {"until": until, "reason": ""})
    assert (refused.status_code, Extension.objects.count()) == (422, 0)
    assert client.post(address, {"until": until, "reason": "Отключение электричества"}).status_code == 302
    assert row_of(town, first).extended
    assert not row_of(town, second).extended
