"""What the catalogue and a municipality's bounds ask of a form, kept per process until the catalogue is loaded anew."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.db import connection
from django.db.models import Max

from monitoring.catalogue import grades_label
from monitoring.checks import Line, Rule, Share
from monitoring.enums import Better, CheckKind, IndicatorKind, Severity, Side
from monitoring.models import (
    Campaign,
    CampaignElement,
    Check,
    Element,
    Indicator,
    RuleSetting,
    Term,
)

_VERSIONS = """
SELECT (SELECT MAX(id) FROM monitoring_term),
       (SELECT MAX(id) FROM monitoring_acceptedform WHERE municipality_id = %s),
       (SELECT MAX(id) FROM monitoring_rulesetting WHERE municipality_id = %s)
"""


@dataclass(frozen=True, slots=True, eq=False)
class RuleBook:
    """The whole catalogue as the checks read it, all years of it."""

    version: int
    rules: tuple[Rule, ...]
    shares: tuple[Share, ...]
    code_of: Mapping[int, str]  # by the id of the element
    related: frozenset[tuple[str, str]]  # codes on the two sides of one relation


@dataclass(frozen=True, slots=True, eq=False)
class FormBook:
    """The part of it that concerns one campaign: its rows in order, by code, its rules and shares of the year.

    The rows are shared by all who read them, and nobody changes them.
    """

    book: RuleBook
    rows: Mapping[str, CampaignElement]  # with the element, what it succeeds, and the section
    lines: Mapping[str, Line]
    rules: tuple[Rule, ...]
    shares: tuple[Share, ...]


def rulebook() -> RuleBook:
    """The catalogue's rules as they are now; one small query.

    Every load of the catalogue writes its terms anew, so their highest id is its version.
    """
    return _book(Term.objects.aggregate(last=Max("pk"))["last"] or 0)


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force for a campaign at this moment."""

    form: FormBook
    rules: tuple[Rule, ...]  # with the municipality's own bounds
    accepted: int  # the municipality's data version; 0 where nothing is accepted


def in_force(campaign: Campaign) -> InForce:
    """The campaign's rules with the bounds of its municipality, and its data version; one query as a rule."""
    place = campaign.municipality_id
    with connection.cursor() as cursor:  # the ORM takes longer to write this question than a database to answer it
        cursor.execute(_VERSIONS, [place, place])
        catalogue, accepted, bounds = (version or 0 for version in cursor.fetchone())
    form = _form(campaign.pk, campaign.public_id, campaign.year, _book(catalogue))
    return InForce(form, _rules(form, place, bounds) if bounds else form.rules, accepted)


@lru_cache(maxsize=128)
def asked(campaign_id: int) -> Mapping[str, CampaignElement]:
    """The rows of a campaign by code. They are frozen at launch, so that one reading serves the process."""
    rows = CampaignElement.objects.filter(campaign_id=campaign_id).select_related("element")
    return {row.element.code: row for row in rows}


def forget() -> None:
    """Drop what is kept. A process needs it only where the database itself is put back, as tests do."""
    _book.cache_clear()
    _form.cache_clear()
    _rules.cache_clear()
    asked.cache_clear()


@lru_cache(maxsize=2)
def _book(version: int) -> RuleBook:
    rules = tuple(_rule(check) for check in Check.objects.all())
    terms: dict[tuple[int, str], list[str]] = defaultdict(list)
    for indicator, side, code in Term.objects.values_list("indicator_id", "side", "element__code"):
        terms[indicator, side].append(code)
    shares = tuple(
        Share(
            code=row.code,
            name=row.name,
            better=Better(row.better),
            numerator=tuple(terms[row.pk, Side.NUMERATOR]),
            denominator=tuple(terms[row.pk, Side.DENOMINATOR]),
            since=row.since,
            until=row.until,
        )
        for row in Indicator.objects.filter(kind=IndicatorKind.SHARE)
    )
    related = frozenset(
        (left, right) for rule in rules if rule.kind == CheckKind.RELATION for left in rule.left for right in rule.right
    )
    return RuleBook(version, rules, shares, dict(Element.objects.values_list("pk", "code")), related)


def _rule(check: Check) -> Rule:
    return Rule(
        code=check.code,
        severity=Severity(check.severity),
        kind=CheckKind(check.kind),
        message=check.message,
        left=tuple(check.left),
        op=check.op,
        right=tuple(check.right),
        percent=check.percent or 0,
        people=check.people or 0,
        implied=check.implied,
        since=check.since,
        until=check.until,
        order=check.order,
    )


@lru_cache(maxsize=128)
def _form(campaign_id: int, public_id: uuid.UUID, year: int, book: RuleBook) -> FormBook:
    """`public_id` keeps apart campaigns that had the same id one after the other."""
    frozen = CampaignElement.objects.filter(campaign_id=campaign_id).select_related("element__succeeds", "section")
    rows = {row.element.code: row for row in frozen}
    lines = {code: Line(_name(row), row.section.code, row.section_title) for code, row in rows.items()}
    return FormBook(
        book=book,
        rows=rows,
        lines=lines,
        rules=tuple(
            rule
            for rule in book.rules
            if rule.in_force(year)
            and (rule.kind != CheckKind.RELATION or any(code in lines for code in (*rule.left, *rule.right)))
        ),
        shares=tuple(
            share for share in book.shares if share.in_force(year) and any(code in lines for code in share.codes)
        ),
    )


def _name(row: CampaignElement) -> str:
    grades = grades_label(row.element.grades)
    return f"{row.name}, {grades}" if grades else row.name


@lru_cache(maxsize=64)
def _rules(form: FormBook, municipality_id: int, version: int) -> tuple[Rule, ...]:
    """`version`, the highest id of a setting, only tells apart what is kept: settings are added, never changed."""
    return with_bounds(form.rules, bounds_of(municipality_id))


Bounds = tuple[int | None, int | None, bool]  # percent, people, enabled


def bounds_of(municipality_id: int) -> dict[str, Bounds]:
    """The municipality's own bounds by the code of the check: of several settings the last one holds."""
    rows = RuleSetting.objects.filter(municipality_id=municipality_id).order_by("pk")
    return {
        code: (percent, people, enabled)
        for code, percent, people, enabled in rows.values_list("check_code", "percent", "people", "enabled")
    }


def with_bounds(rules: Iterable[Rule], bounds: Mapping[str, Bounds]) -> tuple[Rule, ...]:
    """The rules in force with these bounds; a warning that was switched off is left out, an error cannot be."""
    found = []
    for rule in rules:
        percent, people, enabled = bounds.get(rule.code, (None, None, True))
        if not enabled and rule.severity != Severity.ERROR:
            continue
        if percent is not None or people is not None:
            rule = replace(
                rule,
                percent=rule.percent if percent is None else percent,
                people=rule.people if people is None else people,
            )
        found.append(rule)
    return tuple(found)
