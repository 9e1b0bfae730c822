"""The dashboard of a municipality: overview, schools by indicator, one indicator, the collection, targets."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from monitoring import actions, charts, tables
from monitoring.forms.dashboard import TargetForm
from monitoring.queries import sentences
from monitoring.queries.board import progress
from monitoring.queries.comparison import Definition, by_kind, definition_of, ordered
from monitoring.queries.forms import campaigns_of_year
from monitoring.queries.overview import (
    IndicatorHistory,
    median_of,
    overview,
    school_lines,
)
from monitoring.views.chosen import Chosen, choose, nothing_to_show
from portal import chart_files
from portal.access import load, member_of, requires
from portal.actions import ActionRefused
from portal.charts import Chart
from portal.formats import NBSP, school_year, school_year_short
from portal.roles import Permission


@requires(Permission.SEE_DASHBOARD)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    chosen = choose(request)
    if not chosen.usable:
        return nothing_to_show(request, chosen)
    shown = overview(chosen.municipality, chosen.year or 0, preliminary=chosen.preliminary)
    lines = school_lines(chosen.municipality, shown.year, preliminary=chosen.preliminary)
    tiles, without_value = tables.tiles_of(shown, chosen.query)
    context = {
        "chosen": chosen,
        "overview": shown,
        "tiles": tiles,
        "without_value": without_value,
        "groups": tables.group_tables(shown.groups, chosen.query),
        "years": [school_year_short(year) for year in shown.years],
        "attention": sentences.attention(shown, lines, progress(chosen.municipality, shown.year)),
    }
    return render(request, "monitoring/dashboard.html", context)


@requires(Permission.SEE_DASHBOARD)
@require_safe
def schools(request: HttpRequest) -> HttpResponse:
    """Schools × indicators, one group of indicators at a time; `?order=4.1` sorts by an indicator."""
    chosen = choose(request)
    if not chosen.usable:
        return nothing_to_show(request, chosen)
    shown = overview(chosen.municipality, chosen.year or 0, preliminary=chosen.preliminary)
    lines = school_lines(chosen.municipality, shown.year, preliminary=chosen.preliminary)
    groups = [group for group in shown.groups if any(one.now and one.now.expected for one in group.indicators)]
    group = next((one for one in groups if one.code == request.GET.get("group")), groups[0] if groups else None)
    if group is None:
        return nothing_to_show(request, chosen)
    indicators = [one for one in group.indicators if one.now and one.now.expected]
    order = request.GET.get("order", "name")
    context = {
        "chosen": chosen,
        "groups": groups,
        "group": group,
        "columns": [_column(one, order, chosen) for one in indicators],
        "rows": tables.school_rows(ordered(lines, order), [one.code for one in indicators]),
        "totals": [tables.cell_of(one.now) for one in indicators],
        "medians": [charts.value_of(median_of(lines, one.code), one.kind) for one in indicators],
        "order": order,
    }
    return render(request, "monitoring/dashboard_schools.html", context)


def _column(history: IndicatorHistory, order: str, chosen: Chosen) -> dict[str, str]:
    """The head of a column; a second press on it turns the order round."""
    ascending, descending = f"-{history.code}", history.code
    return {
        "code": history.code,
        "name": history.name,
        "url": tables.indicator_url(history.code, chosen.query),
        "order": ascending if order == descending else descending,
        "sorted": {descending: "descending", ascending: "ascending"}.get(order, ""),
    }


@requires(Permission.SEE_DASHBOARD)
@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    definition = _definition(code)
    chosen = choose(request)
    if not chosen.usable:
        return nothing_to_show(request, chosen)
    history = overview(chosen.municipality, chosen.year or 0, preliminary=chosen.preliminary).get(code)
    context = {
        "chosen": chosen,
        "definition": definition,
        "history": history,
        "may_set_targets": member_of(request).may(Permission.SET_TARGETS),
    } | _links(definition, chosen)
    if history is not None:
        lines = school_lines(chosen.municipality, chosen.year or 0, preliminary=chosen.preliminary)
        context |= _told(history, chosen) | {
            "kinds": _kinds(history, lines, chosen),
            "rank_note": sentences.rank_note(),
        }
    return render(request, "monitoring/indicator.html", context)


def _definition(code: str) -> Definition:
    definition = definition_of(code)
    if definition is None:
        raise Http404
    return definition


def _links(definition: Definition, chosen: Chosen) -> dict[str, str]:
    """Addresses of the indicators before and after a changed definition, and of the target's form."""
    neighbours = {"predecessor": definition.predecessor, "successor": definition.successor}
    links = {f"{name}_url": tables.indicator_url(code, chosen.query) for name, code in neighbours.items() if code}
    return links | {"target_url": reverse("monitoring:target", args=[definition.code]) + chosen.query}


def _told(history: IndicatorHistory, chosen: Chosen) -> dict[str, Any]:
    return {
        "figure": figure_of(charts.history_chart(history), chosen.municipality.pk),
        "years": tables.year_cells(history),
        "trend": sentences.trend_sentence(history),
        "three_years": sentences.three_years_sentence(history),
        "conclusion": sentences.conclusion(history),
        "now": tables.cell_of(history.now),
        "target": sentences.target_words(history),
    }


def _kinds(history: IndicatorHistory, lines: Any, chosen: Chosen) -> list[dict[str, Any]]:
    """The schools of each kind: their bars, and the table of all of them."""
    shown = []
    for kind in by_kind(lines, history.code, history.better):
        chart = charts.schools_chart(history, kind)
        shown.append(
            {
                "label": kind.peers.kind.label,
                "rows": tables.kind_rows(history, kind),
                "median": charts.value_of(kind.peers.median, history.kind) if kind.peers.count else "",
                "count": kind.peers.count,
                "figure": figure_of(chart, chosen.municipality.pk) if chart else None,
            }
        )
    return shown


def figure_of(chart: Chart, municipality: int, school: int | None = None) -> dict[str, str]:
    """A kept picture with the words that stand around it."""
    key = chart_files.keep(chart, municipality=municipality, school=school)
    return {"title": chart.title, "alt": chart.alt, "src": reverse("chart", args=[key])}


@requires(Permission.SET_TARGETS)
@require_http_methods(["GET", "HEAD", "POST"])
def target(request: HttpRequest, code: str) -> HttpResponse:
    """Set, change or take away the target of an indicator for the year of the address."""
    definition = _definition(code)
    chosen = choose(request)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    history = overview(chosen.municipality, chosen.year).get(code)
    back = tables.indicator_url(code, chosen.query)
    given = sentences.target_value(history).removesuffix(f"{NBSP}%") if history else ""
    form = TargetForm(request.POST or None, is_count=definition.is_count, initial={"value": given})
    if request.method == "POST" and form.is_valid() and _target_kept(request, form, definition, chosen):
        messages.success(request, f"Целевое значение на {school_year(chosen.year)} сохранено.")
        return redirect(back)
    context = {"form": form, "definition": definition, "chosen": chosen, "back": back, "history": history}
    return render(request, "monitoring/target.html", context, status=422 if form.errors else 200)


def _target_kept(request: HttpRequest, form: TargetForm, definition: Definition, chosen: Chosen) -> bool:
    """Write the target; a refusal becomes the field's error."""
    try:
        actions.set_target(
            municipality=chosen.municipality,
            year=chosen.year or 0,
            indicator=definition.model,
            value=form.cleaned_data["value"],
            by=member_of(request).user,
        )
    except ActionRefused as refusal:
        form.add_error("value", str(refusal))
        return False
    return True


@requires(Permission.SEE_DASHBOARD)
@require_safe
def collection(request: HttpRequest) -> HttpResponse:
    """How the collection of a year goes is the board of its campaign; this address only finds it."""
    chosen = choose(request, newest=True)
    if not chosen.usable:
        return nothing_to_show(request, chosen)
    first = load(request, campaigns_of_year(member_of(request), chosen.year or 0), municipality=chosen.municipality)
    return redirect("monitoring:campaign", first.public_id)
