"""What programs read of a municipality: indicators with small groups hidden, and the catalogue."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from monitoring.arithmetic import Measured
from monitoring.differencing import Row, Table
from monitoring.enums import CellState, IndicatorKind, Side
from monitoring.models import Check, Element, Indicator, Term, Value
from monitoring.queries.passports.passports import PassportLine, element_lines, indicator_lines
from monitoring.queries.results.indicators import Circle, Key, measure
from portal.models import Municipality, School

Level = Literal["municipality", "school"]
PEOPLE = "чел."  # the unit of the elements whose small counts are hidden; contracts and workplaces are no secret


@dataclass(frozen=True, slots=True)
class OpenValue:
    """One indicator of a year in a school, or (`school` is None) in the municipality as a whole."""

    indicator: Indicator
    school: School | None
    measured: Measured
    hides_numerator: bool = False
    hides_denominator: bool = False

    @property
    def suppressed(self) -> bool:
        return self.hides_numerator or self.hides_denominator


def open_values(municipality: Municipality, year: int, level: Level, *, guarded: bool) -> list[OpenValue]:
    """All indicators that apply, by school and in the order of the catalogue; only accepted numbers.

    With `guarded` counts of 1–4 people are hidden, and all that would tell them: what is hidden follows from the whole
    table of the year, so that no filter and no second question gives more. The number of queries is constant.
    """
    circle = Circle(municipality.pk, (year,))
    by_school = measure(circle, by="school") if guarded or level == "school" else {}
    shown = by_school if level == "school" else measure(circle, by="municipality")
    hidden = _hidden(municipality, year, by_school) if guarded else {}
    indicators = {one.code: one for one in Indicator.objects.order_by("group__order", "order")}
    schools = {one.pk: one for one in schools_of(municipality)} if level == "school" else {}
    place = {code: number for number, code in enumerate(indicators)}
    found = []
    for (group, _, code), measured in sorted(shown.items(), key=lambda one: place[one[0][2]]):
        if measured.expected:
            school = schools[int(group)] if level == "school" else None
            hides = hidden.get((code, school.pk if school else None), (False, False))
            found.append(OpenValue(indicators[code], school, measured, *hides))
    found.sort(key=lambda one: (one.school.sort_key, one.school.pk) if one.school else ("", 0))
    return found


def schools_of(municipality: Municipality) -> list[School]:
    """Every organisation of the municipality, the closed ones too."""
    return list(School.objects.filter(municipality=municipality))


def _hidden(
    municipality: Municipality, year: int, by_school: Mapping[Key, Measured]
) -> dict[tuple[str, int | None], tuple[bool, bool]]:
    """By (code of the indicator, school or None for all) what is hidden: the numerator, the denominator."""
    units: dict[str, list[int]] = defaultdict(list)
    for (school, _, code), measured in sorted(by_school.items(), key=lambda one: one[0][0]):
        if measured.used and measured.kind != IndicatorKind.ORG_SHARE:
            units[code].append(int(school))
    rows = {code: row for code, row in _rows(units).items() if row.units}
    values = Value.objects.filter(
        submission__municipality=municipality, submission__year=year, accepted_state=CellState.NUMBER
    )
    ordered = values.order_by("submission__school_id", "element_id")
    cells = {
        (school, element): number
        for school, element, number in ordered.values_list("submission__school_id", "element_id", "accepted_number")
        if number is not None
    }
    table = Table(cells, list(rows.values()))
    return {
        (code, unit): table.hides(place, unit)
        for place, (code, row) in enumerate(rows.items())
        for unit in (*row.units, None)
    }


def _rows(units: Mapping[str, Iterable[int]]) -> dict[str, Row]:
    """The indicators that count people, by code, each with the schools that stand in its sums."""
    sides: dict[tuple[str, str], set[int]] = defaultdict(set)
    people: dict[str, None] = {}
    terms = Term.objects.order_by("indicator_id", "id").values_list(
        "indicator__code", "side", "element_id", "element__unit"
    )
    for code, side, element, unit in terms:
        sides[code, side].add(element)
        if unit == PEOPLE:
            people[code] = None
    return {
        code: Row(
            tuple(units.get(code, ())),
            frozenset(sides[code, Side.NUMERATOR]),
            frozenset(sides[code, Side.DENOMINATOR]),
        )
        for code in people
    }


def catalogue_indicators(municipality: Municipality) -> list[tuple[Indicator, PassportLine, list[str], list[str]]]:
    """Every indicator with its passport and the codes of its two sides; a constant number of queries."""
    codes: dict[tuple[int, str], list[str]] = defaultdict(list)
    for indicator, side, code in Term.objects.order_by("order").values_list("indicator_id", "side", "element__code"):
        codes[indicator, side].append(code)
    models = {one.code: one for one in Indicator.objects.select_related("succeeds")}
    found = []
    for line in indicator_lines(municipality):
        model = models[line.code]
        found.append((model, line, codes[model.pk, Side.NUMERATOR], codes[model.pk, Side.DENOMINATOR]))
    return found


def catalogue_elements(municipality: Municipality) -> list[tuple[Element, PassportLine]]:
    """Every element with its passport; a constant number of queries."""
    models = {one.code: one for one in Element.objects.select_related("succeeds", "section__form")}
    return [(models[line.code], line) for line in element_lines(municipality)]


def catalogue_checks() -> list[Check]:
    """What must hold between the numbers, in the order of the catalogue."""
    return list(Check.objects.order_by("order", "pk"))
