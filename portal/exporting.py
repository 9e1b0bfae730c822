"""Registers as tables with codes: the same columns that an import of schools takes, and the people of a place."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.utils import timezone

from portal.formats import date_digits, ranges
from portal.importing import SchoolResource
from portal.models import Membership, School
from portal.workbooks import write_csv, write_table

ENDINGS = ("xlsx", "csv")
SCHOOL_HEAD = [*SchoolResource.titles.values(), "Закрыта", "Код преемницы"]
PEOPLE_HEAD = [
    "Фамилия, имя, отчество",
    "Электронная почта",
    "Телефон",
    "Должность",
    "Роль",
    "Код роли",
    "Место работы",
    "Код школы",
    "С",
    "По",
    "Доступ",
]


def schools_table(schools: Iterable[School], place: str, ending: str = "xlsx") -> bytes:
    """Schools as one of ENDINGS; `successor` must be joined. What was exported can be corrected and imported again."""
    rows = (
        [
            school.code,
            school.name,
            school.get_kind_display(),
            school.get_locality_display(),
            ranges(school.grades) or "нет",
            school.opened,
            school.closed,
            school.successor.code if school.successor else None,
        ]
        for school in schools
    )
    return _written("Школы", SCHOOL_HEAD, rows, f"{place}. Список школ на {_today()}.", ending)


def people_table(memberships: Iterable[Membership], place: str, ending: str = "xlsx") -> bytes:
    """People with the codes of their roles and schools as one of ENDINGS."""
    rows = (
        [
            one.user.full_name,
            one.user.email,
            one.user.phone,
            one.user.position,
            one.role_label,
            one.role,
            one.place_label,
            one.school.code if one.school else None,
            one.since,
            one.until,
            "открыт" if one.user.is_active else "закрыт",
        ]
        for one in memberships
    )
    note = f"{place}. Сотрудники на {_today()}. В таблице личные данные: храните её там, где их хранят по правилам."
    return _written("Сотрудники", PEOPLE_HEAD, rows, note, ending)


def _written(title: str, head: list[str], rows: Iterable[Sequence[object]], note: str, ending: str) -> bytes:
    """A CSV is for programs: it has no note, and its days are written as a person reads them."""
    if ending == "csv":
        return write_csv(head, ([date_digits(one) if isinstance(one, date) else one for one in row] for row in rows))
    return write_table(title, head, rows, note)


def _today() -> str:
    return date_digits(timezone.localdate())
