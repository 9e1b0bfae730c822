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
# faster still and wrong as soon as one school has «нет данных».
#
#   listed  schools × indicators of the year: how many of the indicator's forms the school was asked for
#   cell    every term of them: number, inapplicable, or missing
#   unit    a school's sums; `applicable` counts the terms of the base (denominator, or numerator where there is none)
_SQL = """
WITH forms AS (
    SELECT t.indicator_id, COUNT(DISTINCT sec.form_id) AS needed
    FROM monitoring_term t
    JOIN monitoring_element e ON e.id = t.element_id
    JOIN monitoring_section sec ON sec.id = e.section_id
    GROUP BY t.indicator_id
), listed AS (
    SELECT s.school_id, s.year, f.indicator_id, i.kind AS indicator_kind,
           MIN(s.municipality_id) AS municipality_id, MIN(s.kind) AS kind,
           CASE WHEN COUNT(DISTINCT s.form_id) = f.needed THEN 1 ELSE 0 END AS complete
    FROM monitoring_submission s
    JOIN portal_school o ON o.id = s.school_id
    JOIN (SELECT DISTINCT t.indicator_id, sec.form_id
          FROM monitoring_term t
          JOIN monitoring_element e ON e.id = t.element_id
          JOIN monitoring_section sec ON sec.id = e.section_id) asks ON asks.form_id = s.form_id
    JOIN forms f ON f.indicator_id = asks.indicator_id
    JOIN monitoring_indicator i ON i.id = f.indicator_id
    WHERE {where}
      AND (i.since IS NULL OR i.since <= s.year) AND (i.until IS NULL OR s.year <= i.until)
      AND (o.closed IS NULL OR CAST(o.closed AS varchar(10)) > CAST(s.year + 1 AS varchar(4)) || '-08-31'
           OR EXISTS (SELECT 1 FROM monitoring_acceptedform a WHERE a.submission_id = s.id))
    GROUP BY s.school_id, s.year, f.indicator_id, i.kind, f.needed
), cell AS (
    SELECT l.school_id, l.year, l.indicator_id, t.side, {state} AS state, {number} AS number
    FROM listed l
    JOIN monitoring_term t ON t.indicator_id = l.indicator_id
    JOIN monitoring_element e ON e.id = t.element_id
    JOIN monitoring_section sec ON sec.id = e.section_id
    LEFT JOIN monitoring_submission s
           ON s.school_id = l.school_id AND s.year = l.year AND s.form_id = sec.form_id
    LEFT JOIN monitoring_value v ON v.submission_id = s.id AND v.element_id = t.element_id
), unit AS (
    SELECT l.school_id, l.municipality_id, l.kind, l.year, l.indicator_id, l.indicator_kind, l.complete,
           SUM(CASE WHEN c.side = 'numerator' AND c.state = 'number' THEN c.number ELSE 0 END) AS numerator,
           SUM(CASE WHEN c.side = 'denominator' AND c.state = 'number' THEN c.number ELSE 0 END) AS denominator,
           SUM(CASE WHEN c.state IN ('number', 'inapplicable') THEN 0 ELSE 1 END) AS missing,
           SUM(CASE WHEN c.side = CASE WHEN l.indicator_kind = 'share' THEN 'denominator' ELSE 'numerator' END
                     AND c.state <> 'inapplicable' THEN 1 ELSE 0 END) AS applicable
    FROM listed l
    JOIN cell c ON c.school_id = l.school_id AND c.year = l.year AND c.indicator_id = l.indicator_id
    GROUP BY l.school_id, l.municipality_id, l.kind, l.year, l.indicator_id, l.indicator_kind, l.complete
), judged AS (
    SELECT unit.*, CASE WHEN complete = 1 AND applicable > 0 THEN 1 ELSE 0 END AS expected,
           CASE WHEN complete = 1 AND applicable > 0 AND missing = 0 THEN 1 ELSE 0 END AS used
    FROM unit
)
SELECT judged.{group}, year, i.code, indicator_kind,
       SUM(CASE WHEN used = 0 THEN 0 WHEN indicator_kind = 'org_share' AND numerator > 0 THEN 1
                WHEN indicator_kind = 'org_share' THEN 0 ELSE numerator END),
       SUM(CASE WHEN used = 0 THEN 0 WHEN indicator_kind = 'org_share' THEN 1 ELSE denominator END),
       SUM(used), SUM(expected), SUM(1 - expected)
FROM judged
JOIN monitoring_indicator i ON i.id = judged.indicator_id
GROUP BY judged.{group}, year, i.code, indicator_kind
"""

# Accepted numbers count, also while the form is open for correction; what launch called inapplicable stays so.
_ACCEPTED = (
    "CASE WHEN v.accepted_state IS NOT NULL THEN v.accepted_state"
    " WHEN v.state = 'inapplicable' THEN v.state ELSE 'missing' END",
    "v.accepted_number",
)
_PRELIMINARY = ("COALESCE(v.state, 'missing')", "v.number")


@dataclass(frozen=True, slots=True)
class Circle:
    """Whose sums are asked: a municipality, perhaps only some of its schools, in some years."""

    municipality: int
    years: tuple[int, ...]
    schools: tuple[int, ...] | None = None


Key = tuple[int | str, int, str]  # (school id, municipality id or kind; year; indicator code)


def measure(circle: Circle, *, by: GroupBy, preliminary: bool = False) -> dict[Key, Measured]:
    """All indicators of the circle, grouped as asked; one query whatever the number of schools."""
    if not circle.years or circle.schools == ():
        return {}
    where, parameters = _conditions(circle)
    state, number = _PRELIMINARY if preliminary else _ACCEPTED
    sql = _SQL.format(where=where, state=state, number=number, group=_GROUP_COLUMN[by])
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return {
            (group, year, code): Measured(IndicatorKind(kind), *(int(part) for part in sums))
            for group, year, code, kind, *sums in cursor.fetchall()
        }


def _conditions(circle: Circle) -> tuple[str, list[int]]:
    """The WHERE of the question with its parameters; only numbers ever reach it."""
    parts = ["s.municipality_id = %s", f"s.year IN ({_places(circle.years)})"]
    parameters = [circle.municipality, *circle.years]
    if circle.schools is not None:
        parts.append(f"s.school_id IN ({_places(circle.schools)})")
        parameters.extend(circle.schools)
    return " AND ".join(parts), parameters


def _places(values: Iterable[int]) -> str:
    return ", ".join("%s" for _ in values)
