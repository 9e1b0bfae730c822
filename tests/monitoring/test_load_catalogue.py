"""Does the catalogue load the same twice, and refuse to change what accepted numbers mean?"""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from monitoring.actions import load_catalogue
from monitoring.catalogue import CatalogueRefused, parse_catalogue
from monitoring.models import Element, Indicator
from tests.conftest import CATALOGUE_FILE, CATALOGUE_MODELS
from tests.factories import accepted, submission

pytestmark = pytest.mark.django_db
TEXT = CATALOGUE_FILE.read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, f"«{old}» must stand once in the catalogue"
    return TEXT.replace(old, new)


def line_of(part: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), 1) if part in line)


def without_line(part: str) -> str:
    return "\n".join(line for line in TEXT.splitlines() if part not in line)


def rows() -> dict[str, list[dict]]:
    """Everything that the catalogue wrote. Terms are written anew each time, so their ids may differ."""
    found = {
        name: list(apps.get_model("monitoring", name).objects.order_by("pk").values()) for name in CATALOGUE_MODELS
    }
    for term in found["Term"]:
        del term["id"]
    return found


@pytest.fixture
def file(tmp_path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "catalogue.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_a_second_load_changes_no_row_and_no_id():
    before = rows()
    load_catalogue(catalogue=parse_catalogue(TEXT))
    assert rows() == before


def test_the_command_says_what_it_loaded(capsys):
    call_command("load_catalogue", str(CATALOGUE_FILE))
    said = capsys.readouterr().out
    assert f"элементов – {Element.objects.count()}, показателей – {Indicator.objects.count()}" in said


def test_wording_may_change_also_for_codes_in_use():
    accepted(submission())
    load_catalogue(
        catalogue=parse_catalogue(
            changed(
                "name: Прошли профориентационное тестирование (диагностику)}\n  - {code: tested_9_11",
                "name: Диагностика}\n  - {code: tested_9_11",
            )
        )
    )
    assert Element.objects.get(code="tested_6_8").name == "Диагностика"


def test_the_meaning_of_a_code_that_is_not_in_use_may_change():
    load_catalogue(
        catalogue=parse_catalogue(
            changed(
                "{code: agreements,      section: conditions, unit: ед.",
                "{code: agreements,      section: conditions, unit: чел.",
            )
        )
    )
    assert Element.objects.get(code="agreements").unit == "чел."


CHANGES = {
    "the unit of an element": ("{code: agreements,      section: conditions, unit: ед.", "{code: agreements,      section: conditions, unit: чел.", "элемента «agreements»", "единица"),
    "the grades of an element": ("{code: routes,          section: diagnostics, grades: [6, 7,", "{code: routes,          section: diagnostics, grades: [7,", "элемента «routes»", "классы"),
    "the form of an element": ("{code: staff_responsible, section: staff,", "{code: staff_responsible, section: extra,", "элемента «staff_responsible»", "форма"),
    "the terms of an indicator": ("numerator: [routes], denominator: [pupils_6_11]", "numerator: [routes], denominator: [pupils_5_11]", "показателя «4.11»", "знаменатель"),
    "the kind of an indicator": ('{code: "5.3", group: partners, kind: count', '{code: "5.3", group: partners, kind: org_share', "показателя «5.3»", "вид"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_meaning_of_a_code_in_use_is_refused_and_nothing_is_written(change, file):
    old, new, what, part = CHANGES[change]
    accepted(submission())
    before = rows()
    text = changed(old, new).replace("title: Кадры", "title: Новое название")
    with pytest.raises(CommandError) as refusal:
        call_command("load_catalogue", str(file(text)))
    said = str(refusal.value)
    assert said.startswith("Каталог не загружен, ничего не изменено:")
    assert f"строка {line_of(old)}: у {what} с принятыми данными изменились свойства: {part}" in said
    assert rows() == before


def test_a_code_in_use_may_not_disappear():
    accepted(submission())
    before = rows()
    text = without_line("{code: site_section, ").replace(", numerator: [site_section]", ", numerator: [stand]")
    with pytest.raises(CatalogueRefused) as refusal:
        load_catalogue(catalogue=parse_catalogue(text))
    assert "В файле нет элемента «site_section»" in "\n".join(one.sentence for one in refusal.value.errors)
    assert rows() == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xff\xfe\x00", "не читается. Нужен текстовый файл в кодировке UTF-8."),
        (TEXT.replace("section: staff,", "section: stuff,", 1).encode(), "раздел «stuff» не описан"),
    ],
)
def test_a_spoilt_file_ends_with_one_clear_sentence(tmp_path, content, sentence):
    path = tmp_path / "catalogue.yaml"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("load_catalogue", str(path))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.yaml» не найден"):
        call_command("load_catalogue", str(tmp_path / "nowhere.yaml"))
