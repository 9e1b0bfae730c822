"""Every indicator of a set of organisations and years, by one question to the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.db import connection

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind

GroupBy = Literal["school", "municipality", "kind"]
_GROUP_COLUMN: dict[str, str] = {"school": "school_id", "municipality": "municipality_id", "kind": "kind"}

# The sum that is right and fast (design §9): first each school's own sums by indicator, with a count of what is
# missing; then only the schools without a missing applicable term are added up. Adding up element by element is
# faster still and wrong as soon as one school has «нет данных». What is missing is never looked for cell by cell: an
# indicator knows how many terms it has, and the values say how many of them are there.
#
#   form    the forms asked for: a school that closed during the year counts only with what was accepted
#   needs   an indicator's terms, the terms of its base (denominator, or numerator where there is none), its forms
#   listed  schools × indicators of the year: how many of the indicator's forms the school was asked for
#   unit    what a school's values say of an indicator: sums, terms that are there, terms of the base that do not apply
#   school  both, put together by adding up and not by a join: on tables that the server has not yet counted PostgreSQL
#           joins them row by row, and a hundred schools take minutes
_SQL = """
WITH form AS (
    SELECT s.id, s.school_id, s.year, s.form_id, s.municipality_id, s.kind
    FROM monitoring_submission s
    JOIN portal_school o ON o.id = s.school_id
    WHERE {where}
      AND (o.closed IS NULL OR CAST(o.closed AS varchar(10)) > CAST(s.year + 1 AS varchar(4)) || '-08-31'
           OR EXISTS (SELECT 1 FROM monitoring_acceptedform a WHERE a.submission_id = s.id))
), term AS (
    SELECT t.indicator_id, t.element_id, t.side, sec.form_id,
           CASE WHEN t.side = CASE WHEN i.kind = 'share' THEN 'denominator' ELSE 'numerator' END
                THEN 1 ELSE 0 END AS base
    FROM monitoring_term t
    JOIN monitoring_indicator i ON i.id = t.indicator_id
    JOIN monitoring_element e ON e.id = t.element_id
    JOIN monitoring_section sec ON sec.id = e.section_id
    WHERE {codes}
), needs AS (
    SELECT indicator_id, COUNT(*) AS terms, SUM(base) AS base, COUNT(DISTINCT form_id) AS forms
    FROM term GROUP BY indicator_id
), listed AS (
    SELECT f.school_id, f.year, asks.indicator_id,
           MIN(f.municipality_id) AS municipality_id, MIN(f.kind) AS kind, COUNT(*) AS forms
    FROM form f
    JOIN (SELECT DISTINCT indicator_id, form_id FROM term) asks ON asks.form_id = f.form_id
    GROUP BY f.school_id, f.year, asks.indicator_id
), unit AS (
    SELECT f.school_id, f.year, t.indicator_id,
           SUM(CASE WHEN t.side = 'numerator' AND {state} = 'number' THEN {number} ELSE 0 END) AS numerator,
           SUM(CASE WHEN t.side = 'denominator' AND {state} = 'number' THEN {number} ELSE 0 END) AS denominator,
           SUM(CASE WHEN {state} IN ('number', 'inapplicable') THEN 1 ELSE 0 END) AS present,
           SUM(CASE WHEN t.base = 1 AND {state} = 'inapplicable' THEN 1 ELSE 0 END) AS outside
    FROM form f
    JOIN monitoring_value v ON v.submission_id = f.id
    JOIN term t ON t.element_id = v.element_id
    GROUP BY f.school_id, f.year, t.indicator_id
), told AS (
    SELECT school_id, year, indicator_id, municipality_id, kind, forms,
           0 AS numerator, 0 AS denominator, 0 AS present, 0 AS outside
    FROM listed
    UNION ALL
    SELECT school_id, year, indicator_id, NULL, NULL, 0, numerator, denominator, present, outside FROM unit
), school AS (
    SELECT school_id, year, indicator_id, MAX(municipality_id) AS municipality_id, MAX(kind) AS kind,
           SUM(forms) AS forms, SUM(numerator) AS numerator, SUM(denominator) AS denominator,
           SUM(present) AS present, SUM(outside) AS outside
    FROM told GROUP BY school_id, year, indicator_id
), judged AS (
    SELECT o.school_id, o.municipality_id, o.kind, o.year, i.code, i.kind AS indicator_kind,
           o.numerator, o.denominator,
           CASE WHEN o.forms = n.forms AND n.base > o.outside THEN 1 ELSE 0 END AS expected,
           CASE WHEN o.forms = n.forms AND n.base > o.outside AND o.present = n.terms THEN 1 ELSE 0 END AS used
    FROM school o
    JOIN needs n ON n.indicator_id = o.indicator_id
    JOIN monitoring_indicator i ON i.id = o.indicator_id
    WHERE (i.since IS NULL OR i.since <= o.year) AND (i.until IS NULL OR o.year <= i.until)
)
SELECT {group}, year, code, indicator_kind,
       SUM(CASE WHEN used = 0 THEN 0 WHEN indicator_kind = 'org_share' AND numerator > 0 THEN 1
                WHEN indicator_kind = 'org_share' THEN 0 ELSE numerator END),
       SUM(CASE WHEN used = 0 THEN 0 WHEN indicator_kind = 'org_share' THEN 1 ELSE denominator END),
       SUM(used), SUM(expected), SUM(1 - expected)
FROM judged
GROUP BY {group}, year, code, indicator_kind
"""

# Accepted numbers count, also while the form is open for correction; what launch called inapplicable stays so.
_ACCEPTED = (
    "(CASE WHEN v.accepted_state IS NOT NULL THEN v.accepted_state"
    " WHEN v.state = 'inapplicable' THEN v.state ELSE 'missing' END)",
    "v.accepted_number",
)
_PRELIMINARY = ("v.state", "v.number")


@dataclass(frozen=True, slots=True)
class Circle:
    """Whose sums are asked: a municipality, perhaps only some of its schools or indicators, in some years."""

    municipality: int
    years: tuple[int, ...]
    schools: tuple[int, ...] | None = None
    codes: tuple[str, ...] | None = None


Key = tuple[int | str, int, str]  # (school id, municipality id or kind; year; indicator code)


def measure(circle: Circle, *, by: GroupBy, preliminary: bool = False) -> dict[Key, Measured]:
    """All indicators of the circle, grouped as asked; one query whatever the number of schools."""
    if not circle.years or () in (circle.schools, circle.codes):
        return {}
    where, parameters = _conditions(circle)
    codes = "TRUE" if circle.codes is None else f"i.code IN ({_places(circle.codes)})"
    state, number = _PRELIMINARY if preliminary else _ACCEPTED
    sql = _SQL.format(where=where, codes=codes, state=state, number=number, group=_GROUP_COLUMN[by])
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *(circle.codes or ())])
        return {
            (group, year, code): Measured(IndicatorKind(kind), *(int(part) for part in sums))
            for group, year, code, kind, *sums in cursor.fetchall()
        }


def _conditions(circle: Circle) -> tuple[str, list[int]]:
    """The WHERE of the forms with its parameters; only numbers ever reach it."""
    parts = ["s.municipality_id = %s", f"s.year IN ({_places(circle.years)})"]
    parameters = [circle.municipality, *circle.years]
    if circle.schools is not None:
        parts.append(f"s.school_id IN ({_places(circle.schools)})")
        parameters.extend(circle.schools)
    return " AND ".join(parts), parameters


def _places(values: Iterable[object]) -> str:
    return ", ".join("%s" for _ in values)
