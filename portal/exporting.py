"""Registers as tables with codes: the same columns that an import of schools takes, and the people of a place."""

from collections.abc import Iterable

from django.utils import timezone

from portal.formats import date_digits, ranges
from portal.importing import SchoolResource
from portal.models import Membership, School
from portal.workbooks import write_table

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


def schools_table(schools: Iterable[School], place: str) -> bytes:
    """An XLSX of schools; `successor` must be joined. What was exported can be corrected and imported again."""
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
    return write_table("Школы", SCHOOL_HEAD, rows, f"{place}. Список школ на {_today()}.")


def people_table(memberships: Iterable[Membership], place: str) -> bytes:
    """An XLSX of people with the codes of their roles and schools."""
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
    return write_table("Сотрудники", PEOPLE_HEAD, rows, note)


def _today() -> str:
    return date_digits(timezone.localdate())
