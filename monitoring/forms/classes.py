"""What a working sheet by classes may bring: numbers, new classes, classes to take off, sums to take over."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from monitoring.actions.classes import ClassEntry, SumTaken
from monitoring.forms.entry import CountRefused, read_count
from monitoring.models import Value
from monitoring.queries.entry.classes import ClassCell, ClassLine, ElementSum, Sheet
from portal.formats import number

_LETTER = re.compile(r"[А-ЯЁA-Z0-9]{1,10}")
_VERSION = re.compile(r"[0-9]{1,9}")
MOST_LETTERS = 20


@dataclass(frozen=True, slots=True)
class Box:
    """A cell as the page draws it: what stands in it and what is wrong."""

    cell: ClassCell
    text: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class DrawnLine:
    line: ClassLine
    boxes: tuple[Box, ...]
    conflict: str = ""

    @property
    def css(self) -> str:
        return "is-error" if self.conflict or any(box.error for box in self.boxes) else ""


@dataclass(frozen=True, slots=True)
class SheetInput:
    """A posted sheet: the classes that can be read, and by (class, code) what was typed and what is wrong with it."""

    entries: tuple[ClassEntry, ...]
    typed: Mapping[tuple[int, str], tuple[str, str]]

    @property
    def refused(self) -> bool:
        return any(error for _, error in self.typed.values())


def read_sheet(posted: Mapping[str, str], sheet: Sheet) -> SheetInput:
    """Read the boxes `n-<class>-<code>` of a plain POST; classes that the post does not name are left alone."""
    entries: list[ClassEntry] = []
    typed: dict[tuple[int, str], tuple[str, str]] = {}
    for line in sheet.lines:
        version = posted.get(f"version-{line.row.pk}", "")
        if not _VERSION.fullmatch(version):
            continue
        numbers: dict[str, int | None] = {}
        for cell in line.cells:
            if cell.element is None:
                continue
            text = posted.get(f"n-{line.row.pk}-{cell.element.code}", "")[:50]
            error = ""
            try:
                numbers[cell.element.code] = read_count(text)
            except CountRefused as refusal:
                error = str(refusal)
            typed[line.row.pk, cell.element.code] = (text, error)
        entries.append(ClassEntry(line.row.pk, int(version), numbers))
    return SheetInput(tuple(entries), typed)


def drawn(sheet: Sheet, given: SheetInput | None = None, conflicts: Iterable[int] = ()) -> list[DrawnLine]:
    """The classes as the page shows them; what was refused stays in its box, and a conflict shows both values."""
    clashing = set(conflicts)
    return [_drawn(line, given, line.row.pk in clashing) for line in sheet.lines]


def _drawn(line: ClassLine, given: SheetInput | None, clash: bool) -> DrawnLine:
    boxes = []
    for cell in line.cells:
        stored = "" if cell.number is None else str(cell.number)
        text, error = stored, ""
        if given and cell.element:
            typed, error = given.typed.get((line.row.pk, cell.element.code), (stored, ""))
            text = typed if error or clash else stored
        boxes.append(Box(cell, text, error))
    return DrawnLine(line, tuple(boxes), _conflict(line, boxes) if clash else "")


def _conflict(line: ClassLine, boxes: Iterable[Box]) -> str:
    both = [
        f"«{box.cell.element.name}» – теперь {box.cell.number if box.cell.number is not None else 'пусто'},"
        f" у вас {box.text.strip() or 'пусто'}"
        for box in boxes
        if box.cell.element and box.text.strip() != ("" if box.cell.number is None else str(box.cell.number))
    ]
    who = line.row.changed_by or "другой сотрудник"
    when = date_format(timezone.localtime(line.row.changed_at), "d.m.Y, H:i")
    return (
        f"Пока страница была открыта, строку {line.row} изменили: {who}, {when}. {'; '.join(both)}. Ваши числа этой"
        " строки не сохранены. Чтобы оставить их, нажмите «Сохранить» ещё раз; чтобы взять новые, впишите их."
    )


def removed(posted: Any) -> dict[int, int]:
    """{class: version seen} of the classes ticked to be taken off; the boxes hold «<class>-<version>»."""
    found = [re.fullmatch(r"([0-9]{1,18})-([0-9]{1,9})", one) for one in posted.getlist("remove-class")]
    return {int(one[1]): int(one[2]) for one in found if one}


class AddClassesForm(forms.Form):
    """Grades and letters of classes to put on the sheet; without letters the classes are called by the grade alone."""

    grades = forms.TypedMultipleChoiceField(
        label="Параллели",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Отметьте хотя бы одну параллель.",
            "invalid_choice": "Такой параллели в школе нет.",
        },
    )
    letters = forms.CharField(
        label="Буквы классов",
        required=False,
        max_length=100,
        help_text="Через пробел, например: А Б В. Если класс в параллели один и без буквы, оставьте пустым.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = self.fields
        choices["grades"].choices = [(grade, f"{grade}-е классы") for grade in sheet.grades]

    def clean_letters(self) -> list[str]:
        letters = [one for one in re.split(r"[\s,;]+", self.cleaned_data["letters"].upper()) if one]
        if any(not _LETTER.fullmatch(one) for one in letters):
            raise forms.ValidationError("Перечислите буквы через пробел, без кавычек, например: А Б В.")
        if len(letters) > MOST_LETTERS:
            raise forms.ValidationError(f"Не больше {MOST_LETTERS} букв за один раз.")
        return letters

    @property
    def classes(self) -> list[tuple[int, str]]:
        return [(grade, one) for grade in self.cleaned_data["grades"] for one in self.cleaned_data["letters"] or [""]]


class CopyClassesForm(forms.Form):
    """The section of the same form whose list of classes is copied."""

    section = forms.ChoiceField(label="Раздел")

    def __init__(self, *args: Any, on_offer: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = self.fields
        choices["section"].choices = on_offer


def read_taken(posted: Mapping[str, str], sheet: Sheet) -> list[SumTaken]:
    """The sums that are ticked, as they were seen."""
    found = []
    for one in sheet.sums:
        code = one.element.code
        seen, version = posted.get(f"sum-{code}", ""), posted.get(f"version-{code}", "")
        if f"take-{code}" in posted and _VERSION.fullmatch(seen) and _VERSION.fullmatch(version):
            found.append(SumTaken(code, int(seen), int(version)))
    return found


def refusals_of_sums(
    sums: Iterable[ElementSum], conflicts: Mapping[str, Value], stale: Iterable[str]
) -> list[dict[str, str]]:
    """Why ticked sums were not taken over, a sentence for each with the way to its row."""
    changed, said = set(stale), []
    for one in sums:
        text, value = "", conflicts.get(one.element.code)
        if value is not None:
            who = value.changed_by or "другой сотрудник"
            when = date_format(timezone.localtime(value.changed_at), "d.m.Y, H:i")
            text = f"пока страница была открыта, число в форме изменили: {who}, {when}, теперь {one.now}."
        elif one.element.code in changed:
            text = "пока страница была открыта, изменились числа классов."
        if text:
            total = number(one.sum) if one.sum is not None else "ещё нет"
            text = f"{one.element.label}: {text} Сумма по классам – {total}. Проверьте и отметьте строку ещё раз."
            said.append({"text": text, "url": f"#take-{one.element.code}"})
    return said
