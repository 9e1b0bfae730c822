"""Is the region's workbook filled exactly where it is marked, and is a dangerous or unfit one refused with a sentence?"""

import io
import re
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from monitoring.actions.saved import add_mark, remove_mark, replace_region_file
from monitoring.models import RegionForm
from monitoring.queries.tables.region_forms import mark_lines, meaning_of
from monitoring.queries.tables.table_offer import offer_of
from monitoring.region_workbook import address_of, open_form
from portal.actions import ActionRefused
from portal.roles import Role
from portal.workbooks import WorkbookRefused
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, member, submission

pytestmark = pytest.mark.django_db
NEW = reverse("monitoring:region_form_new")


@pytest.fixture
def town():
    return MunicipalityFactory(slug="town", name="=Городской округ")


@pytest.fixture
def specialist(town, sign_in):
    return sign_in(member(Role.SPECIALIST, town))


@pytest.fixture
def with_data(town):
    for school, tested in zip(SchoolFactory.create_batch(2, municipality=town), (30, 45), strict=True):
        accepted(submission(school, 2021), tested_9_11=tested)


def ministry(fill=None):
    """A form as a ministry sends it: merged heads, colours, a formula of its own, codes in braces."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Свод"
    sheet["A1"] = "Отчёт за {год} учебный год"
    sheet.merge_cells("A1:D1")
    sheet["A1"].font = Font(bold=True, color="FF801650")
    sheet["A3"], sheet["B3"], sheet["C3"] = "Муниципалитет", "{муниципалитет}", "{ школ }"
    sheet["A4"], sheet["B4"], sheet["C4"], sheet["D4"] = "Охват", "{4.1 числитель}", "{4.1 ЗНАМЕНАТЕЛЬ}", "{4.1}"
    sheet["B4"].fill = PatternFill("solid", fgColor="FFFFF2CC")
    sheet["D5"] = "=B4/C4*100"
    sheet["E4"] = "{4.1 процент}"
    sheet["E4"].number_format = "0.00%"
    sheet["A6"], sheet["B6"] = "Обучающихся в 9 классе", None
    sheet["B7"] = "{3.8}"
    if fill:
        fill(book)
    return saved(book)


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(browser, data, name="Отчёт", address=NEW):
    file = SimpleUploadedFile("форма.xlsx", data)
    return browser.post(address, {"name": name, "file": file})


def text_of(response):
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(body.replace("\u00a0", " ").replace("&nbsp;", " ").split())


def page(form, what="region_form"):
    return reverse(f"monitoring:{what}", args=[form.public_id])


@pytest.fixture
def form(specialist, with_data):
    upload(specialist, ministry())
    return RegionForm.objects.get()


# --- marks ------------------------------------------------------------------------------------------------------------


def test_codes_in_braces_are_found_with_their_words_around(form):
    assert form.marks == [
        ["Свод", "A1", "Отчёт за {год} учебный год"],
        ["Свод", "B3", "муниципалитет"],
        ["Свод", "C3", "школ"],
        ["Свод", "B4", "4.1 числитель"],
        ["Свод", "C4", "4.1 ЗНАМЕНАТЕЛЬ"],
        ["Свод", "D4", "4.1"],
        ["Свод", "E4", "4.1 процент"],
        ["Свод", "B7", "3.8"],
    ]


def test_every_mark_is_shown_with_the_value_of_the_year_or_the_reason_of_none(form, specialist):
    response = specialist.get(page(form), {"year": "2021"})
    lines = {line.cell: line for line, _ in response.context["lines"]}
    words = {cell: line.words.replace("\u00a0", " ") for cell, line in lines.items()}
    assert words == {
        "A1": "Отчёт за 2021/22 учебный год",
        "B3": "=Городской округ",
        "C3": "2",
        "B4": "75",
        "C4": "180",
        "D4": "41,7 %",
        "E4": "41,7 %",
        "B7": "…",
    }
    assert lines["B7"].note == "в этом году не собирался"
    assert "Ячеек без значения: 1." in text_of(response)
    assert "по данным 2 из 2 школ" in lines["D4"].note
    assert [beside for line, beside in response.context["lines"] if line.cell == "D4"] == ["Охват"]


def test_without_data_marks_can_be_looked_at(specialist):
    upload(specialist, ministry())
    response = specialist.get(page(RegionForm.objects.get()))
    assert "сбор данных ещё не проводился" in text_of(response)
    assert specialist.get(page(RegionForm.objects.get()), {"year": "abc"}).status_code == 400
    marked = mark(specialist, RegionForm.objects.get(), code="год")
    assert specialist.get(marked.url).status_code == 200, "the address of a page without a year opens it again"


def mark(browser, form, **given):
    return browser.post(page(form), {"sheet": "Свод", "cell": "B6", "code": "pupils_9", **given})


def test_a_cell_is_marked_and_unmarked_on_the_page(form, specialist):
    assert mark(specialist, form, cell="$в$6", code="{PUPILS_9}").status_code == 302  # «в» is Cyrillic
    form.refresh_from_db()
    assert ["Свод", "B6", "PUPILS_9"] in form.marks
    assert "60" in [line.words for line, _ in specialist.get(page(form), {"year": "2021"}).context["lines"]]
    specialist.post(page(form, "region_form_unmark"), {"sheet": "Свод", "cell": "B6"})
    form.refresh_from_db()
    assert "B6" not in [cell for _, cell, _ in form.marks]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"code": "pupil_9"}, "Кода «pupil_9» нет. Похожие коды: pupils_9"),
        ({"code": "4.1 медиана"}, "Кода «4.1 медиана» нет. Похожие коды: 4.1"),
        ({"code": "pupils_9 знаменатель"}, "нет слова «знаменатель»"),
        ({"code": " "}, "Укажите код"),
        ({"cell": "D4"}, "Ячейка D4 на листе «Свод» уже отмечена."),
        ({"cell": "C1"}, "входит в объединённую ячейку A1:D1. Отметьте ячейку A1."),
        ({"cell": "D5"}, "В ячейке D5 стоит формула"),
        ({"cell": "A6"}, "В ячейке A6 стоит текст «Обучающихся в 9 классе»."),
        ({"cell": "7C"}, "Такой ячейки нет."),
        ({"cell": "XFD1048576"}, "лежит слишком далеко"),
        ({"sheet": "Другой"}, "Выберите лист из списка."),
    ],
)
def test_an_unfit_mark_is_refused_with_a_sentence(given, sentence, form, specialist):
    before = form.marks
    response = mark(specialist, form, **given)
    assert response.status_code == 422
    assert sentence in text_of(response)
    assert 'value="pupils_9"' in response.content.decode() or "code" in given
    form.refresh_from_db()
    assert form.marks == before


@pytest.mark.parametrize("code", ["4,1", "4.1  Процент", "2.1-р", "ГОД", "Pupils_9"])
def test_codes_are_read_as_people_type_them(code, town):
    assert meaning_of(code, offer_of(town)).words


def test_an_unknown_code_of_the_file_stays_and_says_what_is_like_it(specialist, with_data, town):
    def misspelt(book):
        book.active["B8"] = "{pupls_9}"

    upload(specialist, ministry(misspelt))
    form = RegionForm.objects.get()
    assert "Похожие коды: pupils_9" in text_of(specialist.get(page(form), {"year": "2021"}))
    sheet = filled(specialist, form)["Свод"]
    assert sheet["B8"].value == "{pupls_9}"
    assert sheet["B4"].value == 75


@pytest.mark.parametrize(("typed", "address"), [("c7", "C7"), (" $C$7", "C7"), ("С7", "C7"), ("АВ12", "AB12")])
def test_an_address_is_read_as_people_type_it(typed, address):
    assert address_of(typed) == address


# --- filling ----------------------------------------------------------------------------------------------------------


def filled(browser, form, **asked):
    answer = browser.get(page(form, "region_form_fill"), {"year": "2021", **asked})
    assert answer.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(answer.content))


def test_the_filled_file_holds_numbers_and_everything_else_as_it_came(form, specialist):
    book = filled(specialist, form)
    sheet = book["Свод"]
    assert (sheet["B4"].value, sheet["C4"].value) == (75, 180)
    assert (sheet["D4"].value, sheet["D4"].number_format) == (41.7, "0.0")
    assert (sheet["E4"].value, sheet["E4"].number_format) == (pytest.approx(75 / 180, abs=1e-6), "0.00%")
    assert sheet["D5"].value == "=B4/C4*100"
    assert sheet["A1"].value == "Отчёт за 2021/22 учебный год"
    assert (sheet["A1"].font.b, sheet["A1"].font.color.rgb) == (True, "FF801650")
    assert sheet["B4"].fill.fgColor.rgb == "FFFFF2CC"
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:D1"]
    assert sheet["B7"].value == "…"
    told = " ".join(str(row[0]) for row in book["О данных"].iter_rows(values_only=True))
    assert "Только принятые данные." in told
    assert "код 3.8" in told
    assert "в этом году не собирался" in told


def test_no_text_becomes_a_formula(form, specialist):
    cell = filled(specialist, form)["Свод"]["B3"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=Городской округ", "s", True)


def test_the_same_marks_fill_another_year(form, specialist, town):
    accepted(submission(town.schools.first(), 2022), tested_9_11=9)
    sheet = filled(specialist, form, year="2022")["Свод"]
    assert (sheet["B4"].value, sheet["C4"].value) == (9, 90)
    assert "2022/23" in sheet["A1"].value


def test_a_year_without_data_is_not_filled(form, specialist):
    answer = specialist.get(page(form, "region_form_fill"), {"year": "1999"})
    assert "Данных за 1999/2000 учебный год нет." in text_of(answer)


def test_the_file_is_given_back_as_it_came(specialist, with_data):
    data = ministry()
    upload(specialist, data)
    answer = specialist.get(page(RegionForm.objects.get(), "region_form_file"))
    assert answer.content == data
    assert "attachment" in answer["Content-Disposition"]


# --- a new version ----------------------------------------------------------------------------------------------------


def test_a_new_version_keeps_the_marks_that_fit_and_names_the_others(form, specialist):
    for cell in ("B6", "C6", "D6"):
        mark(specialist, form, cell=cell)

    def moved(book):
        sheet = book.active
        sheet["B4"], sheet["B9"] = None, "{4.1 числитель}"  # the row went down
        sheet["C6"] = "Примечание"
        sheet["D6"] = "=B4+1"

    answer = upload(specialist, ministry(moved), address=page(form, "region_form_replace"))
    assert answer.status_code == 302
    form.refresh_from_db()
    marks = {cell: code for _, cell, code in form.marks}
    assert marks["B6"] == "pupils_9"
    assert marks["B9"] == "4.1 числитель"
    assert not {"B4", "C6", "D6"} & marks.keys()
    told = text_of(specialist.get(answer.url))
    assert "убраны отметки: Свод, C6 (pupils_9), Свод, D6 (pupils_9)." in told


def test_what_a_colleague_changed_meanwhile_is_not_overwritten(form, specialist, town):
    by = member(Role.SPECIALIST, town)
    seen = RegionForm.objects.get()
    mark(specialist, form)
    with pytest.raises(ActionRefused, match="изменил другой сотрудник"):
        replace_region_file(form=seen, file_name="новая.xlsx", file=ministry(), marks=[], by=by)
    assert "B6" in {cell for _, cell, _ in RegionForm.objects.get().marks}
    upload(specialist, ministry(), address=page(form, "region_form_replace"))
    with pytest.raises(ActionRefused, match="изменил другой сотрудник"):
        add_mark(form=seen, mark=("Свод", "C6", "pupils_9"))


# --- what is refused --------------------------------------------------------------------------------------------------


def repacked(data, **parts):
    """The same file with parts put in; «/» of a name is written «__»."""
    named = {name.replace("__", "/"): part for name, part in parts.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {**dict.fromkeys(old.namelist()), **named}:
            new.writestr(name, named[name] if name in named else old.read(name))
    return file.getvalue()


def with_formula(formula):
    def fill(book):
        book.active["F9"] = formula

    return ministry(fill)


def with_merged(area):
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1">'
        f'<v>1</v></c></row></sheetData><mergeCells count="1"><mergeCell ref="{area}"/></mergeCells></worksheet>'
    )
    return repacked(ministry(), **{"xl__worksheets__sheet1.xml": sheet.encode()})


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "Файл пуст."),
        (b"a;b\n1;2\n", "Это не книга Excel (.xlsx)."),
        (ministry()[:900], "Файл повреждён."),
        (repacked(ministry(), **{"xl__vbaProject.bin": b"x"}), "В файле есть макросы"),
        (b"PK\x03\x04" + bytes(2 * 1024 * 1024), "Файл больше 2 МБ."),
        (with_formula("=[1]Лист1!A1"), "Формула в ячейке F9 обращается к другому файлу"),
        (with_formula("='C:\\[Книга.xlsx]Лист1'!A1"), "обращается к другому файлу или программе"),
        (with_formula("=cmd|' /C calc'!A0"), "обращается к другому файлу или программе"),
        (with_formula('=WEBSERVICE("http://x")'), "обращается к другому файлу или программе"),
        (with_merged("A1:XFD1048576"), "Файл слишком сложен"),
        (with_merged("A:B"), "Файл повреждён"),
        (with_merged("nonsense"), "Файл повреждён"),
    ],
)
def test_a_dangerous_or_broken_file_is_refused_with_a_sentence(data, sentence, specialist):
    answer = upload(specialist, data)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert "Отчёт" in answer.content.decode()
    assert not RegionForm.objects.exists()


@pytest.mark.parametrize("formula", ["=SUM(B4:C4)", '=IF(B4>1,"a|b [1] c.xlsx","")', "=Свод!B4", "=Таблица1[1]"])
def test_the_form_keeps_formulas_of_its_own(formula):
    assert open_form(with_formula(formula)).names == ["Свод"]


def test_a_link_to_another_file_is_not_carried_over(specialist, with_data):
    part = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    upload(specialist, repacked(ministry(), **{"xl__externalLinks__externalLink1.xml": part}))
    answer = specialist.get(page(RegionForm.objects.get(), "region_form_fill"), {"year": "2021"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as container:
        assert not [name for name in container.namelist() if "externalLink" in name]


def test_a_form_with_drawings_is_taken_with_a_warning(specialist):
    def commented(book):
        book.active["A4"].comment = Comment("Только очная форма", "Министерство")

    assert "проверьте, что они на месте" in text_of(
        specialist.get(upload(specialist, ministry(commented)).url, follow=True)
    )


def test_a_workbook_of_many_sheets_is_refused(specialist):
    def fill(book):
        for number in range(120):
            book.create_sheet(str(number))

    with pytest.raises(WorkbookRefused):
        open_form(ministry(fill))


def test_a_name_is_taken_once(specialist, form):
    answer = upload(specialist, ministry())
    assert answer.status_code == 422
    assert "Форма с таким названием уже есть." in text_of(answer)


def test_a_form_of_another_municipality_is_not_found(specialist):
    foreign = RegionForm.objects.create(
        municipality=MunicipalityFactory(), name="ЗЕБРА", file_name="x.xlsx", file=ministry(), marks=[]
    )
    for what in ("", "_fill", "_file", "_replace", "_delete"):
        assert specialist.get(page(foreign, f"region_form{what}")).status_code == 404
    for what in ("", "_unmark", "_replace", "_delete"):
        assert specialist.post(page(foreign, f"region_form{what}")).status_code == 404
    assert "ЗЕБРА" not in text_of(specialist.get(reverse("monitoring:region_forms")))


def test_a_form_is_deleted_after_a_question(form, specialist):
    assert "Удалить форму «Отчёт»?" in text_of(specialist.get(page(form, "region_form_delete")))
    specialist.post(page(form, "region_form_delete"))
    assert not RegionForm.objects.exists()


def test_an_observer_has_no_region_forms(town, sign_in):
    assert sign_in(member(Role.OBSERVER, town)).get(reverse("monitoring:region_forms")).status_code == 403


def test_the_number_of_queries_does_not_grow_with_marks_and_forms(form, specialist, town):
    def asked(address):
        specialist.get(address)
        with CaptureQueriesContext(connection) as queries:
            specialist.get(address)
        return len(queries)

    mark(specialist, form)  # an element beside the indicators
    address, forms = f"{page(form)}?year=2021", reverse("monitoring:region_forms")
    few = asked(address), asked(forms)
    codes = [*offer_of(town).items]
    form.marks = [["Свод", f"B{row}", codes[row % len(codes)]] for row in range(10, 210)]
    form.save()
    for number in range(29):
        RegionForm.objects.create(municipality=town, name=str(number), file_name="x.xlsx", file=b"", marks=[])
    assert (asked(address), asked(forms)) == few
    with CaptureQueriesContext(connection) as queries:
        mark_lines(form.marks, offer_of(town), 2021)
    assert len(queries) <= 12


def test_a_form_that_was_deleted_between_two_clicks_is_refused_with_a_sentence(form):
    RegionForm.objects.filter(pk=form.pk).delete()
    with pytest.raises(ActionRefused, match="уже удалили"):
        add_mark(form=form, mark=["Лист1", "Z9", "4.1"])
    with pytest.raises(ActionRefused, match="уже удалили"):
        remove_mark(form=form, sheet="Лист1", cell="Z9")
