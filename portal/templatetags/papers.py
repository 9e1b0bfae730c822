"""The portal's Russian numbers, years and plurals in templates; each filter only calls portal/formats.py."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template

from portal import formats
from portal.models import Membership

register = template.Library()


@register.filter
def year_words(year: int) -> str:
    """2021 → «2021/2022 учебный год»."""
    return formats.school_year(int(year))


@register.filter
def year_short(year: int) -> str:
    """2021 → «2021/22»."""
    return formats.school_year_short(int(year))


@register.filter
def days(count: int) -> str:
    return formats.plural(int(count), "день", "дня", "дней")


@register.filter
def errors(count: int) -> str:
    """«1 ошибку», «2 ошибки», «5 ошибок»."""
    return formats.plural(int(count), "ошибку", "ошибки", "ошибок")


@register.filter
def item(mapping: Mapping[str, Any], key: str) -> Any:
    """The value of a mapping by a key that is itself a variable; empty where it is missing."""
    return mapping.get(key, "")


@register.filter
def may(membership: Membership | None, permission: str) -> bool:
    """Whether the member may do what an address asks for: a link that would be refused is not shown."""
    return membership is not None and membership.may(permission)


@register.filter
def listed(things: Sequence[object]) -> str:
    """«Школа № 1, Школа № 2 и ещё 3»."""
    return formats.listed([str(one) for one in things])
