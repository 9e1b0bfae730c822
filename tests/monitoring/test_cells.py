"""What does the address of one cell answer, and what does it leave unchanged?"""

import json
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from monitoring.forms.entry import FRACTION, NEEDS_REASON, NEGATIVE, TOO_LONG, UNREADABLE, YES_OR_NO, lines
from monitoring.models import Submission, Value, ValueChange
from monitoring.queries.entry.content import content_of
from portal.models import Membership
from tests.factories import SchoolFactory, accepted, coordinator_of, fill_all, sent, submission

pytestmark = pytest.mark.django_db
MOST_QUERIES = 17  # of one saved cell, those of the session among them


@pytest.fixture
def form() -> Submission:
    return submission()


def put(form: Submission, body: Any, code: str = "pupils_5", by: Membership | None = None) -> HttpResponse:
    client = Client()
    client.force_login((by or coordinator_of(form.school)).user)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    address = f"/monitoring/submissions/{form.public_id}/cells/{code}/"
    return client.put(address, content, content_type="application/json", HTTP_ACCEPT="application/json")


def cell(value: str, version: int = 0, **more: Any) -> dict[str, Any]:
    return {"value": value, "version": version, **more}


def test_a_saved_cell_echoes_its_code_and_new_version(form: Submission) -> None:
    answer = put(form, cell("1 234"))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["code"], body["version"], body["shown"]) == ("pupils_5", 1, "1234")
    assert form.values.get(element__code="pupils_5").number == 1234


def test_the_same_value_sent_twice_is_one_change(form: Submission) -> None:
    assert [put(form, cell("12")).json()["version"] for _ in range(2)] == [1, 1]
    assert ValueChange.objects.filter(submission=form, element__code="pupils_5").count() == 1


def test_an_answer_draws_the_rows_of_which_something_else_is_said_now(form: Submission) -> None:
    fill_all(form)
    version = form.values.get(element__code="disabled_1_4").version
    body = put(form, cell("121", version), "disabled_1_4").json()
    rows = {row["code"]: row for row in body["rows"]}
    assert set(rows) == {"pupils_1", "pupils_2", "pupils_3", "pupils_4", "disabled_1_4"}
    assert {row["css"] for row in rows.values()} == {"is-error"}
    assert "E201" in rows["pupils_4"]["findings"]
    body = put(form, cell("3", version + 1), "disabled_1_4").json()
    assert {(row["code"], row["css"]) for row in body["rows"]} == {(code, "") for code in rows}
    body = put(form, cell("2", version + 2), "disabled_1_4").json()
    assert [row["code"] for row in body["rows"]] == ["disabled_1_4"]


def test_a_value_sent_again_draws_its_whole_section_for_the_first_answer_may_be_lost(form: Submission) -> None:
    fill_all(form)
    version = form.values.get(element__code="disabled_1_4").version
    first = put(form, cell("121", version), "disabled_1_4").json()
    again = put(form, cell("121", version), "disabled_1_4").json()
    assert again["version"] == first["version"]
    section = content_of(form).section("contingent")
    assert [row["code"] for row in again["rows"]] == [row.code for row in section.rows]
    assert [row for row in again["rows"] if row["css"]] == first["rows"]


def test_what_an_answer_draws_is_what_the_page_shows(form: Submission) -> None:
    school = form.school
    accepted(form, service_talk=40, disabled_1_4=4)
    after = fill_all(submission(school, 2022))
    for code, typed in [("service_talk", "90"), ("disabled_1_4", "130"), ("tested_9_11", "0"), ("service_talk", "1")]:
        body = put(after, cell(typed, after.values.get(element__code=code).version), code).json()
        shown = {line.row.code: line for one in content_of(after).sections for line in lines(one.rows)}
        assert body["rows"]
        for row in body["rows"]:
            line = shown[row["code"]]
            assert (row["css"], row["change"]) == (line.css, line.row.change)
            for one in line.row.findings[:1]:
                assert one.finding.code in row["findings"]


def test_a_cell_asks_the_database_no_more_in_a_long_form_than_in_a_short_one() -> None:
    def asked(form: Submission, code: str) -> int:
        version = fill_all(form).values.get(element__code=code).version
        client = Client()
        client.force_login(coordinator_of(form.school).user)
        address = f"/monitoring/submissions/{form.public_id}/cells/{code}/"
        for number in (4, 2):  # the first one reads the catalogue
            body = {"value": str(number), "version": version if number == 4 else version + 1}
            with CaptureQueriesContext(connection) as queries:
                assert client.put(address, json.dumps(body), content_type="application/json").status_code == 200
        return len(queries)

    long = submission(year=2022)
    short = submission(SchoolFactory(kind="preschool", grades=[]), 2022, "preschool")
    assert asked(long, "tested_9_11") == asked(short, "kids_early") <= MOST_QUERIES


def test_an_old_version_is_a_conflict_that_tells_what_stands_there(form: Submission) -> None:
    put(form, cell("11"))
    answer = put(form, cell("12"))
    assert answer.status_code == 409
    body = answer.json()
    assert (body["version"], body["shown"], body["answer"]) == (1, "11", "11")
    assert form.values.get(element__code="pupils_5").number == 11


@pytest.mark.parametrize(
    ("code", "body", "sentence"),
    [
        ("pupils_5", cell("-1"), NEGATIVE),
        ("pupils_5", cell("1,5"), FRACTION),
        ("pupils_5", cell("семь"), UNREADABLE),
        ("pupils_5", cell("\u0661\u0662"), UNREADABLE),
        ("pupils_5", cell("1" * 22), TOO_LONG),
        ("pupils_5", cell("", no_data=True, reason=" "), NEEDS_REASON),
        ("stand", cell("2"), YES_OR_NO),
        ("pupils_5", {"value": 5, "version": 0}, UNREADABLE),
        ("pupils_5", [], UNREADABLE),
        ("pupils_5", b"{", UNREADABLE),
        ("pupils_5", b"\xff", UNREADABLE),
        ("pupils_5", cell("1" * 5000), UNREADABLE),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_is_written(
    form: Submission, code: str, body: Any, sentence: str
) -> None:
    before = Value.objects.count()
    answer = put(form, body, code)
    assert (answer.status_code, answer.json()["error"]) == (422, sentence)
    assert (Value.objects.count(), ValueChange.objects.count()) == (before, 0)


def test_a_reason_with_a_character_that_the_database_refuses_is_kept_without_it(form: Submission) -> None:
    assert put(form, cell("", no_data=True, reason="журнал\0утрачен")).status_code == 200
    assert form.values.get(element__code="pupils_5").reason == "журнал утрачен"


def test_a_locked_form_says_why_and_stays(form: Submission) -> None:
    sent(form)
    value = form.values.get(element__code="pupils_5")
    answer = put(form, cell("999", value.version))
    assert answer.status_code == 423
    assert "отправлена" in answer.json()["error"]
    assert form.values.get(element__code="pupils_5").number == value.number


def test_an_inapplicable_or_unknown_row_is_missing() -> None:
    form = submission(SchoolFactory(kind="primary", grades=[1, 2, 3, 4]))
    assert put(form, cell("5"), "pupils_9").status_code == 404
    assert put(form, cell("5"), "nothing").status_code == 404


def test_without_a_session_the_answer_is_401_and_no_page(form: Submission) -> None:
    address = f"/monitoring/submissions/{form.public_id}/cells/pupils_5/"
    answer = Client().put(address, b"{}", content_type="application/json", HTTP_ACCEPT="application/json")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/json"


def test_the_token_page_says_who_is_signed_in(form: Submission) -> None:
    client, person = Client(), coordinator_of(form.school).user
    client.force_login(person)
    body = client.get("/accounts/token/").json()
    assert body["person"] == str(person.pk)
    assert len(body["token"]) > 30
