"""Are notices a person's own, read when opened, and gathered into one letter a day?"""

import logging
import socketserver
import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from portal.actions import read_notices, send_digests, send_waiting_mail, tell
from portal.management.commands.worker import Command
from portal.models import Notice, Outbox
from portal.roles import Role
from tests.factories import MunicipalityFactory, member, specialist_of

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Moscow")
MORNING = datetime(2022, 6, 13, 9, 0, tzinfo=ZONE)
DAY = timedelta(days=1)


@pytest.fixture
def someone():
    return member(Role.SPECIALIST, MunicipalityFactory(), email="person@school.test")


@pytest.fixture(autouse=True)
def mail(settings):
    settings.EMAIL_CONFIGURED = True
    settings.PORTAL_URL = "https://portal.test"


def notice(someone, text="Форма возвращена.", url="/schools/") -> Notice:
    tell(people=[someone.user], municipality=someone.municipality, text=text, url=url)
    return Notice.objects.order_by("-pk").first()


# --- in the portal ---------------------------------------------------------------------------------------------------


def test_a_person_sees_their_own_notices_and_how_many_are_unread(someone, sign_in):
    notice(someone, "Своё")
    other = specialist_of(MunicipalityFactory())
    notice(other, "Чужое")
    body = sign_in(someone).get(reverse("notices")).content.decode()
    assert "Своё" in body
    assert "Чужое" not in body
    assert 'Уведомления <strong class="count">1' in body


def test_opening_a_notice_reads_it_and_leads_where_it_points(someone, sign_in):
    first, second = notice(someone), notice(someone, url="")
    client = sign_in(someone)
    assert client.get(reverse("notices")).status_code == 200
    assert Notice.objects.filter(read_at=None).count() == 2, "looking at the list reads nothing"
    assert client.post(reverse("notice_open"), {"notice": first.pk})["Location"] == "/schools/"
    assert client.post(reverse("notice_open"), {"notice": second.pk})["Location"] == reverse("notices")
    assert not Notice.objects.filter(read_at=None).exists()


@pytest.mark.parametrize("url", ["https://evil.test/", "//evil.test/", "javascript:alert(1)"])
def test_a_notice_never_leads_out_of_the_portal(someone, sign_in, url):
    kept = notice(someone, url=url)
    assert sign_in(someone).post(reverse("notice_open"), {"notice": kept.pk})["Location"] == reverse("notices")


def test_a_notice_of_somebody_else_is_not_found(someone, sign_in):
    foreign = notice(member(Role.METHODIST, someone.municipality))
    client = sign_in(someone)
    for pk in (foreign.pk, 10**30, "x", ""):
        assert client.post(reverse("notice_open"), {"notice": pk}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.read_at is None


def test_all_are_read_at_once_and_only_one_s_own(someone, sign_in):
    notice(someone)
    notice(someone)
    notice(specialist_of(MunicipalityFactory()))
    sign_in(someone).post(reverse("notices_read"))
    assert Notice.objects.filter(read_at=None).count() == 1


def test_unread_ones_can_be_shown_alone_and_an_empty_list_says_so(someone, sign_in):
    read_notices(member=someone, notice=notice(someone, "Старое"))
    client = sign_in(someone)
    assert "Старое" in client.get(reverse("notices")).content.decode()
    assert "Непрочитанных уведомлений нет." in client.get(reverse("notices"), {"unread": 1}).content.decode()


def test_the_list_asks_as_much_of_thirty_notices_as_of_one(someone, sign_in, django_assert_num_queries):
    client = sign_in(someone)
    notice(someone)
    client.get(reverse("notices"))
    with django_assert_num_queries(6):
        client.get(reverse("notices"))
    for _ in range(29):
        notice(someone)
    with django_assert_num_queries(6):
        client.get(reverse("notices"))


# --- by mail ---------------------------------------------------------------------------------------------------------


def test_one_letter_carries_all_the_news_of_the_day(someone):
    notice(someone, "Первая новость", "/schools/")
    notice(someone, "Вторая новость", "")
    assert send_digests(MORNING) == 1
    letter = Outbox.objects.get()
    assert (letter.to, letter.subject) == ("person@school.test", "Профориентир: 2 новых уведомления")
    assert "Первая новость\n  https://portal.test/schools/" in letter.body
    assert "Вторая новость" in letter.body
    assert "https://portal.test/notices/" in letter.body


def test_what_comes_later_on_the_day_waits_for_the_next_morning(someone):
    notice(someone)
    send_digests(MORNING)
    notice(someone, "Днём")
    assert send_digests(MORNING + timedelta(hours=3)) == 0
    assert send_digests(MORNING + DAY - timedelta(hours=2)) == 0, "at seven it is too early"
    assert send_digests(MORNING + DAY) == 1
    last = Outbox.objects.order_by("-pk").first()
    assert "Днём" in last.body
    assert "Форма возвращена." not in last.body


def test_who_has_read_everything_gets_no_letter(someone):
    read_notices(member=someone, notice=notice(someone))
    assert send_digests(MORNING) == 0
    assert not Outbox.objects.exists()


def test_a_letter_leaves_in_the_morning_of_the_place(someone):
    someone.municipality.time_zone = "Asia/Novokuznetsk"
    someone.municipality.save()
    notice(someone)
    early = datetime(2022, 6, 13, 7, 59, tzinfo=ZoneInfo("Asia/Novokuznetsk"))
    assert send_digests(early) == 0
    assert send_digests(early + timedelta(minutes=1)) == 1


def test_who_works_here_no_more_gets_no_letter(someone):
    notice(someone)
    someone.until = MORNING.date() - DAY
    someone.save()
    assert send_digests(MORNING) == 0


def test_without_a_mail_server_news_wait_in_the_portal(someone, settings):
    settings.EMAIL_CONFIGURED = False
    notice(someone)
    assert send_digests(MORNING) == 0
    assert Notice.objects.filter(mailed_at=None).count() == 1


class Catcher(socketserver.StreamRequestHandler):
    """As much of a mail server as one letter needs; keeps the letter whole."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline().strip():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.letters.append(b"".join(lines))
            self.wfile.write(b"221 bye\r\n" if line.upper() == b"QUIT" else b"250 ok\r\n")


def test_a_digest_reaches_a_mail_server(someone, settings):
    notice(someone)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Catcher) as server:
        server.letters = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        send_digests(MORNING)
        with time_machine.travel(Outbox.objects.get().next_attempt_at + timedelta(seconds=1)):
            assert send_waiting_mail() == (1, 0)
        server.shutdown()
    [letter] = server.letters
    assert b"To: person@school.test" in letter


# --- the worker ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_round_that_fails_does_not_stop_the_others(settings, caplog, someone):
    settings.PORTAL_ROUNDS = ["tests.portal.work.broken_round", "portal.actions.send_digests"]
    notice(someone)
    with time_machine.travel(MORNING), caplog.at_level(logging.ERROR):
        Command().round()
    assert "tests.portal.work.broken_round failed" in caplog.text
    assert Outbox.objects.count() == 1
