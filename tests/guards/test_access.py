"""Guard 2: does every address answer everybody exactly as its mark says, and show nobody what is another's?"""

import io
import logging
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader
from pytest_django import DjangoDbBlocker

from portal import access
from portal.access import FOREIGN, Mark, mark_of
from portal.models import Membership
from portal.roles import PERMISSIONS, SCOPES, Role, Scope
from tests.factories import MunicipalityFactory, UserFactory, member
from tests.guards.addresses import (
    ADDRESSES,
    EVERY_PERSON_MAY,
    OF_ALLAUTH,
    ROLES,
    STRANGERS_MAY,
    Address,
    Place,
    member_in,
    missing,
    municipality,
    patterns,
    place,
    school_called,
)

pytestmark = pytest.mark.django_db
VIEWS = dict(patterns())
UNSAFE = ("PUT", "DELETE", "PATCH")
UNUSUAL = frozenset({"HEAD", *UNSAFE})
DONE = frozenset({200, 302, 303, 400, 409, 422})  # what those who may are told: a page, a way on, or what is wrong
FETCHES = ({"X-Requested-With": "XMLHttpRequest"}, {"HX-Request": "true"}, {"Accept": "application/json"})


# --- the world and its people ----------------------------------------------------------------------------------------


@dataclass
class World:
    own: Place
    beside: Place  # another school of the same municipality
    foreign: Place  # a school of another municipality

    @property
    def places(self) -> tuple[Place, Place, Place]:
        return self.own, self.beside, self.foreign


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Made once, in a transaction around those of the tests: each of them takes back what it changed itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield planted_world()
        transaction.set_rollback(True)


def planted_world() -> World:
    home, away = municipality("СОСНА"), municipality("ПАЛЬМА")
    planted = (("ВЫДРА-3", 3331119, home), ("ЦАПЛЯ-5", 5551117, home), ("ЗЕБРА-17", 7771113, away))
    schools = [school_called(word, town) for word, _, town in planted]  # all of them before a launch freezes its list
    return World(*(place(school, word, number) for school, (word, number, _) in zip(schools, planted, strict=True)))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are the point of these tests; their log would bury the list of holes."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def nobody(world: World) -> None:
    return None


def of_role(role: Role) -> Callable[[World], Membership]:
    return lambda world: member_in(world.own, role)


# How each person is made. Whoever is not let in at all is in STRANGERS, whoever has no place in HOMELESS.
STRANGERS = ("stranger", "deactivated")
HOMELESS = ("without a membership", "with an expired membership", "with a membership of tomorrow")
PEOPLE: dict[str, Callable[[World], Membership | None]] = {
    "stranger": nobody,
    "deactivated": of_role(Role.SPECIALIST),
    "without a membership": nobody,
    "with an expired membership": nobody,
    "with a membership of tomorrow": nobody,
    **{role.value: of_role(role) for role in Role},
    "coordinator of another school": lambda world: world.beside.coordinator,
    "specialist of another municipality": lambda world: member_in(world.foreign, Role.SPECIALIST),
}


def browser_of(name: str, world: World, someone: Membership | None) -> Client:
    browser = Client(raise_request_exception=False)
    if name == "stranger":
        return browser
    today, day = timezone.localdate(), timedelta(days=1)
    if name == "with an expired membership":
        person = member(Role.SPECIALIST, world.own.municipality, until=today - day).user
    elif name == "with a membership of tomorrow":
        person = member(Role.SPECIALIST, world.own.municipality, since=today + day).user
    else:
        person = someone.user if someone else UserFactory()
    browser.force_login(person)
    if name == "deactivated":
        person.is_active = False
        person.save()
    return browser


def sees(someone: Membership | None, address: Address, shown: Place) -> bool:
    """Whether the object of a call is this person's to see; told here once more, without `visible_to`."""
    if address.owner is None:
        return True
    if someone is None:
        return False
    match SCOPES[Role(someone.role)]:
        case Scope.SCHOOL:
            return address.owner == Scope.SCHOOL and shown.school == someone.school
        case Scope.MUNICIPALITY:
            return shown.municipality == someone.municipality
    return False


def expected(name: str, someone: Membership | None, mark: Mark, method: str, address: Address, own: bool) -> set[int]:
    """What the mark of an address says about one call, in the order in which a request is judged."""
    if mark.closed:
        return {404}
    if not mark.stranger:
        if name in STRANGERS:
            return {401} if mark.api else {302}
        if not mark.person and not (someone and PERMISSIONS[Role(someone.role)] & mark.permissions):
            return {403}
    if method not in address.methods:
        return {405, 302, *address.also} if address.methods == OF_ALLAUTH else {405}  # it looks at the person first
    return set(DONE | address.also) if own else {404}


# --- calling ---------------------------------------------------------------------------------------------------------


def call(browser: Client, method: str, url: str, data: dict[str, str] | None = None, **more: object) -> HttpResponse:
    """One call that leaves nothing behind, neither in the database nor in the browser."""
    cookies = {key: morsel.value for key, morsel in browser.cookies.items()}
    send = {"GET": browser.get, "POST": browser.post}.get(method)
    with transaction.atomic():
        answer = send(url, data, **more) if send else browser.generic(method, url, **more)
        answer.whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        transaction.set_rollback(True)
    browser.cookies.clear()
    for key, value in cookies.items():
        browser.cookies[key] = value
    return answer


def text_of(answer: HttpResponse) -> str:
    if answer.whole.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.whole)).pages)
    if answer.whole.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.whole)) as file:
            return "\n".join(file.read(name).decode(errors="replace") for name in file.namelist())
    head = " ".join(f"{key}: {value}" for key, value in answer.headers.items())
    if answer.whole.startswith(b"\x89PNG"):
        return head  # pixels; the words that are drawn stand in the SVG of the same chart
    return f"{head}\n{answer.whole.decode()}"


def plain(answer: HttpResponse) -> str:
    """The body without what differs at every call: the address itself and the token of forms."""
    return re.sub(r"[0-9a-f-]{36}|[0-9A-Za-z]{64,}|(?<=people/)[0-9]+|(?<=people%2F)[0-9]+", "", answer.whole.decode())


def calls(name: str) -> Iterator[tuple[str, Address]]:
    """Every method on every way of calling an address; the unusual methods once."""
    for number, address in enumerate(ADDRESSES[name]):
        yield from ((method, address) for method in ("GET", "POST"))
        if not number:
            yield from ((method, address) for method in ("HEAD", *UNSAFE))


def forbidden_words(world: World, someone: Membership | None) -> dict[str, str]:
    """Planted words and numbers that must not come out to this person, and whose they are."""
    hidden = {}
    for shown in world.places:
        same_town = someone is not None and someone.municipality == shown.municipality
        narrow = someone is None or SCOPES[Role(someone.role)] != Scope.MUNICIPALITY
        if not same_town or (narrow and someone.school != shown.school):
            hidden |= dict.fromkeys(shown.words, str(shown.school))
    return hidden


# --- the guard -------------------------------------------------------------------------------------------------------


def test_every_address_has_a_name_a_mark_and_a_line_in_the_table():
    found = list(patterns())
    holes = [f"{pattern.pattern} has no name" for name, pattern in found if not name]
    holes += [
        f"{name} has no access mark" for name, pattern in found if name and mark_of(pattern.callback, name) is None
    ]
    holes += [f"{name} has no line in ADDRESSES" for name, _ in found if name and name not in ADDRESSES]
    holes += [f"{name} is no address any more" for name in (*ADDRESSES, *FOREIGN) if name not in dict(found)]
    assert not holes, "\n".join(holes)


def test_every_address_opens_to_the_people_it_was_made_for():
    marks = {view: mark_of(pattern.callback, view) for view, pattern in VIEWS.items()}
    assert {view for view, mark in marks.items() if mark.stranger} == STRANGERS_MAY
    assert {view for view, mark in marks.items() if mark.person} == EVERY_PERSON_MAY
    opened = {
        view: {role for role in Role if mark.admits(Membership(role=role))}
        for view, mark in marks.items()
        if mark.permissions
    }
    assert opened == ROLES


@pytest.mark.parametrize("name", PEOPLE)
def test_every_address_answers_this_person_as_its_mark_says(name, world):
    someone = PEOPLE[name](world)
    browser = browser_of(name, world, someone)
    hidden = {} if name == "deactivated" else forbidden_words(world, someone)
    hidden = hidden or forbidden_words(world, None)
    holes: list[str] = []
    reached = 0
    for view, pattern in VIEWS.items():
        mark = mark_of(pattern.callback, view)
        for method, address in calls(view):
            # Who may not open an address at all, or calls it by a method that it does not know, is refused before any
            # object is looked for: one place proves it.
            admitted = mark.admits(someone) or mark.stranger
            narrow = not address.owner or not admitted or method in UNUSUAL - address.methods
            for shown in (world.own,) if narrow else world.places:
                url = address.url(view, shown)
                answer = call(browser, method, url)
                allowed = expected(name, someone, mark, method, address, sees(someone, address, shown))
                what = f"{method} {view} of {shown.school}"
                if answer.status_code not in allowed:
                    holes.append(f"{what}: {answer.status_code}, not {sorted(allowed)}")
                if (
                    name in STRANGERS
                    and allowed == {302}
                    and not answer["Location"].startswith(reverse("account_login"))
                ):
                    holes.append(f"{what}: leads to {answer['Location']}")
                holes += [
                    f"{what}: shows {word} of {whose}" for word, whose in hidden.items() if word in text_of(answer)
                ]
                reached += answer.status_code == 200
    assert not holes, f"{len(holes)} holes:\n" + "\n".join(holes)
    assert reached >= 5, "somebody who reaches nothing proves nothing"


def test_a_script_without_a_session_is_told_so_and_never_led_to_a_page(world):
    holes = []
    for view, pattern in VIEWS.items():
        mark = mark_of(pattern.callback, view)
        if mark.stranger or mark.closed:
            continue
        for headers in FETCHES:
            for method in ("GET", "POST"):
                answer = call(Client(), method, ADDRESSES[view][0].url(view, world.own), headers=headers)
                kind = "application/problem+json" if mark.api else "application/json"
                if answer.status_code != 401 or answer["Content-Type"] != kind:
                    holes.append(f"{method} {view} {headers}: {answer.status_code} {answer['Content-Type']}")
    assert not holes, "\n".join(holes)


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SPECIALIST])
def test_a_foreign_object_answers_exactly_as_a_missing_one(role, world):
    someone = member_in(world.own, role)
    browser = browser_of(role.value, world, someone)
    holes = []
    for view, pattern in VIEWS.items():
        for address in ADDRESSES[view]:
            absent = missing(address, view, world.foreign)
            if absent is None or not mark_of(pattern.callback, view).admits(someone):
                continue
            method = "GET" if "GET" in address.methods else "POST"
            foreign = call(browser, method, address.url(view, world.foreign))
            nowhere = call(browser, method, absent)
            if (foreign.status_code, plain(foreign)) != (nowhere.status_code, plain(nowhere)):
                holes.append(f"{method} {view}: {foreign.status_code} and {nowhere.status_code}")
    assert not holes, "\n".join(holes)


def test_what_is_planted_comes_out_to_its_owner(world):
    """The other side of the proof: the words are really on the pages, so their absence elsewhere means something."""
    browser = browser_of("specialist", world, member_in(world.foreign, Role.SPECIALIST))
    shown = dict.fromkeys(VIEWS, "")
    for view in VIEWS:
        for method, address in calls(view):
            if method == "GET":
                answer = call(browser, "GET", address.url(view, world.foreign))
                shown[view] += text_of(answer) if answer.status_code == 200 else ""
    word, number, spelt = world.foreign.words
    with_word = {view for view in VIEWS if word in shown[view]}
    with_number = {view for view in VIEWS if number in shown[view] or spelt in shown[view]}
    assert with_word >= {
        "schools", "school", "people", "job", "chart", "monitoring:campaign", "monitoring:form", "monitoring:section",
        "monitoring:check", "monitoring:print", "monitoring:history", "monitoring:dashboard_schools",
        "monitoring:launch", "monitoring:roundups", "monitoring:roundup", "monitoring:roundup_row",
        "monitoring:roundup_print", "reports:report", "reports:pdf", "reports:html",
    }  # fmt: skip
    assert with_number >= {"monitoring:section", "monitoring:print", "monitoring:history", "reports:pdf"}


# --- identifiers inside forms and hostile input -----------------------------------------------------------------------


def test_a_foreign_identifier_inside_a_form_is_refused(world):
    coordinator = browser_of("coordinator", world, world.own.coordinator)
    specialist = browser_of("specialist", world, member_in(world.own, Role.SPECIALIST))
    answer_url = reverse("monitoring:answer", args=[world.own.reviewed.public_id])
    for other in (world.beside, world.foreign):
        refused = coordinator.post(answer_url, {"thread": other.thread.pk, "text": "Чужой ответ"})
        other.thread.refresh_from_db()
        assert (refused.status_code, other.thread.replies.count()) == (404, 0)
        assert coordinator.post(reverse("choose_membership"), {"membership": other.coordinator.pk}).status_code == 404
    launch = {
        "form": "extra",
        "year": "2022",
        "opens_on": "2022-09-01",
        "closes_on": "2022-10-01",
        "regulation": world.foreign.regulation.pk,
    }
    assert specialist.post(reverse("monitoring:launch"), launch).status_code == 422
    assert coordinator.post(answer_url, {"thread": world.own.thread.pk, "text": "Свой ответ"}).status_code == 302
    world.own.thread.refresh_from_db()
    assert world.own.thread.replies.get().text == "Свой ответ", "the same call with one's own identifier is taken"


HOSTILE = ("\x00", "-1", "٣", "9" * 40, "ё" * 1100, "'\"><script>%")
NAMES = (
    "q", "order", "page", "year", "group", "state", "municipality", "preliminary", "next", "version", "thread", "text",
    "membership", "form", "value", "reason", "code", "element", "numbers", "due_on", "opens_on", "closes_on",
    "grace_on", "contact", "without_order", "school", "until", "view", "notice", "unread",
    "kind", "locality", "grades", "closed", "successor", "standing", "number", "date", "replaced_by", "previewed",
    "title", "note", "title-1", "whom", "kinds", "schools", "example", "answer-1", "answer-2", "letters", "remove-class",
    "regulation", "pupils_9", "row-pupils_9", "section-contingent", "login", "password",
)  # fmt: skip


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SPECIALIST])
def test_hostile_input_never_breaks_a_page(role, world):
    browser = browser_of(role.value, world, member_in(world.own, role))
    holes = []
    for view in VIEWS:
        address = ADDRESSES[view][0]
        for text in HOSTILE:
            for method in sorted({"GET", "POST"} & address.methods):
                answer = call(browser, method, address.url(view, world.own), dict.fromkeys(NAMES, text))
                if answer.status_code >= 500:
                    holes.append(f"{method} {view} with {text[:20]!r}: {answer.status_code}")
    for path in ("/monitoring/indicators/%00/", "/monitoring/indicators/%00/target/", "/%00", "/accounts/login/%00"):
        if (answer := call(browser, "GET", path)).status_code not in (403, 404):
            holes.append(f"GET {path}: {answer.status_code}")
    assert not holes, "\n".join(holes)


def test_the_guard_sees_a_hole(world, monkeypatch):
    """A view that forgot to ask whose object it is, and one that forgot its mark, are found."""
    guard = sys.modules[__name__]
    monkeypatch.setattr(access, "visible", lambda request, source: source)
    monkeypatch.setattr(guard, "VIEWS", {"monitoring:form": VIEWS["monitoring:form"]})
    with pytest.raises(AssertionError, match="GET monitoring:form of Школа ЗЕБРА-17: 200, not"):
        test_every_address_answers_this_person_as_its_mark_says("specialist", world)
    monkeypatch.delitem(FOREIGN, "mfa_index")
    with pytest.raises(AssertionError, match="mfa_index has no access mark"):
        test_every_address_has_a_name_a_mark_and_a_line_in_the_table()


def test_the_world_of_the_guard_is_two_municipalities(world):
    assert world.own.municipality == world.beside.municipality != world.foreign.municipality
    assert MunicipalityFactory._meta.model.objects.count() == 2
