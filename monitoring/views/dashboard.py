"""The dashboard of a municipality: the overview of a year, its collection."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from monitoring import datatables, tables
from monitoring.queries.entry.lists import campaigns_of_year
from monitoring.queries.results.attention import attention, lateness, unaccepted
from monitoring.queries.results.overview import (
    HISTORY,
    IN_TABLES,
    Overview,
    overview,
)
from monitoring.views.chosen import Chosen, choose, nothing_to_show
from portal.access import load, member_of, requires
from portal.datatables import asked
from portal.figures import table_links
from portal.formats import school_year_short
from portal.roles import Permission


@requires(Permission.SEE_DASHBOARD)
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The year at a glance: what is worst, who is late, better or worse; the cards; all indicators."""
    chosen = choose(request, pins=True)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    shown = overview(
        chosen.municipality, chosen.year, preliminary=chosen.preliminary, version=chosen.version, history=HISTORY
    )
    answer = asked(request, {"indicators": lambda: datatables.indicators(shown, _about(shown, chosen))})
    if answer is not None:
        return answer
    now = timezone.now()
    late = None if chosen.version else lateness(chosen.municipality, now)
    tiles, without_value = tables.tiles_of(shown, chosen.query)
    context = {
        "chosen": chosen,
        "overview": shown,
        "answers": tables.answers_of(shown, chosen.query, late, now),
        "tiles": tiles,
        "without_value": without_value,
        "groups": tables.group_tables(shown.groups, chosen.query),
        "years": [school_year_short(year) for year in shown.years[-IN_TABLES:]],
        "attention": attention(shown, unaccepted(chosen.municipality, shown.year, chosen.version)),
        "links": table_links(request, "indicators"),
        "pin_url": f"{request.path}{chosen.query}&version={shown.data_version}",
        "now_url": f"{request.path}{chosen.query_of_now}",
    }
    return render(request, "monitoring/dashboard.html", context)


def _about(shown: Overview, chosen: Chosen) -> datatables.About:
    return datatables.about(
        None, chosen.municipality.name, chosen.title, str(shown.data_version), "", preliminary=chosen.preliminary
    )


@requires(Permission.SEE_DASHBOARD)
@require_safe
def collection(request: HttpRequest) -> HttpResponse:
    """How the collection of a year goes is the board of its campaign; this address only finds it."""
    chosen = choose(request, newest=True)
    if not chosen.usable:
        return nothing_to_show(request, chosen)
    first = load(request, campaigns_of_year(member_of(request), chosen.year or 0), municipality=chosen.municipality)
    return redirect("monitoring:campaign", first.public_id)
