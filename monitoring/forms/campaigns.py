"""What launching a campaign and returning a form may bring."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from monitoring.queries.content import FormContent
from portal.formats import school_year_short
from portal.models import Municipality

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def end_of_day(day: date, municipality: Municipality) -> datetime:
    """23:59:59 of a day where the municipality is: the moment of a deadline."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(municipality.time_zone))


class LaunchForm(forms.Form):
    """Which form, which year, on what ground, from when until when."""

    form: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Форма", queryset=None, empty_label="Выберите форму", to_field_name="code"
    )
    year = forms.TypedChoiceField(label="Учебный год", coerce=int, empty_value=None)
    regulation: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Основание (приказ)",
        queryset=None,
        required=False,
        empty_label="Без приказа",
        help_text="Приказ печатается в форме и в отчёте.",
    )
    opens_on = forms.DateField(label="Открыть", widget=_DATE)
    closes_on = forms.DateField(
        label="Срок сдачи", widget=_DATE, help_text="До 23:59 этого дня по времени муниципалитета."
    )

    def __init__(
        self, *args: Any, municipality: Municipality, regulations: Any, forms_on_offer: Any, today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.municipality = municipality
        current = today.year if today.month >= 9 else today.year - 1
        offered: dict[str, Any] = self.fields
        offered["form"].queryset = forms_on_offer
        offered["regulation"].queryset = regulations
        offered["year"].choices = [(year, school_year_short(year)) for year in range(current + 1, current - 8, -1)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        opens, closes = given.get("opens_on"), given.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "Срок сдачи раньше открытия формы. Исправьте одну из дат.")
        return given

    def launch(self) -> dict[str, Any]:
        """The arguments of `launch_campaign`."""
        given = self.cleaned_data
        zone = ZoneInfo(self.municipality.time_zone)
        return {
            "form": given["form"],
            "year": given["year"],
            "regulation": given["regulation"],
            "opens_at": datetime.combine(given["opens_on"], time(0, 0), zone),
            "closes_at": end_of_day(given["closes_on"], self.municipality),
        }


class ReturnForm(forms.Form):
    """Remarks, each tied to a row or a section, and a new deadline. Rows are named `remark-<code>` by the page."""

    due_on = forms.DateField(label="Новый срок", widget=_DATE, error_messages={"required": "Укажите новый срок."})

    def __init__(self, *args: Any, content: FormContent, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.targets = [
            ("section", section.code, section.title, [(row.code, row.label) for row in section.rows])
            for section in content.sections
        ]
        for _, code, title, rows in self.targets:
            self._add(f"section-{code}", f"Раздел «{title}»")
            for row, label in rows:
                self._add(f"row-{row}", label)

    def _add(self, name: str, label: str) -> None:
        self.fields[name] = forms.CharField(
            label=label, required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 1})
        )

    def clean_due_on(self) -> date:
        day = self.cleaned_data["due_on"]
        if day < self.today:
            raise forms.ValidationError("Новый срок уже прошёл. Укажите сегодняшнюю или более позднюю дату.")
        return day

    @property
    def remarks(self) -> list[tuple[str, str, str]]:
        """(«section» or «row», code, text) of every remark that was written."""
        found = []
        for name, text in self.cleaned_data.items():
            kind, _, code = name.partition("-")
            if code and text:
                found.append((kind, code, text))
        return found


class ReopenForm(forms.Form):
    """Why an accepted form is opened again."""

    reason = forms.CharField(
        label="Причина",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Напишите, почему форму нужно открыть: причина останется в истории."},
    )
