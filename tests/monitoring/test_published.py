"""Published tables: what a file may hold, what its preview says, who writes and judges them, and what the portal adds."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.actions.published import judge_row, write_published
from monitoring.models import PublishedRow, PublishedTable
from monitoring.published_files import read_printed, rows_of_file, sample
from monitoring.queries.published.detected import detect
from monitoring.queries.published.printed import compare_printed
from monitoring.queries.published.published import indicator_codes, published_points
from portal.actions import ActionRefused
from portal.models import Membership, Municipality
from portal.roles import Role
from portal.workbooks import WorkbookRefused
from tests.factories import MunicipalityFactory, SchoolFactory, accepted, member, submission
from tests.monitoring.test_dashboard_views import text_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]
HEAD = "Документ;Таблица;Номер;Кого считают;Классы;Показатель;Учебный год;Количество;Всего;Процент;Примечание"
GOOD = "Отчёт;Тест;9;обучающиеся;9–11;4.1;2019/20;81;493;16,4;"
CODES = {"4.1", "4.10", "3.3"}


def text_file(*lines: str, encoding: str = "utf-8", head: str = HEAD) -> bytes:
    return "\n".join((head, *lines)).encode(encoding)


def read(*lines: str, head: str = HEAD):
    return read_printed(rows_of_file(text_file(*lines, head=head)), CODES)


def problems(*lines: str, head: str = HEAD) -> list[tuple[str, str]]:
    return [(one.address, one.sentence.replace("\u00a0", " ")) for one in read(*lines, head=head).problems]


def workbook(*rows: tuple[object, ...], merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    book.active.append(HEAD.split(";"))
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def kept(town: Municipality, *lines: str) -> PublishedTable:
    write_published(municipality=town, tables=read(*(lines or (GOOD,))).tables, by=None)
    return PublishedTable.objects.filter(municipality=town).last()


@pytest.fixture
def town() -> Municipality:
    return MunicipalityFactory(slug="town")


@pytest.fixture
def specialist(town: Municipality, sign_in: SignIn) -> Client:
    return sign_in(member(Role.SPECIALIST, town))


# --- what a file may hold ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("separator", [";", ","])
def test_a_text_file_is_read_with_either_separator_and_coding(encoding, separator):
    lines = [line.replace(";", separator).replace("16,4", "16.4") for line in (HEAD, GOOD)]
    [table] = read_printed(rows_of_file("\n".join(lines).encode(encoding)), CODES).tables
    assert (table.title, table.base_of, table.grades, table.indicator) == ("Тест", "pupils", (9, 10, 11), "4.1")
    assert [(row.year, row.count, row.total, row.declared) for row in table.rows] == [(2019, 81, 493, "16.4")]


def test_a_workbook_is_read_and_a_percentage_keeps_its_digits():
    data = workbook(
        ("Отчёт", "Тест", 9, "обучающиеся", "9-11", "4.1", "2020/2021", 303, 505, 60),
        ("Отчёт", "Тест", None, None, None, None, "2019/20", 81, 493, "16,0"),
    )
    [table] = read_printed(rows_of_file(data), CODES).tables
    assert [(row.year, row.declared) for row in table.rows] == [(2019, "16.0"), (2020, "60")]


@pytest.mark.parametrize("extension", ["xlsx", "csv"])
def test_the_sample_can_be_sent_back_as_it_is(extension):
    found = read_printed(rows_of_file(sample(extension)), indicator_codes())
    assert not found.problems
    assert [len(table.rows) for table in found.tables] == [2, 1]


@pytest.mark.parametrize(
    ("line", "address", "words"),
    [
        ("Отчёт;Тест;;;;;;81;493;16;", "G2", "Учебный год не указан. Запишите его двумя годами: 2019/20."),
        ("Отчёт;Тест;;;;;2019;81;493;16;", "G2", "Учебный год «2019» не понятен."),
        ("Отчёт;Тест;;;;;2019/21;81;493;16;", "G2", "не понятен"),
        ("Отчёт;Тест;;;;;2019/20;81;493;57,5 %;", "J2", "Уберите знак процента: 57,5."),
        ("Отчёт;Тест;;;;;2019/20;81;493;около 57;", "J2", "57 или 57,5"),
        ("Отчёт;Тест;;;;;2019/20;8,5;493;16;", "H2", "число"),
        ("Отчёт;Тест;;;;;2019/20;-8;493;16;", "H2", ""),
        (";Тест;;;;;2019/20;81;493;16;", "A2", "Ячейка пуста."),
        ("Отчёт;;;;;;2019/20;81;493;16;", "B2", "Ячейка пуста."),
        ("Отчёт;Тест;;;;;2019/20;;;;", "H2", "В строке нет ни одного числа."),
        ("Отчёт;Тест;;дети;;;2019/20;81;493;16;", "D2", "Подходит одно из: «обучающиеся»"),
        ("Отчёт;Тест;;;старшие;;2019/20;81;493;16;", "E2", "не понятны"),
        ("Отчёт;Тест;;;09.11.2021;;2019/20;81;493;16;", "E2", "стоит дата"),
        ("Отчёт;Тест;;;;9.9;2019/20;81;493;16;", "F2", "Показателя с кодом «9.9» нет."),
        ("Отчёт;Тест;;;;;2019/20;46;80;0,575;", "J2", "в сто раз больше"),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named_with_a_sentence(line, address, words):
    [(where, sentence)] = problems(line)
    assert where == address
    assert words in sentence


def test_a_part_larger_than_its_whole_is_taken_as_printed():
    assert not problems("Отчёт;Тест;;;;;2019/20;500;493;101,4;")


def test_a_small_percentage_is_no_ratio():
    assert not problems("Отчёт;Тест;;;;;2019/20;3;505;0,6;")


def test_a_year_twice_and_two_bases_in_one_table_are_refused():
    assert [where for where, _ in problems(GOOD, GOOD)] == ["G3"]
    [(where, sentence)] = problems(GOOD, "Отчёт;Тест;9;выпускники;9–11;4.1;2020/21;81;493;16;")
    assert (where, "«обучающиеся»" in sentence) == ("D3", True)


def test_a_renamed_column_and_a_missing_one_are_named():
    found = problems(GOOD, head=HEAD.replace("Учебный год", "Период"))
    assert ("G1", True) in [(where, "Столбец «Период» порталу не известен" in words) for where, words in found]
    assert any("Нет столбца «Учебный год»" in words for _, words in found)


def test_a_file_without_heads_or_lines_says_what_is_missing():
    assert "Не найдена строка с заголовками" in problems(head="один;два")[0][1]
    assert "Под заголовками нет ни одной строки" in problems()[0][1]


def test_merged_cells_and_codes_kept_as_numbers_are_refused_with_their_place():
    line = ("Отчёт", "Тест", 9, "обучающиеся", "9–11", "4.1", "2020/21", 303, 505, 60)
    with pytest.raises(WorkbookRefused, match="объединённые ячейки: A2:A3"):
        rows_of_file(workbook(line, line, merge="A2:A3"))
    with pytest.raises(WorkbookRefused, match=r"F2: код показателя записан числом"):
        rows_of_file(workbook((*line[:5], 4.1, *line[6:])))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"%PDF-1.4", b"\xd0\xcf\x11\xe0", b"\0\1\2"])
def test_what_is_no_table_gets_a_sentence(data):
    with pytest.raises(WorkbookRefused):
        rows_of_file(data)


# --- preview and writing ----------------------------------------------------------------------------------------------


def test_the_preview_tells_new_changed_and_same(town):
    kept(town, GOOD, "Отчёт;Рабочие места;;;;;2019/20;14;;;")
    changed = read(
        GOOD.replace("16,4", "16"), "Отчёт;Рабочие места;;;;;2019/20;14;;;", "Отчёт;Новая;;;;;2019/20;1;2;50;"
    )
    found = compare_printed(town, changed.tables)
    assert [[one.table.title for one in group] for group in (found.new, found.changed, found.same)] == [
        ["Новая"],
        ["Тест"],
        ["Рабочие места"],
    ]
    assert "81 из 493, 16,4 % → 81 из 493, 16 %" in found.changed[0].lines[0].replace("\u00a0", " ")


def test_years_that_a_file_leaves_out_stay(town):
    kept(town, GOOD)
    kept(town, GOOD.replace("2019/20", "2020/21"))
    assert list(PublishedRow.objects.values_list("year", flat=True)) == [2019, 2020]


def test_what_changed_since_the_preview_is_not_written(town):
    tables = read(GOOD).tables
    seen = compare_printed(town, tables).fingerprint
    kept(town, GOOD.replace("81", "82"))
    with pytest.raises(ActionRefused):
        write_published(municipality=town, tables=tables, by=None, previewed=seen)
    assert PublishedRow.objects.get().count == 82


def test_a_judgement_ends_with_the_numbers_it_was_given_for(town):
    row = kept(town).rows.get()
    judge_row(row=row, judgement="trusted", text="Сверено с приказом.", by=member(Role.METHODIST, town).user)
    kept(town)
    row.refresh_from_db()
    assert row.judgement == "trusted"
    kept(town, GOOD.replace("81", "82"))
    row.refresh_from_db()
    assert (row.judgement, row.judgement_text, row.judged_by) == ("", "", None)


def upload(client: Client, data: bytes, name: str = "таблицы.csv"):
    return client.post(reverse("monitoring:published_import"), {"file": SimpleUploadedFile(name, data)})


def test_a_file_is_shown_before_it_is_written(specialist, town):
    assert upload(specialist, text_file(GOOD)).url == reverse("monitoring:published_check")
    page = specialist.get(reverse("monitoring:published_check"))
    assert "Новых таблиц: 1" in text_of(page)
    assert not PublishedTable.objects.exists()
    answer = specialist.post(reverse("monitoring:published_check"), {"previewed": page.context["compared"].fingerprint})
    assert answer.url == reverse("monitoring:published_protocol")
    assert PublishedTable.objects.get().municipality == town
    assert specialist.post(reverse("monitoring:published_check")).url == reverse("monitoring:published_import")


def test_a_file_with_one_wrong_cell_writes_nothing(specialist):
    upload(specialist, text_file(GOOD, "Отчёт;Тест;;;;;2020;81;493;16;"))
    page = specialist.get(reverse("monitoring:published_check"))
    assert "G3: Учебный год «2020» не понятен." in text_of(page)
    assert "<title>Ошибка: " in page.content.decode()
    assert specialist.post(reverse("monitoring:published_check"), {"previewed": "x"}).status_code == 422
    assert not PublishedTable.objects.exists()


def test_a_file_that_is_no_table_keeps_the_page_with_its_sentence(specialist):
    answer = upload(specialist, b"%PDF-1.4", "отчёт.xlsx")
    assert answer.status_code == 422
    assert "Файл: Это не книга Excel" in text_of(answer)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_who_reads_does_not_change(sign_in, town):
    table = kept(town)
    client = sign_in(member(Role.OBSERVER, town))
    assert client.get(reverse("monitoring:published_table", args=[table.public_id])).status_code == 200
    assert client.get(reverse("monitoring:published_row", args=[table.public_id, 2019])).status_code == 403
    assert client.post(reverse("monitoring:published_delete", args=[table.public_id])).status_code == 403


def test_another_municipality_has_no_such_table(specialist):
    table = kept(MunicipalityFactory())
    for name, *more in (("published_table",), ("published_delete",), ("published_row", 2019)):
        assert specialist.get(reverse(f"monitoring:{name}", args=[table.public_id, *more])).status_code == 404
    assert "Опубликованных таблиц пока нет" in text_of(specialist.get(reverse("monitoring:published")))
    assert "сравнивать нечего" in text_of(specialist.get(reverse("monitoring:published_protocol")))


def test_a_value_is_judged_with_words(specialist, town):
    table = kept(town)
    address = reverse("monitoring:published_row", args=[table.public_id, 2019])
    refused = specialist.post(address, {"judgement": "disputed", "text": " "})
    assert refused.status_code == 422
    assert "Почему: Напишите, почему вы так решили." in text_of(refused)
    specialist.post(address, {"judgement": "disputed", "text": "В журналах другое число."})
    assert [(point.disputed, point.why) for point in published_points(town, "4.1")] == [
        (True, "В журналах другое число.")
    ]
    page = specialist.get(reverse("monitoring:published_table", args=[table.public_id]))
    assert "спорное, решение управления: В журналах другое число." in text_of(page)
    specialist.post(address, {"judgement": "", "text": ""})
    assert not published_points(town, "4.1")[0].disputed
    assert specialist.get(reverse("monitoring:published_row", args=[table.public_id, 1999])).status_code == 404


def test_a_table_is_deleted_only_by_asking(specialist, town):
    address = reverse("monitoring:published_delete", args=[kept(town).public_id])
    assert "Удалить таблицу «Тест»?" in text_of(specialist.get(address))
    assert PublishedTable.objects.exists()
    specialist.post(address)
    assert not PublishedRow.objects.exists()


def test_the_tables_leave_as_files(specialist, town):
    table = kept(town)
    address = reverse("monitoring:published_table", args=[table.public_id])
    assert "Тест;2019/20;81;493;16,4" in specialist.get(address, {"format": "csv"}).content.decode("utf-8-sig")
    answer = specialist.get(reverse("monitoring:published_protocol"), {"table": "findings", "format": "xlsx"})
    assert answer.content.startswith(b"PK")


@pytest.mark.parametrize("name", ["published", "published_protocol"])
def test_the_number_of_queries_does_not_grow_with_the_tables(specialist, town, name):
    def queries() -> int:
        specialist.get(reverse(f"monitoring:{name}"))
        with CaptureQueriesContext(connection) as captured:
            assert specialist.get(reverse(f"monitoring:{name}")).status_code == 200
        return len(captured)

    kept(town)
    one = queries()
    kept(
        town, *(f"Отчёт {place};Тест {place};;обучающиеся;9–11;4.1;2019/20;{place + 81};493;99;" for place in range(30))
    )
    assert queries() == one


# --- the portal's own numbers -----------------------------------------------------------------------------------------


@pytest.fixture
def schools(town: Municipality):
    return SchoolFactory.create_batch(2, municipality=town)


def detected(town: Municipality, year: int = 2021) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in detect(town, year).findings:
        found[one.code] = f"{found.get(one.code, '')} {one.title} {' '.join(one.lines)}".replace("\u00a0", " ")
    return found


def test_copied_and_jumping_numbers_of_schools_are_found_in_the_municipality(town, schools):
    for year, number in ((2020, 8), (2021, 25)):
        for school in schools:
            accepted(submission(school, year), tested_9_11=number, routes=number)
    found = detected(town)
    assert "16 из 180" in found["W-01"]
    assert "«4.1 " in found["W-01"]
    assert "«4.11 " in found["W-01"]
    assert "разница +18,9 п. п." in found["W-03"]


def test_ordinary_numbers_of_small_schools_are_silent(town, schools):
    for year, number in ((2020, 2), (2021, 4)):
        for school in schools:
            accepted(submission(school, year), tested_9_11=number, routes=number)
    assert detected(town).keys() <= {"C10"}


def test_round_numbers_of_one_row_in_ten_schools_are_found(town):
    for school in SchoolFactory.create_batch(10, municipality=town):
        accepted(submission(school), tested_9_11=20)
    assert "10 из 10" in detected(town)["C7"]


def test_a_changed_definition_breaks_the_series(town, schools):
    for school in schools:
        accepted(submission(school, 2021))
        accepted(submission(school, 2022))
    found = detected(town, 2022)
    assert "2.1 «Доля" in found["W-06"]
    assert "2.1-p «Доля" in found["W-06"]


def test_the_catalogue_itself_names_and_counts_the_same_grades(town, schools):
    for school in schools:
        accepted(submission(school, 2021))
        accepted(submission(school, 2021, "graduates"))
    assert "W-05" not in detected(town)


def test_the_page_of_findings_links_to_its_cells_and_is_filtered(specialist, town, schools):
    for year, number in ((2020, 8), (2021, 25)):
        for school in schools:
            accepted(submission(school, year), tested_9_11=number, routes=number)
    page = specialist.get(reverse("monitoring:detected"), {"year": 2021})
    assert reverse("monitoring:indicator", args=["4.1"]) in page.content.decode()
    kept_codes = [
        code for code, _, _ in specialist.get(reverse("monitoring:detected"), {"code": "W-01"}).context["groups"]
    ]
    assert kept_codes == ["W-01"]
    nothing = specialist.get(reverse("monitoring:detected"), {"code": "W-01", "group": "partners"})
    assert "Таких находок нет." in text_of(nothing)
    answer = specialist.get(reverse("monitoring:detected"), {"format": "csv"})
    assert "W-03" in answer.content.decode("utf-8-sig")


def test_the_number_of_queries_of_the_findings_does_not_grow_with_the_schools(specialist, town, schools):
    def queries() -> int:
        address = reverse("monitoring:detected")
        specialist.get(address, {"year": 2021})
        with CaptureQueriesContext(connection) as captured:
            assert specialist.get(address, {"year": 2021}).status_code == 200
        return len(captured)

    accepted(submission(schools[0]), tested_9_11=20)
    one = queries()
    accepted(submission(schools[1]), tested_9_11=20)
    for school in SchoolFactory.create_batch(3, municipality=town):
        accepted(submission(school, 2020), tested_9_11=90)
    assert queries() == one
