"""Do the key pages keep their promises in large letters and in the other colours, and are the charts what they say?"""

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from reports.demo import CURRENT
from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round
from tests.journeys.steps import address, form_of, page_of_school, person

pytestmark = pytest.mark.journey

# size-scheme-spacing-font-images, as the settings page writes it
MODES = ["2-contrast-normal-sans-on", "1.5-dark-wide-serif-off"]
WHITE = (0xFF, 0xFF, 0xFF)
SERIES = (0x12, 0x43, 0x6D)  # the first colour of every chart


@pytest.mark.parametrize("mode", MODES)
def test_key_pages_in_other_sizes_and_colours(visit: Visit, mode: str) -> None:
    form = form_of("K04")
    school = Round(visit(person("coordinator"), width=1280, display=mode))
    for url in ("/", address(form), address(form, "diagnostics"), address(form, "check"), page_of_school("K04")):
        school.look(url, mode)
    department = Round(visit(person("specialist"), width=1280, display=mode))
    for url in (
        "/",
        "/monitoring/campaigns/",
        f"/monitoring/dashboard/?year={CURRENT}",
        "/monitoring/dashboard/schools/",
        "/monitoring/indicators/4.1/?year=2021",
    ):
        department.look(url, mode)
    department.faults += school.faults
    department.tell()


def test_the_settings_page_changes_every_page_and_takes_it_back(visit: Visit) -> None:
    page = visit(person("coordinator"))
    page.goto("/schools/")
    usual = letters(page)
    page.get_by_role("link", name="Версия для слабовидящих").click()
    page.get_by_role("radio", name="Увеличенный вдвое").check()
    page.get_by_role("radio", name="Белым по чёрному").check()
    page.get_by_role("button", name="Сохранить и вернуться").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Школы")
    assert letters(page) == 2 * usual
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(0, 0, 0)"
    page.get_by_role("link", name="Версия для слабовидящих").click()
    page.get_by_role("button", name="Сбросить").click()
    assert letters(page) == usual


def letters(page: Page) -> float:
    return float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)"))


def test_a_chart_is_drawn_in_its_colours_under_the_content_policy(visit: Visit) -> None:
    page = visit(person("specialist"))
    page.goto("/monitoring/indicators/4.1/?year=2021")
    picture = page.get_by_role("figure").get_by_role("img").first
    image = Image.open(io.BytesIO(picture.screenshot())).convert("RGB")
    found = {colour: count for count, colour in image.getcolors(image.width * image.height) or []}
    assert found.get(SERIES, 0) > 100
    assert found.get(WHITE, 0) > image.width * image.height / 2
