"""What the pages of the register of acts accept: filters and an act."""

import datetime
from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.actions.regulations import Act
from portal.checks import act_faults
from portal.enums import RegulationKind
from portal.models import Regulation

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RegulationFilter(forms.Form):
    """The filters above the list of acts; they stand in the address."""

    q = forms.CharField(label="Номер, название или кем издан", required=False, max_length=100)
    kind = forms.ChoiceField(label="Вид", required=False, choices=[("", "Все"), *RegulationKind.choices])
    year = forms.TypedChoiceField(label="Год", required=False, coerce=int, empty_value=None)
    standing = forms.ChoiceField(
        label="Состояние", required=False, choices=[("", "Все"), ("yes", "Действующие"), ("no", "Недействующие")]
    )

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, Any] = self.fields
        offered["year"].choices = [("", "Все"), *((year, str(year)) for year in years)]


class RegulationForm(forms.Form):
    """An act: what it is, who issued it and when, how long it holds."""

    kind = forms.ChoiceField(label="Вид", choices=[("", "Выберите вид"), *RegulationKind.choices])
    number = forms.CharField(label="Номер", max_length=50, help_text="Без знака «№», например 217-д.")
    date = forms.DateField(label="Дата", widget=_DATE)
    issuer = forms.CharField(
        label="Кем издан",
        max_length=300,
        help_text="В родительном падеже, как в тексте отчёта: «управления образования администрации города».",
    )
    title = forms.CharField(
        label="Название",
        max_length=500,
        help_text="Без кавычек, с прописной буквы: «О проведении мониторинга…».",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    valid_from = forms.DateField(
        label="Действует с", required=False, widget=_DATE, help_text="Если не указать, то со дня подписания."
    )
    valid_until = forms.DateField(
        label="Действует по", required=False, widget=_DATE, help_text="Если срока нет, оставьте пустым."
    )
    replaced_by: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Заменён документом",
        queryset=None,
        required=False,
        empty_label="Не заменён",
        to_field_name="public_id",
    )

    def __init__(self, *args: Any, others: QuerySet[Regulation], today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        offered: dict[str, Any] = self.fields
        offered["replaced_by"].queryset = others
        offered["replaced_by"].label_from_instance = named

    def clean_number(self) -> str:
        return " ".join(self.cleaned_data["number"].lstrip("№").split())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if dated := given.get("date"):
            faults = act_faults(
                dated=dated,
                valid_from=given.get("valid_from"),
                valid_until=given.get("valid_until"),
                replaced_by=given.get("replaced_by"),
                today=self.today,
            )
            for field, sentence in faults.items():
                if field in given:
                    self.add_error(field, sentence)
        return given

    @property
    def act(self) -> Act:
        return Act(**self.cleaned_data)


def named(act: Regulation) -> str:
    """An act in one line of a list: «приказ № 217-д от 14.03.2026, О проведении мониторинга»."""
    title = act.title if len(act.title) <= 60 else f"{act.title[:59]}…"
    return f"{act} от {act.date:%d.%m.%Y}, {title}"


def filled_with(act: Regulation) -> dict[str, Any]:
    """An act as the form shows it."""
    kept = {name: getattr(act, name) for name in ("kind", "number", "date", "issuer", "title")}
    newer = act.replaced_by.public_id if act.replaced_by else None
    return {**kept, "valid_from": act.valid_from, "valid_until": act.valid_until, "replaced_by": newer}
