"""Is what a coordinator types kept exactly once, with its author, and never over somebody else's number?"""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from monitoring.actions import CellEntry, explain, save_cells
from monitoring.enums import CellState, FormState, Reason, Way
from monitoring.models import Campaign, Explanation, StatusChange, Submission, Value, ValueChange
from monitoring.workflow import LOCKED_BECAUSE, MoveRefused
from portal.roles import Role
from tests.factories import REASON, SchoolFactory, coordinator_of, entry, fill, fill_all, member, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def form() -> Submission:
    return submission()


@pytest.fixture
def coordinator(form):
    return coordinator_of(form.school)


def typed(code: str, number: int | None, version: int = 0) -> CellEntry:
    state = CellState.EMPTY if number is None else CellState.NUMBER
    return CellEntry(code, state, number, "", version)


def cell(form: Submission, code: str) -> Value:
    return Value.objects.get(submission=form, element__code=code)


def test_a_number_is_kept_and_begins_the_form(form, coordinator):
    result = save_cells(submission=form, entries=[typed("pupils_9", 0)], by=coordinator)
    form.refresh_from_db()
    assert (result.saved, result.conflicts) == (("pupils_9",), {})
    assert (cell(form, "pupils_9").number, cell(form, "pupils_9").version) == (0, 1)
    assert (form.state, form.version, form.cells_filled) == (FormState.FILLING, 1, 1)
    move = StatusChange.objects.get(submission=form)
    assert (move.from_state, move.to_state, move.by) == (FormState.NOT_STARTED, FormState.FILLING, coordinator.user)


def test_every_change_is_remembered_who_when_from_to_and_how(form, coordinator):
    moment = timezone.now() + timedelta(hours=3)
    fill(form, pupils_9=40)
    with time_machine.travel(moment, tick=False):
        fill(form, pupils_9=41)
        save_cells(submission=form, entries=[entry(form, "pupils_9", None)], by=coordinator, way=Way.IMPORT)
    last, middle, first = ValueChange.objects.filter(submission=form)
    assert [(one.from_state, one.from_number, one.to_state, one.to_number) for one in (first, middle, last)] == [
        (CellState.EMPTY, None, CellState.NUMBER, 40),
        (CellState.NUMBER, 40, CellState.NUMBER, 41),
        (CellState.NUMBER, 41, CellState.NO_DATA, None),
    ]
    assert {one.by for one in (first, middle, last)} == {coordinator.user}
    assert [one.at for one in (middle, last)] == [moment, moment]
    assert [one.way for one in (first, middle, last)] == [Way.FORM, Way.FORM, Way.IMPORT]
    assert last.reason == REASON


def test_sending_the_same_again_changes_nothing(form, coordinator):
    entries = [typed("pupils_9", 40)]
    save_cells(submission=form, entries=entries, by=coordinator)
    again = save_cells(submission=form, entries=entries, by=coordinator)
    form.refresh_from_db()
    assert (again.saved, again.conflicts) == ((), {})
    assert (cell(form, "pupils_9").version, form.version) == (1, 1)
    assert ValueChange.objects.filter(submission=form).count() == 1


def test_an_empty_cell_left_empty_is_no_change(form, coordinator):
    assert save_cells(submission=form, entries=[typed("pupils_9", None)], by=coordinator).saved == ()
    form.refresh_from_db()
    assert form.state == FormState.NOT_STARTED


def test_a_cleared_cell_is_empty_and_keeps_its_version(form, coordinator):
    fill(form, pupils_9=40)
    save_cells(submission=form, entries=[typed("pupils_9", None, version=1)], by=coordinator)
    form.refresh_from_db()
    assert (cell(form, "pupils_9").state, cell(form, "pupils_9").version) == (CellState.EMPTY, 2)
    assert form.cells_filled == 0


@pytest.mark.parametrize("seen", [0, 2, 99])
def test_a_cell_changed_meanwhile_is_left_alone_and_told_about(form, coordinator, seen):
    fill(form, pupils_9=40)
    result = save_cells(
        submission=form, entries=[typed("pupils_9", 41, version=seen), typed("pupils_10", 20)], by=coordinator
    )
    assert result.saved == ("pupils_10",), "the other cells are saved"
    assert (result.conflicts["pupils_9"].number, result.conflicts["pupils_9"].version) == (40, 1)
    assert cell(form, "pupils_9").number == 40


def test_two_people_who_typed_the_same_do_not_quarrel(form, coordinator):
    colleague = member(Role.COORDINATOR, school=form.school)
    save_cells(submission=form, entries=[typed("pupils_9", 40)], by=coordinator)
    result = save_cells(submission=form, entries=[typed("pupils_9", 40)], by=colleague)
    assert (result.saved, result.conflicts) == ((), {})
    assert cell(form, "pupils_9").changed_by == coordinator.user


def test_a_version_of_a_cell_that_was_never_filled_saves_nothing_unseen(form, coordinator):
    result = save_cells(submission=form, entries=[typed("pupils_9", 40, version=3)], by=coordinator)
    assert result.saved == ()
    assert not Value.objects.filter(submission=form, element__code="pupils_9").exists()


def test_no_data_needs_no_number_and_counts_as_filled(form):
    fill(form, pupils_9=None)
    kept = cell(form, "pupils_9")
    form.refresh_from_db()
    assert (kept.state, kept.number, kept.reason, form.cells_filled) == (CellState.NO_DATA, None, REASON, 1)


def test_what_does_not_concern_the_school_cannot_be_typed():
    form = submission(SchoolFactory(grades=[5, 6, 7, 8, 9]))
    before = cell(form, "pupils_11")
    result = save_cells(
        submission=form, entries=[typed("pupils_11", 5, before.version)], by=coordinator_of(form.school)
    )
    assert result.saved == ()
    assert cell(form, "pupils_11").state == CellState.INAPPLICABLE


@pytest.mark.parametrize("code", ["no_such_code", "kids_5_7", "grad9_total", "horizons", ""])
def test_a_code_that_was_not_asked_is_passed_over(form, coordinator, code):
    before = Value.objects.filter(submission=form).count()
    assert save_cells(submission=form, entries=[typed(code, 5)], by=coordinator).saved == ()
    assert Value.objects.filter(submission=form).count() == before


@pytest.mark.parametrize("state", LOCKED_BECAUSE)
def test_a_locked_form_takes_nothing_and_says_why(form, coordinator, state):
    fill(form, pupils_9=40)
    Submission.objects.filter(pk=form.pk).update(state=state)
    with pytest.raises(MoveRefused, match=LOCKED_BECAUSE[state]):
        save_cells(submission=form, entries=[typed("pupils_9", 41, 1)], by=coordinator)
    assert cell(form, "pupils_9").number == 40


@pytest.mark.parametrize("role", [role for role in Role if role != Role.COORDINATOR])
def test_only_the_coordinator_types(form, role):
    with pytest.raises(MoveRefused):
        save_cells(submission=form, entries=[typed("pupils_9", 1)], by=member(role, form.municipality, form.school))


def test_a_form_that_is_not_open_yet_takes_nothing(form, coordinator):
    Campaign.objects.filter(pk=form.campaign_id).update(opens_at=timezone.now() + timedelta(days=1))
    with pytest.raises(MoveRefused, match="Форма откроется"):
        save_cells(submission=form, entries=[typed("pupils_9", 1)], by=coordinator)


def test_a_full_form_counts_all_its_cells(form):
    fill_all(form)
    assert form.cells_filled == form.cells_total > 40


def test_typing_never_touches_what_was_accepted(form):
    fill(form, pupils_9=40)
    Value.objects.filter(submission=form).update(accepted_state=CellState.NUMBER, accepted_number=39)
    fill(form, pupils_9=41)
    assert (cell(form, "pupils_9").number, cell(form, "pupils_9").accepted_number) == (41, 39)


@pytest.mark.parametrize(("state", "number"), [(CellState.NUMBER, None), (CellState.NO_DATA, 5), (CellState.EMPTY, 0)])
def test_the_database_refuses_a_cell_whose_state_and_number_disagree(form, state, number):
    fill(form, pupils_9=40)
    with pytest.raises(IntegrityError), transaction.atomic():
        Value.objects.filter(submission=form, element__code="pupils_9").update(state=state, number=number)


# --- explanations ----------------------------------------------------------------------------------------------------


def test_an_explanation_is_kept_with_its_author_and_replaced_by_the_next(form, coordinator):
    given = {"submission": form, "code": "W901", "element": "pupils_9", "by": coordinator}
    explain(**given, numbers="40/81", reason=Reason.OTHER, text="Открыты два класса.")
    explain(**given, numbers="40/82", reason=Reason.NUMBERS_CHANGED, text="Открыты три класса.")
    kept = Explanation.objects.get(submission=form)
    assert (kept.numbers, kept.reason, kept.text) == ("40/82", Reason.NUMBERS_CHANGED, "Открыты три класса.")
    assert kept.by == coordinator.user


def test_an_explanation_of_the_whole_form_is_kept_once_too(form, coordinator):
    for text in ("Одно.", "Другое."):
        explain(
            submission=form, code="W109", element="", numbers="41/40", reason=Reason.OTHER, text=text, by=coordinator
        )
    assert [one.text for one in Explanation.objects.filter(submission=form)] == ["Другое."]


def test_a_locked_form_takes_no_explanation(form, coordinator):
    Submission.objects.filter(pk=form.pk).update(state=FormState.SENT)
    with pytest.raises(MoveRefused):
        explain(
            submission=form, code="W109", element="", numbers="1/1", reason=Reason.OTHER, text="Да.", by=coordinator
        )
    assert not Explanation.objects.exists()
