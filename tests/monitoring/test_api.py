"""The API for programs: the numbers of the portal, small groups hidden from tokens, pages, versions, refusals."""

import random
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from monitoring.enums import CellState
from monitoring.models import Check, Indicator, Submission, Value
from monitoring.queries.results.indicators import Circle, measure
from monitoring.suppression import is_small, telling
from portal.actions import issue_token, revoke_token
from portal.models import ApiToken
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, member, specialist_of, submission

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


def town_with(schools: int, **numbers):
    """A municipality whose schools have accepted the same form of 2021."""
    town = MunicipalityFactory()
    places = [SchoolFactory(municipality=town) for _ in range(schools)]
    for place in places:
        accepted(submission(place, 2021), **numbers)
    return town


@pytest.fixture
def town():
    return town_with(3)


def token_for(town, **more):
    """A program's browser: it calls with a token of the municipality."""
    by = specialist_of(town).user
    _, code = issue_token(municipality=town, name="Сайт", days=30, by=by, **more)
    return Client(headers={"Authorization": f"Bearer {code}"})


def person_of(town, role=Role.SPECIALIST):
    browser = Client()
    browser.force_login(member(role, town).user)
    return browser


def values(browser, **query):
    answer = browser.get(reverse("api:values"), {"year": 2021, "limit": 1000, **query})
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["items"]


def detail(answer, status):
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    document = answer.json()
    assert document["status"] == status
    return document["detail"]


# --- the numbers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["school", "municipality"])
def test_a_person_gets_the_numbers_of_the_portal(level, town):
    measured = measure(Circle(town.pk, (2021,)), by=level)
    ids = {place.public_id: place.pk for place in town.schools.all()}
    found = {}
    for one in values(person_of(town), level=level):
        group = town.pk if one["school"] is None else next(pk for key, pk in ids.items() if str(key) == one["school"])
        found[group, 2021, one["indicator"]] = (one["numerator"], one["denominator"], one["used"], one["expected"])
        assert not one["suppressed"]
    expected = {
        key: (
            sums.numerator if sums.used else None,
            sums.denominator if sums.used and not sums.is_count else None,
            sums.used,
            sums.expected,
        )
        for key, sums in measured.items()
        if sums.expected
    }
    assert found == expected


def test_percents_are_rounded_as_everywhere_on_the_portal():
    town = town_with(1, tested_9_11=29, pupils_9=30, pupils_10=30, pupils_11=28)
    found = {one["indicator"]: one for one in values(person_of(town))}
    tested, workplaces = found["4.1"], found["5.2"]
    assert (tested["numerator"], tested["denominator"], tested["value"], tested["unit"]) == (29, 88, 33.0, "percent")
    assert (workplaces["denominator"], workplaces["unit"]) == (None, "count")


def test_only_accepted_numbers_leave_the_municipality(town):
    form = submission(SchoolFactory(municipality=MunicipalityFactory()), 2021)
    browser = token_for(form.municipality)
    assert {one["used"] for one in values(browser)} == {0}
    assert {one["value"] for one in values(browser)} == {None}


# --- small groups ----------------------------------------------------------------------------------------------------


def scatter(town, seed):
    """Accepted numbers of all sizes, many of them small; parts never larger than their whole."""
    chance = random.Random(seed)
    rows = list(
        Value.objects.filter(submission__municipality=town, accepted_state=CellState.NUMBER).select_related("element")
    )
    for row in rows:
        base = row.element.code.startswith(("pupils_", "disabled_", "grad9_total", "grad11_total"))
        row.accepted_number = chance.choice([3, 12, 25, 40]) if base else chance.choice([0, 1, 2, 3, 4, 6, 9, 12])
    Value.objects.bulk_update(rows, ["accepted_number"])


@pytest.mark.parametrize("seed", range(4))
def test_a_token_never_learns_a_small_group_by_subtracting(seed):
    town = town_with(5)
    scatter(town, seed)
    person, program = person_of(town), token_for(town)
    people = {
        one.code
        for one in Indicator.objects.exclude(kind="org_share").prefetch_related("terms__element")
        if any(term.element.unit == "чел." for term in one.terms.all())
    }
    true = {
        (one["school"], one["indicator"]): one
        for level in ("school", "municipality")
        for one in values(person, level=level)
    }
    told = {
        (one["school"], one["indicator"]): one
        for level in ("school", "municipality")
        for one in values(program, level=level)
    }
    assert true.keys() == told.keys()
    hidden = defaultdict(list)
    for (school, code), one in told.items():
        real = true[school, code]
        for side in ("numerator", "denominator"):
            assert one[side] in (None, real[side])
            if code not in people:
                assert one[side] == real[side], "contracts and organisations are no secret"
            elif one["used"]:
                assert not is_small(one[side])
                if one[side] is None and school:
                    hidden[code, side].append(real[side])
        assert one["suppressed"] == ((one["numerator"], one["denominator"]) != (real["numerator"], real["denominator"]))
        if one["suppressed"]:
            assert one["value"] is None
        elif code in people and one["used"] and real["denominator"]:
            assert not is_small(real["denominator"] - real["numerator"]), "those who are left are a group too"
    assert any(hidden.values())
    for (code, side), counts in hidden.items():
        if told[None, code][side] is not None:
            assert not telling(counts), f"{code}: the total less the schools shown tells {counts}"
    for school in {school for school, _ in told}:
        whole, part = told[school, "4.2"]["numerator"], told[school, "4.1"]["numerator"]
        if whole is not None and part is not None:
            assert not is_small(whole - part), "grades 6–8 are 6–11 less 9–11"


def test_a_token_gets_no_more_by_asking_for_less():
    town = town_with(4)
    scatter(town, 9)
    program = token_for(town)
    everything = {(one["school"], one["indicator"]): one for one in values(program, level="school")}
    for (school, code), one in list(everything.items())[::7]:
        assert values(program, level="school", school=school, indicator=code) == [one]


def test_where_nobody_is_few_a_token_sees_all():
    town = town_with(2)
    Value.objects.filter(submission__municipality=town, accepted_state=CellState.NUMBER).update(accepted_number=50)
    Value.objects.filter(submission__municipality=town, element__code__regex="pupils|disabled|total").update(
        accepted_number=500
    )
    Value.objects.filter(submission__municipality=town, element__code__contains="staff_resp").update(accepted_number=90)
    assert not any(
        one["suppressed"] for level in ("school", "municipality") for one in values(token_for(town), level=level)
    )


# --- pages and versions ----------------------------------------------------------------------------------------------


def test_pages_follow_one_another_and_end(town):
    browser, found, following = token_for(town), [], reverse("api:values") + "?year=2021&level=school&limit=50"
    while following:
        page = browser.get(following).json()
        found += page["items"]
        following = page["next"]
    assert found == values(browser, level="school")
    assert page["count"] == len(found) > 50
    behind = browser.get(reverse("api:values"), {"year": 2021, "offset": 1000})
    assert "Такой страницы нет" in detail(behind, 404)


def test_an_answer_is_not_sent_twice_until_something_changes(town):
    browser, address = token_for(town), reverse("api:values") + "?year=2021&indicator=3.5"
    first = browser.get(address)
    again = browser.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    accepted(submission(SchoolFactory(municipality=MunicipalityFactory()), 2021))
    assert browser.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    Value.objects.filter(submission__municipality=town, element__code="events_pupils").update(accepted_number=70)
    changed = browser.get(address, headers={"If-None-Match": first["ETag"]})
    assert (changed.status_code, changed.json()["items"][0]["numerator"]) == (200, 210)


@pytest.mark.parametrize("name", ["values", "schools", "catalogue", "checks"])
def test_the_number_of_queries_does_not_grow(name):
    def asked(town):
        browser = token_for(town)
        query = {"year": 2021, "level": "school"} if name == "values" else {}
        browser.get(reverse(f"api:{name}"), query)  # the first call writes the use of the token down
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(reverse(f"api:{name}"), query).status_code == 200
        return len(queries)

    assert asked(town_with(1)) == asked(town_with(5)) <= 15


# --- catalogue, checks, findings -------------------------------------------------------------------------------------


def test_the_catalogue_has_every_indicator_with_its_formula(town):
    document = token_for(town).get(reverse("api:catalogue")).json()
    shown = {one["code"]: one for one in document["indicators"]}
    assert shown.keys() == set(Indicator.objects.values_list("code", flat=True))
    assert shown["4.2"]["numerator"] == ["tested_6_8", "tested_9_11"]
    assert shown["3.1-p"]["succeeds"] == "3.1"
    elements = {one["code"] for one in document["elements"]}
    assert all(elements >= {*one["numerator"], *one["denominator"]} for one in document["indicators"])


def test_the_checks_are_those_of_the_form(town):
    found = token_for(town).get(reverse("api:checks"), {"limit": 1000}).json()
    assert [one["code"] for one in found["items"]] == list(
        Check.objects.order_by("order", "pk").values_list("code", flat=True)
    )


def test_findings_of_a_form_are_those_of_its_page_and_only_its_own(sign_in):
    form = submission(SchoolFactory(), 2021)
    head = sign_in(member(Role.SCHOOL_HEAD, school=form.school))
    found = head.get(reverse("api:findings", args=[form.public_id])).json()["items"]
    assert found
    assert all(one["blocks"] for one in found), "an empty form waits for every row"
    foreign = submission(SchoolFactory(), 2021)
    detail(head.get(reverse("api:findings", args=[foreign.public_id])), 404)
    assert "вход на портал" in detail(
        token_for(form.municipality).get(reverse("api:findings", args=[form.public_id])), 403
    )


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ({}, 422, "«year» – не указан"),
        ({"year": "прошлый"}, 422, "«year» – нужно целое число"),
        ({"year": "2021", "limit": "0"}, 422, "«limit» – число слишком мало"),
        ({"year": "2021", "level": "class"}, 422, "«level» – нет такого варианта"),
        ({"year": "2021", "school": "7"}, 422, "«school» – нужен идентификатор"),
        ({"year": "2021", "indikator": "4.1"}, 422, "Такого параметра нет: indikator"),
        ({"year": "1999"}, 404, "Данных за 1999/2000 учебный год нет"),
        ({"year": "2021", "indicator": "99.9"}, 404, "Показателя с таким кодом нет"),
        ({"year": "2021", "municipality": "другой"}, 404, "Такого муниципалитета нет"),
        (
            {"year": "2021", "level": "school", "school": "00000000-0000-4000-8000-000000000000"},
            404,
            "Такой организации нет",
        ),
        ({"year": "2021\x00"}, 404, "Такого адреса нет"),
    ],
)
def test_a_wrong_question_gets_a_precise_answer(query, status, words, town):
    assert words in detail(token_for(town).get(reverse("api:values"), query), status)


def test_who_is_nobody_or_may_not_is_told_so(town):
    address = reverse("api:schools")
    answer = Client().get(address)
    assert "Authorization: Bearer" in detail(answer, 401)
    assert answer["WWW-Authenticate"] == "Bearer"
    detail(person_of(town, Role.MUNICIPAL_ADMIN).get(address), 403)
    answer = token_for(town).post(address)
    assert (detail(answer, 405), answer["Allow"]) == ("API только читает: используйте GET.", "GET")
    detail(token_for(town).get("/api/v1/nothing"), 404)


def test_a_token_that_ended_opens_nothing(town):
    browser, token = token_for(town), ApiToken.objects.get()
    assert browser.get(reverse("api:schools")).status_code == 200
    revoke_token(token=token, by=specialist_of(town).user)
    assert "отозван" in detail(browser.get(reverse("api:schools")), 401)
    late = token_for(town)
    ApiToken.objects.filter(revoked_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    detail(late.get(reverse("api:schools")), 401)
    for header in ("Bearer", "Bearer x", "Basic eDp4", "x", ""):
        detail(Client(headers={"Authorization": header}).get(reverse("api:schools")), 401)


def test_a_token_opens_the_api_and_nothing_else(town):
    browser = token_for(town)
    for name in ("home", "schools", "monitoring:dashboard", "people"):
        answer = browser.get(reverse(name))
        assert (answer.status_code, answer.url.startswith(reverse("account_login"))) == (302, True)


def test_a_token_speaks_for_its_own_municipality_alone(town):
    other = town_with(1)
    program = token_for(other)
    assert [one["code"] for one in program.get(reverse("api:schools")).json()["items"]] == [other.schools.get().code]
    detail(program.get(reverse("api:schools"), {"municipality": town.slug}), 404)
    foreign = town.schools.first().public_id
    detail(program.get(reverse("api:values"), {"year": 2021, "level": "school", "school": foreign}), 404)
    assert Submission.objects.filter(municipality=other).count() == 1


def test_a_token_stands_before_the_session_that_comes_with_it(town):
    """Whoever is signed in elsewhere is told what the token tells, with small groups hidden."""
    other = town_with(1)
    browser = person_of(other)
    code = issue_token(municipality=town, name="Сайт", days=1, by=specialist_of(town).user)[1]
    found = browser.get(reverse("api:schools"), headers={"Authorization": f"Bearer {code}"}).json()
    assert {one["code"] for one in found["items"]} == {one.code for one in town.schools.all()}
