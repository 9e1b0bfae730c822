"""Does a launch ask the right organisations the right questions, once, and freeze what it asked?"""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from monitoring.actions import launch_campaign
from monitoring.enums import CellState, FormState
from monitoring.models import Campaign, CampaignElement, Element, Form, IndicatorTotal, Submission, Value
from portal.actions import ActionRefused
from portal.models import Municipality
from tests.factories import MunicipalityFactory, SchoolFactory, campaign

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def town() -> Municipality:
    return MunicipalityFactory()


def asked(launched: Campaign) -> set[str]:
    return set(launched.elements.values_list("element__code", flat=True))


def inapplicable(form: Submission) -> set[str]:
    return set(form.values.filter(state=CellState.INAPPLICABLE).values_list("element__code", flat=True))


def form_of(school) -> Submission:
    return Submission.objects.get(school=school)


# --- whom ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        ("year", {"secondary", "primary"}),
        ("graduates", {"secondary"}),
        ("preschool", {"preschool"}),
        ("extra", {"extra"}),
    ],
)
def test_a_form_goes_to_the_organisations_that_have_something_to_say(town, form, kinds):
    SchoolFactory(municipality=town, kind="secondary")
    SchoolFactory(municipality=town, kind="primary", grades=[1, 2, 3, 4])
    SchoolFactory(municipality=town, kind="preschool", grades=[])
    SchoolFactory(municipality=town, kind="extra", grades=[])
    SchoolFactory(kind="secondary")  # of another municipality
    campaign(town, form=form)
    assert {one.kind for one in Submission.objects.all()} == kinds
    assert {one.municipality for one in Submission.objects.all()} == {town}
    assert {one.state for one in Submission.objects.all()} == {FormState.NOT_STARTED}


@pytest.mark.parametrize(("days", "listed"), [(-1, 0), (0, 0), (1, 1)])
def test_a_school_closed_by_the_day_of_opening_is_not_asked(town, days, listed):
    SchoolFactory(municipality=town)  # somebody must be asked
    opens = timezone.now()
    closed = SchoolFactory(municipality=town, closed=timezone.localtime(opens).date() + timedelta(days=days))
    campaign(town, opens_at=opens)
    assert Submission.objects.filter(school=closed).count() == listed


@pytest.mark.parametrize(("days", "listed"), [(-1, 1), (0, 1), (1, 0)])
def test_a_school_not_yet_opened_is_not_asked(town, days, listed):
    SchoolFactory(municipality=town)
    opens = timezone.now()
    new = SchoolFactory(municipality=town, opened=timezone.localtime(opens).date() + timedelta(days=days))
    campaign(town, opens_at=opens)
    assert Submission.objects.filter(school=new).count() == listed


def test_the_list_is_frozen_at_launch(town):
    SchoolFactory(municipality=town)
    launched = campaign(town)
    SchoolFactory(municipality=town)
    assert launched.submissions.count() == 1


def test_a_school_s_kind_and_grades_are_frozen_at_launch(town):
    school = SchoolFactory(municipality=town, kind="basic", grades=[5, 6, 7, 8, 9])
    campaign(town)
    school.kind, school.grades = "secondary", list(range(1, 12))
    school.save()
    form = form_of(school)
    assert (form.kind, form.grades) == ("basic", [5, 6, 7, 8, 9])
    assert "pupils_11" in inapplicable(form)


# --- what ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "present", "absent"),
    [
        (2021, {"worldskills_9_11", "ticket_5"}, {"professionals_9_11", "horizons"}),
        (2022, {"professionals_9_11", "ticket_5"}, {"worldskills_9_11", "horizons"}),
        (2023, {"professionals_9_11", "horizons"}, {"worldskills_9_11", "ticket_5"}),
    ],
)
def test_only_what_is_collected_that_year_is_asked(town, year, present, absent):
    school = SchoolFactory(municipality=town, grades=list(range(1, 13)))
    launched = campaign(town, year)
    assert present <= asked(launched)
    assert not absent & asked(launched)
    assert absent <= inapplicable(form_of(school)), "what is not collected is structurally zero"
    assert not present & inapplicable(form_of(school))


def test_what_does_not_concern_a_school_is_inapplicable_and_the_rest_is_empty(town):
    basic = SchoolFactory(municipality=town, kind="basic", grades=[5, 6, 7, 8, 9])
    launched = campaign(town)
    form = form_of(basic)
    elements = Element.objects.filter(section__form__code="year")
    expected = {
        one.code
        for one in elements
        if not one.collected_in(2021) or (one.grades and not set(one.grades) & {5, 6, 7, 8, 9})
    }
    assert inapplicable(form) == expected
    assert form.values.count() == len(expected), "an empty cell has no row"
    assert form.cells_total == len(asked(launched) - expected)
    assert form.cells_filled == 0


def test_the_wording_is_frozen_at_launch(town):
    SchoolFactory(municipality=town)
    launched = campaign(town)
    before = CampaignElement.objects.get(campaign=launched, element__code="agreements").name
    Element.objects.filter(code="agreements").update(name="Совсем другие слова")
    assert CampaignElement.objects.get(campaign=launched, element__code="agreements").name == before


def test_a_launch_makes_the_year_s_totals_with_nothing_in_them(town):
    SchoolFactory(municipality=town)
    campaign(town)
    total = IndicatorTotal.objects.get(municipality=town, year=2021, indicator__code="4.1")
    assert (total.numerator, total.denominator, total.schools_used, total.schools_expected) == (0, 0, 0, 1)


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_form_is_launched_once_a_year(town):
    SchoolFactory(municipality=town)
    campaign(town)
    with pytest.raises(ActionRefused, match="за 2021/22 учебный год уже запущена"):
        campaign(town)
    campaign(town, 2022)
    campaign(town, 2021, "graduates")
    assert Campaign.objects.count() == 3


@pytest.mark.parametrize("year", [2009, 2101, 0, -1])
def test_a_year_that_cannot_be_is_refused(town, year):
    SchoolFactory(municipality=town)
    with pytest.raises(ActionRefused, match="Учебный год должен быть от 2010 до 2100"):
        campaign(town, year)


def test_a_deadline_before_the_opening_is_refused(town):
    SchoolFactory(municipality=town)
    now = timezone.now()
    with pytest.raises(ActionRefused, match="Срок сдачи должен быть позже"):
        launch_campaign(
            municipality=town, form=Form.objects.get(code="year"), year=2021, opens_at=now, closes_at=now, by=None
        )


@pytest.mark.parametrize("schools", [[], [{"kind": "preschool", "grades": []}], [{"closed": date(2020, 1, 1)}]])
def test_a_launch_for_nobody_is_refused_and_leaves_nothing(town, schools):
    for school in schools:
        SchoolFactory(municipality=town, **school)
    with pytest.raises(ActionRefused, match="Запускать форму не для кого"):
        campaign(town)
    assert not Campaign.objects.exists()
    assert not CampaignElement.objects.exists()
    assert not Value.objects.exists()
