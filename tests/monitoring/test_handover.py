"""May a colleague type exactly the sections that the coordinator gave to them, and does everybody know whose they are?"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from monitoring import actions
from monitoring.models import SectionKeeper, Submission
from monitoring.queries.entry.handover import asked_sections
from monitoring.workflow import MoveRefused
from portal.models import Notice
from portal.roles import Role
from tests.factories import coordinator_of, fill, member, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def form() -> Submission:
    return submission()


@pytest.fixture
def colleague(form):
    return member(Role.COLLEAGUE, school=form.school, full_name="Помощник школы")


def give(form: Submission, **keepers: int | None) -> int:
    return actions.hand_over(submission=form, keepers=keepers, by=coordinator_of(form.school))


def test_a_colleague_types_what_was_given_and_nothing_else(form, colleague):
    with pytest.raises(MoveRefused):
        fill(form, by=colleague, pupils_9=30)
    assert give(form, contingent=colleague.user_id) == 1
    fill(form, by=colleague, pupils_9=30)
    with pytest.raises(MoveRefused, match="не передан"):
        fill(form, by=colleague, tested_9_11=2)
    with pytest.raises(MoveRefused, match="не передан"):  # not even beside a row of their own
        fill(form, by=colleague, pupils_10=30, tested_9_11=2)
    fill(form, pupils_9=31)  # the coordinator goes on, too
    assert Notice.objects.get(user=colleague.user).text.startswith("Вам передали раздел")


def test_a_section_taken_back_is_closed_to_the_colleague_who_is_told(form, colleague):
    give(form, contingent=colleague.user_id)
    assert give(form, contingent=None) == 1
    assert not SectionKeeper.objects.exists()
    with pytest.raises(MoveRefused):
        fill(form, by=colleague, pupils_9=30)
    assert "больше не за вами" in Notice.objects.filter(user=colleague.user).first().text
    assert give(form, contingent=None) == 0


@pytest.mark.parametrize("who", ["of another school", "whose time is over", "the head of the school"])
def test_only_people_of_the_school_who_type_are_given_a_section(form, who):
    if who == "of another school":
        someone = member(Role.COLLEAGUE, form.municipality)
    elif who == "whose time is over":
        someone = member(Role.COLLEAGUE, school=form.school, until=timezone.localdate() - timedelta(days=1))
    else:
        someone = member(Role.SCHOOL_HEAD, school=form.school)
    with pytest.raises(MoveRefused, match="больше не работает"):
        give(form, contingent=someone.user_id)
    assert not SectionKeeper.objects.exists()


def test_a_colleague_gives_nothing_on(form, colleague):
    give(form, contingent=colleague.user_id)
    with pytest.raises(MoveRefused, match="может ответственный"):
        actions.hand_over(submission=form, keepers={"staff": colleague.user_id}, by=colleague)


def test_the_page_gives_a_section_and_the_colleague_finds_it_at_home_and_in_the_form(form, colleague, sign_in):
    browser = sign_in(coordinator_of(form.school))
    url = reverse("monitoring:hand_over", args=[form.public_id])
    hub = reverse("monitoring:form", args=[form.public_id])
    assert "Помощник школы" in browser.get(url).content.decode()
    nobody = dict.fromkeys((one.code for one in asked_sections(form)), "0")
    assert browser.post(url, nobody | {"contingent": "999999"}).status_code == 422
    assert browser.post(url, nobody | {"contingent": str(colleague.user_id)}).status_code == 302
    assert "раздел заполняет Помощник школы" in browser.get(hub).content.decode()
    theirs = sign_in(colleague)
    assert "Вам передали: Контингент" in theirs.get(reverse("home")).content.decode()
    page = theirs.get(hub).content.decode()
    assert "раздел передан вам" in page
    assert reverse("monitoring:move", args=[form.public_id, "send"]) not in page
    own = theirs.get(reverse("monitoring:section", args=[form.public_id, "contingent"])).content.decode()
    other = theirs.get(reverse("monitoring:section", args=[form.public_id, "diagnostics"])).content.decode()
    assert 'name="value-pupils_9"' in own
    assert 'name="value-tested_9_11"' not in other
    assert "Этот раздел вам не передан" in other
