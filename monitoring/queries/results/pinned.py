"""What the indicators were at an earlier data version: accepted forms as they were kept, added up in Python.

A second computation beside `indicators.py`: from the immutable snapshots instead of the cells, in whole numbers instead
of SQL. For the newest version both must agree, which a test holds. The lists of schools are those of today: a list that
was frozen after the version only adds organisations without data.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max, Q

from monitoring.arithmetic import Measured
from monitoring.enums import CellState, IndicatorKind, Side
from monitoring.models import AcceptedForm, Indicator, Submission, Value
from monitoring.queries.results.indicators import Circle, GroupBy, Key
from portal.models import Municipality

Cells = Mapping[str, tuple[str, int]]  # element code -> state, number (0 where there is none)
_MOST_DIGITS = 18  # of an id that a database can hold


@dataclass(frozen=True, slots=True)
class Version:
    """A data version: the id of the acceptance that made it, and when that was."""

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Rule:
    """An indicator as it is added up: terms are (side, element, form)."""

    code: str
    kind: IndicatorKind
    since: int
    until: int
    terms: tuple[tuple[str, str, int], ...]
    forms: frozenset[int]
    base: str  # the side whose terms say whether the indicator applies at all


@dataclass(frozen=True, slots=True)
class _Unit:
    """A school's forms of one year: form -> its cells, empty where nothing was accepted up to the version."""

    school: int
    kind: str
    forms: dict[int, Cells]


def version_of(municipality: Municipality, given: str) -> Version | None:
    """The data version of this number, None where the municipality has none such."""
    if not (given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS):
        return None
    row = AcceptedForm.objects.filter(municipality=municipality, pk=int(given)).values_list("pk", "at").first()
    return Version(*row) if row else None


def measure_at(circle: Circle, version: int, *, by: GroupBy) -> dict[Key, Measured]:
    """The answer of `indicators.measure` from the acceptances up to a version; five queries."""
    sums: dict[Key, list[int]] = {}
    kinds: dict[str, IndicatorKind] = {}
    rules = _rules(circle)
    for year, units in _units(circle, version).items():
        for rule in rules:
            if not rule.since <= year <= rule.until:
                continue
            kinds[rule.code] = rule.kind
            for unit in units:
                if rule.forms.isdisjoint(unit.forms):
                    continue
                groups: dict[str, int | str] = {"school": unit.school, "kind": unit.kind}
                group = groups.get(by, circle.municipality)
                own = sums.setdefault((group, year, rule.code), [0, 0, 0, 0, 0])
                for place, added in enumerate(_added(rule, unit)):
                    own[place] += added
    return {key: Measured(kinds[key[2]], *parts) for key, parts in sums.items()}


def cells_at(circle: Circle, version: int) -> dict[int, Cells]:
    """What every school said in its forms accepted up to a version, by school; two queries."""
    listed = Submission.objects.filter(municipality=circle.municipality, year__in=circle.years)
    schools = dict(listed.values_list("pk", "school_id"))
    found: dict[int, dict[str, tuple[str, int]]] = defaultdict(dict)
    for form, cells in _kept(schools, circle, version).items():
        found[schools[form]].update(cells)
    return dict(found)


def _added(rule: _Rule, unit: _Unit) -> tuple[int, int, int, int, int]:
    """What one school adds: numerator, denominator, used, expected, outside."""
    numerator = denominator = 0
    applies, missing = False, False
    for side, element, form in rule.terms:
        state, number = unit.forms.get(form, {}).get(element, ("missing", 0))
        if state == CellState.NUMBER:
            if side == Side.NUMERATOR:
                numerator += number
            else:
                denominator += number
        elif state != CellState.INAPPLICABLE:
            missing = True
        applies = applies or (side == rule.base and state != CellState.INAPPLICABLE)
    if not (applies and rule.forms <= unit.forms.keys()):
        return 0, 0, 0, 0, 1
    if missing:
        return 0, 0, 0, 1, 0
    if rule.kind == IndicatorKind.ORG_SHARE:
        return int(numerator > 0), 1, 1, 1, 0
    return numerator, denominator, 1, 1, 0


def _rules(circle: Circle) -> list[_Rule]:
    rows = Indicator.objects.prefetch_related("terms__element__section")
    if circle.codes is not None:
        rows = rows.filter(code__in=circle.codes)
    rules = []
    for row in rows:
        terms = tuple((term.side, term.element.code, term.element.section.form_id) for term in row.terms.all())
        rules.append(
            _Rule(
                code=row.code,
                kind=IndicatorKind(row.kind),
                since=row.since or 0,
                until=row.until or 9999,
                terms=terms,
                forms=frozenset(form for _, _, form in terms),
                base=Side.DENOMINATOR if row.kind == IndicatorKind.SHARE else Side.NUMERATOR,
            )
        )
    return rules


def _units(circle: Circle, version: int) -> dict[int, list[_Unit]]:
    """The schools of every year's frozen lists with their forms, without those that closed before any was accepted."""
    listed = Submission.objects.filter(municipality=circle.municipality, year__in=circle.years)
    if circle.schools is not None:
        listed = listed.filter(school__in=circle.schools)
    rows = list(listed.values_list("pk", "school_id", "year", "form_id", "kind", "school__closed"))
    kept = _kept((row[0] for row in rows), circle, version)
    structural = _inapplicable(circle)
    found: dict[tuple[int, int], _Unit] = {}
    for pk, school, year, form, kind, closed in rows:
        if closed is not None and closed <= date(year + 1, 8, 31) and pk not in kept:
            continue
        unit = found.setdefault((year, school), _Unit(school, kind, {}))
        unit.forms[form] = kept.get(pk) or structural[pk]
    years: dict[int, list[_Unit]] = defaultdict(list)
    for (year, _), unit in found.items():
        years[year].append(unit)
    return years


def _kept(submissions: Iterable[int], circle: Circle, version: int) -> dict[int, Cells]:
    """The cells of the last acceptance of every form up to the version."""
    known = AcceptedForm.objects.filter(municipality=circle.municipality, pk__lte=version)
    last = known.filter(submission__year__in=circle.years).order_by().values("submission").annotate(last=Max("pk"))
    rows = AcceptedForm.objects.filter(pk__in=last.values("last")).values_list("submission_id", "values")
    asked = set(submissions)
    return {
        submission: {code: (state, number or 0) for code, (state, number, *_) in values.items()}
        for submission, values in rows
        if submission in asked
    }


def _inapplicable(circle: Circle) -> dict[int, dict[str, tuple[str, int]]]:
    """What launch called inapplicable, by form; all that is known of a form without an acceptance."""
    rows = Value.objects.filter(
        Q(state=CellState.INAPPLICABLE) | Q(accepted_state=CellState.INAPPLICABLE),
        submission__municipality=circle.municipality,
        submission__year__in=circle.years,
    )
    found: dict[int, dict[str, tuple[str, int]]] = defaultdict(dict)
    for submission, code in rows.values_list("submission_id", "element__code"):
        found[submission][code] = (CellState.INAPPLICABLE, 0)
    return found
