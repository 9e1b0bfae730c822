"""Does the yearly cycle hold together in a real browser: from a typed number to the page and the paper that show it?"""

import os
import re
import subprocess
import sys
from datetime import timedelta
from fractions import Fraction

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from monitoring.enums import FormState
from monitoring.models import Campaign, StatusChange, Submission
from portal.formats import percent, school_year, school_year_short, share
from reports.demo import CURRENT
from tests.factories import explain_all
from tests.journeys.conftest import Visit
from tests.journeys.steps import SEND, address, form_of, papers_of, person, send, told, type_form

pytestmark = pytest.mark.journey


TESTED = "Прошли профориентационное тестирование (диагностику), 9–11 классы"
DASHBOARD = f"/monitoring/dashboard/?year={CURRENT}"
TESTED_SHARE = "Доля обучающихся 9–11 классов, прошедших профориентационное тестирование"


def row_of(page: Page, label: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=label))


def retype(page: Page, form: Submission, number: int) -> None:
    """Put another number into the row of those tested, and go to the check."""
    page.goto(address(form, "diagnostics"))
    page.get_by_role("textbox", name=TESTED).fill(str(number))
    page.get_by_role("button", name="Сохранить", exact=True).click()
    told(page, "Сохранено.")
    page.get_by_role("link", name="Все разделы").click()
    page.get_by_role("link", name="Проверить и отправить").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Проверка формы")


def share_of(schools: list[str], tested: dict[str, int]) -> tuple[int, int]:
    """(those tested, pupils of grades 9–11) by the papers of the schools; `tested` replaces what a school's paper says."""
    papers = {school: papers_of(school) for school in schools}
    pupils = sum(papers[school][f"pupils_{grade}"] for school in schools for grade in (9, 10, 11))
    return sum(tested.get(school, papers[school]["tested_9_11"]) for school in schools), pupils


def expect_on_dashboard(page: Page, numerator: int, denominator: int, schools: int) -> None:
    page.goto(DASHBOARD)
    cell = row_of(page, TESTED_SHARE).get_by_role("cell").nth(2)
    expect(cell).to_contain_text(percent(Fraction(numerator, denominator)))
    expect(cell).to_contain_text(f"{numerator} из {denominator}")
    expect(cell).to_contain_text(f"по данным {schools} из 18 школ")


def expect_in_report(page: Page, numerator: int, denominator: int) -> None:
    """Build the report through the page, let the worker do what waits, read the result as a page and as a PDF."""
    page.goto("/reports/")
    page.get_by_label("Учебный год").select_option(school_year(CURRENT))
    page.get_by_role("button", name="Построить отчёт").click()
    expect(page.get_by_text("Работа ждёт своей очереди.")).to_be_visible()
    run_worker()
    page.get_by_role("link", name="Открыть результат").click()  # the page has asked for itself
    expect(page.get_by_role("heading", level=1)).to_contain_text(school_year(CURRENT))
    told = f"{share(numerator, denominator)} в {school_year_short(CURRENT)}"
    expect(page.get_by_role("main")).to_contain_text(told)
    with page.expect_download() as download:
        page.get_by_role("link", name="Скачать PDF").click()
    assert plain(told) in plain(" ".join(sheet.extract_text() for sheet in PdfReader(download.value.path()).pages))


def plain(text: str) -> str:
    """The text without its line breaks and kinds of space."""
    return " ".join(text.split())


def run_worker() -> None:
    """The real worker in a process of its own, on this test's database and folder, until nothing waits."""
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "PORTAL_DATA": str(settings.DATA_DIR),
    }
    command = [sys.executable, "manage.py", "worker", "--batch"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True, timeout=120)


def test_a_number_travels_from_the_school_to_the_dashboard_and_the_report(visit: Visit) -> None:
    form = form_of("K04")
    school, department = visit(person("coordinator"), scripts=False), visit(person("specialist"))
    before = share_of(["K01"], {})
    expect_on_dashboard(department, *before, schools=1)
    expect_in_report(department, *before)

    _a_part_larger_than_its_whole_is_stopped(school, form)
    _an_unusual_number_is_explained_and_sent(school, form)
    _the_specialist_returns_it_with_a_remark(department, form)
    _the_coordinator_mends_and_answers(school, form)
    _the_specialist_accepts(department, form)

    after = share_of(["K01", "K04"], {"K04": 28})
    assert after != before
    expect_on_dashboard(department, *after, schools=2)
    expect_in_report(department, *after)
    _the_first_report_keeps_its_numbers(department, *before)


def _a_part_larger_than_its_whole_is_stopped(page: Page, form: Submission) -> None:
    type_form(page, form, papers_of("K04") | {"tested_9_11": 95})
    page.goto(address(form, "diagnostics"))
    expect(row_of(page, TESTED)).to_contain_text("Ошибка E-4.1.")
    page.goto(address(form, "check"))
    mistake = page.get_by_role("listitem").filter(has_text="E-4.1.")
    expect(mistake).to_contain_text("указано 95, а сравнивается с числом 46")
    expect(page.get_by_role("button", name=SEND)).to_have_count(0)
    expect(page.get_by_text("Отправить форму можно, когда исправлены все ошибки")).to_be_visible()


def _an_unusual_number_is_explained_and_sent(page: Page, form: Submission) -> None:
    explain_all(form)  # what else is unusual in the demonstration
    retype(page, form, 40)
    warning = page.get_by_role("listitem").filter(has_text="W901.")
    expect(warning).to_contain_text("Было 29, стало 40 (+11)")
    expect(page.get_by_role("button", name=SEND)).to_have_count(0)

    warning.get_by_role("button", name="Сохранить пояснение").click()
    expect(page.get_by_role("alert")).to_contain_text("Выберите причину из списка.")
    warning.get_by_label("Причина").select_option("другое")
    warning.get_by_role("textbox", name="Пояснение").fill("Тестирование впервые провели и в десятых классах.")
    warning.get_by_role("button", name="Сохранить пояснение").click()
    told(page, "Пояснение сохранено.")
    expect(page.get_by_text("на все предупреждения даны пояснения")).to_be_visible()

    send(page)
    told(page, "Форма отправлена в управление образования.")
    expect(page.get_by_role("definition").get_by_text("отправлена", exact=True)).to_be_visible()


def _the_specialist_returns_it_with_a_remark(page: Page, form: Submission) -> None:
    page.goto("/monitoring/campaigns/")
    page.get_by_role("row").filter(has_text="2022/23").get_by_role("link").click()
    page.get_by_role("row").filter(has_text=form.school.name).get_by_role("link").click()
    page.get_by_role("button", name="Взять на проверку").click()
    told(page, "Форма взята на проверку.")

    page.get_by_role("link", name="Вернуть на доработку").click()
    page.get_by_role("button", name="Вернуть на доработку").click()
    expect(page.get_by_role("alert")).to_contain_text("Новый срок: Укажите новый срок.")
    page.get_by_label("Причина возврата").fill("Сверьте число с журналом.")
    page.get_by_label("Новый срок").fill((timezone.localdate() + timedelta(days=9)).isoformat())
    page.get_by_role("button", name="Вернуть на доработку").click()
    expect(page.get_by_role("alert")).to_contain_text("напишите хотя бы одно замечание")

    page.get_by_role("group").filter(has_text="Диагностика и услуги").get_by_text("Диагностика и услуги").first.click()
    page.get_by_label(TESTED).fill("По журналу педагога-психолога 28 человек.")
    page.get_by_role("button", name="Вернуть на доработку").click()
    told(page, "Форма возвращена на доработку.")


def _the_coordinator_mends_and_answers(page: Page, form: Submission) -> None:
    page.goto(address(form))
    expect(page.get_by_role("definition").get_by_text("возвращена на доработку")).to_be_visible()
    due = timezone.localdate() + timedelta(days=9)
    expect(page.get_by_role("definition").filter(has_text="осталось")).to_contain_text(f"{due:%d.%m.%Y}")
    remark = page.get_by_role("region", name="Замечания (1)").get_by_role("listitem")
    expect(remark).to_contain_text("По журналу педагога-психолога 28 человек.")

    remark.get_by_text("Ответить на замечание").click()
    remark.get_by_label("Ответ").fill("Исправлено: вернули число из журнала.")
    remark.get_by_role("button", name="Сохранить ответ").click()
    expect(page.get_by_text("Ответ: Исправлено: вернули число из журнала.")).to_be_visible()

    page.get_by_role("link", name=TESTED).click()
    expect(row_of(page, TESTED)).to_contain_text("Замечание. По журналу педагога-психолога 28 человек.")
    retype(page, form, 28)
    expect(page.get_by_text("Ошибок нет")).to_be_visible()
    send(page)
    told(page, "Форма отправлена в управление образования.")


def _the_specialist_accepts(page: Page, form: Submission) -> None:
    page.goto(address(form))
    page.get_by_role("button", name="Взять на проверку").click()
    page.get_by_role("button", name="Принять").click()
    told(page, "Форма принята. Показатели пересчитаны.")
    moves = StatusChange.objects.filter(submission=form).order_by("pk").values_list("to_state", flat=True)
    assert list(moves) == [
        FormState.FILLING,
        FormState.SENT,
        FormState.UNDER_REVIEW,
        FormState.RETURNED,
        FormState.SENT,
        FormState.UNDER_REVIEW,
        FormState.ACCEPTED,
    ]


def _the_first_report_keeps_its_numbers(page: Page, numerator: int, denominator: int) -> None:
    page.goto("/reports/")
    page.get_by_role("link", name="редакция 1").first.click()
    expect(page.get_by_text("После этой редакции данные изменились.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(share(numerator, denominator))


def test_a_sum_that_does_not_add_up_stops_the_graduates_form(visit: Visit) -> None:
    department, school = visit(person("specialist")), visit(person("coordinator"), scripts=False)
    department.goto("/monitoring/campaigns/")
    department.get_by_role("link", name="Запустить сбор данных").click()
    today = timezone.localdate()
    department.get_by_label("Учебный год").select_option("2022/23")
    department.get_by_label("Самоопределение выпускников").check()
    department.get_by_label("Основание (приказ)").select_option(index=1)
    department.get_by_label("Открыть").fill(today.isoformat())
    department.get_by_label("Срок сдачи", exact=True).fill((today - timedelta(days=1)).isoformat())
    department.get_by_role("button", name="Проверить перед запуском").click()
    expect(department.get_by_role("alert")).to_contain_text("Срок сдачи раньше открытия формы.")
    department.get_by_label("Срок сдачи", exact=True).fill((today + timedelta(days=20)).isoformat())
    department.get_by_role("button", name="Проверить перед запуском").click()
    department.get_by_role("button", name="Запустить").click()
    expect(department.get_by_role("heading", level=1)).to_have_text(
        "Самоопределение выпускников за 2022/2023 учебный год"
    )
    assert Campaign.objects.filter(form__code="graduates", year=CURRENT, municipality__slug="kemerovo").count() == 1

    form = form_of("K04", "graduates")
    papers = papers_of("K04", "graduates_2022")
    lost = 2
    type_form(school, form, papers | {"grad9_grade10": papers["grad9_grade10"] - lost})
    school.goto(address(form, "check"))
    mistake = school.get_by_role("listitem").filter(has_text="E101.")
    total = papers["grad9_total"]
    expect(mistake).to_contain_text(f"сумма – {total - lost}, всего – {total}, не хватает {lost}")
    expect(school.get_by_role("button", name=SEND)).to_have_count(0)

    mistake.get_by_role("link", name=re.compile("Продолжили обучение в 10 классе")).click()
    school.get_by_role("textbox", name="Продолжили обучение в 10 классе").fill(str(papers["grad9_grade10"]))
    school.get_by_role("button", name="Сохранить", exact=True).click()
    school.goto(address(form, "check"))
    send(school)
    told(school, "Форма отправлена в управление образования.")
