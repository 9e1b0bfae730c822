"""Registers as files: schools in and out of a table, people out of it (and in, in `invitations.py`)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import queries
from portal.access import member_of, municipality_of, requires
from portal.exporting import ENDINGS, people_table, schools_table
from portal.forms.schools import RegisterFileForm, SchoolFilter, only_known
from portal.importing import (
    LIMITS,
    PreviewIsOld,
    RegisterResult,
    SchoolResource,
    Standing,
    import_register,
    read_register,
)
from portal.roles import Permission
from portal.views.schools import found_schools
from portal.workbooks import CSV_TYPE, XLSX_TYPE, WorkbookRefused, attachment

# The rows of a file wait for their confirmation in the person's session: it is theirs alone, ends with it, and needs no
# sweeping; a token on the page would carry the whole table through the browser and back.
DRAFT = "schools_import"


@requires(Permission.SEE_SCHOOLS)
@require_safe
def schools_export(request: HttpRequest) -> HttpResponse:
    """The schools that the filters of the list leave, with codes; `?format=xlsx|csv`."""
    rows = found_schools(request, only_known(SchoolFilter(request.GET))).select_related("successor")
    ending = _ending(request)
    return _file("Школы", schools_table(rows, municipality_of(request).name, ending), ending)


@requires(Permission.SEE_PEOPLE)
@require_safe
def people_export(request: HttpRequest) -> HttpResponse:
    """Everybody in the places of this person, with the codes of their roles and schools; `?format=xlsx|csv`."""
    ending = _ending(request)
    return _file("Сотрудники", people_table(queries.people(request), municipality_of(request).name, ending), ending)


def _ending(request: HttpRequest) -> str:
    ending = request.GET.get("format", "xlsx")
    if ending not in ENDINGS:
        raise Http404
    return ending


def _file(name: str, data: bytes, ending: str) -> HttpResponse:
    return attachment(f"{name}.{ending}", data, CSV_TYPE if ending == "csv" else XLSX_TYPE)


@requires(Permission.MANAGE_SCHOOLS)
@require_http_methods(["GET", "HEAD", "POST"])
def schools_import(request: HttpRequest) -> HttpResponse:
    """Take a file and read it; what it would change is shown before anything is written."""
    form = RegisterFileForm(*(request.POST, request.FILES) if request.method == "POST" else ())
    if keep_draft(request, form, DRAFT):
        return redirect("schools_import_preview")
    return render(request, "portal/schools_import.html", {"form": form}, status=422 if form.errors else 200)


@requires(Permission.MANAGE_SCHOOLS)
@require_safe
def schools_import_preview(request: HttpRequest) -> HttpResponse:
    """What the file would add and change, and what is wrong in it."""
    rows = draft_rows(request, DRAFT)
    if rows is None:
        return redirect("schools_import")
    result = import_register(
        resource=SchoolResource(municipality_of(request)),
        sheet_rows=rows,
        by=member_of(request).user,
        dry_run=True,
    )
    context = {
        "result": result,
        "new": result.of(Standing.NEW),
        "changed": result.of(Standing.CHANGED),
        "same": result.of(Standing.SAME),
        "errors": errors_of(result),
    }
    return render(request, "portal/schools_import_preview.html", context)


@requires(Permission.MANAGE_SCHOOLS)
@require_POST
def schools_import_confirm(request: HttpRequest) -> HttpResponse:
    """Write what the preview showed, all of it or nothing."""
    rows = draft_rows(request, DRAFT)
    if rows is None:
        messages.error(request, "Файл для загрузки не найден: выберите его ещё раз.")
        return redirect("schools_import")
    try:
        result = import_register(
            resource=SchoolResource(municipality_of(request)),
            sheet_rows=rows,
            by=member_of(request).user,
            dry_run=False,
            previewed=request.POST.get("previewed", "-"),
        )
    except PreviewIsOld:
        messages.warning(request, "Пока вы проверяли отличия, реестр изменился. Проверьте отличия ещё раз.")
        return redirect("schools_import_preview")
    if not result.written:
        return redirect("schools_import_preview")
    del request.session[DRAFT]
    new, changed = len(result.of(Standing.NEW)), len(result.of(Standing.CHANGED))
    messages.success(request, f"Загрузка выполнена. Добавлено школ: {new}, изменено: {changed}.")
    return redirect("schools")


# --- what both registers need ----------------------------------------------------------------------------------------


def keep_draft(request: HttpRequest, form: RegisterFileForm, key: str) -> bool:
    """Whether a file was sent and read: its rows then wait in this session. What is wrong stands in the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        # One byte more than allowed is enough to be refused, so a huge file is not taken into memory.
        rows = read_register(form.cleaned_data["file"].read(LIMITS.file_bytes + 1))
    except WorkbookRefused as refusal:
        form.add_error("file", str(refusal))
        return False
    request.session[key] = {"municipality": municipality_of(request).pk, "rows": rows}
    return True


def draft_rows(request: HttpRequest, key: str) -> list[list[str]] | None:
    """The rows that wait in this session for this municipality."""
    draft = request.session.get(key)
    return draft["rows"] if draft and draft["municipality"] == municipality_of(request).pk else None


def errors_of(result: RegisterResult) -> list[dict[str, str]]:
    """What is wrong in a table, cell by cell, as the summary of errors prints it."""
    return [{"text": f"{one.address}: {one.sentence}" if one.address else one.sentence} for one in result.all_problems]
