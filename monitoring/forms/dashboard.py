"""What the dashboards accept from a browser: the filters of the address, and a target."""

import re
from decimal import Decimal

from django import forms

_YEAR = re.compile(r"[0-9]{4}")
_TARGET = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]))?")

NOT_A_YEAR = "Год указан неверно. Выберите учебный год из списка."


class DashboardFilter(forms.Form):
    """Year and mode of the query string; the municipality is looked up by access.

    `year` is the first calendar year of a school year; empty means the default.
    """

    year = forms.CharField(required=False, max_length=20)
    preliminary = forms.BooleanField(required=False)

    def clean_year(self) -> int | None:
        given = self.cleaned_data["year"]
        if given and not _YEAR.fullmatch(given):
            raise forms.ValidationError(NOT_A_YEAR)
        return int(given) if given else None


class TargetForm(forms.Form):
    """The value an indicator should reach; an empty field takes the target away."""

    value = forms.CharField(
        label="Целевое значение",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *arguments: object, is_count: bool, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.is_count = is_count
        self.fields["value"].help_text = (
            "Число, например 25. Чтобы убрать целевое значение, очистите поле."
            if is_count
            else "Процент от 0 до 100, например 60 или 62,5. Чтобы убрать целевое значение, очистите поле."
        )

    def clean_value(self) -> Decimal | None:
        given = self.cleaned_data["value"].replace("\u00a0", "").replace(" ", "").removesuffix("%")
        if not given:
            return None
        match = _TARGET.fullmatch(given)
        if match is None:
            raise forms.ValidationError("Введите число с одной цифрой после запятой или без неё, например 60 или 62,5.")
        return Decimal(f"{match[1]}.{match[2] or 0}")
