"""Are only the schools reminded that have not handed in, on their days, in their morning, once?"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from monitoring import actions
from monitoring.actions.reminders import DAYS, remind_due
from monitoring.models import Campaign, Extension, Reminder, Submission
from portal.actions import ActionRefused
from portal.models import Notice
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    campaign,
    coordinator_of,
    member,
    specialist_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MOSCOW, KUZBASS = ZoneInfo("Europe/Moscow"), ZoneInfo("Asia/Novokuznetsk")
DEADLINE = datetime(2022, 6, 20, 23, 59, 59, tzinfo=MOSCOW)
MORNING = datetime(2022, 6, 13, 9, 0, tzinfo=MOSCOW)  # seven days before


@pytest.fixture
def school():
    return SchoolFactory()


@pytest.fixture
def person(school):
    return coordinator_of(school).user


@pytest.fixture
def launched(school, person) -> Campaign:
    return campaign(school.municipality, opens_at=datetime(2022, 4, 1, tzinfo=MOSCOW), closes_at=DEADLINE)


def form_of(school) -> Submission:
    return Submission.objects.get(school=school)


def told(person) -> list[str]:
    rows = Notice.objects.filter(user=person, text__startswith="Напоминание")
    return list(rows.order_by("pk").values_list("text", flat=True))


def test_a_school_is_reminded_on_its_days_and_on_no_other(launched, person):
    days = [left for left in range(20, -12, -1) if remind_due(DEADLINE.replace(hour=9) - left * DAY)]
    assert days == sorted(DAYS, reverse=True) == [14, 7, 3, 1, -1, -3, -7]
    assert len(told(person)) == len(days)


def test_the_words_count_the_days_and_say_that_the_deadline_has_passed(launched, person):
    remind_due(MORNING)
    remind_due(MORNING + 8 * DAY)
    before, after = told(person)
    assert "за 2021/22 уч. год не сдана, осталось 7 дней (до 20.06.2022, 23:59)." in before
    assert "не сдана, срок прошёл 20.06.2022." in after


def test_nobody_is_reminded_twice_of_one_day(launched, person):
    assert [remind_due(MORNING), remind_due(MORNING + timedelta(minutes=1))] == [1, 0]
    assert len(told(person)) == Reminder.objects.count() == 1


@pytest.mark.parametrize(("hour", "reminded"), [(7, 0), (8, 1), (19, 1), (20, 0)])
def test_the_portal_reminds_in_the_daytime_of_the_place(school, hour, reminded):
    school.municipality.time_zone = str(KUZBASS)
    school.municipality.save()
    coordinator_of(school)
    closes = DEADLINE.replace(tzinfo=KUZBASS)
    campaign(school.municipality, opens_at=datetime(2022, 4, 1, tzinfo=UTC), closes_at=closes)
    local = datetime(2022, 6, 13, hour, 0, tzinfo=KUZBASS)
    assert remind_due(local.astimezone(UTC)) == reminded


def test_a_form_that_is_handed_in_is_left_in_peace(launched, school, person):
    accepted(form_of(school))
    assert remind_due(MORNING) == 0
    assert told(person) == []


@pytest.mark.parametrize("change", [{"reminds": False}, {"closed_at": MORNING - DAY}, {"opens_at": MORNING + DAY}])
def test_a_campaign_that_is_silent_closed_or_not_open_reminds_nobody(launched, change):
    Campaign.objects.update(**change)
    assert remind_due(MORNING) == 0


def test_after_the_additional_time_nobody_is_asked_for_the_impossible(launched):
    Campaign.objects.update(grace_until=DEADLINE + 2 * DAY)
    assert remind_due(DEADLINE.replace(hour=9) + DAY) == 1
    assert remind_due(DEADLINE.replace(hour=9) + 3 * DAY) == 0


def test_an_extension_is_counted_to_its_own_end_and_reminded_anew(launched, school):
    remind_due(MORNING)
    Extension.objects.create(submission=form_of(school), until=DEADLINE + 7 * DAY, reason="Ремонт")
    assert remind_due(DEADLINE.replace(hour=9) - DAY) == 0
    assert remind_due(DEADLINE.replace(hour=9)) == 1
    assert list(Reminder.objects.order_by("pk").values_list("days", flat=True)) == [7, 7]


def test_a_returned_form_is_reminded_of_its_new_deadline(launched, school):
    Submission.objects.update(state="returned", due_at=DEADLINE + 10 * DAY)
    assert remind_due(DEADLINE.replace(hour=9) - DAY) == 0
    assert remind_due(DEADLINE.replace(hour=9) + 9 * DAY) == 1


def test_the_head_of_the_school_hears_of_a_deadline_that_has_passed(launched, school):
    head = member(Role.SCHOOL_HEAD, school=school).user
    remind_due(MORNING)
    assert told(head) == []
    remind_due(MORNING + 8 * DAY)
    assert len(told(head)) == 1
    assert Reminder.objects.get(days=-1).recipients == 2


def test_a_school_without_people_is_not_called_reminded(launched, school):
    school.memberships.all().delete()
    assert remind_due(MORNING) == 0
    assert not Reminder.objects.exists()


def test_a_closed_school_is_not_reminded(launched, school):
    school.closed = MORNING.date()
    school.save()
    assert remind_due(MORNING) == 0


def test_another_municipality_is_reminded_by_its_own_deadline(launched):
    other = SchoolFactory(municipality=MunicipalityFactory())
    coordinator_of(other)
    campaign(other.municipality, opens_at=datetime(2022, 4, 1, tzinfo=MOSCOW), closes_at=DEADLINE + DAY)
    assert remind_due(MORNING) == 1
    assert remind_due(MORNING + DAY) == 1


def test_a_round_asks_as_much_of_thirty_schools_as_of_one(django_assert_max_num_queries):
    town = MunicipalityFactory()
    for school in SchoolFactory.create_batch(30, municipality=town):
        coordinator_of(school)
    campaign(town, opens_at=datetime(2022, 4, 1, tzinfo=MOSCOW), closes_at=DEADLINE)
    assert remind_due(MORNING) == 30
    with django_assert_max_num_queries(5):
        remind_due(MORNING + timedelta(minutes=1))


# --- by hand ---------------------------------------------------------------------------------------------------------


@time_machine.travel(MORNING, tick=False)
def test_by_hand_those_who_handed_in_are_passed_over_and_the_author_is_kept(launched, school, person):
    other = SchoolFactory(municipality=school.municipality)
    by = specialist_of(school.municipality)
    assert actions.remind(submissions=Submission.objects.all(), by=by) == 1
    assert not Submission.objects.filter(school=other).exists()
    [kept] = Reminder.objects.all()
    assert (kept.by, kept.days, kept.recipients, kept.at) == (by.user, None, 1, timezone.now())
    with pytest.raises(ActionRefused, match="Напоминать некому"):
        actions.remind(submissions=Submission.objects.all(), by=by)
    with time_machine.travel(MORNING + timedelta(minutes=11), tick=False):
        assert actions.remind(submissions=Submission.objects.all(), by=by) == 1
    assert len(told(person)) == 2
