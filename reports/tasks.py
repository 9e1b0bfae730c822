"""How a paper is built in the background and becomes a file: the PDF, kept once drawn, and one self-contained HTML."""

import base64
import hashlib
import os
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal import chart_files
from portal.actions import ActionRefused
from portal.formats import school_year_short
from portal.jobs import JobRefused, report_progress
from portal.models import Job
from reports import actions
from reports.document import Document, Figure, document_from_json
from reports.html import draw_page, draw_print
from reports.models import Report
from reports.pdf import write_pdf

FORMATS = ("pdf", "html")

# Colours that the portal's own style gives on its pages; a file of its own has only these.
_TOKENS = (
    ":root { --ink: #1a1a1a; --muted: #595959; --rule: #8c959f; --surface: #f3f5f7; --paper: #ffffff }\n"
    'body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 "PT Sans", Arial, sans-serif; '
    "color: #1a1a1a; background: #ffffff }\n.figure-words { display: none }\n"
)
_PAGE = """<!DOCTYPE html>
<html lang="ru">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<h1>{title}</h1>
{paper}
</body>
</html>
"""


def build_report(job: Job) -> dict[str, str]:
    """Build the paper that the job's payload names (kind, year) and its PDF; the result leads to its page."""
    try:
        report = actions.build_report(
            municipality=job.municipality,
            year=job.payload["year"],
            kind=job.payload["kind"],
            by=job.requested_by,
            progress=lambda percent, stage: report_progress(job, percent, stage),
        )
    except ActionRefused as refusal:
        raise JobRefused(str(refusal)) from refusal
    report_progress(job, 40, "Верстается документ")
    pdf_file(report)
    return {"url": reverse("reports:report", args=[report.public_id])}


def pdf_file(report: Report) -> Path:
    """The paper's PDF. Drawn at the first call and kept; a lost file is drawn again from the frozen tree."""
    path = settings.DATA_DIR / "reports" / f"{report.public_id}.pdf"
    if not path.exists():
        content = _pdf(report)
        _write(path, content)
        actions.record_pdf(report=report, sha256=hashlib.sha256(content).hexdigest())
    return path


def html_file(report: Report) -> bytes:
    """The paper as one HTML file with its style and pictures inside."""
    document = document_from_json(report.tree)
    style = (settings.BASE_DIR / "static" / "reports" / "paper.css").read_text(encoding="utf-8")
    page = format_html(
        _PAGE,
        title=document.title,
        style=SafeString(_TOKENS + style),
        paper=draw_page(document, embedded_picture),
    )
    return page.encode()


def file_bytes(report: Report, file_format: str) -> bytes:
    """The file that the page's button and the command give: the same bytes."""
    return pdf_file(report).read_bytes() if file_format == "pdf" else html_file(report)


def file_name(report: Report, file_format: str) -> str:
    """«Аналитический отчёт 2021-22, Кемеровский муниципальный округ, редакция 2.pdf»."""
    year = school_year_short(report.year).replace("/", "-")
    return f"{report.get_kind_display()} {year}, {report.municipality.name}, редакция {report.revision}.{file_format}"


def picture_url(figure: Figure) -> str:
    """The address of a figure on the page: the kept chart, or its own source where the folder was emptied."""
    return f"/charts/{figure.chart_key}.svg" if chart_files.find(figure.chart_key) else embedded_picture(figure)


def embedded_picture(figure: Figure) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(figure.svg.encode()).decode()}"


def _pdf(report: Report) -> bytes:
    document: Document = document_from_json(report.tree)
    pictures = {block.chart_key: block.svg.encode() for block in document.blocks if isinstance(block, Figure)}
    html = draw_print(document, lambda figure: f"chart:{figure.chart_key}")
    built = report.built_at.astimezone(ZoneInfo(report.municipality.time_zone))
    return write_pdf(html, assets=pictures.__getitem__, title=document.title, created=built.replace(microsecond=0))


def _write(path: Path, content: bytes) -> None:
    """Write beside and rename, so that nobody reads half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(temporary).replace(path)
