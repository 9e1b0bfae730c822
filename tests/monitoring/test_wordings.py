"""Are the municipality's words kept in versions, shown where they should be, and never under a launched campaign?"""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from monitoring.actions.wordings import Wanted, set_wording
from monitoring.models import CampaignElement, Element, Form, Indicator, Wording
from monitoring.queries.campaigns.rollover import rollover
from monitoring.queries.passports.wordings import names_of
from portal.actions import ActionRefused
from portal.models import Membership, Regulation
from portal.roles import Role
from tests.factories import SchoolFactory, campaign, coordinator_of, member

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
WORDS = "/monitoring/passports/indicators/4.1/words/"
ROW_WORDS = "/monitoring/passports/elements/tested_9_11/words/"
TYPED = {"name": "Доля прошедших тестирование", "note": "Так в приказе", "responsible": "заместитель директора"}


@pytest.fixture
def methodist() -> Membership:
    return member(Role.METHODIST)


def said(by: Membership, code: str = "4.1", **wanted: object) -> Wording:
    thing = Indicator.objects.filter(code=code).first() or Element.objects.get(code=code)
    return set_wording(municipality=by.municipality, thing=thing, wanted=Wanted(**wanted), note="Почему", by=by.user)


# --- saving -----------------------------------------------------------------------------------------------------------


def test_new_words_stand_in_the_passport_with_their_author_and_reason(sign_in: SignIn, methodist: Membership):
    client = sign_in(methodist)
    assert client.post(WORDS, TYPED).status_code == 302
    page = client.get("/monitoring/passports/indicators/4.1/").content.decode()
    for words in (*TYPED.values(), str(methodist.user)):
        assert words in page
    neighbour = Client()
    neighbour.force_login(member(Role.METHODIST).user)
    assert "Доля прошедших тестирование" not in neighbour.get("/monitoring/passports/").content.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"note": ""}, "Напишите, почему меняются слова."),
        ({"name": " "}, "Введите название."),
        ({"responsible": "Петрова Анна Ивановна"}, "Похоже, указаны фамилия и имя"),
        ({"regulation": "999999"}, "нет среди допустимых"),
        ({"name": "я" * 501}, "не более 500"),
    ],
)
def test_bad_words_are_refused_and_what_was_typed_is_kept(
    typed: dict[str, str], told: str, sign_in: SignIn, methodist: Membership
):
    answer = sign_in(methodist).post(WORDS, TYPED | {"text": "Остаётся в поле"} | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Ошибка: " in page
    assert told in page
    assert "Остаётся в поле" in page
    assert not Wording.objects.exists()


def test_words_that_change_nothing_are_refused(methodist: Membership):
    thing = Indicator.objects.get(code="4.1")
    with pytest.raises(ActionRefused, match="Слова уже такие"):
        said(methodist, name=thing.name)
    said(methodist, name="Иначе")
    with pytest.raises(ActionRefused, match="Слова уже такие"):
        said(methodist, name="Иначе ")


def test_an_act_of_another_municipality_is_refused(methodist: Membership):
    foreign = Regulation.objects.create(
        municipality=member(Role.METHODIST).municipality,
        kind="order", issuer="у", number="1", date="2021-09-01", title="О",
    )  # fmt: skip
    with pytest.raises(ActionRefused, match="нет"):
        said(methodist, regulation=foreign)


def test_a_row_has_narrower_words_than_an_indicator(sign_in: SignIn, methodist: Membership):
    with pytest.raises(ActionRefused, match="до 300 знаков"):
        said(methodist, "tested_9_11", name="я" * 301)
    answer = sign_in(methodist).post(ROW_WORDS, TYPED | {"name": "я" * 301})
    assert answer.status_code == 422, "a launched campaign has no room for more"


# --- the way back -----------------------------------------------------------------------------------------------------


def test_the_words_of_the_catalogue_come_back_as_a_version(sign_in: SignIn, methodist: Membership):
    client = sign_in(methodist)
    client.post(WORDS, TYPED)
    assert "Вернуть слова каталога" in client.get(WORDS).content.decode()
    assert client.post(WORDS, {"restore": "0"}).status_code == 302
    assert names_of(methodist.municipality) == {}
    last = Wording.objects.order_by("-version").first()
    assert (last.version, last.name, last.note) == (2, "", "Возвращены слова каталога")
    assert last.responsible == "заместитель директора", "of whom the catalogue says nothing"
    client.post(WORDS, {"restore": "1"})
    assert names_of(methodist.municipality) == {"4.1": "Доля прошедших тестирование"}


@pytest.mark.parametrize(("version", "status"), [("7", 302), ("х", 404), ("-1", 404), ("1" * 40, 404)])
def test_a_version_that_is_not_there_brings_nothing_back(
    version: str, status: int, sign_in: SignIn, methodist: Membership
):
    said(methodist, name="Иначе")
    assert sign_in(methodist).post(WORDS, {"restore": version}).status_code == status
    assert Wording.objects.count() == 1


# --- where they show --------------------------------------------------------------------------------------------------


def test_names_are_asked_in_one_query(methodist: Membership):
    assert names_of(methodist.municipality) == {}
    said(methodist, name="Первое")
    said(methodist, name="Второе")
    said(methodist, "4.2", text="Только пояснение")
    said(methodist, "tested_9_11", name="Строка")
    with CaptureQueriesContext(connection) as asked:
        assert names_of(methodist.municipality) == {"4.1": "Второе"}
    assert len(asked) == 1


def test_a_launched_campaign_keeps_its_words_and_the_next_one_takes_the_new(methodist: Membership):
    school = SchoolFactory(municipality=methodist.municipality)
    before = campaign(school.municipality, 2020)
    said(methodist, "tested_9_11", name="Прошли диагностику", text="по журналу")
    after = campaign(school.municipality, 2021)

    def frozen(one: object) -> tuple[str, str]:
        row = CampaignElement.objects.get(campaign=one, element__code="tested_9_11")
        return row.name, row.hint

    assert frozen(before) == (Element.objects.get(code="tested_9_11").name, "")
    assert frozen(after) == ("Прошли диагностику", "по журналу")
    elsewhere = campaign(SchoolFactory().municipality, 2021)
    assert frozen(elsewhere) == frozen(before)


def test_the_review_before_a_launch_shows_the_new_words(methodist: Membership):
    school = SchoolFactory(municipality=methodist.municipality)
    launched = campaign(school.municipality, 2020)
    said(methodist, "tested_9_11", name="Прошли диагностику")
    (one,) = rollover(school.municipality, [Form.objects.get(code="year")], 2021, launched.opens_at.date())
    reworded = [change.after.name for change in one.changes if change.kind == "reworded"]
    assert reworded == ["Прошли диагностику"]


def test_a_school_reads_the_words_and_does_not_write_them(sign_in: SignIn, methodist: Membership):
    said(methodist, name="Наше название")
    client = sign_in(coordinator_of(SchoolFactory(municipality=methodist.municipality)))
    page = client.get("/monitoring/passports/indicators/4.1/").content.decode()
    assert "Наше название" in page
    assert "Изменить слова" not in page
    assert client.get(WORDS).status_code == 403


def test_an_act_and_the_passports_that_rest_on_it_lead_to_each_other(sign_in: SignIn, methodist: Membership):
    act = Regulation.objects.create(
        municipality=methodist.municipality,
        kind="order", issuer="управления", number="704", date="2021-05-13", title="О показателях",
    )  # fmt: skip
    said(methodist, regulation=act)
    said(methodist, "tested_9_11", regulation=act)
    client = sign_in(methodist)
    page = client.get(f"/regulations/{act.public_id}/").content.decode()
    assert "Паспорт показателя 4.1" in page
    assert "Паспорт строки tested_9_11" in page
    assert f"/regulations/{act.public_id}/" in client.get("/monitoring/passports/indicators/4.1/").content.decode()
    said(methodist, responsible="методист")
    assert "Паспорт показателя 4.1" not in client.get(f"/regulations/{act.public_id}/").content.decode()
