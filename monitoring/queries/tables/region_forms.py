"""Форма региона: what a mark in a cell means, and what stands there for a year."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind
from monitoring.models import Element, Submission
from monitoring.queries.results.element_sums import element_sums, total
from monitoring.queries.results.indicators import Circle, measure
from monitoring.queries.results.sentences import coverage_words
from monitoring.queries.tables.table_offer import Item, Offer
from portal.formats import NO_DATA, number, percent, round_half_up, school_year_short

SOME_MARK = re.compile(r"\{([^{}]{1,80})\}")
ONE_MARK = re.compile(r"\s*\{([^{}]{1,80})\}\s*")
PARTS = ("числитель", "знаменатель", "процент")
WORDS = {
    "муниципалитет": "название муниципалитета",
    "год": "учебный год",
    "школ": "сколько организаций сдаёт формы этого года",
}
_LATIN = str.maketrans("авекмнорстух", "abekmhopctyx")  # «2.1-р» typed on a Russian keyboard
_NO_YEAR = "сбор данных ещё не проводился"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code stands for: one of WORDS, or an item with one of PARTS (empty = its usual value)."""

    words: str
    item: Item | None = None
    part: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a code says for a year. `value` is None where there is nothing; `note` says why, or whose data it is."""

    value: int | Fraction | str | None
    note: str = ""

    @property
    def words(self) -> str:
        if self.value is None:
            return NO_DATA
        if isinstance(self.value, Fraction):
            return percent(self.value)
        return self.value if isinstance(self.value, str) else number(self.value)


@dataclass(frozen=True, slots=True)
class MarkLine:
    """One marked cell on the page. `problem` says that the mark means nothing; then the cell is left alone."""

    sheet: str
    cell: str
    mark: str
    means: str
    words: str
    note: str
    problem: str
    value: Any  # as `region_workbook.fill` takes it
    missing: bool


def meaning_of(code: str, offer: Offer) -> Meaning:
    """What a code in braces means. Raises ValueError with a sentence that names what is like it."""
    words = code.casefold().split()
    if len(words) == 1 and words[0] in WORDS:
        return Meaning(WORDS[words[0]], word=words[0])
    part = words.pop() if len(words) > 1 and words[-1] in PARTS else ""
    asked = " ".join(words).replace(",", ".")
    known = {key.casefold(): item for key, item in offer.items.items()}
    item = known.get(asked) or known.get(asked.translate(_LATIN))
    if item is None:
        raise ValueError(_unknown(code, asked, [*known, *WORDS]))
    if part and (isinstance(item.model, Element) or (part != "числитель" and item.kind == IndicatorKind.COUNT)):
        raise ValueError(f"«{item.code}» – это число, у него нет слова «{part}». Напишите просто {{{item.code}}}.")
    return Meaning(item.label + (f" – {part}" if part else ""), item, part)


def _unknown(code: str, asked: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(asked, known, 3, 0.6) or [one for one in known if one.startswith(asked[:3])][:3]
    hint = f" Похожие коды: {', '.join(near)}." if near else " Коды показателей есть в их паспортах."
    return f"Кода «{code}» нет.{hint}"


class YearFigures:
    """The figures of a year that some marks need; three queries."""

    def __init__(self, offer: Offer, year: int | None, codes: Iterable[str], *, preliminary: bool) -> None:
        self.offer, self.year = offer, year
        self.sums: dict[str, Measured | None] = {}
        self.schools = 0
        if year is None:
            return
        items = [offer.items[code] for code in dict.fromkeys(codes)]
        place = offer.municipality.pk
        circle = Circle(place, (year,))
        measured = measure(circle, by="municipality", preliminary=preliminary)
        self.sums = {code: sums for (_, _, code), sums in measured.items()}
        elements = [one.model for one in items if isinstance(one.model, Element)]
        said = element_sums(circle, elements, preliminary=preliminary)
        for element in elements:
            self.sums[element.code] = total(sums for (_, _, code), sums in said.items() if code == element.code)
        asked = Submission.objects.filter(municipality=place, year=year)
        self.schools = asked.values("school").distinct().count()

    def answer(self, meaning: Meaning) -> Answer:
        if self.year is None:
            return Answer(None, _NO_YEAR)
        if meaning.item is None:
            said: dict[str, int | str] = {
                "муниципалитет": self.offer.municipality.name,
                "год": school_year_short(self.year),
                "школ": self.schools,
            }
            return Answer(said[meaning.word])
        return self._of_item(meaning.item, meaning.part)

    def _of_item(self, item: Item, part: str) -> Answer:
        sums = self.sums.get(item.code)
        if sums is None or not sums.expected:
            valid = item.valid_in(self.year or 0)
            return Answer(None, "в этом году не запрашивался" if valid else "в этом году не собирался")
        if not sums.used:
            return Answer(None, f"нет принятых данных: {coverage_words(sums)}")
        note = coverage_words(sums)
        if part == "числитель" or sums.is_count:
            return Answer(sums.numerator, note)
        if part == "знаменатель":
            return Answer(sums.denominator, note)
        if sums.value is None:
            return Answer(None, "знаменатель равен нулю")
        return Answer(sums.value, f"{note}; основа меньше 10 человек" if sums.small else note)


def mark_lines(
    marks: Iterable[Sequence[str]], offer: Offer, year: int | None, *, preliminary: bool = False
) -> list[MarkLine]:
    """Every mark with what it means and what it says for the year; three queries whatever their number."""
    read = [(sheet, cell, mark, *_meanings(mark, offer)) for sheet, cell, mark in marks]
    codes = [one.item.code for _, _, _, found, _ in read for one in found.values() if one.item]
    figures = YearFigures(offer, year, codes, preliminary=preliminary)
    return [_line(sheet, cell, mark, found, problem, figures) for sheet, cell, mark, found, problem in read]


def _meanings(mark: str, offer: Offer) -> tuple[dict[str, Meaning], str]:
    """({code: meaning}, problem) of a mark: one code, or a text with several in braces."""
    found: dict[str, Meaning] = {}
    try:
        for code in SOME_MARK.findall(mark) if "{" in mark else [mark]:
            found[code] = meaning_of(code, offer)
    except ValueError as unknown:
        return {}, str(unknown)
    return found, ""


def _line(sheet: str, cell: str, mark: str, found: dict[str, Meaning], problem: str, figures: YearFigures) -> MarkLine:
    if problem:
        return MarkLine(sheet, cell, mark, "", NO_DATA, "", problem, None, missing=True)
    answers = {code: figures.answer(meaning) for code, meaning in found.items()}
    means = "; ".join(dict.fromkeys(meaning.words for meaning in found.values()))
    note = "; ".join(dict.fromkeys(answer.note for answer in answers.values() if answer.note))
    missing = any(answer.value is None for answer in answers.values())
    if "{" in mark:
        words = SOME_MARK.sub(lambda match: answers[match[1]].words, mark)
        return MarkLine(sheet, cell, mark, means, words, note, "", words, missing)
    (answer,) = answers.values()
    return MarkLine(sheet, cell, mark, means, answer.words, note, "", _for_cell(answer), missing)


def _for_cell(answer: Answer) -> Any:
    """Numbers stay numbers; a share goes with its percent of one digit and its ratio; nothing is «…»."""
    if answer.value is None:
        return NO_DATA
    if isinstance(answer.value, Fraction):
        return {
            "percent": float(round_half_up(answer.value * 100, 1)),
            "ratio": float(round_half_up(answer.value, 6)),
        }
    return answer.value
