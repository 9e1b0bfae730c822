"""A real browser over the demonstration: what all the journeys share."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from portal.models import Membership
from reports.demo import make_demo
from tests.journeys.inspection import Watched

NO_CHROMIUM = "Chromium is not installed, and a journey needs a real browser. Run: sudo apt-get install chromium"
Visit = Callable[..., Page]
PATIENCE = 15_000  # milliseconds; a loaded machine is slow, not wrong


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's browser; without it a journey fails and is never skipped."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail(NO_CHROMIUM)
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE)
        # Playwright leaves an event loop in this thread, which Django would take for asynchronous code.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo_file(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole demonstration in a file, made once in a run; a journey copies it in some milliseconds."""
    file = tmp_path_factory.mktemp("demo") / "demo.sqlite3"
    with django_db_blocker.unblock(), closing(sqlite3.connect(file)) as kept:
        make_demo()
        connection.connection.backup(kept)
        call_command("flush", interactive=False, verbosity=0)
    return file


@pytest.fixture
def demo(live_server: LiveServer, demo_file: Path) -> LiveServer:
    """The portal at an address of its own, with the demonstration as it stands at the start."""
    connection.ensure_connection()
    with closing(sqlite3.connect(demo_file)) as kept:
        kept.backup(connection.connection)
    return live_server


@pytest.fixture
def visit(demo: LiveServer, chromium: Browser) -> Iterator[Visit]:
    """Open a browser of its own for a person, signed in when a membership is given.

    What the browser complains about on any page fails the test at its end.
    """
    contexts, watched = [], []

    def opened(member: Membership | None = None, *, scripts: bool = True, width: int = 1366, display: str = "") -> Page:
        context = chromium.new_context(
            base_url=demo.url, java_script_enabled=scripts, viewport={"width": width, "height": 900}, locale="ru-RU"
        )
        contexts.append(context)
        cookies = {"display": display} if display else {}
        if member is not None:
            cookies |= session_of(member)
        context.add_cookies([{"name": name, "value": value, "url": demo.url} for name, value in cookies.items()])
        watched.append(Watched(context))
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not [line for one in watched for line in one.complaints]


def session_of(member: Membership) -> dict[str, str]:
    """The cookie of a person who has signed in and chosen this membership."""
    client = Client()
    client.force_login(member.user)
    session = client.session
    session["membership"] = member.pk
    session.save()
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
