"""Schools beside each other: the heat map, the comparison of a few, and the grades that programmes cover."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from monitoring import grade_table, heat_table, strips, tables
from monitoring.forms.comparing import HeatFilter, uuids
from monitoring.queries.results.grades import grade_matrix
from monitoring.queries.results.heat import View, heat, heat_groups
from monitoring.queries.results.overview import Group, Overview, SchoolLine, overview, school_lines
from monitoring.queries.results.similar import contingents, likeness_words, similar
from monitoring.strips import Compared
from monitoring.views.chosen import Chosen, choose, nothing_to_show
from portal.access import requires, visible
from portal.chart_specs import MAX_NAMED
from portal.datatables import asked
from portal.enums import Locality, SchoolKind
from portal.figures import figure_of, table_links
from portal.formats import plural
from portal.models import School
from portal.roles import Permission

ROWS = 100  # schools on a page
SCHOOLS = ("школа", "школы", "школ")


# --- the heat map -----------------------------------------------------------------------------------------------------


@requires(Permission.SEE_DASHBOARD)
@require_safe
def schools(request: HttpRequest) -> HttpResponse:
    """`?group=`, `?view=`, `?kind=`, `?locality=` choose, `?order=4.1` sorts all schools by what a column shows."""
    chosen = choose(request, pins=True)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    wanted = HeatFilter(request.GET).chosen()
    shown = overview_of(chosen)
    groups = heat_groups(shown.groups, wanted["view"])
    group = chosen_group(request, groups)
    if group is None:
        return nothing_to_show(request, chosen)
    order = request.GET.get("order", "name")
    found = heat(
        chosen.municipality,
        chosen.year,
        group.indicators,
        preliminary=chosen.preliminary,
        version=chosen.version,
        order=order,
        **wanted,
    )
    about = [*_filters(wanted["kind"], wanted["locality"]), *_about(chosen, shown)]
    title = f"{group.title}: школы, {chosen.title}"
    file = asked(request, {"schools": lambda: heat_table.heat_data(found, title=title, year=shown.year, about=about)})
    if file is not None:
        return file
    size = plural(len(found.rows), *SCHOOLS)
    page = Paginator(found.rows, ROWS).get_page(request.GET.get("page"))
    context = {
        "chosen": chosen,
        "asked": wanted,
        "views": list(heat_table.VIEWS.items()),
        "kinds": SchoolKind.choices,
        "localities": Locality.choices,
        "groups": groups,
        "group": group,
        "columns": heat_table.columns_of(found, order, chosen.query),
        "rows": heat_table.shown_rows(found, page.object_list, chosen.query),
        "page_obj": page,
        "totals": [tables.cell_of(one.now) for one in group.indicators],
        "medians": heat_table.medians_of(found),
        "order": order,
        "headline": heat_table.headline(found),
        "subtitle": f"{heat_table.VIEWS[found.view]}, {chosen.title}, {size}; {_source(chosen)}",
        "links": table_links(request, "schools"),
    }
    return render(request, "monitoring/dashboard_schools.html", context)


def overview_of(chosen: Chosen) -> Overview:
    """The municipality's own indicators, as the address asks for them."""
    year = chosen.year or 0
    return overview(chosen.municipality, year, preliminary=chosen.preliminary, version=chosen.version)


def chosen_group(request: HttpRequest, groups: tuple[Group, ...]) -> Group | None:
    """The group of the address, else the first; None where no indicator has anything to show."""
    first = groups[0] if groups else None
    return next((one for one in groups if one.code == request.GET.get("group")), first)


def _source(chosen: Chosen) -> str:
    forms = "все формы школ, в том числе непринятые" if chosen.preliminary else "принятые формы школ"
    return f"источник – {forms}"


def _filters(kind: str, locality: str) -> list[tuple[str, str]]:
    """Which schools a file of the map holds."""
    return [
        ("Вид школ", str(SchoolKind(kind).label) if kind else "все"),
        ("Местность", str(Locality(locality).label) if locality else "город и село"),
    ]


def _about(chosen: Chosen, shown: Overview) -> list[tuple[str, str]]:
    """What a file of the page says of itself besides its period."""
    return [
        ("Муниципалитет", chosen.municipality.name),
        ("Источник", _source(chosen).removeprefix("источник – ")),
        ("Версия данных", str(shown.data_version)),
    ]


# --- the comparison ---------------------------------------------------------------------------------------------------


@requires(Permission.SEE_DASHBOARD)
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """`?school=…&school=…` compares at most six schools by name, `?like=…` one school with those like it."""
    if request.GET.get("pick"):
        return redirect(_picked(request))
    chosen = choose(request, pins=True)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    shown = overview_of(chosen)
    groups = heat_groups(shown.groups, View.VALUE)
    group = chosen_group(request, groups)
    if group is None:
        return nothing_to_show(request, chosen)
    wanted = _wanted(request)
    codes = tuple(one.code for one in group.indicators)
    lines = school_lines(
        chosen.municipality, chosen.year, preliminary=chosen.preliminary, version=chosen.version, codes=codes
    )
    lines = tuple(sorted(lines, key=lambda line: line.school.sort_key))
    context: dict[str, Any] = {
        "chosen": chosen,
        "groups": groups,
        "group": group,
        "lines": lines,
        "chosen_schools": [{"school": one, "without": _without(request, one)} for one in wanted],
        "like": request.GET.get("like", ""),
        "most": MAX_NAMED,
    }
    if wanted:
        found = _compared(request, chosen, shown, group, lines, wanted)
        if isinstance(found, HttpResponse):
            return found
        context |= found
    return render(request, "monitoring/compare/compare.html", context)


def _picked(request: HttpRequest) -> str:
    """The address of the page with the school that was picked: added, or to be compared with those like it."""
    query = request.GET.copy()
    how, school = query.pop("how", [""])[-1], query.pop("pick")[-1]
    if how == "like":
        query.pop("school", None)
        query["like"] = school
    else:
        query.pop("like", None)
        query.setlist("school", list(dict.fromkeys([*query.getlist("school"), school])))
    return f"{request.path}?{query.urlencode()}"


def _wanted(request: HttpRequest) -> list[School]:
    """The schools of the address in its order; 404 for one that this person may not see or that there is not."""
    given = request.GET.getlist("like")[:1] or request.GET.getlist("school")
    ids = uuids(given)
    found = {school.public_id: school for school in visible_schools(request, ids)}
    if len(ids) != len(set(given)) or len(found) != len(ids):
        raise Http404
    return [found[one] for one in ids]


def visible_schools(request: HttpRequest, ids: list[Any]) -> list[School]:
    return list(visible(request, School).filter(public_id__in=ids)) if ids else []


def _without(request: HttpRequest, school: School) -> str:
    """The address of the page without one of its schools."""
    query = request.GET.copy()
    query.pop("like", None)
    query.setlist("school", [one for one in query.getlist("school") if one != str(school.public_id)])
    return f"{request.path}?{query.urlencode()}"


def _compared(
    request: HttpRequest,
    chosen: Chosen,
    shown: Overview,
    group: Group,
    lines: tuple[SchoolLine, ...],
    wanted: list[School],
) -> dict[str, Any] | HttpResponse:
    """The figure and what stands around it, or the file of its table."""
    by_id = {line.school.pk: line for line in lines}
    named = tuple(by_id[one.pk] for one in wanted if one.pk in by_id)[:MAX_NAMED]
    context: dict[str, Any] = {
        "absent": [one for one in wanted if one.pk not in by_id],
        "too_many": len(wanted) > MAX_NAMED,
    }
    if not named:
        return context
    alike: tuple[SchoolLine, ...] = ()
    if request.GET.get("like"):
        mode: dict[str, Any] = {"preliminary": chosen.preliminary, "version": chosen.version}
        pupils = contingents(chosen.municipality, shown.year, **mode)
        alike = similar(named[0].school, lines, pupils)
        context |= {
            "likeness": likeness_words(named[0].school, pupils.get(named[0].school.pk)),
            "size_known": named[0].school.pk in pupils,
            "alike": [(line.school, pupils[line.school.pk]) for line in alike],
            "by_name": _by_name(chosen, group, alike),
        }
    kinds = {line.school.kind for line in named}
    others = alike or tuple(line for line in lines if line.school.kind in kinds)
    compared = Compared(group.indicators, named, others)
    names = [line.school.name for line in named]
    title, around = strips.headline(compared), "похожих школ" if alike else "школ тех же видов"
    data = strips.compared_data(
        compared,
        names,
        name=f"compare-{shown.year}-{group.code}",
        title=f"{group.title}: сравнение школ, {chosen.title}",
        about=[("Период", chosen.title), *_about(chosen, shown), ("Медиана", f"{len(others)} {around}")],
    )
    file = asked(request, {"strips": lambda: data})
    if file is not None:
        return file
    context["data"] = data
    context["links"] = table_links(request, "strips")
    chart = strips.strips_chart(compared, title, names)
    if chart is not None:
        subtitle = f"{group.title}, {chosen.title}; медиана и квартили {around}: {len(others)}; {_source(chosen)}"
        context["figure"] = figure_of(
            request, chart, data, key="strips", subtitle=subtitle, municipality=chosen.municipality.pk
        )
    return context


def _by_name(chosen: Chosen, group: Group, alike: tuple[SchoolLine, ...]) -> str:
    """The address that compares the first schools of a list by name."""
    schools = [("school", str(line.school.public_id)) for line in alike[:MAX_NAMED]]
    return f"{reverse('monitoring:compare')}{chosen.query}&{urlencode([('group', group.code), *schools])}"


# --- the grades -------------------------------------------------------------------------------------------------------


@requires(Permission.SEE_DASHBOARD)
@require_safe
def grades(request: HttpRequest) -> HttpResponse:
    """Programmes by grade: people of pupils, and the grades that a programme leaves out (W-19)."""
    chosen = choose(request)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    matrix = grade_matrix(chosen.municipality, chosen.year, preliminary=chosen.preliminary)
    about = [("Муниципалитет", chosen.municipality.name), ("Источник", _source(chosen).removeprefix("источник – "))]
    file = asked(request, {"grades": lambda: grade_table.grades_data(matrix, year=chosen.year or 0, about=about)})
    if file is not None:
        return file
    context = {
        "chosen": chosen,
        "grades": matrix.grades,
        "pupils": [matrix.pupils.get(grade) for grade in matrix.grades],
        "programmes": grade_table.grade_groups(matrix),
        "gaps": [(one, grade_table.gap_words(one)) for one in matrix.gaps],
        "headline": grade_table.grades_headline(matrix),
        "subtitle": f"{chosen.title}, классы {matrix.grades[0]}–{matrix.grades[-1]}; {_source(chosen)}",
        "links": table_links(request, "grades"),
    }
    return render(request, "monitoring/compare/grades.html", context)
