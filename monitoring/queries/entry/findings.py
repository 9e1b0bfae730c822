"""What the checks find in a form, the same on every page, at sending, at saving one cell and in an import.

    facts = facts_of(submission)                            # one form as it is stored; a constant number of queries
    find_for(facts.cells, facts.context)                    # -> tuple[Finding, ...], pure, no queries
    find_for({**facts.cells, "tested_9_11": Cell(CellState.NUMBER, 40)}, facts.context)    # as if it were typed

    many = facts_of_campaign(campaign)                      # all forms of a campaign; a constant number of queries
    many[submission.pk]                                     # -> Facts of that form

`Cell(state, number=None, reason="")` is a cell; its reason is of «нет данных». `find_for(cells, context,
touching=codes)` judges only what may depend on these cells. A `Finding` has code, severity, sentence, cells, numbers,
element.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, NamedTuple

from monitoring.checks import (
    FEWEST_PEERS,
    Cell,
    Finding,
    FormContext,
    Peers,
    Rule,
    find_for,
    open_rules,
    peers_of,
)
from monitoring.enums import Better, CellState, CheckKind, FormState
from monitoring.models import Campaign, Submission, Target, Value
from monitoring.queries.entry.rulebook import FormBook, InForce, in_force
from monitoring.queries.results.indicators import Circle, measure

__all__ = ["Cell", "Facts", "Finding", "FormContext", "facts_of", "facts_of_campaign", "find_for", "open_rules"]

# States in which the numbers of another form are the school's word; what is being typed there is not compared.
_TOLD = frozenset({FormState.SENT, FormState.UNDER_REVIEW, FormState.ACCEPTED})
_EMPTY = Cell(CellState.EMPTY)


@dataclass(frozen=True, slots=True)
class Facts:
    """The cells of one form as they are stored, for every row that it asks, and what they are judged against."""

    cells: Mapping[str, Cell]
    context: FormContext
    form: FormBook

    def section_of(self, code: str) -> str:
        return self.context.lines[code].section

    def with_cells(self, cells: Mapping[str, Cell]) -> "Facts":
        return replace(self, cells={**self.cells, **cells})


def facts_of(submission: Submission) -> Facts:
    """One form with all that it is compared with; the number of queries does not depend on how long it is."""
    own = _Own._make(getattr(submission, name) for name in _Own._fields)
    return _facts([own], submission.campaign, school_id=submission.school_id)[submission.pk]


def facts_of_campaign(campaign: Campaign) -> dict[int, Facts]:
    """All forms of a campaign by the id of the submission; the number of queries does not depend on how many."""
    own = map(_Own._make, campaign.submissions.values_list(*_Own._fields))
    return _facts(own, campaign, municipality_id=campaign.municipality_id)


class _Own(NamedTuple):
    """What must be known of a form that is judged."""

    pk: int
    school_id: int
    kind: str
    year: int
    state: str
    sent_at: datetime | None


@dataclass(slots=True)
class _Form:
    """A form of the school in this year or the last, with its stored values."""

    pk: int
    year: int
    state: str
    sent_at: datetime | None
    values: list[Any] = field(default_factory=list)


def _facts(judged: Iterable[_Own], campaign: Campaign, **of: int) -> dict[int, Facts]:
    standing, year = in_force(campaign), campaign.year
    book, rules = standing.form, standing.rules
    forms: dict[int, dict[int, _Form]] = defaultdict(dict)  # by school and id
    stored = Value.objects.filter(
        submission__year__in=(year, year - 1), **{f"submission__{key}": of[key] for key in of}
    )
    for school, pk, *about in stored.values_list(*_COLUMNS):
        if pk not in forms[school]:
            forms[school][pk] = _Form(pk, *about[:3])
        forms[school][pk].values.append(about[3:])
    targets = _targets(book, campaign, rules)
    peers = _peers(standing, campaign)
    common = partial(
        FormContext,
        year=year,
        rules=rules,
        lines=book.lines,
        shares=book.shares,
        targets=targets,
        related=book.book.related,
    )
    return {
        one.pk: _of_school(one, forms[one.school_id], partial(common, peers=peers.get(one.kind, {})), book)
        for one in judged
    }


_COLUMNS = (
    *("submission__school_id", "submission_id", "submission__year", "submission__state", "submission__sent_at"),
    *("element_id", "state", "number", "reason", "accepted_state", "accepted_number"),
)


def _of_school(judged: _Own, forms: Mapping[int, _Form], context: Callable[..., FormContext], book: FormBook) -> Facts:
    code_of = book.book.code_of
    cells = dict.fromkeys(book.lines, _EMPTY)
    other: dict[str, Cell] = {}
    last_year: dict[str, int] = {}
    own = forms.get(judged.pk) or _Form(judged.pk, judged.year, judged.state, judged.sent_at)
    for form in forms.values():
        told = form.state in _TOLD and not _later(form, own)
        for element, state, number, reason, accepted_state, accepted_number in form.values:
            code = code_of.get(element, "")
            if form is own and code in cells:
                cells[code] = Cell(CellState(state), number, reason)
            elif form.year < own.year:
                if accepted_number is not None and code in cells:
                    last_year[code] = accepted_number
            elif state == CellState.INAPPLICABLE or told:
                other[code] = Cell(CellState(state), number, reason)
            elif accepted_state is not None and form.state not in _TOLD:
                other[code] = Cell(CellState(accepted_state), accepted_number, reason)
    return Facts(cells, context(other=other, last_year=last_year), book)


def _later(form: _Form, own: _Form) -> bool:
    """Whether the other form was sent after this one: a rule over both was asked there, not here."""
    return own.state in _TOLD and form.sent_at is not None and own.sent_at is not None and form.sent_at > own.sent_at


def _targets(book: FormBook, campaign: Campaign, rules: Iterable[Rule]) -> dict[str, Decimal]:
    """Targets of the shares that should be small; no query where the form has none of them."""
    codes = [share.code for share in book.shares if share.better == Better.DOWN]
    if not codes or not any(rule.kind == CheckKind.ABOVE_TARGET for rule in rules):
        return {}
    rows = Target.objects.filter(
        municipality_id=campaign.municipality_id, year=campaign.year, indicator__code__in=codes
    )
    return dict(rows.values_list("indicator__code", "value"))


def _peers(standing: InForce, campaign: Campaign) -> Mapping[str, Mapping[str, Peers]]:
    """By kind of school and indicator; {} where nothing is accepted or the rule is switched off."""
    if not standing.accepted or not any(rule.kind == CheckKind.OUTLIER for rule in standing.rules):
        return {}
    return _peers_at(campaign.municipality_id, campaign.year, standing.accepted, standing.form)


@lru_cache(maxsize=32)
def _peers_at(municipality_id: int, year: int, version: int, book: FormBook) -> dict[str, dict[str, Peers]]:
    """Similar schools at a data version: of the same year where enough of them are accepted, else of the last.

    `version`, the highest id of an accepted form, only tells apart what is kept. A school of fewer people than are
    ranked says little and is left out.
    """
    kinds = {
        (school, of): kind
        for school, of, kind in Submission.objects.filter(
            municipality_id=municipality_id, year__in=(year, year - 1)
        ).values_list("school_id", "year", "kind")
    }
    shares = {share.code for share in book.shares if share.better != Better.NONE}
    values: dict[tuple[str, str, int], list[Fraction]] = defaultdict(list)
    for (school, of, code), measured in measure(Circle(municipality_id, (year, year - 1)), by="school").items():
        if code in shares and measured.rankable and measured.value is not None:
            values[kinds[int(school), of], code, of].append(measured.value)
    found: dict[str, dict[str, Peers]] = defaultdict(dict)
    for (kind, code, of), group in values.items():
        enough = len(values.get((kind, code, year), ())) >= FEWEST_PEERS
        if of == (year if enough else year - 1) and (peers := peers_of(group)):
            found[kind][code] = peers
    return found
