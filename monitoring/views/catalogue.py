"""The catalogue of the installation: its files, what a new one would change, and its confirmation."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from monitoring.actions.catalogue_drafts import (
    cancel_catalogue_draft,
    confirm_catalogue_draft,
    keep_catalogue_draft,
)
from monitoring.catalogue import CatalogueRefused
from monitoring.forms.passports import CatalogueForm
from monitoring.models import CatalogueDraft
from monitoring.queries.passports.catalogue_changes import catalogue_draft, catalogue_drafts, preview_of
from monitoring.queries.passports.catalogue_examples import examples
from portal.access import member_of, requires
from portal.actions import ActionRefused
from portal.roles import Permission

MOST_ERRORS = 50  # a file of another sort breaks every rule; the first lines tell enough


@requires(Permission.MANAGE_CATALOGUE)
@require_http_methods(["GET", "HEAD", "POST"])
def catalogue(request: HttpRequest) -> HttpResponse:
    """The history of the catalogue, and the upload of a new file, which changes nothing by itself."""
    member = member_of(request)
    form = CatalogueForm(request.POST, request.FILES) if request.method == "POST" else CatalogueForm()
    errors: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            draft = keep_catalogue_draft(text=form.text, file_name=form.cleaned_data["file"].name, by=member.user)
        except CatalogueRefused as refused:
            errors = [error.sentence for error in refused.errors]
        except ActionRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect("monitoring:catalogue_draft", draft.public_id)
    context = {
        "form": form,
        "refused": errors[:MOST_ERRORS],
        "more": max(len(errors) - MOST_ERRORS, 0),
        "drafts": catalogue_drafts(member),
    }
    return render(request, "monitoring/catalogue/list.html", context, status=422 if form.errors or errors else 200)


@requires(Permission.MANAGE_CATALOGUE)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What a file would change. A POST with `cancel` puts it aside, any other applies it, all or nothing."""
    shown = _draft(request, public_id)
    if request.method == "POST":
        return _decided(request, shown)
    waiting = not shown.applied_at and not shown.cancelled_at
    preview = preview_of(shown.text) if waiting else None
    context = {
        "draft": shown,
        "preview": preview,
        "examples": examples(preview.catalogue, preview.indicators) if preview and preview.catalogue else [],
        "counts": shown.summary.get("counts", {}),
    }
    return render(request, "monitoring/catalogue/draft.html", context)


@requires(Permission.MANAGE_CATALOGUE)
@require_safe
def file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The file as it was uploaded: next year's begins with it."""
    shown = _draft(request, public_id)
    answer = HttpResponse(shown.text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = content_disposition_header(True, shown.file_name) or "attachment"
    return answer


def _draft(request: HttpRequest, public_id: UUID) -> CatalogueDraft:
    found = catalogue_draft(member_of(request), public_id)
    if found is None:
        raise Http404
    return found


def _decided(request: HttpRequest, shown: CatalogueDraft) -> HttpResponse:
    """Confirm or cancel; a refusal is told on the page of the file."""
    version = request.POST.get("version", "")
    try:
        if "cancel" in request.POST:
            cancel_catalogue_draft(draft=shown)
            messages.success(request, "Загрузка отменена, каталог не изменился.")
            return redirect("monitoring:catalogue")
        seen = int(version) if version.isascii() and version.isdecimal() and len(version) < 16 else -1
        confirm_catalogue_draft(draft=shown, version=seen, by=member_of(request).user)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    except CatalogueRefused as refused:
        messages.error(request, refused.errors[0].sentence)
    else:
        messages.success(request, "Каталог обновлён.")
    return redirect("monitoring:catalogue_draft", shown.public_id)
