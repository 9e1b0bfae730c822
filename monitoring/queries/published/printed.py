"""What a file with published tables would change: tables and rows as they were read, beside those that are kept."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from monitoring.catalogue import grades_label
from monitoring.enums import BaseOf
from monitoring.models import PublishedTable
from portal.formats import NBSP, number, school_year_short
from portal.models import Municipality


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One year of a table; `declared` holds the printed digits with a point."""

    year: int
    count: int | None
    total: int | None
    declared: str

    @property
    def words(self) -> str:
        parts = [number(one) for one in (self.count, self.total) if one is not None]
        percent = self.declared.replace(".", ",") + f"{NBSP}%" if self.declared else ""
        return ", ".join(filter(None, (" из ".join(parts), percent)))


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """A table of a document as the file tells it; `indicator` is a code or empty, `base_of` one of BaseOf or empty."""

    document: str
    title: str
    number: str
    base_of: str
    grades: tuple[int, ...]
    indicator: str
    note: str
    rows: tuple[PrintedRow, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What the file does to one table; `lines` are told to the person who confirms."""

    table: PrintedTable
    change: Change
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that a file would do. `fingerprint` is what a person saw: confirming writes this and nothing else."""

    tables: tuple[Difference, ...]

    def of(self, change: Change) -> tuple[Difference, ...]:
        return tuple(one for one in self.tables if one.change == change)

    @property
    def new(self) -> tuple[Difference, ...]:
        return self.of(Change.NEW)

    @property
    def changed(self) -> tuple[Difference, ...]:
        return self.of(Change.CHANGED)

    @property
    def same(self) -> tuple[Difference, ...]:
        return self.of(Change.SAME)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(repr(self.tables).encode()).hexdigest()


def compare_printed(municipality: Municipality, tables: tuple[PrintedTable, ...]) -> Comparison:
    """Lay the tables of a file beside the kept ones. Years and tables that the file leaves out stay as they are."""
    rows = PublishedTable.objects.filter(municipality=municipality).select_related("indicator").prefetch_related("rows")
    kept = {(one.document, one.title): one for one in rows}
    return Comparison(tuple(_difference(one, kept.get((one.document, one.title))) for one in tables))


def _difference(table: PrintedTable, kept: PublishedTable | None) -> Difference:
    if kept is None:
        lines = tuple(f"{school_year_short(row.year)}: {row.words}" for row in table.rows)
        return Difference(table, Change.NEW, lines)
    before = {row.year: PrintedRow(row.year, row.count, row.total, row.declared) for row in kept.rows.all()}
    judged = {row.year for row in kept.rows.all() if row.judgement}
    lines = _about(table, kept)
    for row in table.rows:
        was = before.get(row.year)
        if was != row:
            forgotten = "; решение о значении снимется" if row.year in judged else ""
            told = f"{was.words if was else 'нет'} → {row.words}{forgotten}"
            lines = (*lines, f"{school_year_short(row.year)}: {told}")
    return Difference(table, Change.CHANGED if lines else Change.SAME, lines)


def _about(table: PrintedTable, kept: PublishedTable) -> tuple[str, ...]:
    labels = dict(BaseOf.choices)
    pairs = (
        ("Номер", kept.number, table.number),
        ("Кого считают", labels.get(kept.base_of, ""), labels.get(table.base_of, "")),
        ("Классы", grades_label(kept.grades), grades_label(table.grades)),
        ("Показатель", kept.indicator.code if kept.indicator else "", table.indicator),
        ("Примечание", kept.note, table.note),
    )
    return tuple(f"{name}: {was or 'нет'} → {now or 'нет'}" for name, was, now in pairs if was != now)
