"""Is every number of a dashboard what a plain question to the raw rows gives, school by school and cell by cell?

The portal's own question counts what is there; this one walks every term of one indicator for every school. Plain
Python over the same rows stands in test_indicators.py.
"""

import random

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.actions import rebuild_totals
from monitoring.models import Indicator, Submission
from monitoring.queries.results.overview import overview
from portal.models import Municipality
from tests.monitoring.test_indicators import YEARS, random_town

pytestmark = pytest.mark.django_db

_SCHOOLS = """
SELECT asked.school, COUNT(DISTINCT s.id), asked.forms,
       SUM(CASE WHEN t.side = 'numerator' THEN COALESCE(v.accepted_number, 0) ELSE 0 END),
       SUM(CASE WHEN t.side = 'denominator' THEN COALESCE(v.accepted_number, 0) ELSE 0 END),
       SUM(CASE WHEN v.accepted_state IN ('number', 'inapplicable')
                  OR v.accepted_state IS NULL AND v.state = 'inapplicable' THEN 0 ELSE 1 END),
       SUM(CASE WHEN t.side = %(base)s AND COALESCE(v.accepted_state, v.state, '') <> 'inapplicable' THEN 1 ELSE 0 END)
FROM (
    SELECT o.id AS school, (
        SELECT COUNT(DISTINCT x.form_id) FROM monitoring_term y
        JOIN monitoring_element e ON e.id = y.element_id JOIN monitoring_section x ON x.id = e.section_id
        WHERE y.indicator_id = %(indicator)s
    ) AS forms
    FROM portal_school o WHERE o.municipality_id = %(town)s
) asked
JOIN monitoring_term t ON t.indicator_id = %(indicator)s
JOIN monitoring_element e ON e.id = t.element_id
JOIN monitoring_section x ON x.id = e.section_id
JOIN portal_school o ON o.id = asked.school
LEFT JOIN monitoring_submission s
       ON s.school_id = asked.school AND s.form_id = x.form_id AND s.year = %(year)s
      AND (o.closed IS NULL OR o.closed > %(end)s
           OR s.id IN (SELECT submission_id FROM monitoring_acceptedform))
LEFT JOIN monitoring_value v ON v.submission_id = s.id AND v.element_id = t.element_id
GROUP BY asked.school, asked.forms
HAVING COUNT(DISTINCT s.id) > 0
"""


def by_walking(town: Municipality, year: int, indicator: Indicator) -> tuple[int, int, int, int, int]:
    """(numerator, denominator, used, expected, outside) of one indicator, each school looked at by itself."""
    found = {"numerator": 0, "denominator": 0, "used": 0, "expected": 0, "outside": 0}
    base = "denominator" if indicator.kind == "share" else "numerator"
    asked = {"indicator": indicator.pk, "town": town.pk, "year": year, "end": f"{year + 1}-08-31", "base": base}
    with connection.cursor() as cursor:
        cursor.execute(_SCHOOLS, asked)
        for _, forms, needed, top, bottom, missing, applicable in cursor.fetchall():
            expected = forms == needed and applicable > 0
            found["expected" if expected else "outside"] += 1
            if expected and not missing:
                share_of_schools = indicator.kind == "org_share"
                found["used"] += 1
                found["numerator"] += int(top > 0) if share_of_schools else top
                found["denominator"] += 1 if share_of_schools else bottom
    return tuple(found.values())  # type: ignore[return-value]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_every_number_of_every_dashboard_is_found_again_by_walking_the_rows(seed):
    chance = random.Random(seed)
    indicators = {one.code: one for one in Indicator.objects.all()}
    with transaction.atomic():
        towns = [random_town(chance) for _ in range(3)]
        shown = 0
        for town in towns:
            years = sorted(set(Submission.objects.filter(municipality=town).values_list("year", flat=True)))
            for year in years:
                rebuild_totals(municipality=town, year=year)
            for history in overview(town, max(YEARS)).all:
                for point in history.points:
                    if (sums := point.measured) is None:
                        continue
                    told = (sums.numerator, sums.denominator, sums.used, sums.expected, sums.outside)
                    assert told == by_walking(town, point.year, indicators[point.code]), (point.code, point.year)
                    shown += 1
        assert shown > 100
        transaction.set_rollback(True)
