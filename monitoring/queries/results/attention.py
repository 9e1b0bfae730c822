"""What of a year asks for attention: the worst indicator, the late schools, better or worse than last year."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from monitoring.arithmetic import jumped
from monitoring.enums import HANDED_IN
from monitoring.models import AcceptedForm, Campaign, Submission
from monitoring.queries.campaigns.board import is_expected
from monitoring.queries.results.overview import IndicatorHistory, Overview
from monitoring.queries.results.pinned import Version
from monitoring.queries.results.sentences import (
    as_sentence,
    coverage_words,
    deadline_words,
    short_value,
    target_words,
    trend_sentence,
)
from portal.formats import NBSP, listed, number, plural, plural_form, school_year_short
from portal.models import Municipality

MOST_LINES = 7
_LINES_BELOW_TARGET, _LINES_WORSENED = 3, 2
_NAMES = 3  # schools named in a line


@dataclass(frozen=True, slots=True)
class AttentionLine:
    """One line of «Требует внимания»: what is wrong, with its numbers, and the page that shows it."""

    text: str
    url_name: str
    url_args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unaccepted:
    """What has not been accepted of a year: schools without any accepted form, and (form, waiting, all) by form."""

    schools: tuple[str, ...] = ()
    forms: tuple[tuple[str, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the indicators stand against the year before; `unknown` were not compared or are not judged."""

    before: int
    better: int
    worse: int
    same: int
    unknown: int

    @property
    def verdict(self) -> str:
        """The answer in a few words; a year in which nothing can be compared gets none."""
        if not self.better + self.worse + self.same:
            return "Сравнить с прошлым годом нельзя"
        if self.better == self.worse:
            return "Лучше и хуже поровну" if self.better else "Заметных изменений нет"
        return "В целом лучше прошлого года" if self.better > self.worse else "В целом хуже прошлого года"

    @property
    def words(self) -> str:
        """«Лучше по 9 показателям, хуже по 4, без заметных изменений – 20 (к 2020/21 уч. году).»"""
        if not self.better + self.worse + self.same:
            return f"Ни один показатель не сравнивается с {school_year_short(self.before)} уч.{NBSP}годом."
        better = plural(self.better, "показателю", "показателям", "показателям")
        unknown = f"; не сравниваются – {self.unknown}" if self.unknown else ""
        year = f"к{NBSP}{school_year_short(self.before)} уч.{NBSP}году"
        return (
            f"Лучше по {better}, хуже по {number(self.worse)}, "
            f"без заметных изменений – {number(self.same)}{unknown} ({year})."
        )

    @property
    def kind(self) -> str:
        """How the page colours it: done, warning or nothing."""
        return "" if self.better == self.worse else "done" if self.better > self.worse else "warning"


@dataclass(frozen=True, slots=True)
class LateSchool:
    """A school whose form is overdue by so many begun days."""

    name: str
    days: int


@dataclass(frozen=True, slots=True)
class Lateness:
    """How the newest collection stands: who is overdue, the longest first, and who else has not handed in."""

    year: int
    overdue: tuple[LateSchool, ...]
    missing: tuple[str, ...]  # forms not handed in whose deadline is still ahead, by the name of their school
    total: int
    closes_at: datetime

    @property
    def verdict(self) -> str:
        schools = len(self.overdue)
        if schools:
            verb = plural_form(schools, "Опаздывает", "Опаздывают", "Опаздывают")
            return f"{verb} {plural(schools, 'школа', 'школы', 'школ')}"
        return f"Не сдали {number(len(self.missing))} из {number(self.total)}" if self.missing else "Все формы сданы"

    @property
    def names(self) -> str:
        """The late schools with their days, else those that the department still waits for."""
        if self.overdue:
            told = [f"{one.name} ({plural(one.days, 'день', 'дня', 'дней')})" for one in self.overdue]
            return listed(told, _NAMES) + "."
        return listed(self.missing, _NAMES) + "." if self.missing else ""

    def words(self, now: datetime) -> str:
        """«Ещё не сдали 13 из 19; осталось 5 дней (до 20.06.2026, 23:59).»"""
        if not self.missing:
            return ""
        deadline = deadline_words(self.closes_at, now)
        if not self.overdue:
            return as_sentence(deadline)
        return f"Ещё не сдали {number(len(self.missing))} из {number(self.total)}; {deadline}."


# --- the three answers at the top -------------------------------------------------------------------------------------


def standing(overview: Overview) -> Standing:
    """How many indicators are noticeably better, worse, the same; what has no direction is not judged."""
    better = worse = same = unknown = 0
    for one in overview.with_data:
        if one.better == "none" or one.difference is None:
            unknown += 1
        elif not one.turn:
            same += 1
        elif one.worsened:
            worse += 1
        else:
            better += 1
    return Standing(overview.year - 1, better, worse, same, unknown)


def worst_of(overview: Overview) -> IndicatorHistory | None:
    """The indicator farthest from its target, else the one that lost most; None where neither is known."""
    below, worse = _below(overview), _worse(overview)
    return next(iter([*below, *worse]), None)


def worst_words(history: IndicatorHistory) -> str:
    """Why it is the worst: how far from its target, else how it fell."""
    return as_sentence(target_words(history)) if history.target_met is False else trend_sentence(history)


_HANDED_IN = Count("submissions", filter=Q(submissions__state__in=HANDED_IN))


def lateness(municipality: Municipality, now: datetime) -> Lateness | None:
    """Who is late in the newest collection that has begun; None before the first. At most three queries."""
    begun = list(Campaign.objects.filter(municipality=municipality, opens_at__lte=now).annotate(handed_in=_HANDED_IN))
    newest = max((one.year for one in begun), default=0)
    campaigns = {one.pk: one for one in begun if one.year == newest}
    if not campaigns:
        return None
    today = timezone.localtime(now).date()
    waiting = Submission.objects.filter(campaign__in=campaigns).exclude(state__in=HANDED_IN)
    waiting = waiting.select_related("school").prefetch_related("extensions").order_by("school__sort_key")
    waiting = waiting.only("campaign", "year", "state", "due_at", "school__name", "school__closed")
    overdue: dict[str, int] = {}
    missing: list[str] = []
    expected = 0
    for form in waiting:
        campaign = campaigns[form.campaign_id]
        if not is_expected(form, campaign, today):
            continue
        expected += 1
        due = form.deadline_in(campaign)
        if due < now:
            days = max((today - timezone.localtime(due).date()).days, 1)
            overdue[form.school.name] = max(overdue.get(form.school.name, 0), days)
        else:
            missing.append(form.school.name)
    longest = sorted(overdue.items(), key=lambda pair: -pair[1])
    nearest = min(campaigns.values(), key=lambda one: (one.closes_at < now, one.closes_at))
    return Lateness(
        year=newest,
        overdue=tuple(LateSchool(*pair) for pair in longest),
        missing=tuple(missing),
        total=sum(one.handed_in for one in campaigns.values()) + expected,
        closes_at=nearest.closes_at,
    )


# --- at most seven lines ----------------------------------------------------------------------------------------------


def unaccepted(municipality: Municipality, year: int, version: Version | None = None) -> Unaccepted:
    """What of the year's frozen lists was not accepted (up to a version); one query where nothing waits, else two."""
    acceptances = AcceptedForm.objects.filter(submission=OuterRef("pk"))
    if version:
        acceptances = acceptances.filter(pk__lte=version.id)
    closes = date(year + 1, 8, 31)
    forms = Submission.objects.filter(municipality=municipality, year=year).annotate(done=Exists(acceptances))
    asked = forms.filter(Q(done=True) | Q(school__closed=None) | Q(school__closed__gt=closes))
    waiting = list(asked.filter(done=False).order_by("school__sort_key").values_list("school", "school__name", "form"))
    if not waiting:
        return Unaccepted()
    done: set[int] = set()
    totals: dict[tuple[int, str], int] = defaultdict(int)
    for school, form, title, accepted in asked.values_list("school", "form", "form__title", "done"):
        totals[form, title] += 1
        if accepted:
            done.add(school)
    left = Counter(form for _, _, form in waiting)
    return Unaccepted(
        tuple(dict.fromkeys(name for school, name, _ in waiting if school not in done)),
        tuple((title, left[form], total) for (form, title), total in sorted(totals.items()) if left[form]),
    )


def attention(overview: Overview, waiting: Unaccepted) -> tuple[AttentionLine, ...]:
    """At most seven lines: farthest from the target, worsened, a jump, schools without accepted data, coverage."""
    below = _below(overview)[:_LINES_BELOW_TARGET]
    chosen = [_indicator_line(one, as_sentence(target_words(one))) for one in below]
    told = {one.code for one in below}
    worse = [one for one in _worse(overview) if one.code not in told][:_LINES_WORSENED]
    chosen += [_indicator_line(one, trend_sentence(one)) for one in worse]
    chosen += _jumped([one for one in overview.with_data if jumped(one.difference, one.now) and one not in worse])
    chosen += _waiting(waiting)
    chosen += _uncovered(overview)
    return tuple(chosen[:MOST_LINES])


def _below(overview: Overview) -> list[IndicatorHistory]:
    """Those that miss their target with enough schools behind the value to say so, the farthest first."""
    return sorted((one for one in overview.with_data if one.target_met is False), key=_distance, reverse=True)


def _worse(overview: Overview) -> list[IndicatorHistory]:
    """Those that noticeably changed the wrong way, the greatest loss first."""
    return sorted((one for one in overview.with_data if one.worsened), key=_relative_loss)


def _distance(history: IndicatorHistory) -> Fraction:
    """How far the value is from the target, as a part of the target."""
    if history.target is None or history.value is None:
        return Fraction(0)
    return abs(history.value - history.target) / (history.target or 1)


def _relative_loss(history: IndicatorHistory) -> Fraction:
    before = history.points[-2].value or Fraction(1)
    change = history.difference or Fraction(0)
    return (-change if history.better == "down" else change) / before


def _indicator_line(history: IndicatorHistory, sentence: str) -> AttentionLine:
    text = f"{history.code} {history.name}: {short_value(history.now)}. {sentence}"
    return AttentionLine(text, "monitoring:indicator", (history.code,))


def _jumped(histories: Sequence[IndicatorHistory]) -> list[AttentionLine]:
    """One line for all changes of W902, for better or worse, led by the greatest."""
    if not histories:
        return []
    most = max(histories, key=lambda one: abs(one.difference or Fraction()))
    also = f" Других резких изменений: {len(histories) - 1}." if histories[1:] else ""
    line = _indicator_line(most, f"{trend_sentence(most)} Проверьте числа (W902).{also}")
    return [replace(line, text=f"Резкое изменение: {line.text}")]


def _waiting(waiting: Unaccepted) -> list[AttentionLine]:
    """Schools of the frozen lists that have nothing accepted; without such, forms that are not accepted yet."""
    if waiting.schools:
        schools = plural(len(waiting.schools), "школа", "школы", "школ")
        text = f"Нет принятых данных: {schools} ({listed(waiting.schools, _NAMES)})."
    elif waiting.forms:
        title, count, total = waiting.forms[0]
        text = f"Не приняты формы «{title}»: {number(count)} из {number(total)}."
    else:
        return []
    return [AttentionLine(text, "monitoring:collection")]


def _uncovered(overview: Overview) -> list[AttentionLine]:
    """One line for all indicators that lack schools, led by the one that lacks most."""
    partial = [one for one in overview.with_data if one.now is not None and one.now.used < one.now.expected]
    if not partial:
        return []
    worst = max(partial, key=lambda one: one.now.expected - one.now.used if one.now else 0)
    many = plural(len(partial), "показатель", "показателя", "показателей")
    text = f"Неполные данные: {many}; меньше всего – {worst.code} ({coverage_words(worst.now)})."
    return [AttentionLine(text, "monitoring:indicator", (worst.code,))]
