"""Who walks the portal and the steps that several journeys take."""

import json
import re

from django.urls import reverse
from playwright.sync_api import Page, expect

from monitoring.models import Submission
from portal import actions
from portal.enums import InvitationWay
from portal.models import Invitation, Membership, School
from portal.roles import Role
from reports.demo import CURRENT, FIXTURES, PASSWORD

SEND = "Отправить в управление образования"
YES_NO = {"value-site_section", "value-stand"}


def person(name: str) -> Membership:
    """The membership with which a person of the demonstration begins, by the first part of the e-mail."""
    rows = Membership.objects.select_related("user", "school", "municipality").order_by("pk")
    found = rows.filter(user__email=f"{name}@demo.local").first()
    assert found is not None, f"the demonstration has no {name}"
    return found


def form_of(school: str, form: str = "year", year: int = CURRENT) -> Submission:
    """The form of a school of the first municipality, by the school's code."""
    rows = Submission.objects.select_related("school", "municipality", "campaign")
    return rows.get(school__code=school, municipality__slug="kemerovo", form__code=form, year=year)


def address(submission: Submission, *rest: str) -> str:
    """The address of a form, or of a page of it."""
    return "/".join(["/monitoring/submissions", str(submission.public_id), *rest, ""])


def page_of_school(code: str) -> str:
    """The address of the page of a school of the first municipality."""
    return reverse("school", args=[School.objects.get(municipality__slug="kemerovo", code=code).public_id])


def an_invitation() -> tuple[Invitation, str]:
    """An open invitation of a head of a school by the specialist, and its code."""
    by, school = person("specialist"), form_of("K04").school
    return actions.invite(
        email="invited@school.example",
        full_name="Ольга Приглашена",
        role=Role.SCHOOL_HEAD,
        municipality=by.municipality,
        school=school,
        way=InvitationWay.MAIL,
        by=by,
    )


def papers_of(school: str, kind: str = f"current/{CURRENT}") -> dict[str, int]:
    """The numbers that a school's coordinator has on paper, by element; `kind` is a part of the demonstration's file."""
    numbers = json.loads((FIXTURES / "demo" / "kemerovo.json").read_text(encoding="utf-8"))
    for part in kind.split("/"):
        numbers = numbers[part]
    return dict(numbers[school])


def told(page: Page, words: str | re.Pattern[str]) -> None:
    """The page says at its top what has just been done."""
    expect(page.get_by_role("status").get_by_text(words)).to_be_visible()


def sign_in_by_hand(page: Page, name: str) -> None:
    """Fill in the sign-in page that is open."""
    page.get_by_label("Адрес электронной почты").fill(f"{name}@demo.local")
    page.get_by_label("Пароль", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Войти").click()


def type_section(page: Page, numbers: dict[str, int]) -> None:
    """Type into the rows of the open section what the papers say; a row that holds it already is left alone."""
    boxes = page.locator("[name^='value-']").evaluate_all("boxes => boxes.map((box) => [box.name, box.value])")
    for name, held in boxes:
        number = str(numbers[name.removeprefix("value-")])
        if name in YES_NO:
            page.locator(f"[name='{name}']").select_option(number)
        elif held != number:
            page.locator(f"[name='{name}']").fill(number)


def type_form(page: Page, submission: Submission, numbers: dict[str, int]) -> None:
    """Fill in the whole form, section after section, and end on the last one saved."""
    page.goto(address(submission))
    page.get_by_role("list").locator(".task-name").first.click()
    while True:
        type_section(page, numbers)
        onward = page.get_by_role("button", name="Сохранить и перейти к разделу")
        if not onward.count():
            break
        onward.click()
    page.get_by_role("button", name="Сохранить раздел").click()


def sign_for_numbers(page: Page) -> None:
    """What stands beside the button of sending: the numbers were checked with the head of the school, and who that is."""
    page.get_by_label("Данные сверены с руководителем").check()
    page.get_by_label("Руководитель школы").fill("Фамилия И. О.")


def send(page: Page) -> None:
    """Send the form from the page of its check."""
    sign_for_numbers(page)
    page.get_by_role("button", name=SEND).click()
