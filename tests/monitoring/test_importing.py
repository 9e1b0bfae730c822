"""Does a file change exactly what it says after its preview was confirmed, and nothing at all where it is refused?"""

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from monitoring import actions
from monitoring.actions import imports
from monitoring.enums import FormState, ImportKind, Way
from monitoring.exporting import export_table, write_blank
from monitoring.models import ImportDraft, StatusChange, Submission, ValueChange
from monitoring.tasks import carry_import
from monitoring.workbooks import HEADER_ROW, HIDDEN, Column
from portal.models import Job, Notice
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    coordinator_of,
    entry,
    fill,
    sent,
    specialist_of,
    submission,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def form() -> Submission:
    return submission(SchoolFactory(code="101"))


def browser_of(membership) -> Client:
    browser = Client()
    browser.force_login(membership.user)
    return browser


def bytes_of(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def upload(address: str, browser: Client, data: bytes, **more: str) -> HttpResponse:
    file = SimpleUploadedFile("числа.xlsx", data)
    return browser.post(address, {"file": file, **more})


def upload_blank(form: Submission, data: bytes) -> HttpResponse:
    return upload(f"/monitoring/submissions/{form.public_id}/import/", browser_of(coordinator_of(form.school)), data)


def upload_table(form: Submission, data: bytes, kind: str = "values", **more: str) -> HttpResponse:
    address = f"/monitoring/campaigns/{form.campaign.public_id}/import/"
    return upload(address, browser_of(specialist_of(form.municipality)), data, kind=kind, **more)


def confirm(draft: ImportDraft, **more: object) -> HttpResponse:
    who = coordinator_of(draft.submission.school) if draft.submission else specialist_of(draft.municipality)
    return browser_of(who).post(f"/monitoring/imports/{draft.public_id}/", more, follow=True)


def page_of(draft: ImportDraft) -> str:
    who = coordinator_of(draft.submission.school) if draft.submission else specialist_of(draft.municipality)
    return browser_of(who).get(f"/monitoring/imports/{draft.public_id}/").content.decode()


def filled(form: Submission, change: Callable[[Workbook], None] | None = None, **cells: object) -> bytes:
    """The workbook of a form with these cells typed into it; a tuple is (value, reason)."""
    book = openpyxl.load_workbook(io.BytesIO(write_blank(form)))
    for page in book.worksheets:
        if page.title == HIDDEN:
            continue
        for row in page.iter_rows(min_row=HEADER_ROW + 2):
            code = row[Column.CODE].value
            if code in cells:
                value = cells[code]
                row[Column.VALUE].value, row[Column.REASON].value = value if type(value) is tuple else (value, None)
    if change:
        change(book)
    return bytes_of(book)


def table(*rows: list[object], name: str = "Лист1") -> bytes:
    book = Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    return bytes_of(book)


def everything() -> tuple:
    """All that a file could change."""
    return (
        list(Submission.objects.order_by("pk").values_list("state", "version", "cells_filled")),
        list(Submission.objects.order_by("pk", "values__pk").values_list("values__number", "values__version")),
        ValueChange.objects.count(),
    )


def number(form: Submission, code: str) -> int | None:
    return form.values.get(element__code=code).number


# --- a school's own workbook -----------------------------------------------------------------------------------------


def test_a_workbook_brings_exactly_its_changes_after_they_were_confirmed(form: Submission) -> None:
    fill(form, pupils_5=30, pupils_6=31, service_talk=None)
    data = filled(form, pupils_6=32, pupils_7=33, service_games=(None, "Не ведём учёт"))
    before = everything()
    answer = upload_blank(form, data)
    draft = ImportDraft.objects.get()
    assert answer.url == f"/monitoring/imports/{draft.public_id}/"
    assert everything() == before
    page = page_of(draft)
    assert "Впервые заполнится: 2" in page
    assert "Изменится: 1" in page
    changes = ValueChange.objects.count()
    assert "Записано: 3 числа" in confirm(draft).content.decode()
    assert (number(form, "pupils_5"), number(form, "pupils_6"), number(form, "pupils_7")) == (30, 32, 33)
    assert form.values.get(element__code="service_games").reason == "Не ведём учёт"
    assert ValueChange.objects.count() == changes + 3
    assert set(ValueChange.objects.order_by("-id")[:3].values_list("way", flat=True)) == {Way.WORKBOOK}


def test_an_untouched_workbook_changes_nothing_and_says_so(form: Submission) -> None:
    fill(form, pupils_5=30, service_talk=None)
    upload_blank(form, filled(form))
    assert "ничего не меняет" in page_of(ImportDraft.objects.get())


def test_a_cleared_cell_becomes_empty_again(form: Submission) -> None:
    fill(form, pupils_5=30)
    upload_blank(form, filled(form, pupils_5=None))
    confirm(ImportDraft.objects.get())
    assert form.values.get(element__code="pupils_5").state == "empty"


def test_a_cell_changed_on_the_portal_since_is_a_conflict_with_both_numbers(form: Submission) -> None:
    fill(form, pupils_5=30, pupils_6=30)
    data = filled(form, pupils_5=35, pupils_6=36)
    fill(form, pupils_5=31, pupils_6=31)
    upload_blank(form, data)
    draft = ImportDraft.objects.get()
    page = page_of(draft)
    assert "Изменились на портале" in page
    assert ">31</td>" in page
    assert ">35</td>" in page
    confirm(draft, take=["pupils_6"])
    assert (number(form, "pupils_5"), number(form, "pupils_6")) == (31, 36)


def test_what_changes_between_preview_and_confirmation_stops_the_whole_file(form: Submission) -> None:
    upload_blank(form, filled(form, pupils_5=35, pupils_6=36))
    fill(form, pupils_5=31)
    before = everything()
    assert "изменились, поэтому ничего не записано" in confirm(ImportDraft.objects.get()).content.decode()
    assert everything() == before


def test_a_file_is_written_once_and_a_cancelled_one_never(form: Submission) -> None:
    upload_blank(form, filled(form, pupils_5=35))
    draft = ImportDraft.objects.get()
    confirm(draft)
    changes = ValueChange.objects.count()
    assert "уже записаны" in confirm(draft).content.decode()
    upload_blank(form, filled(form, pupils_5=36))
    second = ImportDraft.objects.get(applied_at=None)
    confirm(second, cancel="1")
    assert "отменена" in confirm(second).content.decode()
    assert ValueChange.objects.count() == changes
    assert number(form, "pupils_5") == 35


def test_a_sent_form_takes_no_workbook(form: Submission) -> None:
    data = filled(form, pupils_5=35)
    upload_blank(form, data)
    sent(form)
    before = everything()
    assert upload_blank(form, data).status_code == 422
    address = f"/monitoring/submissions/{form.public_id}/import/"
    assert browser_of(coordinator_of(form.school)).post(address).status_code == 422  # nor does a POST without a file
    assert "отправлена" in confirm(ImportDraft.objects.get()).content.decode()
    assert everything() == before


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("7 чел.", "Введите целое число"),
        (12.5, "без дробной части"),
        (-5, "не может быть меньше нуля"),
        (12345678, "не больше семи цифр"),
        (date(2022, 9, 1), "В ячейке дата"),
        ("=2+2", "формула, значение которой не посчитано"),
        ((5, "Учёт не ведётся"), "Указано и число"),
        ("нет данных", "Назовите причину"),
    ],
)
def test_a_cell_that_cannot_be_read_has_its_place_and_its_sentence(
    form: Submission, typed: object, sentence: str
) -> None:
    before = everything()
    upload_blank(form, filled(form, pupils_5=typed, pupils_6=30))
    draft = ImportDraft.objects.get()
    page = page_of(draft)
    assert sentence in page
    assert "ячейка F10" in page
    assert "нельзя" in page
    confirm(draft)
    assert everything() == before


def test_a_number_written_as_text_is_read_and_told(form: Submission) -> None:
    upload_blank(form, filled(form, pupils_5="1 234", pupils_6="12,0"))
    assert "2 числа записаны в файле как текст" in page_of(ImportDraft.objects.get())
    confirm(ImportDraft.objects.get())
    assert (number(form, "pupils_5"), number(form, "pupils_6")) == (1234, 12)


def rename_column(book: Workbook) -> None:
    book.worksheets[0].cell(HEADER_ROW + 1, Column.VALUE + 1).value = "Всего"


def swap_sheets(book: Workbook) -> None:
    one, two = book.worksheets[:2]
    one.title, two.title, one_title = "x", one.title, two.title
    one.title = one_title


def merge(book: Workbook) -> None:
    book.worksheets[0].merge_cells("F6:F7")


def drop_hidden(book: Workbook) -> None:
    del book[HIDDEN]


def drop_section(book: Workbook) -> None:
    del book[book.worksheets[0].title]


def repeat_row(book: Workbook) -> None:
    page = book.worksheets[0]
    page.cell(HEADER_ROW + 3, 1).value = page.cell(HEADER_ROW + 2, 1).value


def old_format(book: Workbook) -> None:
    book[HIDDEN]["B1"] = "0"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (rename_column, "заголовок «Всего»"),
        (swap_sheets, "Листы перепутаны"),
        (merge, "объединены ячейки F6:F7"),
        (drop_hidden, "Это не бланк портала"),
        (drop_section, "нет листа"),
        (repeat_row, "встречается дважды"),
        (old_format, "прежней версией портала"),
    ],
)
def test_a_workbook_whose_layout_was_changed_is_refused_whole(form: Submission, change, sentence: str) -> None:
    before = everything()
    answer = upload_blank(form, filled(form, change, pupils_5=35))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "<title>Ошибка: " in answer.content.decode()
    assert everything() == before
    assert not ImportDraft.objects.exists()


def test_a_workbook_of_another_school_form_or_year_is_refused(form: Submission) -> None:
    beside = SchoolFactory(municipality=form.municipality, name="Гимназия № 9")
    later = submission(beside, 2022)
    foreign = submission(SchoolFactory(code="101"))
    own = Submission.objects.get(school=form.school, year=2022)
    graduates = submission(form.school, 2021, "graduates")
    for other, sentence in (
        (later, "бланк другой школы: «Гимназия № 9»"),
        (foreign, "бланк другой школы"),
        (own, "бланк за 2022/23"),
        (graduates, "бланк другой формы"),
    ):
        answer = upload_blank(form, write_blank(other))
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert not ImportDraft.objects.exists()


def test_what_is_no_workbook_at_all_keeps_the_page_with_its_sentence(form: Submission) -> None:
    before = everything()
    for data, sentence in ((b"a;b", "не книга Excel"), (b"", "Файл пуст"), (bytes(3_000_000), "больше 2\u00a0МБ")):
        answer = upload_blank(form, data)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert everything() == before


# --- a table of many schools -----------------------------------------------------------------------------------------


def test_a_table_fills_many_forms_with_their_history_in_one_step(form: Submission) -> None:
    other = submission(SchoolFactory(code="102", municipality=form.municipality), 2022)
    one = Submission.objects.get(school=form.school, year=2022)
    fill(one, pupils_5=30)
    data = table(
        ["Код школы", "Школа", "pupils_5", "service_talk"], [101, "", 40, 5], ["102", "", 50, "нет данных: учёта нет"]
    )
    upload_table(one, data)
    draft = ImportDraft.objects.get()
    assert "Школ с изменениями: 2" in page_of(draft)
    assert "Записано: 4 числа" in confirm(draft).content.decode()
    one.refresh_from_db()
    other.refresh_from_db()
    assert (number(one, "pupils_5"), number(other, "pupils_5")) == (40, 50)
    assert other.values.get(element__code="service_talk").reason == "учёта нет"
    assert (other.state, other.cells_filled, other.version) == (FormState.FILLING, 2, 1)
    assert StatusChange.objects.filter(submission=other, to_state=FormState.FILLING).count() == 1
    change = ValueChange.objects.get(submission=one, way=Way.IMPORT, element__code="pupils_5")
    assert (change.from_number, change.to_number, change.by) == (30, 40, specialist_of(one.municipality).user)
    assert one.values.get(element__code="pupils_5").version == 2
    assert Notice.objects.filter(user=coordinator_of(one.school).user).count() == 1


def test_the_bulk_write_leaves_what_typing_leaves(form: Submission) -> None:
    twin = submission(SchoolFactory(municipality=form.municipality), 2022)
    one = Submission.objects.get(school=form.school, year=2022)
    fill(twin, pupils_5=30, pupils_6=None)
    upload_table(one, table(["Код школы", "pupils_5", "pupils_6"], ["101", 30, "нет данных: Учёт не ведётся"]))
    confirm(ImportDraft.objects.get())
    kept = [
        list(
            form.values.exclude(state="inapplicable")
            .order_by("element")
            .values_list("element", "state", "number", "reason", "version")
        )
        for form in (one, twin)
    ]
    history = [
        list(
            form.changes.exclude(way=Way.LAUNCH)
            .order_by("element")
            .values_list("element", "from_state", "to_state", "to_number", "reason")
        )
        for form in (one, twin)
    ]
    one.refresh_from_db()
    assert kept[0] == kept[1]
    assert history[0] == history[1]
    assert (one.state, one.version, one.cells_filled) == (twin.state, twin.version, twin.cells_filled)


def test_our_own_export_comes_back_as_no_change(form: Submission) -> None:
    fill(form, pupils_5=30, service_talk=None)
    data = export_table(form.campaign, [form], accepted=False, extension="xlsx")
    upload_table(form, data)
    assert "ничего не меняет" in page_of(ImportDraft.objects.get())


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["Код школы", "pupils_5"], ["999", 5]], "Школы с кодом «999»"),
        ([["Код школы", "pupils_5"], ["101", 5], ["101", 6]], "уже есть в строке 2"),
        ([["Код школы", "pupils_5"], [None, 5]], "нет кода школы"),
        ([["Код школы", "pupils_5"], ["101", "много"]], "Введите целое число"),
        ([["Код школы", "pupils_5"], ["101", "нет данных"]], "Назовите причину"),
    ],
)
def test_one_wrong_row_keeps_the_whole_table_from_being_written(form: Submission, rows, sentence: str) -> None:
    SchoolFactory(code="102", municipality=form.municipality)
    before = everything()
    upload_table(form, table(*rows))
    draft = ImportDraft.objects.get()
    assert sentence in page_of(draft)
    confirm(draft)
    assert everything() == before


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["Школа", "pupils_5"], ["101", 5]], "нет таблицы"),
        ([["Код школы", "pupils_55", "pupils_5"], ["101", 5, 5]], "«pupils_55»"),
        ([["Код школы", "pupils_5", "pupils_5"], ["101", 5, 5]], "встречается дважды"),
        ([["Код школы", "pupils_5"], ["101", None]], "нет чисел"),
    ],
)
def test_a_table_that_cannot_be_understood_is_refused_whole(form: Submission, rows, sentence: str) -> None:
    answer = upload_table(form, table(*rows))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ImportDraft.objects.exists()


def test_a_row_of_a_sent_form_is_refused_with_the_cause(form: Submission) -> None:
    sent(form)
    before = everything()
    upload_table(form, table(["Код школы", "pupils_5"], ["101", 77]))
    draft = ImportDraft.objects.get()
    assert "файлом не меняются: форма отправлена" in page_of(draft)
    confirm(draft)
    assert everything() == before


def test_a_number_for_a_row_that_does_not_concern_the_school_is_refused() -> None:
    form = submission(SchoolFactory(code="101", grades=list(range(1, 10)), kind="basic"))
    upload_table(form, table(["Код школы", "pupils_11"], ["101", 7]))
    assert "к школе не относится" in page_of(ImportDraft.objects.get())


def test_the_contingent_is_read_by_the_words_of_its_head(form: Submission) -> None:
    fill(form, pupils_5=30)
    data = table(
        ["Число обучающихся"],
        ["Код школы", "Наименование", "5 класс", "6", "11 кл.", "ОВЗ 5-9 классы", "Всего"],
        ["101", "Школа", 31, 32, 33, 4, 96],
        ["Итого", "", 31, 32, 33, 4, 96],
    )
    upload_table(form, data, "contingent", source="форма № ОО-1", as_at="2021-09-20")
    draft = ImportDraft.objects.get()
    page = page_of(draft)
    assert "Не использованы столбцы: «Всего»" in page
    assert "Изменится: 1" in page
    confirm(draft)
    assert [number(form, code) for code in ("pupils_5", "pupils_6", "pupils_11", "disabled_5_9")] == [31, 32, 33, 4]
    note = ValueChange.objects.get(element__code="pupils_6", submission=form).note
    assert "форма № ОО-1, на 20.09.2021" in note


def test_the_contingent_needs_its_source_and_its_date(form: Submission) -> None:
    answer = upload_table(form, table(["Код школы", "5 класс"], ["101", 31]), "contingent")
    assert answer.status_code == 422
    assert "откуда взят контингент" in answer.content.decode()
    assert "на какую дату" in answer.content.decode()


def test_the_preview_counts_what_the_checks_will_say(form: Submission) -> None:
    fill(form, pupils_6=10, pupils_7=10, pupils_8=10)
    upload_table(form, table(["Код школы", "tested_6_8"], ["101", 31]))
    assert ImportDraft.objects.get().content["findings"] == [[form.pk, 1, 0]]


def test_a_large_file_is_compared_and_written_by_the_worker(form: Submission, monkeypatch) -> None:
    monkeypatch.setattr(imports, "DIRECT", 1)
    upload_table(form, table(["Код школы", "pupils_5", "pupils_6"], ["101", 31, 32]))
    draft = ImportDraft.objects.get()
    assert "работает с ним в фоне" in page_of(draft)
    carry_import(Job.objects.get())
    Job.objects.update(state="done")
    assert "Впервые заполнится: 2" in page_of(draft)
    confirm(draft)
    assert not ValueChange.objects.filter(submission=form, way=Way.IMPORT).exists()
    job = Job.objects.get(payload__step="apply")
    for _ in range(2):  # put back after its worker died, it finds its work done
        carry_import(job)
    assert ValueChange.objects.filter(submission=form, way=Way.IMPORT).count() == 2


def test_a_file_that_was_cancelled_before_the_worker_came_stays_empty(form: Submission, monkeypatch) -> None:
    monkeypatch.setattr(imports, "DIRECT", 1)
    upload_table(form, table(["Код школы", "pupils_5", "pupils_6"], ["101", 31, 32]))
    stale = ImportDraft.objects.get()
    imports.cancel_draft(draft=stale)
    imports.compare_draft(draft=stale)
    carry_import(Job.objects.get())
    assert ImportDraft.objects.get().content == {}


def test_a_school_sees_no_table_and_another_school_no_workbook(form: Submission) -> None:
    upload_table(form, table(["Код школы", "pupils_5"], ["101", 31]))
    upload_blank(form, filled(form, pupils_6=5))
    beside = coordinator_of(SchoolFactory(municipality=form.municipality))
    for draft, who in (
        (ImportDraft.objects.get(kind=ImportKind.VALUES), coordinator_of(form.school)),
        (ImportDraft.objects.get(kind=ImportKind.WORKBOOK), beside),
        (ImportDraft.objects.get(kind=ImportKind.VALUES), specialist_of(MunicipalityFactory())),
    ):
        assert browser_of(who).get(f"/monitoring/imports/{draft.public_id}/").status_code == 404


def test_the_preview_of_thirty_schools_asks_as_much_as_that_of_one() -> None:
    town = MunicipalityFactory()
    schools = [SchoolFactory(municipality=town, code=f"s{n}") for n in range(30)]
    form = submission(schools[0])
    for school in schools:
        coordinator_of(school)
    specialist = browser_of(specialist_of(town))
    specialist.get("/")  # the first page of a session also writes the session
    counts = []
    for some in (schools[:2], schools):
        upload_table(form, table(["Код школы", "pupils_5"], *([school.code, 31] for school in some)))
        draft = ImportDraft.objects.latest("id")
        with CaptureQueriesContext(connection) as asked:
            specialist.get(f"/monitoring/imports/{draft.public_id}/")
        with CaptureQueriesContext(connection) as written:
            actions.apply_draft(draft=draft, by=specialist_of(town))
        counts.append((len(asked), len(written)))
        for one in Submission.objects.filter(campaign=form.campaign, values__element__code="pupils_5"):
            actions.save_cells(submission=one, entries=[entry(one, "pupils_5", 1)], by=coordinator_of(one.school))
    assert counts[0] == counts[1]


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_writes_all_or_nothing_and_a_dry_run_nothing(form: Submission, tmp_path) -> None:
    file = tmp_path / "числа.xlsx"
    words = [str(file), "--municipality", form.municipality.slug, "--year", "2021", "--form", "year"]
    file.write_bytes(table(["Код школы", "pupils_5"], ["101", 31], ["999", 5]))
    before = everything()
    with pytest.raises(CommandError, match="1 ошибка, ничего не записано"):
        call_command("import_values", *words, stdout=io.StringIO())
    file.write_bytes(table(["Код школы", "pupils_5"], ["101", 31]))
    told = io.StringIO()
    call_command("import_values", *words, "--dry-run", stdout=told)
    assert "ничего не записано" in told.getvalue()
    assert everything() == before
    call_command("import_values", *words, stdout=told)
    assert "Записано: 1 число." in told.getvalue()
    assert number(form, "pupils_5") == 31
    file.write_text("не книга")
    with pytest.raises(CommandError, match="не книга Excel"):
        call_command("import_values", *words, stdout=told)
