"""How the print HTML of a paper becomes a tagged PDF, with nothing fetched from outside the project.

The only file that imports WeasyPrint. The same HTML, pictures and date give the same bytes, so that the hash of an
issued paper can be checked by drawing it again.
"""

import datetime
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

from django.conf import settings

Assets = Callable[[str], bytes]

_STATIC_TYPES = {".css": "text/css", ".ttf": "font/ttf"}


class PdfError(RuntimeError):
    """The PDF would not be the paper: an address is refused, a picture or a font is missing or cannot be read."""


def write_pdf(html: str, *, assets: Assets, title: str, created: datetime.datetime | None) -> bytes:
    """The paper as PDF 1.7 with PDF/UA-1 tags, fonts embedded and subset.

    `assets` gives the bytes (SVG or PNG) of `chart:KEY` by KEY. `created` is an aware moment, or None for a draft
    without a date. Raises PdfError where WeasyPrint alone would print the paper with a hole in it, and ValueError for
    a moment without a time zone.
    """
    from weasyprint import HTML
    from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

    if created is not None and created.utcoffset() is None:
        raise ValueError("The moment of creation has no time zone.")

    def fetch(address: str) -> URLFetcherResponse:
        try:
            content, content_type = read_asset(address, assets)
        except Exception as error:
            # WeasyPrint swallows ordinary exceptions of a fetcher and prints on; this one it lets through.
            raise FatalURLFetchingError(f"{address}: {error}") from error
        return URLFetcherResponse(address, content, {"Content-Type": content_type})

    try:
        with _complaints() as complaints:
            paper = HTML(string=html, url_fetcher=fetch).render(pdf_variant="pdf/ua-1")
            paper.metadata.title = title
            paper.metadata.created = created.isoformat(timespec="seconds") if created else None
            content = paper.write_pdf(finisher=_give_headers_scope, pdf_variant="pdf/ua-1")
    except FatalURLFetchingError as error:
        raise PdfError(str(error)) from error
    if complaints:
        raise PdfError("; ".join(complaints))
    return bytes(content)


def read_asset(address: str, assets: Assets) -> tuple[bytes, str]:
    """Bytes and media type of `static:PATH` (a style or font of the project) or `chart:KEY`; PdfError for any other."""
    scheme, _, name = address.partition(":")
    name = unquote(name)
    if scheme == "chart":
        content = assets(name)
        return content, "image/png" if content.startswith(b"\x89PNG") else "image/svg+xml"
    content_type = _STATIC_TYPES.get(PurePosixPath(name).suffix)
    if scheme != "static" or content_type is None:
        raise PdfError("a paper takes only its own styles, fonts and charts.")
    root = (settings.BASE_DIR / "static").resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root):
        raise PdfError("the path leads out of the static files.")
    return path.read_bytes(), content_type


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """The errors that WeasyPrint logs in this thread: an unreadable picture, a link that leads nowhere."""
    messages: list[str] = []
    thread = threading.get_ident()

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == thread:
                messages.append(record.getMessage())

    collector = Collector(logging.ERROR)
    logger = logging.getLogger("weasyprint")
    logger.addHandler(collector)
    try:
        yield messages
    finally:
        logger.removeHandler(collector)


def _give_headers_scope(_paper: Any, pdf: Any) -> None:
    """Say of every header cell whether it heads a column or a row (PDF/UA-1, 7.5), which WeasyPrint 70 leaves out.

    The lists of headers that it writes instead are taken away: under a head with spans they name the wrong columns.
    """
    dictionaries: list[Any] = [thing for thing in pdf.objects if isinstance(thing, dict)]
    elements = {element.reference: element for element in dictionaries}
    for element in dictionaries:
        if element.get("S") == "/TH":
            row = elements[element["P"]]
            group = elements[row["P"]]
            element["A"]["Scope"] = "/Column" if group["S"] == "/THead" else "/Row"
        elif element.get("S") == "/TD":
            element["A"].pop("Headers", None)
