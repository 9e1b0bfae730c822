"""The figures that a municipality published come out right: in the overview, in the report's tables and in its PDF.

The demonstration holds the published counts; its bases are the published ones except where those cannot be, because a
whole was smaller than its part. What the source printed as a percentage is never taken over.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pypdf
import pytest
import yaml
from django.db import transaction

from monitoring.queries.results.overview import Overview, overview
from portal.models import Municipality
from reports.actions import build_report
from reports.demo import make_demo
from reports.document import Cell, Document, Field, Paragraph, Table, document_from_json
from reports.tasks import pdf_file

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "demo" / "published-figures.yaml"
TABLES = yaml.safe_load(FILE.read_text(encoding="utf-8"))["kemerovo_municipal_district"]["tables"]
YEARS = (2019, 2020, 2021)
CODES = ("1.1", "1.3", "1.4", "2.1", "2.3", "3.1", "3.2", "4.1", "5.2", "4.3", "5.1")  # in the order of the file
PUBLISHED = dict(zip(CODES, TABLES, strict=True))

# Grades 9–11 hold at least the graduates of grade 9 and grades 10–11; the parents' base is the graduates of 9 and 11.
PUPILS_9_11 = [615, 602, 604]
GRADUATES = [514, 503, 499]
IMPOSSIBLE = {"2.1": PUPILS_9_11, "4.1": PUPILS_9_11, "4.3": GRADUATES}
PERCENTS = {
    "1.1": ["67,4", "71,1", "67,3"],
    "1.3": ["41,5", "32,5", "38,8"],
    "1.4": ["51,1", "57,1", "57,5"],
    "2.1": ["8,1", "4,5", "5,5"],
    "2.3": ["3,8", "11,5", "16,0"],
    "3.1": ["17,8", "27,0", "28,3"],
    "3.2": ["16,4", "38,6", "40,5"],
    "4.1": ["13,2", "50,3", "51,3"],
    "4.3": ["15,8", "60,2", "62,1"],
    "5.1": ["100,0", "100,0", "100,0"],
}


@dataclass(frozen=True)
class Shown:
    """The demonstration's last full year as people meet it."""

    overview: Overview
    document: Document
    pages: str  # text of the PDF, every run of white space as one space

    def table(self, code: str) -> Table:
        return next(one for one in self.document.blocks if isinstance(one, Table) and one.key == f"table-{code}")


@pytest.fixture(scope="module")
def shown(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Shown]:
    """Built once for the file and rolled back: nothing of it stays for other tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        make_demo()
        kemerovo = Municipality.objects.get(slug="kemerovo")
        report = build_report(municipality=kemerovo, year=2021, kind="analysis", by=None)
        pages = pypdf.PdfReader(io.BytesIO(pdf_file(report).read_bytes())).pages
        text = " ".join(page.extract_text() for page in pages)
        yield Shown(overview(kemerovo, 2021), document_from_json(report.tree), re.sub(r"\s+", " ", text))
        transaction.set_rollback(True)


def bases(code: str) -> list[int]:
    return IMPOSSIBLE.get(code) or PUBLISHED[code]["total"]


def rounded(count: int, base: int) -> str:
    """Half-up to one decimal, by another way than the portal's own."""
    exact = Decimal(count * 100) / Decimal(base)
    return str(exact.quantize(Decimal("0.1"), ROUND_HALF_UP)).replace(".", ",")


def test_every_published_table_has_an_indicator() -> None:
    assert len(TABLES) == len(CODES)
    assert PERCENTS.keys() | {"5.2"} == set(CODES)


def test_expected_percents_follow_from_the_published_counts() -> None:
    for code, percents in PERCENTS.items():
        pairs = zip(PUBLISHED[code]["count"], bases(code), strict=True)
        assert [rounded(count, base) for count, base in pairs] == percents, code


def test_the_overview_holds_the_published_counts_over_possible_bases(shown: Shown) -> None:
    for code in CODES:
        points = shown.overview[code].points
        assert tuple(point.year for point in points) == YEARS
        assert [point.measured.numerator for point in points] == PUBLISHED[code]["count"], code
        if code in PERCENTS:
            assert [point.measured.denominator for point in points] == bases(code), code


def test_the_report_prints_them_in_nine_columns(shown: Shown) -> None:
    for code, percents in PERCENTS.items():
        table = shown.table(code)
        expected = [
            text
            for count, base, percent in zip(PUBLISHED[code]["count"], bases(code), percents, strict=True)
            for text in (str(base), str(count), percent)
        ]
        assert [cell.text for cell in table.rows[0]] == expected, code
        assert table.column_numbers


def test_a_count_is_printed_for_each_year(shown: Shown) -> None:
    assert [cell.text for cell in shown.table("5.2").rows[0]] == ["14", "21", "23"]


def test_the_pdf_says_the_same_numbers(shown: Shown) -> None:
    for code in CODES:
        row: tuple[Cell, ...] = shown.table(code).rows[0]
        numbers = " ".join(str(place) for place in range(1, len(row) + 1))
        assert f"{numbers} {' '.join(cell.text for cell in row)} " in shown.pages, code


def test_the_prose_gives_the_same_percents_as_fields(shown: Shown) -> None:
    fields: dict[str, set[str]] = {}
    for block in shown.document.blocks:
        for inline in block.inlines if isinstance(block, Paragraph) else ():
            if isinstance(inline, Field):
                fields.setdefault(inline.code, set()).add(inline.value_text)
    for code, percents in PERCENTS.items():
        assert {f"{percent}\u00a0%" for percent in percents} <= fields[code], code


def test_a_declared_percent_that_is_wrong_is_not_repeated(shown: Shown) -> None:
    """4 of 105 is not 4.2 %, 46 of 80 is not 57 %, and 310 tested pupils are not 62 % of grades 9–11."""
    wrong = {("2.3", 0): "4,2", ("1.4", 2): "57,0", ("4.1", 2): "62,1", ("2.1", 0): "10,1"}
    for (code, place), declared in wrong.items():
        assert shown.table(code).rows[0][place * 3 + 2].text != declared, code


def test_no_base_is_smaller_than_its_parts(shown: Shown) -> None:
    graduates_9 = [point.measured.denominator for point in shown.overview["1.1"].points]
    pupils_10_11 = [point.measured.denominator for point in shown.overview["3.2"].points]
    pupils_9_11 = [point.measured.denominator for point in shown.overview["4.1"].points]
    for whole, *parts in zip(pupils_9_11, graduates_9, pupils_10_11, strict=True):
        assert whole >= sum(parts)
    assert all(was < now for was, now in zip(PUBLISHED["4.1"]["total"], pupils_9_11, strict=True))


def test_testing_and_parents_have_different_bases(shown: Shown) -> None:
    """The source printed the same six numbers in both tables."""
    assert PUBLISHED["4.1"]["total"] == PUBLISHED["4.3"]["total"]
    assert bases("4.1") != bases("4.3")
    assert shown.overview["4.1"].value != shown.overview["4.3"].value
