"""Keeping the register of schools: adding, changing, closing and opening again. Nothing of the past is rewritten."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.actions.refusal import ActionRefused
from portal.checks import closing_faults, school_faults
from portal.models import Municipality, School
from portal.queries import used_by_others

CODE_TAKEN = "Школа с кодом «{code}» в муниципалитете уже есть. Укажите другой код."
CODE_IS_PERMANENT = "По школе уже есть данные, поэтому её код изменить нельзя."


@dataclass(frozen=True, slots=True)
class Passport:
    """What the register says of a school."""

    code: str
    name: str
    kind: str
    locality: str
    grades: list[int]
    opened: date | None = None


@transaction.atomic
def add_school(*, municipality: Municipality, passport: Passport) -> School:
    """Enter a school into the register. Raises ActionRefused where its code is taken or something is wrong with it."""
    _one_at_a_time(municipality)
    return _write(School(municipality=municipality), passport)


@transaction.atomic
def change_school(*, school: School, passport: Passport) -> School:
    """Correct a school's passport. Campaigns launched before keep the kind and the grades of their launch.

    Raises ActionRefused where the code is taken, or changes though data already stand under it.
    """
    _one_at_a_time(school.municipality)
    locked = School.objects.select_for_update().get(pk=school.pk)
    if passport.code != locked.code and used_by_others(locked):
        raise ActionRefused(CODE_IS_PERMANENT)
    return _write(locked, passport)


@transaction.atomic
def close_school(*, school: School, on: date, successor: School | None = None) -> School:
    """Mark a school closed from a day on, merged into a successor of the same municipality where there is one.

    Raises ActionRefused where the day or the successor is impossible.
    """
    locked = School.objects.select_for_update().get(pk=school.pk)
    if successor is not None and successor.municipality_id != locked.municipality_id:
        raise ActionRefused("Преемница должна быть из того же муниципалитета.")
    faults = closing_faults(locked, on=on, successor=successor, today=timezone.localdate())
    if successor is not None and _leads_to(successor, locked):
        faults.setdefault("successor", "Эта школа сама присоединена к закрываемой. Выберите другую.")
    if faults:
        raise ActionRefused(" ".join(faults.values()))
    locked.closed, locked.successor = on, successor
    locked.save()
    _tell_apps(locked.municipality)
    return locked


@transaction.atomic
def reopen_school(*, school: School) -> School:
    """Take back a closing: from now on the school takes part in new campaigns again."""
    locked = School.objects.select_for_update().get(pk=school.pk)
    locked.closed = locked.successor = None
    locked.save()
    _tell_apps(locked.municipality)
    return locked


def _tell_apps(municipality: Municipality) -> None:
    """Whom a year expects depends on who was closed, so what the apps have summed up is summed up again."""
    for name in settings.PORTAL_AFTER_CLOSING:
        import_string(name)(municipality=municipality)


def _one_at_a_time(municipality: Municipality) -> None:
    """Two people who enter the same code at once take turns, so that the second is told and not broken off."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)


def _write(school: School, passport: Passport) -> School:
    taken = School.objects.filter(municipality=school.municipality, code=passport.code).exclude(pk=school.pk)
    if taken.exists():
        raise ActionRefused(CODE_TAKEN.format(code=passport.code))
    faults = school_faults(
        name=passport.name,
        kind=passport.kind,
        grades=passport.grades,
        opened=passport.opened,
        today=timezone.localdate(),
    )
    if faults:
        raise ActionRefused(" ".join(faults.values()))
    school.code, school.name = passport.code, passport.name
    school.kind, school.locality = passport.kind, passport.locality
    school.grades, school.opened = sorted(passport.grades), passport.opened
    school.save()
    return school


def _leads_to(start: School, wanted: School) -> bool:
    """Whether the chain of successors from one school comes to another."""
    seen: set[int] = set()
    school: School | None = start
    while school is not None and school.pk not in seen:
        if school.pk == wanted.pk:
            return True
        seen.add(school.pk)
        school = school.successor
    return False
