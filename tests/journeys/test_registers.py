"""A specialist keeps the register of schools: adds one by hand, then two by a file, seeing first what will change."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from portal.models import School
from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round, refused
from tests.journeys.steps import page_of_school, person, told

pytestmark = pytest.mark.journey
TABLE = (
    "Код;Название;Вид;Местность;Классы\r\nN1;Новая школа;Гимназия;Город;1–11\r\nN2;Сельская школа;basic;село;1-9\r\n"
)


def test_a_school_is_added_by_hand_and_two_more_by_a_file(visit: Visit) -> None:
    page = visit(person("specialist"))
    page.goto("/schools/")
    page.get_by_role("link", name="Добавить школу").click()
    page.get_by_label("Код").fill("N0")
    page.get_by_label("Название").fill("Начальная школа у реки")
    page.get_by_label("Вид").select_option("primary")
    page.get_by_label("Село").check()
    for grade in ("1", "2", "3", "4"):
        page.get_by_label(grade, exact=True).check()
    page.get_by_role("button", name="Добавить").click()
    told(page, "Школа «Начальная школа у реки» добавлена.")
    page.goto("/schools/?kind=primary")
    expect(page.get_by_role("link", name="Начальная школа у реки")).to_be_visible()

    page.goto("/schools/import/")
    page.get_by_label("Файл").set_input_files(
        {"name": "schools.csv", "mimeType": "text/csv", "buffer": TABLE.encode("cp1251")}
    )
    page.get_by_role("button", name="Проверить файл").click()
    expect(page.get_by_text("Новых школ: 2. Изменится: 0. Без изменений: 0.")).to_be_visible()
    assert not School.objects.filter(code="N1").exists()
    page.get_by_role("button", name="Записать").click()
    told(page, "Загрузка выполнена. Добавлено школ: 2, изменено: 0.")
    assert set(School.objects.filter(code__startswith="N").values_list("code", flat=True)) == {"N0", "N1", "N2"}


def test_pages_of_the_registers(visit: Visit) -> None:
    walk = Round(visit(person("specialist")))
    school = page_of_school("K01")
    walk.look(school)
    walk.look(f"{school}edit/")
    walk.look(f"{school}close/")
    walk.look(f"{school}close/", "with errors", after=refused("Отметить закрытие"))
    walk.look("/schools/?kind=lyceum&locality=city&closed=yes", "filtered")
    walk.look("/schools/add/")
    walk.look("/schools/add/", "with errors", after=refused("Добавить"))
    walk.look("/schools/import/")
    walk.look("/schools/import/", "with errors", after=refused("Проверить файл"))
    walk.look("/regulations/")
    walk.look("/regulations/?q=нет такого", "filtered")
    walk.look("/regulations/add/?next=/monitoring/campaigns/launch/")
    walk.look("/regulations/add/", "with errors", after=refused("Добавить"))
    act = person("specialist").municipality.regulation_set.order_by("pk").first()
    for name in ("regulation", "regulation_edit", "regulation_delete"):
        walk.look(reverse(name, args=[act.public_id]))
    walk.page.goto("/schools/import/")
    walk.page.get_by_label("Файл").set_input_files({"name": "s.csv", "mimeType": "text/csv", "buffer": TABLE.encode()})
    walk.page.get_by_role("button", name="Проверить файл").click()
    walk.look("/schools/import/preview/", "of new schools")
    walk.tell()
