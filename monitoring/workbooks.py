"""The layout of a form's workbook: which sheets it has and what stands in which column; written and read by it."""

from collections.abc import Mapping
from enum import IntEnum

from portal.formats import school_year_short

FORMAT = "1"  # grows when the layout below changes; an older workbook is then refused
HIDDEN = "Служебный лист"
MARK = "section:"
HEADER_ROW = 4  # 0-based
# Titles of sheets may not hold these, nor be longer than 31 characters.
_BAD = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


class Column(IntEnum):
    """The columns of a section's sheet, 0-based; the first is hidden."""

    CODE = 0
    NUMBER = 1
    NAME = 2
    UNIT = 3
    LAST_YEAR = 4
    VALUE = 5
    REASON = 6


def header_of(year: int) -> tuple[str, ...]:
    """What stands above the columns of a form of that year."""
    return (
        "Код",
        "№",
        "Показатель",
        "Ед. изм.",
        school_year_short(year - 1),
        school_year_short(year),
        "Почему нет данных",
    )


def sheet_titles(sections: Mapping[str, str]) -> dict[str, str]:
    """The title of each section's sheet, by the section's code, in the order of the form."""
    return {
        code: f"{number}. {title.translate(_BAD)}"[:31].strip()
        for number, (code, title) in enumerate(sections.items(), 1)
    }
