"""Can everybody use every page of the department, in every state: axe-core, narrow windows, pictures, the content policy?"""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from portal.enums import JobState
from portal.models import Job, Municipality, School
from portal.roles import SCOPES, Role, Scope
from reports import actions
from reports.demo import CURRENT
from reports.models import ReportKind
from tests.factories import member
from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round, refused
from tests.journeys.steps import address, form_of, page_of_school, person

pytestmark = pytest.mark.journey


def test_pages_of_a_specialist(visit: Visit) -> None:
    walk = Round(visit(person("specialist")))
    sent, checked = form_of("K05"), form_of("K03")
    walk.look("/")
    walk.look("/schools/")
    walk.look("/schools/?q=нет такой")
    walk.look(page_of_school("K01"))
    walk.look("/people/")
    walk.look("/people/?q=нет такого")
    walk.look("/monitoring/campaigns/")
    walk.look(reverse("monitoring:campaign", args=[sent.campaign.public_id]))
    walk.look(reverse("monitoring:campaign", args=[sent.campaign.public_id]) + "?state=returned")
    walk.look("/monitoring/campaigns/launch/")
    walk.look("/monitoring/campaigns/launch/", "with errors", after=refused("Запустить"))
    for form in (sent, checked):
        walk.look(address(form), form.get_state_display())
        walk.look(address(form, "diagnostics"), form.get_state_display())
    walk.look(address(checked, "check"))
    walk.look(address(checked, "return"))
    walk.look(address(checked, "return"), "with errors", after=refused("Вернуть на доработку"))
    walk.look("/no-such-page/", status=404)
    walk.tell()


def test_the_choice_between_two_memberships(visit: Visit) -> None:
    page = visit(person("admin"))
    walk = Round(page)
    walk.look("/")
    choice = page.get_by_label("Вы работаете как")
    before = choice.input_value()
    choice.select_option(index=1 - choice.evaluate("choice => choice.selectedIndex"))
    page.get_by_role("button", name="Выбрать").click()
    expect(page.get_by_label("Вы работаете как")).not_to_have_value(before)
    walk.look("/", "with the other one")
    walk.tell()


def test_pages_of_indicators(visit: Visit) -> None:
    walk = Round(visit(person("specialist")))
    walk.look("/monitoring/dashboard/")
    walk.look(f"/monitoring/dashboard/?year={CURRENT}")
    walk.look(f"/monitoring/dashboard/?year={CURRENT}&preliminary=1")
    walk.look("/monitoring/dashboard/?year=2001", "a year without data")
    walk.look("/monitoring/dashboard/?year=abc", "no year", status=400)
    walk.look("/monitoring/dashboard/schools/")
    walk.look("/monitoring/dashboard/schools/?group=support&order=-4.1")
    walk.look("/monitoring/dashboard/collection/")
    walk.look("/monitoring/indicators/4.1/?year=2021", "with a target")
    walk.look("/monitoring/indicators/1.1/?year=2021", "without a target")
    walk.look(f"/monitoring/indicators/2.1-p/?year={CURRENT}", "with a changed definition")
    walk.look("/monitoring/indicators/3.8/?year=2021", "not computed in this year")
    walk.look("/monitoring/indicators/4.1/target/?year=2021")
    walk.look(
        "/monitoring/indicators/4.1/target/?year=2021", "refused", after=refused("Сохранить", _an_impossible_target)
    )
    walk.tell()


def _an_impossible_target(page: Page) -> None:
    page.get_by_role("textbox", name="Целевое значение").fill("140")


def test_pages_of_a_head(visit: Visit) -> None:
    walk = Round(visit(person("head")))
    accepted = form_of("K01")
    walk.look("/")
    walk.look(address(accepted))
    walk.look(address(accepted, "reopen"))
    walk.look(address(accepted, "reopen"), "with errors", after=refused("Открыть для корректировки"))
    walk.look("/monitoring/dashboard/")
    walk.tell()


def test_pages_of_reports(visit: Visit) -> None:
    methodist = person("methodist")
    walk = Round(visit(methodist))
    walk.look("/reports/", "empty")
    place = methodist.municipality
    report = actions.build_report(municipality=place, year=2021, kind=ReportKind.ANALYSIS, by=methodist.user)
    walk.look("/reports/")
    walk.look(reverse("reports:report", args=[report.public_id]))
    walk.look("/", "with a report")
    result = {"url": reverse("reports:report", args=[report.public_id])}
    for state in JobState:
        job = Job.objects.create(kind="report", municipality=place, state=state, result=result, progress=40)
        walk.look(reverse("job", args=[job.public_id]), state)
    walk.tell()


@pytest.mark.parametrize("role", list(Role))
def test_the_home_and_the_menu_of_each_role(visit: Visit, role: Role) -> None:
    town = Municipality.objects.get(slug="kemerovo")
    school = School.objects.get(municipality=town, code="K09") if SCOPES[role] == Scope.SCHOOL else None
    walk = Round(visit(member(role, town, school)))
    walk.look("/")
    menu = walk.page.get_by_role("navigation", name="Главное меню").get_by_role("link").all()
    for url in [link.get_attribute("href") or "" for link in menu[1:]]:
        walk.look(url)
    walk.tell()
