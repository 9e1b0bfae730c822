"""How are the grades and the sums of a catalogue said in Russian?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from monitoring.catalogue.records import ALL_GRADES, LONG_TEXT, Catalogue, ElementRecord, IndicatorRecord

Name = TypeVar("Name", bound=Hashable)

_NOMINATIVE = ("класс", "классы")
_OF_GRADES = ("классов", "классов")  # «выпускников 9 классов», as the orders say
# A first word that answers «не больше, чем скольких?»: only such a name may follow «чем» outside quotes.
_GENITIVE = re.compile(r"всего\b|\w+(их|ых|ихся|ов|ев)\b", re.IGNORECASE)
_PART = re.compile(r"из них ", re.IGNORECASE)


def grades_label(grades: Iterable[int], plural: tuple[str, str] = _NOMINATIVE) -> str:
    """Name grades: «9 класс», «9–11 классы», «9 и 11 классы», «5–9 и 11 классы»; "" for none.

    `plural` is the word for one grade and for several, so that another case can be asked for: ("класса", "классов").
    """
    runs: list[tuple[int, int]] = []
    for grade in sorted(set(grades)):
        if runs and runs[-1][1] == grade - 1:
            runs[-1] = (runs[-1][0], grade)
        else:
            runs.append((grade, grade))
    if not runs:
        return ""
    single = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"{_listed([str(a) if a == b else f'{a}–{b}' for a, b in runs])} {plural[0] if single else plural[1]}"


def quoted(name: str) -> str:
    """A name in «»; quotes inside it become „“, for Russian print does not double its marks."""
    return f"«{name.replace('«', '„').replace('»', '“')}»"


def implied_message(indicator: IndicatorRecord, catalogue: Catalogue) -> str:
    """Say in words that the numerator of a share is not larger than its denominator.

    The numerator is named by its rows as the page prints them, the denominator by what it counts where its name stands
    in the genitive («обучающихся 9–11 классов»), else by its rows too.
    """
    parts = [catalogue.element[term.element] for term in indicator.numerator]
    whole = [catalogue.element[term.element] for term in indicator.denominator]
    message = f"В {_rows(parts, catalogue)} должно быть не больше, чем {_counted(whole, catalogue)}"
    short = f"Числитель показателя {indicator.code} должен быть не больше его знаменателя"
    return message if len(message) <= LONG_TEXT else short


def _rows(elements: Sequence[ElementRecord], catalogue: Catalogue) -> str:
    """«строке «Лекции»» or «строках «…» и «…» вместе»; grades tell apart rows of one name."""
    namesakes = Counter(element.name for element in catalogue.elements)
    labels = []
    for name, grades in _by_name((element.name, element.grades) for element in elements):
        shown = f", {grades_label(grades)}" if namesakes[name] > 1 and grades else ""
        labels.append(quoted(name + shown))
    return f"строке {labels[0]}" if len(elements) == 1 else f"строках {_listed(labels)} вместе"


def _counted(elements: Sequence[ElementRecord], catalogue: Catalogue) -> str:
    """«обучающихся 9–11 классов», «всего обучающихся», or «в строке «Воспитанники 5–7 лет»»."""
    phrases = []
    for (head, tail), grades in _by_name((_head_and_tail(element, catalogue), element.grades) for element in elements):
        if not _GENITIVE.match(head):
            return f"в {_rows(elements, catalogue)}"
        everyone = tuple(sorted(grades)) == ALL_GRADES
        first = head[:1].lower() + head[1:]
        if everyone and not first.startswith("всего "):
            first = f"всего {first}"
        phrases.append(" ".join(filter(None, (first, "" if everyone else grades_label(grades, _OF_GRADES), tail))))
    return _listed(phrases)


def _head_and_tail(element: ElementRecord, catalogue: Catalogue) -> tuple[str, str]:
    """Whom an element counts: «Из них с ОВЗ» below «Обучающихся» is («Обучающихся», «с ОВЗ»)."""
    name = re.sub(r" \([^()]*\)$", "", element.name)
    if not _PART.match(name):
        return name, ""
    above = [
        other.name
        for other in catalogue.elements
        if other.section == element.section and other.order < element.order and not _PART.match(other.name)
    ]
    return (re.sub(r" \([^()]*\)$", "", above[-1]), _PART.sub("", name, count=1)) if above else (name, "")


def _by_name(named: Iterable[tuple[Name, tuple[int, ...]]]) -> list[tuple[Name, set[int]]]:
    merged: dict[Name, set[int]] = {}
    for name, grades in named:
        merged.setdefault(name, set()).update(grades)
    return list(merged.items())


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} и {parts[-1]}"
