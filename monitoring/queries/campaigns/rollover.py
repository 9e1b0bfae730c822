"""What a launch would do, seen before it: whom it asks and what, and how both differ from the last campaign."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.catalogue import grades_label
from monitoring.enums import ThreadKind
from monitoring.models import Campaign, CampaignElement, Element, Form, Submission, Thread
from monitoring.queries.campaigns.board import people_of
from monitoring.queries.passports.wordings import Words, words_of_elements
from portal.enums import SchoolKind
from portal.models import Municipality, School
from portal.roles import Role

KINDS_OF_CHANGE = {
    "new": "Новая строка",
    "dropped": "Больше не спрашивается",
    "redefined": "Изменено определение: с прошлым годом не сравнивается",
    "reworded": "Изменена формулировка",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """How a row is asked."""

    section: str
    name: str
    hint: str
    unit: str
    grades: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that the new campaign asks otherwise than the last one; `kind` is a key of KINDS_OF_CHANGE."""

    kind: str
    before: Wording | None
    after: Wording | None

    @property
    def words(self) -> str:
        return KINDS_OF_CHANGE[self.kind]


@dataclass(frozen=True, slots=True)
class Listing:
    """Whom a launch asks. Lists of schools are in the order of their names."""

    schools: tuple[School, ...]
    closed: tuple[School, ...]
    not_opened: tuple[School, ...]
    outside: tuple[School, ...]  # open, but no row of the form concerns them
    cells: dict[int, int]  # applicable cells by school

    @property
    def by_kind(self) -> list[tuple[str, int]]:
        return _by_kind(self.schools)

    @property
    def outside_by_kind(self) -> list[tuple[str, int]]:
        return _by_kind(self.outside)


@dataclass(frozen=True, slots=True)
class Rollover:
    """One form on the review page."""

    form: Form
    already: Campaign | None  # the form is launched for that year
    previous: Campaign | None
    asked: int
    changes: tuple[RowChange, ...]
    listing: Listing
    joined: tuple[School, ...]  # asked now, not asked in the previous campaign
    left: tuple[School, ...]  # the other way round
    alone: tuple[School, ...]  # schools with one coordinator
    orphans: tuple[School, ...]  # schools without a coordinator
    remarks: tuple[Thread, ...]  # of the previous campaign, still open


def _by_kind(schools: Iterable[School]) -> list[tuple[str, int]]:
    counted = Counter(school.kind for school in schools)
    return [(str(kind.label), counted[kind]) for kind in SchoolKind if counted[kind]]


def elements_of(form: Form) -> list[Element]:
    """Every row of a form, of whatever years."""
    return list(Element.objects.filter(section__form=form).select_related("section"))


def listing(schools: Iterable[School], asked: Sequence[Element], day: date) -> Listing:
    """Who of the schools is asked on the day of opening; the launch and its review page both go by it."""
    chosen, closed, not_opened, outside = [], [], [], []
    cells = {}
    for school in schools:
        applicable = sum(element.applies_to(kind=school.kind, grades=school.grades) for element in asked)
        if not applicable:
            outside.append(school)
        elif school.closed is not None and school.closed <= day:
            closed.append(school)
        elif school.opened is not None and school.opened > day:
            not_opened.append(school)
        else:
            chosen.append(school)
            cells[school.pk] = applicable
    return Listing(tuple(chosen), tuple(closed), tuple(not_opened), tuple(outside), cells)


def rollover(municipality: Municipality, forms: Iterable[Form], year: int, day: date) -> list[Rollover]:
    """What launching these forms would do; nothing is written. Queries grow with the forms, never with the schools."""
    schools = list(School.objects.filter(municipality=municipality).order_by("sort_key"))
    coordinators = people_of((school.pk for school in schools), day, Role.COORDINATOR)
    return [_of_form(municipality, form, year, day, schools, coordinators) for form in forms]


def _of_form(
    municipality: Municipality, form: Form, year: int, day: date, schools: list[School], people: dict[int, list]
) -> Rollover:
    asked = [element for element in elements_of(form) if element.collected_in(year)]
    own = Campaign.objects.filter(municipality=municipality, form=form)
    previous = own.filter(year__lt=year).order_by("-year").first()
    now = listing(schools, asked, day)
    asked_before: set[int] = set()
    remarks: tuple[Thread, ...] = ()
    if previous is not None:
        asked_before = set(Submission.objects.filter(campaign=previous).values_list("school_id", flat=True))
        remarks = _open_remarks(previous)
    chosen = {school.pk for school in now.schools}
    return Rollover(
        form=form,
        already=own.filter(year=year).first(),
        previous=previous,
        asked=len(asked),
        changes=_changes(previous, asked, words_of_elements(municipality)) if previous else (),
        listing=now,
        joined=tuple(one for one in now.schools if previous and one.pk not in asked_before),
        left=tuple(one for one in schools if one.pk in asked_before - chosen),
        alone=tuple(one for one in now.schools if len(people.get(one.pk, ())) == 1),
        orphans=tuple(one for one in now.schools if not people.get(one.pk)),
        remarks=remarks,
    )


def _open_remarks(campaign: Campaign) -> tuple[Thread, ...]:
    rows = Thread.objects.filter(submission__campaign=campaign, kind=ThreadKind.REMARK, closed_at__isnull=True)
    return tuple(
        rows.select_related("submission__school", "element", "section").order_by("submission__school__sort_key")
    )


def _changes(previous: Campaign, asked: Sequence[Element], own: Mapping[int, Words]) -> tuple[RowChange, ...]:
    """Rows that are new, gone, defined anew or worded otherwise, in the order of the form."""
    before = {line.element_id: line for line in previous.elements.select_related("element", "section")}
    found: list[RowChange] = []
    replaced: set[int] = set()
    for element in asked:
        line, after = before.get(element.pk), _asked(element, own.get(element.pk, Words()))
        succeeded = before.get(element.succeeds_id or 0)
        if line is None and succeeded is not None:
            replaced.add(succeeded.element_id)
            found.append(RowChange("redefined", _was(succeeded), after))
        elif line is None:
            found.append(RowChange("new", None, after))
        elif _was(line) != after:
            found.append(RowChange("reworded", _was(line), after))
    still = {element.pk for element in asked} | replaced
    found += [RowChange("dropped", _was(line), None) for pk, line in before.items() if pk not in still]
    return tuple(sorted(found, key=lambda one: list(KINDS_OF_CHANGE).index(one.kind)))


def _asked(element: Element, own: Words) -> Wording:
    name, hint = own.name_of(element), own.hint_of(element)
    return Wording(element.section.title, name, hint, element.unit, grades_label(element.grades))


def _was(line: CampaignElement) -> Wording:
    return Wording(line.section_title, line.name, line.hint, line.unit, grades_label(line.element.grades))
