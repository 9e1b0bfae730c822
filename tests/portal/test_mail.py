"""Do letters wait where there is no mail server, leave once where there is one, and give up in the end?"""

import socketserver
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from portal.actions import ATTEMPTS, put_in_outbox, send_waiting_mail
from portal.enums import MailState
from portal.models import Outbox
from tests.factories import MunicipalityFactory

pytestmark = pytest.mark.django_db
PERSON = "person@school.test"


class Post(socketserver.ThreadingTCPServer):
    """As much of a mail server as one letter needs: keeps what it is given, puts off some recipients."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.letters: list[str] = []  # recipients
        self.put_off: set[str] = set()
        self.meanwhile: Callable[[], None] = lambda: None  # what happens elsewhere while a letter is handed over


class Talk(socketserver.StreamRequestHandler):
    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.say("220 test")
        to = ""
        while line := self.rfile.readline().decode().strip():
            command = line[:4].upper()
            if command == "RCPT":
                to = line[line.index("<") + 1 : line.index(">")]
                self.say("451 try later" if to in self.server.put_off else "250 ok")
            elif command == "DATA":
                self.say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.server.meanwhile()
                self.server.letters.append(to)
                self.say("250 ok")
            else:
                self.say("221 bye" if command == "QUIT" else "250 ok")


@pytest.fixture
def post(settings) -> Iterator[Post]:
    with Post() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_CONFIGURED = True
        yield server
        server.shutdown()


def letter(to: str = PERSON) -> Outbox:
    return put_in_outbox(to=to, subject="Форма возвращена", body="Откройте форму.", municipality=MunicipalityFactory())


def test_without_a_mail_server_letters_wait_and_lose_no_attempt(settings, mailoutbox):
    settings.EMAIL_CONFIGURED = False
    waiting = letter()
    assert send_waiting_mail() == (0, 0)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, mailoutbox) == (MailState.WAITING, 0, [])


def test_a_letter_reaches_the_server_once(post):
    sent = letter()
    assert send_waiting_mail() == (1, 0)
    assert send_waiting_mail() == (0, 0)
    sent.refresh_from_db()
    assert sent.state == MailState.SENT
    assert sent.sent_at is not None
    assert post.letters == [PERSON]


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_send_one_letter_twice(post):
    """The second worker comes while the first, which has read the list of both letters, hands over letter one."""
    letter("one@school.test")
    letter("two@school.test")
    beside = []

    def another_worker() -> None:
        post.meanwhile = lambda: None
        beside.append(send_waiting_mail())
        connection.close()

    post.meanwhile = another_worker
    assert send_waiting_mail() == (1, 0)
    assert beside == [(1, 0)]
    assert sorted(post.letters) == ["one@school.test", "two@school.test"]


def test_a_letter_put_off_waits_twice_as_long_each_time(post):
    post.put_off.add(PERSON)
    put_off = letter()
    pauses = []
    for _ in range(3):
        put_off.refresh_from_db()
        with time_machine.travel(put_off.next_attempt_at + timedelta(seconds=1), tick=False):
            assert send_waiting_mail() == (0, 1)
            put_off.refresh_from_db()
            pauses.append((put_off.next_attempt_at - timezone.now()).total_seconds() / 60)
            assert send_waiting_mail() == (0, 0), "it is not due yet"
    assert pauses == [2, 4, 8]
    assert "try later" in put_off.last_error
    post.put_off.clear()
    with time_machine.travel(put_off.next_attempt_at + timedelta(seconds=1), tick=False):
        assert send_waiting_mail() == (1, 0)
    put_off.refresh_from_db()
    assert (put_off.state, put_off.last_error) == (MailState.SENT, "")


def test_after_the_last_attempt_a_letter_is_given_up(post):
    post.put_off.add(PERSON)
    lost = letter()
    for _ in range(ATTEMPTS):
        lost.refresh_from_db()
        with time_machine.travel(lost.next_attempt_at + timedelta(seconds=1), tick=False):
            send_waiting_mail()
    lost.refresh_from_db()
    assert (lost.state, lost.attempts) == (MailState.FAILED, ATTEMPTS)
    with time_machine.travel(timezone.now() + timedelta(days=30)):
        assert send_waiting_mail() == (0, 0)


def test_a_server_that_is_down_costs_an_attempt_and_no_letter(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_CONFIGURED = "127.0.0.1", 1, True
    waiting = letter()
    assert send_waiting_mail() == (0, 1)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts) == (MailState.WAITING, 1)


def test_one_bad_letter_does_not_hold_up_the_others(post):
    post.put_off.add("bad@school.test")
    letter("bad@school.test")
    letter("good@school.test")
    assert send_waiting_mail() == (1, 1)
    assert post.letters == ["good@school.test"]
