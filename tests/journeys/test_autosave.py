"""Does each cell save itself, and is nothing lost when the connection, the tab or the session goes?"""

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from monitoring.forms.entry import NEGATIVE
from monitoring.models import Submission, ValueChange
from tests.journeys.conftest import Visit, session_of
from tests.journeys.steps import address, form_of, person

pytestmark = pytest.mark.journey

CELL = "pupils_1"
ROW = "Обучающихся, 1 класс, чел."
NEXT_ROW = "Обучающихся, 2 класс, чел."


def open_section(visit: Visit, code: str = "contingent") -> tuple[Submission, Page]:
    form = form_of("K04")
    page = visit(person("coordinator"))
    page.goto(address(form, code))
    return form, page


def cell(page: Page, name: str = ROW) -> Locator:
    return page.get_by_role("textbox", name=name)


def row(page: Page, name: str = ROW) -> Locator:
    return page.get_by_role("row", name=name)


def stored(form: Submission, code: str = CELL) -> int | None:
    return form.values.get(element__code=code).number


def kept(page: Page) -> int:
    """How many drafts the browser keeps."""
    return page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft:')).length")


def test_a_cell_saves_itself_and_tells_what_it_contradicts(visit: Visit) -> None:
    form, page = open_section(visit, "diagnostics")
    box = page.get_by_role("textbox", name="Прошли профориентационное тестирование (диагностику), 6–8 классы, чел.")
    box.fill("9 999")
    box.press("Enter")
    told = page.locator("tr", has=box)
    expect(told).to_contain_text("Сохранено")
    expect(told).to_contain_text("Ошибка E501")
    expect(told).to_contain_text("9999")
    expect(box).to_have_value("9999")
    expect(page.locator("#entry-status")).to_contain_text("Сохранено в")
    assert stored(form, "tested_6_8") == 9999
    assert kept(page) == 0


def test_arrows_and_enter_walk_the_boxes_and_escape_brings_the_saved_value_back(visit: Visit) -> None:
    form, page = open_section(visit)
    before = cell(page).input_value()
    cell(page).focus()
    page.keyboard.press("ArrowDown")
    expect(cell(page, NEXT_ROW)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(cell(page)).to_be_focused()
    page.keyboard.type("999")
    page.keyboard.press("Escape")
    expect(cell(page)).to_have_value(before)
    page.keyboard.press("Enter")
    expect(cell(page, NEXT_ROW)).to_be_focused()
    assert str(stored(form)) == before


def test_nonsense_is_told_at_the_cell_and_never_written(visit: Visit) -> None:
    form, page = open_section(visit)
    before, changes = stored(form), ValueChange.objects.count()
    cell(page).fill("-5")
    cell(page).press("Enter")
    expect(row(page)).to_contain_text(NEGATIVE)
    expect(cell(page)).to_have_value("-5")
    assert (stored(form), ValueChange.objects.count()) == (before, changes)


def test_without_a_connection_numbers_wait_and_go_by_themselves(visit: Visit) -> None:
    form, page = open_section(visit)
    page.context.set_offline(True)
    cell(page).fill("35")
    cell(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Нет связи с сервером")
    expect(row(page)).to_contain_text("Не отправлено")
    assert kept(page) == 1
    page.context.set_offline(False)
    expect(row(page)).to_contain_text("Сохранено")
    expect(page.get_by_text("Нет связи с сервером")).to_be_hidden()
    assert (stored(form), kept(page)) == (35, 0)


def test_three_minutes_without_a_connection_lose_nothing(visit: Visit) -> None:
    form = form_of("K04")
    page = visit(person("coordinator"))
    page.clock.install()
    page.goto(address(form, "contingent"))
    page.context.set_offline(True)
    cell(page).fill("34")
    cell(page).press("Enter")
    expect(row(page)).to_contain_text("Не отправлено")
    for _ in range(6):
        page.clock.run_for(30_000)  # it tries again and again, never more often than every half minute in the end
    expect(page.get_by_role("alert")).to_contain_text("Нет связи с сервером")
    assert kept(page) == 1
    page.context.set_offline(False)
    page.clock.run_for(31_000)
    expect(row(page)).to_contain_text("Сохранено")
    assert (stored(form), kept(page)) == (34, 0)


def test_a_tab_killed_with_an_unsent_number_brings_it_back(visit: Visit) -> None:
    form, page = open_section(visit)
    page.context.set_offline(True)
    cell(page).fill("36")
    cell(page).press("Enter")
    expect(row(page)).to_contain_text("Не отправлено")
    browser = page.context
    page.close(run_before_unload=False)
    browser.set_offline(False)
    again = browser.new_page()
    again.goto(address(form, "contingent"))
    expect(row(again)).to_contain_text("Сохранено")
    expect(cell(again)).to_have_value("36")
    assert (stored(form), kept(again)) == (36, 0)


@pytest.mark.parametrize(("choice", "left"), [("Оставить моё", 36), ("Взять 35", 35)])
def test_of_two_windows_the_later_chooses_between_both_values(visit: Visit, choice: str, left: int) -> None:
    form, first = open_section(visit)
    second = first.context.new_page()
    second.goto(address(form, "contingent"))
    cell(first).fill("35")
    cell(first).press("Enter")
    expect(row(first)).to_contain_text("Сохранено")
    cell(second).fill("36")
    cell(second).press("Enter")
    expect(row(second)).to_contain_text("Теперь здесь 35")
    expect(cell(second)).to_have_value("36")
    assert stored(form) == 35
    row(second).get_by_role("button", name=choice).click()
    expect(row(second)).to_contain_text("Взято значение 35" if left == 35 else "Сохранено")
    expect(cell(second)).to_have_value(str(left))
    assert stored(form) == left


def test_after_signing_in_again_the_queue_goes_on_for_the_same_person_only(visit: Visit) -> None:
    form, page = open_section(visit)
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    cell(page).fill("37")
    cell(page).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Сеанс завершён")
    expect(page.get_by_role("link", name="Войти снова")).to_be_visible()
    assert kept(page) == 1

    def sign_in(name: str) -> None:
        site = page.evaluate("location.origin")
        cookies = session_of(person(name))
        page.context.add_cookies([{"name": key, "value": value, "url": site} for key, value in cookies.items()])
        page.evaluate("window.dispatchEvent(new Event('focus'))")

    sign_in("specialist")
    expect(page.get_by_role("alert")).to_contain_text("вошёл другой сотрудник")
    assert stored(form) != 37
    sign_in("coordinator")
    expect(row(page)).to_contain_text("Сохранено")
    assert (stored(form), kept(page)) == (37, 0)
