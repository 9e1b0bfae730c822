"""How schools differ: values by kind of school, the spread of every main indicator, where several are low at once."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from monitoring.arithmetic import Measured, median
from monitoring.enums import IndicatorKind
from monitoring.queries.results.overview import IndicatorHistory, SchoolLine, lowest_quarter, peers
from monitoring.queries.results.sentences import rank_note, value_words
from portal.enums import SchoolKind
from portal.formats import plural
from reports.content.wording import listed, paragraph, threshold, whole_fraction
from reports.document import Block, BulletList, Cell, HeadCell, Heading, Reference, Table
from reports.queries import AnalysisData

COMPARABLE = 8  # fewer schools give no quarters
OFTEN = 3  # so many low indicators at once make a school one to be helped first


@dataclass(frozen=True, slots=True)
class Lagging:
    """A school with the main indicators in which it is in the lowest quarter."""

    line: SchoolLine
    codes: tuple[str, ...]


def comparison(data: AnalysisData) -> tuple[Block, ...]:
    return (Heading(1, "Сравнение школ", "comparison"), *_kinds(data), *_spread(data), *_often_low(data))


def lagging(data: AnalysisData) -> tuple[Lagging, ...]:
    """Schools that are in the lowest quarter of several judged main indicators, most first."""
    codes: dict[int, list[str]] = defaultdict(list)
    for one in data.profile:
        for line in lowest_quarter(data.lines, one.code, one.better):
            codes[line.school.pk].append(one.code)
    rows = [Lagging(line, tuple(codes[line.school.pk])) for line in data.lines if len(codes[line.school.pk]) >= OFTEN]
    return tuple(sorted(rows, key=lambda row: -len(row.codes)))


def _kinds(data: AnalysisData) -> tuple[Block, ...]:
    """Main indicators by kind of school, where there is more than one kind."""
    present = {line.school.kind for line in data.lines}
    kinds = [kind for kind in SchoolKind if kind in present]
    if len(kinds) < 2:
        return ()
    counted = {kind: sum(line.school.kind == kind for line in data.lines) for kind in kinds}
    head = (
        (
            HeadCell("Код"),
            HeadCell("Показатель"),
            *(HeadCell(f"{kind.label} ({counted[kind]})") for kind in kinds),
            HeadCell("Всего"),
        ),
    )
    rows = tuple(
        (
            Cell(one.code),
            Cell(one.name),
            *(Cell(whole_fraction(value_words(_summed(one, kind, data))), "center") for kind in kinds),
            Cell(whole_fraction(value_words(one.now)), "center", strong=True),
        )
        for one in data.profile
    )  # fmt: skip
    return (
        Heading(2, "Школы разных видов", "kinds"),
        paragraph("Основные показатели по видам школ приведены в ", Reference("by-kind", "prepositional"),
                  "; в скобках после вида указано число школ."),
        Table("by-kind", "Основные показатели по видам школ", head, rows, row_head=1),
    )  # fmt: skip


def _summed(history: IndicatorHistory, kind: SchoolKind, data: AnalysisData) -> Measured:
    """The sums of the schools of one kind; a school without data stands in neither sum."""
    own = [line.values[history.code] for line in data.lines if line.school.kind == kind and history.code in line.values]
    return Measured(
        history.kind,
        sum(one.numerator for one in own),
        sum(one.denominator for one in own),
        sum(one.used for one in own),
        sum(one.expected for one in own),
        sum(one.outside for one in own),
    )


def _spread(data: AnalysisData) -> tuple[Block, ...]:
    """Lowest, median and highest value of each indicator among the schools that may be compared."""
    chosen = [
        (one, peers(data.lines, one.code))
        for one in data.profile
        if one.kind != IndicatorKind.ORG_SHARE and len(peers(data.lines, one.code)) >= COMPARABLE
    ]
    if not chosen:
        return (
            Heading(2, "Разброс значений", "spread"),
            paragraph(
                f"Школы не сравниваются: ни по одному основному показателю нет {COMPARABLE} школ "
                "с достаточной численностью."
            ),
        )
    head = (
        (
            HeadCell("Код"), HeadCell("Показатель"), HeadCell("Школ"),
            HeadCell("Наимень\u00adшее"), HeadCell("Медиана"), HeadCell("Наиболь\u00adшее"),
        ),
    )  # fmt: skip
    rows = tuple((Cell(one.code), Cell(one.name), *_extent(one, values)) for one, values in chosen)
    return (
        Heading(2, "Разброс значений", "spread"),
        paragraph(
            f"{rank_note()} Показатели, которые можно сравнить не менее чем у {COMPARABLE} школ, приведены в ",
            Reference("extent", "prepositional"), "; значения каждой школы – в приложениях.",
        ),
        Table("extent", "Разброс значений основных показателей между школами", head, rows, row_head=1),
    )  # fmt: skip


def _extent(history: IndicatorHistory, values: list[Fraction]) -> tuple[Cell, ...]:
    numbers = (min(values), median(values) or values[0], max(values))
    texts = (str(len(values)), *(threshold(value, history) for value in numbers))
    return tuple(Cell(text, "center", numeric=True) for text in texts)


def _often_low(data: AnalysisData) -> tuple[Block, ...]:
    rows = lagging(data)
    head = Heading(2, "Школы, которым помощь нужна в первую очередь", "low")
    if not rows:
        return (head, paragraph(f"Школ, у которых в нижней четверти {OFTEN} и более основных показателя, нет."))
    told = f"В нижней четверти по {OFTEN} и более основным показателям – {plural(len(rows), 'школа', 'школы', 'школ')}:"
    items = [
        f"{row.line.school.name} – показатели {', '.join(row.codes)}{'.' if row is rows[-1] else ';'}" for row in rows
    ]
    return (head, paragraph(told), BulletList(listed(items)))
