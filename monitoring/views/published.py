"""Published tables of past years: their list, a file with them, one table, a judged value, the protocol."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from monitoring.actions.published import delete_published, judge_row, write_published
from monitoring.detectors import Finding
from monitoring.finding_tables import (
    by_rule,
    finding_lines,
    findings_table,
    links_to_tables,
    rows_table,
    rule_counts,
    summary,
    verdict,
)
from monitoring.forms.published import JudgementForm, PublishedFileForm
from monitoring.models import PublishedTable
from monitoring.published_files import PrintedFile, read_printed, rows_of_file, sample
from monitoring.queries.published.printed import compare_printed
from monitoring.queries.published.published import (
    Protocol,
    indicator_codes,
    protocol,
    published_rows,
    published_tables,
    tables_by_document,
)
from portal.access import load, member_of, municipality_of, requires, visible
from portal.actions import ActionRefused
from portal.datatables import asked
from portal.figures import table_links
from portal.formats import date_digits, plural, school_year
from portal.models import Municipality
from portal.roles import Permission
from portal.workbooks import CSV_TYPE, SCHOOL_LIMITS, XLSX_TYPE, WorkbookRefused, attachment

# The lines of a file wait for their confirmation in the person's session, as those of the registers do.
DRAFT = "published_import"


@requires(Permission.SEE_DASHBOARD)
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """Documents with their tables."""
    documents = tables_by_document(visible(request, published_tables()))
    context = {"documents": documents, "may_import": member_of(request).may(Permission.IMPORT_HISTORY)}
    return render(request, "monitoring/published/list.html", context)


@requires(Permission.SEE_DASHBOARD)
@require_safe
def published_table(request: HttpRequest, public_id: str) -> HttpResponse:
    """One table as it was printed, with what does not agree in it."""
    shown = load(request, published_tables(), public_id=public_id)
    found = protocol(shown.municipality)
    rows = found.of(shown)
    title = f"{shown.title}, как напечатано"
    answer = asked(request, {"rows": lambda: rows_table(title, rows, _about(shown.municipality))})
    if answer:
        return answer
    context = {
        "table": shown,
        "rows": [(one, verdict(one)) for one in rows],
        "base": found.base_of(shown),
        "lines": finding_lines(found.findings_of(shown), links_to_tables(found)),
        "links": table_links(request, "rows"),
        "may_import": member_of(request).may(Permission.IMPORT_HISTORY),
    }
    return render(request, "monitoring/published/table.html", context)


@requires(Permission.SEE_DASHBOARD)
@require_safe
def published_protocol(request: HttpRequest) -> HttpResponse:
    """Everything that does not agree in the published tables; `?code=W-04` keeps one rule."""
    town = municipality_of(request)
    found = protocol(town)
    code = request.GET.get("code", "")
    findings = [one for one in found.findings if code in {"", one.code}]
    about = _about(town)
    answer = asked(
        request,
        {
            "findings": lambda: findings_table("protocol", "Протокол расхождений", findings, about),
            "rows": lambda: rows_table("Все опубликованные значения", found.rows, about),
        },
    )
    if answer:
        return answer
    return render(request, "monitoring/published/protocol.html", _protocol_context(request, found, findings, code))


def _protocol_context(
    request: HttpRequest, found: Protocol, findings: Sequence[Finding], code: str
) -> dict[str, object]:
    return {
        "town": municipality_of(request),
        "protocol": found,
        "groups": by_rule(finding_lines(findings, links_to_tables(found))),
        "rules": rule_counts(found.findings),
        "code": code,
        "summary": summary(found),
        "rows": [(one, verdict(one)) for one in found.rows],
        "findings_links": table_links(request, "findings"),
        "rows_links": table_links(request, "rows"),
        "may_import": member_of(request).may(Permission.IMPORT_HISTORY),
    }


def _about(town: Municipality) -> tuple[tuple[str, str], ...]:
    return (
        ("Муниципалитет", town.name),
        ("Источник", "опубликованные документы, загруженные на портал"),
        ("Округление", "половина – в большую сторону, столько же знаков, сколько напечатано"),
    )


# --- a file ----------------------------------------------------------------------------------------------------------


@requires(Permission.IMPORT_HISTORY)
@require_http_methods(["GET", "HEAD", "POST"])
def published_import(request: HttpRequest) -> HttpResponse:
    """Take a file; what it would change is shown before anything is written."""
    form = PublishedFileForm(*(request.POST, request.FILES) if request.method == "POST" else ())
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            rows = rows_of_file(file.read(SCHOOL_LIMITS.file_bytes + 1))
        except WorkbookRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            request.session[DRAFT] = {"municipality": municipality_of(request).pk, "name": file.name, "rows": rows}
            return redirect("monitoring:published_check")
    return render(request, "monitoring/published/import.html", {"form": form}, status=422 if form.errors else 200)


@requires(Permission.IMPORT_HISTORY)
@require_safe
def published_sample(request: HttpRequest) -> HttpResponse:
    """A file to fill; `?format=csv` gives it as text."""
    if request.GET.get("format") == "csv":
        return attachment("Образец.csv", sample("csv"), CSV_TYPE)
    return attachment("Образец.xlsx", sample("xlsx"), XLSX_TYPE)


@requires(Permission.IMPORT_HISTORY)
@require_http_methods(["GET", "HEAD", "POST"])
def published_check(request: HttpRequest) -> HttpResponse:
    """What the file would change; a POST writes it, all or nothing."""
    town = municipality_of(request)
    draft = request.session.get(DRAFT)
    if not draft or draft["municipality"] != town.pk:
        if request.method == "POST":
            messages.error(request, "Файл для загрузки не найден: выберите его ещё раз.")
        return redirect("monitoring:published_import")
    read = read_printed(draft["rows"], indicator_codes())
    if request.method == "POST" and not read.problems:
        return _written(request, town, read)
    context = {
        "name": draft["name"],
        "compared": compare_printed(town, read.tables),
        "errors": [
            {"text": f"{one.address}: {one.sentence}" if one.address else one.sentence} for one in read.problems
        ],
    }
    return render(request, "monitoring/published/check.html", context, status=422 if request.method == "POST" else 200)


def _written(request: HttpRequest, town: Municipality, read: PrintedFile) -> HttpResponse:
    try:
        changed = write_published(
            municipality=town,
            tables=read.tables,
            by=member_of(request).user,
            previewed=request.POST.get("previewed", "-"),
        )
    except ActionRefused as refusal:
        messages.warning(request, str(refusal))
        return redirect("monitoring:published_check")
    del request.session[DRAFT]
    tables = plural(changed, "таблица", "таблицы", "таблиц")
    messages.success(request, f"Записано: {tables}. Ниже – что в опубликованных таблицах не сходится.")
    return redirect("monitoring:published_protocol")


# --- one table -------------------------------------------------------------------------------------------------------


@requires(Permission.IMPORT_HISTORY)
@require_http_methods(["GET", "HEAD", "POST"])
def published_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask, and take a table away."""
    shown = load(request, published_tables(), public_id=public_id)
    if request.method == "POST":
        delete_published(table=shown)
        messages.success(request, f"Таблица «{shown.title}» удалена.")
        return redirect("monitoring:published")
    return render(request, "monitoring/published/delete.html", {"table": shown})


@requires(Permission.IMPORT_HISTORY)
@require_http_methods(["GET", "HEAD", "POST"])
def published_row(request: HttpRequest, public_id: str, year: int) -> HttpResponse:
    """Decide whether one printed value may be believed."""
    row = load(request, published_rows(), table__public_id=public_id, year=year)
    table: PublishedTable = row.table
    form = JudgementForm(request.POST or None, initial={"judgement": row.judgement, "text": row.judgement_text})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            judge_row(row=row, judgement=given["judgement"], text=given["text"], by=member_of(request).user)
        except ActionRefused as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, f"Решение о значении за {school_year(row.year)} сохранено.")
            return redirect("monitoring:published_table", public_id)
    found = protocol(table.municipality)
    standing = next((one for one in found.of(table) if one.row.pk == row.pk), None)
    context = {
        "row": row,
        "table": table,
        "form": form,
        "standing": standing,
        "lines": finding_lines(standing.findings if standing else (), links_to_tables(found)),
        "judged_on": date_digits(row.judged_at.date()) if row.judged_at else "",
    }
    return render(request, "monitoring/published/row.html", context, status=422 if form.errors else 200)
