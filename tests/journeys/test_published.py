"""Published tables and findings in a browser: a file is brought, shown, written and told about; every page is usable."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from monitoring.models import PublishedTable
from monitoring.published_files import sample
from portal.workbooks import XLSX_TYPE
from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round, refused
from tests.journeys.steps import person

pytestmark = pytest.mark.journey


def test_pages_of_published_tables(visit: Visit) -> None:
    walk = Round(visit(person("specialist")))
    walk.look("/monitoring/dashboard/findings/")
    walk.look("/monitoring/dashboard/findings/?code=W-01&group=partners", "nothing found")
    walk.look("/monitoring/published/")
    walk.look("/monitoring/published/protocol/")
    walk.look("/monitoring/published/protocol/?code=W-04")
    walk.look("/monitoring/published/import/")
    walk.look("/monitoring/published/import/", "with errors", after=refused("Проверить файл"))
    table = reverse("monitoring:published_table", args=[PublishedTable.objects.earliest("pk").public_id])
    walk.look(table)
    walk.look(f"{table}2019/")
    walk.look(f"{table}2019/", "with errors", after=_judged_without_words)
    walk.look(f"{table}delete/")
    walk.tell()


def _judged_without_words(page: Page) -> None:
    page.get_by_label("спорное").check()
    page.get_by_role("button", name="Сохранить").click()


def test_a_file_is_brought_and_its_protocol_read(visit: Visit) -> None:
    page = visit(person("methodist"))
    page.goto("/monitoring/published/import/")
    file = {"name": "таблицы.xlsx", "mimeType": XLSX_TYPE, "buffer": sample("xlsx")}
    page.get_by_label("Файл").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Проверить файл").click()
    expect(page.get_by_text("Новых таблиц: 2.")).to_be_visible()
    page.get_by_role("button", name="Записать").click()
    expect(page.get_by_role("heading", name="Протокол расхождений в опубликованных таблицах")).to_be_visible()
    expect(page.get_by_text("Записано: 2 таблицы.")).to_be_visible()
