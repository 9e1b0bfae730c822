"""What the pages of passports accept: the filter of the list, new words with their reason, a note, a catalogue file."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from monitoring.actions.wordings import ELEMENT_HINT, ELEMENT_NAME, Wanted
from monitoring.models import Element, Indicator, Wording
from portal.formats import date_digits
from portal.forms import NamesAware
from portal.models import Regulation

INDICATORS, ELEMENTS = "indicators", "elements"
CATALOGUE_BYTES = 1_000_000


class PassportFilter(forms.Form):
    """What is listed, the search, and one group or section; an unknown choice is left out."""

    show = forms.ChoiceField(
        label="Что показать", required=False, choices=[(INDICATORS, "показатели"), (ELEMENTS, "строки формы")]
    )
    q = forms.CharField(label="Код или слова", required=False, max_length=100)
    part = forms.ChoiceField(label="Группа или раздел", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()
        self.elements = self.cleaned_data.get("show") == ELEMENTS
        self.search = self.cleaned_data.get("q", "")

    def offer(self, parts: Iterable[tuple[str, str]]) -> str:
        """Offer these groups or sections; returns the chosen one, empty for all."""
        field = self.fields["part"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "все"), *parts]
            given = str(self.data.get("part", ""))
            return given if given in {code for code, _ in parts} else ""
        return ""


class _OneLine(forms.CharField):
    """A text kept as one line: breaks and repeated spaces become one space."""

    def to_python(self, value: Any) -> str:
        return " ".join(str(super().to_python(value) or "").replace("\0", " ").split())


class _RegulationField(forms.ModelChoiceField):
    def label_from_instance(self, act: Any) -> str:
        return f"{act} от {date_digits(act.date)} «{act.title}»"


class WordingForm(NamesAware):
    """The municipality's words for an indicator or an element, and why they change."""

    free_text = ("name", "text", "responsible", "note")
    name = _OneLine(
        label="Название",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Введите название."},
    )
    text = _OneLine(required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    responsible = _OneLine(
        label="Ответственный",
        required=False,
        max_length=300,
        help_text="Должность без фамилии, например: заместитель директора по воспитательной работе.",
    )
    regulation = _RegulationField(
        label="Каким документом установлен",
        queryset=None,
        required=False,
        empty_label="Не указан",
    )
    note = _OneLine(
        label="Почему меняются слова",
        max_length=300,
        help_text="Одно предложение. Оно останется в истории.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Напишите, почему меняются слова."},
    )

    def __init__(
        self,
        *args: Any,
        thing: Element | Indicator,
        told: Wording | None,
        acts: QuerySet[Regulation],
        **kwargs: Any,
    ) -> None:
        element = isinstance(thing, Element)
        hint = thing.hint if isinstance(thing, Element) else ""
        kwargs["initial"] = {
            "name": (told and told.name) or thing.name,
            "text": (told and told.text) or hint,
            "responsible": told.responsible if told else "",
            "regulation": told.regulation if told else None,
        }
        super().__init__(*args, **kwargs)
        offered: dict[str, Any] = self.fields
        offered["regulation"].queryset = acts
        offered["text"].label = "Кого и что считать" if element else "Что показывает"
        if element:
            offered["name"].max_length, offered["text"].max_length = ELEMENT_NAME, ELEMENT_HINT

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(given["name"], given["text"], given["responsible"], given["regulation"])


class NoteForm(NamesAware):
    """Why an indicator is not collected in a year; an empty text takes the note away."""

    free_text = ("text",)
    text = _OneLine(
        label="Пояснение управления",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Почему показатель не собран или собран не весь. Чтобы убрать пояснение, очистите поле.",
    )


class CatalogueForm(forms.Form):
    """The file of a new year's catalogue, as text."""

    file = forms.FileField(
        label="Файл каталога",
        help_text="Файл YAML в кодировке UTF-8, до 1\u00a0МБ.",
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml"}),
        error_messages={"required": "Выберите файл.", "empty": "Файл пуст. Выберите другой."},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if file.size is None or file.size > CATALOGUE_BYTES:
            raise forms.ValidationError("Файл больше 1\u00a0МБ. Каталог такого размера не читается.")
        try:
            self.text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError("Файл не читается. Сохраните его в кодировке UTF-8.") from None
        return file
