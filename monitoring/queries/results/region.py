"""Several municipalities of a region side by side: their totals, and what of them must not be told (features I2, K2).

Only totals of municipalities are read, never a school. Indicators share their parts: grades 6–9 and 10–11 stand alone
and together. So those that share an element of their numerators are hidden together in a municipality, and each row
of counts with its regional total is judged by `suppression.hide` until no rule hides more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from django.db.models import Sum

from monitoring.arithmetic import Measured, together
from monitoring.enums import IndicatorKind, Side
from monitoring.models import Indicator, IndicatorTotal, Term
from monitoring.suppression import hide, is_small, telling
from portal.models import Municipality, Region

Place = tuple[int, str]  # municipality, indicator
Totals = Mapping[Place, Measured]
SumName = tuple[str, str]  # an indicator and «numerator» or «denominator»


@dataclass(frozen=True, slots=True)
class Formula:
    """Which elements an indicator adds up; a share of organisations counts organisations, so it shares nothing."""

    numerator: frozenset[int]
    denominator: frozenset[int]


@dataclass(frozen=True, slots=True)
class RegionColumn:
    """One indicator: the totals that may be told by municipality, and the region's, None where it must not be."""

    indicator: Indicator
    told: Mapping[int, Measured]
    hidden: frozenset[int]
    region: Measured | None
    region_hidden: bool


@dataclass(frozen=True, slots=True)
class RegionGroup:
    code: str
    title: str
    columns: tuple[RegionColumn, ...]


@dataclass(frozen=True, slots=True)
class RegionYear:
    municipalities: tuple[Municipality, ...]
    groups: tuple[RegionGroup, ...]


def region_years(region: Region) -> tuple[int, ...]:
    """School years for which any municipality of the region has totals with accepted data, newest first."""
    rows = IndicatorTotal.objects.filter(municipality__region=region, schools_used__gt=0)
    return tuple(sorted(rows.values_list("year", flat=True).distinct(), reverse=True))


def region_default_year(region: Region) -> int | None:
    """The newest year that can be judged: half of the answers of its schools are accepted; else the newest with any."""
    rows = IndicatorTotal.objects.filter(municipality__region=region).values("year").order_by("-year")
    counted = rows.annotate(used=Sum("schools_used"), asked=Sum("schools_expected"))
    years = [(row["year"], row["used"], row["asked"]) for row in counted if row["used"]]
    return next((year for year, used, expected in years if 2 * used >= expected), years[0][0] if years else None)


def region_year(region: Region, year: int) -> RegionYear:
    """All indicators of a year by municipality, with what is hidden; four queries."""
    places = tuple(Municipality.objects.filter(region=region).order_by("name"))
    rows = IndicatorTotal.objects.filter(municipality__region=region, year=year).select_related("indicator__group")
    totals: dict[Place, Measured] = {}
    indicators: dict[str, Indicator] = {}
    for row in rows.order_by("indicator__group__order", "indicator__order"):
        if row.schools_expected:
            indicators[row.indicator.code] = row.indicator
            totals[row.municipality_id, row.indicator.code] = row.measured
    hidden, totals_hidden = hidden_places(totals, _formulas(indicators))
    groups: dict[tuple[str, str], list[RegionColumn]] = defaultdict(list)
    for code, indicator in indicators.items():
        column = _column(indicator, totals, hidden, code in totals_hidden)
        groups[indicator.group.code, indicator.group.title].append(column)
    return RegionYear(places, tuple(RegionGroup(code, title, tuple(row)) for (code, title), row in groups.items()))


def _column(indicator: Indicator, totals: Totals, hidden: set[Place], region_hidden: bool) -> RegionColumn:
    own = {place: measured for (place, code), measured in totals.items() if code == indicator.code}
    return RegionColumn(
        indicator=indicator,
        told={place: one for place, one in own.items() if (place, indicator.code) not in hidden},
        hidden=frozenset(place for place in own if (place, indicator.code) in hidden),
        region=None if region_hidden else together(list(own.values())),
        region_hidden=region_hidden,
    )


def _formulas(indicators: Mapping[str, Indicator]) -> dict[str, Formula]:
    sides: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    terms = Term.objects.filter(indicator__in=indicators.values())
    for code, side, element in terms.values_list("indicator__code", "side", "element_id"):
        sides[code][side].add(element)
    return {
        code: Formula(frozenset(own[Side.NUMERATOR]), frozenset(own[Side.DENOMINATOR])) for code, own in sides.items()
    }


# --- what is hidden ---------------------------------------------------------------------------------------------------


def hidden_places(totals: Totals, formulas: Mapping[str, Formula]) -> tuple[set[Place], set[str]]:
    """(municipality × indicator that must not be told, indicators whose regional total must not be told).

    Hidden at first: counts of 1–4 in a numerator, a base, the rest of a base, or between two sums one of which holds
    the other; and what only one school gave. Then whatever would let them be computed back.
    """
    codes, places = sorted({code for _, code in totals}), {place for place, _ in totals}
    families = _families(codes, totals, formulas)
    first = {(place, families[code]) for place, code in totals if _small(totals[place, code])}
    nested = _nested(codes, totals, formulas)
    first |= _small_differences(nested, totals, families)
    hidden: dict[int, set[int]] = defaultdict(set)  # family → municipalities
    for place, family in first:
        hidden[family].add(place)
    while any(_more(code, totals, hidden[families[code]]) for code in codes):
        pass
    untold = {family for code in codes if _tells(code, totals, hidden[family := families[code]])}
    for whole, part in nested:
        family = families[whole[0]]
        if any(is_small(_between(whole, part, totals, among)) for among in (places, hidden[family])):
            untold |= {family, families[part[0]]}
    found = {(place, code) for place, code in totals if place in hidden[families[code]]}
    return found, {code for code in codes if families[code] in untold}


def _families(codes: Sequence[str], totals: Totals, formulas: Mapping[str, Formula]) -> dict[str, int]:
    """Indicators whose counted people may be the same; a numerator that is another's base belongs to it too."""
    kinds = {code: measured.kind for (_, code), measured in totals.items()}
    family = {code: place for place, code in enumerate(codes)}
    for one, other in combinations(codes, 2):
        if IndicatorKind.ORG_SHARE in (kinds[one], kinds[other]):
            continue
        mine, its = formulas[one], formulas[other]
        shared = (mine.numerator & its.numerator) or (mine.numerator & its.denominator)
        if shared or mine.denominator & its.numerator:
            old, new = family[other], family[one]
            family = {code: new if place == old else place for code, place in family.items()}
    return family


def _small(measured: Measured) -> bool:
    """Whether a total is to be hidden for its own sake."""
    if not measured.used:
        return False
    rest = measured.denominator - measured.numerator
    share = measured.kind != IndicatorKind.COUNT
    counts = (measured.numerator, measured.denominator, rest) if share else (measured.numerator,)
    return measured.used == 1 or any(is_small(count) for count in counts)


def _nested(codes: Sequence[str], totals: Totals, formulas: Mapping[str, Formula]) -> list[tuple[SumName, SumName]]:
    """Pairs of sums of different indicators of which the first holds every element of the second, and more."""
    kinds = {code: measured.kind for (_, code), measured in totals.items()}
    sums = [
        (code, side, elements)
        for code in codes
        if kinds[code] != IndicatorKind.ORG_SHARE
        for side, elements in (("numerator", formulas[code].numerator), ("denominator", formulas[code].denominator))
        if elements
    ]
    pairs = permutations(sums, 2)
    return [(whole[:2], part[:2]) for whole, part in pairs if part[2] < whole[2] and whole[0] != part[0]]


def _small_differences(
    nested: Iterable[tuple[SumName, SumName]], totals: Totals, families: Mapping[str, int]
) -> set[tuple[int, int]]:
    """Municipalities × families in which one sum less a sum that it holds is a count of 1–4 people."""
    found = set()
    places = {place for place, _ in totals}
    for whole, part in nested:
        small = {place for place in places if is_small(_between(whole, part, totals, [place]))}
        found |= {(place, families[code]) for place in small for code in (whole[0], part[0])}
    return found


def _between(whole: SumName, part: SumName, totals: Totals, places: Iterable[int]) -> int:
    """How many people one sum counts more than another, in the municipalities that have both."""
    pairs = ((totals.get((place, whole[0])), totals.get((place, part[0]))) for place in places)
    return sum(getattr(one, whole[1]) - getattr(other, part[1]) for one, other in pairs if one and other)


def _rows(code: str, totals: Totals) -> tuple[list[int], list[list[int]]]:
    """Municipalities with a value, and the rows of counts that add up to something told of the region."""
    own = {place: one for (place, named), one in totals.items() if named == code and one.used}
    rows = [[one.numerator for one in own.values()]]
    if any(one.kind != IndicatorKind.COUNT for one in own.values()):
        rows.append([one.denominator for one in own.values()])
        rows.append([one.denominator - one.numerator for one in own.values()])
    return list(own), rows


def _more(code: str, totals: Totals, hidden: set[int]) -> bool:
    """Hide what one indicator's rows ask for; whether anything was added. One alone is always told by the total."""
    places, rows = _rows(code, totals)
    before = len(hidden)
    for row in rows:
        also = {index for index, place in enumerate(places) if place in hidden}
        if also:
            hidden.update(places[index] for index, is_hidden in enumerate(hide(row, also)) if is_hidden)
    alone = hidden & set(places)
    if len(alone) == 1 and len(places) > 1:
        rest = [(count, place) for count, place in zip(rows[0], places, strict=True) if place not in alone]
        hidden.add(min(rest, key=lambda one: (not one[0], one[0]))[1])
    return len(hidden) > before


def _tells(code: str, totals: Totals, hidden: set[int]) -> bool:
    """Whether the region's total would tell what is hidden in its row."""
    places, rows = _rows(code, totals)
    chosen = [index for index, place in enumerate(places) if place in hidden]
    return len(chosen) == 1 or any(telling([row[index] for index in chosen]) for row in rows)
