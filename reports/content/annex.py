"""The annexes: formulas of the other indicators, and every school's value of every indicator, group by group."""

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind
from monitoring.queries.results.overview import Group, IndicatorHistory
from portal.formats import INAPPLICABLE, NBSP, NO_DATA, decimal, number, school_year_short
from reports.content.method import OTHER_FORMULAS, formulas
from reports.content.wording import paragraph, small_first
from reports.document import Annex, Block, Cell, HeadCell, Note, Reference, Table
from reports.queries import AnalysisData

_WHOLE = "По муниципалитету"
_LEGEND = (
    "Доли приведены в процентах, при численности меньше 10 человек – только числа; «да» и «нет» – ведёт ли школа "
    "работу; «…» – нет данных, «х» – неприменимо."
)
_INTERNAL = (
    "Таблицы приложений содержат сведения об отдельных школах и предназначены для работы внутри муниципалитета. "
    "Перед публикацией отчёта они исключаются."
)  # fmt: skip


def annexes(data: AnalysisData) -> tuple[Block, ...]:
    blocks: list[Block] = []
    if data.others:
        blocks += [
            Annex("Формулы и источники остальных показателей", "annex-formulas", landscape=True),
            paragraph("Формулы показателей, не вошедших в число основных, приведены в ",
                      Reference(OTHER_FORMULAS, "prepositional"), "."),
            formulas(OTHER_FORMULAS, "Остальные показатели, формулы и источники", data.others, data.passports),
        ]  # fmt: skip
    blocks += [Annex("Показатели по школам", "annex-schools", landscape=True), Note(_INTERNAL)]
    for place, group in enumerate(data.overview.groups, start=1):
        shown = [one for one in group.indicators if one.value is not None]
        blocks += _group(place, group, shown, data) if shown else []
    return tuple(blocks)


def _group(place: int, group: Group, shown: list[IndicatorHistory], data: AnalysisData) -> list[Block]:
    key = f"schools-{place}"
    names = "; ".join(f"{one.code} – {small_first(one.name)}" for one in shown)
    head = ((HeadCell("Школа"), *(HeadCell(one.code) for one in shown)),)
    rows = tuple((Cell(line.school.name), *(_cell(line.values.get(one.code)) for one in shown)) for line in data.lines)
    whole = (Cell(_WHOLE), *(_cell(one.now, whole=True) for one in shown))
    caption = f"{group.title} по школам, {school_year_short(data.year)} уч.{NBSP}г."
    return [
        paragraph(
            f"Значения группы «{group.title}» приведены в ", Reference(key, "prepositional"), f". Показатели: {names}."
        ),
        Table(key, caption, head, (*rows, whole), total_row=True, notes=(_LEGEND,)),
    ]


def _cell(measured: Measured | None, *, whole: bool = False) -> Cell:
    """A percentage without its sign, a count, «да» or «нет» for a school's own service, or the sign of a blank."""
    text = _text(measured, whole=whole)
    return Cell(text, "center", numeric=" " not in text)  # «19 из 19» may take two lines


def _text(measured: Measured | None, *, whole: bool) -> str:
    if measured is None or not measured.expected:
        return INAPPLICABLE
    if measured.value is None:
        return NO_DATA
    if measured.is_count:
        return number(measured.numerator)
    if measured.kind == IndicatorKind.ORG_SHARE:
        own = "да" if measured.numerator else "нет"
        return f"{measured.numerator} из {measured.denominator}" if whole else own
    if measured.small:
        return f"{measured.numerator}{NBSP}из{NBSP}{measured.denominator}"
    return decimal(measured.value * 100)
