"""Workbooks: a form to take away and bring back, tables of many schools, and the preview that stands before writing."""

from collections.abc import Callable

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from monitoring import actions
from monitoring.enums import ImportKind
from monitoring.exporting import blank_name, export_name, export_table, write_blank
from monitoring.forms.imports import BlankForm, TableForm
from monitoring.importing import asked_in, forms_by_school, read_blank, read_table, units_of
from monitoring.models import ImportDraft
from monitoring.queries.campaigns.drafts import drafts, job_of, preview
from monitoring.queries.campaigns.incoming import Reading
from monitoring.queries.entry.lists import campaigns, submissions
from monitoring.workflow import MoveRefused, lock_sentence
from portal.access import load, member_of, requires, visible
from portal.actions import ActionRefused
from portal.formats import plural
from portal.roles import Permission
from portal.workbooks import (
    CSV_TYPE,
    MUNICIPAL_LIMITS,
    SCHOOL_LIMITS,
    XLSX_TYPE,
    Limits,
    WorkbookRefused,
    attachment,
    read_workbook,
)


@requires(Permission.SEE_FORMS)
@require_safe
def blank(request: HttpRequest, public_id: str) -> HttpResponse:
    """The form as a workbook with its present numbers."""
    submission = load(request, submissions(), public_id=public_id)
    return attachment(blank_name(submission), write_blank(submission), XLSX_TYPE)


@requires(Permission.EXPORT_VALUES)
@require_safe
def export(request: HttpRequest, public_id: str) -> HttpResponse:
    """All numbers of a campaign; `?format=xlsx|csv`, `?what=accepted|current`."""
    campaign = load(request, campaigns(member_of(request)), public_id=public_id)
    extension, what = request.GET.get("format", "xlsx"), request.GET.get("what", "accepted")
    if extension not in {"xlsx", "csv"} or what not in {"accepted", "current"}:
        return HttpResponseBadRequest("Такой выгрузки нет. Выберите формат на странице сбора данных.")
    accepted = what == "accepted"
    forms = visible(request, submissions()).filter(campaign=campaign).order_by("school__sort_key")
    data = export_table(campaign, forms, accepted=accepted, extension=extension)
    name = export_name(campaign, accepted=accepted, extension=extension)
    return attachment(name, data, XLSX_TYPE if extension == "xlsx" else CSV_TYPE)


@requires(Permission.ENTER_VALUES, Permission.ENTER_ON_BEHALF)
@require_http_methods(["GET", "HEAD", "POST"])
def import_form(request: HttpRequest, public_id: str) -> HttpResponse:
    """Bring back the workbook of one form; nothing is written before its preview is confirmed."""
    submission = load(request, submissions(), public_id=public_id)
    member = member_of(request)
    locked = lock_sentence(member, submission, submission.campaign)
    form = BlankForm(request.POST, request.FILES) if request.method == "POST" else BlankForm()
    if request.method == "POST" and locked:
        form.add_error(None, locked)
    elif request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        reading = _read(
            form, file, SCHOOL_LIMITS, lambda sheets: read_blank(sheets, submission, units_of(submission.campaign))
        )
        if reading:
            draft, _ = actions.keep_draft(
                campaign=submission.campaign,
                kind=ImportKind.WORKBOOK,
                reading=reading,
                by=member,
                file_name=file.name,
                submission=submission,
            )
            return redirect("monitoring:import_draft", draft.public_id)
    context = {"submission": submission, "form": form, "locked": locked}
    return render(request, "monitoring/import_form.html", context, status=_status(request))


@requires(Permission.IMPORT_VALUES)
@require_http_methods(["GET", "HEAD", "POST"])
def import_values(request: HttpRequest, public_id: str) -> HttpResponse:
    """Bring a table of many schools: values by code, or the contingent."""
    member = member_of(request)
    campaign = load(request, campaigns(member), public_id=public_id)
    form = TableForm(request.POST, request.FILES) if request.method == "POST" else TableForm()
    if request.method == "POST" and form.is_valid():
        file, kind = form.cleaned_data["file"], ImportKind(form.cleaned_data["kind"])
        asked, forms = asked_in(campaign), forms_by_school(campaign)
        reading = _read(form, file, MUNICIPAL_LIMITS, lambda sheets: read_table(sheets, kind, asked, forms))
        if reading:
            draft, _ = actions.keep_draft(
                campaign=campaign, kind=kind, reading=reading, by=member, file_name=file.name, source=form.origin
            )
            return redirect("monitoring:import_draft", draft.public_id)
    context = {"campaign": campaign, "form": form}
    return render(request, "monitoring/import_values.html", context, status=_status(request))


@requires(Permission.ENTER_VALUES, Permission.ENTER_ON_BEHALF, Permission.IMPORT_VALUES)
@require_http_methods(["GET", "HEAD", "POST"])
def import_draft(request: HttpRequest, public_id: str) -> HttpResponse:
    """What a file would change. A POST with `cancel` throws it away, any other writes it, all or nothing."""
    draft = load(request, drafts(), public_id=public_id)
    if request.method != "POST":
        return _draft_page(request, draft)
    if "cancel" in request.POST:
        actions.cancel_draft(draft=draft)
        messages.success(request, "Загрузка файла отменена, числа не изменились.")
        return redirect(_way_back(draft))
    try:
        job = actions.confirm_draft(draft=draft, by=member_of(request), take=request.POST.getlist("take"))
    except (ActionRefused, MoveRefused) as refusal:
        messages.error(request, str(refusal))
        return redirect("monitoring:import_draft", public_id)
    if job:
        return redirect("monitoring:import_draft", public_id)
    draft.refresh_from_db()
    messages.success(request, f"Записано: {plural(draft.content['written'], 'число', 'числа', 'чисел')}.")
    return redirect(_way_back(draft))


def _way_back(draft: ImportDraft) -> str:
    """The form of the workbook, or the campaign of the table."""
    if draft.submission:
        return reverse("monitoring:form", args=[draft.submission.public_id])
    return reverse("monitoring:campaign", args=[draft.campaign.public_id])


def _draft_page(request: HttpRequest, draft: ImportDraft) -> HttpResponse:
    job = None if draft.applied_at or draft.cancelled_at else job_of(draft)
    compared = "changes" in draft.content and not draft.applied_at
    context = {
        "draft": draft,
        "job": job,
        "preview": preview(draft, request.GET.get("page", 1)) if compared and not job else None,
        "back": _way_back(draft),
    }
    return render(request, "monitoring/import_draft.html", context)


def _read(
    form: BlankForm | TableForm, file: UploadedFile, limits: Limits, read: Callable[..., Reading]
) -> Reading | None:
    """What the file says; where it is refused, the sentence stands at the field and nothing else happens."""
    try:
        # One byte more than allowed is enough to be refused, so a huge file is not taken into memory.
        return read(read_workbook(file.read(limits.file_bytes + 1), limits))
    except WorkbookRefused as refusal:
        form.add_error("file", str(refusal))
        return None


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200
