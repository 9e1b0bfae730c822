"""What the address of «Своя таблица» asks for, and the names under which tables are kept."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from django import forms
from django.http import QueryDict

from monitoring.queries.tables.own_table import LAYOUTS, SHOWS, TOTALS, Choice
from monitoring.queries.tables.table_offer import RELATIVE, Offer
from portal.enums import Locality, SchoolKind
from portal.formats import listed
from portal.forms import NamesAware

MOST_WORDS = 100  # characters of a search


def wants_preliminary(given: QueryDict) -> bool:
    return given.get("preliminary") == "1"


def read_choice(given: QueryDict, offer: Offer) -> tuple[Choice, list[str]]:
    """The choice that an address holds, and sentences about what in it is unknown.

    What is unknown is left out: a table that was kept for years opens without the school that is gone. Order and
    repetitions are those of the catalogue and of the lists, so that one choice has one address.
    """
    problems: list[str] = []

    def known(key: str, allowed: Iterable[str], words: str) -> tuple[str, ...]:
        asked = dict.fromkeys(one for one in given.getlist(key) if one)
        chosen = tuple(one for one in allowed if one in asked)
        strange = [one[:40] for one in asked if one not in set(chosen)]
        if strange:
            problems.append(f"{words}: {listed(strange, 3)}.")
        return chosen

    years = [*RELATIVE, *(str(year) for year in offer.years)]
    fresh = "layout" not in given
    choice = Choice(
        what=known("what", offer.items, "Таких показателей нет"),
        years=known("year", years, "За эти годы данных нет") or (() if given.getlist("year") else ("last",)),
        kinds=known("kind", SchoolKind.values, "Таких видов школ нет"),
        localities=known("locality", Locality.values, "Такой местности нет"),
        schools=known("school", [school.code for school in offer.schools], "Таких школ нет"),
        layout=_one(given.get("layout"), LAYOUTS),
        show=_one(given.get("show"), SHOWS),
        totals=("all",) if fresh and "total" not in given else known("total", TOTALS, "Таких итогов нет"),
        preliminary=wants_preliminary(given),
    )
    return choice, problems


def _one(asked: str | None, allowed: Mapping[str, str]) -> str:
    """What is asked, or the first of what may be."""
    return asked if asked is not None and asked in allowed else next(iter(allowed))


def words_of(given: QueryDict) -> str:
    """What is searched for in the list of indicators."""
    return given.get("find", "").replace("\0", "").strip()[:MOST_WORDS]


class TableNameForm(NamesAware):
    """The name of a kept table; `replace` confirms that the earlier one of this name gives way."""

    free_text: ClassVar[tuple[str, ...]] = ("name",)
    name = forms.CharField(
        label="Название таблицы",
        max_length=200,
        help_text="Например: «Охват по школам для совещания».",
        error_messages={"required": "Назовите таблицу."},
    )
    query = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)
    replace = forms.BooleanField(label="Заменить таблицу с этим названием", required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].replace("\0", " ").split())

    def ask_to_replace(self) -> None:
        """Show the tick that was hidden until the name turned out to be taken."""
        self.fields["replace"].widget = forms.CheckboxInput(attrs={"id": "id_replace"})
