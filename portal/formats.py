"""How a number, a share, a year, a date and a count of things are written in Russian.

The only place of the project where anything is rounded. Pure: no Django, no database. Floats are refused, because
46/80 is exactly 57,5 only as a fraction.
"""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

NBSP = "\u00a0"
MINUS = "\u2212"
NO_DATA = "…"
INAPPLICABLE = "х"  # the Cyrillic letter, as Rosstat prints it

SMALL_BASE = 10  # below it a percentage says nothing: only the count is written (design §2, rule 3)

_MONTHS = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]


def round_half_up(value: Fraction | Decimal | int, places: int = 0) -> Decimal:
    """Round exactly to `places` digits after the comma; a half goes away from zero, as Decimal's ROUND_HALF_UP.

    Raises TypeError for a float and ValueError for negative `places`.
    """
    if isinstance(value, float):
        raise TypeError("a float is not exact: give a Fraction, a Decimal or an int")
    if places < 0:
        raise ValueError("places must be 0 or more")
    exact = value if isinstance(value, Fraction) else Fraction(value)
    top, bottom = exact.numerator, exact.denominator
    units = (2 * abs(top) * 10**places + bottom) // (2 * bottom)
    sign = 1 if top < 0 and units else 0
    return Decimal((sign, tuple(int(digit) for digit in str(units)), -places))


def number(n: int) -> str:
    """A whole number: «1450», «21 775» (groups joined by U+00A0 from five digits on), «−16» (U+2212)."""
    return (MINUS if n < 0 else "") + _grouped(str(abs(n)))


def signed(n: int) -> str:
    """A change in things or people: «+16», «−16», «0»."""
    return f"+{number(n)}" if n > 0 else number(n)


def decimal(value: Fraction | Decimal | int, places: int = 1) -> str:
    """A fractional number with a decimal comma, rounded half-up: «67,3»."""
    return _written(round_half_up(value, places))


def percent(ratio: Fraction | None, places: int = 1) -> str:
    """A ratio (0…1) as «67,3 %»; «…» for None."""
    return NO_DATA if ratio is None else f"{decimal(ratio * 100, places)}{NBSP}%"


@lru_cache(maxsize=16_384)  # the pages of a day print the same shares again and again
def share(numerator: int | None, denominator: int | None) -> str:
    """A share with its fraction: «67,3 % (282 из 419)»; «3 из 7» for a base under ten; «…» where there is no value.

    No value is a missing term or a zero denominator (design §2, rules 2 and 3).
    """
    if numerator is None or not denominator:
        return NO_DATA
    counts = f"{number(numerator)} из {number(denominator)}"
    if denominator < SMALL_BASE:
        return counts
    return f"{percent(Fraction(numerator, denominator))} ({counts})"


def points(diff: Fraction) -> str:
    """A difference of two ratios in percentage points: «+2,1 п. п.», «0,0 п. п.»."""
    return f"{_signed_percent(diff)}{NBSP}п.{NBSP}п."


def relative(ratio_change: Fraction) -> str:
    """A relative change given as a ratio (new / old − 1): «+12,1 %»."""
    return f"{_signed_percent(ratio_change)}{NBSP}%"


def school_year(year: int) -> str:
    """A school year by its first calendar year: 2021 → «2021/2022 учебный год»."""
    return f"{_years(year)} учебный год"


def school_year_genitive(year: int) -> str:
    """2021 → «2021/2022 учебного года»."""
    return f"{_years(year)} учебного года"


def school_year_prepositional(year: int) -> str:
    """2021 → «2021/2022 учебном году»."""
    return f"{_years(year)} учебном году"


def school_year_short(year: int) -> str:
    """For heads of tables: 2021 → «2021/22»."""
    return f"{year}/{(year + 1) % 100:02d}"


def plural_form(n: int, one: str, few: str, many: str) -> str:
    """The form of the noun that stands after `n`: 1, 21 → one; 2, 23 → few; 5, 11, 112 → many."""
    last_two, last = abs(n) % 100, abs(n) % 10
    if 11 <= last_two <= 14:
        return many
    if last == 1:
        return one
    if 2 <= last <= 4:
        return few
    return many


def plural(n: int, one: str, few: str, many: str) -> str:
    """The number with its noun: plural(5, "школа", "школы", "школ") → «5 школ»."""
    return f"{number(n)} {plural_form(n, one, few, many)}"


def date_words(date: datetime.date) -> str:
    """«15 июня 2026 г.»."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}{NBSP}г."


def date_digits(date: datetime.date) -> str:
    """«15.06.2026»."""
    return f"{date.day:02d}.{date.month:02d}.{date.year:04d}"


def coverage(used: int, expected: int) -> str:
    """How many schools stand behind a value: «по данным 19 из 19 школ», «по данным 20 из 21 школы»."""
    return f"по данным {number(used)} из {number(expected)} {plural_form(expected, 'школы', 'школ', 'школ')}"


def listed(names: Sequence[str], most: int = 10) -> str:
    """Names in a sentence: «А, Б», and beyond `most` of them «А, Б и ещё 3»."""
    shown = ", ".join(names[:most])
    return f"{shown} и ещё {len(names) - most}" if len(names) > most else shown


def ranges(numbers: list[int]) -> str:
    """Ascending whole numbers with their runs joined: [1, 2, 3, 5] → «1–3, 5»."""
    runs: list[list[int]] = []
    for n in numbers:
        if runs and n == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], n]
        else:
            runs.append([n])
    return ", ".join("–".join(str(n) for n in run) for run in runs)


def search_key(text: str) -> str:
    """The text as it is searched: SQLite's `icontains` knows no Cyrillic case, and people type «е» for «ё»."""
    return " ".join(text.casefold().replace("ё", "е").split())


def sort_key(text: str) -> str:
    """The text as it is sorted: case and «ё» folded, numbers padded so that «№ 5» stands before «№ 12»."""
    bare = "".join(ch if ch.isalnum() else " " for ch in search_key(text))
    return " ".join(part.zfill(6) if part.isdecimal() else part for part in bare.split())


def _years(year: int) -> str:
    return f"{year}/{year + 1}"


def _signed_percent(ratio: Fraction) -> str:
    rounded = round_half_up(ratio * 100, 1)
    return f"+{_written(rounded)}" if rounded > 0 else _written(rounded)


def _written(rounded: Decimal) -> str:
    whole, _, fraction = format(abs(rounded), "f").partition(".")
    sign = MINUS if rounded < 0 else ""
    return sign + _grouped(whole) + (f",{fraction}" if fraction else "")


def _grouped(digits: str) -> str:
    return digits if len(digits) < 5 else f"{int(digits):,}".replace(",", NBSP)
