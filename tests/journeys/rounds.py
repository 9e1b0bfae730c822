"""A walk over many pages: each is looked at, and everything found wrong is told together at the end."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.urls import resolve
from playwright.sync_api import Page, expect

from tests.journeys.inspection import faults_of

Step = Callable[[Page], object]


@dataclass
class Round:
    """One person's walk; `tell()` at its end fails with every fault of every page."""

    page: Page
    faults: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)

    def look(self, url: str, state: str = "", *, status: int = 200, after: Step | None = None) -> None:
        """Open a page, bring it into a state, and look at it."""
        label = f"{url} {state}".strip()
        answer = self.page.goto(url)
        if answer is None or answer.status != status:
            self.faults.append(f"{label}: answers {answer and answer.status} instead of {status}")
        if after is not None:
            after(self.page)
            self.page.wait_for_load_state()
        self.faults += [f"{label}: {fault}" for fault in faults_of(self.page)]
        if status < 400:
            self._compare_title(label)

    def _compare_title(self, label: str) -> None:
        """Pages of different views must not share a title; «Ошибка: » before it makes another one."""
        found = resolve(urlsplit(self.page.url).path)
        other = self.titles.setdefault(self.page.title(), found.view_name)
        if other != found.view_name:
            self.faults.append(f"{label}: shares its title «{self.page.title()}» with {other}")

    def tell(self) -> None:
        assert not self.faults, "\n".join(["", *self.faults])


def refused(button: str, typed: Step | None = None) -> Step:
    """Type something perhaps, press a button, and meet the list of errors."""

    def done(page: Page) -> None:
        if typed is not None:
            typed(page)
        page.get_by_role("main").get_by_role("button", name=button, exact=True).first.click()
        expect(page.locator(".error-summary")).to_be_visible()

    return done
