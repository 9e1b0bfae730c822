"""How would an indicator of a new catalogue file come out: on sums of the whole installation, or on made-up numbers?

Whoever keeps the catalogue sees no municipality's data. A sum over several municipalities shows none of them; where
there are too few, or the sum is small, round numbers are made up and called so.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max

from monitoring.arithmetic import Measured
from monitoring.catalogue import Catalogue, IndicatorRecord, grades_label, quoted
from monitoring.enums import CellState, IndicatorKind
from monitoring.models import Value
from monitoring.queries.passports.examples import in_full
from portal.formats import number, plural, school_year_short

MUNICIPALITIES = 3  # fewer, and one could take its own numbers away and read its neighbour's
SMALLEST = 5  # smaller counts are hidden wherever data leave a municipality (design §2, rule 9)
_PEOPLE, _SCHOOLS = 100, 20  # round numbers of a made-up example


@dataclass(frozen=True, slots=True)
class RecordExample:
    """An indicator of the file with its formula and an example; `basis` says where the numbers come from."""

    code: str
    name: str
    formula: tuple[str, ...]  # one line for each side
    result: str
    basis: str
    made_up: bool


def examples(catalogue: Catalogue, records: Sequence[IndicatorRecord]) -> list[RecordExample]:
    """One example for each record; two queries for all of them."""
    numbers = _Numbers(catalogue, records)
    return [_example(record, catalogue, numbers) for record in records]


def _example(record: IndicatorRecord, catalogue: Catalogue, numbers: "_Numbers") -> RecordExample:
    measured, places = numbers.measure(record)
    formula = _formula(record, catalogue)
    if measured is None:
        basis = numbers.why_made_up(record, places)
        return RecordExample(record.code, record.name, formula, in_full(_made_up(record)), basis, True)
    basis = (
        f"Сумма по {plural(places, 'муниципалитету', 'муниципалитетам', 'муниципалитетам')} портала за"
        f" {school_year_short(numbers.year(record) or 0)} уч. год, организаций: {number(measured.used)}."
        " Данных отдельного муниципалитета по ней узнать нельзя."
    )
    return RecordExample(record.code, record.name, formula, in_full(measured), basis, False)


def _formula(record: IndicatorRecord, catalogue: Catalogue) -> tuple[str, ...]:
    sides = [("Числитель", record.numerator), ("Знаменатель", record.denominator)]
    if record.kind != IndicatorKind.SHARE:
        sides = [("Сумма строк", record.numerator)]
    return tuple(f"{title}: {_sum([term.element for term in terms], catalogue)}" for title, terms in sides)


def _sum(codes: Sequence[str], catalogue: Catalogue) -> str:
    """Rows of one name are told once with all their grades."""
    grades: dict[str, set[int]] = defaultdict(set)
    for code in codes:
        grades[catalogue.element[code].name].update(catalogue.element[code].grades)
    return " + ".join(f"{name}, {grades_label(own)}" if own else name for name, own in grades.items())


def _made_up(record: IndicatorRecord) -> Measured:
    """Round numbers: half of a hundred people for every row of the base."""
    kind = IndicatorKind(record.kind)
    if kind == IndicatorKind.ORG_SHARE:
        return Measured(kind, _SCHOOLS // 2, _SCHOOLS, _SCHOOLS, _SCHOOLS)
    if kind == IndicatorKind.COUNT:
        return Measured(kind, _PEOPLE * len(record.numerator), 0, 1, 1)
    whole = _PEOPLE * len(record.denominator)
    return Measured(kind, whole // 2, whole, 1, 1)


Cells = dict[str, tuple[str, int | None]]  # an organisation's accepted cells by code: (state, number)


class _Numbers:
    """Accepted numbers of the installation, for each record of the newest year in which all its rows have any."""

    def __init__(self, catalogue: Catalogue, records: Sequence[IndicatorRecord]) -> None:
        self.catalogue = catalogue
        accepted = Value.objects.filter(
            accepted_state__isnull=False, element__code__in={code for record in records for code in _codes(record)}
        )
        counted = accepted.filter(accepted_state=CellState.NUMBER).order_by().values_list("element__code")
        self.last: dict[str, int] = dict(counted.annotate(last=Max("submission__year")))
        years = {year for record in records if (year := self.year(record))}
        self.cells: dict[int, dict[tuple[int, int], Cells]] = {year: defaultdict(dict) for year in years}
        rows = accepted.filter(submission__year__in=years)
        for year, place, school, code, state, count in rows.values_list(
            "submission__year",
            "submission__municipality",
            "submission__school",
            "element__code",
            "accepted_state",
            "accepted_number",
        ).iterator():
            self.cells[year][place, school][code] = (state or CellState.EMPTY, count)

    def year(self, record: IndicatorRecord) -> int | None:
        """The newest year in which every row of the formula may have a number."""
        years = [self.last.get(code) for code in _codes(record)]
        return min((year for year in years if year), default=None) if all(years) else None

    def measure(self, record: IndicatorRecord) -> tuple[Measured | None, int]:
        """(sums over the organisations that have every applicable row, or None where they may not be shown;
        from how many municipalities)."""
        kind, year = IndicatorKind(record.kind), self.year(record)
        above, below, used = 0, 0, 0
        places: set[int] = set()
        for (place, _), cells in self.cells.get(year or 0, {}).items():
            numerator = _added(cells, [term.element for term in record.numerator])
            denominator = _added(cells, [term.element for term in record.denominator])
            base = record.denominator or record.numerator
            if numerator is None or denominator is None or not _concerned(cells, [term.element for term in base]):
                continue
            used += 1
            places.add(place)
            above += int(numerator > 0) if kind == IndicatorKind.ORG_SHARE else numerator
            below += 1 if kind == IndicatorKind.ORG_SHARE else denominator
        shown = (above,) if kind == IndicatorKind.COUNT else (above, below - above)
        if len(places) < MUNICIPALITIES or used < SMALLEST or any(count < SMALLEST for count in shown):
            return None, len(places)
        return Measured(kind, above, below, used, used), len(places)

    def why_made_up(self, record: IndicatorRecord, places: int) -> str:
        """Why the numbers of this example are invented."""
        absent = [code for code in _codes(record) if code not in self.last]
        if absent:
            return (
                f"Числа условные: принятых данных по строке {quoted(self.catalogue.element[absent[0]].name)} ещё нет."
            )
        if not places:
            return "Числа условные: принятых данных сразу по всем этим строкам ещё нет."
        if places < MUNICIPALITIES:
            return (
                "Числа условные: принятые данные есть меньше чем у трёх муниципалитетов, и по сумме можно было бы"
                " узнать числа одного из них. Администратору портала они не показываются."
            )
        return "Числа условные: сумма по порталу слишком мала, по ней можно было бы узнать числа одной школы."


def _codes(record: IndicatorRecord) -> list[str]:
    return list(dict.fromkeys(term.element for term in (*record.numerator, *record.denominator)))


def _added(cells: Cells, codes: Sequence[str]) -> int | None:
    """The sum of an organisation's rows; None where one of them has no accepted number (design §2, rule 2)."""
    total = 0
    for code in codes:
        state, count = cells.get(code, (CellState.EMPTY, None))
        if state == CellState.NUMBER:
            total += count or 0
        elif state != CellState.INAPPLICABLE:
            return None
    return total


def _concerned(cells: Cells, codes: Sequence[str]) -> bool:
    """Whether any row of the base applies to an organisation at all."""
    return any(cells[code][0] != CellState.INAPPLICABLE for code in codes)
