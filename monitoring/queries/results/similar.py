"""Which schools are alike, and among whom a school stands: kind, city or village, and how many pupils (features E3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Sum
from django.db.models.functions import Coalesce

from monitoring.arithmetic import GROUP
from monitoring.enums import CellState
from monitoring.models import Element, Value
from monitoring.queries.results import indicators
from monitoring.queries.results.comparison import Peers
from monitoring.queries.results.overview import SchoolLine, peers
from monitoring.queries.results.pinned import Version, cells_at
from portal.enums import Locality, SchoolKind
from portal.formats import number
from portal.models import Municipality, School

ALL_PUPILS = "pupils_all"  # the population whose size makes the bands
BANDS = (100, 300, 600, 1000)  # the most pupils of each band but the last


@dataclass(frozen=True, slots=True)
class Circle:
    """Schools among which one stands: those alike, or, where they are fewer than five, all of its kind."""

    label: str  # «средние школы, село, 101–300 обучающихся»
    lines: tuple[SchoolLine, ...]
    alike: bool

    def peers(self, code: str, kind: str) -> Peers:
        """The values of an indicator that may be compared: base of 20 and more."""
        return Peers(SchoolKind(kind), tuple(peers(self.lines, code)))


def contingents(
    municipality: Municipality, year: int, *, preliminary: bool = False, version: Version | None = None
) -> dict[int, int]:
    """Pupils by school; one whose numbers are not accepted (or, preliminary, not typed) is not there.

    One query; three for an earlier version of the data.
    """
    if version is not None:
        return _contingents_at(municipality, year, version)
    state, cell = ("state", "number") if preliminary else ("accepted_state", "accepted_number")
    rows = Value.objects.filter(
        submission__municipality=municipality,
        submission__year=year,
        element__population__code=ALL_PUPILS,
        **{state: CellState.NUMBER},
    )
    counted = rows.values_list("submission__school_id").annotate(pupils=Coalesce(Sum(cell), 0))
    return {school: pupils for school, pupils in counted if pupils}


def _contingents_at(municipality: Municipality, year: int, version: Version) -> dict[int, int]:
    codes = set(Element.objects.filter(population__code=ALL_PUPILS).values_list("code", flat=True))
    said = cells_at(indicators.Circle(municipality.pk, (year,)), version.id)
    counted = {school: sum(cells[code][1] for code in codes & cells.keys()) for school, cells in said.items()}
    return {school: pupils for school, pupils in counted.items() if pupils}


def band(pupils: int) -> int:
    """The number of the band: 0 for up to 100 pupils, 4 for more than a thousand."""
    return sum(pupils > most for most in BANDS)


def band_words(place: int) -> str:
    """«до 100 обучающихся», «101–300 обучающихся», «больше 1000 обучающихся»."""
    if not place:
        return f"до {BANDS[0]} обучающихся"
    if place == len(BANDS):
        return f"больше {number(BANDS[-1])} обучающихся"
    return f"{number(BANDS[place - 1] + 1)}–{number(BANDS[place])} обучающихся"


def likeness_words(school: School, pupils: int | None) -> str:
    """What makes schools like this one: «Средняя школа, село, 101–300 обучающихся»."""
    size = f", {band_words(band(pupils))}" if pupils else ""
    return f"{SchoolKind(school.kind).label}, {str(Locality(school.locality).label).lower()}{size}"


def similar(school: School, lines: Iterable[SchoolLine], pupils: Mapping[int, int]) -> tuple[SchoolLine, ...]:
    """Schools of the same kind, locality and size, itself among them; none where its size is not known."""
    own = pupils.get(school.pk)
    if own is None:
        return ()
    return tuple(
        line
        for line in lines
        if (line.school.kind, line.school.locality) == (school.kind, school.locality)
        and (size := pupils.get(line.school.pk)) is not None
        and band(size) == band(own)
    )


def circle_of(school: School, lines: Sequence[SchoolLine], pupils: Mapping[int, int]) -> Circle:
    """Among whom a school's page and its own results place it."""
    alike = similar(school, lines, pupils)
    if len(alike) >= GROUP:
        return Circle(likeness_words(school, pupils.get(school.pk)), alike, alike=True)
    of_kind = tuple(line for line in lines if line.school.kind == school.kind)
    return Circle(str(SchoolKind(school.kind).label), of_kind, alike=False)
