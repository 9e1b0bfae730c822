"""Does the one door let through what a membership may see, and answer everything else as missing?"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone

from portal.access import (
    CLOSED,
    OPEN,
    PERSON,
    Mark,
    any_person,
    load,
    mark_of,
    member_of,
    memberships_in_force,
    open_to_strangers,
    requires,
    visible,
)
from portal.models import Job, Membership, Municipality, Region, Regulation, School
from portal.roles import Permission, Role
from tests.factories import MunicipalityFactory, RegionFactory, SchoolFactory, UserFactory, member

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def request_of(someone: Membership | None, rf: RequestFactory):
    request = rf.get("/")
    request.membership = someone
    return request


# --- what is seen ----------------------------------------------------------------------------------------------------


def test_a_school_sees_only_itself(rf):
    own = SchoolFactory()
    SchoolFactory(municipality=own.municipality)
    request = request_of(member(Role.COORDINATOR, school=own), rf)
    assert list(visible(request, School)) == [own]


def test_a_municipality_sees_its_own_schools_and_no_other(rf):
    own = SchoolFactory()
    beside = SchoolFactory(municipality=own.municipality)
    SchoolFactory()
    request = request_of(member(Role.SPECIALIST, own.municipality), rf)
    assert set(visible(request, School)) == {own, beside}


@pytest.mark.parametrize("role", [Role.EXPERT, Role.REGIONAL, Role.INSTALLATION_ADMIN])
def test_a_role_without_a_place_sees_nothing(rf, role):
    SchoolFactory()
    request = request_of(member(role), rf)
    assert not visible(request, School).exists()
    assert not visible(request, Municipality).exists()
    assert not visible(request, Membership).exists()


def test_a_school_sees_nothing_of_a_model_that_knows_no_schools(rf):
    someone = member(Role.COORDINATOR)
    Regulation.objects.create(
        municipality=someone.municipality, kind="order", issuer="УО", number="1", date=TODAY(), title="О мониторинге"
    )
    assert not visible(request_of(someone, rf), Regulation).exists()


def test_without_a_membership_nothing_is_seen(rf):
    SchoolFactory()
    assert not visible(request_of(None, rf), School).exists()


def test_a_foreign_object_answers_as_a_missing_one(rf):
    foreign = SchoolFactory()
    request = request_of(member(Role.SPECIALIST), rf)
    answers = []
    for wanted in (foreign.public_id, uuid4()):
        with pytest.raises(Http404) as refusal:
            load(request, School, public_id=wanted)
        answers.append(str(refusal.value))
    assert answers[0] == answers[1]


def test_an_own_object_is_loaded_and_a_prepared_query_keeps_its_limits(rf):
    own = SchoolFactory()
    request = request_of(member(Role.SPECIALIST, own.municipality), rf)
    assert load(request, School, public_id=own.public_id) == own
    with pytest.raises(Http404):
        load(request, School.objects.filter(kind="lyceum"), public_id=own.public_id)


def test_a_model_without_an_owner_is_never_shown_through_the_door(rf):
    RegionFactory()
    with pytest.raises(TypeError, match="visible_to"):
        visible(request_of(member(Role.SPECIALIST), rf), Region)


def test_a_job_of_another_municipality_is_missing(rf):
    foreign = Job.objects.create(kind="report", municipality=MunicipalityFactory())
    with pytest.raises(Http404):
        load(request_of(member(Role.SPECIALIST), rf), Job, public_id=foreign.public_id)


# --- marks -----------------------------------------------------------------------------------------------------------


def test_a_mark_says_whom_an_address_admits():
    specialist, observer = member(Role.SPECIALIST), member(Role.OBSERVER)
    accepting = Mark(permissions=frozenset({Permission.ACCEPT_FORMS}))
    assert [accepting.admits(one) for one in (specialist, observer, None)] == [True, False, False]
    assert [PERSON.admits(one) for one in (specialist, None)] == [True, True]
    assert OPEN.admits(None)
    assert CLOSED.closed
    assert not CLOSED.admits(specialist)
    assert not accepting.closed


def test_one_of_several_permissions_is_enough():
    @requires(Permission.ENTER_VALUES, Permission.REVIEW_FORMS)
    def view(request): ...

    mark = mark_of(view, "anything")
    assert mark.admits(member(Role.COORDINATOR))
    assert mark.admits(member(Role.OPERATOR))
    assert not mark.admits(member(Role.HEAD))


def test_a_view_without_a_mark_has_none_and_foreign_names_have_theirs():
    def forgotten(request): ...

    assert mark_of(forgotten, "forgotten") is None
    assert mark_of(forgotten, "account_login") is OPEN
    assert mark_of(forgotten, "account_signup") is CLOSED
    assert mark_of(any_person(lambda request: None), "") is PERSON
    assert mark_of(open_to_strangers(lambda request: None), "") is OPEN


# --- memberships -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "holds"),
    [(0, None, True), (1, None, False), (-10, 0, True), (-10, -1, False), (-10, 5, True)],
)
def test_a_membership_holds_from_its_first_day_to_its_last(since, until, holds):
    day = timedelta(days=1)
    someone = member(
        Role.SPECIALIST, since=TODAY() + since * day, until=None if until is None else TODAY() + until * day
    )
    assert memberships_in_force(someone.user) == ([someone] if holds else [])


def test_a_deactivated_person_has_no_membership():
    someone = member(Role.SPECIALIST, is_active=False)
    assert memberships_in_force(someone.user) == []


def test_whoever_has_no_membership_meets_a_missing_page(rf):
    with pytest.raises(Http404):
        member_of(request_of(None, rf))


@pytest.mark.parametrize(
    "place",
    [
        {"role": Role.COORDINATOR},
        {"role": Role.COORDINATOR, "municipality": True},
        {"role": Role.SPECIALIST},
        {"role": Role.SPECIALIST, "municipality": True, "school": True},
        {"role": Role.REGIONAL, "municipality": True},
        {"role": Role.INSTALLATION_ADMIN, "municipality": True},
    ],
)
def test_the_database_refuses_a_membership_in_the_wrong_place(place):
    school = SchoolFactory()
    objects = {"municipality": school.municipality, "school": school}
    given = {name: objects.get(name, value) for name, value in place.items()}
    person = UserFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(user=person, **given)
