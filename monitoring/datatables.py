"""The tables of the overview, of an indicator, of a collection and of the data's quality, as they leave the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.utils import timezone

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind
from monitoring.queries.campaigns.board import Progress
from monitoring.queries.campaigns.pace import PaceOfYears
from monitoring.queries.published.published import PublishedPoint
from monitoring.queries.results.comparison import Definition, KindLines
from monitoring.queries.results.overview import IndicatorHistory, Overview
from monitoring.queries.results.quality import Correction, FormQuality, NoData, Outlier, RuleWarnings, SmallBases
from monitoring.queries.results.sentences import difference_words, short_value, target_value, value_of
from portal.datatables import Column, DataCell, DataTable
from portal.formats import INAPPLICABLE, NBSP, NO_DATA, date_digits, number, percent, school_year_short

About = tuple[tuple[str, str], ...]
_COUNTS = (
    Column("Числитель", "numerator", True),
    Column("Знаменатель", "denominator", True),
    Column("Школ в расчёте", "used", True),
    Column("Школ, к которым относится", "expected", True),
)


def indicators(overview: Overview, about: About) -> DataTable:
    """All indicators of a municipality: every year, the counts of the last one, the change, the target."""
    years = tuple(Column(school_year_short(year), f"year_{year}", True) for year in overview.years)
    rows = tuple(
        (
            words(one.code),
            words(one.name),
            words(one.group),
            *(_value(point.measured) for point in one.points),
            *_counts(one.now),
            _difference(one),
            DataCell(one.target, target_value(one)),
        )
        for one in overview.all
    )
    head = (Column("Код", "code"), Column("Показатель", "name"), Column("Группа", "group"))
    tail = (Column("Изменение за год", "change", True), Column("Целевое значение", "target", True))
    title = f"Показатели: {overview.municipality.name}, {school_year_short(overview.year)}"
    return DataTable(f"indicators-{overview.year}", title, (*head, *years, *_COUNTS, *tail), rows, about)


def history(one: IndicatorHistory, about: About) -> DataTable:
    """One indicator by year; `code` is of the definition that was in force then."""
    rows = tuple(
        (
            words(school_year_short(point.year)),
            _value(point.measured),
            *_counts(point.measured),
            words(point.code),
        )
        for point in one.points
    )
    head = (Column("Учебный год", "year"), Column("Значение", "value", True))
    columns = (*head, *_COUNTS, Column("Код показателя", "code"))
    return DataTable(f"indicator-{_latin(one.code)}", f"{one.code} {one.name}, по годам", columns, rows, about)


def schools(one: IndicatorHistory, kind: KindLines, about: About) -> DataTable:
    """The schools of one kind by an indicator, all of them, in the order of the page."""
    rows = tuple(
        (
            words(line.school.name),
            _value(line.values[one.code]),
            *_counts(line.values[one.code])[:2],
            words("да" if line.values[one.code].rankable else "нет"),
        )
        for line in kind.lines
    )
    columns = (
        Column("Школа", "school"),
        Column("Значение", "value", True),
        *_COUNTS[:2],
        Column("Участвует в сравнении", "compared"),
    )
    name = f"indicator-{_latin(one.code)}-{kind.peers.kind.value}"
    return DataTable(name, f"{one.code} {one.name}: {kind.peers.kind.label}", columns, rows, about)


def spread(one: IndicatorHistory, kinds: Iterable[KindLines], about: About) -> DataTable:
    """How the comparable schools of every kind lie: lowest, quartiles, median, highest."""
    rows = []
    for kind in kinds:
        values, quartiles = kind.peers.values, kind.peers.quartiles
        if quartiles is None:
            continue
        places = (min(values), quartiles[0], kind.peers.median, quartiles[1], max(values))
        told = (DataCell(value, value_of(value, one.kind)) for value in places)
        rows.append((words(str(kind.peers.kind.label)), count(len(values)), *told))
    names = ("Наименьшее", "Нижний квартиль", "Медиана", "Верхний квартиль", "Наибольшее")
    codes = ("lowest", "lower_quartile", "median", "upper_quartile", "highest")
    places_of = (Column(title, code, True) for title, code in zip(names, codes, strict=True))
    columns = (Column("Вид школ", "kind"), Column("Школ в сравнении", "schools", True), *places_of)
    name = f"indicator-{_latin(one.code)}-spread"
    return DataTable(name, f"{one.code} {one.name}: разброс по видам школ", columns, tuple(rows), about)


def about(
    definition: Definition | None, municipality: str, year: str, version: str, coverage: str, *, preliminary: bool
) -> About:
    """What every table of a page says of itself."""
    told = [("Муниципалитет", municipality), ("Учебный год", year), ("Версия данных", version)]
    if coverage:
        told.append(("Охват", coverage))
    told.append(("Состояние", "предварительно: с непринятыми формами" if preliminary else "только принятые формы"))
    if definition is not None:
        told.append(("Числитель", "; ".join(definition.numerator)))
        if definition.denominator:
            told.append(("Знаменатель", "; ".join(definition.denominator)))
        told.append(("Источник", "; ".join(definition.sources)))
    return tuple(told)


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A published year of an indicator; `disputed` says why its value is not trusted."""

    year: str
    counts: str
    declared: str
    disputed: str


def published_rows(points_of_years: Iterable[PublishedPoint]) -> tuple[PublishedRow, ...]:
    """What was printed of an indicator before the portal, as words; the disputed ones carry the reason."""
    return tuple(
        PublishedRow(
            year=school_year_short(point.year),
            counts=" из ".join(number(part) for part in (point.count, point.total) if part is not None) or NO_DATA,
            declared=f"{point.declared.replace('.', ',')}{NBSP}%" if point.declared else "–",
            disputed=point.why if point.disputed else "",
        )
        for point in points_of_years
    )


# --- a collection -----------------------------------------------------------------------------------------------------


def states(progress: Progress, about: About) -> DataTable:
    """Forms of a campaign by state, all of them last."""
    columns = (Column("Состояние", "state"), Column("Форм", "forms", True))
    told = [(words(str(state.label).capitalize()), count(forms)) for state, forms in progress.by_state]
    rows = (*told, (words("Всего"), count(progress.total)))
    return DataTable(f"collection-{progress.campaign.year}-states", "Формы по состояниям", columns, rows, about)


def pace(found: PaceOfYears, about: About) -> DataTable:
    """Forms sent by the end of every day on which any was sent; a day that has not come has none."""
    years = [one.campaign.year for one in (found.this, found.last) if one]
    columns = (
        Column("День сбора", "day"),
        *(Column(school_year_short(year), f"year_{year}", True) for year in years),
    )
    rows = tuple(
        (DataCell(day, f"{day}-й"), *(DataCell(None, "–") if one is None else count(one) for one in sent[: len(years)]))
        for day, *sent in found.rows
    )
    title = "Сколько форм отправлено к концу дня, считая от открытия сбора"
    return DataTable(f"collection-{years[0]}-days", title, columns, rows, about)


# --- the quality of the data ------------------------------------------------------------------------------------------


def forms(rows: Iterable[FormQuality], about: About) -> DataTable:
    """The four counters by form (C12)."""
    columns = (
        Column("Форма", "form"),
        Column("Ожидается", "expected", True),
        Column("Сдано", "sent", True),
        Column("Сдано, %", "sent_share", True),
        Column("В срок", "on_time", True),
        Column("В срок, %", "on_time_share", True),
        Column("Заполнено строк, %", "filled_share", True),
        Column("Предупреждений без ответа", "open_warnings", True),
    )
    told = tuple(
        (
            words(one.progress.campaign.form.title),
            count(one.progress.total),
            count(one.progress.sent),
            part(one.progress.sent, one.progress.total),
            count(one.progress.on_time),
            part(one.progress.on_time, one.progress.total),
            part(one.progress.cells_filled, one.progress.cells_total),
            count(one.open),
        )
        for one in rows
    )
    return DataTable("quality-forms", "Сдача и заполнение форм", columns, told, about)


def warnings(rows: Iterable[RuleWarnings], about: About) -> DataTable:
    columns = (
        Column("Правило", "code"),
        Column("Показано", "shown", True),
        Column("Пояснено", "explained", True),
        Column("Исправлено", "corrected", True),
        Column("Без ответа", "open", True),
    )
    told = tuple(
        (words(one.code), count(one.shown), count(one.explained), count(one.corrected), count(one.open)) for one in rows
    )
    return DataTable("quality-warnings", "Предупреждения по правилам", columns, told, about)


def outliers(rows: Iterable[Outlier], about: About) -> DataTable:
    columns = (
        Column("Школа", "school"),
        Column("Код", "indicator"),
        Column("Показатель", "name"),
        Column("Значение", "value", True),
        Column("Медиана школ этого вида", "median", True),
        Column("Школ в сравнении", "schools", True),
    )
    told = tuple(
        (
            words(one.school.name),
            words(one.indicator.code),
            words(one.indicator.name),
            _value(one.measured),
            DataCell(one.median, percent(one.median)),
            count(one.schools),
        )
        for one in rows
    )
    return DataTable("quality-outliers", "Школы далеко от своей группы", columns, told, about)


def small_bases(rows: Iterable[SmallBases], about: About) -> DataTable:
    columns = (
        Column("Код", "indicator"),
        Column("Показатель", "name"),
        Column("Школ с основой меньше 10 человек", "small", True),
        Column("Школ со значением", "schools", True),
    )
    told = tuple(
        (words(one.indicator.code), words(one.indicator.name), count(one.small), count(one.schools)) for one in rows
    )
    return DataTable("quality-small-bases", "Показатели с малой основой", columns, told, about)


def corrections(rows: Iterable[Correction], about: About) -> DataTable:
    columns = (
        Column("Школа", "school"),
        Column("Форма", "form"),
        Column("Исправлений после принятия", "times", True),
        Column("Последнее", "last"),
    )
    told = tuple((words(one.school), words(one.form), count(one.times), _day(one)) for one in rows)
    return DataTable("quality-corrections", "Исправления после принятия", columns, told, about)


def without_data(rows: Iterable[NoData], about: About) -> DataTable:
    columns = (
        Column("Строка формы", "name"),
        Column("Код", "element"),
        Column("Раздел", "section"),
        Column("Школ без данных", "schools", True),
    )
    told = tuple((words(one.name), words(one.code), words(one.section), count(one.schools)) for one in rows)
    return DataTable("quality-no-data", "«Нет данных» по строкам форм", columns, told, about)


# --- cells ------------------------------------------------------------------------------------------------------------


def words(text: str) -> DataCell:
    return DataCell(text, text)


def count(value: int) -> DataCell:
    return DataCell(value, number(value))


def part(numerator: int, denominator: int) -> DataCell:
    """A share of forms or cells; nothing to divide by has no value."""
    ratio = Fraction(numerator, denominator) if denominator else None
    return DataCell(ratio, percent(ratio))


def _value(measured: Measured | None) -> DataCell:
    """A value as the page prints it; a share on a small base leaves as its counts only."""
    known = None if measured is None or measured.small else measured.value
    if measured is not None and measured.kind == IndicatorKind.COUNT and measured.value is not None:
        return DataCell(measured.numerator, short_value(measured))
    return DataCell(known, short_value(measured))


def _counts(measured: Measured | None) -> tuple[DataCell, ...]:
    if measured is None or not measured.expected:
        return (DataCell(None, NO_DATA if measured is None else INAPPLICABLE),) * 4
    denominator = DataCell(None, "–") if measured.is_count else count(measured.denominator)
    return count(measured.numerator), denominator, count(measured.used), count(measured.expected)


def _difference(one: IndicatorHistory) -> DataCell:
    return DataCell(one.difference, difference_words(one))


def _day(one: Correction) -> DataCell:
    day = timezone.localtime(one.at).date()
    return DataCell(day, date_digits(day))


def _latin(code: str) -> str:
    """A code of the catalogue as a part of a file's name."""
    return code.replace(".", "-")
