"""How fast a campaign is handed in, day by day, beside the same form a year ago (ux C2.1)."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone

from monitoring.enums import FormState
from monitoring.models import Campaign, Submission
from monitoring.queries.campaigns.board import is_expected

MOST_MARKS = 6  # days that the chart names


@dataclass(frozen=True, slots=True)
class Pace:
    """One campaign: the days, counted from 1 at the opening, on which its forms were sent for the first time."""

    campaign: Campaign
    total: int  # forms that are expected
    days: tuple[int, ...]  # ascending, one for each form that was sent
    length: int  # days from the opening to the deadline, or to the last form that came later
    passed: int  # of them, how many have begun

    def by(self, day: int) -> int | None:
        """Forms sent by the end of this day; None for a day that has not come."""
        return bisect_right(self.days, day) if day <= self.passed or self.passed == self.length else None


@dataclass(frozen=True, slots=True)
class PaceOfYears:
    """This year's campaign and, where forms of the last one were sent in the portal, that one."""

    this: Pace
    last: Pace | None

    @property
    def marks(self) -> tuple[int, ...]:
        """At most six days at equal distances, today among them, to the end of the longer campaign."""
        length = max(self.this.length, self.last.length if self.last else 1)
        step = max(-(-(length - 1) // (MOST_MARKS - 1)), 1)
        return tuple(range((self.this.passed - 1) % step + 1, length + step, step))[:MOST_MARKS]

    @property
    def rows(self) -> list[tuple[int, int | None, int | None]]:
        """(day, this year, last year) of every day on which anything was sent, and of today."""
        days = {self.this.passed, *self.this.days, *(self.last.days if self.last else ())}
        return [(day, self.this.by(day), self.last.by(day) if self.last else None) for day in sorted(days)]


def pace_of_years(campaign: Campaign, now: datetime | None = None) -> PaceOfYears | None:
    """How the forms of a campaign come in beside last year's; None before it opens. Two queries.

    Data of a past year that were loaded as a whole were never sent here, so they have no days.
    """
    moment = now or timezone.now()
    if moment < campaign.opens_at:
        return None
    last = Campaign.objects.filter(
        municipality_id=campaign.municipality_id, form_id=campaign.form_id, year=campaign.year - 1
    ).first()
    first_sent = Min("moves__at", filter=Q(moves__to_state=FormState.SENT))
    rows = Submission.objects.filter(campaign__in=[one for one in (campaign, last) if one])
    forms = list(rows.select_related("school").annotate(first_sent=first_sent))
    before = _pace(last, forms, moment) if last else None
    return PaceOfYears(_pace(campaign, forms, moment), before if before and before.days else None)


def _pace(campaign: Campaign, forms: Sequence[Any], now: datetime) -> Pace:
    """`forms` are submissions with `first_sent`."""

    def day_of(moment: datetime) -> int:
        opened = timezone.localtime(campaign.opens_at).date()
        return max((timezone.localtime(moment).date() - opened).days + 1, 1)

    today = timezone.localtime(now).date()
    own = [form for form in forms if form.campaign_id == campaign.pk and is_expected(form, campaign, today)]
    days = sorted(day_of(sent) for form in own if (sent := form.first_sent))
    length = max(day_of(campaign.closes_at), *days, 1)
    return Pace(campaign, len(own), tuple(days), length, min(day_of(now), length))
