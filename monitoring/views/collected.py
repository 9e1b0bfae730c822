"""Which declared indicators are collected in a year, and the department's words about those that are not."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from monitoring.actions.wordings import set_collection_note
from monitoring.enums import Collected
from monitoring.forms.passports import NoteForm
from monitoring.models import Indicator
from monitoring.queries.passports.collected import Standing, collected, note_of
from monitoring.queries.passports.passports import find_thing
from monitoring.queries.passports.wordings import names_of
from monitoring.views.chosen import Chosen, choose, nothing_to_show
from portal.access import member_of, requires
from portal.actions import ActionRefused
from portal.datatables import Column, DataCell, DataTable, asked
from portal.figures import table_links
from portal.formats import plural
from portal.roles import Permission

TABLE = "collected"
# The sign of each state in templates/_parts/state.html.
_TAGS = {Collected.FULLY: "done", Collected.PARTLY: "edit", Collected.NOT: "warning", Collected.OUTSIDE: "info"}


@requires(Permission.SEE_DASHBOARD)
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """The state of every declared indicator of a year; `?state=not` shows only one state."""
    chosen = choose(request)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    shown = collected(chosen.municipality, chosen.year)
    if answer := asked(request, {TABLE: lambda: _table(shown, chosen)}):
        return answer
    state = request.GET.get("state", "")
    known = state if state in Collected else ""
    context = {
        "chosen": chosen,
        "standing": shown,
        "state": known,
        "rows": [(row, _TAGS[row.state]) for row in shown.rows if known in ("", row.state)],
        "links": table_links(request, TABLE),
        "missing": plural(len(shown.missing), "показатель", "показателя", "показателей"),
        "may_edit": member_of(request).may(Permission.EDIT_WORDINGS),
    }
    return render(request, "monitoring/passports/collected.html", context)


def _table(shown: Standing, chosen: Chosen) -> DataTable:
    columns = (
        Column("Код", "code"),
        Column("Показатель", "name"),
        Column("Группа", "group"),
        Column("Состояние", "state"),
        Column("Почему", "reason"),
        Column("Данные", "coverage"),
        Column("Пояснение управления", "note"),
    )
    rows = tuple(
        tuple(
            DataCell(words, words)
            for words in (
                row.code,
                row.name,
                row.group,
                str(row.state.label),
                row.words,
                row.coverage,
                row.note.text if row.note else "",
            )
        )
        for row in shown.rows
    )
    about = (
        ("Муниципалитет", chosen.municipality.name),
        ("Период", chosen.title),
        ("Источник", "принятые формы школ"),
    )
    return DataTable(f"collected-{shown.year}", "Состояние показателей", columns, rows, about)


@requires(Permission.EDIT_WORDINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def note(request: HttpRequest, code: str) -> HttpResponse:
    """Why an indicator is not collected in the year of the address, in the department's words."""
    indicator = find_thing(code, element=False)
    if not isinstance(indicator, Indicator):
        raise Http404
    chosen = choose(request)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    kept = note_of(chosen.municipality, chosen.year, indicator)
    form = NoteForm(request.POST or None, initial={"text": kept.text if kept else ""})
    back = reverse("monitoring:collected") + chosen.query
    if request.method == "POST" and form.is_valid():
        try:
            said = set_collection_note(
                municipality=chosen.municipality,
                year=chosen.year,
                indicator=indicator,
                text=form.cleaned_data["text"],
                by=member_of(request).user,
            )
        except ActionRefused as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, "Пояснение сохранено." if said else "Пояснение убрано.")
            return redirect(back)
    name = names_of(chosen.municipality).get(code, indicator.name)
    context = {"form": form, "indicator": indicator, "name": name, "chosen": chosen, "back": back}
    return render(request, "monitoring/passports/note.html", context, status=422 if form.errors else 200)
