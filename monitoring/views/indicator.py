"""One indicator of a municipality: definition, trend, schools by kind, what was said of its numbers, its target."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from monitoring import actions, charts, datatables, tables
from monitoring.forms.dashboard import TargetForm
from monitoring.queries.passports.wordings import names_of
from monitoring.queries.published.published import published_points
from monitoring.queries.results import said, sentences
from monitoring.queries.results.comparison import Definition, KindLines, by_kind, definition_of, like_for_like
from monitoring.queries.results.overview import HISTORY, IndicatorHistory, SchoolLine, overview, school_lines
from monitoring.views.chosen import Chosen, choose, nothing_to_show
from portal import figures
from portal.access import member_of, requires
from portal.actions import ActionRefused
from portal.datatables import asked
from portal.formats import NBSP, number, plural_form, school_year, school_year_short
from portal.roles import Permission

PAGE = 100  # schools of a kind on one page


@requires(Permission.SEE_DASHBOARD)
@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    definition = _definition(code)
    chosen = choose(request, pins=True)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    mode: dict[str, Any] = {"preliminary": chosen.preliminary, "version": chosen.version}
    shown = overview(chosen.municipality, chosen.year, history=HISTORY, **mode)
    history = shown.get(code)
    context = {
        "chosen": chosen,
        "definition": definition,
        "name": names_of(chosen.municipality).get(code, definition.model.name),
        "history": history,
        "may_set_targets": member_of(request).may(Permission.SET_TARGETS),
        "may_see_forms": member_of(request).may(Permission.SEE_FORMS),
        "said": said.said_about(chosen.municipality, chosen.year, definition.model),
        "most_said": said.MOST,
        "published": datatables.published_rows(published_points(chosen.municipality, code)),
        "pin_url": f"{reverse('monitoring:indicator', args=[code])}{chosen.query}&version={shown.data_version}",
        "now_url": reverse("monitoring:indicator", args=[code]) + chosen.query_of_now,
    } | _links(definition, chosen)
    if history is not None:
        lines = school_lines(chosen.municipality, chosen.year, codes=(code,), **mode)
        before = school_lines(chosen.municipality, chosen.year - 1, codes=(code,), **mode)
        kinds = by_kind(lines, code, history.better)
        about = datatables.about(
            definition,
            chosen.municipality.name,
            chosen.title,
            str(shown.data_version),
            sentences.coverage_words(history.now),
            preliminary=chosen.preliminary,
        )
        files = _tables(history, kinds, about)
        if (answer := asked(request, files)) is not None:
            return answer
        context |= _told(request, history, chosen, files) | {
            "same_schools": sentences.same_schools_sentence(history, like_for_like(lines, before, code)),
            "kinds": [_kind(request, history, kind, chosen, files) for kind in kinds],
            "spread": _spread(request, history, kinds, chosen, files),
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
    return links | {"target_url": reverse("monitoring:target", args=[definition.code]) + chosen.query_of_now}


def _tables(history: IndicatorHistory, kinds: tuple[KindLines, ...], about: datatables.About) -> dict[str, Any]:
    """The tables of the page by their keys; each is made only when it is shown or asked for."""
    by_kinds = {f"schools-{kind.peers.kind.value}": partial(datatables.schools, history, kind, about) for kind in kinds}
    return {
        "trend": partial(datatables.history, history, about),
        "spread": partial(datatables.spread, history, kinds, about),
    } | by_kinds


def _told(request: HttpRequest, history: IndicatorHistory, chosen: Chosen, files: dict[str, Any]) -> dict[str, Any]:
    first, last = (school_year_short(history.points[place].year) for place in (0, -1))
    coverage = sentences.coverage_words(history.now)
    return {
        "figure": figures.figure_of(
            request,
            charts.history_chart(history),
            files["trend"](),
            key="trend",
            subtitle=f"По учебным годам, {first} – {last}" + (f"; последний год {coverage}." if coverage else "."),
            note=f"{chosen.pinned_words}." if chosen.version else "",
            municipality=chosen.municipality.pk,
        ),
        "years": tables.history_cells(history),
        "trend": sentences.trend_sentence(history),
        "three_years": sentences.three_years_sentence(history),
        "conclusion": sentences.conclusion(history),
        "now": tables.cell_of(history.now),
        "target": sentences.target_words(history),
        "target_value": sentences.target_value(history),
    }


def _kind(
    request: HttpRequest, history: IndicatorHistory, kind: KindLines, chosen: Chosen, files: dict[str, Any]
) -> dict[str, Any]:
    """The schools of one kind: their bars, and the table of all of them, a hundred to a page."""
    key = f"schools-{kind.peers.kind.value}"
    page: Page[SchoolLine] = Paginator(kind.lines, PAGE).get_page(request.GET.get(key))
    chart = charts.schools_chart(history, kind)
    first = (page.number - 1) * PAGE
    return {
        "key": key,
        "label": kind.peers.kind.label,
        "rows": tables.kind_rows(history, kind, slice(first, first + PAGE)),
        "page": page,
        "median": sentences.value_of(kind.peers.median, history.kind) if kind.peers.count else "",
        "count": kind.peers.count,
        "links": figures.table_links(request, key),
        "figure": figures.figure_of(
            request,
            chart,
            files[key](),
            key=key,
            subtitle=_kind_words(kind, chosen),
            municipality=chosen.municipality.pk,
        )
        if chart
        else None,
    } | _steps(request, key, page)


def _kind_words(kind: KindLines, chosen: Chosen) -> str:
    schools = plural_form(len(kind.lines), "школы", "школ", "школ")
    drawn = min(kind.peers.count, charts.MAX_BARS)
    return f"{chosen.title}; показаны {number(drawn)} из {number(len(kind.lines))} {schools} этого вида."


def _steps(request: HttpRequest, key: str, page: Page[SchoolLine]) -> dict[str, str]:
    """Addresses of the pages before and after, with everything else of the address kept."""
    steps = {}
    if page.has_previous():
        steps["previous"] = page.previous_page_number()
    if page.has_next():
        steps["next"] = page.next_page_number()
    asked_for = request.GET.copy()
    told = {}
    for name, page_number in steps.items():
        asked_for[key] = str(page_number)
        told[name] = f"?{asked_for.urlencode()}#{key}"
    return told


def _spread(
    request: HttpRequest, history: IndicatorHistory, kinds: tuple[KindLines, ...], chosen: Chosen, files: dict[str, Any]
) -> figures.Figure | None:
    chart = charts.spread_chart(history, kinds)
    if chart is None:
        return None
    return figures.figure_of(
        request,
        chart,
        files["spread"](),
        key="spread",
        subtitle=f"Каждая точка – школа с основой от 20 человек; {chosen.title}.",
        municipality=chosen.municipality.pk,
    )


# --- the target -------------------------------------------------------------------------------------------------------


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
