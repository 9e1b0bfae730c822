"""Does a new coordinator come in with nothing but a printed slip, and is the slip good only once?"""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tests.journeys.steps import person, told

pytestmark = pytest.mark.journey
EMAIL = "novaya@school.example"
CHOSEN = "тихая-лампа-едет-боком"


def test_a_slip_lets_a_new_coordinator_in_once(visit: Visit) -> None:
    page = visit(person("specialist"))
    page.goto("/people/")
    page.get_by_role("link", name="Пригласить", exact=True).click()
    page.get_by_label("Электронная почта").fill(EMAIL)
    page.get_by_label("Фамилия, имя и отчество").fill("Ольга Новая")
    page.get_by_label("Роль").select_option(label="Ответственный за профориентацию")
    page.get_by_label("Школа").select_option(index=7)
    school = page.get_by_label("Школа").locator("option:checked").inner_text()
    page.get_by_label("Листком доступа").check()
    page.get_by_role("button", name="Пригласить").click()
    slip = page.locator(".slip")
    expect(slip).to_contain_text("Ольга Новая")
    expect(slip).to_contain_text(school)
    code = slip.locator(".secret").inner_text()

    page = visit()
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Введите код с листка").click()
    page.get_by_label("Код с листка доступа").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Продолжить").click()
    expect(page.get_by_text(school)).to_be_visible()
    page.get_by_label("Пароль", exact=True).fill(CHOSEN)
    page.get_by_label("Пароль ещё раз").fill(CHOSEN)
    page.get_by_role("button", name="Сохранить пароль").click()
    told(page, "Готово. Войдите")
    page.get_by_label("Адрес электронной почты").fill(EMAIL)
    page.get_by_label("Пароль", exact=True).fill(CHOSEN)
    page.get_by_role("main").get_by_role("button", name="Войти").click()
    expect(page.get_by_role("heading", name="Формы школы")).to_be_visible()
    page.get_by_role("main").get_by_role("link").first.click()
    expect(page.get_by_text(school).first).to_be_visible()

    page = visit()
    page.goto("/invitations/")
    page.get_by_label("Код с листка доступа").fill(code)
    page.get_by_role("button", name="Продолжить").click()
    expect(page.get_by_role("heading", name="Этот код не действует")).to_be_visible()
