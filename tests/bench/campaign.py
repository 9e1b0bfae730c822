"""A whole campaign at its worst: every school types at once over bad lines while workers are killed with kill -9.

Everybody signs in, types every cell one by one, explains the warnings and sends the form, all over HTTP to a real
gunicorn. Then the database must hold exactly what was acknowledged, once, with its history, and nothing else.
Run by `./run bench campaign`; `./run bench campaign 10` takes ten schools. Needs PostgreSQL.
"""

import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from monitoring.actions import accept_past_form
from monitoring.enums import CellState, FormState
from monitoring.models import Submission, Value, ValueChange
from portal.models import Membership
from portal.roles import Role
from tests.bench.browser import Browser, Figures, Form, Forms
from tests.factories import PASSWORD, MunicipalityFactory, SchoolFactory, campaign, member, plain_number

SCHOOLS = 52
WORKERS = 3  # as deploy/proforientir-web.service
PAUSE = (0.5, 3.0)  # seconds between two kills
YEAR = 2022
SEED = 20221107
KINDS = (("secondary", 11), ("gymnasium", 11), ("basic", 9), ("lyceum", 11), ("primary", 4))


# --- the place -------------------------------------------------------------------------------------------------------


@dataclass
class Work:
    """What one school has to type, and what the server has acknowledged of it, cell by cell in order."""

    submission: Submission
    person: Membership
    numbers: dict[str, int]
    yes_no: frozenset[str]
    history: dict[str, list[int]] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    explained: int = 0

    @property
    def address(self) -> str:
        return f"/monitoring/submissions/{self.submission.public_id}/"


def make_place(schools: int, dice: random.Random) -> list[Work]:
    """A municipality with a past year, a launched one, and a coordinator with a password in every school."""
    town = MunicipalityFactory(slug="bench-campaign")
    for number in range(schools):
        kind, last = KINDS[number % len(KINDS)]
        SchoolFactory(
            municipality=town,
            code=f"B{number:02d}",
            name=f"Школа № {number + 1}",
            kind=kind,
            locality="village" if number % 4 == 0 else "city",
            grades=list(range(1, last + 1)),
        )
    past, now = campaign(town, YEAR - 1), campaign(town, YEAR)
    for form in past.submissions.select_related("form", "campaign", "municipality"):
        accept_past_form(submission=form, values=_plain(form, 1), at=past.closes_at, by=None)
    return [_work(form, dice) for form in now.submissions.select_related("school", "campaign").order_by("school__code")]


def _work(form: Submission, dice: random.Random) -> Work:
    lines = form.campaign.elements.select_related("element")
    return Work(
        submission=form,
        person=member(Role.COORDINATOR, school=form.school),
        numbers=_plain(form, dice.randint(1, 3)),
        yes_no=frozenset(line.element.code for line in lines if line.unit == "да/нет"),
    )


def _plain(form: Submission, times: int) -> dict[str, int]:
    """Numbers that contradict no check; a multiple of them contradicts none either, but is a jump from last year."""
    outside = set(form.values.filter(state=CellState.INAPPLICABLE).values_list("element__code", flat=True))
    asked = form.campaign.elements.select_related("element")
    return {
        line.element.code: plain_number(line, form.year) * (1 if line.unit == "да/нет" else times)
        for line in asked
        if line.element.code not in outside
    }


# --- the server ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    port: int
    master: int

    def workers(self) -> list[int]:
        """The processes that answer: children of the master, which starts another for each that dies."""
        return [int(pid) for pid in Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()]


@contextmanager
def served() -> Iterator[Server]:
    """The portal under gunicorn on a free port, over the database of this run."""
    given = connection.settings_dict
    place = f"{given['HOST']}:{given['PORT']}/{given['NAME']}"
    with tempfile.TemporaryDirectory(prefix="proforientir-bench-") as folder, socket.socket() as free:
        environment = {
            **os.environ,
            "DATABASE_URL": f"postgres://{quote(given['USER'])}:{quote(given['PASSWORD'] or '')}@{place}",
            "PORTAL_DATA": folder,
            "PORTAL_MODE": "demo",
        }
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        manage = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"]
        subprocess.run(manage, cwd=settings.BASE_DIR, env=environment, check=True)
        # --preload: a new worker starts at once, so that many can be killed.
        call = ["-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
        call += ["--preload", "--no-control-socket"]
        with open(Path(folder) / "log", "w", encoding="utf-8") as log:
            master = subprocess.Popen(
                [sys.executable, *call], cwd=settings.BASE_DIR, env=environment, stderr=log, stdout=log
            )
            try:
                _await(port)
                yield Server(port, master.pid)
            finally:
                master.terminate()
                master.wait()


def _await(port: int) -> None:
    Browser(port, Figures(), random.Random(SEED)).insist("GET", "/readyz")


def kill_now_and_then(server: Server, figures: Figures, stop: threading.Event, dice: random.Random) -> None:
    """kill -9 of a random worker at random moments; another is started in its place at once."""
    while not stop.wait(dice.uniform(*PAUSE)):
        alive = server.workers()
        if len(alive) == WORKERS:
            os.kill(dice.choice(alive), signal.SIGKILL)
            figures.add("workers killed")


# --- a school at work ------------------------------------------------------------------------------------------------


def fill_and_send(work: Work, server: Server, figures: Figures, seed: int) -> None:
    """A coordinator's whole way; every cell may be corrected, sent twice, or fought over by two tabs."""
    dice = random.Random(seed)
    browser = Browser(server.port, figures, dice)
    browser.sign_in(work.person.user.email, PASSWORD)
    codes = list(work.numbers)
    dice.shuffle(codes)
    for code in codes:
        chance, right = dice.random(), work.numbers[code]
        wrong = 1 - right if code in work.yes_no else right + dice.randint(1, 5)
        if chance < 0.10:
            _save(browser, work, code, wrong)
        elif chance < 0.20:
            _fight(browser, work, code, right, wrong)
        _save(browser, work, code, right, twice=dice.random() < 0.2)
    _explain(browser, work)
    _send(browser, work)


def _save(browser: Browser, work: Work, code: str, number: int, *, twice: bool = False) -> None:
    """Save one number until the server acknowledges it; `twice` sends it from two connections at once."""
    given = {"value": str(number), "version": work.versions.get(code, 0)}
    path = f"{work.address}cells/{code}/"
    answers = browser.both(path, given, given) if twice else [browser.put(path, given)]
    if {answer.status for answer in answers} != {200}:
        raise RuntimeError(f"{code}={number}: {[(answer.status, answer.text[:200]) for answer in answers]}")
    versions = {answer.json()["version"] for answer in answers}
    if len(versions) != 1:
        raise RuntimeError(f"{code}={number}: sent twice, it made the versions {versions}")
    work.versions[code] = versions.pop()
    if twice:
        browser.figures.add("values sent twice at once")
    _acknowledged(browser, work, code, number)


def _fight(browser: Browser, work: Work, code: str, first: int, second: int) -> None:
    """Two tabs save different numbers over the same version: one is saved, the other is told what stands there."""
    version = work.versions.get(code, 0)
    pair = [{"value": str(number), "version": version} for number in (first, second)]
    answers = browser.both(f"{work.address}cells/{code}/", *pair)
    if sorted(answer.status for answer in answers) != [200, 409]:
        raise RuntimeError(f"{code}: two tabs were told {[answer.status for answer in answers]}")
    browser.figures.add("conflicts of two tabs")
    told = {answer.json()["version"] for answer in answers}
    if len(told) != 1:
        raise RuntimeError(f"{code}: two tabs were told different versions {told}")
    work.versions[code] = told.pop()
    winner = first if answers[0].status == 200 else second
    _acknowledged(browser, work, code, winner)


def _acknowledged(browser: Browser, work: Work, code: str, number: int) -> None:
    browser.figures.add("values acknowledged")
    kept = work.history.setdefault(code, [])
    if not kept or kept[-1] != number:
        kept.append(number)


def _explain(browser: Browser, work: Work) -> None:
    """Give a reason for every warning of the check page; a page read anew shows which are still without one."""
    for _ in range(5):
        forms = [one for one in _forms(browser, work) if one.action.endswith("/explain/")]
        open_ones = [form for form in forms if not _written(form)]
        if not open_ones:
            work.explained = len(forms)
            return
        for form in open_ones:
            names = {name.rpartition("-")[2]: name for name in form.fields}
            words = {names["reason"]: "other", names["text"]: "Числа сверены с журналом учёта."}
            browser.post(form.action, form.fields | words)
    raise RuntimeError(f"{work.submission.school}: warnings stay without an explanation")


def _written(form: Form) -> bool:
    return any(name.endswith("text") and value.strip() for name, value in form.fields.items())


def _send(browser: Browser, work: Work) -> None:
    """Press the button of sending; after a lost answer the page says whether the form has gone."""
    for _ in range(5):
        sending = next((one for one in _forms(browser, work) if one.action.endswith("/move/send/")), None)
        if sending is None:
            return
        browser.post(sending.action, sending.fields | {"agreed": "on", "confirmed_by": "Директор школы"})
    raise RuntimeError(f"{work.submission.school}: the form does not go")


def _forms(browser: Browser, work: Work) -> list[Form]:
    return Forms.of(browser.insist("GET", f"{work.address}check/").text)


# --- afterwards ------------------------------------------------------------------------------------------------------


def faults_of(work: Work) -> list[str]:
    """Everything in which the database differs from what was acknowledged to this school."""
    form = Submission.objects.get(pk=work.submission.pk)
    rows = {
        one.element.code: one for one in form.values.exclude(state=CellState.INAPPLICABLE).select_related("element")
    }
    changes: dict[str, list[ValueChange]] = {}
    for change in form.changes.select_related("element").order_by("pk"):
        changes.setdefault(change.element.code, []).append(change)
    faults = [f"{code} was never typed" for code in (rows.keys() | changes.keys()) ^ work.history.keys()]
    for code, acknowledged in work.history.items():
        kept, steps = rows.get(code), changes.get(code, [])
        faults += [f"{code}: {fault}" for fault in _faults_of_cell(kept, steps, acknowledged, work.versions[code])]
    moves = [one.to_state for one in form.moves.order_by("pk")]
    if moves != [FormState.FILLING, FormState.SENT] or form.state != FormState.SENT:
        faults.append(f"the form went {moves} and is {form.state}")
    if form.explanations.count() != work.explained:
        faults.append(f"{form.explanations.count()} explanations of {work.explained}")
    real = sum(map(len, changes.values()))
    if form.version < real or form.cells_filled != len(work.numbers):
        faults.append(f"version {form.version} after {real} changes, {form.cells_filled} cells filled")
    return [f"{work.submission.school}: {fault}" for fault in faults]


def _faults_of_cell(kept: Value | None, steps: list[ValueChange], acknowledged: list[int], version: int) -> list[str]:
    if kept is None:
        return ["is not in the database"]
    faults = []
    if kept.number != acknowledged[-1]:
        faults.append(f"holds {kept.number}, acknowledged was {acknowledged[-1]}")
    if [step.to_number for step in steps] != acknowledged:
        faults.append(f"its history is {[step.to_number for step in steps]}, acknowledged was {acknowledged}")
    if [step.from_number for step in steps] != [None, *acknowledged[:-1]]:
        faults.append("its history does not join up")
    if not kept.version == len(steps) == version:
        faults.append(f"version {kept.version}, {len(steps)} changes, the browser knows {version}")
    return faults


def simulate(schools: int = SCHOOLS) -> bool:
    """Run the campaign and print its figures; whether everything acknowledged is there once and nothing else."""
    dice, figures, stop = random.Random(SEED), Figures(), threading.Event()
    works = make_place(schools, dice)
    with served() as server:
        killer = threading.Thread(target=kill_now_and_then, args=(server, figures, stop, random.Random(SEED)))
        start = time.perf_counter()
        killer.start()
        with ThreadPoolExecutor(schools) as pool:
            runs = [pool.submit(fill_and_send, work, server, figures, SEED + n) for n, work in enumerate(works)]
        seconds = time.perf_counter() - start
        stop.set()
        killer.join()
    faults = [
        f"{work.submission.school}: {run.exception()!r}"
        for work, run in zip(works, runs, strict=True)
        if run.exception()
    ]
    faults += [fault for work in works for fault in faults_of(work)]
    _print(works, figures, seconds, faults)
    return not faults


def _print(works: list[Work], figures: Figures, seconds: float, faults: list[str]) -> None:
    cuts = statistics.quantiles(figures.seconds or [0.0, 0.0], n=20)
    lines = {
        **dict(sorted(figures.counts.items())),
        "cells in the database": sum(len(work.history) for work in works),
        "changes in the history": sum(len(kept) for work in works for kept in work.history.values()),
        "warnings explained": sum(work.explained for work in works),
        "seconds of the whole campaign": round(seconds, 1),
        "saving a cell, median ms": round(cuts[9] * 1000),
        "saving a cell, p95 ms": round(cuts[18] * 1000),
        "acknowledged and not there once, or there and not acknowledged": len(faults),
    }
    print(f"\nA campaign of {len(works)} schools, {WORKERS} workers, {os.cpu_count()} cores")
    for name, value in lines.items():
        print(f"  {name:<64}{value:>12}")
    for fault in faults[:20]:
        print(f"  {fault}")
