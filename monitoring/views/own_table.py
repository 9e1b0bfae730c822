"""Своя таблица: choosing, showing, keeping by name."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring.actions import saved as actions
from monitoring.forms.own_table import TableNameForm, read_choice, wants_preliminary, words_of
from monitoring.queries.results.sentences import short_value
from monitoring.queries.tables.own_table import (
    LAYOUTS,
    PAGE,
    SHOWN_COLUMNS,
    SHOWS,
    TOTALS,
    Cell,
    Choice,
    OwnTable,
    formulas,
    too_big,
)
from monitoring.queries.tables.own_table import (
    own_table as table_of,
)
from monitoring.queries.tables.saved import saved_tables as kept_tables
from monitoring.queries.tables.table_offer import Offer, offer_of
from portal.access import load, member_of, municipality_of, requires
from portal.actions import ActionRefused
from portal.datatables import Column, DataCell, DataTable, asked
from portal.figures import Link, file_links
from portal.roles import Permission

KEY = "own"


@requires(Permission.SEE_DASHBOARD)
@require_safe
def own_table(request: HttpRequest) -> HttpResponse:
    """The form of the choice and, under it, the table; the address holds all of it."""
    offer = offer_of(municipality_of(request), preliminary=wants_preliminary(request.GET))
    choice, problems = read_choice(request.GET, offer)
    sentence = _obstacle(choice, offer)
    table = None if sentence else table_of(choice, offer)
    if table is not None:
        file = asked(request, {KEY: lambda: file_of(table, choice, offer)})
        if file is not None:
            return file
    words = words_of(request.GET)
    context: dict[str, Any] = {
        "offer": offer,
        "choice": choice,
        "problems": problems,
        "words": words,
        "groups": offer.found(words, choice.what),
        "picked": [offer.items[code] for code in choice.what],
        "layouts": LAYOUTS,
        "shows": SHOWS,
        "totals": TOTALS,
        "sentence": sentence or ("" if table else _NOTHING),
        "may_keep": member_of(request).may(Permission.KEEP_TABLES),
    }
    if table is not None:
        context |= _shown(request, table, choice)
    return render(request, "monitoring/tables/own.html", context)


_NOTHING = (
    "По этому выбору данных нет: эти показатели не запрашивались у выбранных школ в выбранные годы. "
    "Измените годы или школы."
)


def _obstacle(choice: Choice, offer: Offer) -> str:
    """Why there is no table yet, in a sentence; empty where there may be one."""
    if not offer.years:
        return "Данных пока нет: сбор данных ещё не проводился."
    if not choice.what:
        return "Отметьте показатели и нажмите «Показать таблицу»."
    if not offer.meant(choice.years):
        return "За выбранные годы данных нет. Отметьте другие годы."
    return too_big(choice, offer)


def _shown(request: HttpRequest, table: OwnTable, choice: Choice) -> dict[str, Any]:
    """The part of the table that one page holds: a hundred rows and the totals, fifteen columns; all rows on paper."""
    body = [row for row in table.rows if not row.is_total]
    on_paper = "print" in request.GET
    page = Paginator(body, max(len(body), 1) if on_paper else PAGE).get_page(request.GET.get("page"))
    address = f"{request.path}?{choice.query}"
    return {
        "table": table,
        "columns": table.columns[:SHOWN_COLUMNS],
        "rows": [(row, _beside(table, row.cells)) for row in page],
        "sums": [(row, _beside(table, row.cells)) for row in table.rows if row.is_total],
        "page": page,
        "left_out": max(len(table.columns) - SHOWN_COLUMNS, 0),
        "wide": min(len(table.columns), SHOWN_COLUMNS) > 5,
        "on_paper": on_paper,
        "address": address,
        "links": (
            *file_links(request, KEY),
            Link(f"{address}&table={KEY}&format=json", "JSON"),
            Link(f"{address}&print=1", "Для печати"),
            Link(address, "Ссылка"),
        ),
        "form": TableNameForm(initial={"query": choice.query}),
    }


def _beside(table: OwnTable, cells: tuple[Cell, ...]) -> list[tuple[str, Cell]]:
    """Cells with the heads of their columns, which a narrow page prints before them."""
    return [(head.title, cell) for head, cell in zip(table.columns[:SHOWN_COLUMNS], cells, strict=False)]


# --- as a file --------------------------------------------------------------------------------------------------------


def file_of(table: OwnTable, choice: Choice, offer: Offer) -> DataTable:
    """All rows and columns. Where percent and numbers are shown together, the numbers get columns of their own."""
    split = [choice.show == "both" and share for share in table.shares]
    columns = [Column(table.corner, "row")]
    for head, apart in zip(table.columns, split, strict=True):
        if apart:
            columns += [
                Column(head.title, head.code, number=True),
                Column(f"{head.title}, числитель", f"{head.code}.numerator", number=True),
                Column(f"{head.title}, знаменатель", f"{head.code}.denominator", number=True),
            ]
        else:
            columns.append(Column(head.title, head.code, number=True))
    rows = []
    for row in table.rows:
        cells = [DataCell(row.head.title, row.head.title)]
        for cell, apart in zip(row.cells, split, strict=True):
            cells += _apart(cell) if apart else [DataCell(_plain(cell, choice.show), cell.words)]
        rows.append(tuple(cells))
    return DataTable("svoya-tablica", table.title, tuple(columns), tuple(rows), _about(table, choice, offer))


def _apart(cell: Cell) -> list[DataCell]:
    """The value, its numerator and its denominator; a count has no denominator and only a value."""
    sums = cell.measured
    if sums is None or sums.value is None or sums.is_count:
        return [DataCell(_plain(cell, "both"), cell.words), DataCell(None, ""), DataCell(None, "")]
    parts = [DataCell(one, str(one)) for one in (sums.numerator, sums.denominator)]
    return [DataCell(None if sums.small else sums.value, short_value(sums)), *parts]


def _plain(cell: Cell, show: str) -> Any:
    """A number where the cell is one; words where it holds a fraction, a sign, or too small a base for a percent."""
    sums = cell.measured
    if sums is None or sums.value is None or cell.words in {"да", "нет"}:
        return None
    if sums.is_count:
        return sums.numerator
    return None if show == "fraction" or sums.small else sums.value


def _about(table: OwnTable, choice: Choice, offer: Offer) -> tuple[tuple[str, str], ...]:
    covered = [
        (f"Полнота: {' – '.join(filter(None, (row.head.title, head.title)))}", cell.coverage)
        for row in table.rows
        for head, cell in zip(table.columns, row.cells, strict=True)
        if cell.coverage
    ]
    return (
        ("Что показано", table.subtitle),
        ("Знаки", "«…» – нет данных или значения; «х» – показатель не относится; 0 – ноль"),
        *formulas(offer.items[code] for code in choice.what),
        *covered,
        *([("Примечания", " ".join(table.notes))] if table.notes else []),
    )


# --- kept tables ------------------------------------------------------------------------------------------------------


@requires(Permission.SEE_DASHBOARD)
@require_safe
def saved_tables(request: HttpRequest) -> HttpResponse:
    member = member_of(request)
    page = Paginator(kept_tables(member), 50).get_page(request.GET.get("page"))
    context = {"page": page, "may_keep": member.may(Permission.KEEP_TABLES)}
    return render(request, "monitoring/tables/saved.html", context)


@requires(Permission.KEEP_TABLES)
@require_POST
def table_keep(request: HttpRequest) -> HttpResponse:
    """Keep the choice under a name; a taken name asks first."""
    form = TableNameForm(request.POST)
    offer = offer_of(municipality_of(request))
    given = QueryDict(request.POST.get("query", "")[:20_000].replace("\0", ""))
    choice, _ = read_choice(given, offer)
    if form.is_valid():
        try:
            kept = actions.keep_table(
                municipality=offer.municipality,
                name=form.cleaned_data["name"],
                query=choice.query if choice.what else "",
                by=member_of(request),
                replace=form.cleaned_data["replace"],
            )
        except actions.NameTaken as taken:
            form.add_error("name", str(taken))
            form.ask_to_replace()
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Таблица «{kept.name}» сохранена. Её найдут и коллеги из управления.")
            return redirect(f"{reverse('monitoring:own_table')}?{kept.query}")
    context = {"form": form, "back": f"{reverse('monitoring:own_table')}?{choice.query}"}
    return render(request, "monitoring/tables/keep.html", context, status=422)


@requires(Permission.KEEP_TABLES)
@require_http_methods(["GET", "HEAD", "POST"])
def table_rename(request: HttpRequest, public_id: str) -> HttpResponse:
    table = load(request, kept_tables(member_of(request)), public_id=public_id)
    form = TableNameForm(request.POST or None, initial={"name": table.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename_table(table=table, name=form.cleaned_data["name"])
        except ActionRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, "Название изменено.")
            return redirect("monitoring:saved_tables")
    context = {"form": form, "table": table}
    return render(request, "monitoring/tables/rename.html", context, status=422 if form.errors else 200)


@requires(Permission.KEEP_TABLES)
@require_http_methods(["GET", "HEAD", "POST"])
def table_delete(request: HttpRequest, public_id: str) -> HttpResponse:
    table = load(request, kept_tables(member_of(request)), public_id=public_id)
    if request.method == "POST":
        actions.delete_table(table=table)
        messages.success(request, f"Таблица «{table.name}» удалена.")
        return redirect("monitoring:saved_tables")
    return render(request, "monitoring/tables/delete.html", {"table": table, "consequences": _LOST})


_LOST = ["Удалится только сохранённый выбор. Данные школ не изменятся."]
