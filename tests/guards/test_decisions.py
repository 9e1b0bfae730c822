"""Guard 3: does every model, state, role, permission, cell and check have the decision that its author owes?"""

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import models

from monitoring import workflow
from monitoring.catalogue import parse_catalogue
from monitoring.checks import EMPTY_CELL, Cell, find, not_evaluated
from monitoring.enums import CellState, CheckKind, FormState
from monitoring.models import Check, Element
from monitoring.workflow import EDITABLE, LOCKED_BECAUSE, TRANSITIONS, Move
from portal.models import Municipality, OwnedQuerySet, School
from portal.roles import PERMISSIONS, SCOPES, Permission, Role, Scope
from tests.conftest import CATALOGUE_FILE
from tests.factories import member

APPS = ("portal", "monitoring", "methodical", "reports")
CATALOGUE = parse_catalogue(CATALOGUE_FILE.read_text(encoding="utf-8"))

# Models without an owner, and why their rows may be read by everybody who is signed in.
SHARED = {
    "portal.Region": "names of the federation's subjects; nobody's data",
    "portal.User": "reached only through memberships, which are owned",
    "monitoring.Form": "the common catalogue",
    "monitoring.Section": "the common catalogue",
    "monitoring.Element": "the common catalogue",
    "monitoring.Population": "the common catalogue",
    "monitoring.IndicatorGroup": "the common catalogue",
    "monitoring.Indicator": "the common catalogue",
    "monitoring.Term": "the common catalogue",
    "monitoring.Check": "the common catalogue",
}


def our_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


def owned_models() -> list[type[models.Model]]:
    return [model for model in our_models() if isinstance(model._default_manager.all(), OwnedQuerySet)]


def end_of(model: type[models.Model], path: str) -> type[models.Model] | None:
    """The model at the end of a lookup path; a path that names the row itself ends where it began."""
    for part in path.split("__"):
        field = model._meta.get_field(part)
        model = field.related_model if field.is_relation else field.model
    return model


# --- models ----------------------------------------------------------------------------------------------------------


def test_every_model_is_owned_or_shared_with_a_reason():
    undecided = {model._meta.label for model in our_models()} - {model._meta.label for model in owned_models()}
    assert undecided == SHARED.keys()


@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)
def test_the_owner_of_a_row_is_a_real_municipality_or_school(model):
    rows = model._default_manager.all()
    assert rows.municipality_path, "every owned row has a municipality"
    assert end_of(model, rows.municipality_path) is Municipality
    if rows.school_path:
        assert end_of(model, rows.school_path) is School


@pytest.mark.django_db
@pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)
@pytest.mark.parametrize("role", Role)
def test_visible_to_answers_every_role(model, role):
    someone = member(role)
    rows = model._default_manager.visible_to(someone)
    assert rows.count() >= 0  # the query is sound
    if someone.scope not in (Scope.MUNICIPALITY, Scope.SCHOOL):
        assert not rows.exists()


# --- roles -----------------------------------------------------------------------------------------------------------


def test_every_role_has_permissions_and_a_scope():
    assert PERMISSIONS.keys() == set(Role)
    assert SCOPES.keys() == set(Role)


def test_every_permission_is_held_by_somebody():
    assert frozenset().union(*PERMISSIONS.values()) == set(Permission)


def test_who_sees_nothing_may_do_nothing():
    assert [role for role in Role if SCOPES[role] in (Scope.REGION, Scope.NOTHING) and PERMISSIONS[role]] == []


# --- states of a form ------------------------------------------------------------------------------------------------


def test_every_state_of_a_form_is_reached_by_the_table():
    assert TRANSITIONS.keys() == set(Move)
    reached = {FormState.NOT_STARTED, FormState.FILLING}  # the first value begins a form
    for _ in FormState:
        reached |= {move.target for move in TRANSITIONS.values() if move.sources & reached}
    assert reached == set(FormState)


def test_every_state_of_a_form_can_be_left():
    left = {FormState.NOT_STARTED}.union(*(move.sources for move in TRANSITIONS.values()))
    assert left == set(FormState)


def test_every_state_lets_the_school_type_or_says_why_not():
    assert EDITABLE | LOCKED_BECAUSE.keys() == set(FormState)
    assert not EDITABLE & LOCKED_BECAUSE.keys()


def test_every_move_can_be_made_by_somebody():
    granted = frozenset().union(*PERMISSIONS.values())
    assert [move for move, transition in TRANSITIONS.items() if transition.permission not in granted] == []


def test_every_move_has_its_action():
    from monitoring import actions

    names = {Move.RETURN: "return_form"}
    assert [move for move in workflow.Move if not hasattr(actions, names.get(move, move.value))] == []


# --- cells -----------------------------------------------------------------------------------------------------------

# What «left <= right» says when the right side, which the left surpasses, holds each kind of cell.
OF_CELL = {
    CellState.NUMBER: "fires",
    CellState.INAPPLICABLE: "fires",  # a structural zero
    CellState.NO_DATA: "open",  # not evaluated, and listed as such
    CellState.EMPTY: "empty",  # its own error, and no comparison
}


def test_every_kind_of_cell_has_its_meaning_for_checks():
    assert OF_CELL.keys() == set(CellState)


@pytest.mark.parametrize(("state", "outcome"), OF_CELL.items())
def test_a_check_reads_every_kind_of_cell(state, outcome):
    rule = Check(code="T1", severity="error", kind="relation", left=["part"], op="<=", right=["whole"], message="Т")
    cells = {
        "part": Cell(CellState.NUMBER, 1),
        "whole": Cell(state, 0 if state == CellState.NUMBER else None),
    }
    codes = {one.code for one in find([rule], cells, {}, year=2021)}
    assert ("T1" in codes) == (outcome == "fires")
    assert (EMPTY_CELL in codes) == (outcome == "empty")
    assert (not_evaluated([rule], cells, year=2021) == (rule,)) == (outcome == "open")


# --- checks ----------------------------------------------------------------------------------------------------------

RELATIONS = [check.code for check in CATALOGUE.checks if check.kind == CheckKind.RELATION]
JUMPS = [check.code for check in CATALOGUE.checks if check.kind == CheckKind.YEAR_ON_YEAR]


def year_of(rule: Check) -> int:
    return rule.since or rule.until or 2021


def numbers(codes: Iterable[str], total: int) -> dict[str, Cell]:
    """Cells of these codes that add up to the total, the first of them holding the rest."""
    first, *others = codes
    return {first: Cell(CellState.NUMBER, total - len(others)), **dict.fromkeys(others, Cell(CellState.NUMBER, 1))}


def fires(rule: Check, left: int, right: int, year: int | None = None) -> bool:
    cells = {**numbers(rule.left, left), **numbers(rule.right, right)}
    return rule.code in {one.code for one in find([rule], cells, {}, year=year or year_of(rule))}


@pytest.mark.django_db
def test_the_database_checks_what_the_catalogue_lists():
    assert sorted(Check.objects.values_list("code", flat=True)) == sorted(RELATIONS + JUMPS)


@pytest.mark.django_db
@pytest.mark.parametrize("code", RELATIONS)
def test_a_relation_fires_one_above_and_not_at_equality(code):
    rule = Check.objects.get(code=code)
    known = set(Element.objects.values_list("code", flat=True))
    assert known.issuperset([*rule.left, *rule.right])
    assert not set(rule.left) & set(rule.right), "the cells of one side must not stand on the other"
    whole = 50
    assert fires(rule, whole + 1, whole)
    assert not fires(rule, whole, whole)
    assert fires(rule, whole - 1, whole) == (rule.op == "=")
    if rule.since is not None:
        assert not fires(rule, whole + 1, whole, rule.since - 1)
    if rule.until is not None:
        assert not fires(rule, whole + 1, whole, rule.until + 1)


@pytest.mark.django_db
@pytest.mark.parametrize("code", JUMPS)
def test_a_jump_fires_only_beyond_both_bounds(code):
    rule = Check.objects.get(code=code)
    percent, people = rule.percent, rule.people

    def jumps(before: int, now: int) -> bool:
        cells = {"tested_9_11": Cell(CellState.NUMBER, now)}
        return code in {one.code for one in find([rule], cells, {"tested_9_11": before}, year=2021)}

    large = 100 * people  # of it `percent` is more than `people`
    bound = percent * people
    assert jumps(large, large + bound + 1)
    assert jumps(large, large - bound - 1)
    assert not jumps(large, large + bound)
    assert not jumps(large, large - bound)
    small = people  # of it `percent` is less than `people`
    assert jumps(small, small + people + 1)
    assert not jumps(small, small + people)
    assert jumps(0, people + 1)
    assert not jumps(0, people)
