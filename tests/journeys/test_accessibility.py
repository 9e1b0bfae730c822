"""Can everybody use every page of strangers and of a school, in every state: axe-core, narrow windows, pictures, the content policy?"""

import pytest
from playwright.sync_api import Page

from tests.factories import coordinator_of, fill
from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round, refused
from tests.journeys.steps import address, an_invitation, form_of, page_of_school, papers_of, person, sign_in_by_hand

pytestmark = pytest.mark.journey


def test_pages_of_strangers(visit: Visit) -> None:
    walk = Round(visit())
    walk.look("/accounts/login/")
    walk.look("/accounts/login/", "with errors", after=refused("Войти"))
    walk.look("/accounts/login/", "refused", after=refused("Войти", _somebody_unknown))
    walk.look("/invitations/")
    walk.look("/invitations/", "with errors", after=refused("Продолжить"))
    walk.look("/invitations/00000000000000000000/", "no such code", status=404)
    _, code = an_invitation()
    walk.look(f"/invitations/{code}/")
    walk.look(f"/invitations/{code}/", "with errors", after=refused("Сохранить пароль"))
    walk.look("/display/?next=/accessibility/")
    walk.look("/accessibility/")
    walk.look("/no-such-page/", status=404)
    walk.tell()


def _somebody_unknown(page: Page) -> None:
    page.get_by_label("Адрес электронной почты").fill("nobody@demo.local")
    page.get_by_label("Пароль", exact=True).fill("not-the-password")


def test_pages_of_the_account(visit: Visit) -> None:
    page = visit()
    page.goto("/accounts/login/")
    sign_in_by_hand(page, "coordinator")
    walk = Round(page)
    walk.look("/", "with the menu open", after=lambda page: page.locator("details.menu summary").click())
    walk.look("/accounts/password/change/")
    walk.look("/accounts/password/change/", "with errors", after=refused("Сменить пароль"))
    walk.look("/accounts/2fa/")
    walk.look("/accounts/2fa/totp/activate/")
    walk.look("/accounts/sessions/")
    walk.look("/accounts/reauthenticate/")
    walk.look("/display/?next=/")
    walk.look("/accounts/logout/")
    walk.tell()


def test_pages_of_a_coordinator(visit: Visit) -> None:
    half = form_of("K04")
    walk = Round(visit(person("coordinator")))
    walk.look("/")
    walk.look("/schools/")
    walk.look(page_of_school("K04"))
    walk.look(page_of_school("K04") + "colleagues/")
    walk.look(page_of_school("K04") + "colleagues/", "with errors", after=refused("Пригласить"))
    walk.look(address(half))
    for code in ("contingent", "diagnostics", "conditions", "staff"):
        walk.look(address(half, code))
    walk.look(address(half, "diagnostics"), "with errors", after=refused("Сохранить", _type_nonsense))
    walk.look(address(half, "check"), "with empty rows")
    walk.look(address(half, "print"))
    walk.look(address(half, "print") + "?blank=1")
    walk.look(address(half, "history"))
    walk.look("/monitoring/campaigns/", "not hers", status=403)
    walk.look(address(form_of("K05")), "another school's", status=404)
    fill(half, **papers_of("K04") | {"tested_9_11": 95, "service_talk": 20})
    walk.look(address(half), "with errors in a section")
    walk.look(address(half, "diagnostics"), "with findings")
    walk.look(address(half, "check"), "with errors and warnings")
    walk.look(address(half, "check"), "with a refused explanation", after=refused("Сохранить пояснение"))
    fill(half, **papers_of("K04"))
    walk.look(address(half, "check"), "clean")
    fill(half, tested_9_11=None)
    walk.look(address(half, "check"), "with a relation not evaluated")
    walk.look(address(half, "diagnostics"), "with a row without data")
    walk.tell()


def _type_nonsense(page: Page) -> None:
    page.get_by_role("textbox").first.fill("-5")


@pytest.mark.parametrize(
    ("code", "state"), [("K07", "not begun"), ("K02", "returned"), ("K05", "sent"), ("K01", "accepted")]
)
def test_a_form_in_each_state_as_its_school_sees_it(visit: Visit, code: str, state: str) -> None:
    form = form_of(code)
    walk = Round(visit(coordinator_of(form.school)))
    for rest in ((), ("diagnostics",), ("check",), ("history",)):
        walk.look(address(form, *rest), state)
    walk.look("/", state)
    walk.tell()
