"""Does a launch ask the right organisations the right questions, once, and freeze it; do later changes tell why?"""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from monitoring.actions import change_campaign, close_campaign, launch_campaign, launch_together, open_campaign_again
from monitoring.actions.campaign import Terms
from monitoring.enums import CellState, FormState
from monitoring.models import Campaign, CampaignElement, Element, Form, IndicatorTotal, Submission, Value
from monitoring.workflow import MoveRefused
from portal.actions import ActionRefused
from portal.models import Membership, Municipality, Notice
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    campaign,
    coordinator_of,
    fill,
    member,
    sent,
    specialist_of,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def town() -> Municipality:
    return MunicipalityFactory()


def asked(launched: Campaign) -> set[str]:
    return set(launched.elements.values_list("element__code", flat=True))


def inapplicable(form: Submission) -> set[str]:
    return set(form.values.filter(state=CellState.INAPPLICABLE).values_list("element__code", flat=True))


def form_of(school) -> Submission:
    return Submission.objects.get(school=school)


# --- whom ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "kinds"),
    [
        ("year", {"secondary", "primary"}),
        ("graduates", {"secondary"}),
        ("preschool", {"preschool"}),
        ("extra", {"extra"}),
    ],
)
def test_a_form_goes_to_the_organisations_that_have_something_to_say(town, form, kinds):
    SchoolFactory(municipality=town, kind="secondary")
    SchoolFactory(municipality=town, kind="primary", grades=[1, 2, 3, 4])
    SchoolFactory(municipality=town, kind="preschool", grades=[])
    SchoolFactory(municipality=town, kind="extra", grades=[])
    SchoolFactory(kind="secondary")  # of another municipality
    campaign(town, form=form)
    assert {one.kind for one in Submission.objects.all()} == kinds
    assert {one.municipality for one in Submission.objects.all()} == {town}
    assert {one.state for one in Submission.objects.all()} == {FormState.NOT_STARTED}


@pytest.mark.parametrize(("days", "listed"), [(-1, 0), (0, 0), (1, 1)])
def test_a_school_closed_by_the_day_of_opening_is_not_asked(town, days, listed):
    SchoolFactory(municipality=town)  # somebody must be asked
    opens = timezone.now()
    closed = SchoolFactory(municipality=town, closed=timezone.localtime(opens).date() + timedelta(days=days))
    campaign(town, opens_at=opens)
    assert Submission.objects.filter(school=closed).count() == listed


@pytest.mark.parametrize(("days", "listed"), [(-1, 1), (0, 1), (1, 0)])
def test_a_school_not_yet_opened_is_not_asked(town, days, listed):
    SchoolFactory(municipality=town)
    opens = timezone.now()
    new = SchoolFactory(municipality=town, opened=timezone.localtime(opens).date() + timedelta(days=days))
    campaign(town, opens_at=opens)
    assert Submission.objects.filter(school=new).count() == listed


def test_the_list_is_frozen_at_launch(town):
    SchoolFactory(municipality=town)
    launched = campaign(town)
    SchoolFactory(municipality=town)
    assert launched.submissions.count() == 1


def test_a_school_s_kind_and_grades_are_frozen_at_launch(town):
    school = SchoolFactory(municipality=town, kind="basic", grades=[5, 6, 7, 8, 9])
    campaign(town)
    school.kind, school.grades = "secondary", list(range(1, 12))
    school.save()
    form = form_of(school)
    assert (form.kind, form.grades) == ("basic", [5, 6, 7, 8, 9])
    assert "pupils_11" in inapplicable(form)


# --- what ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "present", "absent"),
    [
        (2021, {"worldskills_9_11", "ticket_5"}, {"professionals_9_11", "horizons"}),
        (2022, {"professionals_9_11", "ticket_5"}, {"worldskills_9_11", "horizons"}),
        (2023, {"professionals_9_11", "horizons"}, {"worldskills_9_11", "ticket_5"}),
    ],
)
def test_only_what_is_collected_that_year_is_asked(town, year, present, absent):
    school = SchoolFactory(municipality=town, grades=list(range(1, 13)))
    launched = campaign(town, year)
    assert present <= asked(launched)
    assert not absent & asked(launched)
    assert absent <= inapplicable(form_of(school)), "what is not collected is structurally zero"
    assert not present & inapplicable(form_of(school))


def test_what_does_not_concern_a_school_is_inapplicable_and_the_rest_is_empty(town):
    basic = SchoolFactory(municipality=town, kind="basic", grades=[5, 6, 7, 8, 9])
    launched = campaign(town)
    form = form_of(basic)
    elements = Element.objects.filter(section__form__code="year")
    expected = {
        one.code
        for one in elements
        if not one.collected_in(2021) or (one.grades and not set(one.grades) & {5, 6, 7, 8, 9})
    }
    assert inapplicable(form) == expected
    assert form.values.count() == len(expected), "an empty cell has no row"
    assert form.cells_total == len(asked(launched) - expected)
    assert form.cells_filled == 0


def test_the_wording_is_frozen_at_launch(town):
    SchoolFactory(municipality=town)
    launched = campaign(town)
    before = CampaignElement.objects.get(campaign=launched, element__code="agreements").name
    Element.objects.filter(code="agreements").update(name="Совсем другие слова")
    assert CampaignElement.objects.get(campaign=launched, element__code="agreements").name == before


def test_a_launch_makes_the_year_s_totals_with_nothing_in_them(town):
    SchoolFactory(municipality=town)
    campaign(town)
    total = IndicatorTotal.objects.get(municipality=town, year=2021, indicator__code="4.1")
    assert (total.numerator, total.denominator, total.schools_used, total.schools_expected) == (0, 0, 0, 1)


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_form_is_launched_once_a_year(town):
    SchoolFactory(municipality=town)
    campaign(town)
    with pytest.raises(ActionRefused, match="за 2021/22 учебный год уже запущена"):
        campaign(town)
    campaign(town, 2022)
    campaign(town, 2021, "graduates")
    assert Campaign.objects.count() == 3


@pytest.mark.parametrize("year", [2009, 2101, 0, -1])
def test_a_year_that_cannot_be_is_refused(town, year):
    SchoolFactory(municipality=town)
    with pytest.raises(ActionRefused, match="Учебный год должен быть от 2010 до 2100"):
        campaign(town, year)


def test_a_deadline_before_the_opening_is_refused(town):
    SchoolFactory(municipality=town)
    now = timezone.now()
    with pytest.raises(ActionRefused, match="Срок сдачи должен быть позже"):
        launch_campaign(
            municipality=town, form=Form.objects.get(code="year"), year=2021, opens_at=now, closes_at=now, by=None
        )


@pytest.mark.parametrize("schools", [[], [{"kind": "preschool", "grades": []}], [{"closed": date(2020, 1, 1)}]])
def test_a_launch_for_nobody_is_refused_and_leaves_nothing(town, schools):
    for school in schools:
        SchoolFactory(municipality=town, **school)
    with pytest.raises(ActionRefused, match="Запускать форму не для кого"):
        campaign(town)
    assert not Campaign.objects.exists()
    assert not CampaignElement.objects.exists()
    assert not Value.objects.exists()


# --- on which terms, and how it goes on ------------------------------------------------------------------------------


def people(town) -> tuple[Membership, Membership]:
    return specialist_of(town), member(Role.HEAD, town)


def terms_of(launched: Campaign, **changed) -> Terms:
    kept = {name: getattr(launched, name) for name in ("closes_at", "grace_until", "contact", "reminds")}
    return Terms(**kept | changed)


def told(person: Membership) -> list[str]:
    return list(Notice.objects.filter(user=person.user).order_by("pk").values_list("text", flat=True))


def test_forms_are_launched_together_or_not_at_all(town):
    SchoolFactory(municipality=town)  # no kindergarten: the second form has nobody to fill it
    forms = [Form.objects.get(code="year"), Form.objects.get(code="preschool")]
    now = timezone.now()
    with pytest.raises(ActionRefused, match="Запускать форму не для кого"):
        launch_together(municipality=town, forms=forms, year=2021, opens_at=now, closes_at=now + 9 * DAY, by=None)
    assert not Campaign.objects.exists()


def test_the_coordinators_are_told_of_a_launch_and_when_it_opens(town):
    coordinator = coordinator_of(SchoolFactory(municipality=town))
    opens = timezone.now() + 3 * DAY
    launch_campaign(
        municipality=town,
        form=Form.objects.get(code="year"),
        year=2021,
        opens_at=opens,
        closes_at=opens + 9 * DAY,
        by=None,
        tells_schools=True,
    )
    [text] = told(coordinator)
    assert f"за 2021/22 уч. год откроется {timezone.localtime(opens):%d.%m.%Y}. Срок сдачи –" in text


@pytest.mark.django_db(transaction=True)
def test_two_launches_at_the_same_moment_are_one_launch_and_a_sentence(town):
    """Both are past every check before either has written: only the database can tell them apart."""
    SchoolFactory(municipality=town)
    together, answers = threading.Barrier(2), []

    def launch() -> None:
        together.wait()
        try:
            answers.append(campaign(town))
        except ActionRefused as refusal:
            answers.append(str(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=launch) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert Campaign.objects.count() == 1
    assert [one for one in answers if isinstance(one, str)] == [
        "Форма «Мониторинг профориентационной работы» за 2021/22 учебный год уже запущена."
    ]


def test_new_terms_are_told_with_their_reason_and_stand_in_the_history_of_waiting_forms(town):
    waiting, done = SchoolFactory.create_batch(2, municipality=town)
    specialist, head = people(town)
    launched = campaign(town)
    accepted(form_of(done))
    Notice.objects.all().delete()
    until = launched.closes_at + 5 * DAY
    change_campaign(campaign=launched, terms=terms_of(launched, closes_at=until), reason="Каникулы", by=specialist)
    launched.refresh_from_db()
    assert launched.closes_at == until
    sentence = f"на {timezone.localtime(until):%d.%m.%Y}. Причина: Каникулы"
    assert told(coordinator_of(waiting)) == [], "nobody is coordinator of the waiting school yet"
    assert told(coordinator_of(done)) == [], "who has handed in is not disturbed"
    assert sentence in told(head)[0]
    assert str(specialist.user) in told(head)[0]
    [move] = form_of(waiting).moves.all()
    assert (move.from_state, move.to_state, move.by) == (FormState.NOT_STARTED, FormState.NOT_STARTED, specialist.user)
    assert sentence in move.comment


def test_a_later_deadline_forgives_those_who_came_late_before_it(town):
    school = SchoolFactory(municipality=town)
    launched = campaign(town, opens_at=timezone.now() - 9 * DAY, closes_at=timezone.now() - DAY)
    assert sent(form_of(school)).late
    until = timezone.now() + DAY
    change_campaign(campaign=launched, terms=terms_of(launched, closes_at=until), reason="Сбой", by=specialist_of(town))
    assert not form_of(school).late


@pytest.mark.parametrize(
    ("changed", "reason", "sentence"),
    [
        ({}, "Каникулы", "Вы ничего не изменили."),
        ({"reminds": False}, " ", "Напишите, почему меняются условия сбора."),
        ({"closes_at": timezone.now() - DAY}, "Каникулы", "Новый срок уже прошёл."),
        ({"grace_until": timezone.now()}, "Каникулы", "Приём с опозданием должен заканчиваться позже"),
    ],
)
def test_terms_that_make_no_sense_are_refused(town, changed, reason, sentence):
    SchoolFactory(municipality=town)
    launched = campaign(town)
    with pytest.raises(ActionRefused, match=sentence):
        change_campaign(campaign=launched, terms=terms_of(launched, **changed), reason=reason, by=specialist_of(town))


def test_a_closed_campaign_takes_nothing_and_only_the_head_opens_it_again(town):
    school = SchoolFactory(municipality=town)
    coordinator = coordinator_of(school)
    specialist, head = people(town)
    launched = campaign(town)
    close_campaign(campaign=launched, by=specialist)
    launched.refresh_from_db()
    assert launched.closed_by == specialist.user
    with pytest.raises(MoveRefused):
        fill(form_of(school), pupils_9=30)
    with pytest.raises(ActionRefused, match="уже завершён"):
        close_campaign(campaign=launched, by=specialist)
    with pytest.raises(ActionRefused, match="может руководитель"):
        open_campaign_again(campaign=launched, reason="Ошибка", by=specialist)
    with pytest.raises(ActionRefused, match="Напишите, почему"):
        open_campaign_again(campaign=launched, reason=" ", by=head)
    open_campaign_again(campaign=launched, reason="Закрыли по ошибке", by=head)
    assert fill(form_of(school), pupils_9=30).cells_filled == 1
    assert [text for text in told(coordinator) if "снова открыт. Причина: Закрыли по ошибке" in text]


# --- the pages -------------------------------------------------------------------------------------------------------


def test_the_deadline_moves_through_the_page_and_an_untouched_date_keeps_its_moment(town, sign_in):
    SchoolFactory(municipality=town)
    launched = campaign(town)
    address = reverse("monitoring:campaign_terms", args=[launched.public_id])
    client = sign_in(specialist_of(town))
    day = timezone.localdate(launched.closes_at)
    typed = {"closes_on": day, "reason": "Напоминания мешают"}
    assert client.post(address, typed).status_code == 302
    before, launched = launched.closes_at, Campaign.objects.get()
    assert (launched.closes_at, launched.reminds) == (before, False)
    assert client.post(address, typed | {"reason": ""}).status_code == 422
    assert client.post(address, typed | {"closes_on": day + 2 * DAY}).status_code == 302
    assert f"{timezone.localtime(Campaign.objects.get().closes_at):%H:%M:%S}" == "23:59:59"


def test_ending_a_campaign_is_asked_once_more_with_the_numbers(town, sign_in):
    first, second = SchoolFactory.create_batch(2, municipality=town)
    launched = campaign(town)
    accepted(form_of(first))
    address = reverse("monitoring:campaign_close", args=[launched.public_id])
    client = sign_in(specialist_of(town))
    body = client.get(address).content.decode()
    assert f"Сдали 1 из 2. Не сдали: {second.name}" in body
    assert Campaign.objects.get().closed_at is None
    assert client.post(address).status_code == 302
    assert Campaign.objects.get().closed_at is not None
    assert client.post(address).status_code == 422
