"""What the analytical report costs as a PDF, beside the same paper without its charts and beside its HTML alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from portal import chart_files
from portal.models import Municipality
from reports.content.analysis import analysis
from reports.document import Figure
from reports.html import draw_print
from reports.pdf import write_pdf
from reports.queries import analysis_data

Work = tuple[str, str, dict[str, Callable[[], object]], int]
BARE = "PDF of the same paper without charts"


def works() -> Iterator[Work]:
    """(title, floor, works by name, rounds)"""
    municipality = Municipality.objects.get(slug="kemerovo")
    whole = analysis(analysis_data(municipality, 2021))
    bare = replace(whole, blocks=tuple(block for block in whole.blocks if not isinstance(block, Figure)))

    def assets(key: str) -> bytes:
        kept = chart_files.find(key)
        if kept is None:
            raise RuntimeError(key)
        return chart_files.svg(kept)

    def pdf(document: object) -> Callable[[], object]:
        return lambda: write_pdf(_html(document), assets=assets, title="Отчёт", created=None)

    yield (
        "The analytical report of 19 schools",
        BARE,
        {
            BARE: pdf(bare),
            "PDF with its charts, already drawn": pdf(whole),
            "reading and composing": lambda: analysis(analysis_data(municipality, 2021)),
            "HTML alone": lambda: _html(whole),
        },
        5,
    )


def _html(document: object) -> str:
    return draw_print(document, lambda figure: f"chart:{figure.chart_key}")  # type: ignore[arg-type]
