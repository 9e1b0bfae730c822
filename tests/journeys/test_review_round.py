"""Do a specialist and a coordinator understand each other: a return with remarks, the mending, the difference, the acceptance?"""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from monitoring.enums import FormState
from monitoring.models import Submission
from tests.factories import coordinator_of
from tests.journeys.conftest import Visit
from tests.journeys.steps import SEND, address, form_of, person, sign_for_numbers, told

pytestmark = pytest.mark.journey
CONSULTED = "service_consult"


def test_a_round_of_review(visit: Visit) -> None:
    form = form_of("K03")  # under review
    number = form.values.get(element__code=CONSULTED).number or 0
    department, school = visit(person("specialist")), visit(coordinator_of(form.school))
    _return(department, form)
    _mend(school, form, number + 1)
    _see_the_difference_and_accept(department, form, number)
    form.refresh_from_db()
    assert form.state == FormState.ACCEPTED


def _return(page: Page, form: Submission) -> None:
    page.goto(address(form))
    page.get_by_role("link", name="Вернуть на доработку").click()
    page.get_by_label("Причина возврата").fill("Число консультаций не сходится с отчётом.")
    page.get_by_label("Новый срок").fill((timezone.localdate() + timedelta(days=9)).isoformat())
    page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
    page.locator(f"[name='row-{CONSULTED}']").fill("Сверьте с журналом.")
    page.locator("[name='section-staff']").fill("Приложите приказ.")
    page.get_by_role("button", name="Вернуть на доработку").click()
    told(page, "Форма возвращена на доработку.")


def _mend(page: Page, form: Submission, number: int) -> None:
    page.goto(address(form))
    expect(page.get_by_text("Причина: Число консультаций не сходится с отчётом.")).to_be_visible()
    expect(page.get_by_role("heading", name="Замечания (2)")).to_be_visible()
    remark = page.get_by_role("listitem").filter(has_text="Сверьте с журналом.")
    remark.get_by_role("link").first.click()
    box = page.locator(f"[name='value-{CONSULTED}']")
    box.fill(str(number))
    box.press("Enter")
    expect(page.locator(f"#saved-{CONSULTED}")).to_contain_text("Сохранено")
    page.goto(address(form, "check"))
    sign_for_numbers(page)
    page.get_by_role("button", name=SEND).click()
    told(page, "Форма отправлена в управление образования.")


def _see_the_difference_and_accept(page: Page, form: Submission, before: int) -> None:
    page.goto(address(form))
    expect(page.get_by_text("Форма исправлена.")).to_be_visible()
    page.get_by_role("button", name="Взять на проверку").click()
    page.get_by_role("link", name="Что изменилось после возврата").click()
    row = page.get_by_role("table").get_by_role("row").nth(1)
    expect(row.get_by_role("cell").nth(0)).to_have_text(str(before))
    expect(row.get_by_role("cell").nth(1)).to_have_text(str(before + 1))
    expect(page.get_by_text("Школа исправила отмеченное или ответила.")).to_have_count(1)
    page.get_by_role("button", name="Принять").click()
    expect(page.get_by_role("alert")).to_contain_text("ждёт решения 1 замечание или вопрос")
    page.get_by_role("link", name="Что изменилось после возврата").click()
    page.get_by_role("button", name="Закрыть замечание").click()
    told(page, "Замечание закрыто.")
    page.get_by_role("button", name="Принять").click()
    told(page, "Форма принята.")
