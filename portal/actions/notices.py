"""Telling people what has happened: a notice in the portal, and once a day one letter with all of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from portal.actions.mail import put_in_outbox
from portal.formats import plural
from portal.models import Membership, Municipality, Notice, User

MORNING = 8  # the local hour from which the day's letter may leave
MOST_LINES = 30


def tell(*, people: Iterable[User], municipality: Municipality, text: str, url: str = "") -> int:
    """Leave a notice for each person once; how many were told. `url` is a path of the portal where they go on.

    Call it inside the transaction that makes the thing true. The text names no pupil and carries no number of a form.
    """
    told = {person.pk: person for person in people}
    Notice.objects.bulk_create(
        Notice(user=person, municipality=municipality, text=text, url=url) for person in told.values()
    )
    return len(told)


def read_notices(*, member: Membership, notice: Notice | None = None) -> int:
    """Mark one notice of this person, or all of them, as read; how many were unread."""
    rows = Notice.objects.visible_to(member).filter(read_at__isnull=True)
    if notice is not None:
        rows = rows.filter(pk=notice.pk)
    return rows.update(read_at=timezone.now())


def send_digests(now: datetime | None = None) -> int:
    """One letter to each person who has unread notices that no letter has carried yet; how many letters were queued.

    At most one a day by the calendar of the person's municipality, in its morning at the earliest. What was read in
    the portal needs no letter. Without a mail server nothing is gathered: old news would all leave on one day.
    """
    if not settings.EMAIL_CONFIGURED:
        return 0
    moment = now or timezone.now()
    waiting: dict[int, list[Notice]] = defaultdict(list)
    fresh = Notice.objects.filter(read_at__isnull=True, mailed_at__isnull=True, user__is_active=True)
    for notice in fresh.select_related("user", "municipality").order_by("-pk"):
        waiting[notice.user_id].append(notice)
    if not waiting:
        return 0
    working = set(
        Membership.objects.in_force(timezone.localdate()).filter(user__in=waiting).values_list("user_id", flat=True)
    )
    due = [pk for pk, notices in waiting.items() if pk in working and _is_time(notices, moment)]
    return sum(_send_digest(pk, moment) for pk in due)


def _is_time(notices: list[Notice], moment: datetime) -> bool:
    return moment.astimezone(ZoneInfo(notices[0].municipality.time_zone)).hour >= MORNING


@transaction.atomic
def _send_digest(person: int, moment: datetime) -> bool:
    """Queue the letter and mark what it carries; the lock on the person keeps two workers from writing two."""
    user = User.objects.select_for_update().get(pk=person)
    rows = Notice.objects.filter(user=user, read_at__isnull=True, mailed_at__isnull=True)
    notices = list(rows.select_related("municipality").order_by("-pk"))
    if not notices or _had_letter_today(user, notices[0].municipality, moment):
        return False
    count = plural(len(notices), "новое уведомление", "новых уведомления", "новых уведомлений")
    put_in_outbox(
        to=user.email,
        subject=f"Профориентир: {count}",
        body=_letter(notices),
        municipality=notices[0].municipality,
    )
    Notice.objects.filter(pk__in=[one.pk for one in notices]).update(mailed_at=moment)
    return True


def _had_letter_today(user: User, municipality: Municipality, moment: datetime) -> bool:
    last = Notice.objects.filter(user=user).aggregate(last=Max("mailed_at"))["last"]
    zone = ZoneInfo(municipality.time_zone)
    return last is not None and last.astimezone(zone).date() >= moment.astimezone(zone).date()


def _letter(notices: list[Notice]) -> str:
    """The news, newest first, each with its address in the portal."""
    lines = ["На портале «Профориентир» для вас есть новости.", ""]
    for one in notices[:MOST_LINES]:
        lines += [f"• {one.text}", *([f"  {settings.PORTAL_URL}{one.url}"] if one.url else []), ""]
    if len(notices) > MOST_LINES:
        lines += [f"И ещё: {len(notices) - MOST_LINES}.", ""]
    lines += [f"Все уведомления: {settings.PORTAL_URL}{reverse('notices')}"]
    return "\n".join(lines) + "\n"
