"""What the pages that show data cost beside a bare page of the same portal and of the same size."""

import html
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import clear_url_caches, path
from django.utils.safestring import SafeString

from monitoring.queries.results.indicators import Circle, measure
from monitoring.queries.results.overview import HISTORY, data_version, overview
from portal.access import any_person
from portal.models import Municipality, User
from tests.bench import scale

Work = tuple[str, str, dict[str, Callable[[], object]], int]
ROUNDS = 30
BARE = "bare authenticated page"
SAME_SIZE = "bare authenticated page of the same size"


def works() -> Iterator[Work]:
    """(title, floor, works by name, rounds)"""
    get = _visitor(User.objects.get(email="specialist@demo.local"))
    yield (
        "Pages for a specialist, 19 schools",
        BARE,
        {
            BARE: get("/display/"),
            "dashboard of a year": get("/monitoring/dashboard/?year=2021"),
            "dashboard of a year, preliminary (no totals)": get("/monitoring/dashboard/?year=2021&preliminary=1"),
            "schools × indicators": get("/monitoring/dashboard/schools/?year=2021"),
            "one indicator": get("/monitoring/indicators/1.1/?year=2021"),
            "quality of the data": get("/monitoring/dashboard/quality/?year=2021"),
        },
        ROUNDS,
    )
    municipality = Municipality.objects.get(slug="kemerovo")
    circle = Circle(municipality.pk, (2019, 2020, 2021))
    yield (
        "The indicator question, 19 schools × 3 years",
        "from the totals table",
        {
            "from the totals table": lambda: overview(municipality, 2021),
            "from the values, by municipality": lambda: measure(circle, by="municipality"),
            "from the values, by school": lambda: measure(circle, by="school"),
        },
        ROUNDS,
    )


def at_scale() -> Iterator[Work]:
    """The overview of 52 schools × all indicators × five years; then the same with a hundred municipalities around.

    Nothing of a page is kept between two calls: it is put together anew each time.
    """
    town, person = scale.town_with_years()
    get = _visitor(person)
    year = scale.YEARS[-1]
    address = f"/monitoring/dashboard/?municipality={town.slug}&year={year}"
    pages = {
        SAME_SIZE: get(_bare_page_like(person, address)),
        BARE: get("/display/"),
        "overview": get(address),
        "overview, pinned to a version": get(f"{address}&version={data_version(town)}"),
        "one indicator": get(f"/monitoring/indicators/4.1/?municipality={town.slug}&year={year}"),
        "quality of the data": get(f"/monitoring/dashboard/quality/?municipality={town.slug}&year={year}"),
        "all sums, without the page": lambda: overview(town, year, history=HISTORY),
    }
    yield f"Pages of {scale.SCHOOLS} schools × {len(scale.YEARS)} years", SAME_SIZE, pages, ROUNDS
    scale.surrounded(town)
    title = f"The same with {scale.COPIES} municipalities around"
    yield title, SAME_SIZE, {name: pages[name] for name in (SAME_SIZE, "overview")}, ROUNDS


def charts() -> Iterator[Work]:
    """A kept chart beside a static file of the same size, as both leave the portal itself."""
    person = User.objects.get(email="specialist@demo.local")
    client = Client()
    client.force_login(person)
    page = client.get("/monitoring/indicators/1.1/?year=2021").content.decode()
    address = html.unescape(re.search(r'<img src="(/charts/[^"]+)"', page)[1])
    picture = client.get(address)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "chart.svg").write_bytes(picture.content)
        with override_settings(STATIC_ROOT=folder):
            files = Client()  # its own middleware, which finds the file when it is loaded
            files.handler.load_middleware()
        yield (
            "A kept chart",
            "static file",
            {
                "static file": lambda: b"".join(files.get("/static/chart.svg").streaming_content),
                "chart on a page, sealed for its session": lambda: _ok(client.get(address)),
                "chart by its bare address": lambda: _ok(client.get(address.partition("?")[0])),
            },
            ROUNDS,
        )


def _visitor(person: User) -> Callable[[str], Callable[[], object]]:
    client = Client()
    client.force_login(person)

    def get(address: str) -> Callable[[], object]:
        return lambda: _ok(client.get(address))

    return get


def _bare_page_like(person: User, address: str) -> str:
    """The address of a page that is the shell of the portal around the content of another page, as literal text."""
    client = Client()
    client.force_login(person)
    content = client.get(address).content.decode().partition("<main")[2].partition("</main>")[0].partition(">")[2]
    template = engines["django"].from_string(
        '{% extends "base.html" %}{% block title %}bare{% endblock %}{% block content %}{{ literal }}{% endblock %}'
    )

    @any_person
    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse(template.render({"literal": SafeString(content)}, request))

    from portal.urls import urlpatterns

    urlpatterns.append(path("bench/same-size/", bare, name="bench_same_size"))
    clear_url_caches()
    return "/bench/same-size/"


def _ok(response: object) -> None:
    status = getattr(response, "status_code", 0)
    if status != 200:
        raise RuntimeError(f"a page answered {status}")
