"""How a cell of a register is understood; a ValueError is the sentence about that cell."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from import_export.widgets import Widget

from portal.checks import GRADES
from portal.formats import search_key

EMPTY = "Ячейка пуста. Заполните её."
_DATE = re.compile(r"\d{2}\.\d{2}\.\d{4}")


class WordWidget(Widget):
    """A closed list in words as on screen, or as the portal's own code; case and «ё» do not matter."""

    def __init__(self, choices: Sequence[tuple[str, str]], what: str) -> None:
        super().__init__()
        self.labels = dict(choices)
        self.words = {search_key(word): code for code, label in choices for word in (code, label)}
        self.what = what

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> str:
        if code := self.words.get(search_key(value or "")):
            return code
        known = ", ".join(f"«{label}»" for label in self.labels.values())
        said = f"{self.what} «{value}» порталу не известен" if value else f"{self.what} не указан"
        raise ValueError(f"{said}. Подходит одно из: {known}.")


class GradesWidget(Widget):
    """«1–11», «1-4, 5-9», «10; 11»; empty or «нет» where there are none."""

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> list[int]:
        text = search_key(value or "")
        if _DATE.fullmatch(text):
            raise ValueError("Вместо классов стоит дата: табличный редактор сам сделал её из «1-11». Введите «1–11».")
        grades: set[int] = set()
        if text in {"", "нет", "классов нет", "–", "-"}:
            return []
        for part in re.split(r"\s*[,;]\s*", text):
            found = re.fullmatch(r"([0-9]{1,2})(?:\s*[-–—]\s*([0-9]{1,2}))?", part)
            first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
            if first > last or first not in GRADES or last not in GRADES:
                raise ValueError(f"Классы «{value}» не понятны. Запишите их так: «1–11» или «1–4, 7, 9».")
            grades.update(range(first, last + 1))
        return sorted(grades)


class DayWidget(Widget):
    """«01.09.1998» or «1998-09-01»; empty where it is not known."""

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> date | None:
        if not value:
            return None
        for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
            try:
                return datetime.strptime(value, pattern).date()  # noqa: DTZ007 – a day has no zone
            except ValueError:
                continue
        raise ValueError(f"Дата «{value}» не понятна. Запишите её так: 01.09.1998.")


class TextWidget(Widget):
    """A text that must be there."""

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> str:
        if not value:
            raise ValueError(EMPTY)
        return value
