"""What only collected numbers can show: too many round ones (C7), bases on which nobody can be compared (C10)."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.arithmetic import SMALL_BASE
from monitoring.catalogue import quoted
from monitoring.detectors.records import Finding, Spot
from portal.formats import number, plural

# The bounds of W907, asked here of one row across the schools instead of one form across the rows.
FEWEST_ROUND, ROUND_PERCENT, LEAST_ROUND = 10, 80, 10


@dataclass(frozen=True, slots=True)
class Roundness:
    """How many schools gave a number of at least LEAST_ROUND in a row, and how many of those are multiples of ten."""

    key: str  # of the series that the row belongs to
    name: str
    year: int
    numbers: int
    tens: int


@dataclass(frozen=True, slots=True)
class Bases:
    """The bases of a share in a year: of the municipality, and of each school that has one."""

    key: str
    name: str
    year: int
    total: int
    schools: tuple[int, ...]


def mostly_round(rows: Iterable[Roundness]) -> list[Finding]:
    """C7: almost all schools gave multiples of ten in one row: the numbers were rounded or estimated."""
    return [
        Finding(
            "C7",
            f"{quoted(row.name)}: почти все числа школ круглые",
            (f"Делятся на 10: {number(row.tens)} из {number(row.numbers)} чисел, которые не меньше {LEAST_ROUND}.",),
            (Spot(row.key, row.year),),
        )
        for row in rows
        if row.numbers >= FEWEST_ROUND and row.tens * 100 > ROUND_PERCENT * row.numbers
    ]


def small_bases(rows: Iterable[Bases]) -> list[Finding]:
    """C10: shares of fewer than ten people, which are not told: half of the schools, or the whole municipality.

    One finding for all of them: nothing is wrong with such a number, it only cannot be compared.
    """
    lines, spots = [], []
    for row in rows:
        small = sum(base < SMALL_BASE for base in row.schools)
        if row.total >= SMALL_BASE and 2 * small < len(row.schools):
            continue
        schools = plural(len(row.schools), "школы", "школ", "школ")
        lines.append(
            f"{quoted(row.name)}: меньше {SMALL_BASE} человек у {number(small)} из {schools},"
            f" по муниципалитету – {number(row.total)}."
        )
        spots.append(Spot(row.key, row.year))
    title = "Доли школ, в которых мало людей, не печатаются и не сравниваются"
    return [Finding("C10", title, tuple(lines), tuple(spots))] if lines else []
