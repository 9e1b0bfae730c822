"""Is the workbook of a form locked where it must be, and does the table of a campaign say what the forms say?"""

import csv
import io

import openpyxl
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from monitoring.enums import CellState
from monitoring.exporting import export_table, write_blank
from monitoring.models import Submission
from monitoring.workbooks import HEADER_ROW, HIDDEN, Column
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, fill, specialist_of, submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def form() -> Submission:
    return submission(SchoolFactory(name="=Школа № 5"))


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def cells_of(book: openpyxl.Workbook) -> dict[str, tuple]:
    """Every row of the sections' sheets by its code."""
    return {
        row[Column.CODE].value: row
        for page in book.worksheets
        if page.title != HIDDEN
        for row in page.iter_rows(min_row=HEADER_ROW + 2)
    }


def test_the_workbook_asks_exactly_the_rows_of_the_form_with_their_present_numbers(form: Submission) -> None:
    fill(form, pupils_5=31, service_talk=None)
    rows = cells_of(opened(write_blank(form)))
    asked = set(form.campaign.elements.values_list("element__code", flat=True))
    outside = set(form.values.filter(state=CellState.INAPPLICABLE).values_list("element__code", flat=True))
    assert set(rows) == asked - outside
    assert rows["pupils_5"][Column.VALUE].value == 31
    assert (rows["service_talk"][Column.VALUE].value, rows["service_talk"][Column.REASON].value) == (
        None,
        "Учёт не ведётся",
    )


def test_only_numbers_and_reasons_can_be_typed_and_only_whole_ones(form: Submission) -> None:
    book = opened(write_blank(form))
    for page in book.worksheets:
        assert page.protection.sheet
        assert not page.protection.password
    for row in cells_of(book).values():
        assert [cell.protection.locked for cell in row] == [True] * 5 + [False] * 2
    page = book.worksheets[0]
    assert page.column_dimensions["A"].hidden
    assert {(one.type, one.formula1) for one in page.data_validations.dataValidation} == {("whole", "0")}
    assert book[HIDDEN].sheet_state == "hidden"


def test_nothing_in_the_workbook_is_a_formula(form: Submission) -> None:
    fill(form, service_talk=None)
    form.values.filter(element__code="service_talk").update(reason='=HYPERLINK("http://x")')
    book = opened(write_blank(form))
    assert not [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type in "fe"]


def test_the_table_tells_numbers_no_data_and_inapplicable_apart(form: Submission) -> None:
    school = form.school
    school.grades = list(range(1, 10))
    school.save()
    fill(form, pupils_5=31, service_talk=None)
    form.values.filter(element__code="pupils_11").delete()
    form.values.create(element=form.campaign.elements.get(element__code="pupils_11").element, state="inapplicable")
    forms = [form]
    book = opened(export_table(form.campaign, forms, accepted=False, extension="xlsx"))
    header, row = ([cell.value for cell in line] for line in book.worksheets[0].iter_rows(max_row=2))
    told = dict(zip(header, row, strict=True))
    assert (told["Код школы"], told["Школа"]) == (form.school.code, "=Школа № 5")
    assert (told["pupils_5"], told["service_talk"], told["pupils_11"], told["pupils_6"]) == (31, "…", "х", None)
    names = [line[0].value for line in book["О данных"].iter_rows()]
    assert any(name.startswith("pupils_5 – ") for name in names)


def test_accepted_numbers_stay_in_the_table_while_the_form_says_others(form: Submission) -> None:
    accepted(form, pupils_5=30)
    form.values.filter(element__code="pupils_5").update(number=77)
    for kept, expected in ((True, "30"), (False, "77")):
        data = export_table(form.campaign, [form], accepted=kept, extension="csv").decode("utf-8-sig")
        header, row = csv.reader(io.StringIO(data), delimiter=";")
        assert row[header.index("pupils_5")] == expected
        assert row[1] == "'=Школа № 5"


def test_the_page_of_the_export_gives_only_what_it_knows(form: Submission) -> None:
    browser = Client()
    browser.force_login(specialist_of(form.municipality).user)
    address = f"/monitoring/campaigns/{form.campaign.public_id}/export/"
    assert browser.get(address).headers["Content-Disposition"].endswith(".xlsx")
    assert browser.get(address, {"format": "csv", "what": "current"}).content.startswith(b"\xef\xbb\xbf")
    assert browser.get(address, {"format": "exe"}).status_code == 400


def test_the_blank_of_another_school_is_missing(form: Submission) -> None:
    browser = Client()
    browser.force_login(specialist_of(MunicipalityFactory()).user)
    assert browser.get(f"/monitoring/submissions/{form.public_id}/blank/").status_code == 404


def test_the_command_writes_the_table_and_refuses_in_a_sentence(form: Submission, tmp_path) -> None:
    file = tmp_path / "числа.xlsx"
    words = ["--municipality", form.municipality.slug, "--year", "2021", "--form", "year"]
    call_command("export_values", *words, "--output", str(file), "--current", stdout=io.StringIO())
    assert openpyxl.load_workbook(file)["Значения"]["A2"].value == form.school.code
    for wrong, sentence in (
        (["--output", str(tmp_path / "a.txt")], ".xlsx"),
        (["--output", str(file), "--year", "1999"], "нет"),
    ):
        with pytest.raises(CommandError, match=sentence):
            call_command("export_values", *words, *wrong)
