"""What is looked at and what is found: series of numbers over the years, of whom they are counted, findings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from monitoring.catalogue import grades_label
from monitoring.enums import BaseOf
from portal.formats import school_year_short

_WORDS: dict[str, tuple[str, str]] = {  # nominative and genitive plural
    BaseOf.PUPILS: ("обучающиеся", "обучающихся"),
    BaseOf.DISABLED: ("обучающиеся с ОВЗ и инвалидностью", "обучающихся с ОВЗ и инвалидностью"),
    BaseOf.GRADUATES: ("выпускники", "выпускников"),
    BaseOf.PARENTS: ("родители", "родителей"),
    BaseOf.SCHOOLS: ("организации", "организаций"),
    BaseOf.OTHER: ("другое", "других"),
}
_GRADES = ("классов", "классов")  # printed tables say «выпускники 9 классов»


class Spot(NamedTuple):
    """One year of one series: where a finding points to."""

    series: str
    year: int


@dataclass(frozen=True, slots=True)
class Population:
    """The people of whom a base is counted. `document` is set only where grades are not: there alone it is the same."""

    of: str
    grades: tuple[int, ...] = ()
    document: str = ""

    @property
    def words(self) -> str:
        return " ".join(filter(None, (_WORDS[self.of][0], grades_label(self.grades, _GRADES))))

    @property
    def genitive(self) -> str:
        return " ".join(filter(None, (_WORDS[self.of][1], grades_label(self.grades, _GRADES))))


@dataclass(frozen=True, slots=True)
class Entry:
    """One year: so many of so many, and the percentage that was printed beside them («4.2»; empty where none was).

    `comparable` is false where too few organisations stand behind the numbers; `coverage` says how many do.
    """

    year: int
    count: int | None
    total: int | None
    declared: str = ""
    comparable: bool = True
    coverage: str = ""

    @property
    def year_words(self) -> str:
        return school_year_short(self.year)


@dataclass(frozen=True, slots=True)
class Series:
    """One published table, or one indicator of the portal, over the years.

    `elements` are the codes of a numerator: series that share one, or that a relation of the catalogue joins (`kin`),
    may be alike. `chain` joins series that follow each other, `scope` says what each of them counts. `defined` are the
    grades of the linked indicator's definition and `since`…`until` its years. `people` is false where organisations
    are counted.
    """

    key: str
    name: str
    entries: tuple[Entry, ...]
    base: Population | None = None
    document: str = ""
    chain: str = ""
    scope: str = ""
    indicator: str = ""
    defined: tuple[int, ...] = ()
    since: int | None = None
    until: int | None = None
    elements: frozenset[str] = frozenset()
    kin: frozenset[str] = frozenset()
    people: bool = True

    def entry(self, year: int) -> Entry | None:
        return next((one for one in self.entries if one.year == year), None)

    def spot(self, entry: Entry) -> Spot:
        return Spot(self.key, entry.year)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree: its permanent code, what it is, the numbers of both sides line by line.

    `spots` are the values it speaks of; `disputed` those of them that cannot stand in a trend because of it.
    """

    code: str
    title: str
    lines: tuple[str, ...]
    spots: tuple[Spot, ...]
    disputed: frozenset[Spot] = frozenset()

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted({spot.year for spot in self.spots}))


def newest_last(spots: Iterable[Spot]) -> tuple[Spot, ...]:
    """Spots without repetition, by year."""
    return tuple(sorted(dict.fromkeys(spots), key=lambda spot: spot.year))
