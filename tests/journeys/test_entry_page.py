"""What the page of a section does besides saving: a pasted column, totals at once, the details of a row, who is here?"""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import Locator, Page, expect

from monitoring.enums import Way
from monitoring.models import Submission, Thread, ValueChange
from portal.roles import Role
from tests.factories import member
from tests.journeys.conftest import Visit
from tests.journeys.inspection import faults_of
from tests.journeys.steps import address, form_of, person

pytestmark = pytest.mark.journey

FIRST = "Профигры и экскурсии, 1–11 классы, чел."
# What a spreadsheet puts on the clipboard, given to the box that has the focus.
PASTE = """(text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
EMPTY_ROWS = ("service_games", "service_lecture", "service_talk", "service_fair", "routes")


def open_section(visit: Visit, code: str = "diagnostics") -> tuple[Submission, Page]:
    form = form_of("K04")
    page = visit(person("coordinator"))
    page.goto(address(form, code))
    return form, page


def box(page: Page, name: str = FIRST) -> Locator:
    return page.get_by_role("textbox", name=name)


def paste(page: Page, text: str, name: str = FIRST) -> None:
    box(page, name).focus()
    page.evaluate(PASTE, text)


def numbers(form: Submission) -> list[int | None]:
    held = dict(form.values.values_list("element__code", "number"))
    return [held.get(code) for code in EMPTY_ROWS]


def report(page: Page) -> Locator:
    return page.locator("#paste-report")


def test_a_row_that_grows_above_leaves_the_box_where_it_is(visit: Visit) -> None:
    """A number that needs an explanation gets three new fields; nobody is typing in them yet."""
    _, page = open_section(visit, "contingent")
    first, second = box(page, "Обучающихся, 1 класс"), box(page, "Обучающихся, 2 класс")
    page.evaluate("addEventListener('focusin', (event) => { window.then = event.target.getBoundingClientRect().top; })")
    first.fill("300")
    first.press("Enter")
    expect(second).to_be_focused()
    expect(page.locator("tr[data-code=pupils_1]")).to_contain_text("W901")
    expect(page.locator("tr[data-code=pupils_1]")).to_contain_text("Сохранено")
    moved = second.evaluate("(one) => one.getBoundingClientRect().top - window.then")
    assert abs(moved) <= 1
    assert page.evaluate("scrollY") > 0, "the page moved, so that the box did not"


def test_a_column_is_pasted_told_of_and_taken_back(visit: Visit) -> None:
    form, page = open_section(visit)
    paste(page, "10\r\n1 500\r\n\r\n7 чел.\r\n99\r\n5\r\n")
    expect(report(page)).to_contain_text("Вставлено: 3, с ошибками: 1, не поместилось: 1.")
    assert numbers(form) == [10, 1500, None, None, 99]
    assert set(ValueChange.objects.filter(submission=form, to_number=1500).values_list("way", flat=True)) == {Way.PASTE}
    wrong = page.locator("tr[data-code=service_fair]")
    expect(wrong).to_contain_text("Введите целое число")
    expect(wrong.get_by_role("textbox").first).to_have_value("7 чел.")
    assert not faults_of(page)
    page.get_by_role("button", name="Отменить вставку").click()
    expect(report(page)).to_contain_text("Вставка отменена")
    expect(box(page)).to_have_value("")
    expect(wrong.get_by_role("textbox").first).to_have_value("")
    assert numbers(form) == [None] * 5


def test_a_column_pasted_without_a_connection_waits_and_goes_by_itself(visit: Visit) -> None:
    form, page = open_section(visit)
    page.context.set_offline(True)
    paste(page, "10\r\n1 500\r\n\r\n7 чел.\r\n99\r\n5\r\n")
    expect(report(page)).to_contain_text("Вставлено: 4, не поместилось: 1. Нет связи с сервером.")
    expect(page.get_by_role("button", name="Отменить вставку")).to_be_hidden()
    expect(page.locator("tr[data-code=routes]")).to_contain_text("Не отправлено")
    assert numbers(form) == [None] * 5
    page.context.set_offline(False)
    expect(page.locator("tr[data-code=service_fair]")).to_contain_text("Введите целое число")
    expect(page.locator("tr[data-code=routes]")).to_contain_text("Сохранено")
    assert numbers(form) == [10, 1500, None, None, 99]
    expect(page.locator("#entry-banner")).to_be_hidden()


def test_two_columns_are_refused_and_many_filled_rows_are_asked_about(visit: Visit) -> None:
    form, page = open_section(visit)
    paste(page, "1\t2\n3\t4\n")
    expect(report(page)).to_contain_text("Скопируйте один столбец: вставлено столбцов — 2.")
    paste(page, "11\n12\n13\n14\n15\n")
    expect(report(page)).to_contain_text("Вставлено: 5, с ошибками: 0, не поместилось: 0.")
    paste(page, "21\n22\n23\n24\n25\n")
    question = page.get_by_role("dialog", name="Заменить заполненные строки?")
    expect(question.get_by_role("row", name=FIRST)).to_contain_text("21")
    assert not faults_of(page)
    question.get_by_role("button", name="Не вставлять").click()
    expect(report(page)).to_contain_text("числа остались прежними")
    assert numbers(form) == [11, 12, 13, 14, 15]
    paste(page, "21\n22\n23\n24\n25\n")
    question.get_by_role("button", name="Заменить и вставить").click()
    expect(report(page)).to_contain_text("Вставлено: 5")
    assert numbers(form) == [21, 22, 23, 24, 25]


def test_a_share_is_counted_while_a_number_is_typed(visit: Visit) -> None:
    _, page = open_section(visit)
    share = page.get_by_role("row", name="Охват обучающихся профиграми и экскурсиями")
    expect(share).to_contain_text("…")
    box(page).press_sequentially("137")
    expect(share).to_contain_text("137 из 273 (50,2\u00a0%)")
    page.goto(page.url.replace("diagnostics", "contingent"))
    total = page.get_by_role("row", name="Обучающихся, 10–11 классы")
    before = int(total.locator("[data-sum]").inner_text())
    ten = page.get_by_role("textbox", name="Обучающихся, 10 класс, чел.")
    held = int(ten.input_value())
    ten.fill(str(held + 12_345))
    expect(total.locator("[data-sum]")).to_have_text(f"{before + 12_345:,}".replace(",", "\u00a0"))


def test_the_details_of_a_row_open_by_keys_take_a_comment_and_give_the_focus_back(visit: Visit) -> None:
    form, page = open_section(visit)
    box(page).focus()
    page.keyboard.press("Control+Enter")
    panel = page.get_by_role("dialog", name="Профигры и экскурсии, 1–11 классы")
    expect(panel).to_contain_text("Каждый считается один раз за год")
    assert not faults_of(page)
    panel.get_by_label("Ссылка на подтверждение").fill("школа")
    panel.get_by_role("button", name="Сохранить комментарий и ссылку").click()
    expect(panel.get_by_role("alert")).to_be_focused()
    expect(panel).to_contain_text("Ссылка должна начинаться с https:// или http://.")
    panel.get_by_label("Ссылка на подтверждение").fill("https://school.example.ru/")
    panel.get_by_role("button", name="Сохранить комментарий и ссылку").click()
    expect(panel.get_by_role("status")).to_contain_text("Ссылка ведёт на главную страницу сайта")
    panel.get_by_text("Задать вопрос методисту").click()
    panel.get_by_label("Вопрос методисту").fill("Считать ли экскурсии без автобуса?")
    panel.get_by_role("button", name="Отправить вопрос").click()
    expect(panel.get_by_role("status")).to_contain_text("Вопрос отправлен")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name=re.compile("Подробнее.*Профигры и экскурсии"))).to_be_focused()
    assert Thread.objects.filter(submission=form, element__code="service_games").count() == 1
    box(page).fill("7")
    box(page).press("Enter")
    expect(page.locator("tr[data-code=service_games]")).to_contain_text("Сохранено")


def test_without_scripts_a_row_is_a_page_where_one_asks_and_the_department_answers(visit: Visit) -> None:
    form = form_of("K04")
    page = visit(person("coordinator"), scripts=False)
    page.goto(address(form, "diagnostics"))
    page.get_by_role("link", name=re.compile("Подробнее.*Профигры и экскурсии")).click()
    page.get_by_text("Задать вопрос методисту").click()
    page.get_by_label("Вопрос методисту").fill("Считать ли экскурсии без автобуса?")
    page.get_by_role("button", name="Отправить вопрос").click()
    department = visit(person("methodist"))
    department.goto("/monitoring/questions/")
    assert not faults_of(department)
    department.get_by_role("link", name="Профигры и экскурсии").click()
    department.get_by_label("Ответ").fill("Да, любые.")
    department.get_by_role("button", name="Ответить").click()
    expect(department.get_by_text("Ответ: Да, любые.")).to_be_visible()
    assert not faults_of(department)
    page.reload()
    expect(page.get_by_text("Ответ: Да, любые.")).to_be_visible()
    page.get_by_role("button", name="Закрыть вопрос").click()
    expect(page.get_by_text("Вопрос закрыт.")).to_be_visible()


def test_a_wheel_over_a_box_changes_nothing(visit: Visit) -> None:
    form, page = open_section(visit, "contingent")
    ten = page.get_by_role("textbox", name="Обучающихся, 10 класс, чел.")
    held, version = ten.input_value(), form.version
    ten.focus()
    ten.hover()
    page.mouse.wheel(0, 300)
    page.mouse.wheel(0, -300)
    page.keyboard.press("Tab")
    expect(ten).to_have_value(held)
    form.refresh_from_db()
    assert form.version == version


@pytest.mark.parametrize("agree", [True, False])
def test_signing_out_asks_about_numbers_that_have_not_gone(visit: Visit, agree: bool) -> None:
    _, page = open_section(visit)
    draft = f"draft:{person('coordinator').user_id}:form"
    page.evaluate(
        "([name]) => { localStorage.setItem(name, '{}'); localStorage.setItem('draft:0:form', '{}'); }", [draft]
    )
    page.goto("/accounts/logout/")
    page.on("dialog", lambda dialog: dialog.accept() if agree else dialog.dismiss())
    page.get_by_role("main").get_by_role("button", name="Выйти").click()
    left = page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft:'))")
    expect(page.get_by_role("heading", level=1)).to_have_text("Вход" if agree else "Выйти из портала?")
    assert sorted(left) == (["draft:0:form"] if agree else sorted(["draft:0:form", draft]))


def test_two_people_see_that_they_type_into_one_form(visit: Visit) -> None:
    call_command("createcachetable")
    form, first = open_section(visit)
    first.wait_for_load_state("networkidle")
    expect(first.get_by_text("Сейчас форму заполняет также")).to_have_count(0)
    second = visit(member(Role.COORDINATOR, school=form.school))
    second.goto(address(form, "staff"))
    expect(
        second.get_by_text("Сейчас форму заполняет также: Анна Показателева, раздел «Диагностика и услуги».")
    ).to_be_visible()
