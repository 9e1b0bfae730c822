"""In whose words is the catalogue told: the municipality's own where it has them, else the catalogue's."""

from dataclasses import dataclass

from monitoring.models import Element, Indicator, Wording
from portal.models import Municipality, Regulation


@dataclass(frozen=True, slots=True)
class Words:
    """A name and what stands under it: an element's hint, or what an indicator tells. Empty = as in the catalogue."""

    name: str = ""
    text: str = ""

    def name_of(self, thing: Element | Indicator) -> str:
        return self.name or thing.name

    def hint_of(self, element: Element) -> str:
        return self.text or element.hint


def names_of(municipality: Municipality) -> dict[str, str]:
    """{code of an indicator: its name in this municipality}; only those named anew, one query."""
    rows = Wording.objects.filter(municipality=municipality, indicator__isnull=False).order_by("version")
    newest = dict(rows.values_list("indicator__code", "name"))
    return {code: name for code, name in newest.items() if name}


def words_of_elements(municipality: Municipality) -> dict[int, Words]:
    """{id of an element: its words in this municipality}; only those reworded, one query."""
    rows = Wording.objects.filter(municipality=municipality, element__isnull=False).order_by("version")
    newest = {element: Words(name, text) for element, name, text in rows.values_list("element", "name", "text")}
    return {element: words for element, words in newest.items() if words != Words()}


def in_force(municipality: Municipality, *, elements: bool) -> dict[str, Wording]:
    """{code: the newest version of the words} of all elements, or of all indicators; one query."""
    kind = "element" if elements else "indicator"
    rows = Wording.objects.filter(municipality=municipality, **{f"{kind}__isnull": False}).order_by("version")
    return {getattr(row, kind).code: row for row in rows.select_related(kind, "regulation", "by")}


def resting_on(act: Regulation) -> list[Wording]:
    """The words in force that name an act as what asks for the indicator or the row; two queries."""
    rows = [one for kind in (False, True) for one in in_force(act.municipality, elements=kind).values()]
    return [one for one in rows if one.regulation_id == act.pk]


def versions_of(municipality: Municipality, thing: Element | Indicator) -> list[Wording]:
    """Every version of the words of one element or indicator, the newest first; the first one holds. One query."""
    rows = Wording.objects.filter(municipality=municipality, **key_of(thing)).order_by("-version")
    return list(rows.select_related("by", "regulation"))


def key_of(thing: Element | Indicator) -> dict[str, Element | Indicator]:
    """The fields of Wording that say what it is about."""
    return {"element" if isinstance(thing, Element) else "indicator": thing}
