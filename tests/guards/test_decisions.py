"""Guard 3: does every model, state, role, permission, cell and check have the decision that its author owes?"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from monitoring import workflow
from monitoring.catalogue import parse_catalogue
from monitoring.checks import EMPTY_CELL, Cell, FormContext, Line, Peers, Rule, Share, find_for, open_rules
from monitoring.enums import Better, CellState, CheckKind, FormState, Severity
from monitoring.models import Check, Element
from monitoring.queries.entry.rulebook import rulebook
from monitoring.workflow import EDITABLE, LOCKED_BECAUSE, SENDINGS, TRANSITIONS, Move
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
    "monitoring.CatalogueDraft": "the common catalogue's next year; reached by its own permission alone",
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


# What the roles that see no municipality's rows may do all the same.
BEYOND = {
    Role.REGIONAL: {Permission.SEE_REGION},  # sums of municipalities with small counts hidden
    Role.INSTALLATION_ADMIN: {Permission.MANAGE_CATALOGUE},  # the common catalogue
    Role.EXPERT: set(),
}


def test_who_sees_no_rows_may_do_only_what_is_decided():
    assert {role: PERMISSIONS[role] for role in Role if SCOPES[role] in (Scope.REGION, Scope.NOTHING)} == BEYOND


# --- states of a form ------------------------------------------------------------------------------------------------


def test_every_state_of_a_form_is_reached_by_the_table():
    assert TRANSITIONS.keys() == set(Move)
    reached = {FormState.NOT_STARTED, FormState.FILLING}  # the first value begins a form
    for _ in FormState:
        reached |= {move.target for move in TRANSITIONS.values() if move.target and move.sources & reached}
    assert reached == set(FormState)


def test_every_state_of_a_form_can_be_left():
    left = {FormState.NOT_STARTED}.union(*(move.sources for move in TRANSITIONS.values() if move.target))
    assert left == set(FormState)


def test_every_state_lets_the_school_type_or_says_why_not():
    assert EDITABLE | LOCKED_BECAUSE.keys() == set(FormState)
    assert not EDITABLE & LOCKED_BECAUSE.keys()


def test_every_move_can_be_made_by_somebody():
    granted = frozenset().union(*PERMISSIONS.values())
    assert [move for move, transition in TRANSITIONS.items() if transition.permission not in granted] == []


def test_every_move_has_its_action():
    from monitoring import actions

    sending = dict.fromkeys(SENDINGS, "send")  # one action, which knows the move by its person
    names = {Move.RETURN: "return_form", **sending}
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
    rule = Rule("T1", Severity.ERROR, CheckKind.RELATION, "Т", left=("part",), op="<=", right=("whole",))
    context = FormContext(year=2021, rules=(rule,))
    cells = {
        "part": Cell(CellState.NUMBER, 1),
        "whole": Cell(state, 0 if state == CellState.NUMBER else None, "нет журнала"),
    }
    codes = {one.code for one in find_for(cells, context)}
    assert ("T1" in codes) == (outcome == "fires")
    assert (EMPTY_CELL in codes) == (outcome == "empty")
    assert (open_rules(cells, context) == (rule,)) == (outcome == "open")


# --- checks ----------------------------------------------------------------------------------------------------------

RELATIONS = [check.code for check in CATALOGUE.checks if check.kind == CheckKind.RELATION]
OTHERS = [check.code for check in CATALOGUE.checks if check.kind != CheckKind.RELATION]
OLD = {f"row_{place}": 31 + place for place in range(10)}  # last year's numbers, none of them round


def rule_of(code: str) -> Rule:
    return next(one for one in rulebook().rules if one.code == code)


def year_of(rule: Rule) -> int:
    return rule.since or rule.until or 2021


def numbers(codes: Iterable[str], total: int) -> dict[str, Cell]:
    """Cells of these codes that add up to the total, the first of them holding the rest."""
    first, *others = codes
    return {first: Cell(CellState.NUMBER, total - len(others)), **dict.fromkeys(others, Cell(CellState.NUMBER, 1))}


def fires(rule: Rule, left: int, right: int) -> bool:
    cells = {**numbers(rule.left, left), **numbers(rule.right, right)}
    return rule.code in {one.code for one in find_for(cells, FormContext(year=year_of(rule), rules=(rule,)))}


@pytest.mark.django_db
def test_the_database_checks_what_the_catalogue_lists():
    assert sorted(Check.objects.values_list("code", flat=True)) == sorted(RELATIONS + OTHERS)
    assert sorted(rule.code for rule in rulebook().rules) == sorted(RELATIONS + OTHERS)


@pytest.mark.django_db
@pytest.mark.parametrize("code", RELATIONS)
def test_a_relation_fires_one_above_and_not_at_equality(code):
    rule = rule_of(code)
    known = set(Element.objects.values_list("code", flat=True))
    assert known.issuperset([*rule.left, *rule.right])
    assert not set(rule.left) & set(rule.right), "the cells of one side must not stand on the other"
    whole = 50
    assert fires(rule, whole + 1, whole)
    assert not fires(rule, whole, whole)
    assert fires(rule, whole - 1, whole) == (rule.op == "=")
    if rule.since is not None:
        assert not rule.in_force(rule.since - 1)
    if rule.until is not None:
        assert not rule.in_force(rule.until + 1)


Case = tuple[
    dict[str, int], dict[str, int], dict[str, Any]
]  # last year's numbers, this year's, the rest of the context
PART = Share("1", "Доля", Better.DOWN, ("part",), ("whole",))
TWO = (Share("1", "Первая", Better.UP, ("one",), ("whole",)), Share("2", "Вторая", Better.UP, ("two",), ("whole",)))
TWINS = {"one": 40, "two": 40, "whole": 90}


def bounds(rule: Rule) -> tuple[Case, Case]:
    """A form on which the rule fires, and its neighbour on which it is silent, both at the very bound of the rule."""
    base, percent = rule.people, rule.percent
    large = 100 * base
    half = {"part": 5 * base, "whole": 10 * base}
    steps = {f"row_{place}": (base + place) * 10 for place in range(10)}
    cases: dict[CheckKind, tuple[Case, Case]] = {
        CheckKind.YEAR_ON_YEAR: (
            ({"row": large}, {"row": large + percent * base + 1}, {}),
            ({"row": large}, {"row": large + percent * base}, {}),
        ),
        CheckKind.ZERO_FLIP: (({"row": base}, {"row": 0}, {}), ({"row": base - 1}, {"row": 0}, {})),
        CheckKind.SAME_AS_LAST_YEAR: (
            (OLD, {**OLD, "row_0": 99}, {}),
            (OLD, {**OLD, "row_0": 99, "row_1": 99}, {}),
        ),
        CheckKind.IDENTICAL: (
            (TWINS, TWINS, {"shares": TWO}),
            ({**TWINS, "two": 41}, TWINS, {"shares": TWO}),
        ),
        CheckKind.ROUND: (
            ({}, {**steps, "row_0": base + 1}, {}),
            ({}, {**steps, "row_0": base + 1, "row_1": base + 1}, {}),
        ),
        CheckKind.OUTLIER: (
            ({}, half, {"shares": (PART,), "peers": {"1": Peers(10, Fraction(1, 10), Fraction(1, 20))}}),
            ({}, half, {"shares": (PART,), "peers": {"1": Peers(10, Fraction(1, 10), Fraction(1, 10))}}),
        ),
        CheckKind.ABOVE_TARGET: (
            ({}, half, {"shares": (PART,), "targets": {"1": Decimal("49.9")}}),
            ({}, half, {"shares": (PART,), "targets": {"1": Decimal(50)}}),
        ),
    }
    return cases[rule.kind]


@pytest.mark.django_db
@pytest.mark.parametrize("code", OTHERS)
def test_a_rule_about_a_form_fires_beyond_its_bounds_and_is_silent_at_its_neighbour(code):
    rule = rule_of(code)

    def doubts(case: Case) -> bool:
        before, now, more = case
        lines = {row: Line(row, "section", "Раздел") for row in now}
        context = FormContext(year=2021, rules=(rule,), lines=lines, last_year=before, **more)
        cells = {row: Cell(CellState.NUMBER, number) for row, number in now.items()}
        return code in {one.code for one in find_for(cells, context)}

    beyond, neighbour = bounds(rule)
    assert doubts(beyond)
    assert not doubts(neighbour)


def test_every_kind_of_check_is_in_the_catalogue():
    assert {check.kind for check in CATALOGUE.checks} == set(CheckKind)
