"""Reminding schools of a form that is not handed in: by itself around the deadline, and by hand from the board."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from monitoring.enums import HANDED_IN
from monitoring.models import Campaign, Reminder, Submission
from monitoring.queries.campaigns.board import is_expected, people_of
from monitoring.queries.results.sentences import deadline_words
from portal.actions import ActionRefused, tell
from portal.formats import date_digits, school_year_short
from portal.models import Membership, User
from portal.roles import Role

DAYS = frozenset({14, 7, 3, 1, -1, -3, -7})  # to the deadline; negative after it
MORNING, EVENING = 8, 20  # local hours between which the portal reminds by itself
JUST_NOW = timedelta(minutes=10)


def remind_due(now: datetime | None = None) -> int:
    """Remind every school whose day it is, once; how many were reminded. Called by the worker in each round.

    Only forms that are not handed in, of open campaigns that remind, in the daytime of the place. The day counts to
    the form's own deadline, so an extension and a return move it.
    """
    moment = now or timezone.now()
    running = Campaign.objects.filter(reminds=True, closed_at__isnull=True, opens_at__lte=moment)
    return sum(
        _remind_campaign(campaign, moment)
        for campaign in running.select_related("municipality", "form")
        if MORNING <= moment.astimezone(ZoneInfo(campaign.municipality.time_zone)).hour < EVENING
    )


@transaction.atomic
def remind(*, submissions: Iterable[Submission], by: Membership) -> int:
    """Remind these schools at once; how many were. A form already handed in is passed over, a second press too.

    Raises ActionRefused where nobody is left to remind.
    """
    now = timezone.now()
    wanted = [one.pk for one in submissions]
    waiting = [one for one in _waiting().filter(pk__in=wanted) if is_expected(one, one.campaign, timezone.localdate())]
    recently = set(
        Reminder.objects.filter(submission__in=waiting, days__isnull=True, at__gt=now - JUST_NOW).values_list(
            "submission_id", flat=True
        )
    )
    people = people_of((one.school_id for one in waiting), timezone.localdate(), Role.COORDINATOR)
    reminded = [one for one in waiting if one.pk not in recently and people.get(one.school_id)]
    for one in reminded:
        _notice(one, people[one.school_id], now)
    Reminder.objects.bulk_create(
        Reminder(submission=one, due_at=one.deadline, recipients=len(people[one.school_id]), by=by.user, at=now)
        for one in reminded
    )
    if not reminded:
        raise ActionRefused(
            "Напоминать некому: формы этих школ сданы, у школ нет ответственного или напоминание только что ушло."
        )
    return len(reminded)


def _waiting() -> QuerySet[Submission]:
    rows = Submission.objects.exclude(state__in=HANDED_IN).select_related("school", "campaign__form", "municipality")
    return rows.prefetch_related("extensions")


def _remind_campaign(campaign: Campaign, now: datetime) -> int:
    today = now.astimezone(ZoneInfo(campaign.municipality.time_zone)).date()
    due_today = [
        (one, days)
        for one in _waiting().filter(campaign=campaign)
        if (days := _days_left(one, now)) in DAYS and is_expected(one, campaign, today) and _still_taken(one, now)
    ]
    told = set(
        Reminder.objects.filter(submission__in=[one for one, _ in due_today]).values_list(
            "submission_id", "days", "due_at"
        )
    )
    fresh = [(one, days) for one, days in due_today if (one.pk, days, one.deadline) not in told]
    if not fresh:
        return 0
    people = people_of((one.school_id for one, _ in fresh), today, Role.COORDINATOR)
    late_or_ready = (one.school_id for one, days in fresh if days < 0 or one.ready_at)
    heads = people_of(late_or_ready, today, Role.SCHOOL_HEAD)
    reminded = 0
    for one, days in fresh:
        recipients = people.get(one.school_id, []) + heads.get(one.school_id, [])
        reminded += bool(recipients) and _remind_once(one, recipients, now, days)
    return reminded


def _still_taken(submission: Submission, now: datetime) -> bool:
    """Whether a late form would still be taken: nobody is asked for what is not possible any more."""
    grace = submission.campaign.grace_until
    return grace is None or now <= max(grace, submission.deadline)


def _days_left(submission: Submission, now: datetime) -> int:
    """Days of the calendar of the place from now to the deadline."""
    zone = ZoneInfo(submission.municipality.time_zone)
    return (submission.deadline.astimezone(zone).date() - now.astimezone(zone).date()).days


@transaction.atomic
def _remind_once(submission: Submission, people: list[User], now: datetime, days: int) -> bool:
    """Leave the notices unless another worker has done so; the row of the reminder decides."""
    _, made = Reminder.objects.get_or_create(
        submission=submission,
        days=days,
        due_at=submission.deadline,
        defaults={"recipients": len(people), "at": now},
    )
    if made:
        _notice(submission, people, now)
    return made


def _notice(submission: Submission, people: list[User], now: datetime) -> None:
    tell(
        people=people,
        municipality=submission.municipality,
        text=reminder_words(submission, now),
        url=reverse("monitoring:form", args=[submission.public_id]),
    )


def reminder_words(submission: Submission, now: datetime) -> str:
    """«Напоминание: форма «…» за 2022/23 уч. год не сдана, осталось 3 дня (до 20.06.2026, 23:59).»"""
    with timezone.override(submission.municipality.time_zone):
        name = f"форма «{submission.campaign.form.title}» за {school_year_short(submission.year)} уч. год"
        if now > submission.deadline:
            passed = date_digits(timezone.localtime(submission.deadline).date())
            return f"Напоминание: {name} не сдана, срок прошёл {passed}. Сдайте её как можно скорее."
        return f"Напоминание: {name} не сдана, {deadline_words(submission.deadline, now)}."
