"""How drafted prose is put together: numbers as fields, names of schools and people, the words of an indicator."""

import re
from collections.abc import Iterable
from fractions import Fraction

from monitoring.queries.results.overview import IndicatorHistory, SchoolLine
from monitoring.queries.results.sentences import value_words
from portal.formats import NBSP, decimal, percent
from reports.document import Field, Inline, Paragraph, Text

# What the tables print instead of a number, told once in the chapter on method.
SIGNS = (
    "«…» – данных нет или доля не имеет значения, потому что численность равна нулю;",
    "«х» – показатель неприменим: в этом году не собирался или не относится к организации;",
    "«–» – доля не вычисляется, потому что численность меньше 10 человек; указаны только числа.",
)
TOO_SMALL = "–"

# A school year and a range of grades are names; any other number is a figure of the report, with its unit.
_NAMES = r"\d{4}/\d{2,4}|\d+–\d+"
_NUMBER = r"\d{1,3}(?:\u00a0\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
_UNIT = r"\u00a0%|\u00a0п\.\u00a0п\."
_FIGURE = re.compile(
    rf"({_NAMES})|(≈\u00a0(?:{_NUMBER}) \w+|[+\u2212]?(?:{_NUMBER})(?:{_UNIT})?(?: из (?:{_NUMBER}))?)"
)


def drafted(sentence: str, code: str) -> tuple[Inline, ...]:
    """A sentence with every figure in it as a Field of the indicator `code`; years and grades stay words."""
    inlines: list[Inline] = []
    words = ""
    place = 0
    for found in _FIGURE.finditer(sentence):
        words += sentence[place : found.start()]
        if found[1]:
            words += found[1]
        else:
            inlines += [Text(words)] if words else []
            inlines.append(Field(found[2], code))
            words = ""
        place = found.end()
    words += sentence[place:]
    return (*inlines, Text(words)) if words else tuple(inlines)


def paragraph(*parts: Inline | str | tuple[Inline, ...]) -> Paragraph:
    """A paragraph of words, inlines and drafted sentences."""
    return Paragraph(run(*parts))


def run(*parts: Inline | str | tuple[Inline, ...]) -> tuple[Inline, ...]:
    """Words, inlines and drafted sentences as one row of inlines."""
    inlines: list[Inline] = []
    for part in parts:
        inlines += part if isinstance(part, tuple) else (Text(part) if isinstance(part, str) else part,)
    return tuple(inlines)


def listed(sentences: Iterable[str]) -> tuple[tuple[Inline, ...], ...]:
    """Items of a list that have no figures."""
    return tuple((Text(sentence),) for sentence in sentences)


def block_key(kind: str, code: str) -> str:
    """The key of an indicator's heading, table or figure: «table-1.1»."""
    return f"{kind}-{code}"


def school_value(line: SchoolLine, code: str) -> str:
    """«МБОУ «Школа № 5» – 12,5 % (3 из 24)»."""
    return f"{line.school.name} – {value_words(line.values[code])}"


def school_names(lines: Iterable[SchoolLine]) -> str:
    return ", ".join(line.school.name for line in lines)


def bare_percent(value: Fraction | None) -> str:
    """The percentage without its sign, for a column headed «%»."""
    return percent(value).removesuffix(f"{NBSP}%")


def threshold(value: Fraction, history: IndicatorHistory) -> str:
    """A bound among values of an indicator: «42,1 %», or a number for a count."""
    if not history.is_count:
        return percent(value)
    return decimal(value, 0 if value.denominator == 1 else 1)


def whole_fraction(words: str) -> str:
    """«67,3 % (282 из 419)» that breaks, if it must, only before the bracket."""
    value, _, fraction = words.partition(" (")
    return f"{value} ({fraction.replace(' ', NBSP)}" if fraction else words.replace(" ", NBSP)


def quoted(name: str) -> str:
    """A name in «ёлочки»; quotes inside it become „лапки“."""
    return f"«{name.replace('«', '„').replace('»', '“')}»"


def small_first(words: str) -> str:
    """The words as they stand inside a sentence."""
    return words[:1].lower() + words[1:]


def initials(full_name: str) -> str:
    """«Петрова Мария Ивановна» as it stands under a signature: «М. И. Петрова»; initials already given stay."""
    parts = full_name.split()
    if len(parts) == 3 and not any("." in part for part in parts):
        family, first, second = parts
        parts = [f"{first[0]}.", f"{second[0]}.", family]
    return NBSP.join(parts)
