"""The working sheet of a section by classes: entry, paper for class teachers, taking the sums over."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from monitoring.actions import classes as actions
from monitoring.forms.classes import (
    AddClassesForm,
    CopyClassesForm,
    SheetInput,
    drawn,
    read_sheet,
    read_taken,
    refusals_of_sums,
    removed,
)
from monitoring.models import Submission
from monitoring.queries.entry.classes import Sheet, classes_of, sections_with_classes, sheet_of
from monitoring.queries.entry.lists import submissions
from monitoring.workflow import MoveRefused
from portal.access import load, member_of, requires
from portal.formats import plural
from portal.roles import Permission


@requires(Permission.SEE_FORMS)
@require_http_methods(["GET", "HEAD", "POST"])
def class_sheet(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Numbers by class. Every button saves what is typed first, then adds, copies or takes off classes."""
    submission = load(request, submissions(), public_id=public_id)
    sheet = _sheet(submission, code)
    if request.method != "POST":
        return _page(request, submission, sheet)
    given = read_sheet(request.POST, sheet)
    try:
        result = actions.save_classes(
            submission=submission, section=sheet.section, entries=_readable(given), by=member_of(request)
        )
    except MoveRefused as refusal:
        messages.error(request, f"{refusal} Введённое на этой странице не сохранено.")
        return _page(request, submission, sheet, status=422)
    sheet = _sheet(submission, code)
    if given.refused or result.conflicts:
        return _page(request, submission, sheet, given=given, conflicts=result.conflicts, status=422)
    form = AddClassesForm(request.POST, sheet=sheet) if "add" in request.POST else None
    if form is not None and not form.is_valid():
        return _page(request, submission, sheet, form=form, status=422)
    try:
        _change_list(request, submission, sheet, form)
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
        return _page(request, submission, sheet, form=form, status=422)
    if "sums" in request.POST:
        return redirect("monitoring:class_sums", public_id, code)
    return redirect("monitoring:class_sheet", public_id, code)


def _readable(given: SheetInput) -> list[actions.ClassEntry]:
    """The classes in which every box can be read: a class is written whole or not at all."""
    broken = {row for (row, _), (_, error) in given.typed.items() if error}
    return [entry for entry in given.entries if entry.row not in broken]


def _change_list(request: HttpRequest, submission: Submission, sheet: Sheet, form: AddClassesForm | None) -> None:
    """Add, copy or take off classes, as the pressed button says; tell what was done."""
    whole: dict[str, Any] = {"submission": submission, "section": sheet.section, "by": member_of(request)}
    if form is not None:
        _tell_added(request, actions.add_classes(classes=form.classes, **whole))
    elif "copy" in request.POST:
        chosen = CopyClassesForm(request.POST, on_offer=sections_with_classes(submission, sheet.section.code))
        if chosen.is_valid():
            theirs = classes_of(submission, chosen.cleaned_data["section"])
            _tell_added(
                request, actions.add_classes(classes=[one for one in theirs if one[0] in sheet.grades], **whole)
            )
    elif "remove" in request.POST:
        kept = actions.remove_classes(seen=removed(request.POST), **whole)
        if kept:
            messages.warning(request, f"Не убраны классы, которые в это время изменили: {', '.join(kept)}.")
        else:
            messages.success(request, "Список классов изменён.")
    else:
        messages.success(request, "Сохранено.")


def _tell_added(request: HttpRequest, count: int) -> None:
    if count:
        messages.success(request, f"Добавлено: {plural(count, 'класс', 'класса', 'классов')}.")
    else:
        messages.info(request, "Эти классы уже есть в листе.")


@requires(Permission.SEE_FORMS)
@require_safe
def class_print(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Paper for class teachers: a sheet for each class, or all classes on one list (`?by=list`)."""
    submission = load(request, submissions(), public_id=public_id)
    sheet = _sheet(submission, code)
    context = {"submission": submission, "sheet": sheet, "as_list": request.GET.get("by") == "list"}
    return render(request, "monitoring/classes/print.html", context)


@requires(Permission.ENTER_VALUES)
@require_http_methods(["GET", "HEAD", "POST"])
def class_sums(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Choose which sums go into the section; those that are complete and differ are ticked."""
    submission = load(request, submissions(), public_id=public_id)
    sheet = _sheet(submission, code)
    if request.method != "POST":
        return _sums_page(request, submission, sheet)
    taken = read_taken(request.POST, sheet)
    try:
        result = actions.take_sums(submission=submission, section=sheet.section, taken=taken, by=member_of(request))
    except MoveRefused as refusal:
        messages.error(request, str(refusal))
        return _sums_page(request, submission, sheet, status=422)
    if result.conflicts or result.stale:
        fresh = _sheet(submission, code)
        refused = refusals_of_sums(fresh.sums, result.conflicts, result.stale)
        return _sums_page(request, submission, fresh, refused=refused, saved=len(result.saved), status=422)
    if not result.saved:
        messages.info(request, "Ничего не перенесено: отметьте строки, которые нужны.")
        return redirect("monitoring:class_sums", public_id, code)
    count = plural(len(result.saved), "число", "числа", "чисел")
    messages.success(request, f"Суммы по классам перенесены в раздел: {count}.")
    return redirect("monitoring:section", public_id, code)


def _sheet(submission: Submission, code: str) -> Sheet:
    found = sheet_of(submission, code)
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest,
    submission: Submission,
    sheet: Sheet,
    *,
    given: SheetInput | None = None,
    conflicts: tuple[int, ...] = (),
    form: AddClassesForm | None = None,
    status: int = 200,
) -> HttpResponse:
    lines = drawn(sheet, given, conflicts)
    code = sheet.section.code
    on_offer = sections_with_classes(submission, code)
    context = {
        "submission": submission,
        "sheet": sheet,
        "lines": lines,
        "locked": actions.sheet_lock(member_of(request), submission, code),
        "refused": [
            *({"text": line.conflict, "url": f"#class-{line.line.row.pk}"} for line in lines if line.conflict),
            *(
                {
                    "text": f"{line.line.row}, {box.cell.column.name}: {box.error}",
                    "url": f"#n-{line.line.row.pk}-{box.cell.element.code}",
                }
                for line in lines
                for box in line.boxes
                if box.error and box.cell.element
            ),
        ],
        "form": form or AddClassesForm(sheet=sheet),
        "copy_form": CopyClassesForm(on_offer=on_offer) if on_offer else None,
        "may_enter": member_of(request).may(Permission.ENTER_VALUES),
        "wide": len(sheet.columns) > 4,
    }
    return render(request, "monitoring/classes/sheet.html", context, status=status)


def _sums_page(
    request: HttpRequest,
    submission: Submission,
    sheet: Sheet,
    *,
    refused: list[dict[str, str]] | None = None,
    saved: int = 0,
    status: int = 200,
) -> HttpResponse:
    context = {
        "submission": submission,
        "sheet": sheet,
        "locked": actions.sheet_lock(member_of(request), submission, sheet.section.code),
        "refused": refused or [],
        "saved": saved,
    }
    return render(request, "monitoring/classes/sums.html", context, status=status)
