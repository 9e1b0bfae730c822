"""What people send about the region's form: the workbook with its name, a new version of it, one more mark."""

from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile

from monitoring.queries.tables.region_forms import meaning_of
from monitoring.queries.tables.table_offer import Offer
from monitoring.region_workbook import LIMITS, Layout, address_of, open_form
from portal.forms import NamesAware
from portal.workbooks import WorkbookRefused


class FileForm(forms.Form):
    """A workbook. After `is_valid`, `content` holds its bytes and `layout` what stands in it."""

    file = forms.FileField(
        label="Файл формы",
        help_text="Пустая форма региона в формате XLSX, до 2\u00a0МБ.",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "Выберите файл.", "empty": "Файл пуст. Выберите форму региона."},
    )
    content: bytes
    layout: Layout

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        # One byte more than allowed is enough to be refused, so a huge file is not taken into memory.
        self.content = file.read(LIMITS.file_bytes + 1)
        try:
            self.layout = open_form(self.content)
        except WorkbookRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return file


class NewForm(NamesAware, FileForm):
    """The first version of a form."""

    free_text: ClassVar[tuple[str, ...]] = ("name",)
    name = forms.CharField(
        label="Название формы",
        max_length=200,
        help_text="Например: «Отчёт в министерство о профориентации».",
        error_messages={"required": "Назовите форму."},
    )
    field_order = ["name", "file"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].replace("\0", " ").split())


class MarkForm(forms.Form):
    """One more marked cell; `mark` is (sheet, cell, code) after `is_valid`."""

    sheet = forms.ChoiceField(label="Лист", error_messages={"invalid_choice": "Выберите лист из списка."})
    cell = forms.CharField(
        label="Ячейка",
        max_length=20,
        help_text="Например: C7.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Укажите ячейку, например C7."},
    )
    code = forms.CharField(
        label="Код",
        max_length=80,
        help_text="Например: 4.1, 4.1 числитель, 4.1 знаменатель, pupils_9, муниципалитет, год, школ.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Укажите код, например 4.1."},
    )

    def __init__(self, *args: Any, layout: Layout, offer: Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layout, self.offer = layout, offer
        choices: Any = self.fields["sheet"]
        choices.choices = [(name, name) for name in layout.names]

    def clean_cell(self) -> str:
        try:
            return address_of(self.cleaned_data["cell"])
        except ValueError:
            raise forms.ValidationError("Такой ячейки нет. Укажите столбец и строку, например C7.") from None

    def clean_code(self) -> str:
        code = " ".join(self.cleaned_data["code"].strip(" {}").replace("\0", " ").split())
        try:
            meaning_of(code, self.offer)
        except ValueError as unknown:
            raise forms.ValidationError(str(unknown)) from None
        return code

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        sheet, cell = given.get("sheet"), given.get("cell")
        if sheet and cell:
            obstacle = self.layout.obstacle(sheet, cell)
            text = self.layout.text_at(sheet, cell)
            if not obstacle and isinstance(text, str) and "{" not in text:
                obstacle = f"В ячейке {cell} стоит текст «{text[:60]}». Отметьте пустую ячейку."
            if obstacle:
                self.add_error("cell", obstacle)
        return given

    @property
    def mark(self) -> tuple[str, str, str]:
        return self.cleaned_data["sheet"], self.cleaned_data["cell"], self.cleaned_data["code"]
