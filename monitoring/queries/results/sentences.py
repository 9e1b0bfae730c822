"""What the numbers say in words: values, coverage, trends, conclusions, and how a collection goes.

Pure functions over the dataclasses of `overview.py`; page and paper print the same sentence. «Рост» and «снижение» are
said only of a noticeable change of more than one person, never across a changed definition (features E5, ux C3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from django.utils import timezone

from monitoring.arithmetic import RANK_BASE, Measured
from monitoring.enums import FormState, IndicatorKind
from monitoring.models import Campaign
from monitoring.queries.campaigns.board import Progress
from monitoring.queries.results.overview import IN_TABLES, IndicatorHistory, YearPoint
from portal.formats import (
    INAPPLICABLE,
    NBSP,
    NO_DATA,
    coverage,
    date_digits,
    decimal,
    number,
    percent,
    plural,
    plural_form,
    points,
    round_half_up,
    school_year_genitive,
    school_year_prepositional,
    school_year_short,
    share,
    signed,
)

# First word of an indicator's name → the word of the sentences and its gender.
_SUBJECTS = {"доля": ("Доля", "f"), "охват": ("Охват", "m"), "количество": ("Количество", "n")}
_VERBS = {
    "grew": {"f": "выросла", "m": "вырос", "n": "выросло"},
    "fell": {"f": "снизилась", "m": "снизился", "n": "снизилось"},
    "same": {"f": "почти не изменилась", "m": "почти не изменился", "n": "не изменилось"},
    "equal": {"f": "не изменилась", "m": "не изменился", "n": "не изменилось"},
    "growing": {"f": "росла", "m": "рос", "n": "росло"},
    "falling": {"f": "снижалась", "m": "снижался", "n": "снижалось"},
    "staying": {"f": "почти не менялась", "m": "почти не менялся", "n": "не менялось"},
}
_STEPS = {1: "grew", -1: "fell", 0: "same"}
_STEADY = {1: "growing", -1: "falling", 0: "staying"}
# How many forms are in a state, as the line of the collection says it; «сдали» counts the sent ones together.
_PROGRESS = {
    FormState.UNDER_REVIEW: "на проверке",
    FormState.ACCEPTED: "приняты",
    FormState.REOPENED: "открыты для корректировки",
    FormState.RETURNED: "возвращены",
    FormState.FILLING: "заполняют",
    FormState.NOT_STARTED: "не начали",
}
# Stem in the name of an indicator → the people of its base: one, few, many.
_PEOPLE = {
    "родител": ("родитель", "родителя", "родителей"),
    "выпускник": ("выпускник", "выпускника", "выпускников"),
    "обучающ": ("обучающийся", "обучающихся", "обучающихся"),
    "воспитанник": ("воспитанник", "воспитанника", "воспитанников"),
    "школ": ("школа", "школы", "школ"),
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is to be done about a campaign, and which rows of its board are meant."""

    text: str
    campaign: Campaign
    state: str = ""


# --- values -----------------------------------------------------------------------------------------------------------


def value_words(measured: Measured | None) -> str:
    """«67,3 % (282 из 419)», «3 из 7» on a small base, «23» for a count; «…» no value, «х» inapplicable."""
    if measured is not None and not measured.expected:
        return INAPPLICABLE
    if measured is None or measured.value is None:
        return NO_DATA
    return number(measured.numerator) if measured.is_count else share(measured.numerator, measured.denominator)


def value_of(value: Fraction | None, kind: IndicatorKind) -> str:
    """A value without its fraction, such as a median: «62,1 %», or for a count «12» and «12,5»."""
    if value is None or kind != IndicatorKind.COUNT:
        return percent(value)
    return decimal(value, 0 if value.denominator == 1 else 1)


def value_and_fraction(measured: Measured | None) -> tuple[str, str]:
    """«67,3 %» and «282 из 419»; no fraction where the value already is a count or there is none."""
    value, _, fraction = value_words(measured).partition(" (")
    return value, fraction.removesuffix(")")


def short_value(measured: Measured | None) -> str:
    """The value without its fraction, for a title or a tile: «67,3 %», «3 из 7», «23»."""
    return value_and_fraction(measured)[0]


def fraction_words(measured: Measured | None) -> str:
    """«282 из 419» beside a percentage; empty where the value already is a count or there is none."""
    return value_and_fraction(measured)[1]


def coverage_words(measured: Measured | None) -> str:
    """«по данным 19 из 19 школ; не относится: 8 школ»; empty where nothing was expected."""
    if measured is None or not measured.expected:
        return ""
    words = coverage(measured.used, measured.expected)
    if measured.outside:
        words += f"; не относится: {plural(measured.outside, 'школа', 'школы', 'школ')}"
    return words


def difference_words(history: IndicatorHistory) -> str:
    """«+2,1 п. п.», «+5» for a count; «показатель изменён» across a break; «…» where one of the two is missing."""
    if len(history.points) - 1 in history.breaks:
        return "показатель изменён"
    if history.difference is None:
        return NO_DATA
    return signed(int(history.difference)) if history.is_count else points(history.difference)


def people_words(history: IndicatorHistory) -> str:
    """The change of a share told in people: «≈ 9 выпускников»; empty for a count, for nobody and for no difference."""
    if not history.people or history.is_count:
        return ""
    return f"≈{NBSP}{plural(abs(history.people), *_people_of(history))}"


def target_value(history: IndicatorHistory) -> str:
    """The target by itself: «60 %», «62,5 %», «25»; empty where none is set.

    While most schools are not in yet: «целевое значение 60 %, судить рано».
    """
    if history.target is None:
        return ""
    shown = history.target if history.is_count else history.target * 100
    whole = round_half_up(shown, 1) == round_half_up(shown)
    return decimal(shown, 0 if whole else 1) + ("" if history.is_count else f"{NBSP}%")


def target_words(history: IndicatorHistory) -> str:
    """«целевое значение 60 % достигнуто», «… не достигнуто, не хватает 12 выпускников»; empty where none is set.

    While most schools are not in yet: «целевое значение 60 %, судить рано».
    """
    if history.target is None:
        return ""
    words = f"целевое значение {target_value(history)}"
    if history.target_met is None:
        return f"{words}, {'данных нет' if history.value is None else 'судить рано'}"
    if history.target_met:
        return f"{words} достигнуто"
    missing = history.missing_to_target or 0
    amount = number(missing) if history.is_count else plural(missing, *_people_of(history, after_verb=True))
    return (
        f"{words} превышено на {amount}" if history.better == "down" else f"{words} не достигнуто, не хватает {amount}"
    )


# --- trends -----------------------------------------------------------------------------------------------------------


def trend_sentence(history: IndicatorHistory) -> str:
    """«Доля выросла на 2,1 п. п. (≈ 9 выпускников) к 2020/21 уч. году.» or why there is nothing to compare."""
    if len(history.points) < 2:
        return "Сравнивать не с чем: показаны данные одного года."
    before = history.points[-2]
    if history.value is None:
        return f"Данных за {_year_words(history.points[-1])} нет."
    if len(history.points) - 1 in history.breaks:
        return (
            f"С {school_year_genitive(history.points[-1].year)} показатель изменён, "
            "поэтому с предыдущими годами он не сравнивается."
        )
    if before.value is None:
        return f"Данных за {_year_words(before)} нет, поэтому изменение не показано."
    if history.difference is None:
        return f"Изменение не показано: {_obstacle(history.points[-2:])}."
    subject, gender = _subject(history)
    year = f"к{NBSP}{school_year_short(before.year)} уч.{NBSP}году"
    people = f" ({people_words(history)})" if people_words(history) else ""
    if history.difference == 0:
        return f"{subject} {_VERBS['equal'][gender]} {year}."
    if not history.turn:
        amount = f"{difference_words(history)}{people}"
        return f"{subject} {_VERBS['same'][gender]} {year}: {amount}".removesuffix(".") + "."
    amount = difference_words(history).lstrip("+−")
    return f"{subject} {_VERBS[_STEPS[history.turn]][gender]} на {amount}{people} {year}."


def three_years_sentence(history: IndicatorHistory) -> str:
    """How the value moved over the last three years, as far as they may be compared, with every value."""
    shown = _comparable(history)
    known = [point for point in shown if point.value is not None]
    if not known:
        return "Данных за эти годы нет."
    told = ", ".join(f"{value_words(one.measured)} в{NBSP}{school_year_short(one.year)}" for one in known)
    subject, gender = _subject(history)
    if len(known) == 1:
        return f"Значение есть за один год: {told} уч.{NBSP}году."
    if len(known) < len(shown):
        return f"Данные есть не за все годы: {told} уч.{NBSP}году."
    if any(one.measured is not None and (one.measured.small or not one.measured.comparable) for one in known):
        return f"Значения по годам: {told} уч.{NBSP}году. Годы не сравниваются: {_obstacle(known)}."
    return f"{subject} {_pattern(_turns(history, known), gender)}: {told} уч.{NBSP}году."


def same_schools_sentence(history: IndicatorHistory, same: tuple[Measured, Measured] | None) -> str:
    """The change over the schools with data in both years, given as (now, before); empty where there is none."""
    if same is None or len(history.points) < 2 or len(history.points) - 1 in history.breaks:
        return ""
    now, before = history.points[-1], history.points[-2]
    pair = (replace(before, measured=same[1]), replace(now, measured=same[0]))
    schools = plural(same[0].used, "школа", "школы", "школ")
    with_data = plural_form(same[0].used, "у которой", "у которых", "у которых")
    told = ", ".join(f"{value_words(one.measured)} в{NBSP}{school_year_short(one.year)}" for one in pair)
    return (
        f"По сопоставимому кругу школ ({schools}, {with_data} есть данные за оба года): {told} уч.{NBSP}году. "
        f"{trend_sentence(replace(history, points=pair))}"
    )


def conclusion(history: IndicatorHistory) -> str:
    """What follows from the trend, the target and the coverage; a path that is not judged gets no verdict."""
    sentences = [_verdict(history), as_sentence(target_words(history)) if history.target_met is not None else ""]
    now = history.now
    if now is not None and 0 < now.used < now.expected:
        sentences.append(f"Данные неполные: {coverage_words(now)}.")
    return " ".join(one for one in sentences if one)


def message(history: IndicatorHistory) -> str:
    """The title of the figure: what it says, with the number, e.g. «Доля выросла до 62,1 %»."""
    subject, gender = _subject(history)
    if history.value is None:
        known = [point for point in history.points if point.value is not None]
        if not known:
            return "Данных за эти годы нет"
        last = known[-1]
        return (
            f"В {school_year_prepositional(last.year)} – {short_value(last.measured)}, "
            f"за {school_year_short(history.points[-1].year)} данных нет"
        )
    value = short_value(history.now)
    if history.difference is None:
        return f"{subject} в {school_year_prepositional(history.points[-1].year)} – {value}"
    if history.turn:
        return f"{subject} {_VERBS[_STEPS[history.turn]][gender]} до {value}"
    return f"{subject} {_VERBS['equal' if history.difference == 0 else 'same'][gender]}: {value}"


def _verdict(history: IndicatorHistory) -> str:
    if history.difference is None:
        return ""
    if not history.turn:
        return "Положение сохраняется."
    if history.better == "none":
        return "Изменение не оценивается: ни одно направление не считается лучшим."
    return "Динамика отрицательная." if history.worsened else "Динамика положительная."


def _obstacle(years: Iterable[YearPoint]) -> str:
    """Why two known years are not compared: too small a base, or too few schools."""
    for point in years:
        if point.measured is not None and not point.measured.comparable:
            return (
                f"за {_year_words(point)} показатель посчитан {coverage(point.measured.used, point.measured.expected)}"
            )
    return "в основе показателя меньше 10 человек"


def earlier_words(history: IndicatorHistory) -> str:
    """The years before those of `three_years_sentence`: «Раньше: 9,1 % (9 из 99) в 2017/18.»; empty without any."""
    changed = max(history.breaks, default=0)
    earlier = list(enumerate(history.points))[: len(history.points) - len(_comparable(history))]
    told = [
        f"{value_words(one.measured)} в{NBSP}{school_year_short(one.year)}"
        + (" (до изменения показателя)" if place < changed else "")
        for place, one in earlier
        if one.value is not None
    ]
    return f"Раньше: {', '.join(told)}." if told else ""


def _comparable(history: IndicatorHistory) -> Sequence[YearPoint]:
    """The last three years, without those before the definition changed."""
    return history.points[max([*history.breaks, len(history.points) - IN_TABLES, 0]) :]


def _turns(history: IndicatorHistory, known: Sequence[YearPoint]) -> list[int]:
    return [
        turn_of(after.measured, before.measured, history.kind)
        for before, after in pairwise(known)
        if before.measured and after.measured
    ]


def _pattern(turns: Sequence[int], gender: str) -> str:
    if len(turns) == 1:
        return _VERBS[_STEPS[turns[0]]][gender]
    if len(set(turns)) == 1:
        return _VERBS[_STEADY[turns[0]]][gender]
    steps = [_VERBS[_STEPS[turn]][gender] for turn in turns]
    return f"сначала {steps[0]}, затем {steps[-1]}"


def turn_of(now: Measured, before: Measured, kind: IndicatorKind) -> int:
    """+1, −1 or 0 between two measured years, by the same rule as `IndicatorHistory.turn`."""
    points_of_two = (YearPoint(0, "", before), YearPoint(1, "", now))
    return IndicatorHistory("", "", "", kind, "none", points_of_two, None).turn


def _subject(history: IndicatorHistory) -> tuple[str, str]:
    first = history.name.partition(" ")[0].casefold()
    return _SUBJECTS.get(first, ("Количество", "n") if history.is_count else ("Доля", "f"))


def _people_of(history: IndicatorHistory, *, after_verb: bool = False) -> tuple[str, str, str]:
    """The noun of the base; after «не хватает» it stands in the genitive, so that one is «выпускника» too."""
    name = history.name.casefold()
    found = [(name.find(stem), nouns) for stem, nouns in _PEOPLE.items() if stem in name]
    one, few, many = min(found)[1] if found else ("человек", "человека", "человек")
    if not after_verb:
        return one, few, many
    return ("обучающегося" if one == "обучающийся" else few if found else "человека"), many, many


def _year_words(point: YearPoint) -> str:
    return f"{school_year_short(point.year)} уч.{NBSP}год"


def as_sentence(words: str) -> str:
    """The words with a capital and a full stop; nothing stays nothing."""
    return f"{words[:1].upper()}{words[1:]}." if words else ""


# --- the collection ---------------------------------------------------------------------------------------------------


def progress_words(progress: Progress, now: datetime) -> str:
    """«Сдали 31 из 52 · на проверке 6 · возвращены 3 · не начали 4 · осталось 5 дней (до 20.06.2026, 23:59)»."""
    counts = dict(progress.by_state)
    parts = [f"Сдали {number(progress.sent)} из {number(progress.total)}"]
    parts += [f"{words} {number(counts[state])}" for state, words in _PROGRESS.items() if counts.get(state)]
    return " · ".join([*parts, deadline_words(progress.campaign.closes_at, now)])


def next_steps(progress: Progress, now: datetime) -> list[NextStep]:
    """What the department may do next about a campaign: check, telephone, close; nothing once it is closed."""
    campaign, counts = progress.campaign, dict(progress.by_state)
    if campaign.closed_at is not None or now < campaign.opens_at:
        return []
    steps = []
    if waiting := counts.get(FormState.SENT, 0):
        steps.append(NextStep(f"Ждут проверки: {plural(waiting, 'форма', 'формы', 'форм')}.", campaign, "sent"))
    if checking := counts.get(FormState.UNDER_REVIEW, 0):
        steps.append(
            NextStep(f"Взяты на проверку: {plural(checking, 'форма', 'формы', 'форм')}.", campaign, "under_review")
        )
    missing = progress.total - progress.sent
    if missing and now > campaign.closes_at:
        schools = plural(missing, "школа", "школы", "школ")
        steps.append(NextStep(f"Срок прошёл, не сдали: {schools}. Напомните или продлите срок.", campaign, "missing"))
    if progress.total and counts.get(FormState.ACCEPTED, 0) == progress.total:
        steps.append(NextStep("Все формы приняты. Сбор можно завершить.", campaign))
    return steps


def deadline_words(closes_at: datetime, now: datetime) -> str:
    """«осталось 5 дней (до 20.06.2026, 23:59)», «последний день (…)», «срок прошёл 20.06.2026»."""
    local = timezone.localtime(closes_at)
    days = (local.date() - timezone.localtime(now).date()).days
    if now > closes_at:
        return f"срок прошёл {date_digits(local.date())}"
    remained = plural_form(days, "остался", "осталось", "осталось")
    left = f"{remained} {plural(days, 'день', 'дня', 'дней')}" if days else "последний день"
    return f"{left} (до {date_digits(local.date())}, {local:%H:%M})"


def rank_note() -> str:
    """Why some schools stand outside the comparison."""
    return f"Школы, у которых в основе показателя меньше {RANK_BASE} человек, в сравнении не участвуют."
