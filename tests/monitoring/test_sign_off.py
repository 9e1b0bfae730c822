"""Does a school's head confirm exactly the numbers that they saw, where the campaign asks for it?"""

import pytest
from django.urls import reverse

from monitoring import actions
from monitoring.enums import FormState
from monitoring.models import Campaign, Submission
from monitoring.workflow import MoveRefused
from portal.models import Notice
from portal.roles import Role
from tests.factories import coordinator_of, fill, fill_all, member, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def form() -> Submission:
    made = submission()
    Campaign.objects.update(two_step=True)
    return fill_all(made)


@pytest.fixture
def head(form):
    return member(Role.SCHOOL_HEAD, school=form.school, full_name="Руководитель школы")


def offer(form: Submission) -> None:
    actions.offer(submission=form, by=coordinator_of(form.school), version=form.version)
    form.refresh_from_db()


def test_the_head_sends_what_the_coordinator_gave_and_stands_as_the_one_who_confirmed(form, head):
    offer(form)
    assert (form.state, form.ready_by) == (FormState.FILLING, coordinator_of(form.school).user)
    assert Notice.objects.get(user=head.user).text.endswith("ждёт вашего подтверждения.")
    actions.send(submission=form, by=head, version=form.version)
    form.refresh_from_db()
    assert (form.state, form.confirmed_by, form.ready_at) == (FormState.SENT, "Руководитель школы", None)


def test_an_incomplete_form_is_not_given_to_the_head(form):
    fill(form, staff_trained=30)  # more than there are
    with pytest.raises(MoveRefused, match="исправьте"):
        offer(form)


def test_a_number_changed_in_the_meantime_takes_the_form_from_the_head(form, head):
    offer(form)
    seen = form.version
    fill(form, pupils_9=31)
    assert form.ready_at is None
    with pytest.raises(MoveRefused, match="не передана директору"):
        actions.send(submission=form, by=head, version=seen)


def test_the_head_gives_the_form_back_with_a_word_that_stands_on_top_of_it(form, head, sign_in):
    offer(form)
    url = reverse("monitoring:give_back", args=[form.public_id])
    browser = sign_in(head)
    assert browser.post(url, {"reason": ""}).status_code == 422
    assert browser.post(url, {"reason": "Сверьте число классов."}).status_code == 302
    form.refresh_from_db()
    assert (form.state, form.ready_at) == (FormState.FILLING, None)
    hub = reverse("monitoring:form", args=[form.public_id])
    coordinator = coordinator_of(form.school)
    assert "Директор вернул форму: Сверьте число классов." in sign_in(coordinator).get(hub).content.decode()
    offer(form)
    assert "Сверьте число классов." not in sign_in(coordinator).get(hub).content.decode()


def test_the_coordinator_takes_the_form_back_and_cannot_send_it_past_the_head(form, head):
    coordinator = coordinator_of(form.school)
    offer(form)
    actions.take_back(submission=form, by=coordinator)
    form.refresh_from_db()
    assert form.ready_at is None
    with pytest.raises(MoveRefused, match="форму отправляет директор школы"):
        actions.send(submission=form, by=coordinator, version=form.version)


def test_each_side_finds_its_own_button(form, head, sign_in):
    check = reverse("monitoring:check", args=[form.public_id])
    move = {name: reverse("monitoring:move", args=[form.public_id, name]) for name in ("offer", "send", "confirm")}
    before = sign_in(coordinator_of(form.school)).get(check).content.decode()
    assert move["offer"] in before
    assert move["send"] not in before
    offer(form)
    page = sign_in(head).get(check).content.decode()
    assert move["confirm"] in page
    assert "передана директору" in page
    assert sign_in(head).post(move["confirm"], {"version": form.version}).status_code == 302
    form.refresh_from_db()
    assert form.state == FormState.SENT
