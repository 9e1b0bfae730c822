"""Does the sheet by classes add up by hand's reckoning, keep apart what is not yet entered, and lose nobody's numbers?"""

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from monitoring.actions import classes as actions
from monitoring.actions.classes import ClassEntry, SumTaken
from monitoring.enums import CellState, Way
from monitoring.models import ClassRow, Section, SectionKeeper, Submission
from monitoring.queries.entry.classes import ElementSum, Sheet, sheet_of
from monitoring.workflow import MoveRefused
from portal.roles import Role
from tests.factories import SchoolFactory, coordinator_of, fill, member, sent, specialist_of, submission

pytestmark = pytest.mark.django_db
SECTION = "diagnostics"
CLASSES = [(grade, letter) for grade in (6, 7, 8) for letter in "АБ"]


@pytest.fixture
def form() -> Submission:
    """The form of a school with grades 6 to 9, with two classes in each of 6, 7 and 8 on the sheet."""
    made = submission(SchoolFactory(kind="basic", grades=[6, 7, 8, 9]))
    add(made, CLASSES)
    return made


def section(code: str = SECTION) -> Section:
    return Section.objects.get(code=code)


def add(form: Submission, classes: list[tuple[int, str]], code: str = SECTION) -> int:
    return actions.add_classes(submission=form, section=section(code), classes=classes, by=coordinator_of(form.school))


def sheet(form: Submission, code: str = SECTION) -> Sheet:
    found = sheet_of(Submission.objects.get(pk=form.pk), code)
    assert found is not None
    return found


def row(form: Submission, name: str) -> ClassRow:
    grade, letter = re.fullmatch(r"(\d+)(.*)", name).groups()
    return form.class_rows.get(section__code=SECTION, grade=grade, letter=letter)


def enter(form: Submission, **classes: dict[str, int | None]) -> None:
    """Type numbers by class: enter(form, c6А={"tested_6_8": 20})."""
    rows = [row(form, name.removeprefix("c")) for name in classes]
    entries = [ClassEntry(one.pk, one.version, given) for one, given in zip(rows, classes.values(), strict=True)]
    actions.save_classes(submission=form, section=section(), entries=entries, by=coordinator_of(form.school))


def sum_of(form: Submission, code: str) -> ElementSum:
    return next(one for one in sheet(form).sums if one.element.code == code)


def url(form: Submission, rest: str = "", code: str = SECTION) -> str:
    return f"/monitoring/submissions/{form.public_id}/{code}/classes/{rest}"


def boxes(form: Submission, **numbers: dict[str, str]) -> dict[str, str]:
    """A post of these classes, each with the version it has now."""
    found = {}
    for name, given in numbers.items():
        one = row(form, name.removeprefix("c"))
        found[f"version-{one.pk}"] = str(one.version)
        found |= {f"n-{one.pk}-{code}": text for code, text in given.items()}
    return found


def browser_of(form: Submission) -> Client:
    browser = Client()
    browser.force_login(coordinator_of(form.school).user)
    return browser


def post(form: Submission, data: dict[str, Any], rest: str = "") -> HttpResponse:
    return browser_of(form).post(url(form, rest), data)


def ticked(form: Submission, *codes: str) -> dict[str, str]:
    """A post of the page of sums as it stands now, with these rows ticked."""
    given = {}
    for code in codes:
        one = sum_of(form, code)
        given |= {f"take-{code}": "1", f"sum-{code}": str(one.sum), f"version-{code}": str(one.version)}
    return given


# --- sums -------------------------------------------------------------------------------------------------------------


def test_a_sum_runs_over_the_classes_of_the_element_s_grades(form):
    add(form, [(9, "А")])
    enter(
        form,
        c6А={"tested_6_8": 20, "service_talk": 5},
        c6Б={"tested_6_8": 0},
        c8А={"tested_6_8": 7},
        c9А={"tested_9_11": 11, "service_talk": 6},
    )
    one = sum_of(form, "tested_6_8")
    assert (one.sum, one.filled, one.classes, one.complete) == (27, 3, 6, False)
    assert one.words == "внесено по 3 из 6 классов"
    assert (sum_of(form, "tested_9_11").sum, sum_of(form, "tested_9_11").complete) == (11, True)
    assert sum_of(form, "service_talk").sum == 11


def test_a_sum_is_complete_only_with_every_grade_on_the_sheet(form):
    enter(form, **{f"c{grade}{letter}": {"service_talk": 1} for grade, letter in CLASSES})
    one = sum_of(form, "service_talk")
    assert (one.sum, one.filled, one.classes, one.complete) == (6, 6, 6, False)
    assert one.words.endswith("в листе нет параллели: 9")


def test_elements_of_one_name_share_a_column_and_what_is_not_of_classes_is_named(form):
    drawn = sheet(form)
    tested = next(column for column in drawn.columns if len(column.elements) == 2)
    assert [one.code for one in tested.elements] == ["tested_6_8", "tested_9_11"]
    assert (tested.at(7).code, tested.at(9).code) == ("tested_6_8", "tested_9_11")
    staff = sheet(form, "staff")
    assert (staff.columns, len(staff.left_out)) == ((), 2)
    fairs = next(column for column in drawn.columns if column.elements[0].code == "service_fair")
    assert fairs.at(6) is None, "a fair is for grades 8 to 11"


def test_a_primary_school_is_not_asked_what_it_has_not():
    form = submission(SchoolFactory(kind="primary", grades=[1, 2, 3, 4]))
    codes = {one.element.code for one in sheet(form).sums}
    assert "service_talk" in codes
    assert not codes & {"tested_6_8", "routes", "service_fair"}


# --- entry ------------------------------------------------------------------------------------------------------------


def test_numbers_are_saved_as_they_are_typed_and_a_page_shows_their_sums(form):
    done = post(form, boxes(form, c6А={"tested_6_8": "1 020"}, c6Б={"tested_6_8": "5"}) | {"save": "1"})
    assert (done.status_code, sum_of(form, "tested_6_8").sum) == (302, 1025)
    assert ">1025</span>" in browser_of(form).get(url(form)).content.decode()


def test_what_cannot_be_read_stays_in_its_box_and_the_other_classes_are_saved(form):
    got = post(form, boxes(form, c6А={"tested_6_8": "пять"}, c6Б={"tested_6_8": "5"}))
    page = got.content.decode()
    assert got.status_code == 422
    assert 'value="пять"' in page
    assert "6А, Прошли профориентационное тестирование (диагностику): Введите целое число" in page
    assert (sum_of(form, "tested_6_8").sum, sum_of(form, "tested_6_8").filled) == (5, 1)


def test_two_tabs_lose_nothing_and_see_both_values(form):
    first = boxes(form, c6А={"tested_6_8": "20"}, c7А={"tested_6_8": ""})
    second = boxes(form, c6А={"tested_6_8": "21"}, c7А={"tested_6_8": "9"})
    assert post(form, first).status_code == 302
    got = post(form, second)
    page = got.content.decode()
    assert got.status_code == 422
    assert "строку 6А изменили" in page
    assert "теперь 20, у вас 21" in page
    assert (sum_of(form, "tested_6_8").sum, row(form, "6А").version) == (29, 1), "7А had no conflict and is saved"
    assert post(form, boxes(form, c6А={"tested_6_8": "21"})).status_code == 302
    assert sum_of(form, "tested_6_8").sum == 30


def test_the_same_post_sent_twice_is_one_change(form):
    given = boxes(form, c6А={"tested_6_8": "20"})
    assert [post(form, given).status_code for _ in range(2)] == [302, 302]
    assert row(form, "6А").version == 1


def test_classes_are_added_by_grades_and_letters_and_typed_numbers_are_kept(form):
    given = boxes(form, c6А={"tested_6_8": "20"}) | {"add": "1", "grades": ["8", "9"], "letters": "б, в"}
    assert post(form, given).status_code == 302
    assert [str(line.row) for line in sheet(form).lines] == ["6А", "6Б", "7А", "7Б", "8А", "8Б", "8В", "9Б", "9В"]
    assert sum_of(form, "tested_6_8").sum == 20


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"letters": "А"}, "Отметьте хотя бы одну параллель"),
        ({"grades": ["11"], "letters": "А"}, "Такой параллели в школе нет"),
        ({"grades": ["6"], "letters": "«А»"}, "Перечислите буквы через пробел"),
        ({"grades": ["6", "7", "8", "9"], "letters": "Г Д Е Ж З И К Л М Н О П Р С Т"}, "не больше 60 классов"),
    ],
)
def test_classes_that_cannot_be_are_refused(form, wrong, sentence):
    got = post(form, {"add": "1"} | wrong)
    assert (got.status_code, sentence in got.content.decode()) == (422, True)
    assert form.class_rows.count() == len(CLASSES)


def test_the_list_of_classes_is_copied_from_another_section(form):
    add(form, [(9, "")], "events")
    assert post(form, {"copy": "1", "section": "events"}).status_code == 302
    assert [str(line.row) for line in sheet(form).lines][-1] == "9"
    enter(form, c9={"tested_9_11": 4})
    assert not form.class_rows.get(section__code="events").numbers.exists(), "a list is copied, not its numbers"


def test_a_class_is_taken_off_unless_somebody_has_just_filled_it(form):
    seen = [f"{row(form, name).pk}-{row(form, name).version}" for name in ("6А", "6Б")]
    enter(form, c6Б={"tested_6_8": 3})
    assert post(form, {"remove": "1", "remove-class": seen}).status_code == 302
    assert [str(line.row) for line in sheet(form).lines][:2] == ["6Б", "7А"]
    assert sum_of(form, "tested_6_8").sum == 3


# --- taking over ------------------------------------------------------------------------------------------------------


def test_complete_sums_that_differ_are_ticked_and_go_into_the_section(form):
    add(form, [(9, "А")])
    fill(form, tested_9_11=4, routes=99)
    enter(form, **{f"c{grade}{letter}": {"tested_6_8": 2} for grade, letter in CLASSES})
    enter(form, c9А={"tested_9_11": 4, "routes": 1})
    page = browser_of(form).get(url(form, "sums/")).content.decode()
    assert re.search(r'name="take-tested_6_8"[^>]* checked', page)
    assert re.search(r'name="take-routes"(?![^>]*checked)', page), "not all classes are in"
    assert 'name="take-tested_9_11"' not in page, "the form holds the same number"
    done = post(form, ticked(form, "tested_6_8"), "sums/")
    assert done["Location"].endswith(f"/{SECTION}/")
    value = form.values.get(element__code="tested_6_8")
    assert (value.state, value.number, value.way) == (CellState.NUMBER, 12, Way.CLASSES)
    assert form.values.get(element__code="routes").number == 99


def test_an_incomplete_sum_goes_over_when_its_person_ticks_it(form):
    enter(form, c6А={"tested_6_8": 2})
    assert post(form, ticked(form, "tested_6_8"), "sums/").status_code == 302
    assert form.values.get(element__code="tested_6_8").number == 2


def test_a_cell_changed_in_the_meantime_is_not_written_over(form):
    enter(form, c6А={"tested_6_8": 2, "routes": 1})
    seen = ticked(form, "tested_6_8", "routes")
    fill(form, tested_6_8=50)
    got = post(form, seen, "sums/")
    page = got.content.decode()
    assert got.status_code == 422
    assert "число в форме изменили" in page
    assert "теперь 50. Сумма по классам – 2" in page
    assert form.values.get(element__code="tested_6_8").number == 50
    assert form.values.get(element__code="routes").number == 1


def test_a_sum_changed_in_the_meantime_is_not_taken(form):
    enter(form, c6А={"tested_6_8": 2})
    seen = ticked(form, "tested_6_8")
    enter(form, c6Б={"tested_6_8": 3})
    got = post(form, seen, "sums/")
    assert (got.status_code, "изменились числа классов" in got.content.decode()) == (422, True)
    assert not form.values.filter(element__code="tested_6_8").exists()


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_sent_form_is_closed_for_the_sheet_and_for_its_sums(form):
    enter(form, c6А={"tested_6_8": 2})
    given, sums = boxes(form, c6А={"tested_6_8": "7"}), ticked(form, "tested_6_8")
    sent(form)
    number = form.values.get(element__code="tested_6_8").number
    assert post(form, given).status_code == post(form, sums, "sums/").status_code == 422
    assert sum_of(form, "tested_6_8").sum == 2
    assert form.values.get(element__code="tested_6_8").number == number


def test_a_colleague_writes_only_on_the_sheet_of_a_section_given_to_them(form):
    helper = member(Role.COLLEAGUE, school=form.school)
    entries = [ClassEntry(row(form, "6А").pk, 0, {"tested_6_8": 2})]
    with pytest.raises(MoveRefused):
        actions.save_classes(submission=form, section=section(), entries=entries, by=helper)
    SectionKeeper.objects.create(submission=form, section=section(), user=helper.user)
    actions.save_classes(submission=form, section=section(), entries=entries, by=helper)
    actions.take_sums(submission=form, section=section(), taken=[SumTaken("tested_6_8", 2, 0)], by=helper)
    assert form.values.get(element__code="tested_6_8").number == 2


def test_the_department_reads_the_sheet_and_nobody_else_s_people_do(form, sign_in):
    stranger = Client()
    stranger.force_login(coordinator_of(SchoolFactory(municipality=form.municipality)).user)
    assert stranger.get(url(form)).status_code == 404
    browser = sign_in(specialist_of(form.municipality))
    assert '<input type="text"' not in browser.get(url(form)).content.decode()
    assert browser.post(url(form), {"save": "1"}).status_code == 422
    assert browser.get(url(form, "sums/")).status_code == 403


def test_classes_of_another_form_cannot_be_named_in_a_post(form):
    other = submission(SchoolFactory())
    add(other, [(6, "А")])
    theirs = other.class_rows.get()
    assert post(form, {f"version-{theirs.pk}": "0", f"n-{theirs.pk}-tested_6_8": "9"}).status_code == 302
    post(form, {"remove": "1", "remove-class": [f"{theirs.pk}-0"]})
    assert not other.class_rows.get().numbers.exists()


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rest", ["", "sums/", "print/", "print/?by=list"])
def test_a_page_takes_as_many_queries_for_one_class_as_for_thirty(rest):
    form = submission(SchoolFactory(kind="basic", grades=[6, 7, 8, 9]))
    browser, counts = browser_of(form), []
    browser.get("/")  # the first page of a session costs more
    for letters in ("А", "БВГДЕЖЗ"):
        add(form, [(grade, letter) for grade in (6, 7, 8, 9) for letter in letters])
        enter(form, **{f"c6{letter}": {"tested_6_8": 1} for letter in letters})
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(url(form, rest)).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_paper_has_a_sheet_for_each_class_with_what_its_grade_is_asked(form):
    page = browser_of(form).get(url(form, "print/")).content.decode()
    sixth, eighth = page.split("6А класс.")[1].split("<section")[0], page.split("8А класс.")[1].split("<section")[0]
    assert "Классный руководитель" in sixth
    assert "Ярмарки и форумы" not in sixth
    assert "Ярмарки и форумы" in eighth
    assert page.count('class="sheet"') == len(CLASSES)


def test_paper_can_be_printed_before_there_are_classes():
    form = submission(SchoolFactory(kind="basic", grades=[8, 9]))
    assert "8 ____ класс." in browser_of(form).get(url(form, "print/")).content.decode()
