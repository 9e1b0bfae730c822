"""Do the display settings hold for everybody, in a cookie, and lead nowhere else?"""

import pytest
from django.urls import reverse

from portal.context import DISPLAY_CHOICES, DISPLAY_COOKIE, Display, display_from
from portal.roles import Role
from tests.factories import member

pytestmark = pytest.mark.django_db
CHOSEN = {"size": "2", "scheme": "contrast", "spacing": "wide", "font": "serif", "images": "off"}


def test_a_stranger_sets_how_pages_look_and_the_next_page_obeys(client):
    answer = client.post(reverse("display_settings"), {**CHOSEN, "next": "/accessibility/"})
    assert (answer.status_code, answer["Location"]) == (302, "/accessibility/")
    assert answer.cookies[DISPLAY_COOKIE].value == "2-contrast-wide-serif-off"
    assert answer.cookies[DISPLAY_COOKIE]["httponly"]
    assert answer.cookies[DISPLAY_COOKIE]["samesite"] == "Lax"
    assert client.get("/accessibility/").context["display"] == Display(**CHOSEN)


def test_a_signed_in_person_sets_it_too(sign_in):
    browser = sign_in(member(Role.COORDINATOR))
    browser.post(reverse("display_settings"), CHOSEN)
    assert browser.get(reverse("display_settings")).context["display"] == Display(**CHOSEN)


def test_the_button_of_the_usual_version_takes_everything_back(client):
    client.post(reverse("display_settings"), CHOSEN)
    client.post(reverse("display_settings"), {"reset": "1"})
    assert client.get("/accessibility/").context["display"] == Display()


@pytest.mark.parametrize("name", DISPLAY_CHOICES)
def test_an_unknown_value_gives_the_default(name):
    assert display_from({**CHOSEN, name: "x'><script>"}) == Display(**{**CHOSEN, name: DISPLAY_CHOICES[name][0]})


@pytest.mark.parametrize("cookie", ["", "2", "9-9-9-9-9", "2-contrast-wide-serif-off-more", "><script>"])
def test_a_spoilt_cookie_does_no_harm(client, cookie):
    client.cookies[DISPLAY_COOKIE] = cookie
    answer = client.get("/accessibility/")
    assert answer.status_code == 200
    for name, choices in DISPLAY_CHOICES.items():
        assert getattr(answer.context["display"], name) in choices


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", ""])
def test_after_the_choice_nobody_is_led_to_another_site(client, target):
    assert client.post(reverse("display_settings"), {**CHOSEN, "next": target})["Location"] == "/"


def test_a_cookie_s_round_trip_keeps_every_choice():
    shown = Display(**CHOSEN)
    assert display_from(dict(zip(DISPLAY_CHOICES, shown.cookie().split("-"), strict=True))) == shown
