"""What the analytical report costs as a PDF, beside the same paper without its charts and beside its HTML alone."""

import re
from collections.abc import Callable, Iterator

from portal import chart_files
from portal.models import Municipality
from reports.content.analysis import analysis
from reports.document import Document
from reports.html import draw_print
from reports.pdf import write_pdf
from reports.queries import analysis_data

Work = tuple[str, str, dict[str, Callable[[], object]], int]
BARE = "PDF of the same paper without charts"


def works() -> Iterator[Work]:
    """(title, floor, works by name, rounds)"""
    municipality = Municipality.objects.get(slug="kemerovo")
    html = _html(analysis(analysis_data(municipality, 2021)))
    bare = re.sub(r"<img[^>]*>", "", html)

    def assets(key: str) -> bytes:
        kept = chart_files.find(key)
        if kept is None:
            raise RuntimeError(key)
        return chart_files.svg(kept)

    def pdf(page: str) -> Callable[[], object]:
        return lambda: write_pdf(page, assets=assets, title="Отчёт", created=None)

    yield (
        "The analytical report of 19 schools",
        BARE,
        {
            BARE: pdf(bare),
            "PDF with its charts, already drawn": pdf(html),
            "reading and composing": lambda: analysis(analysis_data(municipality, 2021)),
            "HTML alone, with reading and composing": lambda: _html(analysis(analysis_data(municipality, 2021))),
        },
        3,
    )


def _html(document: Document) -> str:
    return str(draw_print(document, lambda figure: f"chart:{figure.chart_key}"))
