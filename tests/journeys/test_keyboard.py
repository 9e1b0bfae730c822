"""Can a person without a mouse do the yearly work: sign in, find the section, fill cells, save, and always see where they are?"""

import re

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from reports.demo import PASSWORD
from tests.journeys.conftest import Visit
from tests.journeys.steps import address, form_of, papers_of, person, told

pytestmark = pytest.mark.journey

NAME = """() => {
  const one = document.activeElement;
  const words = one.labels && one.labels.length ? one.labels[0].textContent : one.textContent;
  return words.trim().replace(/\\s+/g, " ");
}"""
# The focus has a ring, stands inside the window, and nothing lies over it.
SEEN = """() => {
  const one = document.activeElement;
  const style = getComputedStyle(one);
  const box = one.getClientRects()[0];
  const there = box && document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && !!there && one.contains(there);
}"""
FURTHEST = 80  # stops on one page


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what is called so; every stop on the way must be seen."""
    for _ in range(FURTHEST):
        page.keyboard.press("Tab")
        stop = page.evaluate(NAME)
        try:
            page.wait_for_function(SEEN, timeout=5_000)  # the page may still be scrolling to it
        except TimeoutError:
            pytest.fail(f"nobody sees that the focus is on «{stop}»")
        if stop.startswith(name):
            return
    pytest.fail(f"«{name}» cannot be reached by Tab")


def test_a_coordinator_fills_a_section_by_keyboard_alone(visit: Visit) -> None:
    form = form_of("K04")
    page = visit()
    page.goto("/")
    keys = page.keyboard
    tab_to(page, "Перейти к содержанию")
    tab_to(page, "Версия для слабовидящих")
    tab_to(page, "Адрес электронной почты")
    keys.type("coordinator@demo.local")
    tab_to(page, "Пароль")
    keys.type(PASSWORD)
    tab_to(page, "Войти")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Вход")

    tab_to(page, "Мониторинг профориентационной работы")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Разделы")).to_be_visible()
    tab_to(page, "Мероприятия и конкурсы")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Мероприятия и конкурсы")).to_be_visible()
    for row, typed in (("Участники профориентационных", "124"), ("Из них по наиболее", "50"), ("Из них с ОВЗ", "2")):
        tab_to(page, row)
        keys.type(typed)
    tab_to(page, "Сохранить")
    tab_to(page, "Сохранить")
    keys.press("Space")
    told(page, re.compile(r"Сохранено\.|Изменений не было\."))  # cells may have saved themselves on the way
    codes = ("events_pupils", "events_demanded", "events_disabled")
    assert [form.values.get(element__code=code).number for code in codes] == [124, 50, 2]


def test_a_whole_form_is_filled_by_keyboard_alone(visit: Visit) -> None:
    """Every box of every section: a number, Enter to the next one, Alt+S to the next section."""
    form = form_of("K04")
    papers = papers_of("K04")
    page = visit(person("coordinator"))
    page.goto(address(form, "contingent"))
    boxes = page.locator("form[data-cells] [name^=value-]")
    while True:
        boxes.first.focus()
        for place in range(boxes.count()):
            expect(boxes.nth(place)).to_be_focused()
            number = papers[boxes.nth(place).get_attribute("name").removeprefix("value-")]
            if boxes.nth(place).evaluate("one => one.tagName") == "SELECT":
                for _ in range(1 if number else 2):  # «да» stands first, «нет» second
                    page.keyboard.press("ArrowDown")
            else:
                page.keyboard.type(str(number))
            page.keyboard.press("Enter")
        expect(page.get_by_text("Сохраняется…")).to_have_count(0)
        last = page.locator("button[name=next]").count() == 0
        with page.expect_navigation():
            page.keyboard.press("Alt+s")
        if last:
            break
    form.refresh_from_db()
    assert form.cells_filled == form.cells_total
    typed = form.values.filter(state="number").values_list("element__code", "number")
    assert {code: number for code, number in typed if papers[code] != number} == {}


def test_the_skip_link_passes_over_the_head_of_the_page(visit: Visit) -> None:
    page = visit()
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, "Адрес электронной почты")
    assert page.evaluate("document.activeElement.name") == "login"


def test_errors_take_the_focus_and_lead_to_their_rows(visit: Visit) -> None:
    page = visit()
    page.goto("/accounts/login/")
    page.get_by_role("main").get_by_role("button", name="Войти").click()
    expect(page.get_by_role("alert")).to_be_focused()
    tab_to(page, "Адрес электронной почты: ")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Адрес электронной почты")).to_be_focused()
