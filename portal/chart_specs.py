"""What a chart says: a frozen, JSON-serialisable specification, its permanent name, and the points of a sparkline.

How it looks is another question (`charts.py`). Pure: imports nothing of the project.
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any, Literal

MAX_YEARS, MAX_SERIES, MAX_BARS, MAX_PARTS = 6, 4, 60, 8
MAX_STRIPS, MAX_NAMED = 15, 6
DRAWING = 2  # raised when the same specification begins to look different, so that kept pictures are drawn anew

Unit = Literal["percent", "count"]  # percent: 0…100, not 0…1


@dataclasses.dataclass(frozen=True)
class Chart:
    """Common to all: `title` is the message that stands in the page's caption, `alt` tells the picture in sentences."""

    title: str
    alt: str

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON types, with the kind of chart; `chart_from_json` reads it back."""
        return {"kind": type(self).__name__, **json.loads(json.dumps(dataclasses.asdict(self), allow_nan=False))}


@dataclasses.dataclass(frozen=True)
class Series:
    """One line of `YearLines`; a point of None is a gap."""

    name: str
    points: tuple[float | None, ...]


@dataclasses.dataclass(frozen=True)
class Bar:
    """One row of `RankedBars`; `text` is written at the end of the bar."""

    label: str
    value: float | None
    text: str
    highlighted: bool = False


@dataclasses.dataclass(frozen=True)
class Part:
    """One part of `ShareBar`."""

    label: str
    count: int


@dataclasses.dataclass(frozen=True)
class Strip:
    """One row of `DotStrips`, in percent: a point for each name (None is a gap), and dots without a name."""

    label: str
    named: tuple[float | None, ...]
    others: tuple[float, ...] = ()
    median: float | None = None
    quartiles: tuple[float, ...] = ()  # the lower and the upper, or none
    target: float | None = None


@dataclasses.dataclass(frozen=True)
class YearLines(Chart):
    """Lines over at most six years; `break_before` holds the positions of years at which the definition changed."""

    years: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit
    target: float | None = None
    break_before: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _require(1 <= len(self.years) <= MAX_YEARS, "one to six years")
        _require(1 <= len(self.series) <= MAX_SERIES, "one to four series")
        _require(all(len(s.points) == len(self.years) for s in self.series), "a point for every year")
        _require(all(0 < i < len(self.years) for i in self.break_before), "a break stands between two years")
        _require_values(self.target, *(value for s in self.series for value in s.points))


@dataclasses.dataclass(frozen=True)
class YearColumns(Chart):
    """One column for each year, three as a rule."""

    years: tuple[str, ...]
    values: tuple[float | None, ...]
    unit: Unit
    target: float | None = None

    def __post_init__(self) -> None:
        _require(1 <= len(self.years) <= MAX_YEARS, "one to six years")
        _require(len(self.values) == len(self.years), "a value for every year")
        _require_values(self.target, *self.values)


@dataclasses.dataclass(frozen=True)
class RankedBars(Chart):
    """Horizontal bars in the order given, one for each school, with the median and the target as lines."""

    rows: tuple[Bar, ...]
    median: float | None = None
    target: float | None = None
    unit: Unit = "percent"

    def __post_init__(self) -> None:
        _require(1 <= len(self.rows) <= MAX_BARS, "one to sixty rows")
        _require_values(self.median, self.target, *(row.value for row in self.rows))


@dataclasses.dataclass(frozen=True)
class ShareBar(Chart):
    """One bar divided into parts that add up to a whole, such as the forms by state."""

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        _require(1 <= len(self.parts) <= MAX_PARTS, "one to eight parts")
        _require_values(*(part.count for part in self.parts))


@dataclasses.dataclass(frozen=True)
class DotStrips(Chart):
    """Many shares side by side on one scale of 0…100 %: a row for each, a mark for each of at most six names."""

    names: tuple[str, ...]
    strips: tuple[Strip, ...]

    def __post_init__(self) -> None:
        _require(len(self.names) <= MAX_NAMED, "at most six names")
        _require(1 <= len(self.strips) <= MAX_STRIPS, "one to fifteen rows")
        _require(all(len(one.named) == len(self.names) for one in self.strips), "a point for every name")
        _require(all(len(one.quartiles) in (0, 2) for one in self.strips), "both quartiles or none")
        values = [
            value for one in self.strips for value in (*one.named, *one.others, one.median, *one.quartiles, one.target)
        ]
        _require_values(*values)
        _require(all(value is None or value <= 100 for value in values), "percents up to 100")


_KINDS: dict[str, type[Chart]] = {
    kind.__name__: kind for kind in (YearLines, YearColumns, RankedBars, ShareBar, DotStrips)
}
_ITEMS: dict[str, type] = {"series": Series, "rows": Bar, "parts": Part, "strips": Strip}


def chart_from_json(data: dict[str, Any]) -> Chart:
    """The specification that `to_json` wrote. Raises ValueError for an unknown kind or an impossible chart."""
    if data.get("kind") not in _KINDS:
        raise ValueError(f"unknown kind of chart: {data.get('kind')!r}")
    fields = {name: _from_list(value, _ITEMS.get(name)) for name, value in data.items() if name != "kind"}
    return _KINDS[data["kind"]](**fields)


def chart_key(spec: Chart, owner: str) -> str:
    """The permanent name of the picture: SHA-256 in hex of the specification, whose data it shows, and the drawing."""
    canonical = json.dumps([DRAWING, owner, spec.to_json()], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sparkline_points(values: Sequence[float | None], width: int = 80, height: int = 24) -> str:
    """Points of an SVG polyline in a box of `width` × `height` px, from 0 at its foot; "" where there is no value.

    A polyline cannot be interrupted and a gap is never bridged, so the last unbroken run is drawn, at its own years.
    A single point is given twice: with round caps it shows as a dot.
    """
    known = [i for i, value in enumerate(values) if value is not None]
    run = [i for i in known if all(j in known for j in range(i, known[-1]))]
    pad, highest = 2, max((value for value in values if value is not None), default=0) or 1
    step = (width - 2 * pad) / max(len(values) - 1, 1)
    points = [f"{pad + i * step:.1f},{height - pad - (height - 2 * pad) * (values[i] or 0) / highest:.1f}" for i in run]
    return " ".join(points * 2 if len(points) == 1 else points)


def _require(condition: bool, rule: str) -> None:
    if not condition:
        raise ValueError(f"a chart needs {rule}")


def _require_values(*values: float | None) -> None:
    _require(all(v is None or (math.isfinite(v) and v >= 0) for v in values), "finite values, 0 or more")


def _from_list(value: Any, item: type | None) -> Any:
    if not isinstance(value, list):
        return value
    if item is None:
        return tuple(value)
    return tuple(item(**{name: _from_list(field, None) for name, field in entry.items()}) for entry in value)
