"""How dot strips are drawn: one row for each share, all on one scale, so that a place among others is seen at once.

The paper comes from `charts.py`, which alone knows the library that draws. In greyscale the names differ by their
marks, the half of the schools in the middle is a box, the median a black tick, the target a dashed one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal import formats
from portal.chart_specs import DotStrips, Strip

_INK, _GREY, _GRID, _BOX = "#1A1A1A", "#595959", "#D0D0D0", "#D5E3F0"
# mark, its colour
_NAMED = (("o", "#12436D"), ("s", "#F46A25"), ("^", "#17675F"), ("D", "#801650"), ("v", "#3D3D3D"), ("P", "#A285D1"))
_LABEL, _ROW, _LINE, _TICKS = 200.0, 26.0, 14.0, (0, 20, 40, 60, 80, 100)
_TARGET_DASHES = (0, (2, 1))


@dataclass(frozen=True)
class Paper:
    """What draws: a sheet of a height in points, words in lines of a width, the width of words and of the sheet."""

    sheet: Callable[[float], Any]
    wrapped: Callable[..., str]
    width_of: Callable[..., float]
    width: float


@dataclass(frozen=True)
class _Scale:
    left: float
    right: float

    def x(self, value: float) -> float:
        return self.left + (self.right - self.left) * value / 100


def drawn(spec: DotStrips, paper: Paper) -> Any:
    """The sheet with the key, a scale of 0…100 % and the rows below each other."""
    alone = len(spec.names) == 1
    labels = [paper.wrapped(strip.label, _LABEL) for strip in spec.strips]
    values = [_value(strip.named[0]) if alone else "" for strip in spec.strips]
    scale = _Scale(
        max(map(paper.width_of, labels)) + 18,
        paper.width - max(14.0, *(paper.width_of(words) + 22 for words in values)),
    )
    entries = _key(spec)
    places, head = _flow(entries, paper)
    heights = [max(_ROW, _LINE * (label.count("\n") + 1) + 8) for label in labels]
    bottom = head + 22 + sum(heights)
    sheet = paper.sheet(bottom + 6)
    for (look, words), (x, y) in zip(entries, places, strict=True):
        _sample(sheet, look, x, y)
        sheet.text(x + 26, y, words)
    for tick in _TICKS:
        x = scale.x(tick)
        sheet.text(x, head + 8, f"{tick}{formats.NBSP}%", ha="center", color=_GREY)
        sheet.line((x, x), (head + 18, bottom), color=_GREY if tick == 0 else _GRID, linewidth=0.8, zorder=0)
    y = head + 20
    for strip, label, value, height in zip(spec.strips, labels, values, heights, strict=True):
        middle = y + height / 2
        sheet.text(scale.left - 10, middle, label, ha="right")
        _row(sheet, strip, scale, middle)
        if alone:
            sheet.text(scale.right + 14, middle, value, color=_GREY if strip.named[0] is None else _INK, bold=True)
        y += height
    return sheet


def _row(sheet: Any, strip: Strip, scale: _Scale, y: float) -> None:
    """One strip: the box of the quartiles lowest, then the dots without names, the ticks and the marks of the names."""
    sheet.line((scale.left, scale.right), (y, y), color=_GRID, linewidth=0.8, zorder=0)
    if strip.quartiles:
        low, high = map(scale.x, strip.quartiles)
        sheet.box(low, y - 7, max(high - low, 1), 14, facecolor=_BOX, edgecolor=_GREY, linewidth=0.6)
    for other in strip.others:
        sheet.line((scale.x(other),), (y,), marker="o", markersize=4.5, zorder=1.5, **_hollow())
    if strip.target is not None:
        sheet.line((scale.x(strip.target),) * 2, (y - 11, y + 11), linestyle=_TARGET_DASHES, linewidth=1.6)
    if strip.median is not None:
        sheet.line((scale.x(strip.median),) * 2, (y - 9, y + 9), linewidth=2.2)
    count = len(strip.named)
    for i, value in enumerate(strip.named):
        if value is not None:
            shift = (i - (count - 1) / 2) * 3  # equal values would hide each other
            sheet.line((scale.x(value),), (y + shift,), **_mark(i))


def _hollow() -> dict[str, Any]:
    return {"markerfacecolor": "white", "markeredgecolor": _GREY, "linestyle": "none"}


def _mark(place: int) -> dict[str, Any]:
    mark, color = _NAMED[place]
    edge = {"markerfacecolor": color, "markeredgecolor": "white", "markeredgewidth": 0.8}
    return {"marker": mark, "markersize": 9, "linestyle": "none", "zorder": 2.5, **edge}


def _key(spec: DotStrips) -> list[tuple[str, str]]:
    """(how it looks, words): a name's number, or what else the picture holds."""
    entries = [(str(place), name) for place, name in enumerate(spec.names)]
    held = (
        ("other", "другие школы", any(strip.others for strip in spec.strips)),
        ("median", "медиана", any(strip.median is not None for strip in spec.strips)),
        ("box", "половина школ, ближайших к медиане", any(strip.quartiles for strip in spec.strips)),
        ("target", "целевое значение", any(strip.target is not None for strip in spec.strips)),
    )
    return entries + [(look, words) for look, words, there in held if there]


def _flow(entries: list[tuple[str, str]], paper: Paper) -> tuple[list[tuple[float, float]], float]:
    """Where each entry of the key stands, and the height that they take."""
    places, x, y = [], 2.0, 10.0
    for _, words in entries:
        width = 26 + paper.width_of(words) + 18
        if x > 2 and x + width > paper.width:
            x, y = 2.0, y + _LINE + 6
        places.append((x, y))
        x += width
    return places, y + 12 if entries else 0.0


def _sample(sheet: Any, look: str, x: float, y: float) -> None:
    """The sign of an entry of the key, 20 points wide."""
    middle = x + 10
    if look == "other":
        sheet.line((middle,), (y,), marker="o", markersize=4.5, **_hollow())
    elif look == "median":
        sheet.line((middle, middle), (y - 8, y + 8), linewidth=2.2)
    elif look == "target":
        sheet.line((middle, middle), (y - 8, y + 8), linestyle=_TARGET_DASHES, linewidth=1.6)
    elif look == "box":
        sheet.box(x, y - 6, 20, 12, facecolor=_BOX, edgecolor=_GREY, linewidth=0.6)
    else:
        sheet.line((middle,), (y,), **_mark(int(look)))


def _value(value: float | None) -> str:
    return formats.NO_DATA if value is None else f"{formats.decimal(Decimal(str(value)))}{formats.NBSP}%"
