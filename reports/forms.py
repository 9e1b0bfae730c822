"""What the pages of reports accept from a browser."""

from collections.abc import Sequence

from django import forms

from portal.formats import school_year


class BuildForm(forms.Form):
    """The school year of a report; only years with accepted data are offered."""

    year = forms.TypedChoiceField(
        label="Учебный год",
        coerce=int,
        error_messages={
            "required": "Выберите учебный год.",
            "invalid_choice": "За этот год принятых данных нет. Выберите учебный год из списка.",
        },
    )

    def __init__(self, *arguments: object, years: Sequence[int], **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        field = self.fields["year"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(year, school_year(year)) for year in years]
