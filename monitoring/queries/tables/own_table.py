"""Своя таблица: the chosen figures of the chosen schools and years as rows and columns."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from monitoring.arithmetic import Measured
from monitoring.catalogue import grades_label
from monitoring.enums import IndicatorKind, Side
from monitoring.models import Element, Indicator, Term
from monitoring.queries.results.element_sums import element_sums, total
from monitoring.queries.results.indicators import Circle, measure
from monitoring.queries.results.overview import data_version
from monitoring.queries.results.sentences import coverage_words, fraction_words, short_value, value_words
from monitoring.queries.tables.table_offer import Item, Offer
from portal.enums import SchoolKind
from portal.formats import INAPPLICABLE, NO_DATA, listed, number, plural, school_year_short
from portal.models import School

Figures = dict[tuple[int, int, str], Measured]  # (school id, year, code)
SHOWN_COLUMNS, MOST_COLUMNS, MOST_ROWS, PAGE = 15, 60, 2000, 100
LAYOUTS = {
    "schools": "Строки – школы, столбцы – показатели",
    "across": "Строки – показатели, столбцы – школы",
    "indicators": "Строки – показатели, столбцы – годы",
    "years": "Строки – годы, столбцы – показатели",
}
SHOWS = {
    "both": "Процент и числа: 67,3\u00a0% (282 из 419)",
    "percent": "Только процент: 67,3\u00a0%",
    "fraction": "Только числа: 282 из 419",
}
TOTALS = {"all": "По всем выбранным школам", "kinds": "По видам школ"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chose; the query string holds the same. Empty kinds, localities, schools mean no limit."""

    what: tuple[str, ...] = ()
    years: tuple[str, ...] = ("last",)
    kinds: tuple[str, ...] = ()
    localities: tuple[str, ...] = ()
    schools: tuple[str, ...] = ()  # codes
    layout: str = "schools"
    show: str = "both"
    totals: tuple[str, ...] = ("all",)
    preliminary: bool = False

    @property
    def query(self) -> str:
        """The canonical query string of this choice, without the question mark."""
        parts: list[tuple[str, str]] = []
        for key, given in (
            ("what", self.what),
            ("year", self.years),
            ("kind", self.kinds),
            ("locality", self.localities),
            ("school", self.schools),
        ):
            parts += [(key, one) for one in given]
        parts += [("layout", self.layout), ("show", self.show), *(("total", one) for one in self.totals)]
        return urlencode([*parts, ("preliminary", "1")] if self.preliminary else parts)


@dataclass(frozen=True, slots=True)
class Head:
    """One line of an axis: its words and its permanent name."""

    title: str
    code: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What is printed; `measured` is None where nothing was asked or collected. Coverage stands in totals only."""

    words: str
    measured: Measured | None
    coverage: str = ""

    @property
    def few(self) -> bool:
        return self.measured is not None and self.measured.value is not None and self.measured.small


@dataclass(frozen=True, slots=True)
class Row:
    head: Head
    cells: tuple[Cell, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class OwnTable:
    """`shares` says of each column whether it may hold shares."""

    title: str
    subtitle: str
    corner: str
    columns: tuple[Head, ...]
    shares: tuple[bool, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """A school, or several of them added up."""

    title: str
    code: str
    members: tuple[int, ...]
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """A place on an axis: what it says of the group, the year and the item. A row and a column together say all."""

    title: str = ""
    code: str = ""
    group: _Group | None = None
    year: int | None = None
    item: Item | None = None

    def __add__(self, other: "_Line") -> "_Line":
        return _Line(
            ", ".join(filter(None, (self.title, other.title))),
            ".".join(filter(None, (self.code, other.code))),
            self.group or other.group,
            self.year or other.year,
            self.item or other.item,
        )


def too_big(choice: Choice, offer: Offer) -> str:
    """The sentence that says that the choice is too much for one table; empty where it is not."""
    schools, years = len(_schools(choice, offer)), len(offer.meant(choice.years))
    if choice.layout == "schools" and schools > MOST_ROWS:
        return f"В таблице было бы больше {number(MOST_ROWS)} строк. Выберите вид школ или местность."
    columns = {"schools": len(choice.what) * years, "across": schools * years, "years": len(choice.what)}
    wanted = columns.get(choice.layout, years)
    if wanted > MOST_COLUMNS:
        return (
            f"Получилось столбцов: {number(wanted)}, а в одной таблице их не больше {MOST_COLUMNS}. "
            "Уберите часть показателей, школ или лет."
        )
    return ""


def own_table(choice: Choice, offer: Offer) -> OwnTable | None:
    """The table of a choice, or None where it leaves nothing to show. At most four queries."""
    items = [offer.items[code] for code in choice.what if code in offer.items]
    years = offer.meant(choice.years)
    figures = _figures(choice, offer, items, years)
    answered = {school for school, _, _ in figures}
    schools = [school for school in _schools(choice, offer) if school.pk in answered]
    if not schools:
        return None
    rows, columns = _axes(choice, schools, items, years)
    collected = {(year, code) for _, year, code in figures}
    return OwnTable(
        title=_title(items, years, schools, figures),
        subtitle=_subtitle(choice, offer, schools, years),
        corner={"schools": "Школа", "years": "Учебный год"}.get(choice.layout, "Показатель"),
        columns=tuple(Head(column.title, column.code) for column in columns),
        shares=tuple(any(one.kind == IndicatorKind.SHARE for one in _items_of(column, items)) for column in columns),
        rows=tuple(
            Row(
                Head(row.title, row.code),
                tuple(_cell(row + column, figures, collected, choice.show) for column in columns),
                row.group is not None and row.group.is_total,
            )
            for row in rows
        ),
        notes=_notes(choice, offer, items, years, answered),
    )


def formulas(items: Iterable[Item]) -> list[tuple[str, str]]:
    """(indicator, how it is computed) in the words of the catalogue; one query."""
    chosen = {item.model.pk: item for item in items if isinstance(item.model, Indicator)}
    sides: dict[tuple[int, str], dict[str, set[int]]] = {}
    rows = Term.objects.filter(indicator__in=chosen).order_by("side", "order")
    for indicator, side, name, grades in rows.values_list("indicator", "side", "element__name", "element__grades"):
        sides.setdefault((indicator, side), {}).setdefault(name, set()).update(grades)
    told = []
    for key, item in chosen.items():
        parts = [
            " + ".join(", ".join(filter(None, (name, grades_label(grades)))) for name, grades in names.items())
            for side in (Side.NUMERATOR, Side.DENOMINATOR)
            if (names := sides.get((key, side)))
        ]
        told.append((item.label, " ÷ ".join(f"Σ ({part})" for part in parts)))
    return told


# --- figures ----------------------------------------------------------------------------------------------------------


def _schools(choice: Choice, offer: Offer) -> list[School]:
    return [
        school
        for school in offer.schools
        if (not choice.kinds or school.kind in choice.kinds)
        and (not choice.localities or school.locality in choice.localities)
        and (not choice.schools or school.code in choice.schools)
    ]


def _figures(choice: Choice, offer: Offer, items: Sequence[Item], years: tuple[int, ...]) -> Figures:
    """Sums of every school by (school, year, code); three queries."""
    limited = choice.kinds or choice.localities or choice.schools
    schools = tuple(school.pk for school in _schools(choice, offer)) if limited else None
    codes = {item.code for item in items if isinstance(item.model, Indicator)}
    elements = [item.model for item in items if isinstance(item.model, Element)]
    circle = Circle(offer.municipality.pk, years, schools)
    measured = measure(circle, by="school", preliminary=choice.preliminary) if codes else {}
    figures = {(int(school), year, code): sums for (school, year, code), sums in measured.items() if code in codes}
    return figures | element_sums(circle, elements, preliminary=choice.preliminary)


def _axes(
    choice: Choice, schools: Sequence[School], items: Sequence[Item], years: tuple[int, ...]
) -> tuple[list[_Line], list[_Line]]:
    """(rows, columns). An axis that holds one thing only is not repeated in the heads of the other."""
    by_school = choice.layout in {"schools", "across"}
    groups = [_Group(school.name, school.code, (school.pk,)) for school in schools] if by_school else []
    groups += _totals(choice, schools, always=not by_school)
    of_groups = [_Line(one.title, one.code, group=one) for one in groups]
    of_years = [_Line(school_year_short(year), str(year), year=year) for year in years]
    of_items = [_Line(one.label, one.code, item=one) for one in items]
    return {
        "schools": (of_groups, _crossed(of_items, of_years)),
        "across": (of_items, _crossed(of_groups, of_years)),
        "indicators": (of_items, _crossed(of_years, of_groups)),
        "years": (of_years, _crossed(of_items, of_groups)),
    }[choice.layout]


def _crossed(first: Sequence[_Line], second: Sequence[_Line]) -> list[_Line]:
    """Every place of one axis with every place of the other; codes always name both."""
    if len(second) == 1:
        second = [replace(one, title="") for one in second]
    elif len(first) == 1:
        first = [replace(one, title="") for one in first]
    return [one + other for one in first for other in second]


def _totals(choice: Choice, schools: Sequence[School], *, always: bool) -> list[_Group]:
    totals = []
    if always or "all" in choice.totals:
        totals.append(_Group("Всего", "total", tuple(school.pk for school in schools), is_total=True))
    if "kinds" in choice.totals:
        for kind in SchoolKind:
            members = tuple(school.pk for school in schools if school.kind == kind)
            if members:
                totals.append(_Group(f"Всего: {kind.label}", f"total-{kind.value}", members, is_total=True))
    return totals


def _cell(place: _Line, figures: Figures, collected: set[tuple[int, str]], show: str) -> Cell:
    group, year, item = place.group, place.year, place.item
    if group is None or year is None or item is None:
        raise ValueError("a row and a column must name a group, a year and an item")
    sums = total(figures.get((school, year, item.code)) for school in group.members)
    if sums is None:
        outside = (year, item.code) in collected or not item.valid_in(year)
        return Cell(INAPPLICABLE if outside else NO_DATA, None)
    words = _words(sums, item, show, own=not group.is_total)
    return Cell(words, sums, coverage_words(sums) if group.is_total else "")


def _words(sums: Measured, item: Item, show: str, *, own: bool) -> str:
    if own and sums.used and (item.yes_no or item.kind == IndicatorKind.ORG_SHARE):
        return "да" if sums.numerator else "нет"
    if show == "percent":
        return short_value(sums)
    return (fraction_words(sums) if show == "fraction" else "") or value_words(sums)


# --- words ------------------------------------------------------------------------------------------------------------


def _items_of(column: _Line, items: Sequence[Item]) -> Sequence[Item]:
    return [column.item] if column.item else items


def _title(items: Sequence[Item], years: tuple[int, ...], schools: Sequence[School], figures: Figures) -> str:
    """One indicator is told by its values, several by how many they are."""
    if len(items) > 1:
        count = plural(len(items), "показатель", "показателя", "показателей")
        return (
            f"{count} по {len(schools)} {'школе' if len(schools) % 10 == 1 and len(schools) % 100 != 11 else 'школам'}"
        )
    sums = {year: total(figures.get((school.pk, year, items[0].code)) for school in schools) for year in years}
    told = ", ".join(f"{value_words(one)} в {school_year_short(year)}" for year, one in sums.items() if one)
    return f"{items[0].label}: {told}"


def _subtitle(choice: Choice, offer: Offer, schools: Sequence[School], years: tuple[int, ...]) -> str:
    span = ", ".join(school_year_short(year) for year in years)
    state = "предварительно, с непринятыми формами" if choice.preliminary else "только принятые данные"
    return (
        f"{offer.municipality.name}; {span} уч.\u00a0{'год' if len(years) == 1 else 'годы'}; "
        f"школ: {len(schools)}; {state}; версия данных {data_version(offer.municipality)}."
    )


def _notes(
    choice: Choice, offer: Offer, items: Sequence[Item], years: tuple[int, ...], answered: set[int]
) -> tuple[str, ...]:
    """What the table does not show, and why."""
    notes = []
    for item in items:
        if not all(item.valid_in(year) for year in years):
            since, until = item.years
            begins = f" с {school_year_short(since)} уч.\u00a0года" if since else ""
            ends = f" по {school_year_short(until)} уч.\u00a0год" if until else ""
            notes.append(f"«{item.label}» собирается{begins}{ends}.")
    silent = [school.name for school in _schools(choice, offer) if choice.schools and school.pk not in answered]
    if silent:
        notes.append(f"Эти показатели не запрашивались: {listed(silent)}.")
    return tuple(notes)
