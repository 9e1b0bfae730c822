"""A page pinned to a version of the data: an independent computation that agrees with the database, and stays as it was."""

import random

import pytest
from django.urls import reverse

from monitoring import actions
from monitoring.actions import rebuild_totals
from monitoring.enums import CellState
from monitoring.models import AcceptedForm, Submission, Value
from monitoring.queries.results.indicators import Circle, measure
from monitoring.queries.results.overview import data_version, overview, school_lines
from monitoring.queries.results.pinned import measure_at, version_of
from monitoring.queries.results.similar import contingents
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    campaign,
    fill,
    member,
    submission,
    under_review,
)
from tests.monitoring.test_dashboard_views import text_of

pytestmark = pytest.mark.django_db
YEARS = (2021, 2022)


def kept(form: Submission, chance: random.Random) -> None:
    """An acceptance of random cells, as the portal keeps it: cells and snapshot say the same."""
    known = {value.element_id for value in form.values.all()}
    form.values.update(accepted_state=CellState.INAPPLICABLE)
    for line in form.campaign.elements.exclude(element__in=known):
        state = chance.choice([CellState.NUMBER] * 30 + [CellState.NO_DATA])
        number = chance.choice([0, 1, 3, 17, 250]) if state == CellState.NUMBER else None
        Value.objects.create(
            submission=form,
            element_id=line.element_id,
            state=state,
            number=number,
            accepted_state=state,
            accepted_number=number,
        )
    cells = form.values.values_list("element__code", "state", "number", "reason")
    AcceptedForm.objects.create(
        municipality=form.municipality,
        submission=form,
        revision=1,
        values={code: list(rest) for code, *rest in cells},
    )


def random_town(seed: int):
    chance = random.Random(seed)
    town = MunicipalityFactory()
    for kind, grades in (("secondary", range(1, 12)), ("basic", range(1, 10)), ("primary", range(1, 5))):
        SchoolFactory.create_batch(2, municipality=town, kind=kind, grades=list(grades))
    for year in YEARS:
        for form in ("year", "graduates"):
            for own in campaign(town, year, form).submissions.all():
                if chance.random() < 0.7:
                    kept(own, chance)
        rebuild_totals(municipality=town, year=year)
    return town


@pytest.mark.parametrize("seed", range(4))
def test_the_newest_version_computed_from_the_snapshots_equals_the_database(seed):
    town = random_town(seed)
    version = version_of(town, str(data_version(town)))
    for by in ("municipality", "school", "kind"):
        assert measure_at(Circle(town.pk, YEARS), version.id, by=by) == measure(Circle(town.pk, YEARS), by=by)
    one = Circle(town.pk, YEARS, codes=("4.1", "5.2"))
    assert measure_at(one, version.id, by="school") == measure(one, by="school") != {}
    now, pinned = overview(town, 2022), overview(town, 2022, version=version)
    assert pinned.groups == now.groups
    assert {line.school: line.values for line in school_lines(town, 2022, version=version)} == {
        line.school: line.values for line in school_lines(town, 2022)
    }


def test_a_version_keeps_its_numbers_while_the_data_move_on():
    town = MunicipalityFactory()
    first, second = SchoolFactory.create_batch(2, municipality=town)
    early = accepted(submission(first), tested_9_11=9)
    form = submission(first)
    actions.reopen(submission=form, by=member(Role.HEAD, town), reason="Ошибка в строке")
    form.refresh_from_db()
    fill(form, tested_9_11=40)
    accepted(under_review(form, tested_9_11=40).__class__.objects.get(pk=form.pk))
    accepted(submission(second), tested_9_11=30)
    now = overview(town, 2021)["4.1"].now
    then = overview(town, 2021, version=version_of(town, str(early.pk)))["4.1"].now
    assert (now.numerator, now.used) == (70, 2)
    assert (then.numerator, then.denominator, then.used, then.expected) == (9, 90, 1, 2)


def test_the_size_of_a_school_is_that_of_the_version():
    town = MunicipalityFactory()
    first, second = SchoolFactory.create_batch(2, municipality=town)
    accepted(submission(first))
    early = version_of(town, str(data_version(town)))
    accepted(submission(second))
    now = contingents(town, 2021)
    assert set(now) == {first.pk, second.pk}
    assert contingents(town, 2021, version=early) == {first.pk: now[first.pk]}
    assert contingents(town, 2021, version=version_of(town, str(data_version(town)))) == now


@pytest.mark.parametrize("given", ["0", "-1", "abc", "٣", "1e3", "9" * 40, "1 OR 1=1"])
def test_what_is_no_version_of_the_municipality_is_none(given):
    assert version_of(MunicipalityFactory(), given) is None


# --- the pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def town(sign_in):
    return MunicipalityFactory(slug="town")


@pytest.fixture
def specialist(town, sign_in):
    return sign_in(member(Role.SPECIALIST, town))


ADDRESSES = [reverse("monitoring:dashboard"), reverse("monitoring:indicator", args=["4.1"])]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_pinned_page_says_so_and_leads_back_and_its_link_is_on_the_page(address, specialist, town):
    first, second = SchoolFactory.create_batch(2, municipality=town)
    early = accepted(submission(first), tested_9_11=9)
    page = specialist.get(address, {"year": 2021}).content.decode()
    assert f"version={early.pk}" in page
    accepted(submission(second), tested_9_11=81)
    response = specialist.get(address, {"year": 2021, "version": early.pk})
    told = text_of(response)
    assert f", версия {early.pk}." in told
    assert "Показать текущие данные" in told
    assert "10,0 % 9 из 90" in told
    assert "50,0 %" not in told
    assert "50,0 %" in text_of(specialist.get(address, {"year": 2021}))


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_unknown_or_foreign_version_is_a_sentence(address, specialist, town):
    accepted(submission(SchoolFactory(municipality=town)))
    foreign = accepted(submission(SchoolFactory()))
    for version in (foreign.pk, 10**9, "abc", "9" * 40):
        response = specialist.get(address, {"year": 2021, "version": version})
        assert response.status_code == 404
        assert "Такой версии данных нет." in text_of(response)
