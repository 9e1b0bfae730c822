"""Does a form travel from the school to acceptance without a number that nobody explained or nobody saw?"""

import io
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.arithmetic import Measured
from monitoring.enums import CellState, FormState, IndicatorKind, Reason
from monitoring.models import AcceptedForm, Campaign, IndicatorTotal, StatusChange, Submission, Thread, Value
from monitoring.queries.entry.content import content_of
from monitoring.queries.entry.review import difference, waiting_for_acceptance
from monitoring.queries.results.indicators import Circle, measure
from monitoring.workflow import MoveRefused
from portal.models import Notice
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
    assert not Notice.objects.filter(text__contains="возвращена").exists()


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


def test_every_coordinator_of_the_school_gets_a_notice_without_numbers(form):
    form = under_review(form, pupils_9=137)
    second = member(Role.COORDINATOR, school=form.school)
    member(Role.COORDINATOR, school=form.school, until=timezone.localdate() - timedelta(days=1))
    member(Role.COORDINATOR, school=form.school, is_active=False)
    member(Role.SCHOOL_HEAD, school=form.school)
    member(Role.COORDINATOR, form.municipality)  # another school
    Notice.objects.all().delete()
    give_back(form)
    notices = Notice.objects.all()
    assert {one.user for one in notices} == {coordinator_of(form.school).user, second.user}
    for one in notices:
        assert "1 замечание" in one.text
        assert "2021/22" in one.text
        assert "137" not in one.text
        assert (one.municipality, one.url) == (form.municipality, reverse("monitoring:form", args=[form.public_id]))


@pytest.mark.parametrize("contact", [True, False], ids=["with a contact", "without a contact"])
def test_a_sent_form_is_told_to_the_contact_of_the_campaign_or_to_all_who_check(form, contact):
    asked, other = specialist_of(form.municipality), member(Role.OPERATOR, form.municipality)
    member(Role.METHODIST, form.municipality)
    Campaign.objects.update(contact=asked.user if contact else None)
    sent(form)
    told = {one.user for one in Notice.objects.filter(text__contains="отправлена на проверку")}
    assert told == ({asked.user} if contact else {asked.user, other.user})


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


# --- remarks, the difference, accepting many ---------------------------------------------------------------------------


def accept(form: Submission) -> None:
    form.refresh_from_db()
    actions.accept(submission=form, by=specialist_of(form.municipality), version=form.version)


def again_under_review(form: Submission) -> None:
    form.refresh_from_db()
    send(form)
    actions.take(submission=form, by=specialist_of(form.municipality))
    form.refresh_from_db()


@pytest.mark.parametrize("mended", ["the cell", "a cell of the section", "another cell", "nothing"])
def test_a_remark_is_settled_by_mending_what_it_is_tied_to(form, mended):
    under_review(form)
    remark = Remark("Проверьте.", section="contingent") if mended == "a cell of the section" else REMARK
    give_back(form, remark)
    if mended != "nothing":
        fill(form, **{"service_games" if mended == "another cell" else "pupils_9": 31})
        explain_all(form)
    again_under_review(form)
    settled = mended in {"the cell", "a cell of the section"}
    assert (form.threads.get().closed_at is not None) == settled
    if settled:
        accept(form)
    else:
        with pytest.raises(MoveRefused, match="ждёт решения 1 замечание или вопрос"):
            accept(form)
        actions.close_remark(thread=form.threads.get(), by=specialist_of(form.municipality))
        accept(form)
    form.refresh_from_db()
    assert form.state == FormState.ACCEPTED


def test_an_open_question_stands_in_the_way_of_acceptance(form):
    under_review(form)
    Thread.objects.create(submission=form, kind="question", text="Считать ли совместителей?")
    with pytest.raises(MoveRefused, match="ждёт решения"):
        accept(form)
    accepted_now, left = actions.accept_clean(campaign=form.campaign, by=specialist_of(form.municipality))
    assert (accepted_now, [one.reasons for one in left]) == ([], ["открытых замечаний и вопросов: 1"])


def test_the_difference_shows_first_and_last_value_and_leaves_out_what_came_back(form):
    under_review(form, pupils_9=30, pupils_10=30)
    give_back(form, REMARK, comment="Числа за прошлый год.")
    fill(form, pupils_9=31, pupils_10=40)
    fill(form, pupils_9=33, pupils_10=30, service_games=None)
    explain_all(form)
    again_under_review(form)
    shown = difference(form)
    assert shown.opened.comment == "Числа за прошлый год."
    assert [(one.code, one.before, one.now) for one in shown.cells] == [
        ("pupils_9", "30", "33"),
        ("service_games", "2", "нет данных: Учёт не ведётся"),
    ]
    assert [one.text for one in shown.remarks] == [REMARK.text]
    assert {one.by for one in shown.cells} == {coordinator_of(form.school).user}


def test_the_difference_after_a_second_return_forgets_the_first(form):
    under_review(form)
    give_back(form, REMARK)
    fill(form, pupils_9=31)
    again_under_review(form)
    give_back(form, Remark("И десятый класс.", element="pupils_10"))
    fill(form, pupils_10=31)
    again_under_review(form)
    shown = difference(form)
    assert [one.code for one in shown.cells] == ["pupils_10"]
    assert [one.text for one in shown.remarks] == ["И десятый класс."]


def test_a_form_opened_for_correction_is_compared_with_its_acceptance(form):
    accepted(form)
    assert difference(form) is None
    reopen(form)
    fill(form, pupils_9=44)
    shown = difference(form)
    assert not shown.after_return
    assert [(one.before, one.now) for one in shown.cells] == [("30", "44")]


def test_the_difference_costs_the_same_for_one_cell_and_for_many(form, django_assert_max_num_queries):
    under_review(form)
    give_back(form, REMARK, Remark("Приложите приказ.", section="contests"))
    fill_all(form, **{f"pupils_{grade}": 41 for grade in range(5, 10)})
    with django_assert_max_num_queries(7):
        shown = difference(form)
        _ = [(one.by, one.name) for one in shown.cells], [one.replies.all() for one in shown.remarks]
    assert len(shown.cells) == 5


def test_all_clean_forms_are_accepted_at_once_and_the_others_stay():
    schools = [SchoolFactory()]
    schools += [SchoolFactory(municipality=schools[0].municipality) for _ in range(3)]
    for school in schools:
        accepted(submission(school, 2020))
    clean, taken, doubted, filling = (submission(school) for school in schools)
    clean = sent(clean)
    under_review(taken)
    doubted = sent(doubted, service_talk=200)  # a jump, explained
    fill(filling, pupils_9=30)
    versions = {str(one.public_id): one.version for one in (clean, taken, doubted)}
    by = specialist_of(clean.municipality)
    done, left = actions.accept_clean(campaign=clean.campaign, by=by, seen=versions)
    assert {one.pk for one in done} == {clean.pk, taken.pk}
    assert [(one.submission.pk, one.reasons) for one in left] == [(doubted.pk, "предупреждений: 1")]
    assert AcceptedForm.objects.filter(submission__year=2021).count() == 2
    assert total(clean)[2] == 2


def test_a_form_that_changed_after_it_was_shown_is_not_accepted_with_the_others(form):
    form = sent(form)
    by = specialist_of(form.municipality)
    done, left = actions.accept_clean(campaign=form.campaign, by=by, seen={str(form.public_id): form.version - 1})
    assert (done, len(left)) == ([], 1)


@pytest.mark.parametrize("count", [1, 12])
def test_what_may_be_accepted_is_found_in_a_constant_number_of_queries(count, django_assert_max_num_queries):
    schools = [SchoolFactory()]
    schools += [SchoolFactory(municipality=schools[0].municipality) for _ in range(count - 1)]
    forms = [submission(school) for school in schools]
    for form in forms:
        sent(form)
    with django_assert_max_num_queries(12):
        assert len(waiting_for_acceptance(forms[0].campaign)) == count


# --- pages -----------------------------------------------------------------------------------------------------------


def test_a_coordinator_names_the_head_of_the_school_when_sending(form, sign_in):
    fill_all(form)
    browser = sign_in(coordinator_of(form.school))
    url = reverse("monitoring:move", args=[form.public_id, "send"])
    refused = browser.post(url, {"version": form.version})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "<title>Ошибка: " in page
    assert "Отметьте, что данные сверены с руководителем." in page
    told = {"version": form.version, "agreed": "on", "confirmed_by": "Фамилия И. О."}
    assert browser.post(url, told).status_code == 302
    form.refresh_from_db()
    assert (form.state, form.confirmed_by) == (FormState.SENT, "Фамилия И. О.")


def test_a_form_sent_after_a_return_is_marked_and_leads_to_the_difference(form, sign_in):
    under_review(form)
    give_back(form, comment="Сверьте с журналом.")
    browser = sign_in(coordinator_of(form.school))
    hub = reverse("monitoring:form", args=[form.public_id])
    assert "Причина: Сверьте с журналом." in browser.get(hub).content.decode()
    fill(form, pupils_9=31)
    again_under_review(form)
    browser = sign_in(specialist_of(form.municipality))
    page = browser.get(hub).content.decode()
    changed = reverse("monitoring:changed", args=[form.public_id])
    assert "Форма исправлена." in page
    assert changed in page
    assert "Сверьте с журналом." in browser.get(changed).content.decode()


def test_an_operator_sees_no_button_of_acceptance_and_reads_who_accepts(form, sign_in):
    under_review(form)
    page = sign_in(member(Role.OPERATOR, form.municipality)).get(reverse("monitoring:form", args=[form.public_id]))
    text = page.content.decode()
    assert "Принять форму может специалист управления образования." in text
    assert reverse("monitoring:move", args=[form.public_id, "accept"]) not in text
    assert reverse("monitoring:return", args=[form.public_id]) in text


def test_a_bulk_acceptance_lists_what_it_accepts_and_what_it_leaves(form, sign_in):
    form = sent(form)
    browser = sign_in(specialist_of(form.municipality))
    url = reverse("monitoring:accept_clean", args=[form.campaign.public_id])
    page = browser.get(url).content.decode()
    assert form.school.name in page
    assert "Принять все: 1" in page
    assert browser.post(url, {"form": [f"{form.public_id}:{form.version}", "x:y"]}).status_code == 302
    form.refresh_from_db()
    assert form.state == FormState.ACCEPTED


def test_the_history_goes_out_as_a_file_in_which_nothing_is_a_formula(form, sign_in):
    under_review(form)
    give_back(form, comment="=1+1")
    browser = sign_in(coordinator_of(form.school))
    url = reverse("monitoring:history", args=[form.public_id])
    assert "=1+1" in browser.get(url).content.decode()
    csv = browser.get(url, {"kind": "csv"}).content.decode("utf-8-sig")
    assert "'=1+1" in csv
    assert "возвращена на доработку" in csv
    book = load_workbook(io.BytesIO(browser.get(url, {"kind": "xlsx"}).content))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert "=1+1" in [cell.value for cell in cells]
    assert "f" not in {cell.data_type for cell in cells}
    assert browser.get(url, {"kind": "doc"}).status_code == 404
