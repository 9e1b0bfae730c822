"""Does a methodist name an indicator anew and take it back, and does the keeper of the catalogue change it by a file?"""

import pytest
from playwright.sync_api import Page, expect

from monitoring.actions.wordings import Wanted, set_wording
from monitoring.models import CatalogueDraft, Element, Indicator
from portal.roles import Role
from tests.conftest import CATALOGUE_FILE
from tests.factories import member
from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round, refused
from tests.journeys.steps import person, told

pytestmark = pytest.mark.journey
HINT = "все обучающиеся, не только с ОВЗ"
NAME = "Доля прошедших тестирование"


def _words(page: Page) -> None:
    page.goto("/monitoring/passports/?q=тестирование")
    page.get_by_role("link", name="Доля обучающихся 9–11 классов, прошедших").click()
    expect(page.get_by_text("310 из 604")).to_be_visible()
    page.get_by_role("link", name="Изменить слова").click()
    page.get_by_label("Название").fill(NAME)
    page.get_by_role("button", name="Сохранить слова").click()
    expect(page.locator(".error-summary")).to_contain_text("Почему меняются слова")
    page.get_by_label("Почему меняются слова").fill("Так показатель назван в приказе")
    page.get_by_role("button", name="Сохранить слова").click()
    told(page, "Слова сохранены.")
    expect(page.get_by_role("main")).to_contain_text(NAME)
    page.get_by_role("link", name="Изменить слова").click()
    page.get_by_role("button", name="Вернуть слова каталога").click()
    told(page, "Возвращены слова каталога.")


def _catalogue(page: Page) -> None:
    text = CATALOGUE_FILE.read_text(encoding="utf-8")
    page.goto("/")
    page.get_by_role("navigation").get_by_role("link", name="Каталог").click()
    page.get_by_label("Файл каталога").set_input_files(
        {"name": "2023.yaml", "mimeType": "application/yaml", "buffer": text.replace(HINT, "иначе").encode()}
    )
    page.get_by_role("button", name="Загрузить и сравнить").click()
    row = page.get_by_role("row", name="Строка abilympics_class")
    expect(row).to_contain_text(HINT)
    expect(row).to_contain_text("иначе")
    page.get_by_role("button", name="Применить каталог").click()
    told(page, "Каталог обновлён.")
    assert Element.objects.get(code="abilympics_class").hint == "иначе"


def test_words_are_changed_and_taken_back_and_a_catalogue_is_applied(visit: Visit) -> None:
    _words(visit(person("methodist")))
    _catalogue(visit(member(Role.INSTALLATION_ADMIN)))


def test_pages_of_passports(visit: Visit) -> None:
    walk = Round(visit(person("methodist")))
    walk.look("/monitoring/passports/")
    walk.look("/monitoring/passports/?show=elements")
    walk.look("/monitoring/passports/?q=нет такого", "empty")
    for address in ("indicators/4.1/", "indicators/3.8/", "elements/tested_9_11/"):
        walk.look(f"/monitoring/passports/{address}")
    wanted = Wanted(name=NAME, responsible="методист")
    thing, by = Indicator.objects.get(code="4.1"), person("methodist")
    assert by.municipality is not None
    set_wording(municipality=by.municipality, thing=thing, wanted=wanted, note="Проще", by=by.user)
    walk.look("/monitoring/passports/indicators/4.1/words/")
    walk.look("/monitoring/passports/elements/tested_9_11/words/", "refused", after=refused("Сохранить слова"))
    walk.look("/monitoring/collected/?year=2021")
    walk.look("/monitoring/collected/4.1/note/?year=2021")
    keeper = Round(visit(member(Role.INSTALLATION_ADMIN)))
    keeper.look("/monitoring/catalogue/")
    keeper.look("/monitoring/catalogue/", "refused", after=refused("Загрузить и сравнить"))
    text = (
        CATALOGUE_FILE.read_text(encoding="utf-8")
        .replace(HINT, "иначе")
        .replace("better: up, until: 2021", "better: up")
    )
    draft = CatalogueDraft.objects.create(file_name="2023.yaml", text=text)
    keeper.look(f"/monitoring/catalogue/{draft.public_id}/", "refused by its own rules")
    draft.text = (
        CATALOGUE_FILE.read_text(encoding="utf-8").replace(HINT, "иначе").replace("better: down", "better: none")
    )
    draft.save()
    keeper.look(f"/monitoring/catalogue/{draft.public_id}/", "with differences")
    walk.tell()
    keeper.tell()
