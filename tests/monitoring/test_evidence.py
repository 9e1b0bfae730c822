"""Does the portal refuse links that are none, ask only the open network, and tell truly what came of it?"""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.utils import timezone

from monitoring import actions
from monitoring.evidence import (
    ROOT_PAGE,
    LinkRefused,
    is_public,
    link_problem,
    public_addresses,
    read_link,
    root_problem,
)
from monitoring.models import Element, Submission
from monitoring.tasks import check_evidence
from tests.factories import coordinator_of, submission


class Site(BaseHTTPRequestHandler):
    """A small site: each path answers in its own way."""

    asked: list[tuple[str, str]] = []

    def do_HEAD(self) -> None:
        self.asked.append((self.command, self.path))
        if self.path == "/no-head":
            return self.send_error(405) if self.command == "HEAD" else self.end(200)
        if self.path == "/round":
            return self.end(302, "/round")
        if self.path == "/moved":
            return self.end(301, "/page")
        if self.path == "/inside":
            return self.end(302, "http://inside.test/secret")
        if self.path == "/script":
            return self.end(302, "file:///etc/passwd")
        status = {"/gone": 404, "/login": 403, "/broken": 500}.get(self.path, 200)
        return self.end(status)

    do_GET = do_HEAD  # noqa: N815

    def end(self, status: int, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """A test needs no log of requests."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://site.test:{server.server_port}"
    server.shutdown()
    server.server_close()


def here(host: str, port: int) -> list[str]:
    """In tests the site stands on this machine; every other host is judged as in service."""
    return ["127.0.0.1"] if host == "site.test" else public_addresses("127.0.0.1", port)


@pytest.mark.parametrize("text", ["", "школа", "ftp://a.ru/x", "javascript:alert(1)", "http://localhost/a", "http://a b.ru/", "http://u:p@a.ru/x", "http://[::1", "http://a..ru/x", "https://a.ru:99999/x", "//a.ru/x"])  # fmt: skip
def test_what_is_no_link_to_a_page_of_a_site_is_refused_with_a_sentence(text):
    with pytest.raises(LinkRefused, match=r"[Сс]сылк.*\.$"):
        read_link(text)


@pytest.mark.parametrize(
    "text", ["https://school5.ru/news/12", " http://школа.рф/приказ?n=5 ", "https://vk.com/wall-1_2"]
)
def test_a_link_is_kept_as_it_was_given(text):
    assert read_link(text) == text.strip()


@pytest.mark.parametrize("root", ["https://school5.ru", "https://school5.ru/", "https://school5.ru//"])
def test_a_front_page_confirms_nothing(root):
    assert root_problem(root) == ROOT_PAGE
    assert root_problem("https://school5.ru/?p=12") == root_problem("https://school5.ru/news") == ""


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "2002:0a00:0001::", "64:ff9b::7f00:1"])  # fmt: skip # noqa: S104
def test_addresses_of_closed_networks_are_never_called(address):
    assert not is_public(address)


def test_addresses_of_the_open_network_are_called():
    assert is_public("77.88.8.8")
    assert is_public("2a02:6b8::feed:ff")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/page", ""),
        ("/новость №5?год=2021", ""),
        ("/moved", ""),
        ("/no-head", ""),
        ("/", ROOT_PAGE),
        ("/gone", "такой страницы на сайте нет"),
        ("/login", "закрыта для посторонних"),
        ("/broken", "ошибкой 500"),
        ("/round", "переводит с одной страницы на другую"),
        ("/script", "переводит с одной страницы на другую"),
        ("/inside", "во внутреннюю сеть"),
    ],
)
def test_the_portal_tells_what_came_of_a_link(site, path, told):
    problem = link_problem(site + path, here)
    assert told in problem
    assert bool(problem) == bool(told)


def test_a_site_of_a_closed_network_is_not_even_called(site):
    before = len(Site.asked)
    assert "во внутреннюю сеть" in link_problem(site.replace("site.test", "127.0.0.1") + "/page")
    assert len(Site.asked) == before


def test_a_host_that_nobody_knows_is_told_so():
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError("unknown")

    assert "не найден" in link_problem("http://site.test/page", nowhere)


def noted(form: Submission, link: str) -> Submission:
    element = Element.objects.select_related("section").get(code="pupils_1")
    actions.annotate_cell(submission=form, element=element, comment="", evidence=link, by=coordinator_of(form.school))
    return form


@pytest.mark.django_db
def test_the_worker_asks_a_new_link_once_and_a_bad_one_again_a_day_later(site, time_machine):
    form = noted(submission(), f"{site}/gone")
    assert (check_evidence(here), check_evidence(here)) == (1, 0)
    value = form.values.get(element__code="pupils_1")
    assert "такой страницы на сайте нет" in value.evidence_problem
    assert value.evidence_checked_at is not None
    time_machine.move_to(timezone.now() + timedelta(hours=25))
    assert check_evidence(here) == 1
    noted(form, f"{site}/page")
    assert (check_evidence(here), check_evidence(here)) == (1, 0)
    assert form.values.get(element__code="pupils_1").evidence_problem == ""


@pytest.mark.django_db
def test_an_answer_about_a_link_that_was_changed_meanwhile_is_dropped(site):
    form = noted(submission(), f"{site}/gone")
    old = actions.links_to_ask().get()
    noted(form, f"{site}/page")
    assert not actions.keep_answer_of_link(value=old, problem="Старый ответ.")
    assert form.values.get(element__code="pupils_1").evidence_problem == ""


@pytest.mark.django_db
def test_links_of_a_form_that_was_handed_in_are_left_alone(site):
    form = noted(submission(), f"{site}/page")
    Submission.objects.filter(pk=form.pk).update(state="sent", changed_at=timezone.now())
    assert check_evidence(here) == 0
