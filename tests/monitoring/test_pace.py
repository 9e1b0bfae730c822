"""How a campaign comes in by day beside the year before: the first sending counts, what was not sent has no day."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from monitoring import charts
from monitoring.actions.review import Remark, return_form
from monitoring.models import StatusChange, Submission
from monitoring.queries.campaigns.pace import pace_of_years
from tests.factories import MunicipalityFactory, SchoolFactory, campaign, sent, specialist_of, under_review
from tests.monitoring.test_board import text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def town():
    return MunicipalityFactory()


@pytest.fixture
def years(town):
    """Campaigns of three schools: last year opened 430 days ago for 20 days, this year ten days ago for thirty."""
    SchoolFactory.create_batch(3, municipality=town)
    now = timezone.now()
    last = campaign(town, 2020, opens_at=now - 430 * DAY, closes_at=now - 410 * DAY)
    this = campaign(town, 2021, opens_at=now - 9 * DAY, closes_at=now + 20 * DAY)
    return this, last, now


def hand_in(launched, *days):
    """Send the first forms of a campaign, each on its day from 1."""
    for form, day in zip(launched.submissions.order_by("id"), days, strict=False):
        sent(form)
        StatusChange.objects.filter(submission=form).update(at=launched.opens_at + (day - 1) * DAY)


def test_days_are_counted_from_the_opening_and_both_years_told_beside(years):
    this, last, now = years
    hand_in(this, 2, 7)
    hand_in(last, 1, 9, 25)
    pace = pace_of_years(this, now)
    assert (pace.this.total, pace.this.days, pace.this.length, pace.this.passed) == (3, (2, 7), 30, 10)
    assert (pace.last.days, pace.last.length) == ((1, 9, 25), 25)
    assert pace.marks == (4, 10, 16, 22, 28, 34)
    assert pace.rows == [(1, 0, 1), (2, 1, 1), (7, 2, 1), (9, 2, 2), (10, 2, 2), (25, None, 3)]
    chart = charts.pace_chart(pace)
    assert chart.title == "К 10-му дню сбора форму отправили 2 из 3 школ; год назад к этому дню – 2 из 3"
    assert [(line.name, line.points) for line in chart.series] == [
        ("2021/22", (1, 2, None, None, None, None)),
        ("2020/21", (1, 2, 2, 2, 3, 3)),
    ]


def test_a_form_sent_again_counts_on_its_first_day(town, years):
    this, _, now = years
    form = this.submissions.first()
    under_review(form)
    StatusChange.objects.filter(submission=form).update(at=this.opens_at + 2 * DAY)
    return_form(
        submission=Submission.objects.get(pk=form.pk),
        by=specialist_of(town),
        remarks=[Remark("Проверьте.", element="pupils_9")],
        due_at=now + DAY,
    )
    assert pace_of_years(this, now).this.days == (3,)


def test_without_forms_sent_here_there_is_no_last_year(years):
    this, last, now = years
    last.submissions.update(state="accepted", sent_at=now - 420 * DAY)
    pace = pace_of_years(this, now)
    assert pace.last is None
    assert "год назад" not in charts.pace_chart(pace).title


def test_nothing_is_drawn_before_the_opening(town, sign_in):
    SchoolFactory(municipality=town)
    launched = campaign(town, opens_at=timezone.now() + DAY, closes_at=timezone.now() + 9 * DAY)
    assert pace_of_years(launched) is None
    shown = sign_in(specialist_of(town)).get(reverse("monitoring:campaign", args=[launched.public_id]))
    assert "Сдано по дням" not in text_of(shown)


@pytest.mark.parametrize("length", [0, 1, 2, 5, 6, 29, 45, 200])
@pytest.mark.parametrize("passed", [0, 1, 4, 44, 300])
def test_the_chart_has_at_most_six_days_today_among_them_and_reaches_the_end(town, length, passed):
    opens = datetime(2022, 3, 1, 9, tzinfo=UTC)
    SchoolFactory(municipality=town)
    launched = campaign(town, opens_at=opens, closes_at=opens + length * DAY + timedelta(hours=1))
    pace = pace_of_years(launched, opens + passed * DAY)
    today = min(passed, length) + 1
    assert today in pace.marks
    assert len(pace.marks) <= 6
    assert pace.marks[-1] >= length + 1 or len(pace.marks) == 6
    assert pace.this.by(today) == 0


def test_the_page_of_the_board_shows_picture_and_table(town, years, sign_in):
    this, last, _ = years
    hand_in(this, 2, 7)
    hand_in(last, 1)
    browser = sign_in(specialist_of(town))
    shown = browser.get(reverse("monitoring:campaign", args=[this.public_id]))
    assert "Сдано по дням: этот год и прошлый" in text_of(shown)
    assert "Сколько форм отправлено к концу дня" in text_of(shown)
    states, days = shown.context["figures"]
    assert [browser.get(one.src)["Content-Type"] for one in (states, days)] == ["image/svg+xml"] * 2
    assert states.subtitle == "Формы по состояниям; ожидаются 3 формы."


def test_the_tables_of_the_board_leave_as_files(town, years, sign_in):
    this, last, _ = years
    hand_in(this, 2, 7)
    hand_in(last, 1)
    browser, address = sign_in(specialist_of(town)), reverse("monitoring:campaign", args=[this.public_id])
    days = browser.get(address, {"table": "days", "format": "json"}).json()
    assert [one["title"] for one in days["columns"]] == ["День сбора", "2021/22", "2020/21"]
    assert days["rows"][:2] == [{"day": 1, "year_2021": 0, "year_2020": 1}, {"day": 2, "year_2021": 1, "year_2020": 1}]
    states = browser.get(address, {"table": "states", "format": "json"}).json()["rows"]
    assert {row["state"]: row["forms"] for row in states} == {"Отправлена": 2, "Не начата": 1, "Всего": 3}
