"""Which municipality, year, state and version of the data the address of a page asks for."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from monitoring.forms.dashboard import NOT_A_YEAR, DashboardFilter
from monitoring.queries.results.overview import default_year, years_of
from monitoring.queries.results.pinned import Version, version_of
from portal.access import municipality_of
from portal.formats import date_digits, school_year, school_year_short
from portal.models import Municipality

NO_SUCH_VERSION = "Такой версии данных нет. Проверьте ссылку или откройте текущие данные."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for; `error` says that its year or version is none, `year` is None where nothing is known.

    `version` is an earlier version of the data to which the page is pinned; its numbers know no unaccepted forms.
    """

    municipality: Municipality
    year: int | None
    years: tuple[int, ...]
    preliminary: bool
    error: str = ""
    version: Version | None = None

    @property
    def query(self) -> str:
        """The same choice as a query string: every view of data is a permalink."""
        mode = {"preliminary": 1} if self.preliminary else {}
        pin = {"version": self.version.id} if self.version else {}
        return "?" + urlencode(self._where_and_when | mode | pin)

    @property
    def query_of_now(self) -> str:
        """The same choice of the current data."""
        return "?" + urlencode(self._where_and_when)

    @property
    def _where_and_when(self) -> dict[str, str | int]:
        """Without data there is no year, and its field stays empty: «None» would be no year."""
        return {"municipality": self.municipality.slug, "year": self.year or ""}

    @property
    def pinned_words(self) -> str:
        """«Данные на 15.06.2026, версия 37»; empty where the page shows the current data."""
        if self.version is None:
            return ""
        return f"Данные на {date_digits(timezone.localtime(self.version.at).date())}, версия {self.version.id}"

    @property
    def year_choices(self) -> list[tuple[int, str]]:
        return [(year, school_year_short(year)) for year in self.years]

    @property
    def title(self) -> str:
        return school_year(self.year) if self.year else ""

    @property
    def usable(self) -> bool:
        return not self.error and self.year in self.years


def choose(request: HttpRequest, *, newest: bool = False, pins: bool = False) -> Chosen:
    """What the address asks for in the member's own municipality; any other one is 404.

    With `pins` the page heeds `?version=`: it hands `chosen.version` to `overview()` and `school_lines()`.
    """
    own = municipality_of(request)
    if request.GET.get("municipality", own.slug) not in {own.slug, ""}:
        raise Http404
    return choose_in(own, request, newest=newest, pins=pins)


def choose_in(municipality: Municipality, request: HttpRequest, *, newest: bool = False, pins: bool = False) -> Chosen:
    """Year and mode of the address; without a year the last one that can be judged, or with `newest` the last one."""
    form = DashboardFilter(request.GET)
    form.is_valid()
    years = years_of(municipality)
    year = form.cleaned_data.get("year")
    if year is None:
        year = (None if newest else default_year(municipality)) or (years[0] if years else None)
    error = NOT_A_YEAR if "year" in form.errors else ""
    asked = request.GET.get("version", "") if pins else ""
    version = version_of(municipality, asked) if asked else None
    if asked and version is None:
        error = error or NO_SUCH_VERSION
    return Chosen(municipality, year, years, form.cleaned_data["preliminary"] and not version, error, version)


def nothing_to_show(request: HttpRequest, chosen: Chosen) -> HttpResponse:
    """A clear sentence and the years that have data; 400 where the address holds no year, 404 for no such version."""
    if chosen.error:
        sentence = chosen.error
    elif chosen.year is None:
        sentence = "Данных пока нет: сбор данных ещё не проводился."
    else:
        sentence = f"Данных за {school_year(chosen.year)} нет."
    context = {"chosen": chosen, "sentence": sentence}
    status = {"": 200, NO_SUCH_VERSION: 404}.get(chosen.error, 400)
    return render(request, "monitoring/dashboard_empty.html", context, status=status)
