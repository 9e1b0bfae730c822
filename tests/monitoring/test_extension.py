"""Does a later deadline of one school hold until its last second, end by itself, and stay in the list?"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from monitoring import actions
from monitoring.models import Campaign, Extension, Submission
from monitoring.workflow import LockCause, MoveRefused, lock_of
from portal.models import Notice
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    campaign,
    coordinator_of,
    fill_all,
    member,
    sent,
    specialist_of,
    submission,
)

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Asia/Novokuznetsk")
END = datetime(2026, 12, 20, 23, 59, 59, tzinfo=ZONE)
GRACE = END + timedelta(days=1)
UNTIL = END + timedelta(days=5)
SECOND = timedelta(seconds=1)
NOW = END - timedelta(days=10)


@pytest.fixture
def form() -> Submission:
    town = MunicipalityFactory(time_zone=str(ZONE))
    school = SchoolFactory(municipality=town)
    SchoolFactory(municipality=town)
    campaign(town, opens_at=END - timedelta(days=30), closes_at=END)
    Campaign.objects.update(grace_until=GRACE)
    return submission(school)


def extend(form: Submission, until: datetime = UNTIL, *others: Submission) -> int:
    by = specialist_of(form.municipality)
    return actions.extend(submissions=[form, *others], until=until, reason="Карантин в школе.", by=by)


def fresh(form: Submission) -> Submission:
    return Submission.objects.select_related("campaign", "school").get(pk=form.pk)


@time_machine.travel(NOW, tick=False)
def test_an_extension_holds_until_its_last_second_and_only_for_its_school(form):
    coordinator, neighbour = coordinator_of(form.school), Submission.objects.exclude(pk=form.pk).get()
    extend(form)
    shown = fresh(form)
    assert shown.deadline == UNTIL
    assert lock_of(coordinator, shown, shown.campaign, UNTIL) is None
    assert lock_of(coordinator, shown, shown.campaign, UNTIL + SECOND).cause == LockCause.OVERDUE
    other = fresh(neighbour)
    assert lock_of(coordinator_of(neighbour.school), other, other.campaign, GRACE) is None
    lock = lock_of(coordinator_of(neighbour.school), other, other.campaign, GRACE + SECOND)
    assert lock.cause == LockCause.OVERDUE


@pytest.mark.parametrize(("moment", "late"), [(UNTIL, False), (UNTIL + SECOND, True)])
def test_a_form_sent_within_its_extension_is_in_time(form, moment, late):
    Campaign.objects.update(grace_until=None)
    with time_machine.travel(NOW, tick=False):
        extend(form)
        fill_all(form)
    with time_machine.travel(moment, tick=False):
        done = actions.send(submission=form, by=coordinator_of(form.school), version=form.version)
    assert done.late is late


@time_machine.travel(NOW, tick=False)
def test_a_second_extension_replaces_the_first_and_a_cancelled_one_holds_no_more(form):
    coordinator = coordinator_of(form.school)
    extend(form)
    extend(form, END + timedelta(days=2))
    assert fresh(form).deadline == END + timedelta(days=2)
    actions.cancel_extension(extension=fresh(form).extension, by=specialist_of(form.municipality))
    assert (fresh(form).deadline, fresh(form).extension) == (END, None)
    assert Extension.objects.count() == 2
    texts = [one.text for one in Notice.objects.filter(user=coordinator.user)]
    assert "отменено" in texts[0]
    assert sum("продлён" in text for text in texts) == 2


@time_machine.travel(NOW, tick=False)
def test_an_extension_is_told_in_the_days_of_the_municipality(form):
    coordinator = coordinator_of(form.school)
    with timezone.override(ZONE):
        extend(form)
    assert "до 25.12.2026" in Notice.objects.get(user=coordinator.user).text


@time_machine.travel(NOW, tick=False)
def test_of_many_forms_those_already_handed_in_are_passed_over(form):
    neighbour = sent(Submission.objects.exclude(pk=form.pk).get())
    assert extend(form, UNTIL, neighbour) == 1
    with pytest.raises(MoveRefused, match="которую ещё заполняют"):
        extend(neighbour)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("until", [END, NOW, NOW - SECOND])
def test_an_extension_is_later_than_the_deadline(form, until):
    with pytest.raises(MoveRefused):
        extend(form, until)
    assert not Extension.objects.exists()


@time_machine.travel(NOW, tick=False)
def test_only_those_who_run_the_campaign_extend(form):
    for role in (Role.METHODIST, Role.HEAD):
        with pytest.raises(MoveRefused, match="может специалист"):
            actions.extend(submissions=[form], until=UNTIL, reason="Карантин.", by=member(role, form.municipality))


def test_the_page_extends_lists_and_cancels(sign_in):
    form = submission()
    browser = sign_in(specialist_of(form.municipality))
    url, hub = (reverse(f"monitoring:{name}", args=[form.public_id]) for name in ("extend", "form"))
    day = timezone.localtime(form.campaign.closes_at).date() + timedelta(days=3)
    assert browser.post(url, {"until": "2001-01-01", "reason": "Карантин."}).status_code == 422
    assert browser.post(url, {"until": day.isoformat(), "reason": ""}).status_code == 422
    assert browser.post(url, {"until": day.isoformat(), "reason": "Карантин в школе."}).status_code == 302
    told = f"Срок для школы продлён до {day:%d.%m.%Y}, 23:59. Причина: Карантин в школе."
    assert told in browser.get(hub).content.decode()
    assert told in sign_in(coordinator_of(form.school)).get(hub).content.decode()
    browser = sign_in(specialist_of(form.municipality))
    assert browser.post(reverse("monitoring:cancel_extension", args=[form.public_id])).status_code == 302
    assert told not in browser.get(hub).content.decode()
    assert "отменено" in browser.get(url).content.decode()
