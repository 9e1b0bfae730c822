"""Does a printed percentage follow from its own numbers (W-04), and is a part no larger than its whole (E-01)?"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from monitoring.catalogue import quoted
from monitoring.detectors.records import Entry, Finding, Series
from portal.formats import NBSP, number, percent, round_half_up


def wrong_percentages(series: Iterable[Series]) -> list[Finding]:
    """W-04: recompute every printed percentage half-up with as many digits as were printed."""
    found = []
    for one in series:
        wrong = [entry for entry in one.entries if declared_wrongly(entry)]
        if wrong:
            found.append(
                Finding(
                    "W-04",
                    f"{quoted(one.name)}: напечатан не тот процент, который следует из чисел",
                    tuple(_line(entry) for entry in wrong),
                    tuple(one.spot(entry) for entry in wrong),
                    frozenset(one.spot(entry) for entry in wrong if not _rounded_otherwise(entry)),
                )
            )
    return found


def larger_parts(series: Iterable[Series]) -> list[Finding]:
    """E-01: more were counted than there were."""
    found = []
    for one in series:
        wrong = [
            entry for entry in one.entries if entry.count and entry.total is not None and entry.count > entry.total
        ]
        if wrong:
            spots = tuple(one.spot(entry) for entry in wrong)
            lines = tuple(
                f"{entry.year_words}: {number(entry.count or 0)} из {number(entry.total or 0)}." for entry in wrong
            )
            found.append(Finding("E-01", f"{quoted(one.name)}: часть больше целого", lines, spots, frozenset(spots)))
    return found


def computed(entry: Entry) -> Decimal | None:
    """The percentage that the rule of rounding gives, with as many digits as were printed; one where nothing was."""
    exact = _exact(entry)
    return None if exact is None else round_half_up(exact, _digits(entry.declared) if entry.declared else 1)


def declared_wrongly(entry: Entry) -> bool:
    return bool(entry.declared) and _exact(entry) is not None and Decimal(entry.declared) != computed(entry)


def written(value: str | Decimal) -> str:
    """A percentage with a decimal comma and its sign; the digits stay as they are."""
    return f"{value}".replace(".", ",") + f"{NBSP}%"


def _exact(entry: Entry) -> Fraction | None:
    if entry.count is None or not entry.total:
        return None
    return Fraction(entry.count * 100, entry.total)


def _digits(declared: str) -> int:
    return len(declared.partition(".")[2])


def _rounded_otherwise(entry: Entry) -> bool:
    """Whether the printed value is a neighbour of the exact one: cut off or rounded the other way, nothing worse."""
    exact = _exact(entry) or Fraction(0)
    return abs(Fraction(Decimal(entry.declared)) - exact) < Fraction(1, 10 ** _digits(entry.declared))


def _line(entry: Entry) -> str:
    count, total = entry.count or 0, entry.total or 0
    told = (
        f"{entry.year_words}: {number(count)} из {number(total)} – это {_shown(entry)},"
        f" по правилу округления {written(computed(entry) or Decimal(0))}, а напечатано {written(entry.declared)}."
    )
    if _rounded_otherwise(entry) or not Decimal(entry.declared):
        return told
    base = round_half_up(Fraction(count * 100) / Fraction(Decimal(entry.declared)))
    return f"{told} Такой процент получается от {number(int(base))}: похоже, он посчитан от другого числа."


def _shown(entry: Entry) -> str:
    """The exact percentage with enough digits that rounding what is shown gives the computed value again."""
    exact, rule = _exact(entry) or Fraction(0), computed(entry)
    digits = _digits(entry.declared)
    places = max(digits + 1, 2)
    while round_half_up(round_half_up(exact, places), digits) != rule and places < digits + 6:
        places += 1
    text = percent(exact / 100, places).removesuffix(f"{NBSP}%")
    return text.rstrip("0").rstrip(",") + f"{NBSP}%"
