"""Tokens of programs: issued once, kept as a hash, ended at will or by their term, counted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal.actions import ActionRefused, admit_token, issue_token, revoke_token
from portal.actions.tokens import MOST
from portal.codes import hash_of
from portal.models import ApiToken
from portal.roles import Role
from tests.factories import MunicipalityFactory, UserFactory, member
from tests.portal.test_pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return MunicipalityFactory()


@pytest.fixture
def browser(town, sign_in):
    return sign_in(member(Role.MUNICIPAL_ADMIN, town))


def issue(town, **more):
    return issue_token(**{"municipality": town, "name": "Сайт", "days": 30, "by": UserFactory(), **more})


def test_a_token_is_shown_once_and_only_its_hash_is_kept(town, browser):
    answer = browser.post(reverse("api_tokens"), {"name": "Сайт управления", "days": "90"})
    assert (answer.status_code, answer.url) == (302, reverse("api_tokens"))
    code, token = browser.cookies["token_code"].value, ApiToken.objects.get()
    assert (len(code), token.token_hash, token.municipality) == (64, hash_of(code), town)
    assert timedelta(days=89) < token.expires_at - timezone.now() < timedelta(days=91)
    assert code in text_of(browser.get(reverse("api_tokens")))
    assert code not in text_of(browser.get(reverse("api_tokens")))
    assert not any(code == str(value) for row in ApiToken.objects.values() for value in row.values())


def test_a_code_from_elsewhere_is_not_shown_as_one_that_was_issued(browser):
    _, code = issue(MunicipalityFactory())
    browser.cookies["token_code"] = code
    assert code not in text_of(browser.get(reverse("api_tokens")))


def test_what_is_missing_is_said_and_what_was_typed_stays(browser):
    answer = browser.post(reverse("api_tokens"), {"name": "", "days": "9999"})
    assert (answer.status_code, ApiToken.objects.exists()) == (422, False)
    assert "Ошибка: " in text_of(answer)


@pytest.mark.parametrize("days", [0, -1, 367, 3660])
def test_a_token_works_for_a_year_at_most(days, town):
    with pytest.raises(ActionRefused, match="на срок от одного дня до года"):
        issue(town, days=days)


def test_a_municipality_has_a_limited_number_of_tokens_that_work(town, browser):
    made = [issue(town)[0] for _ in range(MOST)]
    answer = browser.post(reverse("api_tokens"), {"name": "Ещё одна", "days": "30"})
    assert (answer.status_code, ApiToken.objects.count()) == (422, MOST)
    assert "Отзовите те, которыми никто не пользуется" in text_of(answer)
    revoke_token(token=made[0], by=UserFactory())
    assert browser.post(reverse("api_tokens"), {"name": "Ещё одна", "days": "30"}).status_code == 302


def test_a_token_is_revoked_after_a_question_and_only_once(town, browser):
    token, code = issue(town)
    address = reverse("api_token_revoke", args=[token.public_id])
    assert "сразу перестанет получать данные" in text_of(browser.get(address))
    assert admit_token(f"Bearer {code}", timezone.now()) == token
    assert browser.post(address).url == reverse("api_tokens")
    assert admit_token(f"Bearer {code}", timezone.now()) is None
    with pytest.raises(ActionRefused, match="уже не действует"):
        revoke_token(token=token, by=UserFactory())


def test_the_last_use_is_written_down_but_not_with_every_call(town):
    token, code = issue(town)
    now = timezone.now()
    for later, written in ((0, 0), (30, 0), (61, 61)):
        admit_token(f"Bearer {code}", now + timedelta(seconds=later))
        token.refresh_from_db()
        assert token.last_used_at == now + timedelta(seconds=written)


def test_the_list_is_one_of_its_own_municipality_and_costs_the_same_for_many(town, browser):
    issue(MunicipalityFactory(), name="Чужая программа")

    def asked():
        with CaptureQueriesContext(connection) as queries:
            page = text_of(browser.get(reverse("api_tokens")))
        assert "Чужая" not in page
        return len(queries)

    issue(town)
    asked()  # the first page of a session writes when it began
    few = asked()
    for number in range(12):
        issue(town, name=f"Программа {number}")
    assert asked() == few


def test_the_way_to_the_tokens_is_shown_to_those_who_may_open_it(town, browser, sign_in):
    assert reverse("api_tokens") in browser.get(reverse("people")).content.decode()
    specialist = sign_in(member(Role.SPECIALIST, town))
    assert reverse("api_tokens") not in specialist.get(reverse("people")).content.decode()
    assert specialist.get(reverse("api_tokens")).status_code == 403
