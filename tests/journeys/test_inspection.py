"""Does the inspection of pages see a fault when there is one? Without this, «nothing found» would prove nothing."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import Visit
from tests.journeys.inspection import Watched, faults_of

pytestmark = pytest.mark.journey

PLANTED = {
    "axe label": 'main.insertAdjacentHTML("beforeend", "<input type=text>")',
    "axe color-contrast": 'main.querySelector("h1").style.color = "#dddddd"',
    "axe target-size": 'main.insertAdjacentHTML("beforeend", "<button>а</button><button>б</button>");'
    'main.querySelectorAll("button:not([class])").forEach((one) => { one.style.cssText = "width:9px;height:9px;padding:0" })',
    "h1: 2": 'main.insertAdjacentHTML("beforeend", "<h1>Ещё</h1>")',
    "picture is not drawn": "main.insertAdjacentHTML(\"beforeend\", \"<img src='data:image/png;base64,AAAA' alt='Рисунок'>\")",
    "scrolls sideways at 320": 'main.style.width = "400px"',
    "the page has no title": 'document.title = ""',
    "does not say that it is in Russian": 'document.documentElement.lang = "en"',
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found(visit: Visit, fault: str) -> None:
    page = visit()
    page.goto("/accessibility/")
    assert not faults_of(page)
    page.evaluate(f'() => {{ const main = document.querySelector("main"); {PLANTED[fault]}; }}')
    assert any(fault in found for found in faults_of(page))


def test_the_browser_tells_of_the_content_policy_of_scripts_and_of_missing_files(
    demo: LiveServer, chromium: Browser
) -> None:
    context = chromium.new_context(base_url=demo.url)
    watched = Watched(context)
    page = context.new_page()
    page.goto("/accessibility/")
    assert not watched.complaints
    page.evaluate("""() => {
        document.body.insertAdjacentHTML("beforeend", "<p style='color: red'>Красное</p><img src='/static/no.svg' alt=''>");
        setTimeout(() => { throw new Error("planted"); });
        console.error("said");
    }""")
    page.wait_for_load_state("networkidle")
    context.close()
    for expected in ("content policy: style-src-attr", "planted", "said", "404: "):
        assert any(expected in line for line in watched.complaints), expected
