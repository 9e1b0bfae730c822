"""How a chart is drawn: one picture for the page, the paper and the download.

The same specification always gives the same bytes. The file knows no model: who may see a picture is decided before it
is drawn. It is the only one that imports matplotlib, and only when it draws.

Rules of drawing (ux C3): bars start at 0, years are never interpolated, a changed definition interrupts a line, series
differ by marker, line and hatch as well as by colour, every value is written beside its mark.
"""

import dataclasses
import functools
import io
import itertools
import math
import re
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from portal import charts_strips, formats
from portal.chart_specs import (
    Bar,
    Chart,
    DotStrips,
    Part,
    RankedBars,
    Series,
    ShareBar,
    Unit,
    YearColumns,
    YearLines,
    chart_from_json,
    chart_key,
    sparkline_points,
)

__all__ = [
    "Bar", "Chart", "Part", "RankedBars", "Series", "ShareBar", "Unit", "YearColumns", "YearLines",
    "chart_from_json", "chart_key", "draw_png", "draw_svg", "figure", "percent_point", "sparkline_points",
]  # fmt: skip

PAGE_WIDTH_PX = 680  # the width of the SVG itself
PAPER_WIDTH_MM = 165  # between the margins of 30 and 10 mm of A4, with air; letters come out at 10 pt

_FONTS = Path(__file__).resolve().parent.parent / "static" / "fonts"
_WIDTH = PAGE_WIDTH_PX * 72 / 96  # everything below is measured in points
_SIZE, _LINE = 11.0, 14.0
_INK, _GREY, _GRID = "#1A1A1A", "#595959", "#D0D0D0"
_DARK, _LIGHT, _PLUM = "#12436D", "#6BACE6", "#801650"
_TARGET_DASHES, _MEDIAN_DASHES = (0, (4, 2)), (0, (1, 1))
_NO_DATA_WORDS = "нет данных"

# colour of the line, colour of its letters (4.5:1 on white), marker, dashes
_SERIES_STYLES: tuple[tuple[str, str, str, Any], ...] = (
    ("#12436D", "#12436D", "o", "solid"),
    ("#F46A25", "#A8420B", "s", (0, (6, 2))),
    ("#28A197", "#17675F", "^", (0, (2, 1.5))),
    ("#801650", "#801650", "D", (0, (7, 2, 2, 2))),
)
# face, hatch, colour of the hatch: neighbours differ without colour too
_PART_STYLES = (
    (_DARK, "", "white"),
    (_LIGHT, "////", _DARK),
    ("#F46A25", "", "white"),
    ("#28A197", "xxx", "white"),
    (_PLUM, "|||", "white"),
    ("#FFFFFF", "", "white"),
    ("#A285D1", "\\\\\\\\", _INK),
    ("#3D3D3D", "---", "white"),
)


def percent_point(ratio: Fraction | None) -> float | None:
    """A ratio (0…1) as a point of a percent chart, rounded half-up to the one digit that is written beside it."""
    return None if ratio is None else float(formats.round_half_up(ratio * 100, 1))


def draw_svg(spec: Chart) -> bytes:
    """The picture as SVG, 680 px wide; letters are outlines, so that it needs no font where it is shown."""
    metadata = {"Date": None, "Creator": None, "Title": _clean(spec.title), "Description": _clean(spec.alt)}
    return _save(spec, format="svg", metadata=metadata)


def draw_png(spec: Chart, dpi: int = 200) -> bytes:
    """The same picture as PNG on white, for DOCX and for download."""
    return _save(spec, format="png", dpi=dpi, metadata={"Software": None})


def figure(spec: Chart) -> Any:
    """The matplotlib Figure of a specification, not yet written out."""
    return _DRAWERS[type(spec)](spec).figure


# --- the sheet of paper -----------------------------------------------------------------------------------------------

_one_at_a_time = threading.Lock()  # matplotlib is not safe to use from two threads


def _save(spec: Chart, **how: Any) -> bytes:
    with _one_at_a_time:
        picture = io.BytesIO()
        figure(spec).savefig(picture, facecolor="white", **how)
        return picture.getvalue()


@functools.cache
def _matplotlib() -> SimpleNamespace:
    """What is needed of matplotlib, set so that neither the machine nor the day changes a byte."""
    import matplotlib
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle
    from matplotlib.text import Text
    from matplotlib.textpath import text_to_path
    from matplotlib.transforms import Affine2D

    matplotlib.rcdefaults()
    matplotlib.rcParams.update({"svg.fonttype": "path", "svg.hashsalt": "proforientir", "hatch.linewidth": 0.8})
    fonts = {
        bold: FontProperties(fname=str(_FONTS / f"PTSans-{'Bold' if bold else 'Regular'}.ttf"), size=_SIZE)
        for bold in (False, True)
    }
    return SimpleNamespace(
        Affine2D=Affine2D,
        Figure=Figure,
        Line2D=Line2D,
        Rectangle=Rectangle,
        Text=Text,
        fonts=fonts,
        measure=text_to_path,
    )


class _Sheet:
    """A figure addressed in points from its top left corner; texts are PT Sans and are taken literally."""

    def __init__(self, height: float) -> None:
        mpl = _matplotlib()
        self.height = height
        self.figure = mpl.Figure(figsize=(_WIDTH / 72, height / 72))
        flip = mpl.Affine2D().scale(1 / 72, -1 / 72).translate(0, height / 72)
        self._place = flip + self.figure.dpi_scale_trans

    def text(self, x: float, y: float, words: str, *, ha: str = "left", color: str = _INK, bold: bool = False) -> None:
        """Text centred on `y`, each line on a white plate that interrupts what lies under it."""
        mpl = _matplotlib()
        plate = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
        look = {"color": color, "bbox": plate, "fontproperties": mpl.fonts[bold], "zorder": 3, "parse_math": False}
        lines = _clean(words).split("\n")
        for i, line in enumerate(lines):
            baseline = y + (i - (len(lines) - 1) / 2) * _LINE + _SIZE * 0.35
            self.figure.add_artist(mpl.Text(x, baseline, line, ha=ha, va="baseline", transform=self._place, **look))

    def line(self, xs: Sequence[float], ys: Sequence[float], **look: Any) -> None:
        look = {"color": _INK, "linewidth": 1.0, "zorder": 2, **look}
        self.figure.add_artist(_matplotlib().Line2D(xs, ys, transform=self._place, **look))

    def rule(self, xs: Sequence[float], ys: Sequence[float], **look: Any) -> None:
        """A dashed line that shows over a dark bar too: its gaps are white, and nothing beside it is covered."""
        self.line(xs, ys, color="white", linewidth=1.4, zorder=1.5)
        self.line(xs, ys, linewidth=1.4, zorder=1.6, **look)

    def box(self, x: float, y: float, width: float, height: float, **look: Any) -> None:
        look = {"linewidth": 1.0, "zorder": 1, **look}
        self.figure.add_artist(_matplotlib().Rectangle((x, y), width, height, transform=self._place, **look))


def _clean(words: str) -> str:
    """Without control characters, which XML forbids, and thin spaces, which PT Sans lacks."""
    return re.sub("[\u2009\u202f]", formats.NBSP, re.sub(r"[\x00-\x09\x0b-\x1f\x7f]", " ", words))


@functools.lru_cache(maxsize=4096)
def _width_of(words: str, bold: bool = False) -> float:
    mpl = _matplotlib()
    lines = _clean(words).split("\n")
    return max(mpl.measure.get_text_width_height_descent(line, mpl.fonts[bold], ismath=False)[0] for line in lines)


def _wrapped(words: str, width: float, bold: bool = False) -> str:
    """The words in lines not wider than `width`; a word that is wider by itself is cut."""
    lines = [""]
    for word in re.split("[ \n]+", words):  # not split(): U+00A0 holds its words together
        candidate = f"{lines[-1]} {word}".strip()
        if _width_of(candidate, bold) <= width:
            lines[-1] = candidate
            continue
        lines += [""] if lines[-1] else []
        for letter in word:
            if lines[-1] and _width_of(lines[-1] + letter, bold) > width:
                lines.append("")
            lines[-1] += letter
    return "\n".join(lines)


def _height_of(words: str) -> float:
    return _LINE * (words.count("\n") + 1)


def _spread(wanted: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Centres near the wanted ones at which blocks of these heights keep their order and do not overlap."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])

    def pushed(places: Sequence[float], sign: int) -> list[float]:
        moved, edge = list(places), top if sign > 0 else -bottom
        for i in order[::sign]:
            moved[i] = sign * max(sign * places[i], edge + heights[i] / 2)
            edge = sign * moved[i] + heights[i] / 2
        return moved

    down, up = pushed(pushed(wanted, 1), -1), pushed(pushed(wanted, -1), 1)
    return [(a + b) / 2 for a, b in zip(down, up, strict=True)]


def _value_text(value: float, unit: Unit, whole: bool = False) -> str:
    """«62,1 %» or «310»; with `whole`, as targets are said, «60 %»."""
    exact = Decimal(str(value))
    places = 0 if exact == exact.to_integral_value() and (whole or unit == "count") else 1
    return formats.decimal(exact, places) + (f"{formats.NBSP}%" if unit == "percent" else "")


def _target_words(target: float, unit: Unit) -> str:
    return f"целевое значение {_value_text(target, unit, whole=True)}"


def _axis(values: Sequence[float | None], unit: Unit) -> tuple[float, float]:
    """Highest value and step of an axis from 0; percents go to 100 unless all are at most 50."""
    highest = max((value for value in values if value is not None), default=0)
    if unit == "percent" and (highest > 50 or highest == 0) and highest <= 100:
        return 100, 20
    steps = (base * 10**power for power in itertools.count() for base in (1, 2, 5))
    step = next(step for step in steps if step * 5 >= highest)
    return step * max(math.ceil(highest / step), 1), step


_YEARS_HEIGHT = 210  # 51 mm on paper: an indicator's sentence, table, figure and conclusion share half a page

# --- the drawings -----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class _Plot:
    """The frame that the two charts over years share: where a year and a value stand on the sheet."""

    sheet: _Sheet
    xs: list[float]
    y: Callable[[float], float]
    top: float
    bottom: float


def _year_plot(spec: Any, values: Sequence[float | None], key: list[tuple[float, str, dict]], head: float) -> _Plot:
    """Axis, years, target; to the right of them the key: each line's name at the height of its last value."""
    if spec.target is not None:
        key = [
            *key,
            (spec.target, _target_words(spec.target, spec.unit), {"linestyle": _TARGET_DASHES, "linewidth": 1.4}),
        ]
    names = [_wrapped(name, 110) for _, name, _ in key]
    heights = [_height_of(name) + 4 for name in names]
    sheet = _Sheet(max(_YEARS_HEIGHT, sum(heights) + 8))
    highest, step = _axis([*values, spec.target], spec.unit)
    ticks = [step * i for i in range(round(highest / step) + 1)]
    tick_words = [_value_text(tick, spec.unit, whole=True) for tick in ticks]
    left, right = max(map(_width_of, tick_words)) + 12, _WIDTH - max([0, *(_width_of(name) + 46 for name in names)]) - 4
    room = (right - left) / len(spec.years)
    years = [_wrapped(year, room - 6) for year in spec.years]
    top, bottom = head, sheet.height - max(map(_height_of, years)) - 10
    plot = _Plot(
        sheet,
        [left + room * (i + 0.5) for i in range(len(years))],
        lambda v: bottom - (bottom - top) * v / highest,
        top,
        bottom,
    )
    for tick, words in zip(ticks, tick_words, strict=True):
        sheet.text(left - 8, plot.y(tick), words, ha="right", color=_GREY)
        sheet.line((left, right), [plot.y(tick)] * 2, color=_GREY if tick == 0 else _GRID, linewidth=0.8, zorder=0)
    for x, year in zip(plot.xs, years, strict=True):
        sheet.text(x, bottom + 6 + _height_of(year) / 2, year, ha="center")
    for (_, _, look), name, y in zip(
        key, names, _spread([plot.y(v) for v, _, _ in key], heights, 2, sheet.height - 2), strict=True
    ):
        sheet.line((right + 16, right + 28, right + 40), (y, y, y), markevery=[1], **look)
        sheet.text(right + 45, y, name)
    if spec.target is not None:
        sheet.rule((left, right), [plot.y(spec.target)] * 2, linestyle=_TARGET_DASHES)
    if all(value is None for value in values):
        sheet.text((left + right) / 2, (top + bottom) / 2, _NO_DATA_WORDS, ha="center")
    return plot


def _draw_lines(spec: YearLines) -> _Sheet:
    looks = [
        {"color": color, "marker": marker, "linestyle": dashes, "linewidth": 2.0, "markersize": 6.5}
        for color, _, marker, dashes in _SERIES_STYLES
    ]
    key = [
        (next((v for v in reversed(line.points) if v is not None), 0), line.name, look)
        for line, look in zip(spec.series, looks, strict=False)
    ]
    values = [value for line in spec.series for value in line.points]
    plot = _year_plot(spec, values, key if len(key) > 1 else [], 54 if spec.break_before else 22)
    for line, look in zip(spec.series, looks, strict=False):
        xs, ys = list(plot.xs), [math.nan if value is None else plot.y(value) for value in line.points]
        for i in sorted(spec.break_before, reverse=True):
            xs.insert(i, xs[i])
            ys.insert(i, math.nan)
        plot.sheet.line(xs, ys, **look)
    for i in spec.break_before:
        x = (plot.xs[i - 1] + plot.xs[i]) / 2
        plot.sheet.line((x, x), (34, plot.bottom), color=_GREY, linestyle="dotted", linewidth=1.4)
        plot.sheet.text(x, 18, "показатель\nизменён", ha="center", color=_GREY)
    _write_values(spec, plot)
    return plot.sheet


def _write_values(spec: YearLines, plot: _Plot) -> None:
    """Every value above or below its point; if in some year there is no room, all stand in lists beside the years."""
    points = [
        [(n, plot.y(value), value) for n, s in enumerate(spec.series) if (value := s.points[i]) is not None]
        for i in range(len(spec.years))
    ]
    shifts = [_shifts([y for _, y, _ in year], _slopes(spec, plot, i), plot.bottom) for i, year in enumerate(points)]
    for x, year, year_shifts in zip(plot.xs, points, shifts, strict=True):
        listed = _spread([y for _, y, _ in year], [_LINE] * len(year), plot.top - 20, plot.bottom)
        for k, (n, y, value) in enumerate(year):
            color, words = _SERIES_STYLES[n][1], _value_text(value, spec.unit)
            if None in shifts:
                plot.sheet.text(x + 7, listed[k], words.removesuffix(f"{formats.NBSP}%"), color=color)
            elif year_shifts:
                plot.sheet.text(x, y + year_shifts[k], words, ha="center", color=color)


def _slopes(spec: YearLines, plot: _Plot, i: int) -> list[float]:
    """Heights of the lines at which the letters beside the points of year `i` would meet them."""
    heights = []
    for series, j in itertools.product(spec.series, (i - 1, i + 1)):
        if 0 <= j < len(spec.years) and max(i, j) not in spec.break_before:
            here, there = series.points[i], series.points[j]
            if here is not None and there is not None:
                heights += [plot.y(here + (there - here) * part) for part in (0.1, 0.2, 0.3)]
    return heights


def _shifts(ys: list[float], slopes: list[float], bottom: float) -> tuple[int, ...] | None:
    """For each point of a year, how far up or down its value stands; None where values would lie on each other."""

    def crowding(shifts: tuple[int, ...]) -> float:
        labels = [y + shift for y, shift in zip(ys, shifts, strict=True)]
        touching = sum(abs(a - b) < _LINE for a, b in itertools.combinations(labels, 2))
        hidden = sum(abs(label - y) < 10 for label in labels for y in ys)
        outside = sum(label > bottom - 6 for label in labels)
        crossed = sum(abs(a - b) < 7 for a in labels for b in slopes)
        return 100 * (touching + hidden + outside) + crossed + 0.1 * sum(shifts)

    best = min(itertools.product((-12, 12), repeat=len(ys)), key=crowding)
    return best if crowding(best) < 90 else None


def _draw_columns(spec: YearColumns) -> _Sheet:
    plot = _year_plot(spec, spec.values, [], 22)
    width = min(64, (plot.xs[-1] - plot.xs[0]) / max(len(plot.xs) - 1, 1) * 0.6 or 64)
    for x, value in zip(plot.xs, spec.values, strict=True):
        if value is None:
            plot.sheet.text(x, plot.bottom - _LINE, "нет\nданных", ha="center", color=_GREY)
            continue
        y = plot.y(value)
        plot.sheet.box(x - width / 2, y, width, plot.bottom - y, facecolor=_DARK, edgecolor=_DARK)
        plot.sheet.text(x, y - 10, _value_text(value, spec.unit), ha="center", bold=True)
    return plot.sheet


def _draw_bars(spec: RankedBars) -> _Sheet:
    labels = [_wrapped(row.label, 190, row.highlighted) for row in spec.rows]
    ends = [_wrapped(_end_text(row), 130, row.highlighted) for row in spec.rows]
    heights = [max(_height_of(label), _height_of(end)) + 7 for label, end in zip(labels, ends, strict=True)]
    marks = []
    if spec.median is not None:
        marks.append((f"медиана {_value_text(spec.median, spec.unit)}", spec.median, _MEDIAN_DASHES))
    if spec.target is not None:
        marks.append((_target_words(spec.target, spec.unit), spec.target, _TARGET_DASHES))
    head = 4 + (_LINE + 2) * len(marks)
    sheet = _Sheet(head + sum(heights) + 8)
    left = 10 + max(_width_of(label, row.highlighted) for label, row in zip(labels, spec.rows, strict=True))
    right = _WIDTH - 12 - max(_width_of(end, row.highlighted) for end, row in zip(ends, spec.rows, strict=True))
    scale = (right - left) / _axis([spec.median, spec.target, *(row.value for row in spec.rows)], spec.unit)[0]
    y = head + 4
    for row, label, end, height in zip(spec.rows, labels, ends, heights, strict=True):
        bar = (row.value or 0) * scale
        face = _DARK if row.highlighted else _LIGHT
        sheet.text(left - 6, y + height / 2, label, ha="right", bold=row.highlighted)
        if bar:
            sheet.box(left, y + height / 2 - 6, bar, 12, facecolor=face, edgecolor=_DARK)
        sheet.text(
            left + bar + 6, y + height / 2, end, bold=row.highlighted, color=_GREY if row.value is None else _INK
        )
        y += height
    sheet.line((left, left), (head, y), color=_GREY)
    for i, (words, value, dashes) in enumerate(marks):
        x, half, line_y = left + value * scale, _width_of(words) / 2 + 3, 4 + (_LINE + 2) * (i + 0.5)
        sheet.rule((x, x), (line_y, y + 4), linestyle=dashes)
        sheet.text(min(max(x, half), _WIDTH - half), line_y, words, ha="center")
    return sheet


def _end_text(row: Bar) -> str:
    return _NO_DATA_WORDS if row.value is None and row.text in ("", formats.NO_DATA) else row.text


def _draw_share(spec: ShareBar) -> _Sheet:
    total, full, bar = sum(part.count for part in spec.parts), _WIDTH - 4, 32
    entries = [_wrapped(f"{part.label}: {formats.number(part.count)}", full - 30) for part in spec.parts]
    places, x, y, row = [], 2.0, bar + 14.0, 0.0  # the key flows below the bar
    for words in entries:
        if x > 2 and x + 24 + _width_of(words) > full:
            x, y, row = 2.0, y + row + 6, 0.0
        places.append((x, y))
        x, row = x + 24 + _width_of(words) + 18, max(row, _height_of(words))
    sheet, x = _Sheet(y + row + 4), 2.0
    for part, words, (key_x, key_y), (face, hatch, color) in zip(
        spec.parts, entries, places, _PART_STYLES, strict=False
    ):
        look = {"facecolor": face, "hatch": hatch, "hatchcolor": color, "edgecolor": _INK}
        width, count = full * part.count / (total or 1), formats.number(part.count)
        if part.count:
            sheet.box(x, 3, width, bar, **look)
        if part.count and width > _width_of(count, True) + 8:
            sheet.text(x + width / 2, 3 + bar / 2, count, ha="center", bold=True)
        sheet.box(key_x, key_y + 1, 18, 12, **look)
        sheet.text(key_x + 24, key_y + _height_of(words) / 2, words)
        x += width
    if not total:
        sheet.box(2, 3, full, bar, facecolor="white", edgecolor=_INK)
        sheet.text(_WIDTH / 2, 3 + bar / 2, _NO_DATA_WORDS, ha="center")
    return sheet


_DRAWERS: dict[type[Chart], Callable[[Any], _Sheet]] = {
    YearLines: _draw_lines,
    YearColumns: _draw_columns,
    RankedBars: _draw_bars,
    ShareBar: _draw_share,
    DotStrips: lambda spec: charts_strips.drawn(spec, charts_strips.Paper(_Sheet, _wrapped, _width_of, _WIDTH)),
}
