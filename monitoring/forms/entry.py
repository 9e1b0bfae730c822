"""What a section of a form, an explanation and a remark may bring; every refusal says what to do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from monitoring.actions import CellEntry
from monitoring.enums import CellState, Reason
from monitoring.evidence import LinkRefused, read_link
from monitoring.models import Value
from monitoring.queries.entry.content import Row
from portal.forms import NamesAware

# Spaces of every width are how people group digits; a dash of any length alone means «nothing».
_SPACES = re.compile("[\\s\u00a0\u202f\u2009]+")
_DASHES = {"-", "\u2212", "\u2013", "\u2014"}
_WHOLE = re.compile(r"([0-9]+)(?:[.,]0)?")
_DIGITS = 7
UNREADABLE = "Введите целое число, например 120. Ноль – тоже число."
NEGATIVE = "Число не может быть меньше нуля. Введите, например, 120."
FRACTION = "Здесь считают целыми. Введите число без дробной части, например 12."
TOO_LONG = "Число слишком большое: не больше семи цифр. Проверьте, не склеились ли два числа."
NEEDS_REASON = "Назовите причину, по которой данных нет."
YES_OR_NO = "Выберите «да» или «нет»."
BOTH = "Указано и число, и «нет данных». Оставьте что-то одно."


class CountRefused(ValueError):
    """The typed text is no count; the text of the error is the sentence for the cell."""


def read_count(typed: str) -> int | None:
    """A typed count, or None for an empty box. Nothing is guessed: `12,0` is 12, `1.000` is refused (ux B4)."""
    text = _SPACES.sub("", typed)
    if not text or text in _DASHES:
        return None
    if text[0] in _DASHES and text[1:].isascii() and text[1:].isdecimal():
        raise CountRefused(NEGATIVE)
    whole = _WHOLE.fullmatch(text)
    if whole is None:
        raise CountRefused(FRACTION if re.fullmatch(r"[0-9]+[.,][0-9]+", text) else UNREADABLE)
    digits = whole[1].lstrip("0") or "0"
    if len(digits) > _DIGITS:
        raise CountRefused(TOO_LONG)
    return int(digits)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed into one row, kept on the page when it is refused."""

    number: str
    no_data: bool
    reason: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class SectionInput:
    """A posted section: the entries that can be read, and what was typed into each row."""

    entries: tuple[CellEntry, ...]
    typed: Mapping[str, Typed]

    @property
    def errors(self) -> dict[str, str]:
        return {code: row.error for code, row in self.typed.items() if row.error}


def read_section(posted: Mapping[str, str], rows: Iterable[Row]) -> SectionInput:
    """Read the rows of a section from a plain POST; rows that the post does not name are left alone."""
    entries: list[CellEntry] = []
    typed: dict[str, Typed] = {}
    for row in rows:
        if f"value-{row.code}" not in posted:
            continue
        text = posted.get(f"value-{row.code}", "")[:50]
        no_data = f"no-data-{row.code}" in posted
        # PostgreSQL refuses the character NUL in a text.
        reason = " ".join(posted.get(f"reason-{row.code}", "").replace("\0", " ").split())[:300]
        try:
            entries.append(_entry(row, text, no_data, reason, posted.get(f"version-{row.code}", "")))
            typed[row.code] = Typed(text, no_data, reason)
        except CountRefused as refusal:
            typed[row.code] = Typed(text, no_data, reason, str(refusal))
    return SectionInput(tuple(entries), typed)


def _entry(row: Row, text: str, no_data: bool, reason: str, version: str) -> CellEntry:
    number = read_count(text)
    seen = int(version) if re.fullmatch(r"[0-9]{1,9}", version) else 0
    if no_data:
        if number is not None:
            raise CountRefused(BOTH)
        if not reason:
            raise CountRefused(NEEDS_REASON)
        return CellEntry(row.code, CellState.NO_DATA, None, reason, seen)
    if row.yes_no and number not in {0, 1, None}:
        raise CountRefused(YES_OR_NO)
    return CellEntry(row.code, CellState.EMPTY if number is None else CellState.NUMBER, number, "", seen)


@dataclass(frozen=True, slots=True)
class Line:
    """A row as the page draws it: what stands in its boxes, which version was seen, and what is wrong."""

    row: Row
    number: str
    no_data: bool
    reason: str
    version: int
    error: str = ""
    conflict: str = ""

    @property
    def css(self) -> str:
        if self.error or self.conflict or any(one.is_error for one in self.row.findings if self.row.filled):
            return "is-error"
        return "is-warning" if any(one.blocks for one in self.row.findings if self.row.filled) else ""


def lines(
    rows: Iterable[Row], given: SectionInput | None = None, conflicts: Mapping[str, Value] | None = None
) -> list[Line]:
    """The rows of a section page; what was refused stays in its box, and a conflict shows both values."""
    drawn = []
    for row in rows:
        typed = given.typed.get(row.code) if given else None
        conflict = (conflicts or {}).get(row.code)
        keep_typed = typed is not None and (typed.error or conflict is not None)
        drawn.append(
            Line(
                row=row,
                number=typed.number if keep_typed and typed else row.shown,
                no_data=typed.no_data if keep_typed and typed else row.state == CellState.NO_DATA,
                reason=typed.reason if keep_typed and typed else row.reason,
                version=row.version,
                error=typed.error if typed else "",
                conflict=_conflict(row, conflict, typed.number if typed else "") if conflict else "",
            )
        )
    return drawn


def who_and_when(value: Value) -> str:
    """«Петрова А. В., 14.03.2026, 14:03»: who wrote what stands in a cell."""
    who = str(value.changed_by) if value.changed_by else "другой сотрудник"
    return f"{who}, {date_format(timezone.localtime(value.changed_at), 'd.m.Y, H:i')}"


def posted_cell(code: str, given: Mapping[str, object]) -> dict[str, str]:
    """A cell that a script sends, in the names of the plain form, so that every way in is read by one reader."""
    posted = {f"value-{code}": str(given["value"]), f"version-{code}": str(given.get("version", ""))}
    if given.get("no_data") is True:
        posted |= {f"no-data-{code}": "on", f"reason-{code}": str(given.get("reason", ""))}
    return posted


def _conflict(row: Row, value: Value, mine: str) -> str:
    return (
        f"Пока страница была открыта, эту строку изменили: {who_and_when(value)}, теперь здесь {row.answer}."
        f" Ваше значение «{mine}» не сохранено. Чтобы оставить его, нажмите «Сохранить» ещё раз;"
        " чтобы взять новое, впишите его."
    )


class ExplanationForm(NamesAware):
    """Why an unusual number is right: a reason from the list and words."""

    free_text = ("text",)
    code = forms.CharField(max_length=40, widget=forms.HiddenInput)
    element = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    numbers = forms.CharField(max_length=200, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label="Причина",
        choices=[("", "Выберите причину"), *Reason.choices],
        error_messages={"required": "Выберите причину из списка.", "invalid_choice": "Выберите причину из списка."},
    )
    text = forms.CharField(
        label="Пояснение",
        help_text="Одно-два предложения. Не указывайте фамилии детей.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Напишите пояснение: что изменилось и почему."},
    )

    def clean_text(self) -> str:
        text = " ".join(self.cleaned_data["text"].split())
        if sum(letter.isalpha() for letter in text) < 10:
            raise forms.ValidationError("Пояснение слишком короткое. Напишите, что изменилось и почему.")
        return text


class NoteForm(NamesAware):
    """What stands beside a cell: a comment, and a link that confirms the number."""

    free_text = ("comment",)
    comment = forms.CharField(
        label="Комментарий",
        required=False,
        max_length=500,
        help_text="До 500 знаков. Его увидит управление образования. Не указывайте фамилии детей.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "Комментарий длиннее 500 знаков. Сократите его."},
    )
    evidence = forms.CharField(
        label="Ссылка на подтверждение",
        required=False,
        max_length=500,
        help_text="Страница, где это число подтверждено: новость, приказ, отчёт. Портал проверит, что она открывается.",
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false"}),
        error_messages={"max_length": "Ссылка длиннее 500 знаков. Укажите более короткую."},
    )

    def clean_comment(self) -> str:
        return " ".join(self.cleaned_data["comment"].split())

    def clean_evidence(self) -> str:
        text = self.cleaned_data["evidence"]
        try:
            return read_link(text) if text else ""
        except LinkRefused as refusal:
            raise forms.ValidationError(str(refusal)) from None


class QuestionForm(NamesAware):
    """A question to the methodist about a row, and any answer to it."""

    free_text = ("text",)
    text = forms.CharField(
        label="Вопрос методисту",
        max_length=1000,
        help_text="До 1000 знаков. Ответ придёт сюда же. Не указывайте фамилии детей.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Напишите вопрос.",
            "max_length": "Текст длиннее 1000 знаков. Сократите его.",
        },
    )


class ReplyForm(QuestionForm):
    """An answer to a question, from either side."""

    thread = forms.IntegerField(widget=forms.HiddenInput, max_value=2**31 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        text = self.fields["text"]
        text.label, text.help_text = "Ответ", "До 1000 знаков. Не указывайте фамилии детей."
        text.error_messages = {**text.error_messages, "required": "Напишите ответ."}


class PresenceForm(forms.Form):
    """In which section of which form somebody is."""

    form = forms.UUIDField()
    section = forms.SlugField(max_length=40)


class ThreadForm(forms.Form):
    """Which talk is meant."""

    thread = forms.IntegerField(min_value=1, max_value=2**31 - 1)


class AnswerForm(NamesAware):
    """The school's answer to a remark."""

    free_text = ("text",)
    thread = forms.IntegerField(widget=forms.HiddenInput, max_value=2**31 - 1)
    text = forms.CharField(
        label="Ответ",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Напишите ответ на замечание."},
    )
