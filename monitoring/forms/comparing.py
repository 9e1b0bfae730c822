"""What the pages that compare schools accept from the address: filters; what is unknown counts as not given."""

from typing import Any
from uuid import UUID

from django import forms

from monitoring.queries.results.heat import View
from portal.enums import Locality, SchoolKind


class HeatFilter(forms.Form):
    """Filters of the heat map; `chosen()` gives only what is valid."""

    view = forms.ChoiceField(choices=[(one.value, one.value) for one in View], required=False)
    kind = forms.ChoiceField(choices=SchoolKind.choices, required=False)
    locality = forms.ChoiceField(choices=Locality.choices, required=False)

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        given = self.cleaned_data
        return {
            "view": View(given.get("view") or View.VALUE),
            "kind": given.get("kind", ""),
            "locality": given.get("locality", ""),
        }


def uuids(given: list[str]) -> list[UUID]:
    """The addresses of schools in a query string, each once; what is no address is left out."""
    found: dict[UUID, None] = {}
    for text in given:
        try:
            found[UUID(text)] = None
        except ValueError:
            continue
    return list(found)
