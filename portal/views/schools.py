"""The register of schools: the list and the page of one school."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import queries
from portal.access import load, requires
from portal.forms import SearchForm
from portal.models import School
from portal.roles import Permission
from portal.views.pages import slots

PAGE = 50


@requires(Permission.SEE_SCHOOLS)
@require_safe
def schools(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    rows = queries.schools(request, search=asked.get("q", ""), order=asked.get("order", ""))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/schools.html", {"page": page, "form": form, "asked": asked})


@requires(Permission.SEE_SCHOOLS)
@require_safe
def school(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, School, public_id=public_id)
    parts = slots(settings.PORTAL_SCHOOL_SLOTS, request, shown)
    return render(request, "portal/school.html", {"school": shown, "slots": parts})
