"""Does a session end when nobody uses it, and twelve hours after its start whatever happens?"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from portal.roles import Role
from tests.factories import coordinator_of, member, submission

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 10, 1, 8, 0, tzinfo=ZoneInfo("Europe/Moscow"))
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def clock():
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


def inside(browser) -> bool:
    return browser.get("/").status_code == 200


@pytest.mark.parametrize(("role", "minutes"), [(Role.COORDINATOR, 60), (Role.SPECIALIST, 30)])
def test_a_session_lives_as_long_as_it_is_used(clock, sign_in, role, minutes):
    browser = sign_in(member(role))
    assert inside(browser)
    for _ in range(3):
        clock.shift(timedelta(minutes=minutes - 1))
        assert inside(browser)
    clock.shift(timedelta(minutes=minutes, seconds=1))
    answer = browser.get("/schools/")
    assert answer["Location"] == "/accounts/login/?next=/schools/"
    assert "Вы долго не работали на портале" in browser.get(answer["Location"]).content.decode()


def test_one_role_of_staff_makes_the_limit_short(clock, sign_in):
    coordinator = member(Role.COORDINATOR)
    member(Role.SPECIALIST, user=coordinator.user)
    browser = sign_in(coordinator)
    assert inside(browser)
    clock.shift(timedelta(minutes=31))
    assert not inside(browser)


def test_a_script_is_told_in_its_own_language(clock, sign_in):
    browser = sign_in(member(Role.COORDINATOR))
    assert inside(browser)
    clock.shift(timedelta(minutes=61))
    answer = browser.get("/accounts/token/", headers=SCRIPT)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/json")


def test_asking_for_the_token_keeps_no_session_alive(clock, sign_in):
    browser = sign_in(member(Role.COORDINATOR))
    assert inside(browser)
    for _ in range(2):
        clock.shift(timedelta(minutes=29))
        assert browser.get("/accounts/token/", headers=SCRIPT).status_code == 200
    clock.shift(timedelta(minutes=3))
    assert not inside(browser)


def test_saving_a_cell_is_use(clock, sign_in):
    form = submission()
    browser = sign_in(coordinator_of(form.school))
    assert inside(browser)
    for number in range(3):
        clock.shift(timedelta(minutes=50))
        url = f"/monitoring/submissions/{form.public_id}/cells/pupils_1/"
        answer = browser.put(
            url, {"value": str(20 + number), "version": number}, content_type="application/json", headers=SCRIPT
        )
        assert answer.status_code == 200, answer.content.decode()
    clock.shift(timedelta(minutes=50))
    assert inside(browser)


def test_twelve_hours_after_its_start_every_session_ends(clock, sign_in):
    browser = sign_in(member(Role.COORDINATOR))
    for _ in range(12 * 60 // 50 + 1):
        assert inside(browser)
        clock.shift(timedelta(minutes=50))
    assert not inside(browser)
