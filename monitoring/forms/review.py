"""What the moves of a form may bring: remarks and a deadline, reasons, the head's name, a corrected value."""

from datetime import date, timedelta
from typing import Any

from django import forms

from monitoring.models import Section
from monitoring.queries.entry.content import FormContent
from portal.forms import NamesAware
from portal.models import User

LONGEST_DEADLINE = timedelta(days=366)
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_TEXT = {"rows": 2}
NOBODY = "0"  # no colleague was given the section


def _checked_deadline(day: date, today: date) -> date:
    """Raises ValidationError for a day that has passed or is further away than a year."""
    if day < today:
        raise forms.ValidationError("Новый срок уже прошёл. Укажите сегодняшнюю или более позднюю дату.")
    if day - today > LONGEST_DEADLINE:
        raise forms.ValidationError("Новый срок не может быть дальше года. Укажите более раннюю дату.")
    return day


class ReturnForm(NamesAware):
    """Why a form goes back, remarks tied to rows (`row-<code>`) or sections (`section-<code>`), a new deadline."""

    comment = forms.CharField(
        label="Причина возврата",
        max_length=1000,
        widget=forms.Textarea(attrs=_TEXT),
        help_text="Причина стоит вверху формы и остаётся в её истории.",
        error_messages={"required": "Напишите, почему форма возвращается."},
    )
    due_on = forms.DateField(label="Новый срок", widget=_DATE, error_messages={"required": "Укажите новый срок."})

    def __init__(self, *args: Any, content: FormContent, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.targets = [
            ("section", section.code, section.title, [(row.code, row.label) for row in section.rows])
            for section in content.sections
        ]
        names = []
        for _, code, title, rows in self.targets:
            names.append(self._add(f"section-{code}", f"Раздел «{title}»"))
            names += [self._add(f"row-{row}", label) for row, label in rows]
        self.free_text = ("comment", *names)  # type: ignore[misc]  # the rows of each form are its own

    def _add(self, name: str, label: str) -> str:
        self.fields[name] = forms.CharField(
            label=label, required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 1})
        )
        return name

    def clean_due_on(self) -> date:
        return _checked_deadline(self.cleaned_data["due_on"], self.today)

    @property
    def remarks(self) -> list[tuple[str, str, str]]:
        """(«section» or «row», code, text) of every remark that was written."""
        found = []
        for name, text in self.cleaned_data.items():
            kind, _, code = name.partition("-")
            if code and text:
                found.append((kind, code, text))
        return found


class ReasonForm(NamesAware):
    """Why something is done; the page says whose reason it is by `words` and `missing`."""

    free_text = ("reason",)
    reason = forms.CharField(label="Причина", max_length=300, widget=forms.Textarea(attrs=_TEXT))

    def __init__(self, *args: Any, words: str = "Причина", missing: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = words
        self.fields["reason"].error_messages["required"] = missing


class ExtendForm(ReasonForm):
    """Until when the chosen schools may hand in, and why."""

    until = forms.DateField(
        label="Новый срок",
        widget=_DATE,
        help_text="До 23:59 этого дня по времени муниципалитета.",
        error_messages={"required": "Укажите новый срок."},
    )
    field_order = ("until", "reason")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        missing = "Напишите, почему срок продлён: причина останется в истории."
        super().__init__(*args, missing=missing, **kwargs)
        self.today = today

    def clean_until(self) -> date:
        return _checked_deadline(self.cleaned_data["until"], self.today)


class SendForm(forms.Form):
    """What a coordinator says beside the button of sending: who of the school answers for the numbers."""

    agreed = forms.BooleanField(
        label="Данные сверены с руководителем",
        error_messages={"required": "Отметьте, что данные сверены с руководителем."},
    )
    confirmed_by = forms.CharField(
        label="Руководитель школы",
        max_length=200,
        help_text="Фамилия и инициалы. Они останутся в форме.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Напишите фамилию и инициалы руководителя школы."},
    )


class CorrectForm(NamesAware):
    """Why the department corrects a number; the value itself is read as on the section's page."""

    free_text = ("note",)
    note = forms.CharField(
        label="Почему исправлено",
        max_length=300,
        widget=forms.Textarea(attrs=_TEXT),
        help_text="Причину увидит школа.",
        error_messages={"required": "Напишите, почему число исправлено: школа увидит причину."},
    )


class HandOverForm(forms.Form):
    """Who fills each section: a colleague, or nobody but the coordinator."""

    def __init__(
        self, *args: Any, sections: list[Section], people: list[User], keepers: dict[str, User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [(NOBODY, "Ответственный за профориентацию"), *((str(one.pk), str(one)) for one in people)]
        for section in sections:
            keeper = keepers.get(section.code)
            listed = any(one == keeper for one in people)
            gone = [(str(keeper.pk), f"{keeper} (больше не работает в школе)")] if keeper and not listed else []
            self.fields[section.code] = forms.ChoiceField(
                label=section.title,
                choices=[*choices, *gone],
                initial=str(keeper.pk) if keeper else NOBODY,
                error_messages={"required": "Выберите, кто заполняет раздел."},
            )

    @property
    def keepers(self) -> dict[str, int | None]:
        """Section code -> id of the chosen colleague's user, or None."""
        return {code: None if chosen == NOBODY else int(chosen) for code, chosen in self.cleaned_data.items()}
