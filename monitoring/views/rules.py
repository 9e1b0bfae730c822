"""Checks and their bounds: the list that everybody may read, the bounds that a methodist sets, and which are noise."""

from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from monitoring import actions
from monitoring.actions import Bounds
from monitoring.forms.rules import RuleFilter, RuleForm
from monitoring.models import Check
from monitoring.queries.campaigns.rules import (
    RuleRow,
    bounds_in_words,
    check_by_code,
    reason_counts,
    rule_counts,
    rules_in_words,
    settings_of,
    year_of_rules,
)
from monitoring.queries.entry.lists import catalogue_forms
from monitoring.queries.results.overview import years_of
from portal.access import member_of, municipality_of, requires
from portal.actions import ActionRefused
from portal.formats import date_digits
from portal.roles import Permission


@requires(Permission.SEE_FORMS)
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All checks in force with their bounds, to read and to print."""
    municipality = municipality_of(request)
    year = year_of_rules(municipality, _this_year())
    titles = [(form.code, form.title) for form in catalogue_forms()]
    every = rules_in_words(municipality, year)
    sections = list(dict.fromkeys((row.section, row.section_title) for row in every))
    chosen = RuleFilter(request.GET or None, titles=titles, sections=sections)
    form, severity, section = chosen.chosen("form"), chosen.chosen("severity"), chosen.chosen("section")
    rows = [
        row
        for row in (rules_in_words(municipality, year, form) if form else every)
        if (not severity or row.rule.severity == severity) and (not section or row.section == section)
    ]
    listed = [row for row in rows if not row.rule.implied]
    context = {
        "year": year,
        "filter": chosen,
        "groups": _by_section(listed),
        "implied": [row for row in rows if row.rule.implied],
        "may_set": member_of(request).may(Permission.SET_RULES),
        "may_count": member_of(request).may(Permission.SEE_CAMPAIGNS),
    }
    return render(request, "monitoring/rules.html", context)


@requires(Permission.SET_RULES)
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """The bounds of one check with every earlier version. A POST adds a version; with `restore`, an earlier one's."""
    check = check_by_code(code)
    if check is None:
        raise Http404
    history = settings_of(municipality_of(request), check)
    if request.method == "POST" and "restore" in request.POST:
        return _restored(request, check)
    form = RuleForm(request.POST or None, check=check, setting=history[0] if history else None)
    if request.method == "POST" and form.is_valid():
        try:
            _keep(request, check, form.bounds(), form.cleaned_data["note"])
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Порог сохранён. Он действует с этой минуты.")
            return redirect("monitoring:rule", check.code)
    context = {
        "check": check,
        "form": form,
        "catalogue": bounds_in_words(check),
        "history": [(one, bounds_in_words(check, one)) for one in history],
    }
    return render(request, "monitoring/rule.html", context, status=422 if form.errors else 200)


def _restored(request: HttpRequest, check: Check) -> HttpResponse:
    """Put back an earlier version, or the catalogue's bounds, as a version of its own."""
    wanted = request.POST["restore"]
    earlier = {str(one.pk): one for one in settings_of(municipality_of(request), check)}.get(wanted)
    if earlier is None and wanted != "0":
        raise Http404
    if earlier:
        bounds = Bounds(earlier.percent, earlier.people, earlier.enabled)
        note = f"Возвращён порог от {date_digits(timezone.localdate(earlier.at))}"
    else:
        bounds = Bounds(None, None)
        note = "Возвращён порог каталога"
    try:
        _keep(request, check, bounds, note)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{note}. Он действует с этой минуты.")
    return redirect("monitoring:rule", check.code)


def _keep(request: HttpRequest, check: Check, bounds: Bounds, note: str) -> None:
    """Raises ActionRefused."""
    actions.set_rule(
        check=check, municipality=municipality_of(request), bounds=bounds, note=note, by=member_of(request).user
    )


@requires(Permission.SEE_CAMPAIGNS)
@require_safe
def rule_statistics(request: HttpRequest) -> HttpResponse:
    """Which warnings led to a correction in a year, which were only explained, and why."""
    municipality, member = municipality_of(request), member_of(request)
    years = years_of(municipality)
    wanted = request.GET.get("year", "")
    year = next((one for one in years if str(one) == wanted), None)
    shown = year or (years[0] if years else _this_year())
    context = {
        "year": shown,
        "years": years,
        "counts": rule_counts(member, shown),
        "reasons": reason_counts(member, shown),
        "may_set": member.may(Permission.SET_RULES),
    }
    return render(request, "monitoring/rule_statistics.html", context)


def _by_section(rows: list[RuleRow]) -> list[tuple[str, list[RuleRow]]]:
    ordered = sorted(rows, key=lambda row: row.rule.order)
    sections = dict.fromkeys(row.section for row in ordered)
    return [
        (title, list(group))
        for (_, title), group in groupby(
            sorted(ordered, key=lambda row: list(sections).index(row.section)),
            key=lambda row: (row.section, row.section_title),
        )
    ]


def _this_year() -> int:
    today = timezone.localdate()
    return today.year if today.month >= 9 else today.year - 1
