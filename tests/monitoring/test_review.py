"""Does a form travel from the school to acceptance without a number that nobody explained or nobody saw?"""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.arithmetic import Measured
from monitoring.enums import CellState, FormState, IndicatorKind, Reason
from monitoring.models import AcceptedForm, IndicatorTotal, StatusChange, Submission, Thread, Value
from monitoring.queries.content import content_of
from monitoring.queries.indicators import Circle, measure
from monitoring.workflow import MoveRefused
from portal.models import Outbox
from portal.roles import Role
from tests.factories import (
    SchoolFactory,
    accepted,
    coordinator_of,
    explain_all,
    fill,
    fill_all,
    member,
    sent,
    specialist_of,
    submission,
    under_review,
)

pytestmark = pytest.mark.django_db
REMARK = Remark("Проверьте число девятиклассников.", element="pupils_9")


@pytest.fixture
def form() -> Submission:
    return submission()


def send(form: Submission, version: int | None = None) -> Submission:
    done = actions.send(
        submission=form, by=coordinator_of(form.school), version=form.version if version is None else version
    )
    form.refresh_from_db()
    return done


def give_back(form: Submission, *remarks: Remark, **more) -> Submission:
    more = {"due_at": timezone.now() + timedelta(days=5), **more}
    done = actions.return_form(
        submission=form, by=specialist_of(form.municipality), remarks=remarks or [REMARK], **more
    )
    form.refresh_from_db()
    return done


def reopen(form: Submission) -> None:
    actions.reopen(submission=form, by=member(Role.HEAD, form.municipality), reason="Ошибка в числе обучающихся.")
    form.refresh_from_db()


def total(form: Submission, code: str = "4.1") -> tuple[int, int, int, int]:
    row = IndicatorTotal.objects.get(municipality=form.municipality, year=form.year, indicator__code=code)
    return row.numerator, row.denominator, row.schools_used, row.schools_expected


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_full_form_without_faults_is_sent(form):
    fill_all(form)
    version = form.version
    send(form)
    assert (form.state, form.version, form.late) == (FormState.SENT, version + 1, False)
    assert form.sent_at is not None


def test_an_empty_cell_stops_the_form(form):
    fill_all(form)
    actions.save_cells(
        submission=form,
        entries=[actions.CellEntry("pupils_9", CellState.EMPTY, None, "", 1)],
        by=coordinator_of(form.school),
    )
    form.refresh_from_db()
    with pytest.raises(MoveRefused, match=r"^Форма не отправлена: исправьте 1 ошибку\.$"):
        send(form)
    assert form.state == FormState.FILLING


def test_errors_and_unexplained_warnings_are_counted_together(form):
    fill_all(submission(form.school, 2020))
    accepted(submission(form.school, 2020))
    fill_all(form, staff_trained=3, service_talk=200, service_fair=100)  # one error, two jumps
    with pytest.raises(MoveRefused, match=r"исправьте 1 ошибку и дайте 2 пояснения\."):
        send(form)


def test_an_explained_warning_lets_the_form_go(form):
    accepted(submission(form.school, 2020))
    fill_all(form, service_talk=200)
    with pytest.raises(MoveRefused, match="дайте 1 пояснение"):
        send(form)
    explain_all(form)
    send(form)
    assert form.state == FormState.SENT


def test_an_explanation_does_not_hold_for_another_number(form):
    accepted(submission(form.school, 2020))
    fill_all(form, service_talk=200)
    explain_all(form)
    fill(form, service_talk=201)
    assert [one.finding.code for one in content_of(form).unexplained] == ["W901"]
    with pytest.raises(MoveRefused, match="дайте 1 пояснение"):
        send(form)
    fill(form, service_talk=200)  # what it was given for stands again
    send(form)


def test_no_data_with_a_reason_stops_nothing(form):
    fill_all(form, service_talk=None, pupils_9=None)
    send(form)
    assert form.state == FormState.SENT


def test_a_form_changed_since_it_was_seen_is_not_sent(form):
    fill_all(form)
    seen = form.version
    fill(form, pupils_9=31)
    with pytest.raises(MoveRefused, match="изменились после того, как вы их проверили"):
        send(form, version=seen)


def test_a_form_sent_twice_is_sent_once(form):
    fill_all(form)
    seen = form.version
    send(form)
    with pytest.raises(MoveRefused):
        send(form, version=seen)
    assert StatusChange.objects.filter(submission=form, to_state=FormState.SENT).count() == 1


def test_a_withdrawn_form_can_be_mended_and_sent_again(form):
    sent(form)
    actions.withdraw(submission=form, by=coordinator_of(form.school))
    form.refresh_from_db()
    fill(form, pupils_9=31)
    send(form)
    assert form.state == FormState.SENT


# --- returning -------------------------------------------------------------------------------------------------------


def test_a_return_without_a_remark_is_refused(form):
    under_review(form)
    with pytest.raises(MoveRefused, match="напишите хотя бы одно замечание"):
        actions.return_form(
            submission=form,
            by=specialist_of(form.municipality),
            remarks=[],
            due_at=timezone.now() + timedelta(days=5),
        )
    form.refresh_from_db()
    assert form.state == FormState.UNDER_REVIEW
    assert not Outbox.objects.exists()


def test_a_new_deadline_in_the_past_is_refused(form):
    under_review(form)
    with pytest.raises(MoveRefused, match="Новый срок должен быть в будущем"):
        give_back(form, due_at=timezone.now() - timedelta(seconds=1))


def test_a_returned_form_carries_its_remarks_and_its_new_deadline(form):
    due = timezone.now() + timedelta(days=90)
    under_review(form)
    give_back(form, REMARK, Remark("Приложите приказ.", section="contests"), due_at=due, comment="Две строки.")
    cell, section = Thread.objects.filter(submission=form)
    assert (cell.element.code, cell.section, cell.text) == ("pupils_9", None, REMARK.text)
    assert (section.element, section.section.code) == (None, "contests")
    assert (form.state, form.due_at) == (FormState.RETURNED, due)
    assert StatusChange.objects.filter(submission=form).first().comment == "Две строки."
    with time_machine.travel(due - timedelta(seconds=1), tick=False):  # long after the campaign's own deadline
        send(form)
    assert form.late is False


def test_every_coordinator_of_the_school_gets_a_letter_without_numbers(form):
    form = under_review(form, pupils_9=137)
    member(Role.COORDINATOR, school=form.school, email="second@school.test")
    member(Role.COORDINATOR, school=form.school, until=timezone.localdate() - timedelta(days=1))
    member(Role.COORDINATOR, school=form.school, is_active=False)
    member(Role.SCHOOL_HEAD, school=form.school)
    member(Role.COORDINATOR, form.municipality)  # another school
    give_back(form)
    letters = Outbox.objects.all()
    assert {one.to for one in letters} == {coordinator_of(form.school).user.email, "second@school.test"}
    for letter in letters:
        assert "1 замечание" in letter.body
        assert "2021/22" in letter.body
        assert "137" not in letter.body + letter.subject
        assert letter.municipality == form.municipality


def test_the_school_answers_a_remark_and_sending_closes_it(form):
    under_review(form)
    give_back(form)
    thread = Thread.objects.get(submission=form)
    coordinator = coordinator_of(form.school)
    actions.answer_remark(thread=thread, by=coordinator, text="Исправлено.")
    assert [one.text for remark in content_of(form).remarks for one in remark.replies.all()] == ["Исправлено."]
    send(form)
    thread.refresh_from_db()
    assert (thread.replies.get().by, thread.closed_at is None) == (coordinator.user, False)
    assert content_of(form).remarks == ()


# --- accepting -------------------------------------------------------------------------------------------------------


def test_acceptance_keeps_the_whole_form_for_ever(form):
    kept = accepted(form, pupils_9=41, service_talk=None)
    assert (kept.revision, kept.municipality, kept.values["pupils_9"]) == (1, form.municipality, ["number", 41, ""])
    assert kept.values["service_talk"][:2] == ["no_data", None]
    assert kept.values["horizons"] == ["inapplicable", None, ""]
    assert len(kept.values) == Value.objects.filter(submission=form).count()
    reopen(form)
    fill(form, pupils_9=99)
    kept.refresh_from_db()
    assert kept.values["pupils_9"] == ["number", 41, ""]


def test_a_form_changed_under_the_eyes_of_the_reviewer_is_not_accepted(form):
    under_review(form)
    with pytest.raises(MoveRefused, match="изменилась, пока вы её смотрели"):
        actions.accept(submission=form, by=specialist_of(form.municipality), version=form.version - 1)
    assert not AcceptedForm.objects.exists()
    assert not Value.objects.filter(accepted_state__isnull=False).exists()


def test_a_form_accepted_twice_is_accepted_once(form):
    under_review(form)
    seen = form.version
    accepted(form)
    with pytest.raises(MoveRefused):
        actions.accept(submission=form, by=specialist_of(form.municipality), version=seen)
    assert AcceptedForm.objects.count() == 1


def test_a_remark_of_a_form_that_is_sent_again_cannot_be_answered_any_more(form):
    specialist, coordinator = specialist_of(form.municipality), coordinator_of(form.school)
    under_review(form)
    remarks = [Remark("Проверьте", element="pupils_1")]
    actions.return_form(submission=form, by=specialist, remarks=remarks, due_at=form.campaign.closes_at)
    thread = form.threads.get()
    form.refresh_from_db()
    actions.send(submission=form, by=coordinator, version=form.version)
    with pytest.raises(MoveRefused, match="отправлена"):
        actions.answer_remark(thread=thread, by=coordinator, text="Поздно.")
    thread.refresh_from_db()
    assert not thread.replies.exists()


def test_only_accepted_forms_count_in_the_totals():
    school = SchoolFactory()
    neighbour = SchoolFactory(municipality=school.municipality)
    form, beside = submission(school), submission(neighbour)
    under_review(form, tested_9_11=10)
    assert total(form) == (0, 0, 0, 2)
    accepted(form)
    assert total(form) == (10, 90, 1, 2)
    accepted(beside, tested_9_11=20, pupils_9=40)
    assert total(form) == (30, 190, 2, 2)


def test_accepted_numbers_count_while_the_form_is_open_for_correction(form):
    accepted(form, tested_9_11=10)
    reopen(form)
    fill(form, tested_9_11=50)
    explain_all(form)
    assert total(form) == (10, 90, 1, 1)
    circle = Circle(form.municipality_id, (form.year,))
    key = (form.municipality_id, form.year, "4.1")
    assert measure(circle, by="municipality")[key] == Measured(IndicatorKind.SHARE, 10, 90, 1, 1)
    assert measure(circle, by="municipality", preliminary=True)[key] == Measured(IndicatorKind.SHARE, 50, 90, 1, 1)
    send(form)
    give_it = specialist_of(form.municipality)
    actions.take(submission=form, by=give_it)
    form.refresh_from_db()
    assert total(form) == (10, 90, 1, 1)
    second = actions.accept(submission=form, by=give_it, version=form.version)
    assert second.revision == 2
    assert total(form) == (50, 90, 1, 1)
    assert [one.revision for one in AcceptedForm.objects.order_by("id")] == [1, 2]


def test_opening_an_accepted_form_needs_a_reason_that_stays(form):
    accepted(form)
    head = member(Role.HEAD, form.municipality)
    with pytest.raises(MoveRefused, match="Напишите, почему"):
        actions.reopen(submission=form, by=head, reason="  ")
    actions.reopen(submission=form, by=head, reason="Опечатка.")
    assert StatusChange.objects.filter(submission=form).first().comment == "Опечатка."


def test_no_revision_is_written_twice(form):
    kept = accepted(form)
    with pytest.raises(IntegrityError), transaction.atomic():
        AcceptedForm.objects.create(municipality=form.municipality, submission=form, revision=kept.revision, values={})


def test_the_year_before_is_what_was_accepted_not_what_is_typed_now(form):
    last = submission(form.school, 2020)
    accepted(last, service_talk=10)
    reopen(last)
    fill(last, service_talk=500)
    fill_all(form, service_talk=21)  # +11 of 10: a jump against the accepted 10, none against the typed 500
    found = [one for one in content_of(form).unexplained if one.finding.element == "service_talk"]
    assert [one.finding.numbers for one in found] == ["10/21"]
    actions.explain(
        submission=form,
        code="W901",
        element="service_talk",
        numbers="10/21",
        reason=Reason.OTHER,
        text="Новый психолог.",
        by=coordinator_of(form.school),
    )
    assert [one for one in content_of(form).unexplained if one.finding.element == "service_talk"] == []
