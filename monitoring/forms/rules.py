"""What the list of checks may be narrowed to, and new bounds of a check with their reason."""

from collections.abc import Iterable
from typing import Any

from django import forms

from monitoring.actions import Bounds
from monitoring.enums import CheckKind, Severity
from monitoring.models import Check, RuleSetting
from portal.forms import NamesAware


class RuleFilter(forms.Form):
    """The filter above the list of checks."""

    form = forms.ChoiceField(label="Форма", required=False)
    severity = forms.ChoiceField(label="Важность", required=False, choices=[("", "любая"), *Severity.choices])
    section = forms.ChoiceField(label="Раздел", required=False)

    def __init__(
        self, *args: Any, titles: Iterable[tuple[str, str]], sections: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, first, choices in (("form", "все", titles), ("section", "все", sections)):
            field = self.fields[name]
            if isinstance(field, forms.ChoiceField):
                field.choices = [("", first), *choices]

    def chosen(self, name: str) -> str:
        """The choice, or an empty string where the address holds none or an unknown one."""
        self.is_valid()
        return str(getattr(self, "cleaned_data", {}).get(name) or "")


# What the two bounds are called; a check has those that its kind has (monitoring.catalogue.BOUNDS).
_LABELS = {
    CheckKind.YEAR_ON_YEAR: ("Изменение больше, чем на столько процентов", "и больше, чем на столько единиц"),
    CheckKind.ZERO_FLIP: ("", "С какого числа спрашивать"),
    CheckKind.SAME_AS_LAST_YEAR: ("Совпадает не меньше, чем столько процентов", "Не сравнивать числа меньше"),
    CheckKind.IDENTICAL: ("", "С какого числа сравнивать"),
    CheckKind.ROUND: ("Круглых больше, чем столько процентов", "Не считать числа меньше"),
    CheckKind.OUTLIER: ("", "С какой численности сравнивать"),
    CheckKind.ABOVE_TARGET: ("", "С какой численности сравнивать"),
}


class RuleForm(NamesAware):
    """New bounds of a check; a bound that the check does not have is not asked."""

    free_text = ("note",)
    percent = forms.IntegerField(
        min_value=1,
        max_value=1000,
        error_messages={"required": "Введите процент.", "invalid": "Введите целое число, например 30."},
    )
    people = forms.IntegerField(
        min_value=1,
        max_value=100_000,
        error_messages={"required": "Введите число.", "invalid": "Введите целое число, например 10."},
    )
    enabled = forms.BooleanField(label="Контроль включён", required=False)
    note = forms.CharField(
        label="Почему меняется порог",
        help_text="Одно предложение. Оно останется в истории.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Напишите, почему меняется порог."},
    )

    def __init__(self, *args: Any, check: Check, setting: RuleSetting | None, **kwargs: Any) -> None:
        own = {name: getattr(setting, name) for name in ("percent", "people") if getattr(setting, name, None)}
        initial = {"percent": check.percent, "people": check.people, **own}
        kwargs["initial"] = {**initial, "enabled": setting.enabled if setting else True}
        super().__init__(*args, **kwargs)
        for name, label in zip(("percent", "people"), _LABELS.get(CheckKind(check.kind), ("", "")), strict=True):
            if getattr(check, name) is None:
                del self.fields[name]
            else:
                self.fields[name].label = label

    def bounds(self) -> Bounds:
        given = self.cleaned_data
        return Bounds(given.get("percent"), given.get("people"), given["enabled"])
