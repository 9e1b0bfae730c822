"""What is an indicator or a row of the form, said whole: the «паспорт показателя» and the passport of an element."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from monitoring.catalogue import grades_label
from monitoring.checks import Rule
from monitoring.enums import Better, IndicatorKind, Side
from monitoring.models import (
    CampaignElement,
    Element,
    Indicator,
    PublishedTable,
    RegionForm,
    SavedTable,
    Target,
    Term,
    Wording,
)
from monitoring.queries.entry.rulebook import rulebook
from monitoring.queries.passports.wordings import Words, in_force, names_of, versions_of, words_of_elements
from monitoring.queries.tables.region_forms import SOME_MARK
from portal.enums import SchoolKind
from portal.formats import NBSP, school_year_short, search_key
from portal.models import Municipality

ROUNDING = (
    f"Сначала складываются числа школ, затем одна сумма делится на другую. Результат округляется один раз, до десятых:"
    f" 5{NBSP}сотых округляются вверх. Если в знаменателе меньше 10{NBSP}человек, процент не пишется."
)
WHOLE = "Складываются числа школ, без округления."
_UNITS = {IndicatorKind.SHARE: "процент", IndicatorKind.ORG_SHARE: "процент организаций"}
_TELLS = {
    IndicatorKind.SHARE: "Сколько процентов от знаменателя составляет числитель.",
    IndicatorKind.COUNT: "Сколько всего набралось по организациям: сумма строк формы.",
    IndicatorKind.ORG_SHARE: "Какая часть организаций ведёт эту работу: сумма строк у них больше нуля.",
}


@dataclass(frozen=True, slots=True)
class TermLine:
    """One row of the form in a formula."""

    element: Element
    side: Side
    label: str
    population: str


@dataclass(frozen=True, slots=True)
class IndicatorPassport:
    """An indicator with its formula in words and in codes; `wordings` are the municipality's, newest first."""

    model: Indicator
    name: str
    tells: str
    unit: str
    terms: tuple[TermLine, ...]
    formula: str
    populations: tuple[tuple[str, str], ...]  # (code, the sum it stands for)
    grades: str
    kinds: str
    years: str
    rounding: str
    successor: Indicator | None
    wordings: tuple[Wording, ...]
    rules: tuple[Rule, ...]
    target: Target | None  # the newest

    @property
    def numerator(self) -> tuple[TermLine, ...]:
        return tuple(term for term in self.terms if term.side == Side.NUMERATOR)

    @property
    def denominator(self) -> tuple[TermLine, ...]:
        return tuple(term for term in self.terms if term.side == Side.DENOMINATOR)

    @property
    def sections(self) -> tuple[tuple[str, str, str], ...]:
        """(title, period, source) of every section from which a number comes, each once."""
        rows = (term.element.section for term in self.terms)
        return tuple(dict.fromkeys((row.title, row.as_at, row.source) for row in rows))

    @property
    def is_org_share(self) -> bool:
        return self.model.kind == IndicatorKind.ORG_SHARE

    @property
    def is_count(self) -> bool:
        return self.model.kind == IndicatorKind.COUNT

    @property
    def wording(self) -> Wording | None:
        return self.wordings[0] if self.wordings else None


@dataclass(frozen=True, slots=True)
class ElementPassport:
    """A row of the form; `asked` is how each campaign of the municipality froze it, newest first."""

    model: Element
    name: str
    hint: str
    grades: str
    kinds: str
    years: str
    successor: Element | None
    wordings: tuple[Wording, ...]
    used_in: tuple[tuple[Indicator, str, str], ...]  # (indicator, its name, on which side)
    rules: tuple[Rule, ...]
    asked: tuple[CampaignElement, ...]

    @property
    def wording(self) -> Wording | None:
        return self.wordings[0] if self.wordings else None


@dataclass(frozen=True, slots=True)
class PassportLine:
    """One line of the list of passports; every field is ready to print."""

    code: str
    name: str
    part: str  # group of an indicator, section of a row
    part_code: str
    unit: str
    formula: str
    grades: str
    years: str
    better: str
    period: str
    source: str
    responsible: str
    regulation: str

    @property
    def search_key(self) -> str:
        return search_key(f"{self.code} {self.name} {self.part} {self.formula}")


# --- one passport -----------------------------------------------------------------------------------------------------


def indicator_passport(code: str, municipality: Municipality) -> IndicatorPassport | None:
    """The passport of an indicator in the words of a municipality, or None for an unknown code; seven queries."""
    model = Indicator.objects.select_related("group", "succeeds").filter(code=code).first()
    if model is None:
        return None
    own = words_of_elements(municipality)
    rows = model.terms.select_related("element__section__form", "element__succeeds", "population")
    terms = tuple(term_line(term, own) for term in rows.order_by("-side", "order"))
    wordings = tuple(versions_of(municipality, model))
    told = wordings[0] if wordings else Wording()
    counted = {term.element.code for term in terms if term.side == Side.NUMERATOR}
    base = [term for term in terms if term.side == Side.DENOMINATOR] or terms
    return IndicatorPassport(
        model=model,
        name=told.name or model.name,
        tells=told.text or _TELLS[IndicatorKind(model.kind)],
        unit=unit_of(model, (term.element.unit for term in terms)),
        terms=terms,
        formula=formula_of(model, terms),
        populations=_populations(terms),
        grades=grades_label({grade for term in base for grade in term.element.grades}) or "без деления на классы",
        kinds=kinds_label(dict.fromkeys(kind for term in base for kind in term.element.kinds)),
        years=years_label(model.since, model.until),
        rounding=WHOLE if model.kind == IndicatorKind.COUNT else ROUNDING,
        successor=Indicator.objects.filter(succeeds=model).first(),
        wordings=wordings,
        rules=tuple(rule for rule in rulebook().rules if counted & {*rule.left, *rule.right}),
        target=Target.objects.filter(municipality=municipality, indicator=model).order_by("-year").first(),
    )


def element_passport(code: str, municipality: Municipality) -> ElementPassport | None:
    """The passport of a row of the form in the words of a municipality, or None for an unknown code; seven queries."""
    model = Element.objects.select_related("section__form", "succeeds").filter(code=code).first()
    if model is None:
        return None
    wordings = tuple(versions_of(municipality, model))
    told = Words(wordings[0].name, wordings[0].text) if wordings else Words()
    names = names_of(municipality)
    used: dict[Indicator, list[str]] = {}
    for term in model.term_set.select_related("indicator").order_by("indicator__order", "-side"):
        used.setdefault(term.indicator, []).append(str(Side(term.side).label))
    asked = CampaignElement.objects.filter(campaign__municipality=municipality, element=model)
    return ElementPassport(
        model=model,
        name=told.name_of(model),
        hint=told.hint_of(model),
        grades=grades_label(model.grades) or "без деления на классы",
        kinds=kinds_label(model.kinds),
        years=years_label(model.since, model.until),
        successor=Element.objects.filter(succeeds=model).first(),
        wordings=wordings,
        used_in=tuple((one, names.get(one.code, one.name), ", ".join(sides)) for one, sides in used.items()),
        rules=tuple(rule for rule in rulebook().rules if code in {*rule.left, *rule.right}),
        asked=tuple(asked.select_related("campaign").order_by("-campaign__year")),
    )


def find_thing(code: str, *, element: bool) -> Element | Indicator | None:
    """An element or an indicator by its permanent code."""
    model = Element if element else Indicator
    return model.objects.filter(code=code).first()


def kept_uses(code: str, municipality: Municipality) -> list[tuple[str, str]]:
    """(what, its name) of what the municipality keeps that rests on an indicator; three queries."""
    saved = SavedTable.objects.filter(municipality=municipality).only("name", "query")
    uses = [("Своя таблица", one.name) for one in saved if ("what", code) in parse_qsl(one.query)]
    forms = RegionForm.objects.filter(municipality=municipality).only("name", "marks")
    uses += [("Форма региона", one.name) for one in forms if any(code in _codes_of(mark) for mark in one.marks)]
    published = PublishedTable.objects.filter(municipality=municipality, indicator__code=code)
    return uses + [("Опубликованная таблица", str(one)) for one in published]


def _codes_of(mark: Sequence[str]) -> set[str]:
    """The codes of a mark (sheet, cell, code or a text with codes in braces), without «числитель» and the like."""
    text = mark[-1]
    return {code.split()[0] for code in (SOME_MARK.findall(text) if "{" in text else [text]) if code.split()}


# --- the list ---------------------------------------------------------------------------------------------------------


def indicator_lines(municipality: Municipality) -> tuple[PassportLine, ...]:
    """Every indicator of the catalogue in its order; four queries."""
    own, wordings = words_of_elements(municipality), in_force(municipality, elements=False)
    terms: dict[int, list[TermLine]] = {}
    for term in Term.objects.select_related("element__section", "population").order_by("-side", "order"):
        terms.setdefault(term.indicator_id, []).append(term_line(term, own))
    rows = Indicator.objects.select_related("group").order_by("group__order", "order")
    return tuple(_indicator_line(row, tuple(terms.get(row.pk, ())), wordings.get(row.code)) for row in rows)


def _indicator_line(row: Indicator, terms: tuple[TermLine, ...], told: Wording | None) -> PassportLine:
    base = [term for term in terms if term.side == Side.DENOMINATOR] or terms
    sections = dict.fromkeys((term.element.section.as_at, term.element.section.source) for term in terms)
    return PassportLine(
        code=row.code,
        name=(told and told.name) or row.name,
        part=row.group.title,
        part_code=row.group.code,
        unit=unit_of(row, (term.element.unit for term in terms)),
        formula=formula_of(row, terms),
        grades=grades_label({grade for term in base for grade in term.element.grades}),
        years=years_label(row.since, row.until),
        better=str(Better(row.better).label),
        period="; ".join(dict.fromkeys(as_at for as_at, _ in sections)),
        source="; ".join(dict.fromkeys(source for _, source in sections if source)),
        responsible=told.responsible if told else "",
        regulation=str(told.regulation or "") if told else "",
    )


def element_lines(municipality: Municipality) -> tuple[PassportLine, ...]:
    """Every row of every form in its order; two queries."""
    wordings = in_force(municipality, elements=True)
    rows = Element.objects.select_related("section").order_by("section__order", "order")
    return tuple(_element_line(row, wordings.get(row.code)) for row in rows)


def _element_line(row: Element, told: Wording | None) -> PassportLine:
    return PassportLine(
        code=row.code,
        name=(told and told.name) or row.name,
        part=row.section.title,
        part_code=row.section.code,
        unit=row.unit,
        formula=(told and told.text) or row.hint,
        grades=grades_label(row.grades),
        years=years_label(row.since, row.until),
        better="",
        period=row.section.as_at,
        source=row.section.source,
        responsible=told.responsible if told else "",
        regulation=str(told.regulation or "") if told else "",
    )


def found(lines: Iterable[PassportLine], search: str, part: str) -> tuple[PassportLine, ...]:
    """The lines whose code, name, part or formula hold the words, in one group or section if asked."""
    wanted = search_key(search)
    return tuple(line for line in lines if wanted in line.search_key and part in ("", line.part_code))


# --- words ------------------------------------------------------------------------------------------------------------


def term_line(term: Term, own: Mapping[int, Words]) -> TermLine:
    """A term in the municipality's words."""
    element = term.element
    name = own.get(element.pk, Words()).name_of(element)
    label = f"{name}, {grades_label(element.grades)}" if element.grades else name
    return TermLine(element, Side(term.side), label, term.population.code if term.population else "")


def formula_of(indicator: Indicator, terms: Iterable[TermLine]) -> str:
    """The formula in codes: «tested_9_11 ÷ pupils_9_11 × 100 %», populations by their own code."""
    terms = tuple(terms)
    above = _sum(term for term in terms if term.side == Side.NUMERATOR)
    below = _sum(term for term in terms if term.side == Side.DENOMINATOR)
    if indicator.kind == IndicatorKind.COUNT:
        return above
    if indicator.kind == IndicatorKind.ORG_SHARE:
        return f"организации, у которых {above} > 0, ÷ все организации с данными × 100{NBSP}%"
    return f"{_bracketed(above)} ÷ {_bracketed(below)} × 100{NBSP}%"


def _sum(terms: Iterable[TermLine]) -> str:
    return " + ".join(dict.fromkeys(term.population or term.element.code for term in terms))


def _bracketed(words: str) -> str:
    return f"({words})" if " + " in words else words


def _populations(terms: Iterable[TermLine]) -> tuple[tuple[str, str], ...]:
    sums: dict[str, list[str]] = {}
    for term in terms:
        if term.population:
            sums.setdefault(term.population, []).append(term.element.code)
    return tuple((code, " + ".join(codes)) for code, codes in sums.items())


def unit_of(indicator: Indicator, units: Iterable[str]) -> str:
    """«процент» for a share; a count has the unit of its rows."""
    return _UNITS.get(IndicatorKind(indicator.kind)) or ", ".join(dict.fromkeys(units))


def kinds_label(kinds: Iterable[str]) -> str:
    """«Начальная школа, Лицей»; «все общеобразовательные школы» for all of these."""
    asked = set(kinds)
    general = set(SchoolKind) - {SchoolKind.PRESCHOOL, SchoolKind.EXTRA}
    if asked == general:
        return "все общеобразовательные школы"
    return ", ".join(str(kind.label).lower() for kind in SchoolKind if kind in asked)


def years_label(since: int | None, until: int | None) -> str:
    """«с 2022/23 по 2024/25 уч. год», «без срока»."""
    begins = f"с {school_year_short(since)}" if since else ""
    ends = f"по {school_year_short(until)}" if until else ""
    if not begins and not ends:
        return "без срока"
    return f"{begins} {ends}".strip() + (" уч. год" if ends else " уч. года")
