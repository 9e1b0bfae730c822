"""Is a dangerous workbook refused with a sentence before it costs anything, and does no text ever become a formula?"""

import csv
import datetime
import io
import resource
import struct
import time
import zipfile

import openpyxl
import pytest
from openpyxl.styles import Font

from portal.workbooks import (
    MUNICIPAL_LIMITS,
    SCHOOL_LIMITS,
    Limits,
    WorkbookRefused,
    attachment,
    read_workbook,
    write_csv,
    write_table,
)

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "#N/A", "=cmd|' /C calc'!A0"]
MEGABYTE = 1024 * 1024


def book(fill=None) -> bytes:
    made = openpyxl.Workbook()
    if fill:
        fill(made.active)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def repacked(data: bytes, **parts: bytes | None) -> bytes:
    """The same file with parts replaced, added or (None) left out; «/» of a name is written «__»."""
    named = {name.replace("__", "/"): part for name, part in parts.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {**dict.fromkeys(old.namelist()), **named}:
            part = named[name] if name in named else old.read(name)
            if part is not None:
                new.writestr(name, part)
    return file.getvalue()


SHEET = "xl__worksheets__sheet1.xml"


def sheet(rows: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()


def with_sheet(rows: str, before: str = "") -> bytes:
    return repacked(book(), **{SHEET: sheet(rows, before)})


def refusal(data: bytes, limits: Limits = SCHOOL_LIMITS) -> str:
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(data, limits)
    return str(refused.value)


def lying(data: bytes, name: str, size: int) -> bytes:
    """The file with another declared size of one part, in its own header and in the directory."""
    changed = bytearray(data)
    for signature, at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        start = changed.find(signature)
        while start >= 0:
            if changed[start + name_at :].startswith(name.encode()):
                changed[start + at : start + at + 4] = struct.pack("<I", size)
            start = changed.find(signature, start + 4)
    return bytes(changed)


# --- what is refused -------------------------------------------------------------------------------------------------


def test_what_is_no_workbook_is_told_how_to_become_one():
    for data in (b"", b"a;b\n1;2\n", b"%PDF-1.7", b"PK\x03\x04 and nothing more", repacked(book(), x=b"")[:500]):
        assert "XLSX" in refusal(data).upper()
    assert "паролем" in refusal(b"\xd0\xcf\x11\xe0" + bytes(600))


def test_a_document_of_another_program_in_the_same_container_is_no_workbook():
    types = (
        b'<Types><Override ContentType="application/vnd.openxmlformats.wordprocessingml.document.main+xml"/></Types>'
    )
    assert refusal(repacked(book(), **{"[Content_Types].xml": types})).startswith("Это не книга Excel")
    assert refusal(repacked(book(), **{"[Content_Types].xml": None})).startswith("Это не книга Excel")


def test_macros_are_refused_by_their_part_and_by_their_type():
    assert "макросы" in refusal(repacked(book(), **{"xl/vbaProject.bin": b"macro"}))
    with zipfile.ZipFile(io.BytesIO(book())) as file:
        types = file.read("[Content_Types].xml")
    macro = types.replace(b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")
    assert macro != types
    assert "макросы" in refusal(repacked(book(), **{"[Content_Types].xml": macro}))


def test_a_bomb_is_refused_by_what_it_declares_before_it_is_unpacked():
    bomb = with_sheet("<row>" + "<c><v>0</v></c>" * 4_000_000 + "</row>")
    assert len(bomb) < MEGABYTE
    assert "слишком много данных" in refusal(bomb)
    assert "слишком много данных" in refusal(bomb, MUNICIPAL_LIMITS)


def test_a_bomb_that_declares_little_stops_at_what_it_declared():
    name = "xl/worksheets/sheet1.xml"
    bomb = lying(with_sheet("<row>" + "<c><v>0</v></c>" * 4_000_000 + "</row>"), name, 1000)
    assert "повреждён" in refusal(bomb)


def test_a_file_larger_than_its_kind_may_be_is_not_opened():
    limits = Limits(file_bytes=4 * MEGABYTE, unpacked_bytes=MEGABYTE, rows=9, columns=9)
    assert "4\u00a0МБ" in refusal(book() + bytes(4 * MEGABYTE), limits)


def test_too_many_parts_and_a_part_twice_are_refused():
    assert "слишком много листов" in refusal(repacked(book(), **{f"xl/media/{n}.png": b"x" for n in range(100)}))
    file = io.BytesIO(book())
    with zipfile.ZipFile(file, "a") as again, pytest.warns(UserWarning, match="Duplicate"):
        again.writestr("xl/workbook.xml", "<workbook/>")
    assert "повреждён" in refusal(file.getvalue())


def test_entities_are_refused_in_a_sheet_and_in_any_other_part():
    billion = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    assert "объявления" in refusal(with_sheet("<row><c t='str'><v>&b;</v></c></row>", billion))
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
    assert "объявления" in refusal(repacked(book(), **{"xl/sharedStrings.xml": outside.encode()}))


def test_a_filled_cell_in_the_last_corner_is_refused_at_once_and_an_empty_one_costs_nothing():
    def far(page):
        page["A1"] = 1
        page["XFD1048576"].font = Font(bold=True)

    began = time.monotonic()
    assert read_workbook(book(far), SCHOOL_LIMITS)[0].rows == [[1]]
    assert "больше 200 строк" in refusal(with_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))
    assert "больше 40 столбцов" in refusal(with_sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'))
    assert "больше 200 строк" in refusal(with_sheet("<row><c><v>1</v></c></row>" * 201))
    assert time.monotonic() - began < 10  # a loop over 16 thousand million cells would take days


def test_one_long_text_shared_by_every_cell_does_not_become_a_flood():
    text = "я" * 30_000
    shared = f"<sst xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><si><t>{text}</t></si></sst>"

    def fill(page):
        page["A1"] = "x"

    data = repacked(
        book(fill),
        **{"xl/sharedStrings.xml": shared.encode(), SHEET: sheet("<row>" + "<c t='s'><v>0</v></c>" * 40 + "</row>")},
    )
    rows = "".join("<row>" + "<c t='s'><v>0</v></c>" * 40 + "</row>" for _ in range(200))
    assert len(read_workbook(data, SCHOOL_LIMITS)[0].rows[0][0]) == 30_000
    assert "слишком" in refusal(repacked(data, **{SHEET: sheet(rows)}))


def test_reading_leaves_the_memory_of_the_portal_alone():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows = "".join("<row>" + "<c><v>1234567</v></c>" * 40 + "</row>" for _ in range(200))
    assert len(read_workbook(with_sheet(rows), SCHOOL_LIMITS)[0].rows) == 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30 * 1024  # kilobytes


# --- what is read ----------------------------------------------------------------------------------------------------


def test_numbers_texts_dates_formulas_and_merged_cells_come_with_their_places():
    def fill(page):
        page["A1"], page["B2"], page["C3"] = "Код", 5, "=B2*2"
        page["D1"], page["E1"], page["A2"] = 12.5, datetime.date(2024, 5, 5), True
        page["D3"] = 1
        page.merge_cells("A5:B6")

    read = read_workbook(book(fill), SCHOOL_LIMITS)[0]
    assert read.rows[0] == ["Код", None, None, 12.5, datetime.date(2024, 5, 5)]
    assert read.rows[1][:2] == [True, 5]
    assert (read.formulas, read.merged) == ({(2, 2)}, ["A5:B6"])
    assert read.rows[2][2] is None  # nobody has computed it: there is no value to take


def test_a_formula_is_read_as_the_value_it_showed():
    read = read_workbook(with_sheet('<row r="1"><c r="A1"><f>6*7</f><v>42</v></c></row>'), SCHOOL_LIMITS)[0]
    assert (read.rows, read.formulas) == ([[42]], {(0, 0)})


def test_links_to_other_files_are_not_followed():
    data = repacked(book(lambda page: page.append([1])), **{"xl/externalLinks/externalLink1.xml": b"<externalLink/>"})
    assert read_workbook(data, SCHOOL_LIMITS)[0].rows == [[1]]


# --- what is written -------------------------------------------------------------------------------------------------


def test_no_text_of_a_table_becomes_a_formula_and_numbers_stay_numbers():
    data = write_table("Список: 1/2", ["Код", *FORMULAS], [[text, 7] for text in FORMULAS], "=примечание")
    for page in openpyxl.load_workbook(io.BytesIO(data)).worksheets:
        for row in page.iter_rows():
            for cell in row:
                assert cell.data_type in {"s", "n"}
                assert cell.data_type == "n" or not str(cell.value).startswith("=") or cell.quotePrefix
    read = read_workbook(data, SCHOOL_LIMITS)
    assert [row[0] for row in read[0].rows[1:]] == FORMULAS
    assert not any(page.formulas for page in read)


def test_a_csv_marks_what_a_table_program_would_compute():
    lines = list(
        csv.reader(io.StringIO(write_csv(["Код"], [[text] for text in FORMULAS]).decode("utf-8-sig")), delimiter=";")
    )
    assert [line[0] for line in lines[1:]] == [text if text == "#N/A" else f"'{text}" for text in FORMULAS]
    assert write_csv(["a"], [[-5]]).decode("utf-8-sig").splitlines()[1] == "-5"


def test_a_file_goes_out_under_a_russian_name_and_is_never_opened_in_the_page():
    answer = attachment("Бланк «5».xlsx", b"x", "text/plain")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%91")
    assert answer["X-Content-Type-Options"] == "nosniff"
