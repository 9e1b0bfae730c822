"""The quality of the data: the board's counters, warnings by what came of them, outliers, small bases, corrections, no data."""

from datetime import timedelta
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from monitoring import actions
from monitoring.enums import Outcome, ThreadKind
from monitoring.models import Submission, Thread, WarningRecord
from monitoring.queries.results import quality
from monitoring.queries.results.overview import SchoolLine
from portal.models import School
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    campaign,
    fill,
    member,
    sent,
    submission,
)
from tests.monitoring.histories import history, share
from tests.monitoring.test_dashboard_views import text_of

ADDRESS = reverse("monitoring:quality")


@pytest.fixture
def town(db):
    return MunicipalityFactory(slug="town")


@pytest.fixture
def specialist(town, sign_in):
    return sign_in(member(Role.SPECIALIST, town))


def test_the_counters_of_a_form_are_those_of_its_board(town, specialist):
    first, second, _ = SchoolFactory.create_batch(3, municipality=town)
    accepted(submission(first))
    late = submission(second)
    sent(late)
    Submission.objects.filter(pk=late.pk).update(late=True)
    [form] = quality.forms_of_year(town, 2021)
    assert (form.progress.total, form.progress.sent, form.progress.on_time) == (3, 2, 1)
    assert "Сдано 2 из 3 форм (66,7 %), в срок – 1 (33,3 %)" in text_of(specialist.get(ADDRESS, {"year": 2021}))


def test_warnings_are_counted_by_what_came_of_them(town, specialist):
    form = submission(SchoolFactory(municipality=town))
    WarningRecord.objects.all().delete()
    for place, outcome in enumerate([Outcome.EXPLAINED, Outcome.EXPLAINED, Outcome.CORRECTED, Outcome.OPEN]):
        WarningRecord.objects.create(
            submission=form, check_code="W901", element=f"row_{place}", numbers="1/2", outcome=outcome
        )
    [rule] = quality.warnings_by_rule(town, 2021)
    assert (rule.shown, rule.explained, rule.corrected, rule.open) == (4, 2, 1, 1)
    assert quality.forms_of_year(town, 2021)[0].open == 1
    told = text_of(specialist.get(ADDRESS, {"year": 2021}))
    assert "4 предупреждения: пояснено – 2, исправлено – 1, без ответа – 1" in told


def test_open_questions_are_counted(town, specialist):
    form = submission(SchoolFactory(municipality=town))
    Thread.objects.create(submission=form, kind=ThreadKind.QUESTION, text="Кого считать?")
    Thread.objects.create(submission=form, kind=ThreadKind.QUESTION, text="Кого?", closed_at=timezone.now())
    assert "Открытых вопросов школ: 1." in text_of(specialist.get(ADDRESS, {"year": 2021}))


def test_a_form_accepted_again_is_a_correction(town):
    form = submission(SchoolFactory(municipality=town, name="Школа № 1"))
    accepted(form)
    assert quality.corrections(town, 2021) == ()
    actions.reopen(submission=form, by=member(Role.HEAD, town), reason="Ошибка в строке")
    form.refresh_from_db()
    fill(form, tested_9_11=40)
    accepted(form, tested_9_11=40)
    [one] = quality.corrections(town, 2021)
    assert (one.school, one.times, one.submission) == ("Школа № 1", 1, form.public_id)


def test_no_data_is_told_by_row_most_schools_first(town):
    first, second = SchoolFactory.create_batch(2, municipality=town)
    accepted(submission(first), tested_9_11=None, tested_6_8=None)
    accepted(submission(second), tested_9_11=None)
    assert [(one.code, one.schools) for one in quality.without_data(town, 2021)] == [
        ("tested_9_11", 2),
        ("tested_6_8", 1),
    ]


def lines_of(*values, kind="secondary"):
    return [
        SchoolLine(School(pk=place, name=f"Школа № {place}", kind=kind), {"1.1": share(*value, used=1, expected=1)})
        for place, value in enumerate(values, start=1)
    ]


def test_an_outlier_lies_beyond_the_fences_of_its_kind():
    near = [(40 + n, 100) for n in range(9)]
    [one] = quality.outliers(lines_of(*near, (95, 100)), [history((1, 2))])
    assert (one.school.name, one.measured.value, one.schools) == ("Школа № 10", Fraction(19, 20), 10)
    assert quality.outliers(lines_of(*near), [history((1, 2))]) == ()


def test_few_schools_small_bases_and_equal_values_have_no_outliers():
    assert quality.outliers(lines_of(*[(40 + n, 100) for n in range(6)], (95, 100)), [history((1, 2))]) == ()
    assert quality.outliers(lines_of(*[(40 + n, 100) for n in range(9)], (19, 19)), [history((1, 2))]) == ()
    assert quality.outliers(lines_of(*[(40, 100)] * 9, (95, 100)), [history((1, 2))]) == ()


def test_small_bases_are_counted_by_indicator():
    [one] = quality.small_bases(lines_of((3, 9), (3, 10), (0, 0)), [history((1, 2))])
    assert (one.small, one.schools) == (1, 2)


def test_every_table_leaves_as_a_file_and_an_unknown_one_is_not_found(town, specialist):
    accepted(submission(SchoolFactory(municipality=town)), tested_9_11=None)
    for key in ("forms", "warnings", "corrections", "no-data", "outliers", "small-bases"):
        for ending in ("xlsx", "csv", "json"):
            response = specialist.get(ADDRESS, {"year": 2021, "table": key, "format": ending})
            assert response.status_code == 200
            assert "attachment" in response["Content-Disposition"]
    assert specialist.get(ADDRESS, {"year": 2021, "table": "nothing", "format": "csv"}).status_code == 404
    assert (
        "tested_9_11" in specialist.get(ADDRESS, {"year": 2021, "table": "no-data", "format": "csv"}).content.decode()
    )


def test_a_year_without_data_a_wrong_year_and_an_empty_municipality_are_sentences(town, specialist):
    assert "сбор данных ещё не проводился" in text_of(specialist.get(ADDRESS))
    SchoolFactory(municipality=town)
    campaign(town)
    assert specialist.get(ADDRESS, {"year": "abc"}).status_code == 400
    assert "нет" in text_of(specialist.get(ADDRESS, {"year": 1999}))
    assert specialist.get(ADDRESS, {"year": 2021}).status_code == 200


def test_an_observer_reads_it_without_links_to_forms(town, sign_in):
    accepted(submission(SchoolFactory(municipality=town)))
    page = sign_in(member(Role.OBSERVER, town)).get(ADDRESS, {"year": 2021})
    assert page.status_code == 200
    assert "/monitoring/campaigns/" not in page.content.decode().partition("<main")[2]


def test_the_page_asks_as_much_of_thirty_schools_as_of_one(db, sign_in):
    assert queries_of(sign_in, 1) == queries_of(sign_in, 30) <= 30


def queries_of(sign_in, schools):
    town = MunicipalityFactory()
    SchoolFactory.create_batch(schools, municipality=town)
    campaign(town, opens_at=timezone.now() - timedelta(days=3))
    accepted(submission(town.schools.first()), tested_9_11=None)
    client = sign_in(member(Role.SPECIALIST, town))
    client.get(ADDRESS, {"year": 2021})
    with CaptureQueriesContext(connection) as queries:
        assert client.get(ADDRESS, {"year": 2021}).status_code == 200
    return len(queries)
