"""Can a specialist ask the schools something in a minute, and does the table add itself up while they answer?"""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from monitoring.actions.roundups import ColumnAsked, ask_roundup
from monitoring.enums import ColumnKind
from monitoring.forms.campaigns import end_of_day
from monitoring.models import Roundup
from portal.models import School
from tests.factories import coordinator_of
from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round, refused
from tests.journeys.steps import person, told

pytestmark = pytest.mark.journey
TITLE = "Открытые уроки в марте"


def school(code: str) -> School:
    return School.objects.get(municipality__slug="kemerovo", code=code)


def fill(page: Page, count: str, order: str) -> None:
    """A school goes from its home to its row and fills it."""
    page.goto("/")
    page.get_by_role("link", name=TITLE).click()
    page.get_by_label("Участников").fill(count)
    page.get_by_label("Есть приказ").select_option(label=order)
    page.get_by_role("button", name="Сохранить").click()
    told(page, "Строка сохранена")


def test_a_round_up_from_the_question_to_the_closed_table(visit: Visit) -> None:
    page = visit(person("specialist"))
    page.goto("/monitoring/roundups/")
    page.get_by_role("link", name="Новый свод").click()
    page.get_by_label("Название").fill(TITLE)
    page.get_by_label("Графа 1", exact=True).fill("Участников")
    page.get_by_label("Графа 2", exact=True).fill("Есть приказ")
    page.get_by_label("Графа 2: Что вносят").select_option(label="да/нет")
    page.get_by_label("Графа 3", exact=True).fill("Примечание")
    page.get_by_label("Графа 3: Что вносят").select_option(label="текст")
    page.get_by_label("Графу 3 можно не заполнять").check()
    example = page.get_by_role("region", name="Так увидит школа")
    expect(example.get_by_label("Примечание (необязательно)")).to_be_visible()
    page.get_by_label("Отмеченные ниже").check()
    page.get_by_text("Список организаций").click()
    for code in ("K04", "K05", "K09"):
        page.get_by_label(school(code).name).check()
    page.get_by_role("button", name="Отправить школам").click()
    told(page, "Свод отправлен 3 организациям.")
    table = page.url

    fill(visit(coordinator_of(school("K04"))), "17", "да")
    fill(visit(coordinator_of(school("K05")), scripts=False, width=390), "1 025", "нет")

    page.goto(table)
    total = page.get_by_role("row", name="Итого")
    expect(total).to_contain_text("Σ 1042")
    expect(total).to_contain_text("ответили 2 из 3")
    expect(total).to_contain_text("да\u00a0– 1, нет\u00a0– 1")
    expect(page.get_by_text(f"Не ответила 1 школа: {school('K09').name}.")).to_be_visible()
    page.get_by_role("button", name="Напомнить молчащим").click()
    told(page, f"Напоминание отправлено: {school('K09').name}.")
    page.get_by_role("button", name="Закрыть свод").click()
    told(page, "Свод закрыт.")
    late = visit(coordinator_of(school("K09")))
    late.goto("/")
    expect(late.get_by_role("link", name=TITLE, exact=True)).to_have_count(0)


def test_pages_of_round_ups(visit: Visit) -> None:
    specialist = person("specialist")
    walk = Round(visit(specialist))
    walk.look("/monitoring/roundups/", "empty")
    walk.look("/monitoring/roundups/new/")
    walk.look("/monitoring/roundups/new/", "refused", after=refused("Отправить школам"))
    for width, pages in ((2, ("", "repeat/")), (9, ("", "print/"))):
        asked = _ask(width)
        for rest in pages:
            walk.look(f"/monitoring/roundups/{asked.public_id}/{rest}", f"{width} columns")
    walk.look("/monitoring/roundups/?order=-answered")
    row = asked.rows.get(school__code="K04")
    walk.look(reverse("monitoring:roundup_row", args=[row.public_id]), "for the school")
    own = Round(visit(coordinator_of(row.school)))
    own.look("/", "with round-ups")
    own.look(reverse("monitoring:roundup_row", args=[row.public_id]), "refused", after=refused("Сохранить"))
    walk.tell()
    own.tell()


def _ask(columns: int) -> Roundup:
    specialist = person("specialist")
    kinds = [*ColumnKind] * 3
    assert specialist.municipality is not None
    return ask_roundup(
        by=specialist,
        title=f"Свод в {columns} граф",
        note="Считайте каждого один раз.",
        due_at=end_of_day(timezone.localdate(), specialist.municipality),
        columns=[ColumnAsked(f"Сколько учеников, вопрос {n}", kinds[n]) for n in range(columns)],
        schools=[school(code) for code in ("K04", "K05", "K09")],
    )
