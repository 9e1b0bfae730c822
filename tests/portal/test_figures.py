"""Does a figure carry its menu, and is nothing drawn before somebody asks?"""

import re

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.charts import Bar, RankedBars
from portal.figures import figure_of
from portal.roles import Role
from tests.factories import member
from tests.portal.test_datatables import TABLE

CHART = RankedBars(title="Доля выросла", alt="Два столбца.", rows=(Bar("А", 0.5, "50 %"), Bar("Б", 0.4, "40 %")))


def made(settings, tmp_path, municipality: int = 1, session: SessionStore | None = None):
    settings.DATA_DIR = tmp_path
    request = RequestFactory().get("/monitoring/indicators/4.1/", {"year": "2021"})
    request.session = session or SessionStore()
    return figure_of(request, CHART, TABLE, key="years", subtitle="По годам", municipality=municipality)


def test_the_menu_keeps_the_view_of_the_page(settings, tmp_path):
    figure = made(settings, tmp_path)
    assert [link.text for link in figure.links] == ["XLSX", "CSV", "PNG", "SVG", "Ссылка"]
    assert figure.links[0].url == "/monitoring/indicators/4.1/?year=2021&table=years&format=xlsx"
    assert figure.links[-1].url == "/monitoring/indicators/4.1/?year=2021#years"
    assert not list(tmp_path.rglob("*.svg"))


@pytest.mark.django_db
def test_both_pictures_come_to_their_owner_under_the_name_of_the_figure(settings, tmp_path, sign_in):
    person = member(Role.SPECIALIST)
    browser = sign_in(person)
    *_, png, svg, _ = made(settings, tmp_path, person.municipality_id).links
    answer = browser.get(png.url)
    assert answer.content.startswith(b"\x89PNG")
    assert answer["Content-Disposition"] == 'attachment; filename="indicator-4-1.png"'
    assert b"<svg" in browser.get(svg.url).content
    other = sign_in(member(Role.SPECIALIST))
    assert other.get(png.url).status_code == 404
    assert other.get(reverse("chart_png", args=["0" * 64])).status_code == 404


@pytest.mark.django_db
def test_a_picture_that_was_shown_comes_again_without_a_question(settings, tmp_path, sign_in, time_machine):
    time_machine.move_to("2022-06-01 12:00:00+03:00", tick=False)
    person = member(Role.SPECIALIST)
    browser = sign_in(person)
    src = made(settings, tmp_path, person.municipality_id, browser.session).src
    drawn = browser.get(src)
    assert drawn.status_code == 200, "drawn by the way of every address, once"
    with CaptureQueriesContext(connection) as queries:
        again = browser.get(src)
    assert again.content == drawn.content
    assert len(queries) == 0
    assert again["Content-Security-Policy"].startswith("default-src 'none'")
    assert again["X-Content-Type-Options"] == "nosniff"
    assert again["Cache-Control"] == drawn["Cache-Control"]


@pytest.mark.django_db
def test_a_seal_opens_nothing_to_another_session_nor_another_picture_nor_later(
    settings, tmp_path, sign_in, time_machine
):
    time_machine.move_to("2022-06-01 12:00:00+03:00", tick=False)
    person = member(Role.SPECIALIST)
    browser = sign_in(person)
    src = made(settings, tmp_path, person.municipality_id, browser.session).src
    assert browser.get(src).status_code == 200
    assert Client().get(src).status_code == 302, "a stranger is sent to sign in"
    foreign = sign_in(member(Role.SPECIALIST))
    assert foreign.get(src).status_code == 404
    assert browser.get(re.sub("[0-9a-f]{64}", "0" * 64, src)).status_code == 404
    browser.logout()
    assert browser.get(src).status_code == 302
    stale = Client()
    stale.cookies[settings.SESSION_COOKIE_NAME] = src[-32:]  # a cookie of no session
    assert stale.get(src).status_code == 302


@pytest.mark.django_db
def test_a_seal_ends_with_the_next_day(settings, tmp_path, sign_in, time_machine):
    time_machine.move_to("2022-06-01 12:00:00+03:00", tick=False)
    person = member(Role.SPECIALIST)
    browser = sign_in(person)
    session = browser.session
    src = made(settings, tmp_path, person.municipality_id, session).src
    assert browser.get(src).status_code == 200
    session.delete()  # the session is over, the cookie still stands on the computer
    assert browser.get(src).status_code == 200
    time_machine.move_to("2022-06-03 12:00:00+03:00")
    assert browser.get(src).status_code == 302
