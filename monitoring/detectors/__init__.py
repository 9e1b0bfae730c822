"""Which numbers of a municipality do not agree with each other, in printed tables or in its own accepted data?

Pure functions over series of numbers; each finding has a permanent code, the numbers of both sides and its places.
"""

from collections.abc import Sequence

from monitoring.detectors.collected import Bases, Roundness, mostly_round, small_bases
from monitoring.detectors.populations import (
    changed_scope,
    grades_in,
    other_grades,
    smaller_than_parts,
    sums_of_parts,
    two_sizes,
)
from monitoring.detectors.printed import computed, declared_wrongly, larger_parts, written, wrong_percentages
from monitoring.detectors.records import Entry, Finding, Population, Series, Spot
from monitoring.detectors.series import back_computed, identical, jumps

__all__ = [
    "CODES",
    "Bases",
    "Entry",
    "Finding",
    "Population",
    "Roundness",
    "Series",
    "Spot",
    "back_computed",
    "changed_scope",
    "computed",
    "declared_wrongly",
    "discrepancies",
    "grades_in",
    "identical",
    "jumps",
    "larger_parts",
    "mostly_round",
    "other_grades",
    "small_bases",
    "smaller_than_parts",
    "sums_of_parts",
    "two_sizes",
    "written",
    "wrong_percentages",
]

# Every code with what it says, in the order in which findings are told.
CODES: dict[str, str] = {
    "E-01": "часть больше целого",
    "E-02": "сумма частей не равна целому",
    "E-03": "одна группа – разная численность",
    "W-01": "одни и те же числа",
    "W-02": "числа вычислены по процентам",
    "W-03": "резкое изменение за год",
    "W-04": "процент не следует из чисел",
    "W-05": "не те классы",
    "W-06": "изменилось то, что считают",
    "C7": "почти все числа круглые",
    "C10": "мало людей в основе",
}


def discrepancies(series: Sequence[Series]) -> list[Finding]:
    """Everything that published tables of one municipality show against each other, in the order of CODES."""
    found = [
        *larger_parts(series),
        *smaller_than_parts(series),
        *sums_of_parts(series),
        *two_sizes(series),
        *identical(series),
        *back_computed(series),
        *jumps(series),
        *wrong_percentages(series),
        *other_grades(series),
        *changed_scope(series),
    ]
    order = list(CODES)
    return sorted(found, key=lambda finding: order.index(finding.code))
