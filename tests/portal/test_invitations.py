"""Does a one-time code let in exactly its person, once, in time, and nobody above whoever invited them (security F4)?"""

import re
import threading
from datetime import timedelta
from html import unescape
from io import StringIO

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal import actions, codes
from portal.actions import ActionRefused
from portal.enums import InvitationWay
from portal.models import Invitation, Membership, Municipality, Outbox, User
from portal.people import find_invitation, needs_password
from portal.roles import Role
from tests.factories import PASSWORD, MunicipalityFactory, SchoolFactory, UserFactory, member, specialist_of

pytestmark = pytest.mark.django_db
CHOSEN = "тихая-лампа-едет-боком"
EMAIL = "new@school.test"


@pytest.fixture(autouse=True)
def no_earlier_attempts():
    cache.clear()


@pytest.fixture
def school():
    return SchoolFactory(name="Школа № 7")


@pytest.fixture
def specialist(school) -> Membership:
    return specialist_of(school.municipality)


def call(by, school=None, *, role=Role.COORDINATOR, way=InvitationWay.MAIL, email=EMAIL, **more):
    place = by.municipality if by else more.pop("municipality", None)
    return actions.invite(
        email=email, full_name="Новая Ольга", role=role, municipality=place, school=school, way=way, by=by, **more
    )


def page(browser: Client, code: str):
    return browser.get(reverse("invitation", args=[code]))


def choose(browser: Client, code: str, password: str = CHOSEN, again: str = CHOSEN):
    return browser.post(reverse("invitation", args=[code]), {"password": password, "again": again})


def words(answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


# --- the code --------------------------------------------------------------------------------------------------------


def test_only_the_hash_of_the_code_is_kept(specialist, school):
    invitation, code = call(specialist, school)
    assert len(code) == 64
    assert invitation.token_hash == codes.hash_of(code)
    kept = [str(value) for row in Invitation.objects.values() for value in row.values()]
    assert not any(code in value for value in kept)


def test_a_slip_has_twenty_signs_that_nobody_confuses(specialist, school):
    invitation, code = call(specialist, school, way=InvitationWay.SLIP)
    assert len(code) == 20
    assert not set(code) & set("ILOU")
    assert find_invitation(codes.as_groups(code).lower(), timezone.now()) == invitation
    assert codes.as_typed("о1l ав-е") == "011ABE", "as it looks, so it is read, also on a Russian keyboard"
    assert not Outbox.objects.exists()


def test_slips_of_a_printing_come_back_only_with_its_seed(specialist, school):
    seed = codes.slip_seed()
    _, code = call(specialist, school, way=InvitationWay.SLIP, seed=seed)
    assert codes.slip_code(seed, str(Invitation.objects.get().public_id)) == code
    assert codes.slip_code(codes.slip_seed(), str(Invitation.objects.get().public_id)) != code


# --- accepting -------------------------------------------------------------------------------------------------------


def test_an_invited_coordinator_chooses_a_password_and_comes_in(client, specialist, school):
    _, code = call(specialist, school, position="учитель")
    letter = Outbox.objects.get()
    assert letter.to == EMAIL
    assert f"/invitations/{code}/" in letter.body
    shown = words(page(client, code))
    assert "Новая Ольга" in shown
    assert "Ответственный за профориентацию" in shown
    assert "Школа № 7" in shown
    assert not User.objects.filter(email=EMAIL).exists(), "looking changes nothing"
    assert choose(client, code)["Location"] == reverse("account_login")
    person = User.objects.get(email=EMAIL)
    assert (person.full_name, person.position) == ("Новая Ольга", "учитель")
    client.post(reverse("account_login"), {"login": EMAIL, "password": CHOSEN})
    assert client.get("/").context["membership"].school == school


def spoil(how: str, invitation: Invitation, code: str) -> str:
    if how == "wrong":
        return "0" * 20
    if how == "used":
        actions.accept_invitation(code=code, password=CHOSEN)
    elif how == "cancelled":
        Invitation.objects.filter(pk=invitation.pk).update(cancelled_at=timezone.now())
    elif how == "expired":
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now())
    return code


@pytest.mark.parametrize("how", ["wrong", "used", "cancelled", "expired"])
def test_every_code_that_opens_nothing_gets_the_same_page(client, specialist, school, how):
    invitation, code = call(specialist, school)
    people = User.objects.count() + (how == "used")
    code = spoil(how, invitation, code)
    plain = re.sub(r"[0-9A-Fa-f-]{20,}", "", words(page(client, "1" * 20)))
    for answer in (page(client, code), choose(client, code, "другой-тихий-пароль-сам", "другой-тихий-пароль-сам")):
        assert answer.status_code == 404
        assert re.sub(r"[0-9A-Fa-f-]{20,}", "", words(answer)) == plain
    assert "в управлении образования" in plain
    assert User.objects.count() == people


def test_a_code_lives_for_72_hours(specialist, school):
    with time_machine.travel("2026-10-01 09:00+03:00", tick=False):
        invitation, code = call(specialist, school)
    assert find_invitation(code, invitation.created_at + timedelta(hours=71, minutes=59)) == invitation
    assert find_invitation(code, invitation.created_at + timedelta(hours=72)) is None


def test_a_newer_invitation_cancels_the_older_to_the_same_role_only(specialist, school):
    _, old = call(specialist, school)
    _, other = call(specialist, school, role=Role.SCHOOL_HEAD)
    _, new = call(specialist, school)
    now = timezone.now()
    assert find_invitation(old, now) is None
    assert find_invitation(new, now) is not None
    assert find_invitation(other, now) is not None


@pytest.mark.django_db(transaction=True)
def test_of_two_uses_at_once_one_wins(specialist, school):
    _, code = call(specialist, school)
    start, told = threading.Barrier(2), []

    def use(password: str) -> None:
        start.wait()
        try:
            actions.accept_invitation(code=code, password=password)
            told.append(password)
        except ActionRefused:
            told.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=[f"пароль-номер-раз-{n}"]) for n in "аб"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner = next(one for one in told if one != "refused")
    assert sorted(told, key=len)[0] == "refused"
    assert User.objects.get(email=EMAIL).check_password(winner)
    assert Membership.objects.filter(user__email=EMAIL).count() == 1


def test_whoever_has_a_password_gets_the_role_at_once_and_a_letter(specialist, school):
    person = UserFactory(email=EMAIL)
    invitation, code = call(specialist, school, way=InvitationWay.SLIP)
    assert code == ""
    assert invitation.used_at
    assert person.memberships.get().school == school
    assert "Вам дана роль" in Outbox.objects.get().body
    assert User.objects.get(email=EMAIL).check_password(PASSWORD), "the password is as it was"


def test_a_second_invitation_that_waited_asks_for_no_second_password(client, specialist, school):
    _, first = call(specialist, school)
    _, second = call(specialist, school, role=Role.SCHOOL_HEAD)
    actions.accept_invitation(code=first, password=CHOSEN)
    assert not needs_password(find_invitation(second, timezone.now()))
    assert "У вас уже есть пароль" in words(page(client, second))
    client.post(reverse("invitation", args=[second]), {"password": "чужой-другой-пароль"})
    person = User.objects.get(email=EMAIL)
    assert person.check_password(CHOSEN)
    assert {one.role for one in person.memberships.all()} == {Role.COORDINATOR, Role.SCHOOL_HEAD}


def test_a_role_that_ended_begins_again(specialist, school):
    was = member(Role.COORDINATOR, school=school, until=timezone.localdate() - timedelta(days=30))
    call(specialist, school, email=was.user.email)
    was.refresh_from_db()
    assert (was.since, was.until) == (timezone.localdate(), None)


def test_too_many_wrong_codes_from_one_address_must_wait_and_a_right_one_with_them(client, specialist, school):
    _, code = call(specialist, school)
    for _ in range(60):
        assert page(client, "0" * 20).status_code == 404
    assert page(client, "0" * 20).status_code == 429
    assert page(client, code).status_code == 429
    assert page(Client(REMOTE_ADDR="10.0.0.9"), code).status_code == 200


def test_a_typed_code_leads_to_its_invitation(client, specialist, school):
    _, code = call(specialist, school, way=InvitationWay.SLIP)
    answer = client.post(reverse("invitation_code"), {"code": f" {codes.as_groups(code).lower()} "}, follow=True)
    assert "Школа № 7" in words(answer)
    assert client.post(reverse("invitation_code"), {"code": "---"}).status_code == 422


# --- passwords -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("короткий", "слишком короткий"),
        ("918273645546372", "из одних цифр"),
        ("тихая-Профориентация-боком", "легко угадать"),
        ("милый-Город-Снежногорск-наш", "легко угадать"),
        ("snezhnogorsk-my-love", "легко угадать"),
        (f"тихая-лампа-{timezone.localdate().year}", "легко угадать"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_in_words(client, password, sentence):
    school = SchoolFactory(municipality=MunicipalityFactory(city="г. Снежногорск"))
    _, code = call(specialist_of(school.municipality), school)
    answer = choose(client, code, password, password)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert "Ошибка: " in answer.content.decode()
    assert not User.objects.filter(email=EMAIL).exists()


def test_the_two_passwords_must_agree(client, specialist, school):
    _, code = call(specialist, school)
    answer = choose(client, code, CHOSEN, CHOSEN + "!")
    assert answer.status_code == 422
    assert "Пароли не совпадают" in words(answer)
    assert choose(client, code).status_code == 302, "the code is still good"


# --- who may invite whom ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inviter", "role", "allowed"),
    [
        (Role.SPECIALIST, Role.COORDINATOR, True),
        (Role.SPECIALIST, Role.SCHOOL_HEAD, True),
        (Role.SPECIALIST, Role.SPECIALIST, False),
        (Role.SPECIALIST, Role.HEAD, False),
        (Role.SPECIALIST, Role.MUNICIPAL_ADMIN, False),
        (Role.MUNICIPAL_ADMIN, Role.HEAD, True),
        (Role.MUNICIPAL_ADMIN, Role.MUNICIPAL_ADMIN, True),
        (Role.MUNICIPAL_ADMIN, Role.INSTALLATION_ADMIN, False),
        (Role.COORDINATOR, Role.COLLEAGUE, True),
        (Role.COORDINATOR, Role.COORDINATOR, False),
        (Role.METHODIST, Role.COLLEAGUE, False),
    ],
)
def test_nobody_invites_a_role_above_their_own(school, inviter, role, allowed):
    by = member(inviter, school.municipality, school if inviter == Role.COORDINATOR else None)
    of_school = role in (Role.COORDINATOR, Role.COLLEAGUE, Role.SCHOOL_HEAD)
    place = {"school": school if of_school else None, "municipality": school.municipality}
    if role == Role.INSTALLATION_ADMIN:
        place["municipality"] = None
    given = {"email": EMAIL, "full_name": "Ольга", "role": role, "way": InvitationWay.MAIL, "by": by, **place}
    if allowed:
        assert actions.invite(**given)[1]
    else:
        with pytest.raises(ActionRefused, match="может только администратор"):
            actions.invite(**given)


def test_a_region_is_named_by_one_of_its_municipalities_and_only_from_the_command_line(school):
    given = {"email": EMAIL, "full_name": "Ольга", "role": Role.REGIONAL, "way": InvitationWay.MAIL}
    with pytest.raises(ActionRefused, match="нужен муниципалитет"):
        actions.invite(**given, municipality=None, by=None)
    with pytest.raises(ActionRefused, match="может только администратор"):
        actions.invite(**given, municipality=school.municipality, by=member(Role.MUNICIPAL_ADMIN, school.municipality))
    _, code = actions.invite(**given, municipality=school.municipality, by=None)
    [held] = actions.accept_invitation(code=code, password=CHOSEN).memberships.all()
    assert (held.region, held.municipality, held.school) == (school.municipality.region, None, None)
    with pytest.raises(ActionRefused, match="уже есть роль"):
        actions.invite(**given, municipality=school.municipality, by=None)


def test_nobody_invites_into_another_place(school):
    neighbour = SchoolFactory(municipality=school.municipality)
    for by in (member(Role.COORDINATOR, school=neighbour), member(Role.SPECIALIST), member(Role.MUNICIPAL_ADMIN)):
        with pytest.raises(ActionRefused):
            actions.invite(
                email=EMAIL,
                full_name="Ольга",
                role=Role.COLLEAGUE,
                municipality=school.municipality,
                school=school,
                way=InvitationWay.SLIP,
                by=by,
            )
    assert not Invitation.objects.exists()


def test_a_posted_role_above_is_refused_and_what_was_typed_stays(sign_in, specialist):
    given = {"email": EMAIL, "full_name": "Новая Ольга", "role": "head", "school": "", "way": "mail"}
    answer = sign_in(specialist).post(reverse("invite"), given)
    assert answer.status_code == 422
    assert EMAIL in answer.content.decode()
    assert not Invitation.objects.exists()


def test_a_slip_opens_no_account_that_has_other_roles(specialist, school):
    head = member(Role.HEAD, school.municipality, email=EMAIL).user
    head.set_unusable_password()
    head.save()
    with pytest.raises(ActionRefused, match="письмом"):
        call(specialist, school, way=InvitationWay.SLIP)
    assert call(specialist, school)[1], "a letter reaches only its person"


# --- the pages -------------------------------------------------------------------------------------------------------


def test_a_slip_is_printed_by_the_browser_that_made_it_and_by_no_other(sign_in, specialist, school):
    browser = sign_in(specialist)
    given = {"email": EMAIL, "full_name": "Новая Ольга", "role": "coordinator", "way": "slip"}
    answer = browser.post(reverse("invite"), {**given, "school": school.public_id}, follow=True)
    slip = answer.context["slips"][0]
    assert slip["code"] in words(answer)
    assert "Новая Ольга" in words(answer)
    assert "http://testserver/invitations/" in words(answer)
    assert find_invitation(slip["code"], timezone.now()) is not None
    other = Client()
    other.force_login(specialist.user)
    assert other.get(reverse("slips")).context["slips"] == []


def test_an_invitation_is_sent_again_or_taken_back(sign_in, specialist, school):
    invitation, old = call(specialist, school)
    browser, url = sign_in(specialist), reverse("pending_invitation", args=[invitation.public_id])
    browser.post(url, {"way": "mail"})
    fresh = Invitation.objects.latest("id")
    assert fresh != invitation
    assert find_invitation(old, timezone.now()) is None
    browser.post(reverse("pending_invitation", args=[fresh.public_id]), {"cancel": "1"})
    fresh.refresh_from_db()
    assert fresh.cancelled_at


def test_a_coordinator_invites_a_colleague_to_the_own_school(sign_in, school):
    browser = sign_in(member(Role.COORDINATOR, school=school))
    url = reverse("colleagues", args=[school.public_id])
    answer = browser.post(url, {"email": EMAIL, "full_name": "Новая Ольга", "way": "mail", "role": "head"}, follow=True)
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.school) == (Role.COLLEAGUE, school)
    assert "приглашён" in words(answer)


# --- the command line ------------------------------------------------------------------------------------------------

TOWN = {
    "region": "Озёрный край",
    "slug": "ozersk",
    "name": "Озёрский округ",
    "name-genitive": "Озёрского округа",
    "name-prepositional": "Озёрском округе",
    "city": "г. Озёрск",
    "department": "управление образования",
    "department-genitive": "управления образования",
    "head-position": "начальник",
    "head-name": "И. О. Фамилия",
    "time-zone": "Asia/Omsk",
}


def run(command: str, **options: str) -> str:
    out = StringIO()
    call_command(command, *(f"--{name}={value}" for name, value in options.items()), stdout=out)
    return out.getvalue()


def test_an_empty_portal_gets_its_first_municipality_and_administrator(client):
    run("add_municipality", **TOWN)
    town = Municipality.objects.get(slug="ozersk")
    assert (town.region.name, town.time_zone) == ("Озёрный край", "Asia/Omsk")
    told = run("invite_person", email=EMAIL, name="Ольга", role="municipal_admin", municipality="ozersk")
    code = re.search(r"/invitations/([0-9a-f]{64})/", told).group(1)
    assert not Outbox.objects.exists()
    choose(client, code)
    assert Membership.objects.get(user__email=EMAIL).municipality == town


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"role": "boss"}, "Роли «boss» нет"),
        ({"municipality": "nowhere"}, "Муниципалитета «nowhere» нет"),
        ({"municipality": ""}, "нужен муниципалитет"),
        ({"email": "нет"}, "не похоже на адрес почты"),
        ({"school": "K99"}, "Школы с кодом «K99»"),
    ],
)
def test_the_command_says_in_a_sentence_what_is_wrong(options, sentence):
    MunicipalityFactory(slug="ozersk")
    given = {"email": EMAIL, "name": "Ольга", "role": "head", "municipality": "ozersk"} | options
    with pytest.raises(CommandError, match=sentence):
        run("invite_person", **given)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"), [({"slug": "озёрск"}, "латинские"), ({"time-zone": "Озёрск"}, "Часового пояса")]
)
def test_a_municipality_that_cannot_be_is_refused(options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("add_municipality", **(TOWN | options))
    assert not Municipality.objects.exists()
