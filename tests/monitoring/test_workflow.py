"""Does every move of a form start only where the table says, by whom it says, and is a refusal a sentence?"""

from datetime import timedelta
from itertools import product

import pytest
import time_machine
from django.utils import timezone

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.enums import FormState
from monitoring.models import Campaign, StatusChange, Submission
from monitoring.workflow import EDITABLE, Move, MoveRefused, can_move, check_can_move, is_late, lock_sentence
from portal.models import Membership
from portal.roles import Role
from tests.factories import coordinator_of, fill_all, member, sent, submission

S, R = FormState, Role

# (from, move) → (to, who may). Everything that is not here is refused.
TABLE: dict[tuple[FormState, Move], tuple[FormState, set[Role]]] = {
    (S.FILLING, Move.SEND): (S.SENT, {R.COORDINATOR}),
    (S.RETURNED, Move.SEND): (S.SENT, {R.COORDINATOR}),
    (S.REOPENED, Move.SEND): (S.SENT, {R.COORDINATOR}),
    (S.SENT, Move.WITHDRAW): (S.FILLING, {R.COORDINATOR}),
    (S.SENT, Move.TAKE): (S.UNDER_REVIEW, {R.SPECIALIST, R.OPERATOR}),
    (S.UNDER_REVIEW, Move.RETURN): (S.RETURNED, {R.SPECIALIST, R.OPERATOR}),
    (S.UNDER_REVIEW, Move.ACCEPT): (S.ACCEPTED, {R.SPECIALIST}),
    (S.ACCEPTED, Move.REOPEN): (S.REOPENED, {R.HEAD}),
}


def make(move: Move, form: Submission, by: Membership) -> None:
    """Make a move through its action."""
    match move:
        case Move.SEND:
            actions.send(submission=form, by=by, version=form.version)
        case Move.ACCEPT:
            actions.accept(submission=form, by=by, version=form.version)
        case Move.RETURN:
            remark = Remark("Проверьте число.", element="pupils_9")
            actions.return_form(submission=form, by=by, remarks=[remark], due_at=timezone.now() + timedelta(days=3))
        case Move.REOPEN:
            actions.reopen(submission=form, by=by, reason="Опечатка в строке.")
        case Move.TAKE:
            actions.take(submission=form, by=by)
        case Move.WITHDRAW:
            actions.withdraw(submission=form, by=by)


@pytest.mark.parametrize(("state", "move", "role"), list(product(FormState, Move, Role)))
def test_a_move_is_open_to_exactly_those_in_the_table(state, move, role):
    _, allowed = TABLE.get((state, move), (None, set()))
    form, someone = Submission(state=state), Membership(role=role)
    assert can_move(someone, form, move) == (role in allowed)
    if role not in allowed:
        with pytest.raises(MoveRefused) as refusal:
            check_can_move(someone, form, move)
        assert str(refusal.value).endswith(".")


def test_a_move_from_the_wrong_state_is_refused_in_the_words_of_the_screen():
    with pytest.raises(MoveRefused, match=r"^Действие «Принять» сейчас невозможно: форма заполняется\.$"):
        check_can_move(Membership(role=R.SPECIALIST), Submission(state=S.FILLING), Move.ACCEPT)


@pytest.mark.django_db
def test_every_move_of_the_table_is_made_by_its_action_and_leaves_a_trace():
    form = sent(submission())  # complete, so that nothing but the table decides
    for (state, move), (target, roles) in TABLE.items():
        for role in roles:
            by = member(role, form.municipality, form.school)
            Submission.objects.filter(pk=form.pk).update(state=state)
            form.refresh_from_db()
            make(move, form, by)
            form.refresh_from_db()
            trace = StatusChange.objects.filter(submission=form).first()
            assert form.state == target
            assert (trace.from_state, trace.to_state, trace.by) == (state, target, by.user)


@pytest.mark.django_db
def test_no_action_makes_a_move_that_the_table_does_not_know():
    form = sent(submission())
    for state, move, role in product(FormState, Move, (R.COORDINATOR, R.SPECIALIST, R.HEAD, R.OPERATOR)):
        if role in TABLE.get((state, move), (None, set()))[1]:
            continue
        by = Membership.objects.filter(role=role, municipality=form.municipality).first()
        by = by or member(role, form.municipality, form.school)
        Submission.objects.filter(pk=form.pk).update(state=state)
        form.refresh_from_db()
        with pytest.raises(MoveRefused):
            make(move, form, by)
        form.refresh_from_db()
        assert form.state == state


# --- typing ----------------------------------------------------------------------------------------------------------


def open_campaign() -> Campaign:
    now = timezone.now()
    return Campaign(opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))


@pytest.mark.parametrize(("state", "role"), list(product(FormState, Role)))
def test_only_a_coordinator_types_and_only_into_an_open_form(state, role):
    sentence = lock_sentence(Membership(role=role), Submission(state=state), open_campaign())
    may_type = role == R.COORDINATOR and state in {S.NOT_STARTED, S.FILLING, S.RETURNED, S.REOPENED}
    assert (sentence == "") == may_type
    assert may_type or sentence.endswith(".")


def test_nobody_types_before_the_form_opens():
    campaign = open_campaign()
    before = campaign.opens_at - timedelta(seconds=1)
    form, someone = Submission(state=S.NOT_STARTED), Membership(role=R.COORDINATOR)
    assert lock_sentence(someone, form, campaign, before).startswith("Форма откроется ")
    assert lock_sentence(someone, form, campaign, campaign.opens_at) == ""


def test_a_form_is_still_open_after_its_deadline():
    campaign = open_campaign()
    after = campaign.closes_at + timedelta(days=30)
    assert lock_sentence(Membership(role=R.COORDINATOR), Submission(state=S.FILLING), campaign, after) == ""


def test_a_form_is_late_from_the_moment_after_its_deadline():
    campaign = open_campaign()
    second = timedelta(seconds=1)
    assert not is_late(Submission(), campaign, campaign.closes_at)
    assert is_late(Submission(), campaign, campaign.closes_at + second)
    extended = Submission(due_at=campaign.closes_at + timedelta(days=5))
    assert not is_late(extended, campaign, campaign.closes_at + second)
    assert is_late(extended, campaign, extended.due_at + second)


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "late"), [(0, False), (1, True)])
def test_sending_remembers_whether_it_was_late(seconds, late):
    form = submission()
    deadline = form.campaign.closes_at
    fill_all(form)
    with time_machine.travel(deadline + timedelta(seconds=seconds), tick=False):
        done = actions.send(submission=form, by=coordinator_of(form.school), version=form.version)
        assert done.late is late
        assert done.sent_at == timezone.now()


def test_the_states_in_which_a_school_types_are_these():
    assert {S.NOT_STARTED, S.FILLING, S.RETURNED, S.REOPENED} == EDITABLE
