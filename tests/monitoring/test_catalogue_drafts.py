"""Does a new year's catalogue show what it changes, refuse what it must not, and apply all or nothing?"""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from monitoring.actions import load_catalogue
from monitoring.catalogue import parse_catalogue
from monitoring.enums import IndicatorKind
from monitoring.models import CatalogueDraft, Element, Indicator, IndicatorTotal
from monitoring.queries.passports.catalogue_changes import (
    CLOSED,
    GONE,
    MEANING,
    NEW,
    ORDER,
    SUCCESSION,
    WORDS,
    preview_of,
)
from monitoring.queries.passports.catalogue_examples import RecordExample, examples
from portal.models import Membership
from portal.roles import Role
from tests.conftest import CATALOGUE_FILE
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, member, submission

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
PLACE = "/monitoring/catalogue/"
TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")
HINT = "не менее трёх занятий или мероприятий за год по плану школы"
TESTED = '  - {code: "4.1", group: support, kind: share, better: up,'
NEW_INDICATOR = (
    '  - {code: "4.12", group: support, kind: share, better: up, name: "Доля обучающихся 6–8 классов, прошедших'
    ' тестирование", numerator: [tested_6_8], denominator: [pupils_6_8]}\n'
)


def changed(old: str, new: str, text: str = TEXT) -> str:
    assert text.count(old) == 1, f"«{old}» must stand once in the catalogue"
    return text.replace(old, new)


def with_new_indicator() -> str:
    return changed(TESTED, NEW_INDICATOR + TESTED)


def upload(client: Client, text: str | bytes, name: str = "2023.yaml") -> HttpResponse:
    data = text if isinstance(text, bytes) else text.encode()
    return client.post(PLACE, {"file": SimpleUploadedFile(name, data, content_type="application/yaml")})


def found(text: str) -> list[tuple[str, str, str]]:
    """(sort, code, field) of every difference, those of checks and of what has no formula left out."""
    return [
        (one.sort, one.code, one.field)
        for one in preview_of(text).differences
        if one.what not in ("контроль", "без формулы")
    ]


@pytest.fixture
def admin(sign_in: SignIn) -> Client:
    return sign_in(member(Role.INSTALLATION_ADMIN))


# --- what a file changes ----------------------------------------------------------------------------------------------


def test_the_same_file_changes_nothing(admin: Client):
    assert found(TEXT) == []
    call_command("load_catalogue", str(CATALOGUE_FILE))
    assert preview_of(TEXT).differences == ()
    answer = upload(admin, TEXT)
    assert answer.status_code == 422
    assert "Файл ничего не меняет" in answer.content.decode()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (HINT, "не менее пяти занятий", [(WORDS, "early_1_4", "подсказка")]),
        (TESTED, NEW_INDICATOR + TESTED, [(NEW, "4.12", "новая запись")]),
        (
            'better: down, name: "Доля выпускников 9 и 11 классов, о',
            'better: none, name: "Доля выпускников 9 и 11 классов, о',
            [(ORDER, "6.1", "оценка")],
        ),
        (
            '{code: "6.3", group: quality, kind: share, better: up,',
            '{code: "6.3", group: quality, kind: share, better: up, until: 2022,',
            [(CLOSED, "6.3", "последний год")],
        ),
        (
            'since: 2023, name: "Количество профильных',
            'since: 2023, succeeds: "2.2", name: "Количество профильных',
            [(SUCCESSION, "5.6", "продолжает")],
        ),
        (
            "{code: stand,           section: conditions, unit: да/нет,",
            "{code: stand,           section: conditions, unit: ед.,",
            [(MEANING, "stand", "единица")],
        ),
        (
            '  - {code: stand,           section: conditions, unit: да/нет, name: "Профориентационный уголок (стенд)'
            ' обновлён в этом учебном году"}\n',
            "",
            [(GONE, "stand", "")],
        ),
    ],
)
def test_every_sort_of_change_is_named(old: str, new: str, expected: list[tuple[str, str, str]]):
    assert found(changed(old, new)) == expected


# --- uploading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "Файл пуст"),
        (b"forms: [", "YAML"),
        (b"\xff\xfe\x00bad", "UTF-8"),
        (TEXT.replace("unit: ед.,", "unit: [ед.],", 1).encode(), "трока "),
        (b"a" * 1_000_001, "больше 1"),
        (("a: &x [1]\nb: " + "*x " * 10).encode(), "трока "),
    ],
    ids=["empty", "broken", "not utf-8", "bad value", "too large", "aliases"],
)
def test_a_bad_file_is_refused_in_sentences_and_nothing_is_kept(data: bytes, told: str, admin: Client):
    answer = upload(admin, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Ошибка: " in page
    assert told in page
    assert not CatalogueDraft.objects.exists()


def test_a_changed_meaning_under_accepted_data_is_refused_with_its_line(admin: Client):
    accepted(submission())
    text = changed(
        "{code: tested_9_11,     section: diagnostics, grades: [9, 10, 11]",
        "{code: tested_9_11,     section: diagnostics, grades: [9, 11]",
    )
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "{code: tested_9_11" in row)
    page = upload(admin, text).content.decode()
    assert f"Строка {line}: у элемента «tested_9_11» с принятыми данными изменились свойства: классы" in page
    assert not CatalogueDraft.objects.exists()


def test_a_removed_row_with_accepted_data_is_refused(admin: Client):
    accepted(submission())
    gone = next(row for row in TEXT.splitlines(keepends=True) if "{code: stand," in row)
    page = upload(admin, TEXT.replace(gone, "")).content.decode()
    assert "В файле нет элемента «stand», по которому есть принятые данные" in page


# --- confirming -------------------------------------------------------------------------------------------------------


def test_a_confirmed_file_is_applied_kept_and_counted_in_the_totals(admin: Client):
    form = submission()
    accepted(form, tested_6_8=45)
    answer = upload(admin, with_new_indicator())
    page = admin.get(answer["Location"]).content.decode()
    assert "Показатель 4.12</th>" in page
    assert "Контроль E-4.12" not in page, "E501 entails it already"
    assert not Indicator.objects.filter(code="4.12").exists(), "an upload changes nothing"
    preview = preview_of(with_new_indicator())
    assert admin.post(answer["Location"], {"version": str(preview.version)}).status_code == 302
    total = IndicatorTotal.objects.get(indicator__code="4.12", municipality=form.municipality, year=2021)
    assert (total.numerator, total.denominator) == (45, 90), "of a year that was accepted before"
    kept = CatalogueDraft.objects.get()
    assert kept.applied_at
    assert kept.applied_by
    assert kept.summary["not_collected"] == [["Индекс подготовки к ЕГЭ", "в приказах нет формулы"]]
    assert "Каталог обновлён" in admin.get(PLACE).content.decode()
    assert admin.get(f"{answer['Location']}file/").content.decode() == with_new_indicator()


def test_a_file_is_applied_once_and_not_after_it_was_put_aside(admin: Client):
    first = upload(admin, changed(HINT, "иначе"))["Location"]
    admin.post(first, {"cancel": "1"})
    version = str(preview_of(TEXT).version)
    page = admin.post(first, {"version": version}, follow=True).content.decode()
    assert "Эта загрузка отменена" in page
    assert HINT in Element.objects.get(code="early_1_4").hint


def test_a_file_that_was_compared_with_another_catalogue_is_not_applied(admin: Client):
    place = upload(admin, changed(HINT, "иначе"))["Location"]
    seen = str(preview_of(TEXT).version)
    load_catalogue(catalogue=parse_catalogue(with_new_indicator()))
    for version in (seen, "", "x", "9" * 30):
        page = admin.post(place, {"version": version}, follow=True).content.decode()
        assert "Пока вы смотрели, каталог изменили" in page
    assert HINT in Element.objects.get(code="early_1_4").hint


def test_data_accepted_after_the_upload_stop_the_file(admin: Client):
    text = changed(
        "{code: stand,           section: conditions, unit: да/нет,",
        "{code: stand,           section: conditions, unit: ед.,",
    )
    place = upload(admin, text)["Location"]
    accepted(submission())
    page = admin.get(place).content.decode()
    assert "изменились свойства: единица" in page
    assert "Применить каталог" not in page
    admin.post(place, {"version": str(preview_of(text).version)})
    assert Element.objects.get(code="stand").unit == "да/нет"


def test_nobody_else_learns_of_a_file(sign_in: SignIn):
    draft = CatalogueDraft.objects.create(file_name="2023.yaml", text=TEXT)
    for role in (Role.SPECIALIST, Role.MUNICIPAL_ADMIN, Role.COORDINATOR):
        client = sign_in(member(role))
        for address in (PLACE, f"{PLACE}{draft.public_id}/", f"{PLACE}{draft.public_id}/file/"):
            assert client.get(address).status_code == 403


def test_the_keeper_of_the_catalogue_finds_the_way_from_home(admin: Client):
    assert f'href="{PLACE}"' in admin.get("/").content.decode()


# --- the worked example -----------------------------------------------------------------------------------------------


def example(text: str) -> RecordExample:
    preview = preview_of(text)
    assert preview.catalogue is not None
    (only,) = examples(preview.catalogue, preview.indicators)
    return only


def test_an_example_adds_up_at_least_three_municipalities(admin: Client):
    towns = MunicipalityFactory.create_batch(3)
    for number, town in enumerate(towns, 1):
        for school in SchoolFactory.create_batch(2, municipality=town):
            accepted(submission(school), tested_6_8=number * 10)
    shown = example(with_new_indicator())
    assert not shown.made_up
    assert shown.result == "120 из 540 = 22,2\u00a0%"
    assert "Сумма по 3 муниципалитетам" in shown.basis
    assert "2021/22" in shown.basis


def test_an_example_of_one_municipality_is_made_up_and_says_why():
    accepted(submission(), tested_6_8=41)
    shown = example(with_new_indicator())
    assert shown.made_up
    assert shown.result == "150 из 300 = 50,0\u00a0%"
    assert "Числа условные" in shown.basis
    assert "41" not in f"{shown.result}{shown.basis}"


def test_an_example_on_a_row_that_is_new_is_made_up_and_says_why():
    for town in MunicipalityFactory.create_batch(3):
        for school in SchoolFactory.create_batch(2, municipality=town):
            accepted(submission(school))
    shown = example(
        changed(
            "numerator: [tested_9_11], denominator: [pupils_9_11]", "numerator: [horizons], denominator: [pupils_6_11]"
        )
    )
    assert shown.made_up
    assert "данных по строке «Посещают курс „Россия – мои горизонты“» ещё нет" in shown.basis


def test_every_kind_of_indicator_has_a_made_up_example(catalogue):
    shown = {IndicatorKind(row.kind): examples(catalogue, [row])[0].result for row in catalogue.indicators}
    assert shown[IndicatorKind.ORG_SHARE] == "10 из 20 = 50,0\u00a0%"
    assert shown[IndicatorKind.COUNT] == "100"
