"""What the portal's own pages accept from a browser."""

from typing import Any, ClassVar

from django import forms

from portal.names import names_warning


class SearchForm(forms.Form):
    """The search line above a list; an unknown order falls back to the default."""

    q = forms.CharField(label="Поиск", required=False, max_length=100)
    order = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)


class MembershipForm(forms.Form):
    """The choice of a membership at the top of the page."""

    membership = forms.IntegerField()


class NamesAware(forms.Form):
    """A form that asks before it keeps a text in which a person seems to be named (W-20).

    List the fields in `free_text`. The tick `names_confirmed` is hidden until it is needed; `_parts/fields.html` prints
    it, and a template that places its fields by hand must print it too. A form that has a `clean` calls super's.
    """

    free_text: ClassVar[tuple[str, ...]] = ()
    names_confirmed = forms.BooleanField(label="Это не ребёнок, сохранить", required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        warnings = {name: names_warning(str(cleaned.get(name) or "")) for name in self.free_text}
        if any(warnings.values()):
            self.fields["names_confirmed"].widget = forms.CheckboxInput(attrs={"id": "id_names_confirmed"})
            if not cleaned.get("names_confirmed"):
                for name, warning in warnings.items():
                    if warning:
                        self.add_error(name, warning)
        return cleaned
