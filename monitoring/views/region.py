"""Several municipalities of a region side by side: totals only, small counts hidden; never a school."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from monitoring import region_table
from monitoring.forms.dashboard import NOT_A_YEAR, DashboardFilter
from monitoring.queries.results.region import region_default_year, region_year, region_years
from portal.access import member_of, requires
from portal.datatables import asked
from portal.figures import table_links
from portal.formats import plural, school_year, school_year_short
from portal.roles import Permission


@requires(Permission.SEE_REGION)
@require_safe
def region(request: HttpRequest) -> HttpResponse:
    """`?year=` and `?group=` choose; the region is the member's own."""
    place = member_of(request).region
    form = DashboardFilter(request.GET)
    form.is_valid()
    years = region_years(place) if place else ()
    year = form.cleaned_data.get("year") or (region_default_year(place) if place else None)
    context = {
        "region": place,
        "year": year,
        "title": school_year(year) if year else "",
        "years": [(one, school_year_short(one)) for one in years],
    }
    wrong = "year" in form.errors
    if place is None or year not in years or wrong:
        sentence = f"Данных за {school_year(year)} нет." if year and years else "Принятых данных в регионе пока нет."
        context |= {"sentence": NOT_A_YEAR if wrong else sentence, "wrong": wrong}
        return render(request, "monitoring/region/region.html", context, status=400 if wrong else 200)
    shown = region_year(place, year)
    group = next((one for one in shown.groups if one.code == request.GET.get("group")), shown.groups[0])
    data = region_table.region_data(shown.municipalities, group, region=place.name, year=year)
    file = asked(request, {"region": lambda: data})
    if file is not None:
        return file
    count = len(shown.municipalities)
    context |= {
        "groups": shown.groups,
        "group": group,
        "rows": region_table.region_rows(shown.municipalities, group),
        "totals": region_table.region_totals(group),
        "headline": region_table.region_headline(shown.municipalities, group),
        "subtitle": f"{group.title}, {school_year(year)}, "
        f"{plural(count, 'муниципалитет', 'муниципалитета', 'муниципалитетов')}; источник – принятые формы школ",
        "links": table_links(request, "region"),
    }
    return render(request, "monitoring/region/region.html", context)
