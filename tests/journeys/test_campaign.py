"""Does a campaign run: launched with an order, put off for one school, reminded of, and heard of by the coordinator?"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from monitoring.models import Campaign, Extension, Reminder, Submission
from portal.formats import date_digits
from tests.journeys.conftest import Visit
from tests.journeys.steps import form_of, person, told

pytestmark = pytest.mark.journey
DEADLINE = timezone.localdate() + timedelta(days=40)
LATER = DEADLINE + timedelta(days=10)

YEAR = 2023
EXTENDED, REMINDED = "K07", "K04"  # K04 is the coordinator's own school


def test_two_forms_are_launched_one_school_gets_time_and_one_is_reminded(visit: Visit) -> None:
    department, school = visit(person("specialist")), visit(person("coordinator"))
    _the_specialist_launches_two_forms_with_an_order(department)
    _one_school_gets_more_time(department)
    _the_coordinators_school_is_reminded(department)
    _the_coordinator_opens_the_notice(school)


def _the_specialist_launches_two_forms_with_an_order(page: Page) -> None:
    page.goto("/monitoring/campaigns/")
    page.get_by_role("link", name="Запустить сбор данных").click()
    page.get_by_label("Учебный год").select_option("2023/24")
    page.get_by_label("Мониторинг профориентационной работы").check()
    page.get_by_label("Самоопределение выпускников").check()
    page.get_by_label("Основание (приказ)").select_option(index=1)
    page.get_by_label("Срок сдачи", exact=True).fill(DEADLINE.isoformat())
    page.get_by_role("button", name="Проверить перед запуском").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Проверка перед запуском: 2023/2024 учебный год")
    expect(page.get_by_text("Школ и организаций: 19")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Новая строка").first).to_be_visible()
    assert not Campaign.objects.filter(year=YEAR).exists()
    page.get_by_role("button", name="Запустить").click()
    told(page, "Сбор данных запущен.")
    expect(page.get_by_role("navigation", name="Формы этого учебного года").get_by_role("link")).to_have_count(2)
    assert Campaign.objects.filter(year=YEAR, regulation__isnull=False).count() == 2


def _tick(page: Page, code: str) -> Submission:
    form = form_of(code, year=YEAR)
    page.goto(reverse("monitoring:campaign", args=[form.campaign.public_id]))
    page.get_by_label(f"Отметить: {form.school.name}").check()
    return form


def _one_school_gets_more_time(page: Page) -> None:
    form = _tick(page, EXTENDED)
    page.get_by_role("button", name="Продлить срок").click()
    expect(page.get_by_text("Срок продлевается для школ: 1")).to_be_visible()
    page.get_by_label("Новый срок").fill(LATER.isoformat())
    page.get_by_label("Причина").fill("Ремонт в школе")
    page.get_by_role("button", name="Продлить срок").click()
    told(page, "Срок продлён")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=form.school.name))
    expect(row).to_contain_text(f"продлено до {date_digits(LATER)}")
    assert Extension.objects.get().submission == form


def _the_coordinators_school_is_reminded(page: Page) -> None:
    form = _tick(page, REMINDED)
    page.get_by_role("button", name="Напомнить выбранным").click()
    expect(page.get_by_text("Напоминание получат ответственные школ: 1")).to_be_visible()
    page.get_by_role("button", name="Напомнить", exact=True).click()
    told(page, "Напоминание отправлено: 1 школа.")
    assert [one.submission for one in Reminder.objects.all()] == [form]


def _the_coordinator_opens_the_notice(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Уведомления").click()
    unread = int(page.locator(".strip .count").inner_text().split()[0])
    page.get_by_role("button", name="Напоминание: форма «Мониторинг профориентационной работы» за 2023/24").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Мониторинг")
    assert page.url.endswith(reverse("monitoring:form", args=[form_of(REMINDED, year=YEAR).public_id]))
    left = page.locator(".strip .count").inner_text().split()[0] if unread > 1 else "0"
    assert int(left) == unread - 1
