"""What the pages of published tables take: a file, a filter, and what the department decides about a value."""

from typing import Any

from django import forms

from monitoring.enums import Judgement
from portal.forms import NamesAware
from portal.forms.schools import RegisterFileForm
from portal.workbooks import SCHOOL_LIMITS


class PublishedFileForm(RegisterFileForm):
    """A file with published tables; what is in it is read by monitoring/published_files.py."""

    most_rows = SCHOOL_LIMITS.rows


class JudgementForm(NamesAware):
    """Whether a printed value may be believed, with the reason."""

    free_text = ("text",)
    judgement = forms.ChoiceField(
        label="Значение",
        required=False,
        choices=[("", "как находит протокол"), *Judgement.choices],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label="Почему",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Одно-два предложения: по какому документу проверено.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("judgement") and not given.get("text", "").strip() and "text" not in self.errors:
            self.add_error("text", "Напишите, почему вы так решили.")
        return given
