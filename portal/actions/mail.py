"""Letters: queued in the same transaction as what they tell of, sent by the worker, tried again after a failure."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from portal.enums import MailState
from portal.models import Municipality, Outbox

ATTEMPTS = 8


def put_in_outbox(*, to: str, subject: str, body: str, municipality: Municipality | None) -> Outbox:
    """Queue a letter; it leaves when the worker next looks, and waits as long as there is no mail server."""
    return Outbox.objects.create(to=to, subject=subject, body=body, municipality=municipality)


def send_waiting_mail(limit: int = 50) -> tuple[int, int]:
    """Send the letters that are due, at most `limit`; returns (sent, put off). A failure doubles the pause.

    Does nothing where no mail server is configured: the letters stay visible in the queue.
    """
    if not settings.EMAIL_CONFIGURED:
        return 0, 0
    sent = put_off = 0
    due = Outbox.objects.filter(state=MailState.WAITING, next_attempt_at__lte=timezone.now()).order_by("id")
    for letter in due[:limit]:
        if not _claim(letter):
            continue
        if _send(letter):
            sent += 1
        else:
            put_off += 1
    return sent, put_off


def _claim(letter: Outbox) -> bool:
    """Write the attempt before it is made, so that two workers do not send one letter twice."""
    following = timezone.now() + timedelta(minutes=2 ** (letter.attempts + 1))
    mine = Outbox.objects.filter(pk=letter.pk, state=MailState.WAITING, attempts=letter.attempts)
    letter.attempts, letter.next_attempt_at = letter.attempts + 1, following
    return bool(mine.update(attempts=letter.attempts, next_attempt_at=following))


def _send(letter: Outbox) -> bool:
    try:
        send_mail(letter.subject, letter.body, None, [letter.to])
    except OSError as failure:  # SMTP errors and refused connections alike
        letter.last_error = str(failure)[:300]
        if letter.attempts >= ATTEMPTS:
            letter.state = MailState.FAILED
    else:
        letter.state, letter.sent_at, letter.last_error = MailState.SENT, timezone.now(), ""
    letter.save()
    return letter.state == MailState.SENT
