"""A form as a workbook to fill without the portal, and all numbers of a campaign as a table with codes."""

from collections.abc import Iterable, Iterator

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from monitoring.enums import CellState
from monitoring.models import Campaign, Submission, Value
from monitoring.queries.entry.content import FormContent, Row, SectionOfForm, content_of
from monitoring.workbooks import FORMAT, HEADER_ROW, HIDDEN, MARK, Column, header_of, sheet_titles
from portal.formats import INAPPLICABLE, NO_DATA, date_digits, school_year, school_year_short
from portal.workbooks import put_text, saved, write_csv, write_table

MOST = 9_999_999
HOW = (
    "Заполняйте белые ячейки: целое число, ноль – тоже число. Готовый файл загрузите на странице формы.",
    "Если данных нет, оставьте число пустым и напишите причину в последнем столбце.",
)
_LOCKED = PatternFill("solid", fgColor="EEF1F4")
_FONT = "Calibri"
_BOLD = Font(name=_FONT, bold=True)
_LINE_HEIGHT = 15  # points
_LINE = Side(style="thin", color="8C959F")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


_WIDTHS = {Column.CODE: 4, Column.NUMBER: 6, Column.NAME: 62, Column.UNIT: 10, Column.LAST_YEAR: 12, Column.VALUE: 14}
_REASON_WIDTH = 34


def write_blank(submission: Submission) -> bytes:
    """The workbook of one form with its present numbers: a sheet for each section, open cells only where one types.

    A hidden sheet says whose it is and what every cell held, so that only what was changed in it comes back.
    """
    content = content_of(submission)
    book = Workbook()
    book.remove(book.active)
    titles = sheet_titles({section.code: section.title for section in content.sections})
    for number, section in enumerate(content.sections, 1):
        _write_section(book.create_sheet(titles[section.code]), submission, section, number)
    _write_hidden(book.create_sheet(HIDDEN), submission, content)
    return saved(book)


def blank_name(submission: Submission) -> str:
    """«Бланк 2021-22, Школа № 5.xlsx»."""
    year = school_year_short(submission.year).replace("/", "-")
    return f"Бланк {year}, {submission.form.title}, {submission.school.name}.xlsx"


def _write_section(sheet: Worksheet, submission: Submission, section: SectionOfForm, number: int) -> None:
    put_text(sheet.cell(1, 1), MARK + section.code)
    for line, text in enumerate(_lines_above(submission, section), 1):
        put_text(sheet.cell(line, Column.NUMBER + 1), text)
    sheet.cell(1, Column.NUMBER + 1).font = Font(name=_FONT, bold=True, size=13)
    sheet.cell(2, Column.NUMBER + 1).font = _BOLD
    for column, name in enumerate(header_of(submission.year), 1):
        cell = sheet.cell(HEADER_ROW + 1, column)
        put_text(cell, name)
        cell.font, cell.border, cell.fill = _BOLD, _BOX, _LOCKED
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    first = HEADER_ROW + 2
    for line, row in enumerate(section.rows):
        _write_row(sheet, first + line, row, f"{number}.{line + 1}")
    _limit_input(sheet, section.rows, first)
    _set_up(sheet, submission)


def _lines_above(submission: Submission, section: SectionOfForm) -> tuple[str, ...]:
    source = f" Источник: {section.source}." if section.source else ""
    return (
        f"{submission.form.title} за {school_year(submission.year)}. {submission.school.name}",
        f"{section.title}. Считайте {section.as_at}.{source}",
        *HOW,
    )


def _write_row(sheet: Worksheet, line: int, row: Row, number: str) -> None:
    name = f"{row.label} ({row.hint})" if row.hint else row.label
    texts = {Column.CODE: row.code, Column.NUMBER: number, Column.NAME: name, Column.UNIT: row.unit}
    for column, text in texts.items():
        put_text(sheet.cell(line, column + 1), text)
    put_text(sheet.cell(line, Column.LAST_YEAR + 1), row.last_year)
    # Table programs do not grow a row to its wrapped text by themselves when a file gives no height.
    lines = -(-len(name) // (_WIDTHS[Column.NAME] - 6))
    sheet.row_dimensions[line].height = _LINE_HEIGHT * lines
    value = sheet.cell(line, Column.VALUE + 1)
    if row.number is not None:
        value.value = ("да" if row.number else "нет") if row.yes_no else row.number
    if row.reason:
        put_text(sheet.cell(line, Column.REASON + 1), row.reason)
    for column in Column:
        cell = sheet.cell(line, column + 1)
        cell.border = _BOX
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if column in _NUMBERS else None)
        if column in _OPEN:
            cell.protection = Protection(locked=False)
        else:
            cell.fill = _LOCKED


_NUMBERS = (Column.LAST_YEAR, Column.VALUE)
_OPEN = (Column.VALUE, Column.REASON)


def _limit_input(sheet: Worksheet, rows: Iterable[Row], first: int) -> None:
    """The table program itself refuses what the portal would refuse, with the same words."""
    count = DataValidation(
        type="whole",
        operator="between",
        formula1="0",
        formula2=str(MOST),
        errorTitle="Нужно целое число",
        error="Введите целое число, например 120. Ноль – тоже число.",
    )
    choice = DataValidation(
        type="list", formula1='"да,нет"', errorTitle="Нужен ответ", error="Выберите «да» или «нет»."
    )
    for line, row in enumerate(rows, first):
        (choice if row.yes_no else count).add(sheet.cell(line, Column.VALUE + 1))
    for limit in (count, choice):
        limit.allow_blank, limit.showErrorMessage = True, True
        if limit.cells:
            sheet.add_data_validation(limit)


def _set_up(sheet: Worksheet, submission: Submission) -> None:
    """Widths, the lock without a password, and A4 with the header repeated."""
    for column in Column:
        sheet.column_dimensions[sheet.cell(1, column + 1).column_letter].width = _WIDTHS.get(column, _REASON_WIDTH)
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = sheet.cell(HEADER_ROW + 2, Column.UNIT + 1)
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW + 1}:{HEADER_ROW + 1}"
    sheet.oddFooter.left.text = f"Форма {submission.form.code}, {school_year_short(submission.year)}"
    sheet.oddFooter.right.text = "Страница &P из &N"


def _write_hidden(sheet: Worksheet, submission: Submission, content: FormContent) -> None:
    told = {
        "format": FORMAT,
        "municipality": submission.municipality.slug,
        "school": submission.school.code,
        "school_name": submission.school.name,
        "form": submission.form.code,
        "year": str(submission.year),
        "campaign": str(submission.campaign.public_id),
    }
    lines: list[tuple[object, ...]] = [*told.items()]
    lines += [("section", section.code, section.title) for section in content.sections]
    lines += [
        ("cell", row.code, row.version, str(row.state.value), row.number, row.reason)
        for section in content.sections
        for row in section.rows
    ]
    for line, cells in enumerate(lines, 1):
        for column, one in enumerate(cells, 1):
            if isinstance(one, str):
                put_text(sheet.cell(line, column), one)
            else:
                sheet.cell(line, column).value = one
    sheet.sheet_state = "hidden"
    sheet.protection.sheet = True


# --- all numbers of a campaign ---------------------------------------------------------------------------------------


def export_table(campaign: Campaign, forms: Iterable[Submission], *, accepted: bool, extension: str) -> bytes:
    """XLSX or CSV: a school in each row, an element in each column, under its code. The file can be imported again.

    `accepted`: the numbers of the last acceptance, else what the forms say now. «…» is «нет данных», «х» does not
    apply, an empty cell was not filled (or not accepted yet).
    """
    asked = list(campaign.elements.select_related("element", "section"))
    header = ["Код школы", "Школа", *(one.element.code for one in asked)]
    rows = _rows(campaign, forms, [one.element.code for one in asked], accepted=accepted)
    if extension == "csv":
        return write_csv(header, rows)
    kept = "принятые данные" if accepted else "данные форм на день выгрузки, в том числе непринятые"
    about = [
        f"{campaign.form.title} за {school_year(campaign.year)}: {kept}.",
        f"«{NO_DATA}» – нет данных; «{INAPPLICABLE}» – строка к школе не относится; пустая ячейка – не заполнено.",
        f"Срок сдачи: {date_digits(campaign.closes_at.date())}.",
        *(f"{one.element.code} – {one.name}, {one.unit} ({one.section_title})" for one in asked),
    ]
    return write_table("Значения", header, rows, about=about)


def export_name(campaign: Campaign, *, accepted: bool, extension: str) -> str:
    """«Данные 2021-22, принятые.xlsx»."""
    year = school_year_short(campaign.year).replace("/", "-")
    return f"{campaign.form.title} {year}, {'принятые' if accepted else 'текущие'} данные.{extension}"


def _rows(
    campaign: Campaign, forms: Iterable[Submission], codes: list[str], *, accepted: bool
) -> Iterator[list[object]]:
    state, number = ("accepted_state", "accepted_number") if accepted else ("state", "number")
    fields = ("submission_id", "element__code", state, number)
    cells = {
        (form, code): _shown(kept, count)
        for form, code, kept, count in Value.objects.filter(submission__campaign=campaign).values_list(*fields)
    }
    for form in forms:
        yield [form.school.code, form.school.name, *(cells.get((form.pk, code)) for code in codes)]


def _shown(state: str | None, number: int | None) -> str | int | None:
    if state == CellState.NO_DATA:
        return NO_DATA
    return INAPPLICABLE if state == CellState.INAPPLICABLE else number
