"""Putting a parsed catalogue into the database, all or nothing, without changing what accepted data mean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from monitoring.catalogue import Catalogue, CatalogueRefused, meaning_changes
from monitoring.enums import Side
from monitoring.models import Check, Element, Form, Indicator, IndicatorGroup, Population, Section, Term
from monitoring.queries.passports.catalogue_changes import codes_in_use


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows of each kind the catalogue now has."""

    elements: int
    indicators: int
    checks: int


@transaction.atomic
def load_catalogue(*, catalogue: Catalogue) -> Loaded:
    """Write the catalogue; a second time it changes nothing.

    Raises CatalogueRefused where a code in use would get another meaning or would disappear; then nothing is written.
    """
    _refuse_changes(catalogue)
    forms = _write(Form, ((row.code, {"title": row.title, "kinds": list(row.kinds)}) for row in catalogue.forms))
    sections = _write(
        Section,
        (
            (
                row.code,
                {
                    "form": forms[row.form],
                    "title": row.title,
                    "as_at": row.as_at,
                    "source": row.source,
                    "order": row.order,
                },
            )
            for row in catalogue.sections
        ),
    )
    elements = _write_elements(catalogue, sections)
    populations = _write_populations(catalogue, elements)
    _write_indicators(catalogue, elements, populations)
    _write_checks(catalogue)
    return Loaded(len(catalogue.elements), len(catalogue.indicators), len(catalogue.checks))


def _write(model: type[models.Model], rows: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Create or update each row by its permanent code; returns the objects by code."""
    return {code: model._default_manager.update_or_create(code=code, defaults=fields)[0] for code, fields in rows}


def _write_elements(catalogue: Catalogue, sections: Mapping[str, Section]) -> dict[str, Element]:
    elements: dict[str, Element] = _write(
        Element,
        (
            (
                row.code,
                {
                    "section": sections[row.section],
                    "name": row.name,
                    "unit": row.unit,
                    "hint": row.hint,
                    "grades": list(row.grades),
                    "kinds": list(row.kinds),
                    "once": row.once,
                    "programme": row.programme,
                    "since": row.since,
                    "until": row.until,
                    "order": row.order,
                },
            )
            for row in catalogue.elements
        ),
    )
    for row in catalogue.elements:
        Element.objects.filter(code=row.code).update(succeeds=elements[row.succeeds] if row.succeeds else None)
    return elements


def _write_populations(catalogue: Catalogue, elements: Mapping[str, Element]) -> dict[str, Population]:
    populations: dict[str, Population] = _write(Population, ((row.code, {}) for row in catalogue.populations))
    for row in catalogue.populations:
        populations[row.code].elements.set([elements[code] for code in row.elements])
    return populations


def _write_indicators(
    catalogue: Catalogue, elements: Mapping[str, Element], populations: Mapping[str, Population]
) -> None:
    groups = _write(IndicatorGroup, ((row.code, {"title": row.title, "order": row.order}) for row in catalogue.groups))
    indicators: dict[str, Indicator] = _write(
        Indicator,
        (
            (
                row.code,
                {
                    "group": groups[row.group],
                    "name": row.name,
                    "kind": row.kind,
                    "better": row.better,
                    "since": row.since,
                    "until": row.until,
                    "order": row.order,
                },
            )
            for row in catalogue.indicators
        ),
    )
    Term.objects.filter(indicator__in=indicators.values()).delete()
    terms = []
    for row in catalogue.indicators:
        succeeded = indicators[row.succeeds] if row.succeeds else None
        Indicator.objects.filter(code=row.code).update(succeeds=succeeded)
        sides = ((Side.NUMERATOR, row.numerator), (Side.DENOMINATOR, row.denominator))
        terms += [
            Term(
                indicator=indicators[row.code],
                side=side,
                element=elements[term.element],
                population=populations.get(term.population),
                order=order,
            )
            for side, side_terms in sides
            for order, term in enumerate(side_terms)
        ]
    Term.objects.bulk_create(terms)


def _write_checks(catalogue: Catalogue) -> None:
    _write(
        Check,
        (
            (
                row.code,
                {
                    "severity": row.severity,
                    "kind": row.kind,
                    "left": list(row.left),
                    "op": row.op,
                    "right": list(row.right),
                    "message": row.message,
                    "percent": row.percent,
                    "people": row.people,
                    "implied": row.implied,
                    "since": row.since,
                    "until": row.until,
                    "order": row.order,
                },
            )
            for row in catalogue.checks
        ),
    )
    Check.objects.exclude(code__in=[row.code for row in catalogue.checks]).delete()


def _refuse_changes(catalogue: Catalogue) -> None:
    if errors := meaning_changes(codes_in_use(), catalogue):
        raise CatalogueRefused(errors)
