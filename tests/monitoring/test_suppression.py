"""Is nobody counted in a group of 1–4: in one row, and in whole tables against every way of subtracting?"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.differencing import Row, Sum, Table
from monitoring.suppression import hide, is_small, telling

Combined = dict[tuple[int, str], int]  # cell → coefficient

# --- one row ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ((12, 3, 40, 9), (1, 3)),  # alone it would be the total less the others: the smallest other goes with it
        ((12, 40, 9), ()),
        ((12, 0, 4, 9, 0), (2, 3)),  # a zero hides nobody and helps nobody
        ((3, 2, 40), (0, 1)),  # together they are five
        ((1, 2, 40, 6), (0, 1, 3)),  # together they would be a group of three
        ((1, 1, 1, 1, 1, 30), (0, 1, 2, 3, 4, 5)),  # five hidden counts with the sum five are all 1
        ((3, None, 20), (0, 2)),
        ((), ()),
    ],
)
def test_of_a_row_the_small_counts_are_hidden_and_what_would_tell_them(counts, hidden):
    assert [place for place, is_hidden in enumerate(hide(counts)) if is_hidden] == list(hidden)


def test_a_row_that_cannot_hide_its_count_says_that_the_total_must_go():
    assert telling([count for count, is_hidden in zip((0, 3, 0), hide((0, 3, 0)), strict=True) if is_hidden])
    assert not telling([3, 9])


@given(st.lists(st.none() | st.integers(0, 12), max_size=8))
def test_what_is_hidden_in_a_row_has_more_than_one_solution(counts):
    hidden = [count for count, is_hidden in zip(counts, hide(counts), strict=True) if is_hidden]
    assert all(is_hidden for count, is_hidden in zip(counts, hide(counts), strict=True) if is_small(count))
    assert 0 not in hidden
    if not any(is_small(count) for count in counts):
        assert not hidden
    if hidden and not telling(hidden):
        # One person fewer here, one more there: the reader, who knows the sum, cannot tell.
        place = max(range(len(hidden)), key=lambda one: hidden[one])
        others = [one for one in range(len(hidden)) if one != place]
        assert hidden[place] > 1
        assert others
    elif hidden:
        assert sum(hidden) == sum(count or 0 for count in counts), "a row gave up while it had counts left"


# --- a table ---------------------------------------------------------------------------------------------------------


@st.composite
def worlds(draw: st.DrawFn, units: int = 6, elements: int = 4, rows: int = 4) -> tuple[dict, list[Row]]:
    """Some units with overlapping indicators: parts of one another, gaps in the lists of schools, full and small bases."""
    names = "abcd"[: draw(st.integers(1, elements))]
    people = range(draw(st.integers(1, units)))
    counts = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 7, 11, 20])
    cells = {(unit, name): draw(counts) for unit in people for name in names if draw(st.integers(0, 9))}
    for unit in people:
        inside = sum(cells.get((unit, name), 0) for name in names)
        cells[unit, "pupils"] = inside + draw(st.sampled_from([0, 0, 2, 3, 10, 30]))
        cells[unit, "others"] = draw(st.sampled_from([0, 3, 12]))
    bases = st.sampled_from([(), ("pupils",), ("pupils", "others")])
    some = st.sets(st.sampled_from(names), min_size=1)
    return cells, [
        Row(tuple(unit for unit in people if draw(st.integers(0, 9))), frozenset(draw(some)), frozenset(draw(bases)))
        for _ in range(draw(st.integers(1, rows)))
    ]


def numbers(cells: dict, rows: Sequence[Row]) -> Iterator[tuple[Combined, int, Sum]]:
    """Every number of the tables as a combination of cells, its value, and under what the table knows it."""
    for row in rows:
        for units in [*((unit,) for unit in row.units), row.units]:
            for elements in row.numerator, row.denominator:
                found = {(unit, one): 1 for unit in units for one in elements if (unit, one) in cells}
                yield found, sum(cells[cell] for cell in found), frozenset(found)


def shown(cells: dict, rows: Sequence[Row]) -> list[Combined]:
    """What a reader sees: the numbers that are not hidden; a zero tells each of its cells."""
    table = Table(cells, rows)
    seen: list[Combined] = []
    for place, row in enumerate(rows):
        for unit in (*row.units, None):
            units = row.units if unit is None else (unit,)
            for elements, is_hidden in zip((row.numerator, row.denominator), table.hides(place, unit), strict=True):
                found = {(one, name): 1 for one in units for name in elements if (one, name) in cells}
                if found and not is_hidden:
                    zero = not sum(cells[cell] for cell in found)
                    seen += [{cell: 1} for cell in found] if zero else [found]
    return [dict(one) for one in dict.fromkeys(tuple(sorted(one.items())) for one in seen)]


def secrets(cells: dict, rows: Sequence[Row]) -> list[Combined]:
    """Small groups: a number, those of a base who are left, a cell, an element of all units, one number inside another."""
    found: list[Combined] = [combined for combined, value, _ in numbers(cells, rows) if is_small(value)]
    found += [{cell: 1} for cell, value in cells.items() if is_small(value)]
    for row in rows:
        for units in [*((unit,) for unit in row.units), row.units]:
            base = {(unit, one): 1 for unit in units for one in row.denominator if (unit, one) in cells}
            inside = {(unit, one): -1 for unit in units for one in row.numerator if (unit, one) in cells}
            if base and is_small(value_of({**base, **inside}, cells)):
                found.append({**base, **inside})
        for name in row.numerator | row.denominator:
            found.append({(unit, name): 1 for unit in row.units if (unit, name) in cells})
    for unit in {unit for row in rows for unit in row.units}:
        for whole, part in product(rows, rows):
            rest = whole.numerator - part.numerator
            if part.numerator < whole.numerator:
                found.append({(unit, name): 1 for name in rest if (unit, name) in cells})
    return [one for one in found if is_small(value_of(one, cells))]


def value_of(combined: Combined, cells: dict) -> int:
    return sum(cells[cell] * times for cell, times in combined.items())


def rank(vectors: Sequence[Combined], cells: Sequence) -> int:
    """By elimination with fractions, column by column."""
    rows = [[Fraction(one.get(cell, 0)) for cell in cells] for one in vectors]
    done = 0
    for column in range(len(cells)):
        pivot = next((place for place in range(done, len(rows)) if rows[place][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        for place in range(done + 1, len(rows)):
            if rows[place][column]:
                times = rows[place][column] / rows[done][column]
                rows[place] = [a - times * b for a, b in zip(rows[place], rows[done], strict=True)]
        done += 1
    return done


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_no_small_group_follows_from_the_shown_numbers(world):
    cells, rows = world
    seen, order = shown(cells, rows), list(cells)
    known = rank(seen, order)
    told = [one for one in secrets(cells, rows) if rank([*seen, one], order) == known]
    assert not told, f"{told[0]} = {value_of(told[0], cells)} of {cells} in {rows}"


@settings(max_examples=80, deadline=None)
@given(worlds(units=4, elements=3, rows=3))
def test_no_small_group_comes_out_by_adding_and_subtracting(world):
    """As a reader would try it: every sum and difference of up to four of the shown numbers."""
    cells, rows = world
    seen = shown(cells, rows)
    hidden = {tuple(sorted(one.items())) for one in secrets(cells, rows)}
    for size in range(1, 5):
        for chosen in combinations(seen, size):
            for signs in product((1, -1), repeat=size - 1):
                found: Combined = {}
                for one, sign in zip(chosen, (1, *signs), strict=True):
                    for cell in one:
                        found[cell] = found.get(cell, 0) + sign
                for sign in (1, -1):
                    told = tuple(sorted((cell, times * sign) for cell, times in found.items() if times))
                    assert told not in hidden, f"{told} of {cells} in {rows}"


@settings(max_examples=80, deadline=None)
@given(worlds())
def test_nothing_is_hidden_where_nothing_is_small(world):
    cells, rows = world
    large = {cell: value * 10 for cell, value in cells.items()}
    table = Table(large, rows)
    assert table.hidden == set()


def test_a_part_of_a_part_is_hidden_too():
    """Grades 6–9 and 10–11 stand alone and together, so three published shares have two unknowns in each school."""
    lower, upper = frozenset({"ticket_6_9"}), frozenset({"ticket_10_11"})
    cells = {("А", "ticket_6_9"): 40, ("А", "ticket_10_11"): 3, ("Б", "ticket_6_9"): 50, ("Б", "ticket_10_11"): 20}
    rows = [Row(("А", "Б"), lower), Row(("А", "Б"), upper), Row(("А", "Б"), lower | upper)]
    table = Table(cells, rows)
    assert table.hides(1, "А") == (True, False)
    assert table.hides(1, "Б") == (True, False), "the total of both schools would tell it"
    assert table.hides(0, "А")[0] or table.hides(2, "А")[0], "the sum of the grades would tell it"
    assert not any(table.hides(row)[0] for row in range(3)), "the municipality's numbers are large"


def test_the_few_who_are_left_are_a_small_group_too():
    rows = [Row(("А", "Б", "В"), frozenset({"tested"}), frozenset({"pupils"}))]
    sizes = {"А": (48, 50), "Б": (30, 60), "В": (20, 25)}
    cells = {
        (unit, name): size
        for unit, pair in sizes.items()
        for name, size in zip(("tested", "pupils"), pair, strict=True)
    }
    table = Table(cells, rows)
    assert [table.hides(0, unit) for unit in "АБВ"] == [(True, False), (False, False), (True, False)]


def test_schools_that_are_hidden_together_are_no_small_group():
    rows = [Row(("А", "Б", "В", "Г"), frozenset({"contest"}))]
    cells = {(unit, "contest"): count for unit, count in zip("АБВГ", (1, 2, 40, 6), strict=True)}
    table = Table(cells, rows)
    assert [table.hides(0, unit)[0] for unit in "АБВГ"] == [True, True, False, True]
