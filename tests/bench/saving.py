"""What saving one cell costs beside a bare signed-in POST that writes one row, alone and with sixty schools at once.

A gunicorn of two workers serves both; the clients run in this process, on the same two cores. What is typed is near
last year's numbers, as most of what people type.
"""

import gzip
import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.utils import timezone

from monitoring import actions
from monitoring.enums import CellState
from monitoring.models import CampaignElement, Form, Submission, Value, ValueChange
from portal.actions import add_person
from portal.models import Municipality, Region, School, User
from portal.roles import Role

ROOT = Path(__file__).resolve().parents[2]
SCHOOLS, CELLS, ALONE, YEAR = 60, 20, 150, 2021
TOKEN = "b" * 32  # of the bench alone: cookie and header need only be the same


@dataclass
class Typist:
    """A coordinator with a session and the cells of the school's form, and what the server acknowledged."""

    cookies: str
    form: str
    pk: int
    codes: list[str]
    versions: dict[str, int] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)
    acknowledged: list[tuple[str, int]] = field(default_factory=list)
    failures: int = 0

    def call(self, port: int, method: str, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Cookie": self.cookies, "X-CSRFToken": TOKEN, "Content-Type": "application/json"}
        start = time.perf_counter()
        link.request(method, path, json.dumps(body), {**headers, "Accept": "application/json"})
        answer = link.getresponse()
        content = answer.read()
        self.taken.append(time.perf_counter() - start)
        link.close()
        return answer.status, json.loads(content) if answer.status == 200 else {}

    def save(self, port: int, code: str, number: int) -> None:
        body = {"value": str(number), "version": self.versions.get(code, 0)}
        status, said = self.call(port, "PUT", f"/monitoring/submissions/{self.form}/cells/{code}/", body)
        if status != 200:
            self.failures += 1
            return
        self.versions[code] = said["version"]
        self.acknowledged.append((code, number))


def report() -> None:
    """Print the table of saving and the weight of a section page."""
    typists = _typists()
    with _server() as port:
        _alone(port, typists[0])
        _together(port, typists[1:])
        _weigh(port, typists[0])


def _alone(port: int, typist: Typist) -> None:
    """Both by turns, one client, after a warm-up of each."""
    times: dict[str, list[float]] = {"bare": [], "cell": []}
    for turn in range(ALONE + 10):
        typist.call(port, "POST", "/bench/bare/", {})
        typist.save(port, typist.codes[turn % len(typist.codes)], 31 + turn % 7)
        if turn >= 10:
            times["bare"].append(typist.taken[-2])
            times["cell"].append(typist.taken[-1])
    bare, cell = (statistics.median(times[name]) for name in ("bare", "cell"))
    print(f"\nSaving one cell ({connection.vendor}, one client, medians of {ALONE}, by turns)")
    print(f"  {'what':<52}{'ms':>10}{'ratio':>8}")
    print(f"  {'bare signed-in POST that writes one row':<52}{bare * 1000:>10.1f}{1:>8.2f}")
    print(f"  {'one cell saved, with its checks':<52}{cell * 1000:>10.1f}{cell / bare:>8.2f}")


def _together(port: int, typists: list[Typist]) -> None:
    """Each school saves its cells one after the other without a pause, all schools at once."""

    def type_all(typist: Typist) -> None:
        for place in range(CELLS):
            typist.save(port, typist.codes[place % len(typist.codes)], 31 + place % 5)

    threads = [threading.Thread(target=type_all, args=(one,)) for one in typists]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - start
    taken = sorted(one for typist in typists for one in typist.taken)
    acknowledged = sum(len(typist.acknowledged) for typist in typists)
    lost = sum(_lost(typist) for typist in typists)
    failures = sum(typist.failures for typist in typists)
    p95 = taken[int(len(taken) * 0.95)]
    print(f"\n{len(typists)} schools at once, {CELLS} cells each without a pause ({connection.vendor})")
    print(
        f"  median {statistics.median(taken) * 1000:.0f} ms, p95 {p95 * 1000:.0f} ms, {len(taken) / spent:.0f} cells a second"
    )
    print(f"  acknowledged {acknowledged}, not acknowledged {failures}, acknowledged and lost {lost}")


def _lost(typist: Typist) -> int:
    """Acknowledged numbers that the database does not hold, or without exactly one record of their change."""
    rows = Value.objects.filter(submission=typist.pk, state=CellState.NUMBER)
    held = dict(rows.values_list("element__code", "number"))
    last = dict(typist.acknowledged)
    changes = ValueChange.objects.filter(submission=typist.pk, to_state=CellState.NUMBER).count()
    wrong = sum(held.get(code) != number for code, number in last.items())
    return wrong + abs(changes - len(typist.acknowledged))


def _weigh(port: int, typist: Typist) -> None:
    """A section page with its styles and scripts as a browser fetches them, gzipped, without fonts."""
    section = f"/monitoring/submissions/{typist.form}/contingent/"
    page = _fetch(port, section, typist.cookies)
    weights = {"html": len(gzip.compress(page))}
    for address in re.findall(rb'(?:href|src)="(/static/[^"]+\.(?:css|js))', page):
        source = ROOT / address.decode().removeprefix("/")  # not what an earlier run collected for serving
        weights[address.decode()] = len(gzip.compress(source.read_bytes()))
    print("\nThe page of a section, gzipped, without fonts (at most 110 KB; entry.js at most 8 KB)")
    for name, size in weights.items():
        print(f"  {name:<52}{size / 1024:>10.1f} KB")
    print(f"  {'together':<52}{sum(weights.values()) / 1024:>10.1f} KB")


def _fetch(port: int, address: str, cookies: str) -> bytes:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    link.request("GET", address, headers={"Cookie": cookies} if cookies else {})
    answer = link.getresponse()
    content = answer.read()
    link.close()
    if answer.status != 200:
        raise RuntimeError(f"{address} answered {answer.status}")
    return content


@contextmanager
def _server() -> Iterator[int]:
    """A gunicorn of two workers over the database of this process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "tests.bench.served", "--workers", "2", "--log-level", "error"]
    environment = {**os.environ, "DATABASE_URL": _database()}
    server = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}", "--backlog", "512"], cwd=ROOT, env=environment)
    try:
        for _ in range(200):
            try:
                _fetch(port, "/healthz", "")
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _database() -> str:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    return f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"


def _typists() -> list[Typist]:
    """A municipality of its own: one school more than type at once, last year accepted, this year open."""
    region, _ = Region.objects.get_or_create(slug="bench", defaults={"name": "Область"})
    names = dict.fromkeys(("name", "name_genitive", "name_prepositional", "city", "department"), "Округ")
    town = Municipality.objects.create(region=region, slug="bench", department_genitive="Управления", **names)
    schools = [
        School.objects.create(
            municipality=town, code=f"B{place:03}", name=f"Школа {place}", kind="secondary", grades=list(range(1, 12))
        )
        for place in range(SCHOOLS + 1)
    ]
    now = timezone.now()
    last, present = (
        actions.launch_campaign(
            municipality=town,
            form=Form.objects.get(code="year"),
            year=year,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=30),
            by=None,
        )
        for year in (YEAR - 1, YEAR)
    )
    asked = list(CampaignElement.objects.filter(campaign=last).values_list("element__code", flat=True))
    for place, form in enumerate(last.submissions.select_related("form", "municipality").order_by("pk")):
        values = {code: 31 + (place + number) % 9 for number, code in enumerate(asked) if code != "pupils_12"}
        actions.accept_past_form(submission=form, values=values, at=now, by=None)
    return [_typist(school, present.pk) for school in schools]


def _typist(school: School, campaign: int) -> Typist:
    member = add_person(
        email=f"{school.code.lower()}@demo.local",
        full_name=f"Сотрудник {school.code}",
        position="",
        role=Role.COORDINATOR,
        school=school,
        password=None,
        since=date(2019, 9, 1),
    )
    person: User = member.user
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = "portal.accounts.PortalBackend"
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session["membership"] = member.pk
    session.create()
    form = Submission.objects.get(school=school, campaign=campaign)
    applicable = form.campaign.elements.exclude(element__in=form.values.values("element"))
    codes = list(applicable.exclude(unit="да/нет").values_list("element__code", flat=True))
    cookies = f"sessionid={session.session_key}; csrftoken={TOKEN}"
    return Typist(cookies, str(form.public_id), form.pk, codes)
