"""The board of a campaign: who has not handed in, and what to do about it for several schools at once."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from monitoring import actions, charts, datatables
from monitoring.actions.extension import extend
from monitoring.enums import FormState
from monitoring.forms.campaigns import BoardFilter, end_of_day
from monitoring.forms.review import ExtendForm
from monitoring.models import Campaign
from monitoring.queries.campaigns.board import (
    BoardRow,
    Progress,
    board,
    found,
    groups_of,
    in_group,
    ordered,
    progress_of,
)
from monitoring.queries.campaigns.board_cells import sections_of
from monitoring.queries.campaigns.pace import PaceOfYears, pace_of_years
from monitoring.queries.entry.lists import campaigns, campaigns_of_year
from monitoring.queries.results.sentences import progress_words
from monitoring.workflow import MoveRefused
from portal.access import load, member_of, requires
from portal.actions import ActionRefused
from portal.chart_specs import Chart
from portal.datatables import DataTable
from portal.datatables import asked as file_asked
from portal.figures import Figure, figure_of
from portal.formats import plural, plural_form, school_year
from portal.models import Membership
from portal.roles import Permission

NOBODY = "Отметьте школы в таблице и нажмите кнопку ещё раз."


@requires(Permission.SEE_CAMPAIGNS, Permission.SEE_DASHBOARD)
@require_safe
def campaign(request: HttpRequest, public_id: str) -> HttpResponse:
    """`?state=` keeps a state or a group, `?q=` schools by name, `?order=` sorts, `?view=sections` shows sections."""
    member, shown = member_of(request), _loaded(request, public_id)
    asked = BoardFilter(request.GET).asked()
    rows, now = board(member, shown), timezone.now()
    progress = progress_of(shown, [row.submission for row in rows])
    pace = pace_of_years(shown, now)
    tables = _tables(progress, pace)
    file = file_asked(request, tables)
    if file is not None:
        return file
    context: dict[str, Any] = {
        "campaign": shown,
        "same_year": campaigns_of_year(member, shown.year),
        "progress": progress,
        "line": "" if now < shown.opens_at else progress_words(progress, now),
        "warnings": sum(row.doubts.warnings for row in rows if row.expected),
        "figures": _figures(request, progress, pace, tables),
        "rows": ordered([row for row in found(rows, asked["q"]) if in_group(row, asked["state"])], asked["order"]),
        "groups": groups_of(rows),
        "asked": asked,
        "now": now,
        "may_open": member.may(Permission.SEE_FORMS),
        "may_run": member.may(Permission.RUN_CAMPAIGNS) and shown.closed_at is None,
        "may": {
            "accept": member.may(Permission.ACCEPT_FORMS),
            "import": member.may(Permission.IMPORT_VALUES),
            "export": member.may(Permission.EXPORT_VALUES),
            "reopen": member.may(Permission.REOPEN_FORMS),
        },
        "waiting": sum(row.submission.state in {FormState.SENT, FormState.UNDER_REVIEW} for row in rows),
    }
    if asked["view"]:
        titles, states = sections_of(shown)
        context["sections"] = [title for _, title in titles]
        context["matrix"] = [
            (row, [states.get((row.submission.pk, section)) for section, _ in titles]) for row in context["rows"]
        ]
    return render(request, "monitoring/campaign.html", context)


def _tables(progress: Progress, pace: PaceOfYears | None) -> dict[str, Callable[[], DataTable]]:
    """The tables of the figures by their keys; the days only once the campaign is open."""
    launched = progress.campaign
    about = (
        ("Муниципалитет", launched.municipality.name),
        ("Форма", launched.form.title),
        ("Период", school_year(launched.year)),
        ("Источник", "состояния форм на портале; ожидаются школы из списка, кроме закрытых"),
    )
    tables: dict[str, Callable[[], DataTable]] = {"states": partial(datatables.states, progress, about)}
    if pace:
        tables["days"] = partial(datatables.pace, pace, about)
    return tables


def _figures(
    request: HttpRequest,
    progress: Progress,
    pace: PaceOfYears | None,
    tables: Mapping[str, Callable[[], DataTable]],
) -> list[Figure]:
    forms = plural(progress.total, "форма", "формы", "форм")
    expected = plural_form(progress.total, "ожидается", "ожидаются", "ожидается")
    told: list[tuple[str, Chart, str]] = [
        ("states", charts.collection_chart(progress), f"Формы по состояниям; {expected} {forms}.")
    ]
    if pace:
        years = "этот год и прошлый" if pace.last else "этот год"
        told.append(("days", charts.pace_chart(pace), f"Сдано по дням: {years}."))
    return [
        figure_of(
            request,
            chart,
            tables[key](),
            key=key,
            subtitle=subtitle,
            municipality=progress.campaign.municipality_id,
        )
        for key, chart, subtitle in told
    ]


def _loaded(request: HttpRequest, public_id: str) -> Campaign:
    rows = campaigns(member_of(request)).select_related("form", "regulation", "municipality", "contact", "closed_by")
    return load(request, rows, public_id=public_id)


def _chosen(request: HttpRequest, member: Membership, shown: Campaign) -> list[BoardRow]:
    """The rows ticked on the board; `all` means everybody who has not handed in."""
    rows = board(member, shown)
    if "all" in request.GET:
        return [row for row in rows if row.missing]
    codes = set(request.GET.getlist("school"))
    return [row for row in rows if row.submission.school.code in codes]


@requires(Permission.RUN_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_remind(request: HttpRequest, public_id: str) -> HttpResponse:
    """Who of the ticked schools will be reminded and who not; POST reminds them."""
    member, shown = member_of(request), _loaded(request, public_id)
    rows = _chosen(request, member, shown)
    if not rows:
        messages.error(request, NOBODY)
        return redirect("monitoring:campaign", public_id)
    going = [row for row in rows if row.missing and row.contacts]
    errors = []
    if request.method == "POST":
        try:
            count = actions.remind(submissions=[row.submission for row in going], by=member)
        except ActionRefused as refusal:
            errors = [{"text": str(refusal)}]
        else:
            messages.success(request, f"Напоминание отправлено: {plural(count, 'школа', 'школы', 'школ')}.")
            return redirect("monitoring:campaign", public_id)
    today = timezone.localdate()
    context = {
        "campaign": shown,
        "going": going,
        "done": [row for row in rows if not row.missing],
        "alone": [row for row in rows if row.missing and not row.contacts],
        "again": [row for row in going if row.reminders and timezone.localdate(row.reminders[0].at) == today],
        "errors": errors,
    }
    return render(request, "monitoring/campaign_remind.html", context, status=422 if errors else 200)


@requires(Permission.RUN_CAMPAIGNS)
@require_http_methods(["GET", "HEAD", "POST"])
def campaign_extend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Until when and why the ticked schools may hand in later; POST extends all of them or none."""
    member, shown = member_of(request), _loaded(request, public_id)
    rows = _chosen(request, member, shown)
    if not rows:
        messages.error(request, NOBODY)
        return redirect("monitoring:campaign", public_id)
    going = [row for row in rows if row.missing]
    form = ExtendForm(request.POST or None, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            count = extend(
                submissions=[row.submission for row in going],
                until=end_of_day(form.cleaned_data["until"], shown.municipality),
                reason=form.cleaned_data["reason"],
                by=member,
            )
        except MoveRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            words = plural(count, "школы", "школ", "школ")
            messages.success(request, f"Срок продлён для {words}: им отправлены уведомления.")
            return redirect("monitoring:campaign", public_id)
    context = {"campaign": shown, "form": form, "going": going, "done": [row for row in rows if not row.missing]}
    return render(request, "monitoring/campaign_extend.html", context, status=422 if form.errors else 200)
