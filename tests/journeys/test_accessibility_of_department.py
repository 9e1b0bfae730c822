"""Can everybody use every page of the department, in every state: axe-core, narrow windows, pictures, the content policy?"""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from monitoring.actions import begin_behalf, extend, offer, return_form
from monitoring.actions.review import Remark
from monitoring.models import Campaign, RegionForm, SavedTable
from monitoring.queries.results.overview import data_version
from portal.enums import JobState
from portal.importing import PeopleResource
from portal.models import ApiToken, Job, Municipality, School
from portal.roles import SCOPES, Role, Scope
from portal.workbooks import XLSX_TYPE, write_table
from reports import actions
from reports.demo import CURRENT
from reports.models import ReportKind
from tests.factories import coordinator_of, explain_all, member
from tests.journeys.conftest import Visit
from tests.journeys.rounds import Round, refused
from tests.journeys.steps import address, an_invitation, form_of, page_of_school, person

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
    board = reverse("monitoring:campaign", args=[sent.campaign.public_id])
    walk.look(board)
    walk.look(f"{board}?state=returned")
    walk.look(f"{board}?q=нет такой")
    walk.look(f"{board}?view=sections")
    walk.look(f"{board}remind/?all=1")
    walk.look(f"{board}extend/?all=1")
    walk.look(f"{board}extend/?all=1", "with errors", after=refused("Продлить срок"))
    walk.look(f"{board}terms/")
    walk.look(f"{board}terms/", "with errors", after=refused("Сохранить и сообщить школам"))
    walk.look(f"{board}close/")
    walk.look("/monitoring/campaigns/launch/")
    walk.look("/monitoring/campaigns/launch/", "with errors", after=refused("Проверить перед запуском"))
    choice = "year=2023&form=year&form=graduates&without_order=on&opens_on=2023-09-01&closes_on=2023-10-20"
    walk.look(f"/monitoring/campaigns/launch/review/?{choice}")
    walk.look("/notices/")
    walk.look("/notices/?unread=1")
    for form in (sent, checked):
        walk.look(address(form), form.get_state_display())
        walk.look(address(form, "diagnostics"), form.get_state_display())
    walk.look(address(checked, "check"))
    walk.look(address(checked, "return"))
    walk.look(address(checked, "return"), "with errors", after=refused("Вернуть на доработку"))
    walk.look("/no-such-page/", status=404)
    walk.tell()


def test_pages_of_people_and_invitations(visit: Visit) -> None:
    walk = Round(visit(person("specialist")))
    invited, _ = an_invitation()
    coordinator = person("coordinator")
    walk.look("/people/")
    walk.look("/people/?state=invited")
    walk.look(reverse("person", args=[coordinator.pk]))
    walk.look(reverse("person_off", args=[coordinator.pk]), "the last one")
    walk.look(reverse("person_end", args=[coordinator.pk]))
    walk.look(reverse("person_reset", args=[coordinator.pk]))
    walk.look(reverse("pending_invitation", args=[invited.public_id]))
    walk.look("/people/slips/", "empty")
    walk.look("/people/invite/")
    walk.look("/people/invite/", "with errors", after=refused("Пригласить"))
    walk.look("/people/invite/", "as a slip", after=_a_slip)
    walk.look("/people/invite/many/")
    walk.look("/people/invite/many/", "with errors", after=refused("Проверить список"))
    walk.look("/people/invite/many/", "checked", after=_a_list)
    walk.tell()


def _a_slip(page: Page) -> None:
    page.get_by_label("Электронная почта").fill("slip@school.example")
    page.get_by_label("Фамилия, имя и отчество").fill("Ольга Новая")
    page.get_by_label("Роль").select_option(label="Директор школы")
    page.get_by_label("Школа").select_option(index=1)
    page.get_by_label("Листком доступа").check()
    page.get_by_role("main").get_by_role("button", name="Пригласить").click()
    expect(page.locator(".slip")).to_be_visible()


def _a_list(page: Page) -> None:
    wrong = ["нет", "Ольга Новая", "", "Завуч", "", ""]
    good = ["list@school.example", "Ольга Новая", "", "coordinator", "K01", ""]
    data = write_table("Люди", list(PeopleResource.titles.values()), [good, wrong])
    page.locator("input[type=file]").set_input_files({"name": "x.xlsx", "mimeType": XLSX_TYPE, "buffer": data})
    page.get_by_role("main").get_by_role("button", name="Проверить список").click()
    expect(page.get_by_role("heading", name="Проверка списка")).to_be_visible()


def test_pages_of_the_keys_of_programs(visit: Visit) -> None:
    walk = Round(visit(person("admin")))
    walk.look("/people/tokens/", "empty")
    walk.look("/people/tokens/", "with errors", after=refused("Выдать ключ"))
    walk.look("/people/tokens/", "issued", after=_a_key)
    walk.look(reverse("api_token_revoke", args=[ApiToken.objects.get().public_id]))
    walk.tell()


def _a_key(page: Page) -> None:
    page.get_by_label("Для какой программы").fill("Сайт управления")
    page.get_by_role("main").get_by_role("button", name="Выдать ключ").click()
    expect(page.locator(".secret")).to_be_visible()


def test_pages_of_the_review(visit: Visit) -> None:
    walk = Round(visit(person("specialist")))
    half, sent, checked = form_of("K04"), form_of("K05"), form_of("K03")
    walk.look(address(half, "extend"))
    walk.look(address(half, "extend"), "with errors", after=refused("Продлить срок"))
    walk.look(address(half, "behalf"))
    walk.look(address(half, "behalf"), "with errors", after=refused("Внести за школу"))
    specialist = person("specialist")
    begin_behalf(submission=half, by=specialist, reason="Принесли на бумаге.")
    until = half.campaign.closes_at + timedelta(days=3)
    extend(submissions=[half], until=until, reason="Карантин.", by=specialist)
    walk.look(address(half), "entered on behalf, with an extension")
    walk.look(address(half, "diagnostics"), "entered on behalf")
    walk.look(address(half, "extend"), "with an extension")
    walk.look(address(checked, "correct", "tested_9_11"))
    walk.look(address(checked, "correct", "tested_9_11"), "with errors", after=refused("Исправить"))
    walk.look(address(checked, "changed"), "never returned")
    walk.look(reverse("monitoring:accept_clean", args=[sent.campaign.public_id]))
    remarks = [Remark("Сверьте.", element="service_consult"), Remark("Приложите приказ.", section="staff")]
    due = half.campaign.closes_at
    return_form(submission=checked, by=specialist, remarks=remarks, due_at=due, comment="Сверьте числа.")
    walk.look(address(checked, "changed"), "returned")
    walk.look(address(checked), "returned, for the department")
    walk.tell()


def test_pages_of_two_step_sending_and_of_a_hand_over(visit: Visit) -> None:
    form = form_of("K08")
    Campaign.objects.filter(pk=form.campaign_id).update(two_step=True)
    explain_all(form)
    coordinator = coordinator_of(form.school)
    walk = Round(visit(coordinator))
    walk.look(address(form, "check"), "to be given to the head")
    walk.look(address(form, "hand-over"))
    offer(submission=form, by=coordinator, version=form.version)
    walk.look(address(form), "with the head")
    head = Round(visit(member(Role.SCHOOL_HEAD, school=form.school)))
    head.look(address(form, "check"))
    head.look(address(form, "give-back"))
    head.look(address(form, "give-back"), "with errors", after=refused("Вернуть ответственному"))
    walk.tell()
    head.tell()


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
    walk.look("/monitoring/dashboard/quality/")
    walk.look(f"/monitoring/dashboard/quality/?year={CURRENT}", "in the middle of the collection")
    pinned = data_version(Municipality.objects.get(slug="kemerovo"))
    walk.look(f"/monitoring/dashboard/?version={pinned}", "pinned to a version")
    walk.look(f"/monitoring/indicators/4.1/?version={pinned}", "pinned to a version")
    walk.look("/monitoring/dashboard/?version=0", "no such version", status=404)
    walk.look("/monitoring/indicators/4.1/?year=2021", "with a target")
    walk.look("/monitoring/indicators/1.1/?year=2021", "without a target")
    walk.look(f"/monitoring/indicators/2.1-p/?year={CURRENT}", "with a changed definition")
    walk.look("/monitoring/indicators/3.8/?year=2021", "not computed in this year")
    walk.look("/monitoring/indicators/4.1/target/?year=2021")
    walk.look(
        "/monitoring/indicators/4.1/target/?year=2021", "refused", after=refused("Сохранить", _an_impossible_target)
    )
    walk.tell()


def test_pages_of_own_tables(visit: Visit) -> None:
    specialist = person("specialist")
    walk = Round(visit(specialist))
    chosen = "what=4.1&what=service_talk&year=last3&layout=schools&total=all&total=kinds"
    walk.look("/monitoring/tables/")
    walk.look("/monitoring/tables/?find=тестир")
    walk.look("/monitoring/tables/?find=нет такого")
    walk.look("/monitoring/tables/?what=4.1&what=service_talk&layout=schools")
    walk.look(f"/monitoring/tables/?{chosen}", "wide")
    walk.look(f"/monitoring/tables/?{chosen}&print=1", "for paper")
    walk.look("/monitoring/tables/?what=4.1&what=9.9&year=1999&preliminary=1", "with nothing left")
    walk.look("/monitoring/tables/?what=4.1", "with a name refused", after=_without_name)
    walk.look("/monitoring/tables/saved/", "empty")
    kept = SavedTable.objects.create(municipality=specialist.municipality, name="Охват", query=chosen)
    walk.look("/monitoring/tables/saved/")
    for what in ("rename", "delete"):
        walk.look(reverse(f"monitoring:table_{what}", args=[kept.public_id]))
    walk.look("/monitoring/region-forms/", "empty")
    walk.look("/monitoring/region-forms/new/")
    walk.look("/monitoring/region-forms/new/", "with errors", after=refused("Загрузить"))
    form = RegionForm.objects.create(
        municipality=specialist.municipality,
        name="Отчёт",
        file_name="отчёт.xlsx",
        file=write_table("Свод", ["Показатель", "Число"], [["Охват", None]]),
        marks=[["Свод", "B2", "4.1"], ["Свод", "C2", "pupls_9"], ["Свод", "D2", "3.8"]],
    )
    walk.look("/monitoring/region-forms/")
    for what in ("", "_replace", "_delete"):
        walk.look(reverse(f"monitoring:region_form{what}", args=[form.public_id]))
    walk.look(reverse("monitoring:region_form", args=[form.public_id]), "refused", after=refused("Отметить"))
    walk.tell()


def _without_name(page: Page) -> None:
    page.get_by_text("Сохранить таблицу под названием").click()
    page.get_by_role("button", name="Сохранить", exact=True).click()
    expect(page.locator(".error-summary")).to_be_visible()


def test_pages_of_rules(visit: Visit) -> None:
    walk = Round(visit(person("methodist")))
    walk.look("/monitoring/rules/")
    walk.look("/monitoring/rules/?form=extra&section=grade9", "nothing found")
    walk.look("/monitoring/rules/W901/")
    walk.look("/monitoring/rules/W901/", "with errors", after=refused("Сохранить"))
    walk.look("/monitoring/rules/statistics/")
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


def test_pages_that_compare_schools_grades_and_municipalities(visit: Visit) -> None:
    walk = Round(visit(person("specialist")))
    own, other = form_of("K04").school, form_of("K05").school
    walk.look("/monitoring/dashboard/schools/?year=2021&group=coverage&view=change")
    walk.look("/monitoring/dashboard/schools/?year=2021&group=coverage&view=gap&locality=village")
    walk.look("/monitoring/dashboard/schools/?year=2021&kind=lyceum", "no such school")
    walk.look("/monitoring/dashboard/compare/?year=2021", "nothing chosen")
    walk.look(f"/monitoring/dashboard/compare/?year=2021&school={own.public_id}&school={other.public_id}")
    walk.look(f"/monitoring/dashboard/compare/?year=2021&group=coverage&like={own.public_id}", "among those like it")
    walk.look("/monitoring/dashboard/grades/?year=2021")
    walk.tell()
    region = Round(visit(person("region")))
    region.look("/")
    region.look("/monitoring/region/?year=2021&group=contests")
    region.look("/monitoring/region/?year=2001", "a year without data")
    region.tell()
    school = Round(visit(person("coordinator")))
    school.look("/monitoring/results/?year=2021&group=coverage")
    school.look("/monitoring/results/?year=2001", "a year without data")
    school.tell()
