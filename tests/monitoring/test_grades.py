"""Grades and programmes: one figure over a span, of the right base, and the grades that are left out (W-19)."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring import grade_table
from monitoring.models import Element
from monitoring.queries.results.grades import PROGRAMMES, grade_matrix
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, campaign, member, sent, submission

pytestmark = pytest.mark.django_db
ADDRESS = reverse("monitoring:grades")


@pytest.fixture
def town():
    return MunicipalityFactory(slug="town")


@pytest.fixture
def specialist(town, sign_in):
    return sign_in(member(Role.SPECIALIST, town))


def span_of(matrix, code):
    return next(span for one in matrix.programmes for span in one.spans if span.element.code == code)


def test_a_span_is_one_figure_of_the_sums_of_the_schools_that_have_it(town):
    first, second, third = SchoolFactory.create_batch(3, municipality=town)
    accepted(submission(first), ticket_6_9=60)
    accepted(submission(second), ticket_6_9=24)
    accepted(submission(third), ticket_6_9=None)
    span = span_of(grade_matrix(town, 2021), "ticket_6_9")
    assert (span.grades, span.people, span.base, span.used, span.expected) == ((6, 7, 8, 9), 84, 240, 2, 3)


def test_a_school_without_the_grades_is_not_expected(town):
    primary = SchoolFactory(municipality=town, kind="primary", grades=[1, 2, 3, 4])
    full = SchoolFactory(municipality=town)
    for school in (primary, full):
        accepted(submission(school))
    span = span_of(grade_matrix(town, 2021), "ticket_10_11")
    assert (span.used, span.expected, span.base) == (1, 1, 60)


def test_the_base_is_the_one_of_the_indicator(town):
    accepted(submission(SchoolFactory(municipality=town)), abilympics_5_9=2)
    span = span_of(grade_matrix(town, 2021), "abilympics_5_9")
    assert (span.people, span.base) == (2, 3)  # of pupils with disabilities, not of all


def test_only_accepted_numbers_count_unless_asked(town):
    sent(submission(SchoolFactory(municipality=town)), ticket_6_9=60)
    assert span_of(grade_matrix(town, 2021), "ticket_6_9").people is None
    assert span_of(grade_matrix(town, 2021, preliminary=True), "ticket_6_9").people == 60


def test_a_grade_without_participants_is_a_finding_with_its_cell(town, specialist):
    accepted(submission(SchoolFactory(municipality=town)), ticket_5=0)
    response = specialist.get(ADDRESS, {"year": 2021})
    (gap, words), *_ = response.context["gaps"]
    assert words == (
        "Программа «Билет в будущее» не охватывает 5 класс: участников нет, в этих классах 30 обучающихся."
    )
    assert reverse("monitoring:element", args=["ticket_5"]) in response.content.decode()
    assert response.context["headline"] == "Не все программы охватывают 5 класс"
    assert gap.grades == (5,)


def test_a_covered_programme_is_no_finding(town):
    accepted(submission(SchoolFactory(municipality=town)))
    assert grade_matrix(town, 2021).gaps == ()


def test_a_grade_between_the_projects_that_no_project_asks_of_is_a_finding(town):
    accepted(submission(SchoolFactory(municipality=town), 2023))
    (gap,) = grade_matrix(town, 2023).gaps
    assert (gap.grades, gap.asked) == ((5,), False)
    assert grade_table.gap_words(gap).startswith("Раздел «Профориентационные проекты» не охватывает 5 класс:")


def test_a_grade_that_nobody_is_taught_in_is_no_finding(town):
    school = SchoolFactory(municipality=town, grades=[1, 2, 3, 4])
    accepted(submission(school, 2023))
    assert grade_matrix(town, 2023).gaps == ()


def test_cells_of_a_row_fill_every_grade_once(town):
    accepted(submission(SchoolFactory(municipality=town)), ticket_5=0)
    matrix = grade_matrix(town, 2021)
    rows = [row for group in grade_table.grade_groups(matrix) for row in group.rows]
    assert {sum(cell.width for cell in row.cells) for row in rows} == {11}
    ticket = next(row for row in rows if "Билет в будущее" in row.name)
    assert [(cell.width, cell.tone) for cell in ticket.cells] == [
        (4, "outside"),
        (1, "bare"),
        (4, "covered"),
        (2, "covered"),
    ]
    assert ticket.cells[1].value == "не охвачены"


def test_every_programme_of_the_catalogue_has_a_name():
    codes = set(Element.objects.exclude(programme="").values_list("programme", flat=True))
    assert codes == PROGRAMMES.keys()


def test_the_table_leaves_with_people_pupils_and_share(town, specialist):
    accepted(submission(SchoolFactory(municipality=town)), ticket_6_9=60)
    data = json.loads(specialist.get(ADDRESS, {"year": 2021, "format": "json"}).content)
    row = next(row for row in data["rows"] if row["people"] == 60)
    assert (row["base"], row["share"], row["grades"]) == (120, 0.5, "6–9 классы")


def test_a_year_without_accepted_data_shows_words_not_zeros(town, specialist):
    SchoolFactory(municipality=town)
    campaign(town)
    response = specialist.get(ADDRESS, {"year": 2021})
    tones = {cell.tone for group in response.context["programmes"] for row in group.rows for cell in row.cells}
    assert tones == {"missing", "outside"}
    assert not response.context["gaps"]


def test_the_page_asks_as_much_of_thirty_schools_as_of_one(sign_in):
    counts = []
    for number in (1, 30):
        town = MunicipalityFactory()
        schools = SchoolFactory.create_batch(number, municipality=town)
        campaign(town)
        accepted(submission(schools[0]))
        client = sign_in(member(Role.SPECIALIST, town))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS, {"year": 2021}).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20
