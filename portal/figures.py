"""A figure on a page: its message, picture, words, table and the menu that takes it away."""

import time
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from portal import chart_files
from portal.chart_specs import Chart
from portal.datatables import DataTable


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """`key` names the figure on its page, in the address of its table and as its anchor."""

    key: str
    title: str
    subtitle: str  # what is drawn, for which years and schools, by how many of them
    src: str
    alt: str
    data: DataTable
    links: tuple[Link, ...]
    note: str = ""


def figure_of(
    request: HttpRequest,
    chart: Chart,
    data: DataTable,
    *,
    key: str,
    subtitle: str,
    note: str = "",
    municipality: int,
    school: int | None = None,
) -> Figure:
    """Keep a chart and put its figure together; nothing is drawn until somebody asks for the picture.

    The page answers `?table=<key>&format=…` by `datatables.asked`. `school` is given where the data are a school's own.
    """
    kept = chart_files.keep(chart, municipality=municipality, school=school)
    picture = reverse("chart", args=[kept])
    links = (
        *file_links(request, key),
        Link(f"{reverse('chart_png', args=[kept])}?name={data.name}", "PNG"),
        Link(f"{picture}?name={data.name}", "SVG"),
        _permalink(request, key),
    )
    return Figure(key, chart.title, subtitle, picture + _seal(request, kept), chart.alt, data, links, note)


def _seal(request: HttpRequest, kept: str) -> str:
    """With it the picture comes back at the cost of a static file (portal.middleware.sealed_pictures)."""
    session = request.session.session_key
    return f"?seal={chart_files.seal(kept, session, int(time.time() // 86_400))}" if session else ""


def table_links(request: HttpRequest, key: str) -> tuple[Link, ...]:
    """The menu of a table without a picture; the element that holds the table has the key as its id."""
    return (*file_links(request, key), _permalink(request, key))


def _permalink(request: HttpRequest, key: str) -> Link:
    return Link(f"{request.get_full_path()}#{key}", "Ссылка")


def file_links(request: HttpRequest, key: str) -> tuple[Link, ...]:
    """The same view of the data as a file: the address of the page with the table and the format added."""
    asked = request.GET.copy()
    asked["table"] = key
    links = []
    for ending, words in (("xlsx", "XLSX"), ("csv", "CSV")):
        asked["format"] = ending
        links.append(Link(f"{request.path}?{asked.urlencode()}", words))
    return tuple(links)
