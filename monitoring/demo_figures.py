"""What do the made-up schools of the demonstration report, so that together they give the published totals?

One mechanism serves every number: a municipal total (published, or a rate of a base) is apportioned over the schools by
largest remainder, and no school gets more than the catalogue's own checks and shares allow. There is no randomness:
differences between schools come from a digest of their codes, so the figures are the same on every machine.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from monitoring.demo_places import EXPLANATIONS, FIRST_YEAR, KEMEROVO, PROKOPYEVSK, RECIPES, SPREAD, Place, Recipe

Row = dict[str, int]
Rows = dict[str, Row]
Catalogue = Mapping[str, Any]

NO_LIMIT = 10**7 - 1  # the largest number that a cell of the form takes


class CannotPlaceError(ValueError):
    """A municipal total does not fit between the floors and the caps of the schools."""


def apportion(
    what: str,
    total: int,
    weights: Mapping[str, int],
    caps: Mapping[str, int],
    floors: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Give `total` to the keys of `weights` in proportion, by largest remainder, within floors and caps.

    Ties go to the first key. Raises `CannotPlaceError`, which names `what`, when the total does not fit.
    """
    placed = {key: (floors or {}).get(key, 0) for key in weights}
    room = {key: caps[key] - placed[key] for key in weights}
    left = total - sum(placed.values())
    if min(room.values(), default=0) < 0 or not 0 <= left <= sum(room.values()):
        least, most = sum(placed.values()), sum(caps[key] for key in weights)
        raise CannotPlaceError(f"{what}: a total of {total} cannot be placed, the schools hold from {least} to {most}")
    free = list(weights)
    while True:
        # Where every weight is zero the schools are equal.
        share = {key: weights[key] for key in free} if any(weights[key] for key in free) else dict.fromkeys(free, 1)
        whole = sum(share.values())
        full = [key for key in free if left * share[key] >= room[key] * whole]
        if not full:
            break
        for key in full:
            placed[key] += room[key]
        left -= sum(room[key] for key in full)
        free = [key for key in free if key not in full]
    for key in free:
        placed[key] += left * share[key] // whole
    short = left - sum(left * share[key] // whole for key in free)
    for key in sorted(free, key=lambda key: -(left * share[key] % whole))[:short]:
        placed[key] += 1
    return placed


# Which sums of elements a published table fixes: title → column → elements, the last of which takes the remainder.
# The wholes of the other tables cannot be: they are smaller than their parts.
PUBLISHED: dict[str, dict[str, tuple[str, ...]]] = {
    "Выпускники 9 классов, поступившие в ПОО": {"total": ("pupils_9",), "count": ("grad9_vocational",)},
    "Выпускники 11 классов, поступившие в ПОО": {"total": ("grad11_total",), "count": ("grad11_vocational",)},
    "Выпускники 11 классов, поступившие в организации высшего образования": {"count": ("grad11_higher",)},
    "Участники регионального чемпионата WorldSkills Russia Юниоры, 9-11 классы": {"count": ("worldskills_9_11",)},
    "Участники конкурса «Абилимпикс», обучающиеся с ОВЗ, 5-9 классы": {
        "total": ("disabled_5_9",),
        "count": ("abilympics_5_9",),
    },
    "Охват проектом «Билет в будущее», 5-9 классы": {
        "total": ("pupils_6", "pupils_7", "pupils_8", "pupils_9", "pupils_5"),
        "count": ("ticket_5", "ticket_6_9"),
    },
    "Охват проектом «Билет в будущее», 10-11 классы": {
        "total": ("pupils_10", "pupils_11"),
        "count": ("ticket_10_11",),
    },
    "Профориентационное тестирование, 9-11 классы": {"count": ("tested_9_11",)},
    "Учебные рабочие места для профессиональных проб и практик (количество)": {"count": ("workplaces",)},
    "Родители, которым оказана адресная психолого-педагогическая помощь (на одного родителя)": {
        "count": ("parents_helped",)
    },
}


def kemerovo(published: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Figures of the municipality whose totals were published; `published` is the whole file of published figures."""
    source = published["kemerovo_municipal_district"]
    tables = {table["title"]: table for table in source["tables"]}
    totals = {
        int(school_year[:4]): {
            elements: tables[title][column][at]
            for title, columns in PUBLISHED.items()
            for column, elements in columns.items()
        }
        for at, school_year in enumerate(source["years"])
    }
    return figures(KEMEROVO.with_totals(totals), catalogue)


def prokopyevsk(catalogue: Catalogue) -> dict[str, Any]:
    """Figures of the second municipality, which nothing published binds."""
    return figures(PROKOPYEVSK, catalogue)


def figures(place: Place, catalogue: Catalogue, last_accepted: int = 2021) -> dict[str, Any]:
    """Everything about the place as plain data for a JSON file: schools, accepted years, current year, explanations.

    Values keep the catalogue's order; an element outside its years or the school's grades is absent.
    """
    filled = _filled_years(place, catalogue)
    graduates = {section["code"] for section in catalogue["sections"] if section["form"] == "graduates"}
    of_graduates = {element["code"] for element in catalogue["elements"] if element["section"] in graduates}
    current = filled[last_accepted + 1]
    years: dict[str, dict[str, dict[str, Any]]] = {
        str(year): {code: dict(row) for code, row in rows.items()}
        for year, rows in filled.items()
        if year <= last_accepted
    }
    for (year, code, element), reason in place.no_data.items():
        years[str(year)][code][element] = {"no_data": reason}
    return {
        "municipality": place.municipality,
        "made_up": place.made_up,
        "schools": [
            {"code": s.code, "name": s.name, "kind": s.kind, "locality": s.locality, "grades": list(s.grades)}
            for s in place.schools
        ],
        "years": years,
        "current": {str(last_accepted + 1): _only(current, of_graduates, wanted=False)},
        f"graduates_{last_accepted + 1}": _only(current, of_graduates, wanted=True),
        "explanations": [_explanation(*warning) for warning in _fired(place, catalogue, filled)],
    }


def as_json(data: Any, depth: int = 0) -> str:
    """The text of the file: one line for a school and year, so that a changed number is a short difference."""
    if depth > 2 or not isinstance(data, dict | list) or not data:
        return json.dumps(data, ensure_ascii=False)
    indent = " " * (depth + 1)
    if isinstance(data, list):
        parts = [as_json(value, 3) for value in data]
        opening, closing = "[", "]"
    else:
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {as_json(value, depth + 1)}" for key, value in data.items()]
        opening, closing = "{", "}"
    text = f"{opening}\n{indent}" + f",\n{indent}".join(parts) + f"\n{' ' * depth}{closing}"
    return text + "\n" if depth == 0 else text


def _only(rows: Rows, elements: set[str], wanted: bool) -> Rows:
    return {
        code: {element: value for element, value in row.items() if (element in elements) == wanted}
        for code, row in rows.items()
    }


def _filled_years(place: Place, catalogue: Catalogue) -> dict[int, Rows]:
    """All elements of all schools, year after year, in the order of the catalogue."""
    years: dict[int, Rows] = {}
    before: Rows | None = None
    for year in sorted(place.pupils):
        before = years[year] = _filled_year(place, catalogue, year, before)
    order = [element["code"] for element in catalogue["elements"]]
    return {
        year: {code: {name: row[name] for name in order if name in row} for code, row in rows.items()}
        for year, rows in years.items()
    }


def _filled_year(place: Place, catalogue: Catalogue, year: int, before: Rows | None) -> Rows:
    rows: Rows = {school.code: {} for school in place.schools}
    _place_pupils(place, year, before, rows)
    elements = {element["code"]: element for element in catalogue["elements"]}
    bounds = list(_bounds(catalogue))
    for recipe in RECIPES:
        element = elements[recipe.element]
        if not element.get("since", year) <= year <= element.get("until", year):
            continue
        schools = [s for s in place.schools if set(element.get("grades", s.grades)) & set(s.grades)]
        caps = {s.code: _cap(recipe.element, rows[s.code], bounds) for s in schools}
        base = {s.code: sum(rows[s.code].get(name, 0) for name in recipe.base) or int(not recipe.base) for s in schools}
        if recipe.rest:
            values = caps
        else:
            for code in caps:
                caps[code] = min(caps[code], base[code] if recipe.cap is None else recipe.cap)
            rate = recipe.rates[year - FIRST_YEAR]
            total = _total(place, year, recipe.element, rows, (2 * rate * sum(base.values()) + 1000) // 2000)
            weights = {code: base[code] * _strength(place, code, recipe, year) for code in base}
            values = apportion(f"{recipe.element} {year}", total, weights, caps, dict.fromkeys(base, recipe.floor))
        for code, value in values.items():
            rows[code][recipe.element] = value
    return rows


def _place_pupils(place: Place, year: int, before: Rows | None, rows: Rows) -> None:
    """Pupils by grade: last year's grade below moves up; the first year is spread by the size of the school."""
    sizes = {school.code: school.size for school in place.schools}
    # Grade 5 is last of the grades 5–9, since their published sum fixes it.
    for grade in (1, 2, 3, 4, 6, 7, 8, 9, 5, 10, 11):
        element, schools = f"pupils_{grade}", [s for s in place.schools if grade in s.grades]
        below = f"pupils_{grade - 1}"
        if before is None or grade == 1:
            weights = {s.code: s.size * (90 + _digest(s.code, element, str(year)) % 21) for s in schools}
        else:
            weights = {s.code: before[s.code][below] for s in schools}
        for source, target in place.feeders.items():
            if before is None and grade > 4:
                weights[target] += 100 * sizes[source]
            elif before is not None and grade == 5:
                weights[target] += before[source][below]
        total = _total(place, year, element, rows, place.pupils[year][grade - 1])
        placed = apportion(
            f"{element} {year}", total, weights, dict.fromkeys(weights, NO_LIMIT), dict.fromkeys(weights, 2)
        )
        for code, value in placed.items():
            rows[code][element] = value


def _total(place: Place, year: int, element: str, rows: Rows, otherwise: int | None) -> int:
    """The published total of the element less what is placed of it already, or `otherwise`."""
    for together, total in place.totals.get(year, {}).items():
        if together[-1] == element:
            return total - sum(row.get(name, 0) for row in rows.values() for name in together[:-1])
    if otherwise is None:
        raise CannotPlaceError(f"{element} {year}: there is neither a published nor a made-up total")
    return otherwise


def _bounds(catalogue: Catalogue) -> Iterator[tuple[list[str], list[str]]]:
    """(left, right) with Σ left ≤ Σ right: the checks of the catalogue and what each share implies."""

    def expanded(names: Sequence[str]) -> list[str]:
        return [part for name in names for part in catalogue["populations"].get(name, [name])]

    for check in catalogue["checks"]:
        yield expanded(check["left"]), expanded(check["right"])
    for indicator in catalogue["indicators"]:
        if indicator["kind"] == "share":
            yield expanded(indicator["numerator"]), expanded(indicator["denominator"])


def _cap(element: str, row: Row, bounds: list[tuple[list[str], list[str]]]) -> int:
    """The most that the school may have of the element, given what it has of the others."""
    return min(
        (
            sum(row.get(name, 0) for name in right) - sum(row.get(name, 0) for name in left)
            for left, right in bounds
            if element in left
        ),
        default=NO_LIMIT,
    )


def _digest(*parts: str) -> int:
    return int.from_bytes(hashlib.sha256("/".join(parts).encode()).digest()[:4], "big")


def _strength(place: Place, code: str, recipe: Recipe, year: int) -> int:
    """How active the school is, a weight: its constant character in the theme and in the element, and a tendency."""
    spread = SPREAD.get(recipe.theme, 30)
    in_theme = 100 - spread + _digest(code, recipe.theme) % (2 * spread + 1)
    in_element = 100 - spread // 2 + _digest(code, recipe.element) % (spread // 2 * 2 + 1)
    return in_theme * in_element * place.tendencies.get((code, recipe.theme), (100,) * 4)[year - FIRST_YEAR]


def _fired(place: Place, catalogue: Catalogue, years: Mapping[int, Rows]) -> Iterator[tuple[int, str, str, str, bool]]:
    """(year, school, check, element, whether it rises) of every change that W901 asks about.

    W109 and W110 cannot fire: both are bounds of the numbers. A cell without data is not compared.
    """
    rule = catalogue["year_on_year"][0]
    for year, rows in years.items():
        for code, row in rows.items():
            for element, now in row.items():
                was = years.get(year - 1, {}).get(code, {}).get(element)
                unknown = {(year, code, element), (year - 1, code, element)} & place.no_data.keys()
                if was is None or unknown:
                    continue
                if abs(now - was) > rule["people"] and 100 * abs(now - was) > rule["percent"] * was:
                    yield year, code, rule["code"], element, now > was


def _explanation(year: int, code: str, check: str, element: str, rises: bool) -> dict[str, Any]:
    choices = EXPLANATIONS[element, rises]
    reason, text = choices[_digest(code, element, str(year)) % len(choices)]
    return {"year": year, "school": code, "check": check, "element": element, "reason": reason, "text": text}
