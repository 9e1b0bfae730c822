"""What the pages of campaigns and their board may bring."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from monitoring.actions.campaign import Terms
from monitoring.enums import FormState
from monitoring.models import Campaign
from monitoring.queries.campaigns.board import GROUPS, ORDERS
from portal.formats import date_digits, school_year_short
from portal.forms import NamesAware
from portal.models import Municipality

_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
ORDER_TOO_LATE = "Форма открывается раньше, чем подписан приказ: он от"
ORDER_OR_NONE = "Выберите приказ или отметьте «Без приказа» – что-то одно."
GRACE_HELP = "До 23:59 этого дня форму ещё примут с пометкой «с опозданием». Пусто – без ограничения."
GRACE_TOO_EARLY = "Приём с опозданием должен заканчиваться позже срока сдачи. Исправьте одну из дат."
REMINDERS_HELP = "За 14, 7, 3 и 1 день до срока и через 1, 3 и 7 дней после него – только школам, которые не сдали."


def end_of_day(day: date, municipality: Municipality) -> datetime:
    """23:59:59 of a day where the municipality is: the moment of a deadline."""
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(municipality.time_zone))


class LaunchForm(forms.Form):
    """Step one of a launch: which year and forms, on what ground, from when until when, on which terms."""

    year = forms.TypedChoiceField(label="Учебный год", coerce=int, empty_value=None)
    form: forms.ModelMultipleChoiceField = forms.ModelMultipleChoiceField(
        label="Формы",
        queryset=None,
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        help_text="Можно запустить сразу несколько: у них будут общие приказ и срок.",
        error_messages={"required": "Выберите хотя бы одну форму."},
    )
    regulation: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Основание (приказ)",
        queryset=None,
        empty_label="Выберите приказ",
        help_text="Приказ печатается в форме и в отчёте. Если приказа нет, отметьте ниже «Без приказа».",
        error_messages={"required": ORDER_OR_NONE},
    )
    without_order = forms.BooleanField(label="Без приказа", required=False)
    opens_on = forms.DateField(label="Открыть", widget=_DATE)
    closes_on = forms.DateField(
        label="Срок сдачи", widget=_DATE, help_text="До 23:59 этого дня по времени муниципалитета."
    )
    grace_on = forms.DateField(label="Принимать с опозданием до", required=False, widget=_DATE, help_text=GRACE_HELP)
    two_step = forms.BooleanField(
        label="Перед отправкой форму подтверждает директор школы",
        required=False,
        help_text="Ответственный передаёт заполненную форму директору, отправляет её директор.",
    )
    reminds = forms.BooleanField(label="Напоминать о сроке", required=False, initial=True, help_text=REMINDERS_HELP)
    contact: forms.ModelChoiceField = forms.ModelChoiceField(
        label="К кому обращаться с вопросами", queryset=None, required=False, empty_label="Не указывать"
    )

    def __init__(
        self,
        *args: Any,
        municipality: Municipality,
        regulations: Any,
        forms_on_offer: Any,
        people: Any,
        today: date,
        newest: int | None = None,
        **kwargs: Any,
    ) -> None:
        current = today.year if today.month >= 9 else today.year - 1
        next_one = current if newest is None else max(newest, min(current, newest + 1))
        kwargs.setdefault("initial", {"year": next_one, "opens_on": today, "reminds": True})
        super().__init__(*args, **kwargs)
        self.municipality = municipality
        offered: dict[str, Any] = self.fields
        offered["form"].queryset = forms_on_offer
        offered["regulation"].queryset = regulations
        offered["regulation"].required = not self.data.get("without_order")
        offered["contact"].queryset = people
        first, last = min(current, next_one) - 7, max(current, next_one) + 1
        offered["year"].choices = [(year, school_year_short(year)) for year in range(last, first, -1)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        opens, closes, grace = given.get("opens_on"), given.get("closes_on"), given.get("grace_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", "Срок сдачи раньше открытия формы. Исправьте одну из дат.")
        if closes and grace and grace <= closes:
            self.add_error("grace_on", GRACE_TOO_EARLY)
        order = given.get("regulation")
        if order and given.get("without_order"):
            self.add_error("regulation", ORDER_OR_NONE)
        elif order and opens and order.date > opens:
            self.add_error("regulation", f"{ORDER_TOO_LATE} {date_digits(order.date)}. Выберите другой день.")
        return given

    def launch(self) -> dict[str, Any]:
        """The arguments of `launch_together`."""
        given = self.cleaned_data
        zone = ZoneInfo(self.municipality.time_zone)
        return {
            "forms": list(given["form"]),
            "year": given["year"],
            "regulation": given["regulation"],
            "opens_at": datetime.combine(given["opens_on"], time(0, 0), zone),
            "closes_at": end_of_day(given["closes_on"], self.municipality),
            "grace_until": end_of_day(given["grace_on"], self.municipality) if given["grace_on"] else None,
            "two_step": given["two_step"],
            "reminds": given["reminds"],
            "contact": given["contact"],
        }


class TermsForm(NamesAware):
    """What of a running campaign changes, and why."""

    free_text = ("reason",)
    closes_on = forms.DateField(
        label="Срок сдачи", widget=_DATE, help_text="До 23:59 этого дня по времени муниципалитета."
    )
    grace_on = forms.DateField(label="Принимать с опозданием до", required=False, widget=_DATE, help_text=GRACE_HELP)
    reminds = forms.BooleanField(label="Напоминать о сроке", required=False, help_text=REMINDERS_HELP)
    contact: forms.ModelChoiceField = forms.ModelChoiceField(
        label="К кому обращаться с вопросами", queryset=None, required=False, empty_label="Не указывать"
    )
    reason = forms.CharField(
        label="Почему меняются условия",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Причину увидят школы, которые ещё не сдали форму.",
        error_messages={"required": "Напишите, почему меняются условия сбора."},
    )

    def __init__(self, *args: Any, campaign: Campaign, people: Any, **kwargs: Any) -> None:
        grace = campaign.grace_until
        kwargs["initial"] = {
            "closes_on": timezone.localtime(campaign.closes_at).date(),
            "grace_on": timezone.localtime(grace).date() if grace else None,
            "reminds": campaign.reminds,
            "contact": campaign.contact_id,
        }
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        offered: dict[str, Any] = self.fields
        offered["contact"].queryset = people

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        closes, grace = given.get("closes_on"), given.get("grace_on")
        if closes and grace and grace <= closes:
            self.add_error("grace_on", GRACE_TOO_EARLY)
        return given

    def terms(self) -> Terms:
        """A date that was not touched keeps its moment to the second."""
        given = self.cleaned_data
        return Terms(
            closes_at=self._moment("closes_on", self.campaign.closes_at) or self.campaign.closes_at,
            grace_until=self._moment("grace_on", self.campaign.grace_until),
            contact=given["contact"],
            reminds=given["reminds"],
        )

    def _moment(self, field: str, kept: datetime | None) -> datetime | None:
        day = self.cleaned_data[field]
        if day == self.initial[field]:
            return kept
        return end_of_day(day, self.campaign.municipality) if day else None


class BoardFilter(forms.Form):
    """What the address of a board asks for; what is not known is left out."""

    state = forms.ChoiceField(required=False, choices=[(name, name) for name in (*GROUPS, *FormState.values)])
    order = forms.ChoiceField(required=False, choices=[(name, name) for name in ORDERS])
    view = forms.ChoiceField(required=False, choices=[("sections", "sections")])
    q = forms.CharField(required=False, max_length=100)

    def asked(self) -> dict[str, str]:
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}
