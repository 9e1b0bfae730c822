"""Does a person come in by e-mail and password alone, stay out when closed, and choose their place themselves?"""

import re
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.models import Membership
from portal.roles import NEEDS_SECOND_FACTOR, Role
from tests.factories import PASSWORD, SchoolFactory, UserFactory, member

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
WRONG = "Указанные вами адрес электронной почты и/или пароль неверны."
NEW = "another-long-password-42"


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    """Attempts are counted in the cache, which a rolled back transaction empties; a flushed one does not."""
    cache.clear()


@pytest.fixture
def coordinator() -> Membership:
    return member(Role.COORDINATOR)


def enter(browser: Client, email: str, password: str = PASSWORD, **more: str):
    return browser.post(LOGIN, {"login": email, "password": password, **more})


def words(answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def is_inside(browser: Client) -> bool:
    return browser.get("/").status_code == 200


# --- in and out ------------------------------------------------------------------------------------------------------


def test_an_address_and_a_password_lead_home(client, coordinator):
    answer = enter(client, coordinator.user.email)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_inside(client)


def test_the_address_may_be_typed_in_capitals(client, coordinator):
    enter(client, coordinator.user.email.upper())
    assert is_inside(client)


def test_whoever_was_sent_to_sign_in_goes_on_where_they_wanted(client, coordinator):
    asked = client.get("/schools/")
    assert asked["Location"] == "/accounts/login/?next=/schools/"
    assert enter(client, coordinator.user.email, next="/schools/")["Location"] == "/schools/"


@pytest.mark.parametrize("target", ["https://evil.test/", "//evil.test/"])
def test_signing_in_never_leads_to_another_site(client, coordinator, target):
    assert enter(client, coordinator.user.email, next=target)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_person_get_the_same_words(client, coordinator):
    wrong = enter(client, coordinator.user.email, "not-the-password")
    unknown = enter(client, "nobody@school.test", "not-the-password")
    assert WRONG in words(wrong)
    assert WRONG in words(unknown)
    assert not is_inside(client)


def test_a_person_without_a_password_yet_cannot_sign_in(client):
    person = UserFactory()
    person.set_unusable_password()
    person.save()
    assert WRONG in words(enter(client, person.email, "anything-at-all"))
    assert not is_inside(client)


def test_after_five_wrong_passwords_even_the_right_one_waits(client, coordinator):
    for _ in range(5):
        assert WRONG in words(enter(client, coordinator.user.email, "not-the-password"))
    answer = enter(client, coordinator.user.email)
    assert "Слишком много неудачных попыток входа" in words(answer)
    assert not is_inside(client)
    colleague = member(Role.COORDINATOR)
    enter(client, colleague.user.email)
    assert is_inside(client), "the others of the same room are not locked out"


def test_signing_out_asks_first_and_ends_the_session(client, coordinator):
    enter(client, coordinator.user.email)
    assert client.get(reverse("account_logout")).status_code == 200
    assert is_inside(client), "a link alone signs nobody out"
    assert client.post(reverse("account_logout"))["Location"] == LOGIN
    assert not is_inside(client)


def test_pages_of_a_signed_in_person_are_kept_by_no_cache(client, coordinator):
    enter(client, coordinator.user.email)
    assert client.get("/")["Cache-Control"] == "no-store, private"


# --- passwords -------------------------------------------------------------------------------------------------------


def change(browser: Client, old: str = PASSWORD, new: str = NEW):
    return browser.post(reverse("account_change_password"), {"oldpassword": old, "password1": new, "password2": new})


def test_a_changed_password_is_the_one_that_counts(client, coordinator):
    enter(client, coordinator.user.email)
    assert change(client).status_code == 302
    fresh = Client()
    assert WRONG in words(enter(fresh, coordinator.user.email))
    enter(fresh, coordinator.user.email, NEW)
    assert is_inside(fresh)


@pytest.mark.parametrize("new", ["eleven-char", "1q2w3e4r5t6y", "person-99@school.test"])
def test_a_weak_password_is_refused_in_words(client, new):
    someone = member(Role.COORDINATOR, email="person-99@school.test")
    enter(client, someone.user.email)
    answer = change(client, new=new)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    fresh = Client()
    enter(fresh, someone.user.email)
    assert is_inside(fresh)


def test_the_old_password_is_asked_for(client, coordinator):
    enter(client, coordinator.user.email)
    assert change(client, old="not-the-password").context["form"].errors


@pytest.mark.parametrize(
    "name", ["account_signup", "account_reset_password", "account_email", "account_set_password", "account_inactive"]
)
def test_what_allauth_offers_and_the_portal_does_not_is_missing(client, coordinator, name):
    assert client.get(reverse(name)).status_code == 404
    assert client.post(reverse(name), {"email": "new@school.test", "password1": NEW}).status_code == 404
    enter(client, coordinator.user.email)
    assert client.get(reverse(name)).status_code == 404


# --- closed accounts -------------------------------------------------------------------------------------------------


def test_a_deactivated_person_is_told_so_and_stays_out(client):
    someone = member(Role.COORDINATOR, is_active=False)
    answer = client.post(LOGIN, {"login": someone.user.email, "password": PASSWORD}, follow=True)
    assert "Эта учётная запись отключена. Обратитесь к администратору" in words(answer)
    assert not is_inside(client)
    assert "отключена" not in words(enter(Client(), someone.user.email, "not-the-password")), (
        "a stranger learns nothing"
    )


def test_a_deactivated_person_is_out_at_the_next_click(client, coordinator):
    enter(client, coordinator.user.email)
    coordinator.user.is_active = False
    coordinator.user.save()
    assert client.get("/")["Location"].startswith(LOGIN)


def test_in_service_the_demo_accounts_do_not_exist(client, settings):
    someone = member(Role.COORDINATOR, email="coordinator@demo.local")
    enter(client, someone.user.email)
    assert is_inside(client)
    settings.DEMO = False
    assert not is_inside(client), "a session of the demo ends too"
    enter(client, someone.user.email)
    assert not is_inside(client)


# --- the second factor -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_in_service_those_who_change_others_data_must_set_up_a_second_factor(client, settings, role):
    someone = member(role)
    client.force_login(someone.user)
    settings.DEMO = False
    answer = client.get("/")
    if role in NEEDS_SECOND_FACTOR:
        assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_index"))
        assert client.get(reverse("mfa_index")).status_code == 200
        assert client.get(reverse("account_logout")).status_code == 200
    else:
        assert answer.status_code == 200


def test_with_a_second_factor_the_code_is_asked_for_and_opens_the_portal(client, settings):
    settings.DEMO = False
    someone = member(Role.SPECIALIST)
    secret = generate_totp_secret()
    TOTP.activate(someone.user, secret)
    assert Authenticator.objects.filter(user=someone.user).exists()
    first = enter(client, someone.user.email)
    assert first["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_inside(client), "the password alone is not enough"
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_inside(client)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_inside(client)


# --- the place -------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_places(coordinator) -> Membership:
    """The same person once more, in another school."""
    return member(Role.COORDINATOR, school=SchoolFactory(), user=coordinator.user)


def shown(browser: Client) -> Membership:
    return browser.get("/").context["membership"]


def test_a_person_with_two_places_starts_in_the_first_and_chooses(client, coordinator, two_places):
    enter(client, coordinator.user.email)
    assert shown(client) == coordinator
    answer = client.post(reverse("choose_membership"), {"membership": two_places.pk})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert shown(client) == two_places
    assert list(client.get("/schools/").context["page"]) == [two_places.school], "one sees one place at a time"


@pytest.mark.parametrize("wanted", ["", "abc", "-1", "9" * 30])
def test_a_choice_that_is_none_is_missing(client, coordinator, wanted):
    enter(client, coordinator.user.email)
    assert client.post(reverse("choose_membership"), {"membership": wanted}).status_code == 404


def test_nobody_takes_another_person_s_place(client, coordinator):
    enter(client, coordinator.user.email)
    foreign = member(Role.SPECIALIST)
    assert client.post(reverse("choose_membership"), {"membership": foreign.pk}).status_code == 404
    session = client.session
    session["membership"] = foreign.pk  # not even by a session that says so
    session.save()
    assert shown(client) == coordinator


def test_a_place_that_ended_gives_way_to_the_other(client, coordinator, two_places):
    enter(client, coordinator.user.email)
    client.post(reverse("choose_membership"), {"membership": two_places.pk})
    two_places.until = two_places.since
    two_places.save()
    assert shown(client) == coordinator
