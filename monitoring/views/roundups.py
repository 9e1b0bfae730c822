"""Round-ups: their list, a new one, the table that sums itself, a school's row, paper and workbook."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from monitoring.actions import roundups as actions
from monitoring.enums import ColumnKind
from monitoring.forms.roundups import (
    DeadlineForm,
    ListFilter,
    RepeatForm,
    RoundupForm,
    as_typed,
    conflict_sentences,
    row_form,
)
from monitoring.models import Roundup
from monitoring.queries.campaigns.roundups import (
    STATES,
    RoundupTable,
    is_late,
    listed,
    open_schools,
    roundups,
    rows,
    rows_of_school,
    standings,
    table_of,
)
from portal.access import load, member_of, membership_of, municipality_of, requires
from portal.actions import ActionRefused
from portal.formats import plural
from portal.models import School
from portal.roles import Permission, Scope
from portal.workbooks import XLSX_TYPE, attachment, write_table

PAGE = 50


def home_slot(request: HttpRequest) -> str | None:
    """A school's people see the round-ups that wait for their row; others have the list in the menu."""
    member = membership_of(request)
    if member is None or member.scope != Scope.SCHOOL or not member.may(Permission.FILL_ROUNDUPS):
        return None
    own = list(rows_of_school(member))
    if not own:
        return None
    return render_to_string("monitoring/roundups/_slot.html", {"rows": own, "now": timezone.now()}, request)


@requires(Permission.SEE_ROUNDUPS)
@require_safe
def roundup_list(request: HttpRequest) -> HttpResponse:
    """All round-ups of the municipality; `?state=` and `?order=` choose and sort."""
    member, asked = member_of(request), ListFilter(request.GET)
    asked.is_valid()
    state, order = (asked.cleaned_data.get(name, "") for name in ("state", "order"))
    page = Paginator(standings(member, state=state, order=order), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": listed(page),
        "states": STATES,
        "state": state,
        "order": order,
        "may_run": member.may(Permission.RUN_ROUNDUPS),
    }
    return render(request, "monitoring/roundups/list.html", context)


@requires(Permission.RUN_ROUNDUPS)
@require_http_methods(["GET", "HEAD", "POST"])
def roundup_new(request: HttpRequest) -> HttpResponse:
    """Name columns, schools and a deadline. A POST with `example` only draws what a school will see."""
    member = member_of(request)
    form = RoundupForm(
        request.POST or None,
        municipality=municipality_of(request),
        today=timezone.localdate(),
        on_offer=open_schools(member),
    )
    only_example = "example" in request.POST
    if request.method == "POST" and form.is_valid() and not only_example:
        given = form.cleaned_data
        try:
            made = actions.ask_roundup(
                by=member,
                title=given["title"],
                note=given["note"],
                due_at=form.due_at,
                columns=form.columns,
                schools=form.chosen,
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            count = plural(len(form.chosen), "организации", "организациям", "организациям")
            messages.success(request, f"Свод отправлен {count}. Ответы появятся в этой таблице.")
            return redirect("monitoring:roundup", made.public_id)
    context = {"form": form, "example": _example(form), "shown_errors": bool(form.errors) and not only_example}
    if request.headers.get("HX-Request"):
        return render(request, "monitoring/roundups/_example.html", context)
    return render(request, "monitoring/roundups/new.html", context, status=422 if context["shown_errors"] else 200)


def _example(form: RoundupForm) -> dict[str, Any] | None:
    """What a school will see of the round-up as it stands on the page; None before the first column."""
    if not form.is_bound or not form.columns:
        return None
    given = form.cleaned_data
    return {
        "title": given.get("title", ""),
        "note": given.get("note", ""),
        "due_on": given.get("due_on"),
        "form": row_form(form.columns)(auto_id="example-%s", use_required_attribute=False),
    }


@requires(Permission.SEE_ROUNDUPS)
@require_safe
def roundup(request: HttpRequest, public_id: str) -> HttpResponse:
    """The table that sums itself."""
    member = member_of(request)
    shown = load(request, roundups(member), public_id=public_id)
    return _table_page(request, shown)


def _table_page(request: HttpRequest, shown: Roundup, form: DeadlineForm | None = None) -> HttpResponse:
    member = member_of(request)
    context = {
        "roundup": shown,
        "table": table_of(shown),
        "may_run": member.may(Permission.RUN_ROUNDUPS),
        "form": form or _deadline_form(shown),
    }
    return render(request, "monitoring/roundups/table.html", context, status=422 if form else 200)


def _deadline_form(shown: Roundup, data: Any = None) -> DeadlineForm:
    today = timezone.localdate()
    due: date = timezone.localtime(shown.due_at).date()
    return DeadlineForm(data, municipality=shown.municipality, today=today, initial={"due_on": max(due, today)})


@requires(Permission.SEE_ROUNDUPS)
@require_safe
def roundup_print(request: HttpRequest, public_id: str) -> HttpResponse:
    """The table on A4, laid on its side when it has more than five columns."""
    shown = load(request, roundups(member_of(request)), public_id=public_id)
    context = {"roundup": shown, "table": table_of(shown), "now": timezone.now()}
    return render(request, "monitoring/roundups/print.html", context)


@requires(Permission.SEE_ROUNDUPS)
@require_safe
def roundup_xlsx(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same table as a workbook; numbers stay numbers and dates stay dates."""
    shown = load(request, roundups(member_of(request)), public_id=public_id)
    table = table_of(shown)
    body: list[list[object]] = []
    for line in table.lines:
        body.append([line.row.school.name, *_plain(line.row.answers, table), line.marks])
    body.append(["Итого", *(one.words if one.sum is None else one.sum for one in table.totals), ""])
    note = f"Ответили {table.answered} из {len(table.lines)}. {table.silent_words}"
    data = write_table(shown.title, ["Организация", *table.heads, "Отметки"], body, note)
    return attachment(f"{shown.title}.xlsx", data, XLSX_TYPE)


def _plain(answers: dict[str, Any], table: RoundupTable) -> list[object]:
    """A school's answers as a workbook keeps them: numbers, dates, words, empty cells."""
    found: list[object] = []
    for column in table.columns:
        answer = answers.get(str(column.order))
        if isinstance(answer, bool):
            answer = "да" if answer else "нет"
        elif answer and column.kind == ColumnKind.DATE:
            answer = date.fromisoformat(answer)
        found.append(answer)
    return found


@requires(Permission.FILL_ROUNDUPS, Permission.RUN_ROUNDUPS)
@require_http_methods(["GET", "HEAD", "POST"])
def roundup_row(request: HttpRequest, public_id: str) -> HttpResponse:
    """One school's row: its own people fill it, or the department for the school."""
    member = member_of(request)
    row = load(request, rows(), public_id=public_id)
    columns = list(row.roundup.columns.all())
    form = row_form(columns)(request.POST or None, initial=as_typed(row))
    conflicts: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            actions.fill_roundup_row(row=row, answers=form.answers, version=form.cleaned_data["version"], by=member)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        except actions.RowChanged as changed:
            row = changed.row
            conflicts = conflict_sentences(form, columns, row)
            form.data = {**request.POST.dict(), "version": str(row.version)}
        else:
            messages.success(request, "Строка сохранена. До закрытия свода её можно исправить.")
            if member.may(Permission.SEE_ROUNDUPS):
                return redirect("monitoring:roundup", row.roundup.public_id)
            return redirect("home")
    now = timezone.now()
    context = {
        "row": row,
        "form": form,
        "conflicts": conflicts,
        "late": is_late(row),
        "overdue": row.roundup.due_at < now,
        "for_school": member.scope != Scope.SCHOOL,
        "locked": actions.CLOSED if row.roundup.closed_at else "",
    }
    return render(request, "monitoring/roundups/row.html", context, status=422 if form.errors or conflicts else 200)


@requires(Permission.RUN_ROUNDUPS)
@require_POST
def roundup_remind(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, roundups(member_of(request)), public_id=public_id)
    try:
        done = actions.remind_silent(roundup=shown)
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("monitoring:roundup", public_id)
    if done.told:
        messages.success(request, f"Напоминание отправлено: {_names(done.told)}.")
    if done.lately:
        messages.info(request, f"Меньше часа назад напоминание уже получили: {_names(done.lately)}.")
    if done.nobody:
        messages.warning(request, f"Некому напомнить, на портале нет сотрудников: {_names(done.nobody)}.")
    if not (done.told or done.lately or done.nobody):
        messages.info(request, "Ответили все, напоминать некому.")
    return redirect("monitoring:roundup", public_id)


def _names(schools: tuple[School, ...]) -> str:
    return ", ".join(school.name for school in schools)


@requires(Permission.RUN_ROUNDUPS)
@require_POST
def roundup_deadline(request: HttpRequest, public_id: str) -> HttpResponse:
    shown = load(request, roundups(member_of(request)), public_id=public_id)
    form = _deadline_form(shown, request.POST)
    if form.is_valid():
        try:
            actions.move_roundup_deadline(roundup=shown, due_at=form.due_at)
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Новый срок назначен. Кто ещё не ответил, узнает о нём на портале.")
            return redirect("monitoring:roundup", public_id)
    return _table_page(request, shown, form)


@requires(Permission.RUN_ROUNDUPS)
@require_POST
def roundup_close(request: HttpRequest, public_id: str) -> HttpResponse:
    return _turn(request, public_id, actions.close_roundup, "Свод закрыт. Ответы больше не меняются.")


@requires(Permission.RUN_ROUNDUPS)
@require_POST
def roundup_open(request: HttpRequest, public_id: str) -> HttpResponse:
    return _turn(request, public_id, actions.open_roundup, "Свод снова открыт, школы могут отвечать.")


def _turn(request: HttpRequest, public_id: str, action: Callable[..., Roundup], words: str) -> HttpResponse:
    action(roundup=load(request, roundups(member_of(request)), public_id=public_id))
    messages.success(request, words)
    return redirect("monitoring:roundup", public_id)


@requires(Permission.RUN_ROUNDUPS)
@require_http_methods(["GET", "HEAD", "POST"])
def roundup_repeat(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same columns of the same schools with a new deadline; answers are not taken over."""
    member = member_of(request)
    earlier = load(request, roundups(member), public_id=public_id)
    form = RepeatForm(
        request.POST or None,
        municipality=earlier.municipality,
        today=timezone.localdate(),
        initial={"title": earlier.title},
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.repeat_roundup(
                roundup=earlier, by=member, title=form.cleaned_data["title"], due_at=form.due_at
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Свод отправлен тем же организациям. Ответы появятся в этой таблице.")
            return redirect("monitoring:roundup", made.public_id)
    context = {"roundup": earlier, "form": form, "table": table_of(earlier)}
    return render(request, "monitoring/roundups/repeat.html", context, status=422 if form.errors else 200)
