"""What does the address of one cell answer, and what does it leave unchanged?"""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from monitoring.forms.entry import FRACTION, NEEDS_REASON, NEGATIVE, TOO_LONG, UNREADABLE, YES_OR_NO
from monitoring.models import Submission, Value, ValueChange
from portal.models import Membership
from tests.factories import SchoolFactory, coordinator_of, fill, sent, submission

pytestmark = pytest.mark.django_db


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


def test_an_answer_draws_every_row_of_the_section_anew(form: Submission) -> None:
    fill(form, pupils_6=10, pupils_7=10, pupils_8=10)
    body = put(form, cell("31"), "tested_6_8").json()
    own = next(row for row in body["rows"] if row["code"] == "tested_6_8")
    assert own["css"] == "is-error"
    assert "E501" in own["findings"]


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
