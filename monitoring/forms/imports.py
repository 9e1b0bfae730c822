"""What the upload of a workbook may bring; the file itself is judged by portal/workbooks.py."""

from datetime import date
from typing import Any

from django import forms

from monitoring.enums import ImportKind
from portal.formats import date_digits

_PICK = "Выберите файл."


class BlankForm(forms.Form):
    """A school's own workbook."""

    file = forms.FileField(
        label="Файл бланка",
        help_text="Бланк, скачанный с этой страницы, в формате XLSX, до 2\u00a0МБ.",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _PICK, "empty": "Файл пуст. Выберите заполненный бланк."},
    )


class TableForm(forms.Form):
    """A table of many schools: of what sort, from where, as at which day."""

    kind = forms.ChoiceField(
        label="Что в файле",
        choices=[
            (ImportKind.CONTINGENT.value, "Контингент: число обучающихся по классам"),
            (ImportKind.VALUES.value, "Значения показателей с кодами в заголовках столбцов"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, что в файле."},
    )
    source = forms.CharField(
        label="Источник",
        required=False,
        max_length=200,
        help_text="Например: форма № ОО-1. Для контингента обязательно.",
    )
    as_at = forms.DateField(
        label="На какую дату",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Для контингента обязательно.",
        error_messages={"invalid": "Укажите дату: день, месяц и год."},
    )
    file = forms.FileField(
        label="Файл",
        help_text="Таблица в формате XLSX, до 4\u00a0МБ и 6000\u00a0строк. Первый столбец – «Код школы».",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": _PICK, "empty": "Файл пуст. Выберите заполненную таблицу."},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == ImportKind.CONTINGENT:
            if not given.get("source"):
                self.add_error("source", "Напишите, откуда взят контингент, например: форма № ОО-1.")
            if not given.get("as_at") and "as_at" not in self.errors:
                self.add_error("as_at", "Укажите, на какую дату взят контингент.")
        return given

    @property
    def origin(self) -> str:
        """«форма № ОО-1, на 20.09.2022»: kept with every number of the file."""
        day: date | None = self.cleaned_data["as_at"]
        return ", ".join(filter(None, (self.cleaned_data["source"], f"на {date_digits(day)}" if day else "")))
