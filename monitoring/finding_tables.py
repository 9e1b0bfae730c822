"""How findings are laid out: each with its lines and links, and the same as tables that leave the page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from monitoring.detectors import CODES, Finding, Spot
from monitoring.models import Indicator
from monitoring.queries.published.published import Protocol, Standing
from portal.datatables import Column, DataCell, DataTable
from portal.figures import Link
from portal.formats import number, plural, school_year_short

FINDING_COLUMNS = (
    Column("Код", "code"),
    Column("Что проверено", "rule"),
    Column("Что найдено", "title"),
    Column("Числа", "lines"),
    Column("Годы", "years"),
)
ROW_COLUMNS = (
    Column("Документ", "document"),
    Column("Таблица", "table"),
    Column("Учебный год", "year"),
    Column("Количество", "count", number=True),
    Column("Всего", "total", number=True),
    Column("Напечатано", "declared"),
    Column("По правилу округления", "computed"),
    Column("Вывод", "verdict"),
)


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding as a page prints it."""

    finding: Finding
    rule: str
    links: tuple[Link, ...]

    @property
    def years(self) -> str:
        return ", ".join(school_year_short(year) for year in self.finding.years)


def finding_lines(findings: Iterable[Finding], links: Callable[[Spot], list[Link]]) -> list[FindingLine]:
    """Findings with what their rule asks and links to their places, each place once."""
    found = []
    for finding in findings:
        places = dict.fromkeys(link for spot in finding.spots for link in links(spot))
        found.append(FindingLine(finding, CODES[finding.code], tuple(places)))
    return found


def by_rule(lines: Iterable[FindingLine]) -> list[tuple[str, str, list[FindingLine]]]:
    """(code, what the rule asks, its findings), in the order of the rules."""
    groups: dict[str, list[FindingLine]] = {}
    for line in lines:
        groups.setdefault(line.finding.code, []).append(line)
    return [(code, CODES[code], group) for code, group in groups.items()]


def rule_counts(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """The choices of a filter: codes that fired, with their words and how often."""
    codes = [finding.code for finding in findings]
    return [(code, f"{code} – {words} ({codes.count(code)})") for code, words in CODES.items() if code in codes]


def links_to_tables(protocol: Protocol) -> Callable[[Spot], list[Link]]:
    """A place of the protocol is the page of its table."""
    titles = {str(table.public_id): table.title for table in protocol.tables}
    return lambda spot: [Link(reverse("monitoring:published_table", args=[spot.series]), titles[spot.series])]


def links_to_indicators(indicators: Mapping[str, Indicator], query: str, year: int) -> Callable[[Spot], list[Link]]:
    """A place of the accepted data is the indicator's page and the list of its schools."""

    def links(spot: Spot) -> list[Link]:
        if spot.year != year and not indicators[spot.series].computed_in(year):
            return [Link(reverse("monitoring:indicator", args=[spot.series]), f"Показатель {spot.series}")]
        page = reverse("monitoring:indicator", args=[spot.series]) + query
        schools = f"{reverse('monitoring:dashboard_schools')}{query}&group={indicators[spot.series].group.code}"
        return [
            Link(page, f"Показатель {spot.series}"),
            Link(f"{schools}&order={spot.series}", f"Школы по показателю {spot.series}"),
        ]

    return links


def findings_table(name: str, title: str, findings: Sequence[Finding], about: tuple[tuple[str, str], ...]) -> DataTable:
    rows = tuple(
        tuple(
            DataCell(words, words)
            for words in (
                one.code,
                CODES[one.code],
                one.title,
                " ".join(one.lines),
                ", ".join(school_year_short(year) for year in one.years),
            )
        )
        for one in findings
    )
    return DataTable(name, title, FINDING_COLUMNS, rows, about)


def rows_table(title: str, rows: Sequence[Standing], about: tuple[tuple[str, str], ...]) -> DataTable:
    return DataTable("published-rows", title, ROW_COLUMNS, tuple(_row(one) for one in rows), about)


def _row(one: Standing) -> tuple[DataCell, ...]:
    def text(words: str) -> DataCell:
        return DataCell(words, words)

    def count(value: int | None) -> DataCell:
        return DataCell(value, "" if value is None else str(value))

    return (
        text(one.table.document),
        text(one.table.title),
        text(school_year_short(one.row.year)),
        count(one.row.count),
        count(one.row.total),
        text(one.printed),
        text(one.computed),
        text(verdict(one)),
    )


def verdict(one: Standing) -> str:
    """What is thought of a printed value, in words."""
    decided = ", решение управления" if one.row.judgement else ""
    if one.disputed:
        return f"спорное{decided}: {one.why}"
    if one.wrong:
        return f"процент напечатан неверно, числа верные{decided}"
    if one.row.judgement:
        return f"верное{decided}"
    doubts = dict.fromkeys(f"{finding.code} – {CODES[finding.code]}" for finding in one.findings)
    return f"стоит проверить: {'; '.join(doubts)}" if doubts else "расхождений нет"


def summary(protocol: Protocol) -> str:
    """The message of the protocol in one sentence."""
    tables = plural(len(protocol.tables), "таблица", "таблицы", "таблиц")
    values = plural(len(protocol.rows), "значение", "значения", "значений")
    if not protocol.findings:
        return f"Проверено: {tables}, {values}. Расхождений не найдено."
    found = plural(len(protocol.findings), "расхождение", "расхождения", "расхождений")
    told = f"Проверено: {tables}, {values}. Найдено: {found}."
    if not protocol.disputed:
        return told
    return f"{told} Спорных значений – {number(protocol.disputed)}, в динамике они не учитываются."
