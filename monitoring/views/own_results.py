"""What a school reads of itself: its values beside last year, the schools around it and the target."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from monitoring import own_results as told
from monitoring import strips
from monitoring.queries.results.deviations import Standing, standings
from monitoring.queries.results.heat import View, heat_groups
from monitoring.queries.results.overview import school_history, school_lines
from monitoring.queries.results.similar import Circle, circle_of, contingents
from monitoring.strips import Compared
from monitoring.views.chosen import Chosen, choose_in
from monitoring.views.compare import chosen_group
from portal.access import member_of, requires
from portal.datatables import DataTable, asked
from portal.figures import figure_of, table_links
from portal.formats import school_year, school_year_short
from portal.models import School
from portal.roles import Permission


@requires(Permission.SEE_OWN_RESULTS)
@require_safe
def own_results(request: HttpRequest) -> HttpResponse:
    """The school is the member's own; of others it is told the median and the quartiles of at least five."""
    school = member_of(request).school
    if school is None:
        raise Http404
    chosen = choose_in(school.municipality, request)
    context: dict[str, object] = {"school": school, "chosen": chosen}
    if not chosen.usable or chosen.year is None:
        sentence = chosen.error or _nothing(chosen)
        status = 400 if chosen.error else 200
        return render(request, "monitoring/own_results.html", context | {"sentence": sentence}, status=status)
    lines = school_lines(school.municipality, chosen.year)
    circle = circle_of(school, lines, contingents(school.municipality, chosen.year))
    groups = heat_groups(school_history(school, chosen.year), View.VALUE)
    found = standings([one for group in groups for one in group.indicators], circle, school.kind)
    group = chosen_group(request, groups)
    if group is None:
        return render(request, "monitoring/own_results.html", context | {"sentence": _nothing(chosen)})
    codes = [one.code for one in group.indicators]
    own = sorted((one for one in found if one.history.code in codes), key=lambda one: codes.index(one.history.code))
    file = asked(request, _files(found, own, school, chosen, circle, group.title))
    if file is not None:
        return file
    lead, more = told.deviations(found, school, chosen.query)
    context |= {
        "groups": groups,
        "group": group,
        "circle": circle,
        "years": [school_year_short(chosen.year), school_year_short(chosen.year - 1)],
        "headline": told.deviations_words(found),
        "deviations": lead,
        "more": more,
        "rows": told.own_rows(sorted(own, key=lambda one: -len(one.concerns))),
        "links": table_links(request, "results"),
    }
    named = tuple(line for line in lines if line.school.pk == school.pk)
    compared = Compared(group.indicators, named, circle.lines, for_school=True)
    chart = strips.strips_chart(compared, strips.headline(compared), ["Наша школа"]) if named else None
    if chart is not None:
        data = told.own_data(own, school=school, year=chosen.year, title=group.title, about=())
        context["data"] = data
        context["figure"] = figure_of(
            request,
            chart,
            data,
            key="group",
            subtitle=f"{group.title}, {chosen.title}; медиана и квартили: {circle.label}, школ: {len(circle.lines)}",
            note="Медиана и квартили показаны, если сравнить можно не меньше пяти школ.",
            municipality=school.municipality_id,
            school=school.pk,
        )
    return render(request, "monitoring/own_results.html", context)


def _nothing(chosen: Chosen) -> str:
    if chosen.year is None:
        return "Данных пока нет: сбор данных ещё не проводился."
    return f"За {school_year(chosen.year)} у школы данных нет."


def _files(
    found: tuple[Standing, ...], own: list[Standing], school: School, chosen: Chosen, circle: Circle, group: str
) -> dict[str, Callable[[], DataTable]]:
    """The table of all indicators, and that of the figure."""
    about = [
        ("Школа", school.name),
        ("Период", chosen.title),
        ("С кем сравнивается", circle.label),
        ("Источник", "принятые формы школ"),
    ]
    year = chosen.year or 0
    title = f"Результаты школы, {chosen.title}"
    return {
        "results": lambda: told.own_data(found, school=school, year=year, title=title, about=about),
        "group": lambda: told.own_data(own, school=school, year=year, title=group, about=about),
    }
