"""What a round-up may bring: its columns and schools, a new deadline, and one school's row."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from monitoring.actions.roundups import ColumnAsked
from monitoring.enums import ColumnKind
from monitoring.forms.campaigns import end_of_day
from monitoring.forms.entry import CountRefused, read_count
from monitoring.models import RoundupColumn, RoundupRow
from monitoring.queries.campaigns.roundups import ORDERS, STATES, Answer, in_words
from portal.enums import SchoolKind
from portal.forms import NamesAware
from portal.models import Municipality, School

COLUMNS = 10
SHOWN = 4  # column lines that stand open; the others are one click away
TEXT = 500
USUAL_DAYS = 7
EARLIEST, YEARS_AHEAD = 2000, 5  # years between which a date is believed (C9)
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_DATES = ["%Y-%m-%d", "%d.%m.%Y"]
NO_DATE = "Введите дату, например 15.03.2026."


def _clean_line(text: str) -> str:
    """One line without spaces at its ends; PostgreSQL refuses the character NUL in a text."""
    return " ".join(text.replace("\0", " ").split())


class ListFilter(forms.Form):
    """The state and the order of the list; what is unknown is left out."""

    state = forms.ChoiceField(
        label="Состояние", required=False, choices=[("", "Все"), *((key, words) for key, words in STATES.items())]
    )
    order = forms.ChoiceField(required=False, choices=[("", ""), *((key, key) for key in ORDERS)])


class DeadlineForm(forms.Form):
    """A deadline: the end of a day where the municipality is."""

    due_on = forms.DateField(
        label="Срок",
        widget=_DATE,
        input_formats=_DATES,
        help_text="До 23:59 этого дня.",
        error_messages={"required": "Укажите срок.", "invalid": NO_DATE},
    )

    def __init__(self, *args: Any, municipality: Municipality, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.municipality, self.today = municipality, today
        self.fields["due_on"].initial = today + timedelta(days=USUAL_DAYS)

    def clean_due_on(self) -> date:
        day: date = self.cleaned_data["due_on"]
        if day < self.today:
            raise forms.ValidationError("Срок уже прошёл. Укажите сегодняшнюю или более позднюю дату.")
        if day.year > self.today.year + YEARS_AHEAD:
            raise forms.ValidationError("Срок слишком далёкий. Проверьте год.")
        return day

    @property
    def due_at(self) -> datetime:
        return end_of_day(self.cleaned_data["due_on"], self.municipality)


class RepeatForm(NamesAware, DeadlineForm):
    """The name of the next round-up and its deadline; everything else is taken from the earlier one."""

    free_text: ClassVar[tuple[str, ...]] = ("title",)
    title = forms.CharField(
        label="Название",
        max_length=200,
        help_text="Измените месяц или дату, если они есть в названии.",
        error_messages={"required": "Назовите свод."},
    )
    field_order = ["title", "due_on"]

    def clean_title(self) -> str:
        return _clean_line(self.cleaned_data["title"])


class RoundupForm(RepeatForm):
    """A new round-up. Column lines are `title-1`, `kind-1`, `optional-1` … `title-10`; empty lines are left out."""

    free_text: ClassVar[tuple[str, ...]] = ("title", "note")
    note = forms.CharField(
        label="Что считать",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Одно-два предложения. Школа увидит их над своей строкой.",
    )
    whom = forms.ChoiceField(
        label="Кого спросить",
        choices=[("all", "Все организации"), ("kinds", "Организации выбранных видов"), ("chosen", "Отмеченные ниже")],
        widget=forms.RadioSelect,
        initial="all",
        error_messages={"required": "Выберите, кого спросить.", "invalid_choice": "Выберите, кого спросить."},
    )
    kinds = forms.MultipleChoiceField(label="Виды организаций", required=False, widget=forms.CheckboxSelectMultiple)
    schools = forms.MultipleChoiceField(label="Организации", required=False, widget=forms.CheckboxSelectMultiple)
    field_order = ["title", "note", "due_on", "whom", "kinds", "schools"]

    def __init__(self, *args: Any, on_offer: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].help_text = "Например: «Участие в открытых уроках в марте»."
        self.on_offer = {str(school.public_id): school for school in on_offer}
        present = {school.kind for school in self.on_offer.values()}
        choices: dict[str, Any] = self.fields
        choices["kinds"].choices = [(kind.value, kind.label) for kind in SchoolKind if kind in present]
        choices["schools"].choices = [(key, school.name) for key, school in self.on_offer.items()]
        for place in range(1, COLUMNS + 1):
            self.fields[f"title-{place}"] = forms.CharField(
                label=f"Графа {place}", required=False, max_length=200, widget=forms.TextInput
            )
            self.fields[f"kind-{place}"] = forms.ChoiceField(
                label=f"Что в графе {place}", required=False, choices=ColumnKind.choices, initial=ColumnKind.NUMBER
            )
            self.fields[f"optional-{place}"] = forms.BooleanField(label="можно не заполнять", required=False)

    @property
    def general(self) -> list[forms.BoundField]:
        asked = [self[name] for name in ("title", "note", "names_confirmed", "due_on")]
        return [field for field in asked if not field.is_hidden]

    @property
    def column_lines(self) -> list[tuple[int, forms.BoundField, forms.BoundField, forms.BoundField]]:
        return [
            (place, self[f"title-{place}"], self[f"kind-{place}"], self[f"optional-{place}"])
            for place in range(1, COLUMNS + 1)
        ]

    @property
    def first_lines(self) -> list[tuple[int, forms.BoundField, forms.BoundField, forms.BoundField]]:
        return self.column_lines[:SHOWN]

    @property
    def more_lines(self) -> list[tuple[int, forms.BoundField, forms.BoundField, forms.BoundField]]:
        return self.column_lines[SHOWN:]

    @property
    def more_used(self) -> bool:
        """Whether a line behind the click is filled, so that it must stand open."""
        return any(title.value() for _, title, _, _ in self.more_lines)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.columns:
            self.add_error("title-1", "Назовите хотя бы одну графу.")
        names = [column.title.casefold() for column in self.columns]
        if len(set(names)) < len(names):
            self.add_error(None, "Две графы названы одинаково. Назовите их по-разному.")
        if given.get("whom") == "kinds" and not given.get("kinds"):
            self.add_error("kinds", "Отметьте хотя бы один вид организаций.")
        if given.get("whom") == "chosen" and not given.get("schools"):
            self.add_error("schools", "Отметьте хотя бы одну организацию.")
        return given

    @property
    def columns(self) -> list[ColumnAsked]:
        """The columns that are named, in order; before the check too, for the example."""
        given = self.cleaned_data
        return [
            ColumnAsked(
                title, ColumnKind(given.get(f"kind-{place}") or ColumnKind.NUMBER), not given.get(f"optional-{place}")
            )
            for place in range(1, COLUMNS + 1)
            if (title := _clean_line(given.get(f"title-{place}") or ""))
        ]

    @property
    def chosen(self) -> list[School]:
        """The organisations to ask."""
        given, everybody = self.cleaned_data, self.on_offer.values()
        if given["whom"] == "kinds":
            return [school for school in everybody if school.kind in given["kinds"]]
        if given["whom"] == "chosen":
            return [self.on_offer[key] for key in given["schools"]]
        return list(everybody)


# --- a school's row --------------------------------------------------------------------------------------------------


class CountField(forms.CharField):
    """A whole number as people type it; see `read_count`."""

    def clean(self, value: Any) -> int | None:
        try:
            number = read_count(str(value or "")[:50])
        except CountRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if number is None and self.required:
            raise forms.ValidationError("Введите число. Ноль – тоже число.")
        return number


class DayField(forms.DateField):
    """A day between the year 2000 and five years from now (C9)."""

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        latest = timezone.localdate().year + YEARS_AHEAD
        if day and not EARLIEST <= day.year <= latest:
            raise forms.ValidationError(f"Проверьте год: он может быть от {EARLIEST} до {latest}.")
        return day


class RowForm(NamesAware):
    """A school's answers; `row_form` adds a field `answer-<order>` for each column."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    @property
    def answers(self) -> dict[str, Answer]:
        """What the row keeps: {"1": 12, "2": "текст", "3": true, "4": "2026-03-01"}; an empty answer is left out."""
        return {
            name.removeprefix("answer-"): given.isoformat() if isinstance(given, date) else given
            for name, given in self.cleaned_data.items()
            if name.startswith("answer-") and given not in (None, "")
        }


def row_form(columns: Iterable[ColumnAsked | RoundupColumn]) -> type[RowForm]:
    """The form of a round-up with these columns; in the example they are not stored yet."""
    asked = list(enumerate(columns, start=1))
    texts = tuple(f"answer-{place}" for place, column in asked if column.kind == ColumnKind.TEXT)
    fields: dict[str, Any] = {f"answer-{place}": _field(column) for place, column in asked}
    return type("RowOfRoundup", (RowForm,), {"free_text": texts, **fields})


def _field(column: ColumnAsked | RoundupColumn) -> forms.Field:
    common: dict[str, Any] = {"label": column.title, "required": column.required}
    match column.kind:
        case ColumnKind.NUMBER:
            widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
            return CountField(**common, widget=widget, max_length=50)
        case ColumnKind.YES_NO:
            return forms.TypedChoiceField(
                **common,
                choices=[("", "Выберите"), ("yes", "да"), ("no", "нет")],
                coerce=lambda word: word == "yes",
                empty_value=None,
                error_messages={"required": "Выберите «да» или «нет».", "invalid_choice": "Выберите «да» или «нет»."},
            )
        case ColumnKind.DATE:
            errors = {"required": "Укажите дату.", "invalid": NO_DATE}
            return DayField(**common, widget=_DATE, input_formats=_DATES, error_messages=errors)
    return forms.CharField(
        **common,
        max_length=TEXT,
        help_text="Не указывайте фамилии детей.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Напишите ответ."},
    )


def as_typed(row: RoundupRow) -> dict[str, Any]:
    """A stored row as its form shows it at first."""
    shown: dict[str, Any] = {"version": row.version}
    for order, answer in row.answers.items():
        shown[f"answer-{order}"] = ("yes" if answer else "no") if isinstance(answer, bool) else answer
    return shown


def conflict_sentences(form: RowForm, columns: Iterable[RoundupColumn], row: RoundupRow) -> list[dict[str, str]]:
    """Both values of every answer that another person changed in the meantime, each with the way to its field."""
    who, when = row.filled_by or "другой сотрудник", row.filled_at
    moment = date_format(timezone.localtime(when), "d.m.Y, H:i") if when else ""
    said = []
    for column in columns:
        key = str(column.order)
        stored, typed = row.answers.get(key), form.answers.get(key)
        if stored != typed:
            said.append(
                {
                    "text": f"{column.title}: теперь здесь {_quoted(stored, column)} ({who}, {moment}),"
                    f" у вас {_quoted(typed, column)}.",
                    "url": f"#id_answer-{key}",
                }
            )
    return said


def _quoted(answer: Answer, column: RoundupColumn) -> str:
    words = in_words(answer, column.kind)
    return f"«{words}»" if words else "пусто"
