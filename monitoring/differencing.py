"""Which numbers of a whole table must be hidden so that no small group of people can be computed from the rest?

A table shows indicators by unit (school, municipality) and for all units together. Its numbers share their parts:
grades 6–9 and 10–11 stand alone and together, one population is the base of many shares. So every number is taken for
what it is, a sum of cells (unit × element) whose values the reader does not know; what a reader can compute from the
shown numbers is their span, and a secret (a count of 1–4 people) must not lie in it.

What is hidden is found by two rules in turn until neither finds more: `suppression.hide` for each row with its total,
and exact elimination, which says of a secret that can be computed from which numbers; the least needed of them is
hidden too. Limits: intervals are not judged (a reader may learn that a hidden count is between 1 and 9), nor are
earlier versions of the same table. Pure: no models.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import permutations
from typing import Any

from monitoring.suppression import hide, is_small, telling

# Exact but for a chance of 1 in 2⁶¹, and many times faster than fractions.
PRIME = 2**61 - 1

Unit = Any  # hashable
Element = Any  # hashable
Cell = tuple[Unit, Element]
Sum = frozenset[Cell]  # a number of the table: the cells that it adds up
Vector = dict[int, int]  # place of a cell or of a number → its coefficient modulo PRIME


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator that counts people, shown for each of its units and for all of them; a count has no denominator."""

    units: tuple[Unit, ...]
    numerator: frozenset[Element]
    denominator: frozenset[Element] = frozenset()


@dataclass(frozen=True, slots=True)
class Pair:
    """A numerator and its denominator in one place; either may be empty, which is 0."""

    numerator: Sum
    denominator: Sum


class Table:
    """The numbers of some rows as sums of cells, and which of them are hidden.

    A cell that is absent from `cells` is a structural zero. `values` are all numbers except the zeros. The same cells
    and rows in the same order hide the same numbers in every process.
    """

    def __init__(self, cells: Mapping[Cell, int], rows: Sequence[Row]) -> None:
        self._cells = cells
        # A 0 is always shown and tells that each of its cells is 0: known, and so no part of other numbers.
        zeros = {
            cell
            for row in rows
            for unit in row.units
            for elements in (row.numerator, row.denominator)
            if not sum(cells.get((unit, element), 0) for element in elements)
            for cell in ((unit, element) for element in elements)
        }
        self._unknown = cells.keys() - zeros
        self._numbered = {cell: place for place, cell in enumerate(cells)}
        self.parts = [{unit: self._pair(row, [unit]) for unit in row.units} for row in rows]
        self.totals = [self._pair(row, row.units) for row in rows]
        parts = [pair for of_row in self.parts for pair in of_row.values()]
        numbers = [one for pair in (*parts, *self.totals) for one in (pair.numerator, pair.denominator) if one]
        self.values = {one: self._value(one) for one in numbers}
        self._order = {one: place for place, one in enumerate(self.values)}
        self._of_totals = {one for pair in self.totals for one in (pair.numerator, pair.denominator) if one}
        self._bases = {pair.denominator for pair in (*parts, *self.totals)}
        self.hidden = self._primary()
        secrets = self._secrets(rows)
        while more := self._by_rows() or self._by_elimination(secrets):
            self.hidden |= more

    def hides(self, row: int, unit: Unit | None = None) -> tuple[bool, bool]:
        """Whether the numerator and the denominator of a row are hidden in a unit; without one, of all together."""
        pair = self.totals[row] if unit is None else self.parts[row][unit]
        return pair.numerator in self.hidden, pair.denominator in self.hidden

    # --- the numbers -------------------------------------------------------------------------------------------------

    def _sum(self, units: Iterable[Unit], elements: Collection[Element]) -> Sum:
        return frozenset((unit, one) for unit in units for one in elements if (unit, one) in self._unknown)

    def _pair(self, row: Row, units: Sequence[Unit]) -> Pair:
        return Pair(self._sum(units, row.numerator), self._sum(units, row.denominator))

    def _value(self, one: Sum) -> int:
        return sum(self._cells[cell] for cell in one)

    def _rest(self, pair: Pair) -> int:
        """How many of the base are not in the numerator."""
        return self.values.get(pair.denominator, 0) - self.values.get(pair.numerator, 0)

    def _vector(self, plus: Sum, minus: Sum = frozenset()) -> Vector:
        found = {self._numbered[cell]: 1 for cell in plus}
        for cell in minus:
            place = self._numbered[cell]
            found[place] = found.get(place, 0) - 1
        return {place: value % PRIME for place, value in found.items() if value}

    # --- what is secret ----------------------------------------------------------------------------------------------

    def _pairs(self) -> Iterator[Pair]:
        """Pairs that have both sides, in every place."""
        for parts, total in zip(self.parts, self.totals, strict=True):
            yield from (pair for pair in (*parts.values(), total) if pair.numerator and pair.denominator)

    def _primary(self) -> set[Sum]:
        """Small numbers, and numerators that leave few of their base."""
        small = {one for one, value in self.values.items() if is_small(value)}
        return small | {pair.numerator for pair in self._pairs() if is_small(self._rest(pair))}

    def _secrets(self, rows: Sequence[Row]) -> list[Vector]:
        """Every small group that the table speaks of: numbers, those of a base who are left, single cells, differences.

        In an order of its own, so that the same table always hides the same.
        """
        groups = {frozenset([cell]) for one in self.values for cell in one}
        groups |= {self._sum(row.units, [one]) for row in rows for one in row.numerator | row.denominator}
        kinds = {elements for row in rows for elements in (row.numerator, row.denominator)}
        units = {unit for row in rows for unit in row.units}
        in_units = [{self._sum([unit], kind) for kind in kinds} for unit in units]
        for sums in (*in_units, self._of_totals):
            groups |= sums
            groups |= {whole - part for whole, part in permutations(sums, 2) if part < whole}
        found = [self._vector(group) for group in groups if is_small(self._value(group))]
        lefts = [pair for pair in self._pairs() if is_small(self._rest(pair))]
        found += [self._vector(pair.denominator, pair.numerator) for pair in lefts]
        return sorted(found, key=lambda vector: sorted(vector.items()))

    # --- the two rules -----------------------------------------------------------------------------------------------

    def _by_rows(self) -> set[Sum]:
        """What the rule of one row hides: among the numerators, the bases, and those of the base who are left."""
        more: set[Sum] = set()
        for parts, total in zip(self.parts, self.totals, strict=True):
            pairs = list(parts.values())
            numerators = [pair.numerator for pair in pairs]
            for whole, sums in (total.numerator, numerators), (total.denominator, [pair.denominator for pair in pairs]):
                also = {place for place, one in enumerate(sums) if one in self.hidden}
                more |= self._in_row(whole, sums, [self.values.get(one, 0) for one in sums], also)
            if total.denominator in self.hidden:
                continue
            also = {place for place, pair in enumerate(pairs) if {pair.numerator, pair.denominator} & self.hidden}
            # Nobody is in an empty numerator: those left are its whole base, which is judged above.
            rests = [self._rest(pair) if pair.numerator or place in also else None for place, pair in enumerate(pairs)]
            more |= self._in_row(total.numerator, numerators, rests, also)
        return more - self.hidden

    def _in_row(self, whole: Sum, sums: Sequence[Sum], counts: Sequence[int | None], also: Collection[int]) -> set[Sum]:
        if not whole or whole in self.hidden:
            return set()
        places = [place for place, is_hidden in enumerate(hide(counts, also)) if is_hidden]
        found = {sums[place] for place in places} - {frozenset()}
        return found | {whole} if telling([counts[place] or 0 for place in places]) else found

    def _by_elimination(self, secrets: Sequence[Vector]) -> set[Sum]:
        """For each secret that the shown numbers tell, the least needed of the numbers that tell it."""
        shown = [one for one in self.values if one not in self.hidden]
        span = Span(self._vector(one) for one in shown)
        more: set[Sum] = set()
        for secret in secrets:
            telling_ones = [shown[place] for place in span.origin_of(secret)]
            if telling_ones and more.isdisjoint(telling_ones):
                more.add(min(telling_ones, key=self._need))
        return more

    def _need(self, one: Sum) -> tuple[bool, bool, int, int]:
        """What is hidden first: a part before a total, a numerator before a base, a small number before a large one."""
        return one in self._of_totals, one in self._bases, self.values[one], self._order[one]


class Span:
    """The linear span of vectors in echelon form; each row remembers of which vectors it was made."""

    def __init__(self, vectors: Iterable[Vector]) -> None:
        self._rows: dict[int, tuple[Vector, Vector]] = {}  # first place of the row → the row, what it was made of
        for place, vector in enumerate(vectors):
            left, origin = self._reduced(vector, {place: 1})
            if left:
                first = min(left)
                back = pow(left[first], -1, PRIME)
                self._rows[first] = _times(left, back), _times(origin, back)

    def origin_of(self, vector: Vector) -> list[int]:
        """The numbers of the vectors that add up to this one; none where it is not in the span."""
        left, origin = self._reduced(vector, {})
        return [] if left else list(origin)

    def _reduced(self, vector: Vector, origin: Vector) -> tuple[Vector, Vector]:
        """The vector without what the rows explain, and the vectors that were taken away from it."""
        left, origin, waiting = dict(vector), dict(origin), list(vector)
        heapify(waiting)
        while waiting:
            place = heappop(waiting)
            factor = left.get(place)
            if factor is None or place not in self._rows:
                continue
            row, made_of = self._rows[place]
            for one in row:
                if one not in left:
                    heappush(waiting, one)
            _take(left, row, factor)
            _take(origin, made_of, factor)
        return left, origin


def _times(vector: Vector, factor: int) -> Vector:
    return {place: value * factor % PRIME for place, value in vector.items()}


def _take(vector: Vector, other: Vector, factor: int) -> None:
    """vector −= factor · other, in place; what becomes 0 is left out."""
    for place, value in other.items():
        now = (vector.get(place, 0) - factor * value) % PRIME
        if now:
            vector[place] = now
        else:
            vector.pop(place, None)
