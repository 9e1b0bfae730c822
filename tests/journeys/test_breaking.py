"""What happens when people do what nobody planned: click twice, go back, work in two windows, type nonsense?

The form is the plain one, without scripts; test_autosave.py does the same to the page that saves by itself.
"""

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from monitoring.enums import FormState
from monitoring.forms.entry import FRACTION, NEGATIVE, TOO_LONG, UNREADABLE
from monitoring.models import StatusChange, Submission, ValueChange
from tests.factories import coordinator_of, explain_all
from tests.journeys.conftest import Visit
from tests.journeys.steps import (
    SEND,
    address,
    form_of,
    papers_of,
    person,
    send,
    sign_for_numbers,
    sign_in_by_hand,
    told,
    type_form,
)

pytestmark = pytest.mark.journey

CELL = "pupils_1"
ROW = "Обучающихся, 1 класс, чел."
LOCKED = "Форма отправлена в управление образования."
NONSENSE = {
    "-5": NEGATIVE,
    "\u22125": NEGATIVE,
    "12,5": FRACTION,
    "12.5": FRACTION,
    "тридцать": UNREADABLE,
    "1e3": UNREADABLE,
    "\u0661\u0662\u0663": UNREADABLE,  # Arabic-Indic digits, which int() would read
    "1" * 22: TOO_LONG,
}


def ready_form() -> Submission:
    """A full form in which nothing stands between the coordinator and the sending."""
    form = form_of("K08")
    explain_all(form)
    return form


def sendings_of(form: Submission) -> int:
    return StatusChange.objects.filter(submission=form, to_state=FormState.SENT).count()


def stored(form: Submission) -> int | None:
    return form.values.get(element__code=CELL).number


def cell(page: Page) -> Locator:
    return page.get_by_role("textbox", name=ROW)


def save(page: Page) -> None:
    page.get_by_role("button", name="Сохранить", exact=True).click()


def state(page: Page, words: str) -> Locator:
    """The state in the head of a form's page."""
    return page.get_by_role("definition").get_by_text(words, exact=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_double_click_sends_the_form_once(visit: Visit, scripts: bool) -> None:
    form = ready_form()
    page = visit(coordinator_of(form.school), scripts=scripts)
    page.goto(address(form, "check"))
    sign_for_numbers(page)
    page.get_by_role("button", name=SEND).dblclick()
    expect(state(page, "отправлена")).to_be_visible()
    assert sendings_of(form) == 1


def test_going_back_after_sending_shows_the_form_as_it_is_now(visit: Visit) -> None:
    form = ready_form()
    page = visit(coordinator_of(form.school))
    page.goto(address(form, "contingent"))
    page.goto(address(form, "check"))
    send(page)
    told(page, LOCKED)
    page.go_back()
    expect(page.get_by_role("heading", name="Проверка формы")).to_be_visible()
    expect(
        page.get_by_text("Пока её не взяли на проверку, отозвать её может ответственный за профориентацию школы.")
    ).to_be_visible()
    expect(page.get_by_role("button", name=SEND)).to_have_count(0)
    page.go_back()
    expect(page.get_by_role("heading", name="Контингент обучающихся")).to_be_visible()
    expect(cell(page)).to_have_count(0)


def test_a_page_opened_before_the_sending_can_neither_save_nor_send_after_it(visit: Visit) -> None:
    form = ready_form()
    page = visit(coordinator_of(form.school), scripts=False)
    before = stored(form)
    section, check, sent = page, page.context.new_page(), page.context.new_page()
    section.goto(address(form, "contingent"))
    check.goto(address(form, "check"))
    sent.goto(address(form, "check"))
    send(sent)
    expect(state(sent, "отправлена")).to_be_visible()

    cell(section).fill("41")
    save(section)
    alert = section.get_by_role("alert").filter(has_text="Введённое на этой странице не сохранено")
    expect(alert).to_contain_text(LOCKED)
    assert stored(form) == before

    send(check)
    expect(check.get_by_role("alert")).to_contain_text("сейчас невозможно: форма отправлена")
    assert sendings_of(form) == 1


def test_of_two_windows_the_later_sees_both_values_and_decides(visit: Visit) -> None:
    form = form_of("K04")
    first = visit(coordinator_of(form.school), scripts=False)
    second = first.context.new_page()
    for window in (first, second):
        window.goto(address(form, "contingent"))
    cell(first).fill("35")
    save(first)
    told(first, "Сохранено.")

    cell(second).fill("36")
    save(second)
    conflict = second.get_by_role("row", name=ROW)
    expect(conflict).to_contain_text("Анна Показателева")
    expect(conflict).to_contain_text("теперь здесь 35. Ваше значение «36» не сохранено.")
    expect(second.get_by_role("alert")).to_contain_text("Не всё сохранено")
    expect(cell(second)).to_have_value("36")
    assert stored(form) == 35

    save(second)
    told(second, "Сохранено.")
    assert stored(form) == 36


def test_an_expired_session_leads_through_the_sign_in_back_to_the_form(visit: Visit) -> None:
    form = form_of("K04")
    page = visit(person("coordinator"), scripts=False)
    before, changes = stored(form), ValueChange.objects.count()
    page.goto(address(form, "contingent"))
    cell(page).fill("35")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    save(page)
    expect(page.get_by_role("heading", name="Вход")).to_be_visible()
    assert (stored(form), ValueChange.objects.count()) == (before, changes)

    sign_in_by_hand(page, "coordinator")
    expect(page.get_by_role("heading", name="Контингент обучающихся")).to_be_visible()
    expect(cell(page)).to_have_value(str(before))
    cell(page).fill("35")
    save(page)
    told(page, "Сохранено.")
    assert stored(form) == 35


def test_the_form_of_another_school_is_a_missing_page(visit: Visit) -> None:
    page = visit(person("coordinator"))
    for rest in ((), ("contingent",), ("check",), ("print",), ("history",)):
        answer = page.goto(address(form_of("K08"), *rest))
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("Страница не найдена")
        expect(page.get_by_text(form_of("K08").school.name)).to_have_count(0)


def test_nonsense_is_answered_with_a_sentence_and_never_written(visit: Visit) -> None:
    form = form_of("K04")
    page = visit(person("coordinator"), scripts=False)
    before, changes = stored(form), ValueChange.objects.count()
    page.goto(address(form, "contingent"))
    for typed, sentence in NONSENSE.items():
        cell(page).fill(typed)
        save(page)
        expect(page.get_by_role("row", name=ROW)).to_contain_text(sentence)
        expect(page.get_by_role("alert").get_by_role("link")).to_have_text(f"Обучающихся, 1 класс: {sentence}")
        expect(cell(page)).to_have_value(typed)
        assert (stored(form), ValueChange.objects.count()) == (before, changes), typed


def test_a_browser_without_scripts_fills_and_sends_a_form(visit: Visit) -> None:
    form = form_of("K04")
    page = visit(person("coordinator"), scripts=False)
    type_form(page, form, papers_of("K04"))
    page.get_by_role("link", name="Все разделы").click()
    page.get_by_role("link", name="Проверить и отправить").click()
    explain = page.get_by_role("button", name="Сохранить пояснение")
    while page.get_by_text("Отправить форму можно, когда исправлены все ошибки").count():
        page.get_by_label("Причина").first.select_option(label="другое")
        page.get_by_label("Пояснение").first.fill("Числа сверены с журналом и верны.")
        explain.first.click()
        told(page, "Пояснение сохранено.")
    send(page)
    told(page, LOCKED)
    assert sendings_of(form) == 1
