"""Entering municipalities: the work of the installation's administrator."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.text import slugify

from portal.actions.refusal import ActionRefused
from portal.models import Municipality, Region


@transaction.atomic
def add_municipality(*, region: str, slug: str, time_zone: str, **names: str) -> Municipality:
    """Enter a municipality; a region of that name is made where there is none. `names` are its other fields."""
    try:
        validate_slug(slug)
    except ValidationError as wrong:
        raise ActionRefused(
            f"Короткое имя «{slug}» не подходит: нужны латинские буквы, цифры, дефис и подчёркивание."
        ) from wrong
    if Municipality.objects.filter(slug=slug).exists():
        raise ActionRefused(f"Муниципалитет с коротким именем «{slug}» уже есть.")
    if time_zone not in zoneinfo.available_timezones():
        raise ActionRefused(f"Часового пояса «{time_zone}» нет. Пример: Asia/Novokuznetsk.")
    for name, words in names.items():
        if name != "oktmo" and not words:
            raise ActionRefused(f"Значение --{name.replace('_', '-')} пустое.")
    place = Region.objects.filter(name=region).first() or _region(region, slug)
    return Municipality.objects.create(region=place, slug=slug, time_zone=time_zone, **names)


def _region(name: str, slug: str) -> Region:
    """A new region. Its name is Russian, so the short name is that of the first municipality."""
    if not name:
        raise ActionRefused("Значение --region пустое.")
    wanted = slugify(name) or f"region-of-{slug}"
    return Region.objects.create(name=name, slug=wanted[:50])
