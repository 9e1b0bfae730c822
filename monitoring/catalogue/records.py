"""What is a catalogue made of: forms, sections, elements, populations, indicators and checks as frozen records.

`line` is the line of the file a row begins on, `order` its 1-based place in its block; `since` and `until` are school
years by their first calendar year, None where unbounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

GENERAL_KINDS = ("primary", "basic", "secondary", "gymnasium", "lyceum", "evening", "special")
ALL_KINDS = (*GENERAL_KINDS, "preschool", "extra")
ALL_GRADES = tuple(range(1, 13))
IMPLIED_PREFIX = "E-"
# Rules about a form as a whole, and which bounds each has: percent, people (a number from which it judges).
BOUNDS: dict[str, tuple[bool, bool]] = {
    "zero_flip": (False, True),
    "same_as_last_year": (True, True),
    "identical": (False, True),
    "round": (True, True),
    "outlier": (False, True),
    "above_target": (False, True),
}
LONG_TEXT = 500  # characters of a message, a hint or the name of an indicator


@dataclass(frozen=True, slots=True)
class FormRecord:
    code: str
    title: str
    kinds: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class SectionRecord:
    code: str
    form: str
    title: str
    as_at: str
    source: str
    order: int
    line: int


@dataclass(frozen=True, slots=True)
class ElementRecord:
    """A raw number; `kinds` is never empty (the defaults are filled in), empty `grades` means no bond to grades."""

    code: str
    section: str
    name: str
    unit: str
    hint: str
    grades: tuple[int, ...]
    kinds: tuple[str, ...]
    once: bool
    programme: str
    since: int | None
    until: int | None
    succeeds: str
    order: int
    line: int
    form: str


@dataclass(frozen=True, slots=True)
class PopulationRecord:
    code: str
    elements: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class GroupRecord:
    code: str
    title: str
    order: int
    line: int


@dataclass(frozen=True, slots=True)
class TermRecord:
    """An element of a sum and the population it came with, "" when named directly."""

    element: str
    population: str


@dataclass(frozen=True, slots=True)
class IndicatorRecord:
    code: str
    group: str
    kind: str
    better: str
    name: str
    since: int | None
    until: int | None
    succeeds: str
    numerator: tuple[TermRecord, ...]
    denominator: tuple[TermRecord, ...]
    order: int
    line: int


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """A listed or implied check; `left` and `right` are element codes, `*_names` the codes as written in the file."""

    code: str
    severity: str
    kind: str  # "relation", "year_on_year" or one of BOUNDS
    message: str
    since: int | None
    until: int | None
    order: int
    line: int
    left: tuple[str, ...] = ()
    op: str = ""
    right: tuple[str, ...] = ()
    left_names: tuple[str, ...] = ()
    right_names: tuple[str, ...] = ()
    percent: int | None = None
    people: int | None = None
    implied: bool = False
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class NotCollectedRecord:
    name: str
    reason: str
    line: int


@dataclass(frozen=True)
class Catalogue:
    """A whole catalogue in the order of its file.

    `checks` are the listed ones, year on year, those of a form as a whole, then the implied.
    """

    forms: tuple[FormRecord, ...]
    sections: tuple[SectionRecord, ...]
    elements: tuple[ElementRecord, ...]
    populations: tuple[PopulationRecord, ...]
    groups: tuple[GroupRecord, ...]
    indicators: tuple[IndicatorRecord, ...]
    not_collected: tuple[NotCollectedRecord, ...]
    checks: tuple[CheckRecord, ...]

    @cached_property
    def element(self) -> dict[str, ElementRecord]:
        return {record.code: record for record in self.elements}

    @cached_property
    def indicator(self) -> dict[str, IndicatorRecord]:
        return {record.code: record for record in self.indicators}

    @cached_property
    def check(self) -> dict[str, CheckRecord]:
        return {record.code: record for record in self.checks}

    def forms_of(self, codes: Iterable[str]) -> tuple[str, ...]:
        """Codes of the forms on which the elements stand, in the order of the file."""
        used = {self.element[code].form for code in codes}
        return tuple(form.code for form in self.forms if form.code in used)

    def with_checks(self, more: tuple[CheckRecord, ...]) -> Catalogue:
        """The same catalogue with further checks after its own."""
        return replace(self, checks=self.checks + more)
