"""Which chart shows an indicator, its schools or the collection, with a title that tells the message."""

from collections.abc import Sequence
from fractions import Fraction

from monitoring.arithmetic import GROUP, Measured
from monitoring.enums import FormState, IndicatorKind
from monitoring.queries.campaigns.board import Progress
from monitoring.queries.campaigns.pace import PaceOfYears
from monitoring.queries.results.comparison import KindLines, Peers
from monitoring.queries.results.overview import IndicatorHistory
from monitoring.queries.results.sentences import (
    earlier_words,
    message,
    target_value,
    three_years_sentence,
    value_of,
    value_words,
)
from portal.chart_specs import MAX_BARS, DotStrips, Strip
from portal.charts import Bar, Chart, Part, RankedBars, Series, ShareBar, Unit, YearColumns, YearLines, percent_point
from portal.formats import number, percent, plural, plural_form, school_year_short

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
    earlier = f" {words}" if (words := earlier_words(history)) else ""
    alt = f"График по годам: {history.name}. {three_years_sentence(history)}{earlier}{target}"
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


def spread_chart(history: IndicatorHistory, kinds: Sequence[KindLines]) -> DotStrips | None:
    """How the comparable schools of every kind lie on one scale; None for fewer than five schools, or beyond 100 %."""
    known = [kind.peers for kind in kinds if kind.peers.count]
    values = [value for one in known for value in one.values]
    if history.kind != IndicatorKind.SHARE or len(values) < GROUP or max(values) > 1:
        return None
    strips = tuple(
        Strip(
            label=f"{one.kind.label} ({plural(one.count, 'школа', 'школы', 'школ')})",
            named=(),
            others=tuple(percent_point(value) or 0.0 for value in one.values),
            median=percent_point(one.median),
            quartiles=tuple(percent_point(place) or 0.0 for place in one.quartiles or ()) if one.count >= GROUP else (),
            target=percent_point(history.target),
        )
        for one in known
    )
    told = "; ".join(
        f"{one.kind.label}: от {percent(min(one.values))} до {percent(max(one.values))}, медиана {percent(one.median)}"
        for one in known
    )
    return DotStrips(_spread_title(known), f"Точки школ на шкале от 0 до 100 процентов. {told}.", (), strips)


def _spread_title(known: Sequence[Peers]) -> str:
    """The kinds with the highest and the lowest median, or the width of the only one."""
    medians = sorted((one.median or Fraction(0), str(one.kind.label)) for one in known)
    if len(known) == 1 or medians[0][0] == medians[-1][0]:
        low, high = min(min(one.values) for one in known), max(max(one.values) for one in known)
        return f"Школы лежат от {percent(low)} до {percent(high)}"
    (low, lowest), (high, highest) = medians[0], medians[-1]
    return f"Медиана выше всего: {highest} – {percent(high)}; ниже всего: {lowest} – {percent(low)}"


def pace_chart(pace: PaceOfYears) -> YearLines:
    """Forms handed in by day, this year and last year: a line over at most six days of the campaign."""
    this, last, today = pace.this, pace.last, pace.this.passed
    sent = len(this.days)
    verb = plural_form(sent, "отправила", "отправили", "отправили")
    schools = plural_form(this.total, "школы", "школ", "школ")
    title = f"К {today}-му дню сбора форму {verb} {number(sent)} из {number(this.total)} {schools}"
    if last:
        title += f"; год назад к этому дню – {number(last.by(today) or 0)} из {number(last.total)}"
    marks = pace.marks
    years = [(school_year_short(one.campaign.year), one) for one in (this, last) if one]
    told = "; ".join(
        f"{day}-й день – " + ", ".join(f"{year}: {number(count)}" for year, count in by_year)
        for day in marks
        if (by_year := [(year, count) for year, one in years if (count := one.by(day)) is not None])
    )
    return YearLines(
        title=title,
        alt=f"Линии: сколько форм впервые отправлено к каждому дню сбора. {told}.",
        years=tuple(f"{day}-й день" for day in marks),
        series=tuple(Series(year, tuple(one.by(day) for day in marks)) for year, one in years),
        unit="count",
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


def _point(measured: Measured | None) -> float | None:
    """A value as it is drawn; a share on a small base is told as a count only, so it has no point."""
    if measured is None or measured.value is None or measured.small:
        return None
    return _place(measured.value, measured.kind)


def _place(value: Fraction | None, kind: IndicatorKind) -> float | None:
    if value is None:
        return None
    return float(value) if kind == IndicatorKind.COUNT else percent_point(value)


def sparkline_runs(history: IndicatorHistory, width: int = 100, height: int = 24) -> tuple[str, ...]:
    """The points of the small lines beside a value, on one scale; a gap or a changed definition interrupts the line."""
    values = [_point(point.measured) for point in history.points]
    highest = max((value for value in values if value is not None), default=0) or 1
    runs: list[list[int]] = []
    for place, value in enumerate(values):
        if value is None:
            continue
        joined = runs and runs[-1][-1] == place - 1 and place not in history.breaks
        runs[-1].append(place) if joined else runs.append([place])
    step, foot = (width - 4) / max(len(values) - 1, 1), height - 2
    told = [[f"{2 + i * step:.1f},{foot - (height - 4) * (values[i] or 0) / highest:.1f}" for i in run] for run in runs]
    return tuple(" ".join(points * 2 if len(points) == 1 else points) for points in told)
