"""The register of acts: chronology, what replaces what, filters, where an act is used, deleting, coming back."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from portal import actions
from portal.actions import ActionRefused
from portal.actions.regulations import Act
from portal.models import Regulation
from portal.roles import Role
from tests.factories import MunicipalityFactory, SchoolFactory, campaign, member, specialist_of
from tests.portal.test_pages import text_of

pytestmark = pytest.mark.django_db

TYPED = {
    "kind": "order",
    "number": "№ 217-д",
    "date": "2022-03-14",
    "issuer": "управления образования",
    "title": "О проведении мониторинга",
}


@pytest.fixture
def town():
    return MunicipalityFactory()


@pytest.fixture
def browser(town, sign_in):
    return sign_in(specialist_of(town))


def act(town, number="1", dated=date(2021, 9, 1), **more):
    given = {"kind": "order", "issuer": "управления", "title": "О сборе", **more}
    return actions.add_regulation(municipality=town, act=Act(number=number, date=dated, **given))


def change(kept, **more):
    names = ("kind", "number", "date", "issuer", "title", "valid_from", "valid_until", "replaced_by")
    given = {name: getattr(kept, name) for name in names} | more
    return actions.change_regulation(regulation=kept, act=Act(**given))


def test_an_act_is_added_and_its_number_is_kept_without_the_sign(town, browser):
    answer = browser.post(reverse("regulation_add"), TYPED)
    added = Regulation.objects.get(municipality=town)
    assert (str(added), answer.url) == ("приказ № 217-д", reverse("regulation", args=[added.public_id]))


def test_the_same_act_is_entered_once_in_a_municipality(town, browser):
    act(MunicipalityFactory(), "217-д", date(2022, 3, 14))
    assert browser.post(reverse("regulation_add"), TYPED).status_code == 302
    answer = browser.post(reverse("regulation_add"), TYPED)
    assert answer.status_code == 422
    assert "совпадают вид, номер и дата" in text_of(answer)
    assert browser.post(reverse("regulation_add"), {**TYPED, "kind": "letter"}).status_code == 302


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"date": "1989-12-31"}, "Дата документа раньше 1990 года."),
        ({"valid_from": "2022-03-13"}, "не может вступить в силу раньше, чем подписан"),
        ({"valid_until": "2022-03-13"}, "не может утратить силу раньше, чем вступил в неё"),
        ({"valid_from": "2022-04-01", "valid_until": "2022-03-31"}, "не может утратить силу раньше"),
    ],
)
def test_impossible_dates_are_refused_with_a_sentence(typed, sentence, browser):
    answer = browser.post(reverse("regulation_add"), {**TYPED, **typed})
    assert (answer.status_code, Regulation.objects.exists()) == (422, False)
    assert sentence in text_of(answer)


def test_an_act_of_tomorrow_is_refused_and_one_of_today_is_taken(browser):
    today = timezone.localdate()
    late = browser.post(reverse("regulation_add"), {**TYPED, "date": (today + timedelta(days=1)).isoformat()})
    assert "Дата документа ещё не наступила." in text_of(late)
    assert browser.post(reverse("regulation_add"), {**TYPED, "date": today.isoformat()}).status_code == 302


def test_dates_at_their_bounds_are_taken(browser):
    edge = {"date": "1990-01-01", "valid_from": "1990-01-01", "valid_until": "1990-01-01"}
    assert browser.post(reverse("regulation_add"), {**TYPED, **edge}).status_code == 302


def test_an_act_is_replaced_only_by_a_later_one_of_the_same_register(town, browser):
    old, new, foreign = act(town, "1"), act(town, "2", date(2022, 9, 1)), act(MunicipalityFactory(), "3")
    change(old, replaced_by=new)
    with pytest.raises(ActionRefused, match="подписан раньше"):
        act(town, "4", date(2022, 9, 2), replaced_by=new)
    with pytest.raises(ActionRefused, match="из этого же реестра"):
        act(town, "5", date(2020, 9, 2), replaced_by=foreign)
    url = reverse("regulation_edit", args=[old.public_id])
    assert browser.post(url, {**TYPED, "replaced_by": foreign.public_id}).status_code == 422


def test_acts_of_one_day_do_not_replace_each_other_in_a_circle(town):
    first = act(town, "1")
    second = act(town, "2", replaced_by=first)
    third = act(town, "3", replaced_by=second)
    with pytest.raises(ActionRefused, match="сам себя"):
        change(first, replaced_by=third)
    with pytest.raises(ActionRefused, match="сам себя"):
        change(first, replaced_by=first)
    assert change(third, replaced_by=first).replaced_by == first


def test_an_act_that_replaces_another_does_not_become_older_than_it(town):
    newer = act(town, "2", date(2022, 9, 1))
    act(town, "1", replaced_by=newer)
    with pytest.raises(ActionRefused, match="Документ заменяет более поздний"):
        change(newer, date=date(2021, 8, 31))


def test_the_register_is_searched_and_filtered(town, browser):
    today = timezone.localdate()
    newer = act(town, "2", date(2022, 9, 1), title="О Ёлке")
    act(town, "1", replaced_by=newer)
    act(town, "3", date(2020, 9, 1), kind="letter", valid_until=today - timedelta(days=1))
    act(town, "4", date(2022, 9, 2), valid_from=today + timedelta(days=1))
    act(MunicipalityFactory(), "9")

    def numbers(**query):
        return [row.act.number for row in browser.get(reverse("regulations"), query).context["page"]]

    assert numbers() == ["4", "2", "1", "3"]
    assert numbers(q="елк") == ["2"]
    assert numbers(kind="letter") == ["3"]
    assert numbers(year="2022") == ["4", "2"]
    assert numbers(standing="yes") == ["2"]
    assert numbers(standing="no") == ["4", "1", "3"]
    assert "Таких документов не найдено." in text_of(browser.get(reverse("regulations"), {"q": "нет такого"}))


def test_an_act_shows_where_it_is_used_and_cannot_be_deleted_then(town, browser):
    SchoolFactory(municipality=town)
    used, free = act(town, "1"), act(town, "2")
    launched = campaign(town)
    launched.regulation = used
    launched.save()
    page = browser.get(reverse("regulation", args=[used.public_id]))
    assert reverse("monitoring:campaign", args=[launched.public_id]) in page.content.decode()
    assert "Удалить документ нельзя" in text_of(page)
    for one in (used, free):
        browser.post(reverse("regulation_delete", args=[one.public_id]))
    assert list(Regulation.objects.all()) == [used]


def test_an_act_that_replaces_another_is_not_deleted(town):
    newer = act(town, "2", date(2022, 9, 1))
    act(town, "1", replaced_by=newer)
    with pytest.raises(ActionRefused, match="указан как замена"):
        actions.delete_regulation(regulation=newer)


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/monitoring/campaigns/launch/?year=2022", "/monitoring/campaigns/launch/?year=2022"),
        ("https://elsewhere.test/", None),
        ("//elsewhere.test/", None),
        ("javascript:alert(1)", None),
    ],
)
def test_after_adding_a_person_returns_only_to_a_page_of_the_portal(asked, led, browser):
    page = browser.get(reverse("regulation_add"), {"next": asked})
    assert (f'name="next" value="{asked}"' in page.content.decode()) == (led is not None)
    answer = browser.post(reverse("regulation_add"), {**TYPED, "next": asked})
    assert answer.url == (led or reverse("regulation", args=[Regulation.objects.get().public_id]))


def test_a_reader_finds_no_buttons_of_a_keeper(town, sign_in):
    kept = act(town)
    browser = sign_in(member(Role.HEAD, town))
    told = text_of(browser.get(reverse("regulations"))) + text_of(
        browser.get(reverse("regulation", args=[kept.public_id]))
    )
    assert "НПА" in told
    assert "Добавить документ" not in told
    assert "Изменить" not in told


def test_the_register_asks_as_much_of_thirty_acts_as_of_one(town, browser, django_assert_num_queries):
    newer = act(town, "0", date(2022, 9, 1))
    browser.get(reverse("regulations"))
    with django_assert_num_queries(6):
        browser.get(reverse("regulations"))
    for number in range(30):
        act(town, f"n-{number}", replaced_by=newer)
    with django_assert_num_queries(6):
        browser.get(reverse("regulations"))
