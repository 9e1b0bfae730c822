"""Does every move of a form start only where the table says, by whom it says, and is a refusal a sentence?"""

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.enums import FormState
from monitoring.models import Campaign, Section, SectionKeeper, StatusChange, Submission
from monitoring.workflow import (
    EDITABLE,
    TRANSITIONS,
    LockCause,
    Move,
    MoveRefused,
    can_move,
    check_can_move,
    is_late,
    lock_of,
    lock_sentence,
    moves_of,
)
from portal.models import Membership, School
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, campaign, coordinator_of, fill_all, member, submission

S, R = FormState, Role
SENDABLE = (S.FILLING, S.RETURNED, S.REOPENED)
TYPED_INTO = (S.NOT_STARTED, *SENDABLE)
PLAIN, TWO_STEP, OFFERED, BEHALF = "plain", "two-step", "offered", "on behalf"
CONDITIONS = (PLAIN, TWO_STEP, OFFERED, BEHALF)
DEPARTMENT = {R.SPECIALIST, R.OPERATOR}


def _table() -> dict[tuple[FormState, Move, str], tuple[FormState, set[Role]]]:
    """(from, move, condition of the form) → (to, who may). Everything that is not here is refused."""
    rows: dict[tuple[FormState, Move, str], tuple[FormState, set[Role]]] = {}
    for state in SENDABLE:
        for condition in (PLAIN, BEHALF):
            rows[state, Move.SEND, condition] = (S.SENT, {R.COORDINATOR})
        rows[state, Move.OFFER, TWO_STEP] = (state, {R.COORDINATOR})
        rows[state, Move.TAKE_BACK, OFFERED] = (state, {R.COORDINATOR})
        rows[state, Move.CONFIRM, OFFERED] = (S.SENT, {R.SCHOOL_HEAD})
        rows[state, Move.GIVE_BACK, OFFERED] = (state, {R.SCHOOL_HEAD})
        rows[state, Move.SEND_FOR_SCHOOL, BEHALF] = (S.SENT, DEPARTMENT)
    for state in TYPED_INTO:
        for condition in (PLAIN, TWO_STEP, OFFERED):
            rows[state, Move.BEGIN_BEHALF, condition] = (state, DEPARTMENT)
        rows[state, Move.END_BEHALF, BEHALF] = (state, DEPARTMENT)
    for condition in CONDITIONS:
        rows[S.SENT, Move.WITHDRAW, condition] = (S.FILLING, {R.COORDINATOR})
        rows[S.SENT, Move.TAKE, condition] = (S.UNDER_REVIEW, DEPARTMENT)
        rows[S.UNDER_REVIEW, Move.RETURN, condition] = (S.RETURNED, DEPARTMENT)
        rows[S.UNDER_REVIEW, Move.ACCEPT, condition] = (S.ACCEPTED, {R.SPECIALIST})
        rows[S.ACCEPTED, Move.REOPEN, condition] = (S.REOPENED, {R.HEAD})
    return rows


TABLE = _table()


@pytest.fixture
def full() -> Submission:
    """A complete form, so that nothing but the table decides."""
    return fill_all(submission())


def bring(form: Submission, state: FormState, condition: str) -> Submission:
    """Put a form straight into a state and a condition, past all actions."""
    Campaign.objects.filter(pk=form.campaign_id).update(two_step=condition in {TWO_STEP, OFFERED})
    ready = timezone.now() if condition == OFFERED else None
    Submission.objects.filter(pk=form.pk).update(state=state, ready_at=ready)
    StatusChange.objects.filter(submission=form).delete()
    if condition == BEHALF and state in EDITABLE:
        StatusChange.objects.create(
            submission=form, from_state=state, to_state=state, comment="На бумаге", on_behalf=True
        )
    return Submission.objects.select_related("campaign", "school", "municipality").get(pk=form.pk)


def make(move: Move, form: Submission, by: Membership) -> None:
    """Make a move through its action."""
    match move:
        case Move.SEND | Move.CONFIRM | Move.SEND_FOR_SCHOOL:
            actions.send(submission=form, by=by, version=form.version)
        case Move.OFFER:
            actions.offer(submission=form, by=by, version=form.version)
        case Move.ACCEPT:
            actions.accept(submission=form, by=by, version=form.version)
        case Move.RETURN:
            remark = Remark("Проверьте число.", element="pupils_9")
            actions.return_form(submission=form, by=by, remarks=[remark], due_at=timezone.now() + timedelta(days=3))
        case Move.REOPEN | Move.GIVE_BACK | Move.BEGIN_BEHALF:
            getattr(actions, move)(submission=form, by=by, reason="Опечатка в строке.")
        case _:
            getattr(actions, move)(submission=form, by=by)


@pytest.mark.django_db
def test_a_move_is_open_to_exactly_those_in_the_table(full):
    """All states × all conditions × all moves × all roles."""
    holes = []
    for state, condition in product(FormState, CONDITIONS):
        form = bring(full, state, condition)
        for move, role in product(Move, Role):
            someone = Membership(role=role)
            _, allowed = TABLE.get((state, move, condition), (None, set()))
            if can_move(someone, form, move) != (role in allowed):
                holes.append(f"{role} {move} from {state}, {condition}")
            if role not in allowed:
                with pytest.raises(MoveRefused, match=r"\.$"):
                    check_can_move(someone, form, move)
    assert not holes, "\n".join(holes)


def test_a_move_from_the_wrong_state_is_refused_in_the_words_of_the_screen():
    with pytest.raises(MoveRefused, match=r"^Действие «Принять» сейчас невозможно: форма заполняется\.$"):
        check_can_move(Membership(role=R.SPECIALIST), Submission(state=S.FILLING), Move.ACCEPT)


@pytest.mark.django_db
@pytest.mark.parametrize("move", Move)
def test_every_move_of_the_table_is_made_by_its_action_and_leaves_a_trace(full, move):
    for (state, _, condition), (target, roles) in ((key, row) for key, row in TABLE.items() if key[1] == move):
        form = bring(full, state, condition)
        by = member(sorted(roles)[0], form.municipality, form.school)
        make(move, form, by)
        form.refresh_from_db()
        trace = StatusChange.objects.filter(submission=form).first()
        assert form.state == target
        assert (trace.from_state, trace.to_state, trace.by) == (state, target, by.user)


@pytest.mark.django_db
def test_no_action_makes_a_move_that_the_table_does_not_know(full):
    people = {
        role: member(role, full.municipality, full.school)
        for role in (R.COORDINATOR, R.SCHOOL_HEAD, R.SPECIALIST, R.HEAD, R.OPERATOR)
    }
    for state, condition in product(FormState, CONDITIONS):
        form = bring(full, state, condition)
        for move, (role, by) in product(Move, people.items()):
            sends = {Move.SEND, Move.CONFIRM, Move.SEND_FOR_SCHOOL} & {move}
            known = [one for one in (Move.SEND, Move.CONFIRM, Move.SEND_FOR_SCHOOL) if sends] or [move]
            if any(role in TABLE.get((state, one, condition), (None, set()))[1] for one in known):
                continue
            with pytest.raises(MoveRefused):
                make(move, form, by)
            form.refresh_from_db()
            assert form.state == state


@pytest.mark.django_db
def test_an_operator_runs_and_checks_but_never_accepts(full):
    form = bring(full, S.UNDER_REVIEW, PLAIN)
    assert moves_of(Membership(role=R.OPERATOR), form) == [Move.RETURN]
    assert moves_of(Membership(role=R.SPECIALIST), form) == [Move.RETURN, Move.ACCEPT]
    with pytest.raises(MoveRefused, match="Принять формы может специалист управления образования"):
        actions.accept_clean(campaign=form.campaign, by=member(R.OPERATOR, form.municipality))


# --- typing ----------------------------------------------------------------------------------------------------------


def open_campaign(**more: object) -> Campaign:
    now = timezone.now()
    return Campaign(**{"opens_at": now - timedelta(days=1), "closes_at": now + timedelta(days=1), **more})


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "role"), list(product(FormState, Role)))
def test_only_a_coordinator_types_and_only_into_an_open_form(state, role):
    sentence = lock_sentence(Membership(role=role), Submission(state=state), open_campaign())
    may_type = role == R.COORDINATOR and state in EDITABLE
    assert (sentence == "") == may_type
    assert may_type or sentence.endswith(".")


_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_DAY = timedelta(days=1)
_BEFORE = {"opens_at": _NOW - 9 * _DAY, "closes_at": _NOW - 3 * _DAY}
# cause -> (state, campaign, school, role), and words that the sentence must hold.
CASES_OF_LOCKS: dict[LockCause, tuple[FormState, dict[str, object], dict[str, object], Role, str]] = {
    LockCause.NOT_OPEN: (S.NOT_STARTED, {"opens_at": _NOW + _DAY}, {}, R.COORDINATOR, "Форма откроется 21.11.2026"),
    LockCause.CLOSED: (S.FILLING, {"closed_at": _NOW - _DAY}, {}, R.COORDINATOR, "Сбор данных закрыт 19.11.2026"),
    LockCause.SCHOOL_CLOSED: (S.FILLING, {}, {"closed": _NOW.date()}, R.COORDINATOR, "Школа закрыта с 20.11.2026"),
    LockCause.OVERDUE: (
        S.FILLING, {**_BEFORE, "grace_until": _NOW - _DAY}, {}, R.COORDINATOR,
        "Срок сдачи закончился 17.11.2026, 12:00, дополнительное время – 19.11.2026, 12:00. Продлить срок",
    ),
    LockCause.SENT: (S.SENT, {}, {}, R.COORDINATOR, "Форма отправлена в управление образования"),
    LockCause.UNDER_REVIEW: (S.UNDER_REVIEW, {}, {}, R.COORDINATOR, "Форма на проверке в управлении образования"),
    LockCause.ACCEPTED: (S.ACCEPTED, {}, {}, R.COORDINATOR, "Форма принята. Открыть её для корректировки может"),
    LockCause.OTHER_SECTION: (S.FILLING, {}, {}, R.COLLEAGUE, "не передали ни одного раздела"),
    LockCause.DEPARTMENT: (S.FILLING, {}, {}, R.SPECIALIST, "нажмите «Внести за школу»"),
    LockCause.READER: (S.FILLING, {}, {}, R.SCHOOL_HEAD, "Вам форма открыта для чтения"),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("cause", LockCause)
def test_a_lock_says_its_cause_and_who_lifts_it(cause):
    state, terms, closed, role, words = CASES_OF_LOCKS[cause]
    shown = open_campaign(**{"opens_at": _NOW - 9 * _DAY, "closes_at": _NOW + _DAY, **terms})
    form = Submission(state=state, school=School(pk=1, **closed))
    with timezone.override("UTC"):
        lock = lock_of(Membership(role=role), form, shown, _NOW)
    assert lock is not None
    assert lock.cause == cause
    assert words in lock.sentence
    assert lock.lifted_by
    assert lock.until == (shown.opens_at if cause == LockCause.NOT_OPEN else None)


@pytest.mark.django_db
def test_a_lock_names_the_person_whom_the_school_asks():
    asked = member(R.SPECIALIST, full_name="Сотрудник управления", phone="12-34-56").user
    late = open_campaign(**_BEFORE, grace_until=_NOW - _DAY, contact=asked)
    sentence = lock_sentence(Membership(role=R.COORDINATOR), Submission(state=S.FILLING), late, _NOW)
    assert "может специалист управления образования (Сотрудник управления, тел. 12-34-56)." in sentence


@pytest.mark.django_db
def test_a_form_opened_for_correction_is_open_whatever_the_calendar_says():
    over = open_campaign(**_BEFORE, grace_until=_NOW - _DAY, closed_at=_NOW - _DAY)
    form = Submission(state=S.REOPENED, school=School(pk=1, closed=_NOW.date()))
    assert lock_of(Membership(role=R.COORDINATOR), form, over, _NOW) is None


def test_nobody_types_before_the_form_opens():
    shown = open_campaign()
    before = shown.opens_at - timedelta(seconds=1)
    form, someone = Submission(state=S.NOT_STARTED), Membership(role=R.COORDINATOR)
    assert lock_sentence(someone, form, shown, before).startswith("Форма откроется ")
    assert lock_sentence(someone, form, shown, shown.opens_at) == ""


@pytest.mark.django_db
def test_a_colleague_types_only_into_the_sections_given_to_them():
    school = SchoolFactory()
    neighbour = SchoolFactory(municipality=school.municipality)
    form, other = submission(school), submission(neighbour)
    someone = member(R.COLLEAGUE, school=school)
    staff = Section.objects.get(code="staff")
    SectionKeeper.objects.create(submission=other, section=staff, user=someone.user)
    assert "не передали ни одного" in lock_sentence(someone, form, form.campaign, section="staff")
    SectionKeeper.objects.create(submission=form, section=staff, user=someone.user)
    assert lock_sentence(someone, form, form.campaign, section="staff") == ""
    assert "Этот раздел вам не передан" in lock_sentence(someone, form, form.campaign, section="contingent")
    assert f"«{staff.title}»" in lock_sentence(someone, form, form.campaign)


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_form_is_still_open_after_its_deadline():
    shown = open_campaign()
    after = shown.closes_at + timedelta(days=30)
    assert lock_sentence(Membership(role=R.COORDINATOR), Submission(state=S.FILLING), shown, after) == ""


def test_a_form_is_late_from_the_moment_after_its_deadline():
    shown = open_campaign()
    second = timedelta(seconds=1)
    assert not is_late(Submission(), shown, shown.closes_at)
    assert is_late(Submission(), shown, shown.closes_at + second)
    extended = Submission(due_at=shown.closes_at + timedelta(days=5))
    assert not is_late(extended, shown, shown.closes_at + second)
    assert is_late(extended, shown, extended.due_at + second)


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


@pytest.mark.django_db
def test_after_the_additional_time_a_full_form_is_neither_sent_nor_withdrawn():
    form = fill_all(submission())
    grace = form.campaign.closes_at + timedelta(days=2)
    Campaign.objects.update(grace_until=grace)
    coordinator = coordinator_of(form.school)
    with (
        time_machine.travel(grace + timedelta(seconds=1), tick=False),
        pytest.raises(MoveRefused, match="дополнительное время"),
    ):
        actions.send(submission=form, by=coordinator, version=form.version)
    with time_machine.travel(grace, tick=False):
        assert actions.send(submission=form, by=coordinator, version=form.version).late
    with (
        time_machine.travel(grace + timedelta(seconds=1), tick=False),
        pytest.raises(MoveRefused, match="дополнительное время"),
    ):
        actions.withdraw(submission=form, by=coordinator)


@pytest.mark.django_db
def test_the_last_second_of_the_deadline_is_told_by_the_clock_of_the_municipality():
    zone = ZoneInfo("Asia/Novokuznetsk")
    town = MunicipalityFactory(time_zone="Asia/Novokuznetsk")
    school = SchoolFactory(municipality=town)
    end = datetime(2026, 12, 20, 23, 59, 59, tzinfo=zone)
    campaign(town, opens_at=end - timedelta(days=30), closes_at=end)
    form = Submission.objects.get(school=school)
    assert end.astimezone(UTC).hour == 16
    assert not is_late(form, form.campaign, end)
    assert is_late(form, form.campaign, datetime(2026, 12, 21, 0, 0, 0, tzinfo=zone))


def test_the_states_in_which_a_school_types_are_these():
    assert set(TYPED_INTO) == EDITABLE


def test_the_guide_to_the_workflow_repeats_the_table():
    from django.conf import settings

    text = (settings.BASE_DIR / "docs" / "workflow.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| «")
    ]
    told = [(row[0], row[1], row[2]) for row in rows]
    assert told == [
        (
            f"«{one.label}»",
            ", ".join(str(state.label) for state in FormState if state in one.sources),
            str(one.target.label) if one.target else "прежнее",
        )
        for one in TRANSITIONS.values()
    ]
