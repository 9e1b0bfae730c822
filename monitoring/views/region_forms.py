"""Форма региона: uploading, marking, looking at the values, filling for a year."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring import region_workbook
from monitoring.actions import saved as actions
from monitoring.forms.region_forms import FileForm, MarkForm, NewForm
from monitoring.models import RegionForm
from monitoring.queries.results.overview import data_version
from monitoring.queries.tables.region_forms import MarkLine, mark_lines
from monitoring.queries.tables.saved import region_forms as kept_forms
from monitoring.queries.tables.table_offer import offer_of
from monitoring.views.chosen import Chosen, choose_in, nothing_to_show
from portal.access import load, member_of, municipality_of, requires
from portal.actions import ActionRefused
from portal.formats import date_digits, listed, plural, school_year, school_year_short
from portal.roles import Permission
from portal.workbooks import XLSX_TYPE, WorkbookRefused, attachment

PAGE = 50


@requires(Permission.KEEP_TABLES)
@require_safe
def region_forms(request: HttpRequest) -> HttpResponse:
    page = Paginator(kept_forms(member_of(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "monitoring/region_forms/list.html", {"page": page, "may_keep": True})


@requires(Permission.KEEP_TABLES)
@require_http_methods(["GET", "HEAD", "POST"])
def region_form_new(request: HttpRequest) -> HttpResponse:
    """Upload a form; codes in braces become marks at once."""
    form = NewForm(request.POST, request.FILES) if request.method == "POST" else NewForm()
    if request.method == "POST" and form.is_valid():
        try:
            kept = actions.keep_region_form(
                municipality=municipality_of(request),
                name=form.cleaned_data["name"],
                file_name=form.cleaned_data["file"].name,
                file=form.content,
                marks=form.layout.found_marks(),
                by=member_of(request),
            )
        except ActionRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            found = plural(len(kept.marks), "ячейка", "ячейки", "ячеек")
            messages.success(request, f"Форма загружена. Отмечено в файле: {found}.")
            _warn_of_drawings(request, form)
            return redirect("monitoring:region_form", kept.public_id)
    return render(request, "monitoring/region_forms/new.html", {"form": form}, status=422 if form.errors else 200)


def _warn_of_drawings(request: HttpRequest, form: FileForm) -> None:
    if form.layout.drawings:
        words = "В файле есть рисунки, диаграммы или примечания. После заполнения проверьте, что они на месте."
        messages.warning(request, words)


@requires(Permission.KEEP_TABLES)
@require_http_methods(["GET", "HEAD", "POST"])
def region_form(request: HttpRequest, public_id: str) -> HttpResponse:
    """Every mark with what it says for the year of the address; a POST marks one more cell."""
    shown = load(request, kept_forms(member_of(request)), public_id=public_id)
    chosen = choose_in(shown.municipality, request)
    if chosen.error:
        return nothing_to_show(request, chosen)
    layout = region_workbook.layout_of(bytes(shown.file))
    offer = offer_of(shown.municipality)
    form = MarkForm(request.POST or None, layout=layout, offer=offer)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_mark(form=shown, mark=form.mark)
        except ActionRefused as refusal:
            form.add_error("cell", str(refusal))
        else:
            messages.success(request, f"Ячейка {form.mark[1]} отмечена.")
            return redirect(f"{request.path}{chosen.query}")
    year = chosen.year if chosen.usable else None
    lines = mark_lines(shown.marks, offer, year, preliminary=chosen.preliminary)
    context: dict[str, Any] = {
        "shown": shown,
        "chosen": chosen,
        "form": form,
        "lines": [(line, layout.beside(line.sheet, line.cell)) for line in lines],
        "missing": sum(line.missing for line in lines),
        "year": year,
        "may_keep": True,
    }
    return render(request, "monitoring/region_forms/form.html", context, status=422 if form.errors else 200)


@requires(Permission.KEEP_TABLES)
@require_POST
def region_form_unmark(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, kept_forms(member_of(request)), public_id=public_id)
    cell = request.POST.get("cell", "")
    try:
        actions.remove_mark(form=shown, sheet=request.POST.get("sheet", ""), cell=cell)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("monitoring:region_forms")
    messages.success(request, "Отметка убрана. То, что стоит в этой ячейке файла, портал больше не меняет.")
    return redirect("monitoring:region_form", public_id)


@requires(Permission.KEEP_TABLES)
@require_safe
def region_form_fill(request: HttpRequest, public_id: str) -> HttpResponse:
    """The region's file with the numbers of a year in its marked cells."""
    shown = load(request, kept_forms(member_of(request)), public_id=public_id)
    chosen = choose_in(shown.municipality, request)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    lines = mark_lines(shown.marks, offer_of(shown.municipality), chosen.year, preliminary=chosen.preliminary)
    cells = [(line.sheet, line.cell, line.value) for line in lines if not line.problem]
    try:
        file = region_workbook.fill(bytes(shown.file), cells, _notes(shown, chosen, lines))
    except WorkbookRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("monitoring:region_form", public_id)
    year = school_year_short(chosen.year).replace("/", "-")
    return attachment(f"{shown.name}, {year}.xlsx", file, XLSX_TYPE)


def _notes(shown: RegionForm, chosen: Chosen, lines: list[MarkLine]) -> list[str]:
    """The sheet «О данных»: what was filled from what, and what is missing."""
    state = "Предварительно: включены непринятые формы." if chosen.preliminary else "Только принятые данные."
    notes = [
        f"{shown.name}: {shown.municipality.name}, {school_year(chosen.year or 0)}.",
        f"{state} Версия данных {data_version(shown.municipality)}. "
        f"Заполнено {date_digits(timezone.localdate())} из файла «{shown.file_name}».",
    ]
    for line in lines:
        where = f"{line.sheet}, {line.cell}, код {line.mark}"
        notes.append(f"{where}: {line.problem}" if line.problem else f"{where} ({line.means}): {_told(line)}")
    return notes


def _told(line: MarkLine) -> str:
    return f"{line.words}; {line.note}" if line.note else line.words


@requires(Permission.KEEP_TABLES)
@require_safe
def region_form_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """The file as it was uploaded."""
    shown = load(request, kept_forms(member_of(request)), public_id=public_id)
    return attachment(shown.file_name, bytes(shown.file), XLSX_TYPE)


@requires(Permission.KEEP_TABLES)
@require_http_methods(["GET", "HEAD", "POST"])
def region_form_replace(request: HttpRequest, public_id: str) -> HttpResponse:
    """A new version of the file: marks that still fit stay, the others are named."""
    shown = load(request, kept_forms(member_of(request)), public_id=public_id)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        old = region_workbook.layout_of(bytes(shown.file))
        kept, left = region_workbook.carried(old, form.layout, shown.marks)
        try:
            actions.replace_region_file(
                form=shown,
                file_name=form.cleaned_data["file"].name,
                file=form.content,
                marks=kept,
                by=member_of(request),
            )
        except ActionRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, f"Файл заменён. Отмечено: {plural(len(kept), 'ячейка', 'ячейки', 'ячеек')}.")
            _warn_of_drawings(request, form)
            if left:
                gone = listed([f"{sheet}, {cell} ({mark})" for sheet, cell, mark in left])
                messages.warning(request, f"Не подошли к новому файлу и убраны отметки: {gone}. Отметьте их заново.")
            return redirect("monitoring:region_form", public_id)
    context = {"form": form, "shown": shown}
    return render(request, "monitoring/region_forms/replace.html", context, status=422 if form.errors else 200)


@requires(Permission.KEEP_TABLES)
@require_http_methods(["GET", "HEAD", "POST"])
def region_form_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, kept_forms(member_of(request)), public_id=public_id)
    if request.method == "POST":
        actions.delete_region_form(form=shown)
        messages.success(request, f"Форма «{shown.name}» удалена.")
        return redirect("monitoring:region_forms")
    return render(request, "monitoring/region_forms/delete.html", {"shown": shown, "consequences": _LOST})


_LOST = ["Удалятся файл формы и все её отметки. Данные школ не изменятся."]
