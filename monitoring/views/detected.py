"""«Проверка данных по муниципалитету»: what the accepted numbers of a year show against each other."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from monitoring.detectors import Finding
from monitoring.finding_tables import by_rule, finding_lines, findings_table, links_to_indicators, rule_counts
from monitoring.queries.published.detected import Detected, detect
from monitoring.views.chosen import choose, nothing_to_show
from portal.access import requires
from portal.datatables import asked
from portal.figures import table_links
from portal.formats import plural, school_year
from portal.roles import Permission


@requires(Permission.SEE_DASHBOARD)
@require_safe
def detected(request: HttpRequest) -> HttpResponse:
    """Findings of a year; `?code=W-01` keeps one rule, `?group=support` the indicators of one group."""
    chosen = choose(request)
    if not chosen.usable:
        return nothing_to_show(request, chosen)
    year = chosen.year or 0
    found = detect(chosen.municipality, year)
    code, group = request.GET.get("code", ""), request.GET.get("group", "")
    kept = [one for one in found.findings if code in {"", one.code} and _in_group(one, group, found)]
    about = (
        ("Муниципалитет", chosen.municipality.name),
        ("Период", school_year(year)),
        ("Источник", "принятые данные портала за этот учебный год и два предыдущих"),
    )
    title = f"Проверка данных по муниципалитету, {school_year(year)}"
    answer = asked(request, {"findings": lambda: findings_table("findings", title, kept, about)})
    if answer:
        return answer
    context = {
        "chosen": chosen,
        "found": found,
        "summary": _summary(found),
        "groups": by_rule(finding_lines(kept, links_to_indicators(found.indicators, chosen.query, year))),
        "rules": rule_counts(found.findings),
        "indicator_groups": _groups(found),
        "code": code,
        "group": group,
        "links": table_links(request, "findings"),
    }
    return render(request, "monitoring/detected.html", context)


def _in_group(finding: Finding, group: str, found: Detected) -> bool:
    return not group or any(found.indicators[spot.series].group.code == group for spot in finding.spots)


def _groups(found: Detected) -> list[tuple[str, str]]:
    """Groups of indicators that findings speak of."""
    groups = {
        indicator.group.code: indicator.group
        for finding in found.findings
        for spot in finding.spots
        if (indicator := found.indicators[spot.series])
    }
    return [(one.code, one.title) for one in sorted(groups.values(), key=lambda group: group.order)]


def _summary(found: Detected) -> str:
    looked = plural(found.looked_at, "показатель", "показателя", "показателей")
    if not found.findings:
        return f"Проверено: {looked}. Ничего необычного не найдено."
    return f"Проверено: {looked}. Стоит посмотреть: {plural(len(found.findings), 'случай', 'случая', 'случаев')}."
