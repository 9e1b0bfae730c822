"""What the monitoring has shown: a block for each main indicator, one line for each other, the reasons for blanks."""

from monitoring.arithmetic import Measured
from monitoring.charts import history_chart
from monitoring.enums import IndicatorKind
from monitoring.queries.results.overview import IndicatorHistory, SchoolLine, YearPoint
from monitoring.queries.results.sentences import (
    conclusion,
    coverage_words,
    difference_words,
    short_value,
    three_years_sentence,
    trend_sentence,
    value_words,
)
from portal.chart_files import keep
from portal.formats import INAPPLICABLE, NBSP, NO_DATA, number, plural, school_year_short
from reports.content.wording import (
    TOO_SMALL,
    bare_percent,
    block_key,
    drafted,
    listed,
    paragraph,
    quoted,
    run,
    school_names,
    small_first,
    whole_fraction,
)
from reports.document import Block, BulletList, Cell, Figure, HeadCell, Heading, Inline, Reference, Table
from reports.queries import AnalysisData, GivenReason

_UNITS = {"чел.": "Чел.", "ед.": "Ед."}
_REASONS = 3  # explanations of schools told beside an indicator


def results(data: AnalysisData) -> tuple[Block, ...]:
    blocks: list[Block] = [Heading(1, "Результаты мониторинга", "results")]
    for place, group in enumerate(data.overview.groups, start=1):
        own = [one for one in data.profile if one.group == group.title]
        if own:
            blocks.append(Heading(2, group.title, f"group-{place}"))
            blocks += [block for one in own for block in indicator_block(one, data)]
    if data.others:
        blocks += [Heading(2, "Остальные показатели", "others"), *_others(data)]
    if data.absent:
        blocks += [Heading(2, "Показатели без значения", "absent"), *_absent(data)]
    return tuple(blocks)


def indicator_block(history: IndicatorHistory, data: AnalysisData) -> tuple[Block, ...]:
    """Sentence of three years, the familiar table, the figure, the conclusion, the reasons that schools gave."""
    code = history.code
    # Where nothing is compared the first sentence already says why; only a changed definition needs another.
    trend = f"{trend_sentence(history)} " if history.difference is not None or history.breaks else ""
    told = paragraph(
        drafted(f"{three_years_sentence(history)} {trend}", code),
        "Данные приведены в ",
        Reference(block_key("table", code), "prepositional"),
        " и на ",
        Reference(block_key("figure", code), "prepositional"),
        ".",
    )
    blocks: list[Block] = [Heading(3, history.name, block_key("indicator", code)), told, years_table(history, data)]
    blocks.append(_figure(history, data))
    if words := conclusion(history):
        blocks.append(paragraph("Вывод. ", drafted(words, code)))
    if reasons := data.reasons.get(code):
        blocks += [paragraph("Причины резких изменений, которые назвали школы:"), BulletList(_reasons(reasons))]
    return tuple(blocks)


def years_table(history: IndicatorHistory, data: AnalysisData) -> Table:
    """«Всего | Чел. | %» for each year with numbered columns, as municipal reports have it; for a count one column."""
    years = [point.year for point in history.points]
    unit = _UNITS.get(data.passports[history.code].unit, "Ед.")
    if history.is_count:
        head: tuple[tuple[HeadCell, ...], ...] = (
            tuple(HeadCell(f"{school_year_short(year)} уч.{NBSP}г., {unit.lower()}") for year in years),
        )
    else:
        names = ("Всего", "Школ" if history.kind == IndicatorKind.ORG_SHARE else unit, "%")
        head = (
            tuple(HeadCell(f"{school_year_short(year)} уч.{NBSP}г.", colspan=3) for year in years),
            tuple(HeadCell(name) for _ in years for name in names),
        )
    cells = tuple(cell for point in history.points for cell in _year_cells(point, history))
    caption = f"Показатель {history.code} по учебным годам"
    notes = _notes(history, data)
    return Table(
        block_key("table", history.code), caption, head, (cells,), column_numbers=True, row_head=None, notes=notes
    )


def _year_cells(point: YearPoint, history: IndicatorHistory) -> tuple[Cell, ...]:
    texts = _count_text(point.measured) if history.is_count else _share_texts(point.measured)
    return tuple(Cell(text, "center", numeric=True) for text in texts)


def _count_text(measured: Measured | None) -> tuple[str]:
    return (value_words(measured),)


def _share_texts(measured: Measured | None) -> tuple[str, str, str]:
    if measured is None or not measured.expected:
        return (INAPPLICABLE,) * 3
    if not measured.used:
        return (NO_DATA,) * 3
    ratio = TOO_SMALL if measured.small and measured.denominator else bare_percent(measured.value)
    return number(measured.denominator), number(measured.numerator), ratio


def _notes(history: IndicatorHistory, data: AnalysisData) -> tuple[str, ...]:
    """Whose data stand behind the last year, whose do not, earlier gaps, and a changed definition."""
    notes = []
    if words := coverage_words(history.now):
        notes.append(f"{school_year_short(data.year)} уч.{NBSP}г. – {words}.")
    without, unseen = without_data(history.code, data)
    if without:
        notes.append(f"Нет данных: {school_names(without)}.")
    if unseen:
        notes.append("Школы без принятой формы названы в подразделе «Участие школ».")
    notes += [
        f"{school_year_short(point.year)} уч.{NBSP}г. – {coverage_words(point.measured)}."
        for point in history.points[:-1]
        if point.measured and 0 < point.measured.used < point.measured.expected
    ]
    for place in history.breaks:
        before, after = history.points[place - 1], history.points[place]
        notes.append(
            f"До {school_year_short(after.year)} уч.{NBSP}г. – показатель {before.code}: определение изменено, "
            "годы не сравниваются."
        )
    return tuple(notes)


def without_data(code: str, data: AnalysisData) -> tuple[list[SchoolLine], list[SchoolLine]]:
    """Schools to which the indicator applies but which are not in it: those with «нет данных», those without a form."""
    absent = {name for one in data.participation for name, _ in one.missing}
    own = [line for line in data.lines if (sums := line.values.get(code)) and sums.expected and not sums.used]
    without = [line for line in own if line.school.name not in absent]
    return without, [line for line in own if line.school.name in absent]


def _figure(history: IndicatorHistory, data: AnalysisData) -> Figure:
    chart = history_chart(history)
    key = keep(chart, municipality=data.municipality.pk)
    unit = _UNITS.get(data.passports[history.code].unit, "ед.").lower() if history.is_count else "%"
    return Figure(
        block_key("figure", history.code), f"Показатель {history.code}, {unit}. {chart.title}", key, chart.alt
    )


def _reasons(reasons: tuple[GivenReason, ...]) -> tuple[tuple[Inline, ...], ...]:
    """The reasons most schools gave, in order of years; schools are named, a long list is counted."""
    shown = sorted(reasons[:_REASONS], key=lambda one: one.year)
    items = []
    for one in shown:
        many = len(one.schools) > _REASONS
        who = plural(len(one.schools), "школа", "школы", "школ") if many else ", ".join(one.schools)
        end = "." if one is shown[-1] else ";"
        items.append(run(f"{school_year_short(one.year)}: {small_first(one.text.rstrip('.'))} ({who}){end}"))
    return tuple(items)


def _others(data: AnalysisData) -> tuple[Block, ...]:
    """One line for each other indicator."""
    years = data.overview.years
    head = (
        (
            HeadCell("Код"),
            HeadCell("Показатель"),
            *(HeadCell(school_year_short(year)) for year in years),
            HeadCell("Изменение за год"),
        ),
    )
    rows = tuple(
        (
            Cell(one.code),
            Cell(one.name + _shortfall(one)),
            *(
                Cell(_plain(point.measured, short=place < len(years)), "center")
                for place, point in enumerate(one.points, 1)
            ),
            Cell(difference_words(one), "center"),
        )
        for one in data.others
    )
    return (
        paragraph("Значения остальных показателей приведены в ", Reference("other", "prepositional"), "."),
        Table("other", "Остальные показатели", head, rows, row_head=1),
    )  # fmt: skip


def _plain(measured: Measured | None, *, short: bool) -> str:
    """The value; of the last year with its fraction, on a line of its own."""
    if measured is not None and measured.kind == IndicatorKind.ORG_SHARE and measured.value is not None:
        return f"{number(measured.numerator)} из {number(measured.denominator)}"
    return short_value(measured) if short else whole_fraction(value_words(measured))


def _shortfall(history: IndicatorHistory) -> str:
    """« (по данным 18 из 19 школ)» where the last year is incomplete."""
    now = history.now
    if now is None or now.used == now.expected:
        return ""
    return f" ({coverage_words(now).split(';')[0]})"


def _absent(data: AnalysisData) -> tuple[Block, ...]:
    """Indicators that have no value this year are named with the reason: a blank is not a zero."""
    items = []
    for one in data.absent:
        end = "." if one is data.absent[-1] else ";"
        items.append(f"{one.code} {quoted(one.name)} – {one.reason}{end}".lstrip())
    return (paragraph("В этом учебном году не имеют значения следующие показатели:"), BulletList(listed(items)))
