"""Can a coordinator enter two classes, see them added up while typing, and take the sum over into the section?"""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round, refused
from tests.journeys.steps import address, form_of, person, told

pytestmark = pytest.mark.journey
TESTED = "Прошли профориентационное тестирование (диагностику)"


def test_two_classes_become_a_number_of_the_section(visit: Visit) -> None:
    form = form_of("K04")
    page = visit(person("coordinator"))
    page.goto(address(form, "diagnostics", "classes"))
    for grade in ("6", "7", "8"):
        page.get_by_label(f"{grade}-е классы").check()
    page.get_by_label("Буквы классов").fill("А")
    page.get_by_role("button", name="Добавить", exact=True).click()
    told(page, "Добавлено: 3 класса.")
    page.get_by_label(f"6А: {TESTED}").fill("21")
    page.get_by_label(f"7А: {TESTED}").fill("1 004")
    foot = page.locator("[data-of='tested_6_8']")
    expect(foot).to_contain_text("1025")
    expect(foot).to_contain_text("внесено по 2 из 3")
    page.get_by_role("button", name="Сохранить и перенести суммы в раздел").click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=f"{TESTED}, 6–8 классы"))
    expect(row).to_contain_text("сумма неполная")
    expect(row.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_role("link", name="Вернуться к классам").click()
    page.get_by_label(f"8А: {TESTED}").fill("0")
    page.get_by_role("button", name="Сохранить и перенести суммы в раздел").click()
    expect(row.get_by_role("checkbox")).to_be_checked()
    page.get_by_role("button", name="Перенести отмеченные").click()
    told(page, "Суммы по классам перенесены в раздел: 1 число.")
    expect(page.locator("#value-tested_6_8")).to_have_value("1025")


def test_pages_of_the_class_sheet(visit: Visit) -> None:
    form = form_of("K04")
    page = visit(person("coordinator"))
    walk = Round(page)
    sheet = address(form, "diagnostics", "classes")
    walk.look(sheet, "empty")
    walk.look(sheet, "refused", after=refused("Добавить"))
    page.goto(sheet)
    page.get_by_label("6-е классы").check()
    page.get_by_label("Буквы классов").fill("А Б")
    page.get_by_role("button", name="Добавить", exact=True).click()
    walk.look(sheet)
    walk.look(sheet, "refused", after=refused("Сохранить", lambda page: page.get_by_label("6А").first.fill("много")))
    walk.look(sheet + "sums/")
    walk.look(sheet + "print/")
    walk.look(sheet + "print/?by=list")
    walk.look(address(form, "staff", "classes"), "nothing to add up")
    walk.tell()
