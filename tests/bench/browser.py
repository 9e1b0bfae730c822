"""A person's browser over a bad line: it sends twice, loses answers, meets dead workers, and gives up nothing."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

PATIENCE = 180  # seconds without any answer after which the simulation fails
NO_ANSWER = (OSError, http.client.HTTPException)


@dataclass
class Figures:
    """What happened on all lines together."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)  # of every answered saving of a cell
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, how_many: int = 1) -> None:
        with self.lock:
            self.counts[what] += how_many


@dataclass(frozen=True)
class Answer:
    status: int
    place: str  # where a redirect leads
    text: str

    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.text))


class Browser:
    """One signed-in person; every request has a connection of its own, as behind a proxy without keep-alive."""

    def __init__(self, port: int, figures: Figures, dice: random.Random) -> None:
        self.port, self.figures, self.dice = port, figures, dice
        self.cookies: dict[str, str] = {}
        self.token = ""

    def sign_in(self, email: str, password: str) -> None:
        page = Forms.of(self.insist("GET", "/accounts/login/").text)
        form = next(one for one in page if "login" in one.fields)
        self.post("/accounts/login/", form.fields | {"login": email, "password": password})
        if "sessionid" not in self.cookies:
            raise RuntimeError(f"{email} could not sign in")
        self.token = self.insist("GET", "/accounts/token/").json()["token"]

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self.insist("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def put(self, path: str, given: dict[str, Any]) -> Answer:
        """Save a cell, and sometimes lose the answer first: the same value is then sent again, as the browser does."""
        call = self.saving(path, given)
        if self.dice.random() < 0.15:
            self.lose(*call)
        return self.insist(*call)

    def both(self, path: str, first: dict[str, Any], second: dict[str, Any]) -> list[Answer]:
        """Two savings of one cell at the same moment, from two tabs."""
        with ThreadPoolExecutor(2) as tabs:
            return list(tabs.map(lambda given: self.insist(*self.saving(path, given)), (first, second)))

    def saving(self, path: str, given: dict[str, Any]) -> tuple[str, str, str, dict[str, str]]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": self.token}
        return "PUT", path, json.dumps(given), headers

    def insist(self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> Answer:
        """Ask until the server answers; a failure of the server itself (5xx) is counted and asked again."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            start = time.perf_counter()
            connection = self._open(method, path, body, headers)
            try:
                if connection is not None:
                    response = connection.getresponse()
                    text = response.read().decode()
                    self._keep(response)
                    if method == "PUT":
                        self.figures.seconds.append(time.perf_counter() - start)
                    if response.status < 500:
                        return Answer(response.status, response.headers.get("Location", ""), text)
                    self.figures.add("answers 5xx")
            except NO_ANSWER:
                self.figures.add("requests cut off by a dead worker")
            finally:
                if connection is not None:
                    connection.close()
            time.sleep(self.dice.uniform(0.01, 0.1))
        raise RuntimeError(f"{method} {path}: no answer in {PATIENCE} seconds")

    def lose(self, method: str, path: str, body: str, headers: dict[str, str]) -> None:
        """Send, and go away before the answer comes: whether it was carried out is not known."""
        connection = self._open(method, path, body, headers)
        if connection is not None:
            time.sleep(self.dice.uniform(0, 0.05))
            connection.close()
        self.figures.add("answers lost on the line")

    def _open(
        self, method: str, path: str, body: str, headers: dict[str, str] | None
    ) -> http.client.HTTPConnection | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        known = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body.encode() or None, {"Cookie": known, **(headers or {})})
        except OSError:
            connection.close()
            self.figures.add("requests cut off by a dead worker")
            return None
        return connection

    def _keep(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value


@dataclass
class Form:
    """A form of a page as it would be posted untouched."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.inside = False
        self.select = self.textarea = ""

    @classmethod
    def of(cls, page: str) -> list[Form]:
        reader = cls()
        reader.feed(page)
        return reader.forms

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urlsplit(given.get("action", "")).path))
            self.inside = True
        if not self.inside:
            return
        fields, name = self.forms[-1].fields, given.get("name", "")
        if tag == "input" and name and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            fields[name] = given.get("value", "")
        elif tag == "select":
            self.select, fields[name] = name, ""
        elif tag == "option" and "selected" in given and self.select:
            fields[self.select] = given.get("value", "")
        elif tag == "textarea":
            self.textarea, fields[name] = name, ""

    def handle_data(self, data: str) -> None:
        if self.inside and self.textarea:
            self.forms[-1].fields[self.textarea] += data.lstrip("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        self.select = "" if tag == "select" else self.select
        self.textarea = "" if tag == "textarea" else self.textarea
