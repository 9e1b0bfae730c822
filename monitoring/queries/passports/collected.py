"""Which declared indicators are collected in a year, and why the others are not (features B10, control rule W-12)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from monitoring.arithmetic import Measured
from monitoring.catalogue import quoted
from monitoring.enums import CellState, Collected
from monitoring.models import (
    AcceptedForm,
    Campaign,
    CollectionNote,
    Form,
    Indicator,
    Term,
    Value,
)
from monitoring.queries.passports.catalogue_changes import not_collected
from monitoring.queries.passports.passports import years_label
from monitoring.queries.passports.wordings import Words, names_of, words_of_elements
from monitoring.queries.results.indicators import Circle, measure
from portal.formats import coverage, plural, share
from portal.models import Municipality, School

NOT_COLLECTED = "W-12"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a value is missing or not whole; `campaign` is the board on which it can be put right."""

    text: str
    campaign: UUID | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """One declared indicator in a year. `code` is empty for one that an order names without a formula."""

    code: str
    name: str
    group: str
    state: Collected
    reasons: tuple[Reason, ...]
    coverage: str = ""
    note: CollectionNote | None = None

    @property
    def words(self) -> str:
        return " ".join(reason.text for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Standing:
    """Every declared indicator of a municipality and a year, in the order of the catalogue."""

    year: int
    rows: tuple[Status, ...]

    def count(self, state: Collected) -> int:
        return sum(row.state == state for row in self.rows)

    @property
    def counts(self) -> tuple[tuple[Collected, int], ...]:
        return tuple((state, self.count(state)) for state in Collected)

    @property
    def missing(self) -> tuple[Status, ...]:
        """W-12: declared for the year and without a value."""
        return tuple(row for row in self.rows if row.state == Collected.NOT)

    @property
    def declared(self) -> int:
        return len(self.rows) - self.count(Collected.OUTSIDE)

    @property
    def message(self) -> str:
        """What the table says, for its title."""
        have = self.declared - len(self.missing)
        return f"Значение есть у {share_of(have, self.declared)} объявленных показателей"


def share_of(part: int, whole: int) -> str:
    return share(part, whole) if whole else "0 из 0"


@dataclass(frozen=True, slots=True)
class _Facts:
    """What was launched, accepted and left without data in one municipality and year."""

    forms: Mapping[int, Form]
    campaigns: Mapping[int, Campaign]  # by form
    kinds: frozenset[str]  # of the municipality's organisations
    accepted: frozenset[tuple[int, int]]  # (school, form)
    no_data: Mapping[int, frozenset[int]]  # schools by element
    words: Mapping[int, Words]
    by_school: Mapping[str, Mapping[int, Measured]]  # code → school → its sums


def collected(municipality: Municipality, year: int) -> Standing:
    """The state of every indicator of the catalogue, and of those that it names without a formula; twelve queries."""
    facts = _facts(municipality, year)
    names = names_of(municipality)
    notes = {
        note.indicator_id: note
        for note in CollectionNote.objects.filter(municipality=municipality, year=year).select_related("by")
    }
    terms: dict[int, list[Term]] = defaultdict(list)
    for term in Term.objects.select_related("element__section"):
        terms[term.indicator_id].append(term)
    rows = []
    for indicator in Indicator.objects.select_related("group").order_by("group__order", "order"):
        state, reasons, covered = _judged(indicator, terms[indicator.pk], year, facts)
        name = names.get(indicator.code, indicator.name)
        note = notes.get(indicator.pk)
        rows.append(Status(indicator.code, name, indicator.group.title, state, reasons, covered, note))
    return Standing(year, (*rows, *_without_formula()))


def _facts(municipality: Municipality, year: int) -> _Facts:
    by_school: dict[str, dict[int, Measured]] = defaultdict(dict)
    for (school, _, code), sums in measure(Circle(municipality.pk, (year,)), by="school").items():
        by_school[code][int(school)] = sums
    accepted = AcceptedForm.objects.filter(municipality=municipality, submission__year=year)
    no_data: dict[int, set[int]] = defaultdict(set)
    left = Value.objects.filter(
        submission__municipality=municipality, submission__year=year, accepted_state=CellState.NO_DATA
    )
    for element, school in left.values_list("element", "submission__school"):
        no_data[element].add(school)
    return _Facts(
        forms={form.pk: form for form in Form.objects.all()},
        campaigns={one.form_id: one for one in Campaign.objects.filter(municipality=municipality, year=year)},
        kinds=frozenset(School.objects.filter(municipality=municipality).values_list("kind", flat=True).distinct()),
        accepted=frozenset(accepted.values_list("submission__school", "submission__form")),
        no_data={element: frozenset(schools) for element, schools in no_data.items()},
        words=words_of_elements(municipality),
        by_school=by_school,
    )


Judged = tuple[Collected, tuple[Reason, ...], str]


def _judged(indicator: Indicator, terms: Iterable[Term], year: int, facts: _Facts) -> Judged:
    if not indicator.computed_in(year):
        return Collected.OUTSIDE, (Reason(f"Рассчитывается {years_label(indicator.since, indicator.until)}."),), ""
    terms = list(terms)
    if not any(facts.kinds.intersection(term.element.kinds) for term in terms):
        return Collected.OUTSIDE, (Reason("Нет ни одной организации, к которой показатель относится."),), ""
    needed = dict.fromkeys(term.element.section.form_id for term in terms)
    not_launched = [facts.forms[form].title for form in needed if form not in facts.campaigns]
    if not_launched:
        titles = ", ".join(quoted(title) for title in not_launched)
        word = "Форма не запущена" if len(not_launched) == 1 else "Формы не запущены"
        return Collected.NOT, (Reason(f"{word}: {titles}."),), ""
    schools = {school: one for school, one in facts.by_school.get(indicator.code, {}).items() if one.expected}
    if not schools:
        return Collected.OUTSIDE, (Reason("Нет ни одной школы, к которой показатель относится."),), ""
    used = sum(one.used for one in schools.values())
    covered = coverage(used, len(schools))
    reasons = tuple(_reasons(terms, list(needed), {school for school, one in schools.items() if not one.used}, facts))
    if not used:
        return Collected.NOT, reasons, covered
    if used < len(schools):
        return Collected.PARTLY, reasons, covered
    if not indicator_has_base(schools.values()):
        reasons = (Reason("Числа есть, но знаменатель равен нулю: значения нет."),)
    return Collected.FULLY, reasons, covered


def indicator_has_base(rows: Iterable[Measured]) -> bool:
    """Whether the sums of these schools give a value: a count always, a share where its denominator is not zero."""
    return any(row.is_count or row.denominator for row in rows)


def _reasons(terms: list[Term], needed: list[int], left_out: set[int], facts: _Facts) -> Iterable[Reason]:
    """Forms that are not accepted, by form; then rows in which schools have no data."""
    waiting: set[int] = set()
    for form in needed:
        missing = {school for school in left_out if (school, form) not in facts.accepted}
        waiting |= missing
        if missing:
            forms = plural(len(missing), "форма", "формы", "форм")
            verb = "Не принята" if len(missing) % 10 == 1 and len(missing) % 100 != 11 else "Не принято"
            yield Reason(f"{verb} {forms} {quoted(facts.forms[form].title)}.", facts.campaigns[form].public_id)
    counted: Counter[str] = Counter()
    for term in terms:
        if schools := facts.no_data.get(term.element_id, frozenset()) & left_out - waiting:
            counted[facts.words.get(term.element_id, Words()).name_of(term.element)] += len(schools)
    for name, schools_left in counted.most_common():
        where = plural(schools_left, "школе", "школах", "школах")
        yield Reason(f"«Нет данных» в {where}: {quoted(name)}.")


def _without_formula() -> list[Status]:
    """What the last catalogue file names as declared without a formula; one query."""
    return [
        Status("", name, "", Collected.NOT, (Reason(f"{reason[:1].upper()}{reason[1:].rstrip('.')}."),))
        for name, reason in not_collected().items()
    ]


def note_of(municipality: Municipality, year: int, indicator: Indicator) -> CollectionNote | None:
    """The department's words about one indicator of a year."""
    return CollectionNote.objects.filter(municipality=municipality, year=year, indicator=indicator).first()
