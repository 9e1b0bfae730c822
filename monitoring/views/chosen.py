"""Which municipality, year and state of the data the address of a page asks for."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from monitoring.forms.dashboard import NOT_A_YEAR, DashboardFilter
from monitoring.queries.overview import default_year, years_of
from portal.access import load, member_of
from portal.formats import school_year, school_year_short
from portal.models import Municipality


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for; `error` says that its year is none, `year` is None where nothing is known."""

    municipality: Municipality
    year: int | None
    years: tuple[int, ...]
    preliminary: bool
    error: str = ""

    @property
    def query(self) -> str:
        """The same choice as a query string: every view of data is a permalink."""
        chosen = {"municipality": self.municipality.slug, "year": self.year}
        return "?" + urlencode(chosen | ({"preliminary": 1} if self.preliminary else {}))

    @property
    def year_choices(self) -> list[tuple[int, str]]:
        return [(year, school_year_short(year)) for year in self.years]

    @property
    def title(self) -> str:
        return school_year(self.year) if self.year else ""

    @property
    def usable(self) -> bool:
        return not self.error and self.year in self.years


def choose(request: HttpRequest, *, newest: bool = False) -> Chosen:
    """What the address asks for in the member's own municipality; any other one is 404."""
    slug = request.GET.get("municipality") or getattr(member_of(request).municipality, "slug", "")
    return choose_in(load(request, Municipality, slug=slug), request, newest=newest)


def choose_in(municipality: Municipality, request: HttpRequest, *, newest: bool = False) -> Chosen:
    """Year and mode of the address; without a year the last one that can be judged, or with `newest` the last one."""
    form = DashboardFilter(request.GET)
    form.is_valid()
    years = years_of(municipality)
    year = form.cleaned_data.get("year")
    if year is None:
        year = (None if newest else default_year(municipality)) or (years[0] if years else None)
    error = NOT_A_YEAR if "year" in form.errors else ""
    return Chosen(municipality, year, years, form.cleaned_data["preliminary"], error)


def nothing_to_show(request: HttpRequest, chosen: Chosen) -> HttpResponse:
    """A clear sentence and the years that have data; 400 where the address holds no year."""
    if chosen.error:
        sentence = chosen.error
    elif chosen.year is None:
        sentence = "Данных пока нет: сбор данных ещё не проводился."
    else:
        sentence = f"Данных за {school_year(chosen.year)} нет."
    context = {"chosen": chosen, "sentence": sentence}
    return render(request, "monitoring/dashboard_empty.html", context, status=400 if chosen.error else 200)
