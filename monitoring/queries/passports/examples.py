"""How does an indicator come out on real numbers: its sums of the newest accepted year, row by row?"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Max, Q, Sum
from django.utils import timezone

from monitoring.arithmetic import Measured, together
from monitoring.catalogue import quoted
from monitoring.enums import CellState, IndicatorKind, Side
from monitoring.models import AcceptedForm, IndicatorTotal, Value
from monitoring.queries.passports.passports import IndicatorPassport, TermLine, years_label
from monitoring.queries.results.indicators import Circle, measure
from portal.formats import INAPPLICABLE, SMALL_BASE, coverage, date_digits, number, percent, school_year_short
from portal.models import Municipality, School


@dataclass(frozen=True, slots=True)
class ExampleLine:
    """A row of the form with the sum that stands in the formula; `note` says why it has none."""

    term: TermLine
    number: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """«282 из 419 = 67,3 %», by whom it was counted, and the sums behind it. Without a year only `notes` speak."""

    year: int | None = None
    result: str = ""
    counted: str = ""
    lines: tuple[ExampleLine, ...] = ()
    notes: tuple[str, ...] = ()


def example_of(passport: IndicatorPassport, municipality: Municipality, school: School | None = None) -> Example:
    """The newest year that has the indicator: of the municipality, or of one school, which sees only its own numbers.

    A municipality's year counts from half of its schools on, where there is such a year. Five queries at most.
    """
    newest, year, measured, schools = (
        _of_school(passport, school) if school else _of_municipality(passport, municipality)
    )
    if year is None or measured is None:
        return Example(notes=_why_none(passport, newest))
    lines = _lines(passport.terms, municipality, year, schools)
    notes = _absent(passport.terms, year)
    if newest is not None and newest > year:
        notes = (f"В {school_year_short(newest)} уч. году показателя нет: {_gone(passport, newest)}.", *notes)
    return Example(year, in_full(measured), _counted(passport, measured, municipality, school, year), lines, notes)


Found = tuple[int | None, int | None, Measured | None, tuple[int, ...]]  # newest year of all, year, sums, schools


def _of_municipality(passport: IndicatorPassport, municipality: Municipality) -> Found:
    rows = IndicatorTotal.objects.filter(municipality=municipality, schools_used__gt=0)
    half, own = Q(schools_expected__lte=2 * F("schools_used")), Q(indicator=passport.model)
    years = rows.aggregate(
        newest=Max("year"),
        told=Max("year", filter=half),
        any=Max("year", filter=own),
        own=Max("year", filter=own & half),
    )
    newest, year = years["told"] or years["newest"], years["own"] or years["any"]
    if year is None:
        return newest, None, None, ()
    by_school = measure(Circle(municipality.pk, (year,)), by="school")
    used = {int(school): sums for (school, _, code), sums in by_school.items() if code == passport.model.code}
    schools = tuple(school for school, sums in used.items() if sums.used)
    return newest, year, together(list(used.values())) if used else None, schools


def _of_school(passport: IndicatorPassport, school: School) -> Found:
    accepted = AcceptedForm.objects.filter(submission__school=school).values_list("submission__year", flat=True)
    years = tuple(sorted(set(accepted), reverse=True))
    measured = measure(Circle(school.municipality_id, years, (school.pk,)), by="school")
    own = {year: sums for (_, year, code), sums in measured.items() if code == passport.model.code and sums.used}
    newest = years[0] if years else None
    return (newest, max(own), own[max(own)], (school.pk,)) if own else (newest, None, None, ())


def in_full(measured: Measured) -> str:
    """«282 из 419 = 67,3 %», «3 из 7», «23»."""
    if measured.is_count:
        return number(measured.numerator)
    fraction = f"{number(measured.numerator)} из {number(measured.denominator)}"
    if measured.value is None:
        return f"{fraction}: знаменатель равен нулю, значения нет"
    if measured.kind == IndicatorKind.SHARE and measured.denominator < SMALL_BASE:
        return f"{fraction}: процент на таком числе не пишется"
    return f"{fraction} = {percent(measured.value)}"


def _lines(
    terms: Iterable[TermLine], municipality: Municipality, year: int, schools: tuple[int, ...]
) -> tuple[ExampleLine, ...]:
    terms = tuple(terms)
    rows = Value.objects.filter(
        submission__municipality=municipality,
        submission__year=year,
        submission__school__in=schools,
        element__in=[term.element.pk for term in terms],
        accepted_state=CellState.NUMBER,
    )
    sums = dict(rows.values_list("element").annotate(total=Sum("accepted_number")).order_by())
    return tuple(
        ExampleLine(term, number(sums.get(term.element.pk, 0)))
        if term.element.collected_in(year)
        else ExampleLine(term, INAPPLICABLE, "в этом году не собиралась")
        for term in terms
    )


def _absent(terms: Iterable[TermLine], year: int) -> tuple[str, ...]:
    """What a row that did not exist in the year means for its formula."""
    return tuple(
        f"Строки {quoted(term.label)} в {school_year_short(year)} уч. году не было"
        f" (она собирается {years_label(term.element.since, term.element.until)}), поэтому в сумме её нет."
        for term in terms
        if not term.element.collected_in(year)
    )


def _gone(passport: IndicatorPassport, year: int) -> str:
    if not passport.model.computed_in(year):
        return f"он рассчитывается {passport.years}"
    absent = [term.label for term in passport.terms if not term.element.collected_in(year)]
    if absent:
        return f"не собиралась строка {quoted(absent[0])}"
    return "данных для него ещё не принято"


def _why_none(passport: IndicatorPassport, newest: int | None) -> tuple[str, ...]:
    if newest is None:
        return ("Примера пока нет: ни одна форма ещё не принята.",)
    return (f"Примера пока нет. В {school_year_short(newest)} уч. году: {_gone(passport, newest)}.",)


def _counted(
    passport: IndicatorPassport, measured: Measured, municipality: Municipality, school: School | None, year: int
) -> str:
    """Whose numbers these are and when they were accepted."""
    forms = {term.element.section.form_id for term in passport.terms}
    rows = AcceptedForm.objects.filter(municipality=municipality, submission__year=year, submission__form__in=forms)
    last = (rows.filter(submission__school=school) if school else rows).aggregate(at=Max("at"))["at"]
    accepted = f"принято управлением образования {date_digits(timezone.localdate(last))}" if last else ""
    if school:
        return f"Посчитано по форме вашей школы, {accepted}."
    words = f"Посчитано {coverage(measured.used, measured.expected)}"
    return f"{words}; последняя форма {accepted.replace('принято', 'принята')}." if accepted else f"{words}."


def summed(lines: Iterable[ExampleLine], side: Side) -> list[ExampleLine]:
    """The lines of one side of the formula."""
    return [line for line in lines if line.term.side == side]
