"""Schools from a file: what is refused and where, what is compared, and that it is all or nothing."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.importing import SchoolResource, Standing, import_register, read_register
from portal.models import School
from portal.workbooks import WorkbookRefused, write_csv, write_table
from tests.factories import MunicipalityFactory, SchoolFactory, specialist_of
from tests.portal.test_pages import text_of

pytestmark = pytest.mark.django_db

HEAD = ["Код", "Название", "Вид", "Местность", "Классы", "Дата открытия"]


def line(number, **more):
    given = {"code": f"K{number}", "name": f"Школа № {number}", "kind": "Средняя школа", "place": "Город"}
    return [*(given | more).values(), *([] if "grades" in more else ["1–11"])]


@pytest.fixture
def town():
    return MunicipalityFactory()


def run(town, rows, head=HEAD, *, dry_run=False, **more):
    return import_register(
        resource=SchoolResource(town),
        sheet_rows=[head, *rows],
        by=specialist_of(town).user,
        dry_run=dry_run,
        **more,
    )


def told(result):
    return [(one.address, one.sentence) for one in result.all_problems]


def codes(town):
    return set(School.objects.filter(municipality=town).values_list("code", flat=True))


# --- what a file brings -----------------------------------------------------------------------------------------------


def test_new_changed_and_same_rows_are_told_apart_and_written(town):
    same = SchoolFactory(municipality=town, code="K1", name="Школа № 1")
    SchoolFactory(municipality=town, code="K2", name="Старое имя", grades=[1, 2])
    rows = [line(1), line(2), line(3, kind="Гимназия")]
    preview = run(town, rows, dry_run=True)
    assert [row.standing for row in preview.rows] == [Standing.SAME, Standing.CHANGED, Standing.NEW]
    assert [(one.title, one.before, one.after) for one in preview.rows[1].changes] == [
        ("Название", "Старое имя", "Школа № 2"),
        ("Классы", "1–2", "1–11"),
    ]
    assert (preview.written, codes(town)) == (False, {"K1", "K2"})
    done = run(town, rows, previewed=preview.fingerprint)
    assert (done.written, codes(town)) == (True, {"K1", "K2", "K3"})
    added = School.objects.get(code="K3")
    assert (added.kind, added.search_key, added.sort_key) == ("gymnasium", "школа № 3 k3", "школа 000003")
    same.refresh_from_db()
    assert same.name == "Школа № 1"


@pytest.mark.parametrize(
    ("written", "grades"),
    [
        ("1-11", list(range(1, 12))),
        ("1–4, 5—9", list(range(1, 10))),
        ("10;11", [10, 11]),
        (9, [9]),
        ("12, 3, 3", [3, 12]),
    ],
)
def test_grades_are_read_as_people_write_them(written, grades, town):
    assert run(town, [[*line(1, grades=written)]]).written
    assert School.objects.get(code="K1").grades == grades


@pytest.mark.parametrize("kind", ["Лицей", "лицей", "lyceum", "  ЛИЦЕЙ "])
def test_kinds_are_taken_in_words_and_as_codes(kind, town):
    assert run(town, [line(1, kind=kind, place="село")]).written
    assert School.objects.values_list("kind", "locality").get() == ("lyceum", "village")


def test_a_day_is_taken_as_a_date_and_as_words(town):
    rows = [[*line(1), datetime.date(1998, 9, 1)], [*line(2), "01.09.1998"], [*line(3), "1998-09-01"], [*line(4), None]]
    assert run(town, rows).written
    assert list(School.objects.order_by("code").values_list("opened", flat=True)) == [
        *[datetime.date(1998, 9, 1)] * 3,
        None,
    ]


def test_columns_may_stand_in_any_order_under_a_title_and_the_optional_one_be_missing(town):
    SchoolFactory(municipality=town, code="K1", opened=datetime.date(1980, 9, 1))
    head = ["Классы", "название", "КОД", "Местность", "Вид", "Закрыта"]
    rows = [["Список школ"], [], head, ["1–9", "Школа", "K1", "Село", "Основная школа", "01.01.2020"]]
    result = import_register(resource=SchoolResource(town), sheet_rows=rows, by=specialist_of(town).user, dry_run=False)
    kept = School.objects.get()
    assert (result.rows[0].line, kept.kind, kept.opened, kept.closed) == (4, "basic", datetime.date(1980, 9, 1), None)


def test_a_code_of_another_municipality_is_another_school(town):
    foreign = SchoolFactory(code="K1", name="Соседняя")
    result = run(town, [line(1)])
    foreign.refresh_from_db()
    assert (result.rows[0].standing, foreign.name, codes(town)) == (Standing.NEW, "Соседняя", {"K1"})


# --- bad files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "address", "sentence"),
    [
        (line(9, kind="Замок"), "C21", "Вид «Замок» порталу не известен. Подходит одно из: «Начальная школа»"),
        (line(9, kind=""), "C21", "Вид не указан."),
        (line(9, place="Посёлок"), "D21", "Тип местности «Посёлок» порталу не известен."),
        (line(9, name=""), "B21", "Ячейка пуста."),
        (line(9, code=""), "A21", "Ячейка пуста."),
        (line(9, code="K101"), "A21", "Код «K101» уже есть выше в этом файле."),
        (line(9, code="К" * 31), "A21", "не более 30 символов"),
        (line(9, name="я" * 201), "B21", "не более 200 символов"),
        (line(9, name="1 " * 90), "B21", "Название слишком длинное."),
        (line(9, grades="с 1 по 9"), "E21", "Классы «с 1 по 9» не понятны."),
        (line(9, grades="1–13"), "E21", "не понятны"),
        (line(9, grades="9–1"), "E21", "не понятны"),
        (line(9, grades=datetime.date(2026, 11, 1)), "E21", "Вместо классов стоит дата"),
        (line(9, grades=""), "E21", "Укажите классы"),
        (line(9, kind="preschool"), "E21", "У организации этого вида классов нет."),
        ([*line(9), "вчера"], "F21", "Дата «вчера» не понятна."),
        ([*line(9), "01.09.1500"], "F21", "Дата открытия указана неверно"),
    ],
)
def test_one_bad_row_of_twenty_writes_nothing_and_is_named_by_its_cell(row, address, sentence, town):
    good = [line(number) for number in range(101, 120)]
    for dry_run in (True, False):
        result = run(town, [*good, row], dry_run=dry_run)
        ((where, said),) = told(result)
        assert (where, sentence in said, result.written) == (address, True, False), said
    assert codes(town) == set()
    assert run(town, good).written, "without the bad row the same file is taken"


@pytest.mark.parametrize(
    ("head", "problems"),
    [
        (
            ["Код", "Название", "Тип", "Местность", "Классы"],
            ["C1: Столбец «Тип» порталу не известен.", ": Нет столбца «Вид»."],
        ),
        (
            ["Код", "Название", "Вид", "Местность", "Код"],
            ["E1: Столбец «Код» стоит в таблице дважды.", ": Нет столбца «Классы»."],
        ),
        (["A", "B", "C", "D", "E"], [": В таблице не найдены заголовки столбцов."]),
    ],
)
def test_a_renamed_missing_or_doubled_column_is_named(head, problems, town):
    result = run(town, [line(1)], head)
    found = [f"{address}: {sentence}" if address else f": {sentence}" for address, sentence in told(result)]
    assert all(one.startswith(start) for one, start in zip(found, problems, strict=True)), found
    assert (result.written, codes(town)) == (False, set())


def test_a_head_without_rows_is_told(town):
    assert told(run(town, [["", "", ""]])) == [("", "Под заголовками нет ни одной заполненной строки.")]


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_is_read_in_the_encodings_and_separators_of_table_programs(encoding, separator):
    text = f"Код{separator}Название\r\n007{separator}Школа «Ёлка»\r\n\r\n"
    assert read_register(text.encode(encoding)) == [["Код", "Название"], ["007", "Школа «Ёлка»"]]


def test_our_own_files_come_back_as_they_went_out():
    rows = [["K1", "=Школа"], ["2", "-5"]]
    for data in (write_table("Школы", ["Код", "Название"], rows), write_csv(["Код", "Название"], rows)):
        assert read_register(data) == [["Код", "Название"], *rows]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0 old", "старом формате XLS"),
        (b"%PDF-1.7", "Это не книга Excel"),
        (b"\0\1\2", "Это не книга Excel"),
        (b" \r\n;;\r\n", "нет ни одной заполненной строки"),
        (b"a;b\r\n" * 1100, "больше 1001 строк"),
        (b"a;" * 50, "больше 40 столбцов"),
        (b"a" * 3_000_000, "Файл больше 2"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(data, sentence):
    with pytest.raises(WorkbookRefused, match=sentence):
        read_register(data)


# --- the pages --------------------------------------------------------------------------------------------------------


def upload(browser, data, name="schools.xlsx"):
    return browser.post(reverse("schools_import"), {"file": SimpleUploadedFile(name, data)})


def confirm(browser):
    shown = browser.get(reverse("schools_import_preview")).context["result"]
    return browser.post(reverse("schools_import_confirm"), {"previewed": shown.fingerprint})


def test_a_file_is_shown_and_written_only_when_confirmed(town, sign_in):
    browser = sign_in(specialist_of(town))
    assert upload(browser, write_table("Школы", HEAD, [line(1), line(2)])).url == reverse("schools_import_preview")
    assert "Новых школ: 2. Изменится: 0. Без изменений: 0." in text_of(browser.get(reverse("schools_import_preview")))
    assert codes(town) == set()
    assert confirm(browser).url == reverse("schools")
    assert codes(town) == {"K1", "K2"}
    again = browser.post(reverse("schools_import_confirm"), {"previewed": "x"})
    assert again.url == reverse("schools_import"), "a second press finds nothing to write"


def test_a_faulty_file_shows_its_cells_and_is_not_written_even_when_confirmed(town, sign_in):
    browser = sign_in(specialist_of(town))
    upload(browser, write_table("Школы", HEAD, [line(1), line(2, kind="Замок")]))
    page = browser.get(reverse("schools_import_preview"))
    assert "C3: Вид «Замок» порталу не известен." in text_of(page)
    assert reverse("schools_import_confirm") not in page.content.decode()
    assert confirm(browser).url == reverse("schools_import_preview")
    assert codes(town) == set()


def test_a_register_that_changed_since_the_preview_is_shown_anew(town, sign_in):
    browser = sign_in(specialist_of(town))
    upload(browser, write_table("Школы", HEAD, [line(1)]))
    seen = browser.get(reverse("schools_import_preview")).context["result"].fingerprint
    SchoolFactory(municipality=town, code="K1", name="Добавлена другим")
    answer = browser.post(reverse("schools_import_confirm"), {"previewed": seen})
    assert answer.url == reverse("schools_import_preview")
    assert School.objects.get(code="K1").name == "Добавлена другим"
    assert "Добавлена другим → Школа № 1" in text_of(browser.get(answer.url))


def test_a_file_that_cannot_be_read_is_refused_on_its_page(town, sign_in):
    browser = sign_in(specialist_of(town))
    for data, sentence in ((b"%PDF-1.7", "Это не книга Excel"), (b"", "Файл пуст.")):
        answer = upload(browser, data)
        assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert "Выберите файл." in text_of(browser.post(reverse("schools_import")))
    assert browser.get(reverse("schools_import_preview")).url == reverse("schools_import")


def test_what_was_exported_comes_back_without_a_change(town, sign_in):
    heir = SchoolFactory(municipality=town, grades=[1, 2, 5], opened=datetime.date(1990, 9, 1))
    SchoolFactory(municipality=town, kind="extra", grades=[], closed=datetime.date(2020, 1, 1), successor=heir)
    browser = sign_in(specialist_of(town))
    upload(browser, browser.get(reverse("schools_export")).content)
    shown = browser.get(reverse("schools_import_preview")).context["result"]
    assert (shown.all_problems, {row.standing for row in shown.rows}) == ([], {Standing.SAME})
