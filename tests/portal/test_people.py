"""Who is in a place, who is missing there, and does closing an account or a role do exactly that (features I3, I4)?"""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from portal import actions
from portal.actions import ActionRefused
from portal.enums import InvitationWay
from portal.importing import PeopleResource, Standing, import_register
from portal.models import Invitation, Membership, User
from portal.roles import Role
from portal.workbooks import write_table
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    UserFactory,
    coordinator_of,
    fill,
    member,
    specialist_of,
    submission,
)

pytestmark = pytest.mark.django_db
CHOSEN = "тихая-лампа-едет-боком"


@pytest.fixture
def town():
    return MunicipalityFactory()


@pytest.fixture
def school(town):
    return SchoolFactory(municipality=town, name="Школа № 7", code="K07")


@pytest.fixture
def specialist(town) -> Membership:
    return specialist_of(town)


@pytest.fixture
def coordinator(school) -> Membership:
    return coordinator_of(school)


def words(answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


def names(answer) -> set[str]:
    return {row.name for row in answer.context["page"]}


# --- the list --------------------------------------------------------------------------------------------------------


def test_the_list_shows_who_works_who_is_awaited_and_who_is_closed(sign_in, specialist, school):
    works = member(Role.COORDINATOR, school=school, full_name="Анна Действует")
    member(Role.SCHOOL_HEAD, school=school, full_name="Борис Отключён", is_active=False)
    member(Role.COLLEAGUE, school=school, full_name="Вера Ушла", until=timezone.localdate() - timedelta(days=1))
    member(Role.COORDINATOR, full_name="Галина Соседова")
    actions.invite(
        email="d@school.test",
        full_name="Дарья Приглашена",
        role=Role.COLLEAGUE,
        municipality=school.municipality,
        school=school,
        way=InvitationWay.SLIP,
        by=specialist,
    )
    browser, url = sign_in(specialist), reverse("people")
    everybody = {"Анна Действует", "Борис Отключён", "Дарья Приглашена", str(specialist.user)}
    assert names(browser.get(url)) == everybody
    assert names(browser.get(url, {"state": "invited"})) == {"Дарья Приглашена"}
    assert names(browser.get(url, {"state": "off"})) == {"Борис Отключён"}
    assert names(browser.get(url, {"state": "ended"})) == {"Вера Ушла"}
    assert names(browser.get(url, {"role": "coordinator"})) == {"Анна Действует"}
    assert names(browser.get(url, {"school": school.public_id})) == everybody - {str(specialist.user)}
    assert names(browser.get(url, {"school": "-"})) == {str(specialist.user)}
    assert names(browser.get(url, {"q": "АННА"})) == {str(works.user)}
    assert names(browser.get(url, {"state": "nonsense", "role": "coordinator"})) == {"Анна Действует"}


def test_schools_where_somebody_is_missing_are_named(sign_in, specialist, school, town):
    lonely = SchoolFactory(municipality=town, name="Одинокая школа")
    empty = SchoolFactory(municipality=town, name="Пустая школа")
    SchoolFactory(municipality=town, name="Закрытая школа", closed=timezone.localdate())
    member(Role.COORDINATOR, school=lonely)
    member(Role.COORDINATOR, school=empty, is_active=False)
    for _ in range(2):
        member(Role.COORDINATOR, school=school)
    told = words(sign_in(specialist).get(reverse("people")))
    assert "Пустая школа: у школы нет ни одного ответственного" in told
    assert "Одинокая школа: у школы остался один ответственный" in told
    assert "Школа № 7: у" not in told
    assert "Закрытая школа" not in told
    member(Role.COLLEAGUE, school=lonely)
    assert "Одинокая школа: у" not in words(sign_in(specialist).get(reverse("people")))


@pytest.mark.parametrize("state", ["", "invited"])
def test_the_list_asks_as_much_of_thirty_as_of_one(sign_in, specialist, town, django_assert_num_queries, state):
    browser, url = sign_in(specialist), reverse("people")
    browser.get(url)
    with CaptureQueriesContext(connection) as of_one:
        browser.get(url, {"state": state})
    for school in SchoolFactory.create_batch(30, municipality=town):
        member(Role.COORDINATOR, school=school)
        actions.invite(
            email=f"{school.code}@school.test",
            full_name="Ольга",
            role=Role.COLLEAGUE,
            municipality=town,
            school=school,
            way=InvitationWay.SLIP,
            by=specialist,
        )
    with django_assert_num_queries(len(of_one)):
        assert browser.get(url, {"state": state}).context["page"].paginator.count >= 30


# --- a person --------------------------------------------------------------------------------------------------------


def test_a_methodist_sees_a_person_and_changes_nothing(sign_in, coordinator, town):
    browser = sign_in(member(Role.METHODIST, town))
    body = browser.get(reverse("person", args=[coordinator.pk])).content.decode()
    assert coordinator.user.email in body
    assert "Закрыть доступ" not in body
    assert str(browser.get("/").context["person"]) in body, "the head of the page names the reader"
    assert browser.post(reverse("person_off", args=[coordinator.pk])).status_code == 403


def test_a_role_ends_and_what_was_entered_stays(sign_in, specialist, coordinator, school):
    form = fill(submission(school), by=coordinator, pupils_1=25)
    browser, url = sign_in(specialist), reverse("person_end", args=[coordinator.pk])
    assert "не останется ни одного ответственного" in words(browser.get(url))
    coordinator.refresh_from_db()
    assert coordinator.until is None, "looking changes nothing"
    browser.post(url)
    coordinator.refresh_from_db()
    assert coordinator.until == timezone.localdate() - timedelta(days=1)
    assert form.values.get(element__code="pupils_1").number == 25
    inside = Client()
    inside.force_login(coordinator.user)
    assert inside.get(f"/monitoring/submissions/{form.public_id}/").status_code == 403


def test_the_last_but_one_coordinator_is_told_apart_from_the_last(sign_in, specialist, coordinator, school):
    member(Role.COORDINATOR, school=school)
    told = words(sign_in(specialist).get(reverse("person_off", args=[coordinator.pk])))
    assert "у школы останется один ответственный" in told
    member(Role.COLLEAGUE, school=school)
    assert "останется один" not in words(sign_in(specialist).get(reverse("person_off", args=[coordinator.pk])))


def test_closing_an_account_ends_its_sessions_and_opening_it_brings_none_back(sign_in, specialist, coordinator):
    inside = Client()
    inside.force_login(coordinator.user)
    assert inside.get("/").status_code == 200
    browser = sign_in(specialist)
    browser.post(reverse("person_off", args=[coordinator.pk]))
    assert inside.get("/").status_code == 302
    assert Session.objects.count() == 1, "the specialist's own"
    browser.post(reverse("person_on", args=[coordinator.pk]))
    coordinator.user.refresh_from_db()
    assert coordinator.user.is_active
    assert inside.get("/").status_code == 302


def test_a_new_link_ends_the_old_password_and_all_sessions(sign_in, specialist, coordinator):
    inside = Client()
    inside.force_login(coordinator.user)
    answer = sign_in(specialist).post(reverse("person_reset", args=[coordinator.pk]), {"way": "slip"}, follow=True)
    code = answer.context["slips"][0]["code"]
    assert inside.get("/").status_code == 302
    assert not User.objects.get(pk=coordinator.user_id).has_usable_password()
    page = inside.post(reverse("invitation", args=[code]), {"password": CHOSEN, "again": CHOSEN})
    assert page.status_code == 302
    assert User.objects.get(pk=coordinator.user_id).check_password(CHOSEN)
    assert coordinator.user.memberships.count() == 1


ABOVE = [Role.HEAD, Role.SPECIALIST, Role.MUNICIPAL_ADMIN]


@pytest.mark.parametrize("role", ABOVE)
@pytest.mark.parametrize("action", ["switch_off", "send_new_link"])
def test_a_specialist_touches_no_account_that_also_stands_above(specialist, coordinator, town, role, action):
    member(role, town, user=coordinator.user)
    more = {"way": InvitationWay.SLIP} if action == "send_new_link" else {}
    with pytest.raises(ActionRefused, match="только администратор"):
        getattr(actions, action)(person=coordinator.user, by=specialist, **more)
    getattr(actions, action)(person=coordinator.user, by=member(Role.MUNICIPAL_ADMIN, town), **more)


def test_an_account_with_a_role_in_another_municipality_is_nobody_s_here(coordinator, town):
    member(Role.COORDINATOR, user=coordinator.user)
    admin = member(Role.MUNICIPAL_ADMIN, town)
    with pytest.raises(ActionRefused):
        actions.switch_off(person=coordinator.user, by=admin)
    actions.end_membership(membership=coordinator, by=admin)


def test_nobody_closes_their_own_account(town):
    admin = member(Role.MUNICIPAL_ADMIN, town)
    with pytest.raises(ActionRefused):
        actions.switch_off(person=admin.user, by=admin)
    with pytest.raises(ActionRefused):
        actions.end_membership(membership=admin, by=admin)


def test_a_coordinator_ends_a_colleague_and_nobody_else(sign_in, coordinator, school):
    colleague, head = member(Role.COLLEAGUE, school=school), member(Role.SCHOOL_HEAD, school=school)
    browser = sign_in(coordinator)
    for one in (colleague, head):
        browser.post(reverse("person_end", args=[one.pk]))
        one.refresh_from_db()
    assert (bool(colleague.until), bool(head.until)) == (True, False)


# --- many at once ----------------------------------------------------------------------------------------------------


def book(*rows: list[object]) -> SimpleUploadedFile:
    return SimpleUploadedFile("people.xlsx", write_table("Люди", list(PeopleResource.titles.values()), rows))


GOOD = ["new@school.test", "Ольга Новая", "учитель", "Ответственный за профориентацию", "K07", 79001234567]
HEAD = ["head@school.test", "Пётр Директор", "директор", "директор школы", "K07", ""]


def confirm(browser, *, way, follow=False):
    """Press the button of the page that shows what the list will do."""
    shown = browser.get(reverse("invite_check")).context["result"]
    return browser.post(reverse("invite_check"), {"way": way, "previewed": shown.fingerprint}, follow=follow)


def preview(browser, *rows):
    return browser.post(reverse("invite_many"), {"file": book(*rows)}, follow=True)


def test_a_list_is_shown_first_and_then_invites_everybody_new(sign_in, specialist, coordinator):
    there = [coordinator.user.email.upper(), "Уже Есть", "", "coordinator", "K07", ""]
    browser = sign_in(specialist)
    answer = preview(browser, GOOD, HEAD, there)
    assert "Будут приглашены: 2. Уже есть: 1." in words(answer)
    assert "Роль: Директор школы" in words(answer)
    assert not Invitation.objects.exists()
    slips = confirm(browser, way="slip", follow=True).context["slips"]
    assert {one["invitation"].email for one in slips} == {"new@school.test", "head@school.test"}
    assert Invitation.objects.get(email="new@school.test").phone == "79001234567"
    assert browser.get(reverse("invite_check"))["Location"] == reverse("invite_many"), "nothing waits any more"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({0: "not-an-address"}, "A3: Проверьте адрес почты."),
        ({0: ""}, "A3: Укажите адрес почты"),
        ({1: ""}, "B3: Ячейка пуста."),
        ({1: "я" * 201}, "B3: Убедитесь, что это значение содержит не более 200 символов"),
        ({3: "Завуч"}, "D3: Роли «Завуч» нет."),
        ({3: ""}, "D3: Укажите роль."),
        ({3: "Руководитель управления образования", 4: ""}, "D3: Приглашать на роль"),
        ({3: "Специалист управления образования"}, "E3: Эта роль действует во всём муниципалитете."),
        ({4: "K99"}, "E3: Школы с кодом «K99» в муниципалитете нет."),
        ({4: ""}, "E3: Укажите код школы"),
        ({0: "HEAD@school.test", 3: "school_head"}, "A3: Эта строка повторяет другую."),
    ],
)
def test_one_wrong_cell_is_named_and_keeps_the_whole_list_out(sign_in, specialist, school, change, sentence):
    wrong = [change.get(place, value) for place, value in enumerate(GOOD)]
    browser = sign_in(specialist)
    assert sentence in words(preview(browser, HEAD, wrong))
    answer = browser.post(reverse("invite_check"), {"way": "mail"})
    assert (answer.status_code, sentence in words(answer)) == (422, True)
    assert not Invitation.objects.exists()


def test_what_forbids_only_the_chosen_way_is_told_by_its_cell_and_invites_nobody(sign_in, specialist, school):
    other = UserFactory(email=GOOD[0])
    other.set_unusable_password()
    other.save()
    member(Role.COORDINATOR, school=SchoolFactory(), user=other)  # elsewhere: a slip would open that role too
    browser = sign_in(specialist)
    preview(browser, HEAD, GOOD)
    answer = confirm(browser, way="slip")
    assert answer.status_code == 422
    assert "A3: У этого человека есть другие роли. Отправьте приглашение письмом." in words(answer)
    assert not Invitation.objects.exists()
    confirm(browser, way="mail")
    assert Invitation.objects.count() == 2


def test_only_the_list_that_was_seen_is_invited(sign_in, specialist, school):
    browser = sign_in(specialist)
    seen = preview(browser, HEAD).context["result"].fingerprint
    preview(browser, HEAD, GOOD)  # in another window
    answer = browser.post(reverse("invite_check"), {"way": "mail", "previewed": seen}, follow=True)
    assert "Никто не приглашён: проверьте ещё раз." in words(answer)
    assert "Будут приглашены: 2." in words(answer)
    assert not Invitation.objects.exists()


def test_a_school_of_another_municipality_is_unknown_in_a_list(sign_in, specialist):
    SchoolFactory(code="K07")
    assert "Школы с кодом «K07» в муниципалитете нет." in words(preview(sign_in(specialist), GOOD))


def test_a_file_that_is_no_list_is_refused_in_words(sign_in, specialist):
    browser, url = sign_in(specialist), reverse("invite_many")
    answer = browser.post(url, {"file": SimpleUploadedFile("x.xlsx", b"\0not a book")})
    assert (answer.status_code, "не книга Excel" in words(answer)) == (422, True)
    other = SimpleUploadedFile("x.xlsx", write_table("Лист", ["почта", "роль"], [["a@b.test", "x"]]))
    assert "Нет столбца «Код школы»." in words(browser.post(url, {"file": other}, follow=True))
    assert "нет ни одной заполненной строки" in words(browser.post(url, {"file": book()}, follow=True))


def test_the_sample_is_itself_a_list(sign_in, specialist, school):
    school.code = "K01"
    school.save()
    browser = sign_in(specialist)
    sample = browser.get(reverse("invite_sample"))
    answer = browser.post(reverse("invite_many"), {"file": SimpleUploadedFile("s.xlsx", sample.content)}, follow=True)
    assert "Будут приглашены: 1. Уже есть: 0." in words(answer)


def test_a_list_asks_the_database_as_much_for_thirty_as_for_one(specialist, school):
    titles = list(PeopleResource.titles.values())
    asked = []
    for count in (1, 30):
        rows = [[f"p{number}@school.test", "Ольга", "", "coordinator", "K07", ""] for number in range(count)]
        with CaptureQueriesContext(connection) as queries:
            result = import_register(
                resource=PeopleResource(specialist.municipality, specialist),
                sheet_rows=[titles, *rows],
                by=specialist.user,
                dry_run=True,
            )
        assert len(result.of(Standing.NEW)) == count
        asked.append(len([one for one in queries if "SAVEPOINT" not in one["sql"]]))
    assert asked[0] == asked[1] <= 5
