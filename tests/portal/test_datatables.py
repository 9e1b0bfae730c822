"""Does a table leave its page with the same cells in every format?"""

import io
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from django.http import Http404
from django.test import RequestFactory

from portal.datatables import Column, DataCell, DataTable, asked
from portal.workbooks import SCHOOL_LIMITS, read_workbook

TABLE = DataTable(
    name="indicator-4-1",
    title="Тестирование выросло до 51,3 %",
    columns=(Column("Школа", "school"), Column("Доля", "share", number=True), Column("Дата", "on")),
    rows=(
        (
            DataCell("=1+1", "=1+1"),
            DataCell(Fraction(310, 604), "51,3\u00a0%"),
            DataCell(date(2022, 5, 31), "31.05.2022"),
        ),
        (DataCell("СОШ № 2", "СОШ № 2"), DataCell(None, "…"), DataCell(None, "")),
        (DataCell("Цель", "Цель"), DataCell(Decimal("0.6"), "60\u00a0%"), DataCell(None, "")),
    ),
    about=(("Источник", "принятые формы"),),
)


def answer(**query: str):
    return asked(RequestFactory().get("/", query), {"years": lambda: TABLE})


def test_without_a_format_the_page_itself_is_wanted():
    assert answer() is None
    assert answer(table="years") is None


@pytest.mark.parametrize("query", [{"format": "pdf"}, {"format": "xlsx", "table": "other"}])
def test_an_unknown_format_or_table_is_missing(query):
    with pytest.raises(Http404):
        answer(**query)


def test_a_workbook_holds_numbers_as_numbers_and_what_they_are_about():
    response = answer(format="xlsx", table="years")
    assert response["Content-Disposition"] == 'attachment; filename="indicator-4-1.xlsx"'
    data, about = read_workbook(response.content, SCHOOL_LIMITS)
    assert data.rows[0] == ["Школа", "Доля", "Дата"]
    assert data.rows[1] == ["=1+1", 0.513245, "31.05.2022"]
    assert data.rows[2][:2] == ["СОШ № 2", "…"]
    assert not data.formulas
    told = [row[0] for row in about.rows]
    assert told[:2] == [TABLE.title, "Источник: принятые формы"]
    assert told[2].startswith("Выгружено: ")


def test_a_csv_holds_what_a_person_reads():
    lines = answer(format="csv").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Школа;Доля;Дата"
    assert lines[1] == "'=1+1;51,3\u00a0%;31.05.2022"


def test_json_names_the_cells_by_the_codes_of_their_columns():
    told = json.load(io.BytesIO(answer(format="json").content))
    assert told["rows"][0] == {"school": "=1+1", "share": 0.513245, "on": "31.05.2022"}
    assert told["rows"][2]["share"] == 0.6
    assert told["about"]["Источник"] == "принятые формы"
