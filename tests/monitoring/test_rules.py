"""Can everybody read the checks, only a methodist move their bounds, and does every version stay?"""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from monitoring import actions
from monitoring.actions import Bounds, apply_draft, keep_draft
from monitoring.actions.rules import follow_warnings_of_many
from monitoring.checks import Warned
from monitoring.enums import CellState, ImportKind
from monitoring.models import Check, RuleSetting, Submission
from monitoring.queries.campaigns.incoming import Incoming, Reading
from monitoring.queries.entry.content import content_of
from portal.actions import ActionRefused
from portal.models import Membership
from portal.roles import Role
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    coordinator_of,
    explain_all,
    fill,
    fill_all,
    member,
    sent,
    specialist_of,
    submission,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
NBSP = "\u00a0"


@pytest.fixture
def methodist() -> Membership:
    return member(Role.METHODIST)


def bounds(by: Membership, code: str = "W901", note: str = "Школы просят", **new: int | bool | None) -> RuleSetting:
    return actions.set_rule(
        check=Check.objects.get(code=code),
        municipality=by.municipality,
        bounds=Bounds(**{"percent": None, "people": None, **new}),
        note=note,
        by=by.user,
    )


def doubts(form: Submission) -> list[str]:
    return [one.finding.code for one in content_of(form).warnings]


# --- the list --------------------------------------------------------------------------------------------------------


def test_a_school_reads_every_check_in_words(sign_in: SignIn):
    form = submission(year=2023)
    page = sign_in(coordinator_of(form.school)).get("/monitoring/rules/").content.decode()
    listed = set(Check.objects.filter(until=None).values_list("code", flat=True))
    assert {code for code in listed if f">{code}</th>" not in page} == {"E401"}, "its row is no longer collected"
    assert "E001" in page
    assert "E002" in page
    assert "«Конкурсантов" not in page
    assert "tested_6_8" not in page, "codes of rows are not shown to people"
    assert "«Обучающихся, 6–8 классы»" in page
    assert f"больше 30{NBSP}% и больше 10{NBSP}единиц" in page


def test_the_list_is_narrowed_by_form_severity_and_section(sign_in: SignIn):
    form = submission(form="graduates")
    client = sign_in(coordinator_of(form.school))
    page = client.get("/monitoring/rules/?form=graduates&severity=warning&section=grade9").content.decode()
    assert ">W109</th>" in page
    assert ">W110</th>" not in page
    assert ">E101</th>" not in page
    nothing = client.get("/monitoring/rules/?form=extra&section=grade9").content.decode()
    assert "Таких контролей нет" in nothing
    assert client.get("/monitoring/rules/?form=unknown&section=1").status_code == 200


def test_the_list_asks_as_few_questions_with_settings_as_without(sign_in: SignIn, methodist: Membership):
    client = sign_in(methodist)
    client.get("/monitoring/rules/")
    with CaptureQueriesContext(
        connection,
    ) as before:
        client.get("/monitoring/rules/")
    for percent in range(31, 41):
        bounds(methodist, percent=percent)
    with CaptureQueriesContext(connection) as after:
        client.get("/monitoring/rules/")
    assert len(after) == len(before)


# --- bounds ----------------------------------------------------------------------------------------------------------


def test_a_new_bound_is_told_with_its_day_author_and_reason(sign_in: SignIn, methodist: Membership):
    client = sign_in(methodist)
    address = "/monitoring/rules/W901/"
    posted = {"percent": "50", "people": "20", "enabled": "on", "note": "Много малых школ"}
    assert client.post(address, posted).status_code == 302
    page = client.get("/monitoring/rules/").content.decode()
    assert f"больше 50{NBSP}% и больше 20{NBSP}единиц" in page
    assert f"{methodist.user}: Много малых школ" in page
    neighbour = Client()
    neighbour.force_login(member(Role.METHODIST).user)
    assert "Много малых школ" not in neighbour.get("/monitoring/rules/").content.decode()


@pytest.mark.parametrize(
    "posted",
    [
        {"percent": "50", "people": "20", "enabled": "on", "note": " "},
        {"percent": "0", "people": "20", "enabled": "on", "note": "Почему"},
        {"percent": "", "people": "20", "enabled": "on", "note": "Почему"},
        {"percent": "30", "people": "10", "enabled": "on", "note": "Ничего не меняется"},
        {"percent": "50", "people": "10", "enabled": "on", "note": "Попросила Петрова Анна Ивановна"},
    ],
)
def test_a_refused_bound_stays_on_the_page(sign_in: SignIn, methodist: Membership, posted: dict[str, str]):
    answer = sign_in(methodist).post("/monitoring/rules/W901/", posted)
    assert answer.status_code == 422
    assert answer.content.decode().count("<title>Ошибка: ") == 1
    assert not RuleSetting.objects.exists()


def test_an_earlier_version_comes_back_as_a_new_one(sign_in: SignIn, methodist: Membership):
    first = bounds(methodist, percent=50)
    bounds(methodist, enabled=False)
    client = sign_in(methodist)
    assert client.post("/monitoring/rules/W901/", {"restore": str(first.pk)}).status_code == 302
    assert client.post("/monitoring/rules/W901/", {"restore": "0"}).status_code == 302
    versions = RuleSetting.objects.filter(check_code="W901").values_list("percent", "enabled")
    assert list(versions) == [(None, True), (50, True), (None, False), (50, True)]
    foreign = bounds(member(Role.METHODIST), percent=70)
    assert client.post("/monitoring/rules/W901/", {"restore": str(foreign.pk)}).status_code == 404


def test_an_error_has_no_bounds_to_set(sign_in: SignIn, methodist: Membership):
    assert sign_in(methodist).get("/monitoring/rules/E101/").status_code == 404
    with pytest.raises(ActionRefused, match="Ошибку отключить"):
        bounds(methodist, code="E101", enabled=False)
    with pytest.raises(ActionRefused, match="нет такого порога"):
        bounds(methodist, code="W903", percent=5)


# --- what became of the warnings -------------------------------------------------------------------------------------


def outcomes(form: Submission) -> dict[str, str]:
    return {f"{one.check_code}:{one.element}": one.outcome for one in form.warning_records.all()}


@pytest.fixture
def doubted() -> Submission:
    """A form of which one number is doubted."""
    school = SchoolFactory()
    accepted(submission(school, 2021), service_talk=40)
    return fill_all(submission(school, 2022), service_talk=90)


def test_a_warning_is_shown_then_corrected(doubted: Submission):
    assert outcomes(doubted) == {"W901:service_talk": "open"}
    fill(doubted, service_talk=41)
    assert outcomes(doubted) == {"W901:service_talk": "corrected"}
    fill(doubted, service_talk=90)
    assert outcomes(doubted) == {"W901:service_talk": "open"}


def test_a_warning_is_explained_until_its_numbers_change(doubted: Submission):
    explain_all(doubted)
    assert outcomes(doubted) == {"W901:service_talk": "explained"}
    fill(doubted, service_games=3)
    assert outcomes(doubted) == {"W901:service_talk": "explained"}
    fill(doubted, service_talk=91)
    assert outcomes(doubted) == {"W901:service_talk": "open"}


def test_a_warning_asked_before_the_form_was_full_is_no_correction():
    form = submission()
    tens = {f"pupils_{grade}": 30 for grade in range(1, 11)}
    fill(form, **tens)
    assert outcomes(form) == {"W907:": "open"}
    fill(form, pupils_11=31, tested_6_8=33, tested_9_11=41)
    assert "W907" not in doubts(form)
    assert outcomes(form) == {}


def test_a_cell_that_doubts_nothing_asks_nothing_of_the_records(doubted: Submission):
    with CaptureQueriesContext(connection) as queries:
        fill(doubted, service_games=3)
    assert not [one for one in queries if "warningrecord" in one["sql"]]


def test_sending_settles_what_no_cell_of_this_form_brought_about(methodist: Membership):
    form = fill_all(submission(SchoolFactory(municipality=methodist.municipality), form="graduates"), grad9_total=60)
    fill(form, grad9_grade10=50)
    assert outcomes(form) == {}
    year = submission(form.school)
    sent(year)
    assert doubts(form) == ["W109"]
    assert outcomes(form) == {}, "the page alone writes nothing"
    explain_all(form)
    actions.send(submission=form, by=coordinator_of(form.school), version=form.version)
    assert outcomes(form) == {"W109:": "explained"}


def test_a_warning_that_a_new_bound_withdrew_is_not_counted(doubted: Submission):
    bounds(member(Role.METHODIST, doubted.municipality), percent=500)
    actions.send(submission=doubted, by=coordinator_of(doubted.school), version=doubted.version)
    assert outcomes(doubted) == {}


def test_the_statistic_names_what_only_disturbs(sign_in: SignIn):
    methodist = member(Role.METHODIST)
    schools = [SchoolFactory(municipality=methodist.municipality) for _ in range(10)]
    for number, school in enumerate(schools):
        accepted(submission(school, 2021), service_talk=40, service_games=40)
        form = fill_all(submission(school, 2022), service_talk=90, service_games=90)
        if number == 0:
            fill(form, service_talk=40)
    client = sign_in(methodist)
    page = client.get("/monitoring/rules/statistics/").content.decode()
    assert f"5,0{NBSP}% (1 из 20)" in page
    assert "Похоже на шум: подумайте о пороге." in page
    fill(form, service_talk=40)
    explain_all(form)
    page = client.get("/monitoring/rules/statistics/?year=2022").content.decode()
    assert f"10,0{NBSP}% (2 из 20)" in page
    assert "Похоже на шум" not in page
    assert "Другое" in page
    assert (
        "Предупреждений в этом году ещё не было"
        in client.get("/monitoring/rules/statistics/?year=2021").content.decode()
    )
    foreign = Client()
    foreign.force_login(member(Role.METHODIST, MunicipalityFactory()).user)
    assert "W901" not in foreign.get("/monitoring/rules/statistics/").content.decode()


# --- many forms at once ------------------------------------------------------------------------------------------------


def read_from_a_table(form: Submission, **numbers: int) -> list[Incoming]:
    return [Incoming(form.pk, code, CellState.NUMBER, number, "", "B", "2") for code, number in numbers.items()]


def test_a_table_of_many_schools_leaves_the_records_that_entry_would_have_left(methodist: Membership):
    """One form is corrected by the table, one is doubted by it, one explained warning stands, its numbers the same."""
    schools = SchoolFactory.create_batch(3, municipality=methodist.municipality)
    for school in schools:
        accepted(submission(school, 2021), service_talk=40)
    doubted, asked, explained = (
        fill_all(submission(school, 2022), service_talk=number)
        for school, number in zip(schools, (90, 40, 90), strict=True)
    )
    explain_all(explained)
    cells = [
        *read_from_a_table(doubted, service_talk=41),
        *read_from_a_table(asked, service_talk=95),
        *read_from_a_table(explained, service_talk=90, service_games=3),
    ]
    by = specialist_of(methodist.municipality)
    draft, _ = keep_draft(
        campaign=doubted.campaign, kind=ImportKind.VALUES, reading=Reading(cells, [], []), by=by, file_name="x.xlsx"
    )
    apply_draft(draft=draft, by=by)
    assert outcomes(doubted) == {"W901:service_talk": "corrected"}
    assert outcomes(asked) == {"W901:service_talk": "open"}
    assert outcomes(explained) == {"W901:service_talk": "explained"}


def test_the_records_of_thirty_forms_take_as_many_queries_as_those_of_one(methodist: Membership):
    schools = SchoolFactory.create_batch(31, municipality=methodist.municipality)
    forms = [submission(school, 2022) for school in schools]
    taken = []
    for some in (forms[:1], forms[1:]):
        with CaptureQueriesContext(connection) as queries:
            for numbers in ("1", "2"):
                follow_warnings_of_many(
                    before={}, after={form.pk: [Warned("W907", "", numbers)] for form in some}, corrects=()
                )
        taken.append(len(queries))
    assert taken[0] == taken[1]
    assert [outcomes(form) for form in forms] == [{"W907:": "open"}] * 31
