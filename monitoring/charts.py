"""Which chart shows an indicator, its schools or the collection, with a title that tells the message."""

from collections.abc import Sequence
from fractions import Fraction

from monitoring.arithmetic import Measured
from monitoring.enums import FormState, IndicatorKind
from monitoring.queries.board import Progress
from monitoring.queries.comparison import KindLines
from monitoring.queries.overview import IndicatorHistory
from monitoring.queries.sentences import message, target_value, three_years_sentence, value_words
from portal.chart_specs import MAX_BARS
from portal.charts import Bar, Chart, Part, RankedBars, Series, ShareBar, Unit, YearColumns, YearLines, percent_point
from portal.formats import decimal, number, percent, plural, plural_form, school_year_short

_FROM_DONE_TO_TODO = (
    FormState.ACCEPTED,
    FormState.UNDER_REVIEW,
    FormState.SENT,
    FormState.REOPENED,
    FormState.RETURNED,
    FormState.FILLING,
    FormState.NOT_STARTED,
)


def history_chart(history: IndicatorHistory) -> Chart:
    """A share as a line over the years, a count as columns; a changed definition interrupts the line."""
    years = tuple(school_year_short(point.year) for point in history.points)
    values = tuple(_point(point.measured) for point in history.points)
    title = message(history)
    target = f" Целевое значение – {target_value(history)}." if history.target is not None else ""
    alt = f"График по годам: {history.name}. {three_years_sentence(history)}{target}"
    unit: Unit = "count" if history.is_count else "percent"
    goal = _place(history.target, history.kind)
    if history.is_count and not history.breaks:
        return YearColumns(title, alt, years, values, unit, goal)
    return YearLines(title, alt, years, (Series(history.name, values),), unit, goal, history.breaks)


def schools_chart(history: IndicatorHistory, kind: KindLines) -> Chart | None:
    """Bars of the comparable schools of one kind with their median and the target; None for fewer than two.

    Services that a school has or has not are no scale, so a share of organisations has no such chart.
    """
    chosen = [line for line in kind.lines if line.values[history.code].rankable][:MAX_BARS]
    if len(chosen) < 2 or history.kind == IndicatorKind.ORG_SHARE:
        return None
    rows = tuple(
        Bar(line.school.name, _point(line.values[history.code]), value_words(line.values[history.code]))
        for line in chosen
    )
    told = "; ".join(f"{row.label} – {row.text}" for row in rows)
    return RankedBars(
        title=_comparison(history, kind),
        alt=f"Столбцы по школам вида «{kind.peers.kind.label}»: {told}.",
        rows=rows,
        median=_place(kind.peers.median, history.kind),
        target=_place(history.target, history.kind),
        unit="count" if history.is_count else "percent",
    )


def collection_chart(progress: Progress) -> ShareBar:
    """One bar of a campaign's forms by state."""
    counts = dict(progress.by_state)
    parts = tuple(Part(str(state.label), counts[state]) for state in _FROM_DONE_TO_TODO if counts.get(state))
    told = ", ".join(f"{part.label} – {number(part.count)}" for part in parts)
    return ShareBar(
        title=handed_in(progress),
        alt=f"Полоса из {plural(progress.total, 'формы', 'форм', 'форм')} по состояниям: {told}.",
        parts=parts or (Part("нет форм", 0),),
    )


def handed_in(progress: Progress) -> str:
    """«Сдали 31 из 52 школ»."""
    schools = plural_form(progress.total, "школы", "школ", "школ")
    return f"Сдали {number(progress.sent)} из {number(progress.total)} {schools}"


def _comparison(history: IndicatorHistory, kind: KindLines) -> str:
    """What the bars say: how the schools lie around the target, or else between their lowest and highest."""
    values, label = kind.peers.values, kind.peers.kind.label
    schools = plural_form(len(values), "школы", "школ", "школ")
    if history.target is not None:
        reached = sum(_reaches(value, history) for value in values)
        return f"{label}: целевого значения достигли {reached} из {len(values)} {schools}"
    low, high, middle = (value_of(one, history.kind) for one in (min(values), max(values), kind.peers.median))
    return f"{label}: от {low} до {high}, медиана {middle}"


def _reaches(value: Fraction, history: IndicatorHistory) -> bool:
    target = history.target or Fraction(0)
    return value <= target if history.better == "down" else value >= target


def value_of(value: Fraction | None, kind: IndicatorKind) -> str:
    """A value without its fraction, such as a median: «62,1 %», or for a count «12» and «12,5»."""
    if value is None or kind != IndicatorKind.COUNT:
        return percent(value)
    return decimal(value, 0 if value.denominator == 1 else 1)


def _point(measured: Measured | None) -> float | None:
    """A value as it is drawn; a share on a small base is told as a count only, so it has no point."""
    if measured is None or measured.value is None or measured.small:
        return None
    return _place(measured.value, measured.kind)


def _place(value: Fraction | None, kind: IndicatorKind) -> float | None:
    if value is None:
        return None
    return float(value) if kind == IndicatorKind.COUNT else percent_point(value)


def sparkline_values(history: IndicatorHistory) -> Sequence[float | None]:
    """The points of a small line beside the value, since the definition last changed."""
    start = max(history.breaks, default=0)
    return [None] * start + [_point(point.measured) for point in history.points[start:]]
