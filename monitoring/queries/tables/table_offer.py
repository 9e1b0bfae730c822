"""What may be chosen for a table of one's own: indicators, elements, schools, years."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitoring.catalogue import grades_label
from monitoring.enums import IndicatorKind
from monitoring.models import Element, Indicator
from monitoring.queries.entry.content import YES_NO
from monitoring.queries.passports.wordings import names_of, words_of_elements
from monitoring.queries.results.overview import default_year, years_of
from portal.enums import Locality, SchoolKind
from portal.formats import school_year_short, search_key
from portal.models import Municipality, School

# Years that move with the data: a table kept last year opens on the new one.
RELATIVE = {"last": ("Последний год", 1), "last3": ("Три последних года", 3)}


@dataclass(frozen=True, slots=True)
class Item:
    """An indicator or an element that may be chosen; `years` are its first and its last one, if it has any."""

    code: str
    name: str
    group: str
    kind: IndicatorKind
    years: tuple[int | None, int | None]
    model: Indicator | Element
    yes_no: bool = False

    @property
    def label(self) -> str:
        """An indicator is known by its number, an element by its name."""
        return f"{self.code} {self.name}" if isinstance(self.model, Indicator) else self.name

    def valid_in(self, year: int) -> bool:
        since, until = self.years
        return (since is None or since <= year) and (until is None or year <= until)


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that may be chosen in a municipality. `newest` is the year that «последний» means."""

    municipality: Municipality
    items: dict[str, Item]
    schools: tuple[School, ...]
    years: tuple[int, ...]  # newest first
    newest: int | None

    @property
    def kind_choices(self) -> list[tuple[str, str]]:
        present = {school.kind for school in self.schools}
        return [(kind.value, str(kind.label)) for kind in SchoolKind if kind in present]

    @property
    def locality_choices(self) -> list[tuple[str, str]]:
        present = {school.locality for school in self.schools}
        return [(place.value, str(place.label)) for place in Locality if place in present]

    @property
    def school_choices(self) -> list[tuple[str, str]]:
        return [(school.code, school.name) for school in self.schools]

    def found(self, words: str, ticked: Iterable[str] = ()) -> list[tuple[str, list[Item]]]:
        """(group, items) whose code or name holds the words, without those that are ticked already."""
        key, left = search_key(words), set(ticked)
        groups: dict[str, list[Item]] = {}
        for code, item in self.items.items():
            if code not in left and key in search_key(f"{item.label} {item.group} {code}"):
                groups.setdefault(item.group, []).append(item)
        return list(groups.items())

    @property
    def year_choices(self) -> list[tuple[str, str]]:
        """Values and words of the years; the relative ones say what they mean today."""
        relative = [
            (token, f"{words} (сейчас {_span(self.meant([token]))})")
            for token, (words, _) in RELATIVE.items()
            if self.meant([token])
        ]
        return relative + [(str(year), school_year_short(year)) for year in self.years]

    def meant(self, tokens: Iterable[str]) -> tuple[int, ...]:
        """The years that «2021», «last», «last3» mean, ascending; years without a collection are left out."""
        years: set[int] = set()
        for token in tokens:
            if token in RELATIVE and self.newest is not None:
                years.update(range(self.newest - RELATIVE[token][1] + 1, self.newest + 1))
            elif token.isascii() and token.isdigit() and len(token) == 4:
                years.add(int(token))
        return tuple(sorted(years & set(self.years)))


def offer_of(municipality: Municipality, *, preliminary: bool = False) -> Offer:
    """What may be chosen, in the municipality's own words; eight queries."""
    years = years_of(municipality)
    judged = None if preliminary else default_year(municipality)
    return Offer(
        municipality=municipality,
        items={item.code: item for item in (*_indicators(municipality), *_elements(municipality))},
        schools=tuple(School.objects.filter(municipality=municipality)),
        years=years,
        newest=judged or (years[0] if years else None),
    )


def _indicators(municipality: Municipality) -> Iterable[Item]:
    names = names_of(municipality)
    for one in Indicator.objects.select_related("group").order_by("group__order", "order"):
        name = names.get(one.code, one.name)
        yield Item(one.code, name, one.group.title, IndicatorKind(one.kind), (one.since, one.until), one)


def _elements(municipality: Municipality) -> Iterable[Item]:
    words = words_of_elements(municipality)
    for one in Element.objects.select_related("section").order_by("section__order", "order"):
        own = words.get(one.pk)
        name = (own and own.name) or one.name
        label = ", ".join(filter(None, (name, grades_label(one.grades))))
        group = f"Исходные числа: {one.section.title}"
        yield Item(one.code, label, group, IndicatorKind.COUNT, (one.since, one.until), one, yes_no=one.unit == YES_NO)


def _span(years: tuple[int, ...]) -> str:
    first, last = school_year_short(years[0]), school_year_short(years[-1])
    return last if first == last else f"{first}–{last}"
