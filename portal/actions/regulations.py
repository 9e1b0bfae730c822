"""Keeping the register of acts (НПА): adding, changing, and deleting one that nothing rests on (features H15)."""

import datetime
from dataclasses import dataclass, fields

from django.db import transaction
from django.utils import timezone

from portal.actions.refusal import ActionRefused
from portal.checks import act_faults, replaces_itself
from portal.models import Municipality, Regulation
from portal.queries import used_by_others


@dataclass(frozen=True, slots=True)
class Act:
    """What the register says of an act; an empty `valid_from` means its own date."""

    kind: str
    issuer: str
    number: str
    date: datetime.date
    title: str
    valid_from: datetime.date | None = None
    valid_until: datetime.date | None = None
    replaced_by: Regulation | None = None


@transaction.atomic
def add_regulation(*, municipality: Municipality, act: Act) -> Regulation:
    """Enter an act into the register. Raises ActionRefused where it is there already or its dates are impossible."""
    return _write(Regulation(municipality=municipality), act)


@transaction.atomic
def change_regulation(*, regulation: Regulation, act: Act) -> Regulation:
    """Correct an act. Raises ActionRefused as `add_regulation` does."""
    return _write(Regulation.objects.select_for_update().get(pk=regulation.pk), act)


@transaction.atomic
def delete_regulation(*, regulation: Regulation) -> None:
    """Take an act out of the register. Raises ActionRefused where something rests on it."""
    locked = Regulation.objects.select_for_update().get(pk=regulation.pk)
    if used_by_others(locked):
        raise ActionRefused("На этот документ ссылается сбор данных или отчёт, поэтому удалить его нельзя.")
    if locked.replaces.exists():
        raise ActionRefused("Этот документ указан как замена другого, поэтому удалить его нельзя.")
    locked.delete()


def _write(regulation: Regulation, act: Act) -> Regulation:
    town = Municipality.objects.select_for_update().get(pk=regulation.municipality_id)  # its register has one writer
    if act.replaced_by is not None and act.replaced_by.municipality_id != town.pk:
        raise ActionRefused("Заменяющий документ должен быть из этого же реестра.")
    same = Regulation.objects.filter(municipality=town, kind=act.kind, number=act.number, date=act.date)
    if same.exclude(pk=regulation.pk).exists():
        raise ActionRefused("Такой документ в реестре уже есть: совпадают вид, номер и дата.")
    faults = act_faults(
        dated=act.date,
        valid_from=act.valid_from,
        valid_until=act.valid_until,
        replaced_by=act.replaced_by,
        today=timezone.localdate(),
    )
    successors = dict(Regulation.objects.filter(municipality=town).values_list("pk", "replaced_by"))
    if regulation.pk and replaces_itself(regulation, act.replaced_by, successors):
        faults["replaced_by"] = "Документ не может заменять сам себя, даже через другие документы. Выберите другой."
    earlier = regulation.replaces.order_by("-date").first() if regulation.pk else None
    if earlier and earlier.date > act.date:
        faults["date"] = "Документ заменяет более поздний документ. Исправьте дату."
    if faults:
        raise ActionRefused(" ".join(faults.values()))
    for field in fields(act):
        setattr(regulation, field.name, getattr(act, field.name))
    regulation.save()
    return regulation
