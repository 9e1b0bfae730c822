"""Does the review before a launch name every school and every row that differs from the last time, and write nothing?"""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.models import Campaign, CampaignElement, Element, Form, Submission
from monitoring.queries.campaigns.rollover import rollover
from portal.models import Municipality, Regulation
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    campaign,
    coordinator_of,
    member,
    specialist_of,
    submission,
    under_review,
)

pytestmark = pytest.mark.django_db
DAY = date(2022, 9, 1)


@pytest.fixture
def town() -> Municipality:
    return MunicipalityFactory()


def review(town, year=2022, *codes):
    return rollover(town, Form.objects.filter(code__in=codes or ["year"]), year, DAY)


def changes(part, kind):
    return {(one.after or one.before).name for one in part.changes if one.kind == kind}


def test_what_is_new_gone_or_defined_anew_is_told_and_nothing_twice(town):
    """2022: the championship changed its definition; 2023: «Билет в будущее» changed and horizons came."""
    SchoolFactory(municipality=town)
    campaign(town, 2021)
    [part] = review(town, 2022)
    redefined = {one.before.name for one in part.changes if one.kind == "redefined"}
    old = Element.objects.get(code="worldskills_9_11").name
    assert old in redefined
    assert old not in changes(part, "dropped"), "what was replaced is not called dropped as well"
    asked_then = set(Campaign.objects.get().elements.values_list("element__code", flat=True))
    now = {one.code for one in Element.objects.filter(section__form__code="year") if one.collected_in(2022)}
    kinds = [one.kind for one in part.changes]
    assert kinds.count("new") + kinds.count("redefined") == len(now - asked_then)
    assert part.asked == len(now)


def test_other_words_for_the_same_row_stand_side_by_side(town):
    SchoolFactory(municipality=town)
    launched = campaign(town, 2021)
    CampaignElement.objects.filter(campaign=launched, element__code="agreements").update(name="Договоры, как прежде")
    [part] = review(town, 2022)
    [one] = [one for one in part.changes if one.kind == "reworded"]
    assert one.before.name == "Договоры, как прежде"
    assert one.after.name == Element.objects.get(code="agreements").name


def test_the_same_year_s_form_is_not_compared_with_itself_and_the_first_with_nothing(town):
    SchoolFactory(municipality=town)
    [part] = review(town, 2021)
    assert (part.previous, part.changes, part.already) == (None, (), None)
    launched = campaign(town, 2021)
    [part] = review(town, 2021)
    assert (part.previous, part.already) == (None, launched)


def test_schools_are_counted_by_kind_and_those_left_out_are_named_with_the_cause(town):
    stays, closes = SchoolFactory.create_batch(2, municipality=town)
    campaign(town, 2021)
    closes.closed = DAY
    closes.save()
    joins = SchoolFactory(municipality=town, kind="lyceum")
    later = SchoolFactory(municipality=town, opened=DAY + timedelta(days=1))
    garden = SchoolFactory(municipality=town, kind="preschool", grades=[])
    [part] = review(town, 2022)
    assert part.listing.by_kind == [("Средняя школа", 1), ("Лицей", 1)]
    assert set(part.listing.schools) == {stays, joins}
    assert (part.listing.closed, part.listing.not_opened, part.listing.outside) == ((closes,), (later,), (garden,))
    assert (part.joined, part.left) == ((joins,), (closes,))


def test_a_launch_asks_exactly_those_whom_the_review_listed(town):
    SchoolFactory.create_batch(2, municipality=town)
    SchoolFactory(municipality=town, closed=DAY)
    SchoolFactory(municipality=town, kind="extra", grades=[])
    [part] = review(town, 2022)
    launched = campaign(town, 2022, opens_at=timezone.make_aware(timezone.datetime(2022, 9, 1)))
    assert set(launched.submissions.values_list("school", flat=True)) == {one.pk for one in part.listing.schools}


def test_schools_without_a_coordinator_and_with_one_alone_are_told(town):
    orphan, alone, well = SchoolFactory.create_batch(3, municipality=town)
    for school, people in ((alone, 1), (well, 2)):
        for _ in range(people):
            member(Role.COORDINATOR, school=school)
    [part] = review(town)
    assert (part.orphans, part.alone) == ((orphan,), (alone,))


def test_open_remarks_of_the_last_time_are_listed(town):
    school = SchoolFactory(municipality=town)
    actions.return_form(
        submission=under_review(submission(school, 2021)),
        by=specialist_of(town),
        remarks=[Remark("Уточните по журналу", element="pupils_9")],
        due_at=timezone.now() + timedelta(days=3),
    )
    [part] = review(town, 2022)
    assert [one.text for one in part.remarks] == ["Уточните по журналу"]


def test_a_review_asks_as_much_of_thirty_schools_as_of_one(django_assert_num_queries):
    for schools in (1, 30):
        town = MunicipalityFactory()
        for school in SchoolFactory.create_batch(schools, municipality=town):
            coordinator_of(school)
        campaign(town, 2021)
        with django_assert_num_queries(10):
            review(town, 2022)


# --- the two steps ---------------------------------------------------------------------------------------------------


def typed(town, **more):
    order = Regulation.objects.create(
        municipality=town, kind="order", issuer="Управление", number="12-д", date=DAY, title="О мониторинге"
    )
    return {
        "year": 2022,
        "form": ["year", "graduates"],
        "regulation": order.pk,
        "opens_on": "2022-09-01",
        "closes_on": "2022-10-20",
        "reminds": "on",
    } | more


def test_two_forms_are_reviewed_and_launched_together_on_the_same_terms(town, sign_in):
    school = SchoolFactory(municipality=town)
    someone = specialist_of(town)
    client = sign_in(someone)
    step_two = client.post(reverse("monitoring:launch"), typed(town, contact=someone.user.pk, grace_on="2022-10-25"))
    assert step_two.status_code == 302
    assert client.get(step_two["Location"]).status_code == 200
    assert not Campaign.objects.exists(), "nothing is written before the button"
    launched = client.post(step_two["Location"])
    first, second = Campaign.objects.order_by("form_id")
    assert launched["Location"] in {reverse("monitoring:campaign", args=[one.public_id]) for one in (first, second)}
    for one in (first, second):
        assert (one.regulation.number, one.contact, one.reminds, one.two_step) == ("12-д", someone.user, True, False)
        closes = one.closes_at.astimezone(timezone.zoneinfo.ZoneInfo(town.time_zone))
        assert f"{closes:%d.%m.%Y %H:%M:%S}" == "20.10.2022 23:59:59"
    assert Submission.objects.filter(school=school).count() == 2


def test_a_form_launched_already_stops_the_whole_launch_with_a_sentence(town, sign_in):
    SchoolFactory(municipality=town)
    campaign(town, 2022, "graduates")
    client = sign_in(specialist_of(town))
    address = client.post(reverse("monitoring:launch"), typed(town))["Location"]
    assert "уже запущена" in client.get(address).content.decode()
    refused = client.post(address)
    assert refused.status_code == 422
    assert "за 2022/23 учебный год уже запущена" in refused.content.decode()
    assert Campaign.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"regulation": ""}, "Выберите приказ или отметьте «Без приказа»"),
        ({"without_order": "on"}, "что-то одно"),
        ({"form": []}, "Выберите хотя бы одну форму."),
        ({"closes_on": "2022-08-01"}, "Срок сдачи раньше открытия формы."),
        ({"opens_on": "2022-06-30"}, "Форма открывается раньше, чем подписан приказ"),
        ({"grace_on": "2022-10-20"}, "Приём с опозданием должен заканчиваться позже срока сдачи."),
    ],
)
def test_what_cannot_be_launched_is_told_at_step_one(town, sign_in, change, sentence):
    answer = sign_in(specialist_of(town)).post(reverse("monitoring:launch"), typed(town, **change))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_without_an_order_is_a_choice_of_its_own(town, sign_in):
    SchoolFactory(municipality=town)
    client = sign_in(specialist_of(town))
    choice = typed(town, regulation="", without_order="on")
    client.post(client.post(reverse("monitoring:launch"), choice)["Location"])
    assert [one.regulation for one in Campaign.objects.all()] == [None, None]
