"""Can an official make a table of a few schools in two minutes, keep it, and open it again, also without scripts?"""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tests.journeys.steps import person, told

pytestmark = pytest.mark.journey
NAME = "Тестирование в средних школах"


def test_a_table_is_made_kept_and_opened_again(visit: Visit) -> None:
    page = visit(person("specialist"))
    page.goto("/monitoring/dashboard/")
    page.get_by_role("link", name="Своя таблица").click()
    page.get_by_label("Найти показатель").fill("4.1")
    page.get_by_role("button", name="Найти").click()
    page.get_by_label("4.1 Доля обучающихся").check()
    page.locator("summary", has_text="Виды школ").click()
    page.get_by_label("Средняя школа").check()
    page.get_by_role("button", name="Показать таблицу").click()
    total = page.get_by_role("row", name="Всего")
    expect(total).to_contain_text("51,9\u00a0% (256 из 493)")
    expect(total).to_contain_text("по данным 11 из 11 школ")
    page.get_by_text("Сохранить таблицу под названием").click()
    page.get_by_label("Название таблицы").fill(NAME)
    page.get_by_role("button", name="Сохранить", exact=True).click()
    told(page, f"Таблица «{NAME}» сохранена.")
    with page.expect_download() as taken:
        page.get_by_role("link", name="XLSX").click()
    assert taken.value.suggested_filename == "svoya-tablica.xlsx"

    later = visit(person("methodist"), scripts=False, width=390)
    later.goto("/monitoring/tables/saved/")
    later.get_by_role("link", name=NAME, exact=True).click()
    expect(later.get_by_role("row", name="Всего")).to_contain_text("51,9\u00a0% (256 из 493)")
    expect(later.get_by_label("Средняя школа")).to_be_checked()
    expect(later.get_by_label("Последний год")).to_be_checked()
