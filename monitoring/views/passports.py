"""Passports of indicators and of rows of the form: the list, one passport, and its words edited in place."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from monitoring.actions.wordings import restore_wording, set_wording
from monitoring.enums import Side
from monitoring.forms.passports import PassportFilter, WordingForm
from monitoring.models import Element, Indicator, Wording
from monitoring.queries.passports.examples import example_of, summed
from monitoring.queries.passports.passports import (
    PassportLine,
    element_lines,
    element_passport,
    find_thing,
    found,
    indicator_lines,
    indicator_passport,
    kept_uses,
)
from monitoring.queries.passports.wordings import versions_of
from monitoring.queries.results.grades import PROGRAMMES
from portal.access import member_of, municipality_of, requires, visible
from portal.actions import ActionRefused
from portal.datatables import Column, DataCell, DataTable, asked
from portal.figures import table_links
from portal.formats import date_digits, decimal, school_year, school_year_short
from portal.models import Regulation
from portal.roles import Permission, Scope

TABLE = "passports"


@requires(Permission.SEE_DASHBOARD, Permission.SEE_FORMS)
@require_safe
def passports(request: HttpRequest) -> HttpResponse:
    """Every indicator or every row of the forms; `?show=elements`, `?q=`, `?part=`, and the same as a file."""
    municipality = municipality_of(request)
    chosen = PassportFilter(request.GET)
    lines = element_lines(municipality) if chosen.elements else indicator_lines(municipality)
    part = chosen.offer(list(dict.fromkeys((line.part_code, line.part) for line in lines)))
    shown = found(lines, chosen.search, part)
    filters = ", ".join(
        words for words in (f"поиск «{chosen.search}»" if chosen.search else "", _title_of(lines, part)) if words
    )
    if answer := asked(request, {TABLE: lambda: _table(shown, chosen.elements, filters)}):
        return answer
    context = {
        "filter": chosen,
        "rows": shown,
        "total": len(lines),
        "elements": chosen.elements,
        "links": table_links(request, TABLE),
    }
    return render(request, "monitoring/passports/list.html", context)


def _title_of(lines: Iterable[PassportLine], part: str) -> str:
    return next((line.part for line in lines if line.part_code == part), "")


def _table(lines: Iterable[PassportLine], elements: bool, filters: str) -> DataTable:
    """Everything that a passport says in one line, to take away."""
    columns = [
        ("Код", "code"),
        ("Название", "name"),
        ("Раздел формы" if elements else "Группа", "part"),
        ("Единица", "unit"),
        ("Кого и что считать" if elements else "Формула", "formula"),
        ("Классы", "grades"),
        ("Годы", "years"),
        *(() if elements else (("Оценка", "better"),)),
        ("На какую дату", "period"),
        ("Источник", "source"),
        ("Ответственный", "responsible"),
        ("Документ", "regulation"),
    ]
    rows = tuple(
        tuple(DataCell(str(getattr(line, code)), str(getattr(line, code))) for _, code in columns) for line in lines
    )
    title = "Паспорта строк формы" if elements else "Паспорта показателей"
    about = (("Отбор", filters or "все"), ("Источник", "каталог мониторинга и слова муниципалитета"))
    return DataTable(
        "passports-elements" if elements else "passports-indicators",
        title,
        tuple(Column(title, code) for title, code in columns),
        rows,
        about,
    )


@requires(Permission.SEE_DASHBOARD, Permission.SEE_FORMS)
@require_safe
def passport(request: HttpRequest, code: str) -> HttpResponse:
    """The passport of an indicator with an example on real numbers; a school's people see their school's."""
    municipality, member = municipality_of(request), member_of(request)
    shown = indicator_passport(code, municipality)
    if shown is None:
        raise Http404
    of_school = member.school if member.scope == Scope.SCHOOL else None
    example = example_of(shown, municipality, of_school)
    context = {
        "passport": shown,
        "example": example,
        "numerator": summed(example.lines, Side.NUMERATOR),
        "denominator": summed(example.lines, Side.DENOMINATOR),
        "example_year": school_year(example.year) if example.year else "",
        "target": _target(shown.target, shown.is_count),
        "uses": kept_uses(code, municipality) if of_school is None else [],
        "versions": [(one, _told(one)) for one in shown.wordings],
        **_rights(request),
    }
    return render(request, "monitoring/passports/indicator.html", context)


@requires(Permission.SEE_DASHBOARD, Permission.SEE_FORMS)
@require_safe
def element(request: HttpRequest, code: str) -> HttpResponse:
    """The passport of a row of the form, with its words as every campaign of the municipality asked it."""
    shown = element_passport(code, municipality_of(request))
    if shown is None:
        raise Http404
    context = {
        "passport": shown,
        "programme": PROGRAMMES.get(shown.model.programme, shown.model.programme),
        "asked": [
            (line, school_year_short(line.campaign.year), _same(line.name, line.hint, shown)) for line in shown.asked
        ],
        "versions": [(one, _told(one)) for one in shown.wordings],
        **_rights(request),
    }
    return render(request, "monitoring/passports/element.html", context)


def _same(name: str, hint: str, shown: Any) -> bool:
    return (name, hint) == (shown.name, shown.hint)


def _rights(request: HttpRequest) -> dict[str, bool]:
    """Which of the ways on a passport are open to this person."""
    member = member_of(request)
    return {
        "may_edit": member.may(Permission.EDIT_WORDINGS),
        "may_target": member.may(Permission.SET_TARGETS),
        "may_rules": member.may(Permission.SEE_FORMS),
        "may_dashboard": member.may(Permission.SEE_DASHBOARD),
        "may_acts": member.may(Permission.SEE_REGULATIONS),
    }


def _target(target: Any, is_count: bool) -> str:
    """«60 % на 2022/2023 учебный год»."""
    if target is None:
        return ""
    value = decimal(target.value).removesuffix(",0")
    return f"{value}{'' if is_count else chr(160) + '%'} на {school_year(target.year)}"


def _told(wording: Wording) -> list[str]:
    """One version in words, line by line."""
    lines = [f"Название: {wording.name or 'как в каталоге'}", f"Пояснение: {wording.text or 'как в каталоге'}"]
    if wording.responsible:
        lines.append(f"Ответственный: {wording.responsible}")
    if wording.regulation:
        lines.append(f"Документ: {wording.regulation} от {date_digits(wording.regulation.date)}")
    return lines


# --- words ------------------------------------------------------------------------------------------------------------


@requires(Permission.EDIT_WORDINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def wording_indicator(request: HttpRequest, code: str) -> HttpResponse:
    """The municipality's words for an indicator."""
    return _edited(request, code, element=False)


@requires(Permission.EDIT_WORDINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def wording_element(request: HttpRequest, code: str) -> HttpResponse:
    """The municipality's words for a row of the form."""
    return _edited(request, code, element=True)


def _edited(request: HttpRequest, code: str, *, element: bool) -> HttpResponse:
    """A POST adds a version; with `restore`, an earlier version or (0) the catalogue's words come back as a new one."""
    thing = find_thing(code, element=element)
    if thing is None:
        raise Http404
    back = reverse("monitoring:element" if element else "monitoring:passport", args=[code])
    if request.method == "POST" and "restore" in request.POST:
        return _restored(request, thing, back)
    versions = versions_of(municipality_of(request), thing)
    told = versions[0] if versions else None
    form = WordingForm(request.POST or None, thing=thing, told=told, acts=visible(request, Regulation))
    if request.method == "POST" and form.is_valid():
        try:
            set_wording(
                municipality=municipality_of(request),
                thing=thing,
                wanted=form.wanted(),
                note=form.cleaned_data["note"],
                by=member_of(request).user,
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Слова сохранены. Они действуют с {date_digits(timezone.localdate())}.")
            return redirect(back)
    context = {
        "form": form,
        "thing": thing,
        "element": element,
        "back": back,
        "own": told is not None and bool(told.name or told.text),
        "versions": [(one, _told(one)) for one in versions],
    }
    return render(request, "monitoring/passports/wording.html", context, status=422 if form.errors else 200)


def _restored(request: HttpRequest, thing: Element | Indicator, back: str) -> HttpResponse:
    wanted = request.POST["restore"]
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 6):
        raise Http404
    try:
        restore_wording(
            municipality=municipality_of(request),
            thing=thing,
            version=int(wanted) or None,
            by=member_of(request).user,
        )
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Возвращены слова каталога." if wanted == "0" else f"Возвращена версия {wanted}.")
    return redirect(back)
