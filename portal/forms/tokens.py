"""What the page of tokens accepts: what the token is for, and for how long."""

from django import forms

TERMS = ((30, "30 дней"), (90, "90 дней"), (180, "полгода"), (365, "год"))


class TokenForm(forms.Form):
    """A new token."""

    name = forms.CharField(
        label="Для какой программы",
        max_length=200,
        help_text="Например: раздел открытых данных на сайте управления образования.",
    )
    days = forms.TypedChoiceField(label="Срок действия", choices=TERMS, coerce=int, initial=90)
