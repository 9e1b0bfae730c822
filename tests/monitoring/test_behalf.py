"""Does everything that the department writes in a school's form carry its name and its reason, and reach the school?"""

import pytest
from django.urls import reverse

from monitoring import actions
from monitoring.actions import CellEntry
from monitoring.enums import CellState, FormState, Way
from monitoring.models import StatusChange, Submission, Value, ValueChange
from monitoring.queries.entry.review import written_by_department
from monitoring.workflow import MoveRefused, behalf_of, lock_sentence
from portal.models import Notice
from portal.roles import Role
from tests.factories import coordinator_of, entry, fill, fill_all, member, specialist_of, submission, under_review

pytestmark = pytest.mark.django_db
PAPER = "Школа принесла форму на бумаге."


@pytest.fixture
def form() -> Submission:
    return submission()


@pytest.fixture
def specialist(form):
    return specialist_of(form.municipality)


def begin(form: Submission) -> None:
    actions.begin_behalf(submission=form, by=specialist_of(form.municipality), reason=PAPER)
    form.refresh_from_db()


def value(form: Submission, code: str = "pupils_9") -> Value:
    return Value.objects.get(submission=form, element__code=code)


def correct(form: Submission, number: int, code: str = "pupils_9", reason: str = "По отчёту ОО-1."):
    given = CellEntry(code, CellState.NUMBER, number, "", value(form, code).version)
    by = specialist_of(form.municipality)
    return actions.correct(submission=form, entry=given, reason=reason, by=by)


# --- for the school from its paper -----------------------------------------------------------------------------------


def test_the_department_types_only_after_it_has_said_why(form, specialist):
    with pytest.raises(MoveRefused, match="нажмите «Внести за школу»"):
        fill(form, by=specialist, pupils_9=30)
    with pytest.raises(MoveRefused, match="Напишите, почему"):
        actions.begin_behalf(submission=form, by=specialist, reason=" ")
    coordinator = coordinator_of(form.school)
    begin(form)
    fill(form, by=specialist, pupils_9=30)
    change = ValueChange.objects.get(submission=form)
    assert (change.by, change.way, change.note, value(form).way) == (specialist.user, Way.BEHALF, PAPER, Way.BEHALF)
    assert "вносит за школу" in Notice.objects.get(user=coordinator.user).text
    assert written_by_department(form) == {"pupils_9": "Внесено управлением за школу."}


def test_the_school_types_beside_the_department_and_its_numbers_are_its_own(form, specialist):
    begin(form)
    fill(form, by=specialist, pupils_9=30)
    fill(form, pupils_9=31)
    assert value(form).way == Way.FORM
    assert written_by_department(form) == {}


def test_a_colleague_of_the_department_goes_on_where_the_first_began(form):
    begin(form)
    fill(form, by=member(Role.OPERATOR, form.municipality), pupils_9=30)
    assert value(form).way == Way.BEHALF


@pytest.mark.parametrize("ended", ["by the department", "by sending"])
def test_the_entry_on_behalf_ends(form, specialist, ended):
    begin(form)
    fill_all(form, by=specialist)
    if ended == "by the department":
        actions.end_behalf(submission=form, by=specialist)
    else:
        actions.send(submission=form, by=coordinator_of(form.school), version=form.version)
        actions.withdraw(submission=form, by=coordinator_of(form.school))
    form.refresh_from_db()
    assert behalf_of(form) is None
    with pytest.raises(MoveRefused):
        fill(form, by=specialist, pupils_9=31)
    begin(form)
    assert behalf_of(form).comment == PAPER


def test_the_department_sends_for_the_school_and_the_history_says_so(form, specialist):
    begin(form)
    fill_all(form, by=specialist)
    actions.send(submission=form, by=specialist, version=form.version)
    form.refresh_from_db()
    trace = StatusChange.objects.filter(submission=form).first()
    assert (form.state, trace.on_behalf, trace.by) == (FormState.SENT, True, specialist.user)


def test_a_methodist_enters_nothing_for_a_school(form):
    with pytest.raises(MoveRefused, match="не входит в ваши обязанности"):
        actions.begin_behalf(submission=form, by=member(Role.METHODIST, form.municipality), reason=PAPER)
    begin(form)
    assert lock_sentence(member(Role.METHODIST, form.municipality), form, form.campaign)


def test_the_page_and_the_cell_that_saves_itself_both_mark_who_wrote(form, specialist, sign_in):
    browser = sign_in(specialist)
    hub = reverse("monitoring:form", args=[form.public_id])
    start = reverse("monitoring:behalf", args=[form.public_id])
    assert start in browser.get(hub).content.decode()
    assert browser.post(start, {"reason": ""}).status_code == 422
    assert browser.post(start, {"reason": PAPER}).status_code == 302
    section = reverse("monitoring:section", args=[form.public_id, "contingent"])
    assert browser.post(section, {"value-pupils_9": "30", "version-pupils_9": "0"}).status_code == 302
    cell = reverse("monitoring:cell", args=[form.public_id, "pupils_10"])
    assert browser.put(cell, {"value": "20", "version": 0}, content_type="application/json").status_code == 200
    assert {value(form, code).way for code in ("pupils_9", "pupils_10")} == {Way.BEHALF}
    assert (
        f"Управление вносит данные за школу: {PAPER}" in sign_in(coordinator_of(form.school)).get(hub).content.decode()
    )


# --- correcting under review -----------------------------------------------------------------------------------------


def test_a_correction_keeps_the_number_of_the_school_and_tells_it(form, sign_in):
    under_review(form, pupils_9=12)
    Notice.objects.all().delete()
    correct(form, 21)
    assert (value(form).number, value(form).way) == (21, Way.CORRECTION)
    change = ValueChange.objects.filter(submission=form).first()
    assert (change.from_number, change.to_number, change.note) == (12, 21, "По отчёту ОО-1.")
    told = Notice.objects.get(user=coordinator_of(form.school).user).text
    assert "исправило строку" in told
    assert "21" not in told.replace("2021", "")
    section = reverse("monitoring:section", args=[form.public_id, "contingent"])
    page = sign_in(coordinator_of(form.school)).get(section).content.decode()
    assert "Исправлено управлением: было 12. Причина: По отчёту ОО-1." in page


def test_a_correction_that_would_contradict_another_number_is_refused_whole(form):
    under_review(form)
    with pytest.raises(MoveRefused, match="появится ошибка"):
        correct(form, 5_000, "tested_9_11")
    assert value(form, "tested_9_11").way == Way.FORM
    assert not ValueChange.objects.filter(way=Way.CORRECTION).exists()


@pytest.mark.parametrize("state", [state for state in FormState if state != FormState.UNDER_REVIEW])
def test_a_number_is_corrected_only_under_review(form, state):
    fill(form, pupils_9=12)
    Submission.objects.filter(pk=form.pk).update(state=state)
    with pytest.raises(MoveRefused, match="пока форма на проверке"):
        correct(form, 21)


def test_a_correction_needs_a_reason_the_seen_version_and_another_number(form, specialist):
    under_review(form, pupils_9=12)
    with pytest.raises(MoveRefused, match="Напишите, почему"):
        correct(form, 21, reason=" ")
    with pytest.raises(MoveRefused, match="уже стоит"):
        correct(form, 12)
    stale = CellEntry("pupils_9", CellState.NUMBER, 21, "", 0)
    with pytest.raises(MoveRefused, match="Откройте её ещё раз"):
        actions.correct(submission=form, entry=stale, reason="Опечатка.", by=specialist)
    with pytest.raises(MoveRefused, match="может специалист"):
        actions.correct(
            submission=form, entry=entry(form, "pupils_9", 21), reason="Опечатка.", by=coordinator_of(form.school)
        )


def test_the_page_of_a_correction_keeps_what_was_typed(form, specialist, sign_in):
    under_review(form, pupils_9=12)
    browser, url = sign_in(specialist), reverse("monitoring:correct", args=[form.public_id, "pupils_9"])
    assert url in browser.get(reverse("monitoring:section", args=[form.public_id, "contingent"])).content.decode()
    typed = {"value-pupils_9": "12,5", "version-pupils_9": value(form).version, "note": "По отчёту."}
    refused = browser.post(url, typed)
    page = refused.content.decode()
    assert (refused.status_code, 'value="12,5"' in page, "По отчёту." in page) == (422, True, True)
    assert browser.post(url, typed | {"value-pupils_9": "21"}).status_code == 302
    assert value(form).number == 21
