"""What the API answers with: the documents of its addresses, made from what the queries give."""

from datetime import date
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind
from monitoring.models import Check, Element, Indicator
from monitoring.queries.entry.content import Standing
from monitoring.queries.passports.passports import PassportLine
from monitoring.queries.results.open_data import OpenValue
from portal.formats import round_half_up
from portal.models import School

# What stands in every passport; the words are the municipality's where it has changed them.
_WORDS = ("name", "unit", "formula", "grades", "years", "period", "source", "responsible", "regulation")


class Problem(Schema):
    """Отказ по RFC 9457: что не так и что сделать."""

    type: str
    title: str
    status: int
    detail: str


class SchoolOut(Schema):
    """Организация. Закрытая или реорганизованная остаётся в списке вместе со своими данными."""

    id: UUID
    code: str
    name: str
    kind: str
    locality: str
    grades: list[int]
    opened: date | None
    closed: date | None

    @classmethod
    def of(cls, school: School) -> "SchoolOut":
        plain = ("code", "name", "kind", "locality", "grades", "opened", "closed")
        return cls(id=school.public_id, **{name: getattr(school, name) for name in plain})


class ValueOut(Schema):
    """Показатель за год. Дробь точная; `value` – проценты с одним знаком после запятой или количество."""

    indicator: str
    year: int
    level: Literal["municipality", "school"]
    school: UUID | None = Field(description="Организация; null у итога муниципалитета.")
    kind: IndicatorKind
    unit: Literal["percent", "count"]
    numerator: int | None
    denominator: int | None = Field(description="У количества знаменателя нет: null.")
    value: float | None
    used: int = Field(description="Сколько организаций вошло в суммы.")
    expected: int = Field(description="По скольким организациям показатель ожидается.")
    small_base: bool = Field(description="Знаменатель меньше 10: процент мало что говорит.")
    suppressed: bool = Field(description="Числа скрыты, чтобы нельзя было узнать о группе из 1–4 человек.")

    @classmethod
    def of(cls, one: OpenValue, year: int) -> "ValueOut":
        found = one.measured
        known = found.used > 0
        return cls(
            indicator=one.indicator.code,
            year=year,
            level="school" if one.school else "municipality",
            school=one.school.public_id if one.school else None,
            kind=found.kind,
            unit="count" if found.is_count else "percent",
            numerator=found.numerator if known and not one.hides_numerator else None,
            denominator=found.denominator if known and not found.is_count and not one.hides_denominator else None,
            value=None if one.suppressed else _shown(found),
            used=found.used,
            expected=found.expected,
            small_base=known and found.small and not one.hides_denominator,
            suppressed=one.suppressed,
        )


class IndicatorOut(Schema):
    """Паспорт показателя: слова муниципалитета и коды строк формы, из которых он считается."""

    code: str
    group: str
    group_title: str
    kind: str
    better: str
    numerator: list[str]
    denominator: list[str]
    since: int | None
    until: int | None
    succeeds: str | None
    name: str
    unit: str
    formula: str
    grades: str
    years: str
    period: str
    source: str
    responsible: str
    regulation: str

    @classmethod
    def of(cls, model: Indicator, line: PassportLine, numerator: list[str], denominator: list[str]) -> "IndicatorOut":
        return cls(
            code=model.code,
            group=line.part_code,
            group_title=line.part,
            kind=model.kind,
            better=model.better,
            numerator=numerator,
            denominator=denominator,
            since=model.since,
            until=model.until,
            succeeds=model.succeeds.code if model.succeeds else None,
            **{name: getattr(line, name) for name in _WORDS},
        )


class ElementOut(Schema):
    """Паспорт строки формы."""

    code: str
    form: str
    section: str
    section_title: str
    name: str
    unit: str
    grades: list[int]
    kinds: list[str]
    once: bool
    programme: str
    since: int | None
    until: int | None
    succeeds: str | None
    period: str
    source: str

    @classmethod
    def of(cls, model: Element, line: PassportLine) -> "ElementOut":
        plain = ("code", "unit", "grades", "kinds", "once", "programme", "since", "until")
        return cls(
            form=model.section.form.code,
            section=line.part_code,
            section_title=line.part,
            name=line.name,
            period=line.period,
            source=line.source,
            succeeds=model.succeeds.code if model.succeeds else None,
            **{name: getattr(model, name) for name in plain},
        )


class CheckOut(Schema):
    """Контрольное соотношение: сумма левых строк сравнивается с суммой правых; или граница изменения."""

    code: str
    severity: str
    kind: str
    left: list[str]
    op: str
    right: list[str]
    message: str
    percent: int | None
    people: int | None
    since: int | None
    until: int | None

    @classmethod
    def of(cls, check: Check) -> "CheckOut":
        return cls(**{name: getattr(check, name) for name in cls.model_fields})


class FindingOut(Schema):
    """Что проверка нашла в форме. Правила те же, что на странице, при отправке и при загрузке файла."""

    code: str
    severity: str
    sentence: str
    elements: list[str]
    explained: bool
    blocks: bool = Field(description="Мешает ли отправить форму.")

    @classmethod
    def of(cls, standing: Standing) -> "FindingOut":
        finding = standing.finding
        return cls(
            code=finding.code,
            severity=finding.severity.value,
            sentence=finding.sentence,
            elements=list(finding.cells),
            explained=standing.explanation is not None,
            blocks=standing.blocks,
        )


class Page(Schema):
    """Что общего у всех списков: сколько всего, адрес следующей страницы, версия принятых данных."""

    count: int
    next: str | None
    data_version: int


class Schools(Page):
    items: list[SchoolOut]


class Values(Page):
    items: list[ValueOut]


class Checks(Page):
    items: list[CheckOut]


class Findings(Schema):
    items: list[FindingOut]


class Catalogue(Schema):
    indicators: list[IndicatorOut]
    elements: list[ElementOut]


def _shown(found: Measured) -> float | None:
    """Percent by the house's one rounding, or the count."""
    if found.value is None:
        return None
    return float(found.value if found.is_count else round_half_up(found.value * 100, 1))
