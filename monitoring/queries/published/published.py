"""Published tables of past years: what was printed, what does not agree in it, which values may stand in a trend."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Min, QuerySet

from monitoring.detectors import (
    CODES,
    Entry,
    Finding,
    Population,
    Series,
    Spot,
    computed,
    declared_wrongly,
    discrepancies,
    written,
)
from monitoring.enums import BaseOf, Judgement, Side
from monitoring.models import Indicator, PublishedRow, PublishedTable, Term
from portal.formats import number
from portal.models import Municipality


@dataclass(frozen=True, slots=True)
class PublishedPoint:
    """One published year of an indicator. A disputed value is shown and told why, but no trend is drawn through it."""

    year: int
    count: int | None
    total: int | None
    declared: str  # percent as printed, with a point; empty where none was
    disputed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A printed row with what the protocol says of it."""

    table: PublishedTable
    row: PublishedRow
    entry: Entry
    findings: tuple[Finding, ...]

    @property
    def computed(self) -> str:
        """The percentage by the rule of rounding, or nothing where there is nothing to divide."""
        value = computed(self.entry)
        return "" if value is None else written(value)

    @property
    def count(self) -> str:
        return "–" if self.row.count is None else number(self.row.count)

    @property
    def total(self) -> str:
        return "–" if self.row.total is None else number(self.row.total)

    @property
    def printed(self) -> str:
        return written(self.row.declared) if self.row.declared else ""

    @property
    def wrong(self) -> bool:
        return declared_wrongly(self.entry)

    @property
    def doubts(self) -> tuple[Finding, ...]:
        spot = Spot(str(self.table.public_id), self.row.year)
        return tuple(finding for finding in self.findings if spot in finding.disputed)

    @property
    def disputed(self) -> bool:
        """What the department decided holds, whatever the protocol finds."""
        if self.row.judgement:
            return self.row.judgement == Judgement.DISPUTED
        return bool(self.doubts)

    @property
    def why(self) -> str:
        if not self.disputed:
            return ""
        if self.row.judgement:
            return self.row.judgement_text
        codes = dict.fromkeys(finding.code for finding in self.doubts)
        return "; ".join(f"{code} – {CODES[code]}" for code in codes)


@dataclass(frozen=True, slots=True)
class Protocol:
    """Everything that was printed in a municipality with everything that does not agree in it."""

    tables: tuple[PublishedTable, ...]
    findings: tuple[Finding, ...]
    rows: tuple[Standing, ...]

    @property
    def disputed(self) -> int:
        return sum(row.disputed for row in self.rows)

    def of(self, table: PublishedTable) -> tuple[Standing, ...]:
        return tuple(row for row in self.rows if row.table.pk == table.pk)

    def base_of(self, table: PublishedTable) -> str:
        """Of whom the table counts: «обучающиеся 9–11 классов»; empty where it does not say."""
        base = _population(table)
        return base.words if base else ""

    def findings_of(self, table: PublishedTable) -> tuple[Finding, ...]:
        key = str(table.public_id)
        return tuple(one for one in self.findings if any(spot.series == key for spot in one.spots))


def published_tables() -> QuerySet[PublishedTable]:
    """For `load` and `visible`: tables with the years that they hold."""
    return PublishedTable.objects.select_related("indicator", "municipality").annotate(
        years=Count("rows"), first=Min("rows__year"), last=Max("rows__year")
    )


def published_rows() -> QuerySet[PublishedRow]:
    """For `load`: rows with their tables."""
    return PublishedRow.objects.select_related("table__municipality", "judged_by")


def protocol(municipality: Municipality) -> Protocol:
    """Compare all published tables of a municipality; three queries whatever their number."""
    tables = tuple(
        PublishedTable.objects.filter(municipality=municipality).select_related("indicator").prefetch_related("rows")
    )
    series = series_of(tables)
    findings = discrepancies(series)
    by_spot: dict[Spot, list[Finding]] = defaultdict(list)
    for finding in findings:
        for spot in finding.spots:
            by_spot[spot].append(finding)
    rows = tuple(
        Standing(table, row, entry, tuple(by_spot[one.spot(entry)]))
        for table, one in zip(tables, series, strict=True)
        for row, entry in zip(table.rows.all(), one.entries, strict=True)
    )
    return Protocol(tables, tuple(findings), rows)


def published_points(municipality: Municipality, code: str) -> tuple[PublishedPoint, ...]:
    """What was published of an indicator, year by year; the same numbers in two documents stand once."""
    points = [
        PublishedPoint(row.row.year, row.row.count, row.row.total, row.row.declared, disputed=row.disputed, why=row.why)
        for row in protocol(municipality).rows
        if row.table.indicator is not None and row.table.indicator.code == code
    ]
    return tuple(sorted(dict.fromkeys(points), key=lambda point: point.year))


def series_of(tables: Sequence[PublishedTable]) -> list[Series]:
    """The tables as the detectors read them; one query for the definitions of their indicators."""
    grades = _defined_grades({table.indicator_id for table in tables if table.indicator_id})
    found = []
    for table in tables:
        base, indicator = _population(table), table.indicator
        found.append(
            Series(
                key=str(table.public_id),
                name=table.title,
                entries=tuple(Entry(row.year, row.count, row.total, row.declared) for row in table.rows.all()),
                base=base,
                document=table.document,
                chain=indicator.code if indicator and base else "",
                scope=base.words if base else "",
                indicator=indicator.code if indicator else "",
                defined=grades.get(table.indicator_id or 0, ()),
                since=indicator.since if indicator else None,
                until=indicator.until if indicator else None,
                people=table.base_of != BaseOf.SCHOOLS,
            )
        )
    return found


def _population(table: PublishedTable) -> Population | None:
    """«Обучающиеся» without their grades are the same people only inside one document."""
    if not table.base_of:
        return None
    known = bool(table.grades) or table.base_of == BaseOf.SCHOOLS
    return Population(table.base_of, tuple(table.grades), "" if known else table.document)


def _defined_grades(indicators: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The grades of which each indicator's base consists."""
    found: dict[int, set[int]] = defaultdict(set)
    terms = Term.objects.filter(indicator__in=indicators, side=Side.DENOMINATOR)
    for indicator, grades in terms.values_list("indicator_id", "element__grades"):
        found[indicator].update(grades)
    return {indicator: tuple(sorted(grades)) for indicator, grades in found.items()}


def tables_by_document(rows: QuerySet[PublishedTable]) -> list[tuple[str, list[PublishedTable]]]:
    """(document, its tables), in the order of the documents' names."""
    found: dict[str, list[PublishedTable]] = defaultdict(list)
    for table in rows:
        found[table.document].append(table)
    return list(found.items())


def indicator_codes() -> frozenset[str]:
    """The codes that a file may name."""
    return frozenset(Indicator.objects.values_list("code", flat=True))
