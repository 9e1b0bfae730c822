"""Does each role hold what its duties need, and nothing that another's signature stands for?"""

import pytest

from portal.models import Membership
from portal.roles import NEEDS_SECOND_FACTOR, PERMISSIONS, SCOPES, Permission, Role, Scope

P = Permission


def holders(permission: Permission) -> set[Role]:
    return {role for role in Role if permission in PERMISSIONS[role]}


@pytest.mark.parametrize(
    ("permission", "roles"),
    [
        (P.ENTER_VALUES, {Role.COORDINATOR, Role.COLLEAGUE}),
        (P.ENTER_ON_BEHALF, {Role.SPECIALIST, Role.OPERATOR}),
        (P.CORRECT_VALUES, {Role.SPECIALIST}),
        (P.CONFIRM_FORMS, {Role.SCHOOL_HEAD}),
        (P.SET_RULES, {Role.METHODIST}),
        (P.MANAGE_PEOPLE, {Role.MUNICIPAL_ADMIN}),
        (P.SEND_FORMS, {Role.COORDINATOR}),
        (P.REVIEW_FORMS, {Role.SPECIALIST, Role.OPERATOR}),
        (P.ACCEPT_FORMS, {Role.SPECIALIST}),
        (P.REOPEN_FORMS, {Role.HEAD}),
        (P.RUN_CAMPAIGNS, {Role.SPECIALIST, Role.OPERATOR}),
        (P.SET_TARGETS, {Role.SPECIALIST, Role.METHODIST}),
        (P.BUILD_REPORTS, {Role.SPECIALIST, Role.METHODIST}),
        (P.SEE_PEOPLE, {Role.SPECIALIST, Role.METHODIST, Role.HEAD, Role.MUNICIPAL_ADMIN}),
    ],
)
def test_a_duty_belongs_to_exactly_these_roles(permission, roles):
    assert holders(permission) == roles


def test_whoever_enters_numbers_does_not_accept_them():
    for role in Role:
        assert not {P.ENTER_VALUES, P.ACCEPT_FORMS} <= PERMISSIONS[role]
        assert not {P.ACCEPT_FORMS, P.REOPEN_FORMS} <= PERMISSIONS[role]


def test_only_people_of_a_school_are_bound_to_a_school():
    bound = {role for role, scope in SCOPES.items() if scope == Scope.SCHOOL}
    assert bound == {Role.COORDINATOR, Role.COLLEAGUE, Role.SCHOOL_HEAD}


def test_a_school_never_gets_the_municipality_s_pages():
    for role in (Role.COORDINATOR, Role.COLLEAGUE, Role.SCHOOL_HEAD):
        assert not {P.SEE_DASHBOARD, P.READ_REPORTS, P.SEE_CAMPAIGNS, P.SEE_PEOPLE} & PERMISSIONS[role]


def test_everybody_who_changes_other_people_s_data_needs_a_second_factor():
    changes_others = {P.RUN_CAMPAIGNS, P.REVIEW_FORMS, P.ACCEPT_FORMS, P.REOPEN_FORMS, P.SET_TARGETS, P.BUILD_REPORTS}
    assert {role for role in Role if PERMISSIONS[role] & changes_others} <= NEEDS_SECOND_FACTOR
    assert Role.COORDINATOR not in NEEDS_SECOND_FACTOR


def test_a_membership_may_what_its_role_may():
    for role in Role:
        someone = Membership(role=role)
        assert {permission for permission in Permission if someone.may(permission)} == PERMISSIONS[role]
        assert someone.scope == SCOPES[role]


def test_a_permission_is_also_known_by_its_name():
    assert Membership(role=Role.SPECIALIST).may("accept_forms")
    assert not Membership(role=Role.SPECIALIST).may("rule_the_world")
