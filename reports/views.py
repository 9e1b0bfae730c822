"""Pages of reports: their list, building one in the background, reading it, its files; the part on the home page."""

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from monitoring.queries.results.overview import default_year
from portal import jobs
from portal.access import load, member_of, membership_of, municipality_of, requires, visible
from portal.roles import Permission, Scope
from reports.document import document_from_json
from reports.forms import BuildForm
from reports.html import draw_page
from reports.models import Report, ReportKind
from reports.queries import listed, newest_of, years_with_data
from reports.tasks import file_name, html_file, pdf_file, picture_url

PAGE = 30


@requires(Permission.READ_REPORTS)
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    municipality = municipality_of(request)
    form = BuildForm(years=years_with_data(municipality), initial={"year": default_year(municipality)})
    return _list(request, form)


@requires(Permission.BUILD_REPORTS)
@require_POST
def build(request: HttpRequest) -> HttpResponse:
    """Start the building in the background; the job's page leads to the report when it is ready."""
    municipality = municipality_of(request)
    form = BuildForm(request.POST, years=years_with_data(municipality))
    if not form.is_valid():
        return _list(request, form)
    job = jobs.start(
        kind="report",
        municipality=municipality,
        by=member_of(request).user,
        payload={"kind": ReportKind.ANALYSIS.value, "year": form.cleaned_data["year"]},
    )
    return redirect("job", job.public_id)


@requires(Permission.READ_REPORTS)
@require_safe
def report(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, Report, public_id=public_id)
    context = {
        "report": shown,
        "paper": draw_page(document_from_json(shown.tree), picture_url),
        "newest": newest_of(shown),
    }
    return render(request, "reports/report.html", context)


@requires(Permission.READ_REPORTS)
@require_safe
def pdf(request: HttpRequest, public_id: str) -> FileResponse:
    shown = load(request, Report, public_id=public_id)
    content = pdf_file(shown).open("rb")
    return FileResponse(content, as_attachment=True, filename=file_name(shown, "pdf"), content_type="application/pdf")


@requires(Permission.READ_REPORTS)
@require_safe
def html(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same file as `build_report --format html` writes; always a download, never a page of the portal."""
    shown = load(request, Report, public_id=public_id)
    response = HttpResponse(html_file(shown), content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, file_name(shown, "html"))
    return response


def home_slot(request: HttpRequest) -> str | None:
    """The newest report, for those who read reports of a municipality."""
    member = membership_of(request)
    if member is None or member.scope != Scope.MUNICIPALITY or not member.may(Permission.READ_REPORTS):
        return None
    context = {
        "report": listed(visible(request, Report)).first(),
        "may_build": member.may(Permission.BUILD_REPORTS),
        "has_data": bool(years_with_data(municipality_of(request))),
    }
    return render_to_string("reports/slots/home.html", context, request)


def _list(request: HttpRequest, form: BuildForm) -> HttpResponse:
    rows = listed(visible(request, Report))
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "form": form,
        "may_build": member_of(request).may(Permission.BUILD_REPORTS),
        "years": years_with_data(municipality_of(request)),
    }
    return render(request, "reports/list.html", context, status=422 if form.errors else 200)
