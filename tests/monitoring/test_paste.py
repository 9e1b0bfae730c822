"""What becomes of a column that is pasted: each cell judged by itself, in one request?"""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from monitoring.enums import FormState, Way
from monitoring.forms.entry import FRACTION, UNREADABLE
from monitoring.models import Submission, ValueChange
from portal.models import Membership
from tests.factories import coordinator_of, fill, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def form() -> Submission:
    return submission()


def post(form: Submission, cells: Any, by: Membership | None = None) -> HttpResponse:
    client = Client()
    client.force_login((by or coordinator_of(form.school)).user)
    body = cells if isinstance(cells, bytes) else json.dumps({"cells": cells}).encode()
    address = f"/monitoring/submissions/{form.public_id}/cells/"
    return client.post(address, body, content_type="application/json", headers={"Accept": "application/json"})


def cell(code: str, value: str, version: int = 0, **more: Any) -> dict[str, Any]:
    return {"code": code, "value": value, "version": version, **more}


def numbers(form: Submission) -> dict[str, int | None]:
    return dict(form.values.values_list("element__code", "number"))


def test_each_cell_of_a_column_is_saved_or_refused_by_itself(form):
    fill(form, pupils_3=30)
    answer = post(
        form,
        [
            cell("pupils_1", "10"),
            cell("pupils_2", "1 500"),
            cell("pupils_3", "31"),  # not the version that stands there
            cell("pupils_4", "7 чел."),
            cell("pupils_5", "12,5"),
            cell("no_such_row", "5"),
        ],
    )
    told = {one["code"]: one for one in answer.json()["cells"]}
    assert answer.status_code == 200
    assert [told[code]["version"] for code in ("pupils_1", "pupils_2")] == [1, 1]
    assert "Теперь здесь 30" in told["pupils_3"]["error"]
    assert (told["pupils_4"]["error"], told["pupils_5"]["error"]) == (UNREADABLE, FRACTION)
    assert "error" in told["no_such_row"]
    kept = numbers(form)
    assert (kept["pupils_1"], kept["pupils_2"], kept["pupils_3"]) == (10, 1500, 30)
    assert not {"pupils_4", "pupils_5"} & set(kept)


def test_a_pasted_value_says_in_its_history_how_it_came(form):
    post(form, [cell("pupils_1", "10"), cell("pupils_2", "11")])
    changes = ValueChange.objects.filter(submission=form)
    assert {change.way for change in changes} == {Way.PASTE}
    form.refresh_from_db()
    assert (form.version, form.state) == (1, FormState.FILLING), "one request is one change of the form"


def test_a_paste_is_taken_back_by_the_same_address(form):
    fill(form, pupils_1=5, pupils_2=None)
    made = post(form, [cell("pupils_1", "10", 1), cell("pupils_2", "11", 1), cell("pupils_3", "12")]).json()["cells"]
    versions = {one["code"]: one["version"] for one in made}
    before = {"pupils_1": ("5", {}), "pupils_2": ("", {"no_data": True, "reason": "Нет"}), "pupils_3": ("", {})}
    back = [cell(code, value, versions[code], **more) for code, (value, more) in before.items()]
    assert not any("error" in one for one in post(form, back).json()["cells"])
    states = dict(form.values.values_list("element__code", "state"))
    assert [states[code] for code in before] == ["number", "no_data", "empty"]
    assert numbers(form)["pupils_1"] == 5


def test_findings_of_the_touched_section_are_drawn_anew(form):
    fill(form, pupils_6=10, pupils_7=10, pupils_8=10)
    rows = post(form, [cell("tested_6_8", "31")]).json()["rows"]
    drawn = {one["code"]: one for one in rows}
    assert drawn["tested_6_8"]["css"] == "is-error"
    assert "pupils_6" not in drawn


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"cells": 5}',
        b'{"cells": [5]}',
        b'{"cells": [{"code": "pupils_1"}]}',
        b"\xff",
        b"9" * 70_000,
    ],
)
def test_what_is_no_list_of_cells_is_refused(form, body):
    assert post(form, body).status_code == 422
    assert not ValueChange.objects.filter(submission=form, way=Way.PASTE).exists()


def test_more_cells_than_a_form_can_have_are_refused(form):
    assert post(form, [cell(f"row_{n}", "1") for n in range(201)]).status_code == 422


def test_a_locked_form_takes_no_column_and_says_why(form):
    Submission.objects.filter(pk=form.pk).update(state=FormState.SENT)
    answer = post(form, [cell("pupils_1", "10")])
    assert answer.status_code == 423
    assert "отправлена" in answer.json()["error"]
