"""What the pages of the register of schools accept: filters, a passport, a closing, a file."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.actions.schools import Passport
from portal.checks import GRADES, closing_faults, school_faults
from portal.enums import Locality, SchoolKind
from portal.models import School

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
ANY = [("", "Все")]


class SchoolFilter(forms.Form):
    """The filters above the list of schools; they stand in the address. What is not known is left out."""

    q = forms.CharField(label="Название или код", required=False, max_length=100)
    kind = forms.ChoiceField(label="Вид", required=False, choices=ANY + SchoolKind.choices)
    locality = forms.ChoiceField(label="Местность", required=False, choices=ANY + Locality.choices)
    closed = forms.ChoiceField(
        label="Состояние", required=False, choices=[("", "Все"), ("no", "Действующие"), ("yes", "Закрытые")]
    )
    order = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)


def only_known(form: forms.Form) -> dict[str, Any]:
    """What a filter of an address says, without the parts that are nonsense."""
    form.is_valid()
    return form.cleaned_data


class GradesField(forms.TypedMultipleChoiceField):
    """Ticks of grades; whether none may be ticked depends on the kind, see portal/checks.py."""

    def validate(self, value: Any) -> None:
        if value:
            super().validate(value)


class SchoolForm(forms.Form):
    """The passport of a school; `code_is_permanent` where data already stand under its code."""

    code = forms.CharField(
        label="Код",
        max_length=30,
        help_text="По коду школа узнаётся в файлах. Когда по школе появятся данные, изменить код будет нельзя.",
    )
    name = forms.CharField(label="Название", max_length=200, help_text="Так, как школа названа в отчётах.")
    kind = forms.ChoiceField(label="Вид", choices=[("", "Выберите вид"), *SchoolKind.choices])
    locality = forms.ChoiceField(label="Местность", choices=Locality.choices, widget=forms.RadioSelect)
    grades = GradesField(
        label="Классы",
        coerce=int,
        choices=[(grade, str(grade)) for grade in GRADES],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "short-choices"}),
        help_text="Отметьте классы, которые есть в школе. У детских садов и организаций дополнительного образования "
        "классов нет.",
    )
    opened = forms.DateField(label="Дата открытия", required=False, widget=_DATE)

    def __init__(self, *args: Any, today: date, code_is_permanent: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if code_is_permanent:
            self.fields["code"].disabled = True
            self.fields["code"].help_text = "По школе уже есть данные, поэтому код изменить нельзя."

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        faults = school_faults(
            name=given.get("name", ""),
            kind=given.get("kind", ""),
            grades=given.get("grades", []),
            opened=given.get("opened"),
            today=self.today,
        )
        for field, sentence in faults.items():
            if field in given and (field != "grades" or "kind" in given):
                self.add_error(field, sentence)
        return given

    @property
    def passport(self) -> Passport:
        return Passport(**self.cleaned_data)


def filled_with(school: School) -> dict[str, Any]:
    """The passport of a school as the form shows it."""
    return {name: getattr(school, name) for name in ("code", "name", "kind", "locality", "grades", "opened")}


class CloseForm(forms.Form):
    """Since when a school is closed, and which one took its place."""

    closed = forms.DateField(label="Первый день после закрытия", widget=_DATE)
    successor: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Школа-преемница",
        queryset=None,
        required=False,
        empty_label="Преемницы нет",
        to_field_name="public_id",
        help_text="Если школу присоединили к другой, выберите эту другую школу.",
    )

    def __init__(self, *args: Any, school: School, successors: QuerySet[School], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.school, self.today = school, today
        offered: dict[str, Any] = self.fields
        offered["successor"].queryset = successors

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if day := given.get("closed"):
            faults = closing_faults(self.school, on=day, successor=given.get("successor"), today=self.today)
            for field, sentence in faults.items():
                self.add_error(field, sentence)
        return given


class RegisterFileForm(forms.Form):
    """A table of a register; what is in it is read by portal/importing/."""

    most_rows = 1000
    file = forms.FileField(
        label="Файл",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={
            "required": "Выберите файл.",
            "empty": "Файл пуст. Выберите другой.",
            "max_length": "Имя файла слишком длинное. Переименуйте файл.",
        },
        max_length=200,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = f"Книга Excel (.xlsx) или CSV, не больше 2\u00a0МБ и {self.most_rows} строк."
