"""Building a paper: its tree is frozen with every word, number and picture; only news makes a new revision."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import transaction

from monitoring.queries.results.overview import data_version
from portal import chart_files
from portal.actions import ActionRefused
from portal.formats import school_year
from portal.models import Municipality, User
from reports.content import analysis
from reports.document import Document, Figure, document_to_json
from reports.models import Report, ReportKind
from reports.queries import AnalysisData, analysis_data, has_accepted_data

Progress = Callable[[int, str], None]


def build_report(
    *,
    municipality: Municipality,
    year: int,
    kind: str,
    by: User | None,
    progress: Progress = lambda _percent, _stage: None,
) -> Report:
    """Freeze the paper of a municipality and a year, or give the newest one where nothing in it has changed.

    `progress` is told percent and stage. Raises ActionRefused for an unknown kind and a year without accepted data.
    The file is made from the frozen tree by `tasks.pdf_file`.
    """
    if kind not in ReportKind.values:
        raise ActionRefused(f"Отчёта вида «{kind}» нет. Можно построить: {', '.join(ReportKind.values)}.")
    if not has_accepted_data(municipality, year):
        raise ActionRefused(
            f"За {school_year(year)} принятых данных нет, поэтому отчёт построить нельзя. "
            "Выберите другой год или примите формы школ."
        )
    progress(5, "Читаются данные")
    data = _steady(municipality, year)
    progress(15, "Составляется текст")
    document = analysis(data)
    progress(25, "Рисуются графики")
    tree = document_to_json(with_pictures(document))
    with transaction.atomic():
        # The lock makes two builders wait for each other, so that no revision is numbered twice.
        Municipality.objects.select_for_update().get(pk=municipality.pk)
        newest = Report.objects.filter(municipality=municipality, kind=kind, year=year).order_by("-revision").first()
        if newest is not None and _content(newest.tree) == _content(tree):
            return newest
        return Report.objects.create(
            municipality=municipality,
            kind=kind,
            year=year,
            revision=newest.revision + 1 if newest else 1,
            tree=tree,
            data_version=data.overview.data_version,
            built_by=by,
        )


def record_pdf(*, report: Report, sha256: str) -> None:
    """Remember the hash of the paper's file."""
    Report.objects.filter(pk=report.pk).update(pdf_sha256=sha256)
    report.pdf_sha256 = sha256


def with_pictures(document: Document) -> Document:
    """The paper with the source of every chart in it: the folder of charts may be emptied at any time."""
    return replace(
        document, blocks=tuple(_drawn(block) if isinstance(block, Figure) else block for block in document.blocks)
    )


def _drawn(figure: Figure) -> Figure:
    kept = chart_files.find(figure.chart_key)
    if kept is None:
        raise LookupError(f"The chart {figure.chart_key} has not been kept.")
    return replace(figure, svg=chart_files.svg(kept).decode())


def _steady(municipality: Municipality, year: int) -> AnalysisData:
    """Data read while nothing was being accepted, so that all chapters tell of the same version."""
    data = analysis_data(municipality, year)
    while data.overview.data_version != data_version(municipality):
        data = analysis_data(municipality, year)
    return data


def _content(tree: dict[str, Any]) -> dict[str, Any]:
    """What a reader sees: a version of the data that changed nothing of it, or a new drawing of a chart, is no news."""
    blocks = [{name: part for name, part in block.items() if name != "svg"} for block in tree["blocks"]]
    return {**tree, "data_version": "", "blocks": blocks}
