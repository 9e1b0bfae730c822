"""What is judged and what is said: cells, rules, shares, what a form is compared with, and findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from monitoring.enums import Better, CellState, CheckKind, Severity

EMPTY_CELL = "E001"
NO_REASON = "E002"
BUILT_IN = (EMPTY_CELL, NO_REASON)


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds; `number` is set only where the state is NUMBER, `reason` only where it is NO_DATA."""

    state: CellState
    number: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A check as it is in force: the catalogue's, with the bounds of the municipality where it has its own.

    Like a share, it is compared as an object: what is kept by rules and shares is found without reading them through.

    `percent` and `people` are bounds of the kinds that have them; `order` is the catalogue's.
    """

    code: str
    severity: Severity
    kind: CheckKind
    message: str
    left: tuple[str, ...] = ()
    op: str = ""
    right: tuple[str, ...] = ()
    percent: int = 0
    people: int = 0
    implied: bool = False
    since: int | None = None
    until: int | None = None
    order: int = 0

    def in_force(self, year: int) -> bool:
        return (self.since is None or self.since <= year) and (self.until is None or year <= self.until)


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """An indicator of the kind «share»: codes of its elements. `name` is the catalogue's."""

    code: str
    name: str
    better: Better
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    since: int | None = None
    until: int | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        return (*self.numerator, *self.denominator)

    def in_force(self, year: int) -> bool:
        return (self.since is None or self.since <= year) and (self.until is None or year <= self.until)


@dataclass(frozen=True, slots=True)
class Line:
    """A row that the form asks: how it is named, its section with the section's title."""

    name: str
    section: str
    section_title: str


@dataclass(frozen=True, slots=True)
class Peers:
    """The values of a share among similar schools: how many, their median, the median distance from it."""

    count: int
    median: Fraction
    spread: Fraction


@dataclass(frozen=True, slots=True)
class FormContext:
    """Everything that the cells of one form are judged against.

    `rules` are those in force, in the order of the catalogue. `last_year` are accepted numbers of the year before of
    the elements that mean the same this year. `other` are cells of the school's other forms of the year that are handed
    in or accepted, and what is inapplicable by itself. `targets` are percents by indicator, `peers` similar schools by
    indicator. `related` are pairs of elements that stand on two sides of one relation.
    """

    year: int
    rules: tuple[Rule, ...] = ()
    lines: Mapping[str, Line] = field(default_factory=dict)
    last_year: Mapping[str, int] = field(default_factory=dict)
    other: Mapping[str, Cell] = field(default_factory=dict)
    shares: tuple[Share, ...] = ()
    targets: Mapping[str, Decimal] = field(default_factory=dict)
    peers: Mapping[str, Peers] = field(default_factory=dict)
    related: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong or unusual: its permanent code, both numbers, the cells it touches, and a sentence.

    `element` is set where a rule speaks of one cell (a change against last year, an empty cell). `numbers` is what an
    explanation was given for: when they change, it no longer holds.
    """

    code: str
    severity: Severity
    sentence: str
    cells: tuple[str, ...]
    numbers: str
    element: str = ""
    width: int = 0  # of the whole it compares with; of several on one cell the narrowest comes first
    broad: bool = False  # about a whole section or form: shown beside its first row only

    @property
    def key(self) -> str:
        return f"{self.code}:{self.element}"

    @property
    def rows(self) -> tuple[str, ...]:
        """The cells beside which it is shown."""
        return self.cells[:1] if self.broad else self.cells


class Warned(NamedTuple):
    """A warning by what its record keeps of it."""

    code: str
    element: str
    numbers: str


def warned(findings: Iterable[Finding]) -> list[Warned]:
    """The warnings among findings."""
    return [Warned(one.code, one.element, one.numbers) for one in findings if one.severity == Severity.WARNING]
