"""The people of a place: the list."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal import queries
from portal.access import requires
from portal.forms import SearchForm
from portal.roles import Permission

PAGE = 50


@requires(Permission.SEE_PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    search = form.cleaned_data["q"] if form.is_valid() else ""
    page = Paginator(queries.people(request, search=search), PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/people.html", {"page": page, "form": form, "asked": {"q": search}})
