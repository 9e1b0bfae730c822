"""What do organisations say in single elements: each one's number, and how many of those asked gave one."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from monitoring.arithmetic import Measured, together
from monitoring.enums import CellState, IndicatorKind
from monitoring.models import AcceptedForm, Element, Submission, Value
from monitoring.queries.results.indicators import Circle

Sums = dict[tuple[int, int, str], Measured]  # (school id, year, element code)
Said = dict[tuple[int, int], tuple[str, int]]  # (submission id, element id): state, number (0 where there is none)


def element_sums(circle: Circle, elements: Iterable[Element], *, preliminary: bool = False) -> Sums:
    """The elements of every organisation of the circle that was asked for them, as sums of one; two queries.

    `numerator` is the number. An organisation counts as `expected` unless the cell is inapplicable, as `used` when it
    gave a number. Without `preliminary` only accepted numbers count. A school that closed by the end of the school year
    is asked nothing, unless it was accepted before (as in `indicators.measure`).
    """
    by_form: dict[int, list[Element]] = defaultdict(list)
    for element in elements:
        by_form[element.section.form_id].append(element)
    if not by_form or not circle.years or circle.schools == ():
        return {}
    asked = Submission.objects.filter(municipality=circle.municipality, year__in=circle.years, form__in=by_form)
    if circle.schools is not None:
        asked = asked.filter(school__in=circle.schools)
    said = _said(asked, [element.pk for own in by_form.values() for element in own], preliminary=preliminary)
    accepted = Exists(AcceptedForm.objects.filter(submission=OuterRef("pk")))
    rows = asked.annotate(kept=accepted).values_list("pk", "school_id", "year", "form_id", "school__closed", "kept")
    return {
        (school, year, element.code): _sums(*said.get((submission, element.pk), (CellState.EMPTY, 0)))
        for submission, school, year, form, closed, kept in rows
        if kept or closed is None or closed > date(year + 1, 8, 31)
        for element in by_form[form]
        if element.collected_in(year)
    }


def _said(asked: QuerySet[Submission], elements: list[int], *, preliminary: bool) -> Said:
    """What stands in the cells that count; what launch called inapplicable counts without acceptance."""
    fields = ("submission_id", "element_id", "state", "number", "accepted_state", "accepted_number")
    rows = Value.objects.filter(submission__in=asked, element__in=elements).values_list(*fields)
    said: Said = {}
    for submission, element, state, number, accepted, accepted_number in rows:
        if preliminary or (accepted is None and state == CellState.INAPPLICABLE):
            said[submission, element] = state, number or 0
        elif accepted is not None:
            said[submission, element] = accepted, accepted_number or 0
    return said


def _sums(state: str, number: int) -> Measured:
    used, outside = int(state == CellState.NUMBER), int(state == CellState.INAPPLICABLE)
    return Measured(IndicatorKind.COUNT, number if used else 0, 0, used, 1 - outside, outside)


def total(sums: Iterable[Measured | None]) -> Measured | None:
    """Sums of one indicator or element over several organisations added up; None of nothing."""
    known = [one for one in sums if one is not None]
    return together(known) if known else None
