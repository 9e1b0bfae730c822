"""Does a form wait for a section that the school itself put off, and is a section marked only when it is filled?"""

import pytest
from django.urls import reverse

from monitoring import actions
from monitoring.models import SectionMark
from monitoring.queries.entry.content import content_of
from monitoring.workflow import MoveRefused
from tests.factories import coordinator_of, explain_all, fill_all, specialist_of, submission, under_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def form():
    form = fill_all(submission())
    explain_all(form)
    form.refresh_from_db()
    return form


def saved(browser, form, **posted: str):
    return browser.post(reverse("monitoring:section", args=[form.public_id, "contingent"]), posted, follow=True)


def test_a_section_that_is_put_off_keeps_the_form_from_going_out(form, sign_in):
    coordinator = coordinator_of(form.school)
    browser = sign_in(coordinator)
    assert "Сохранено." in saved(browser, form, filled="no", save="1").content.decode()
    section = content_of(form).section("contingent")
    assert section.status == ("edit", "Заполняется"), "though every row has its number"
    check = browser.get(reverse("monitoring:check", args=[form.public_id])).content.decode()
    assert "Отметьте разделы заполненными" in check
    with pytest.raises(MoveRefused, match="отметьте заполненными разделы «Контингент обучающихся»"):
        actions.send(submission=form, by=coordinator, version=form.version)
    saved(browser, form, filled="yes", save="1")
    assert content_of(form).section("contingent").status == ("done", "Готов")
    form.refresh_from_db()
    assert actions.send(submission=form, by=coordinator, version=form.version).state == "sent"


def test_without_a_mark_only_the_numbers_speak(form):
    assert content_of(form).section("contingent").status == ("done", "Готов")
    assert content_of(form).ready


def test_a_section_with_empty_rows_cannot_be_marked_filled(sign_in):
    form = submission()
    answer = saved(
        sign_in(coordinator_of(form.school)),
        form,
        **{"value-pupils_1": "30", "version-pupils_1": "0"},
        filled="yes",
        next="1",
    )
    words = answer.content.decode()
    assert "Раздел пока нельзя отметить заполненным: " in words
    assert "строк не заполнено" in words
    assert "Числа сохранены." in words
    assert form.values.get(element__code="pupils_1").number == 30
    assert not SectionMark.objects.exists()


def test_a_form_under_review_takes_no_mark(form, sign_in):
    under_review(form, specialist_of(form.municipality))
    with pytest.raises(MoveRefused, match="на проверке"):
        actions.mark_section(submission=form, section="contingent", filled=False, by=coordinator_of(form.school))
