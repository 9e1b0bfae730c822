"""Keeping tables of one's own and the region's forms: under a name that is unique in the municipality."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from monitoring.models import RegionForm, SavedTable
from portal.actions import ActionRefused
from portal.models import Membership, Municipality

LONGEST_QUERY = 2000
MOST_TABLES, MOST_FORMS = 500, 50
MOST_MARKS = 1000
CHANGED_SINCE = "Форму только что изменил другой сотрудник. Обновите страницу и повторите."

Mark = tuple[str, str, str]  # sheet, cell, mark


class NameTaken(ActionRefused):
    """A table of this name is kept already; it may be replaced."""


@transaction.atomic
def keep_table(*, municipality: Municipality, name: str, query: str, by: Membership, replace: bool) -> SavedTable:
    """Keep the choice of a table under a name; an earlier one of this name gives way only with `replace`.

    Raises NameTaken where it is taken, ActionRefused for an empty or too long choice and for too many tables.
    """
    _lock(municipality)
    if not query:
        raise ActionRefused("Сначала выберите показатели и нажмите «Показать таблицу».")
    if len(query) > LONGEST_QUERY:
        raise ActionRefused("Выбрано слишком много школ и показателей. Выберите вид школ вместо списка.")
    rows = SavedTable.objects.filter(municipality=municipality)
    earlier = rows.select_for_update().filter(name=name).first()
    if earlier is not None and not replace:
        raise NameTaken("Таблица с таким названием уже есть. Измените название или замените её.")
    if earlier is None and rows.count() >= MOST_TABLES:
        raise ActionRefused(f"Сохранено уже {MOST_TABLES} таблиц. Удалите ненужные.")
    kept = earlier or SavedTable(municipality=municipality, name=name)
    kept.query, kept.saved_by, kept.saved_at = query, by.user, timezone.now()
    kept.save()
    return kept


@transaction.atomic
def rename_table(*, table: SavedTable, name: str) -> SavedTable:
    """Give a kept table another name. Raises NameTaken where another table has it."""
    _lock(table.municipality)
    locked = SavedTable.objects.select_for_update().filter(pk=table.pk).first()
    if locked is None:
        raise ActionRefused("Эту таблицу уже удалили. Вернитесь к списку таблиц.")
    if SavedTable.objects.filter(municipality=locked.municipality_id, name=name).exclude(pk=locked.pk).exists():
        raise NameTaken("Таблица с таким названием уже есть. Измените название.")
    locked.name = name
    locked.save(update_fields=["name"])
    return locked


@transaction.atomic
def delete_table(*, table: SavedTable) -> None:
    SavedTable.objects.filter(pk=table.pk).delete()


# --- the region's form ------------------------------------------------------------------------------------------------


@transaction.atomic
def keep_region_form(
    *, municipality: Municipality, name: str, file_name: str, file: bytes, marks: Iterable[Mark], by: Membership
) -> RegionForm:
    """Keep a workbook that was checked, with the marks found in it. Raises ActionRefused for a taken name."""
    _lock(municipality)
    rows = RegionForm.objects.filter(municipality=municipality)
    if rows.filter(name=name).exists():
        raise ActionRefused("Форма с таким названием уже есть. Измените название или замените файл той формы.")
    if rows.count() >= MOST_FORMS:
        raise ActionRefused(f"Загружено уже {MOST_FORMS} форм. Удалите ненужные.")
    return RegionForm.objects.create(
        municipality=municipality,
        name=name,
        file_name=file_name[-200:],
        file=file,
        marks=_sorted(marks),
        uploaded_by=by.user,
    )


@transaction.atomic
def replace_region_file(
    *, form: RegionForm, file_name: str, file: bytes, marks: Iterable[Mark], by: Membership
) -> RegionForm:
    """Put a new version of the workbook in the place of the old one, with the marks that hold in it.

    Raises ActionRefused where file or marks changed since `form` was read: the marks were carried over from those.
    """
    locked = _locked_form(form)
    if locked.changed_at != form.changed_at:
        raise ActionRefused(CHANGED_SINCE)
    locked.file, locked.file_name, locked.marks = file, file_name[-200:], _sorted(marks)
    locked.uploaded_by, locked.uploaded_at, locked.changed_at = by.user, timezone.now(), timezone.now()
    locked.save()
    return locked


@transaction.atomic
def add_mark(*, form: RegionForm, mark: Mark) -> RegionForm:
    """Mark one more cell, which was checked to be free in the file of `form`.

    Raises ActionRefused where it is marked already, or the file is another by now.
    """
    locked = _locked_form(form)
    if locked.uploaded_at != form.uploaded_at:
        raise ActionRefused(CHANGED_SINCE)
    sheet, cell, _ = mark
    if any(kept[:2] == [sheet, cell] for kept in locked.marks):
        raise ActionRefused(f"Ячейка {cell} на листе «{sheet}» уже отмечена. Сначала уберите прежнюю отметку.")
    return _write_marks(locked, [*locked.marks, mark])


@transaction.atomic
def remove_mark(*, form: RegionForm, sheet: str, cell: str) -> RegionForm:
    """Take a mark away; one that is gone already changes nothing."""
    locked = _locked_form(form)
    return _write_marks(locked, [kept for kept in locked.marks if kept[:2] != [sheet, cell]])


def _locked_form(form: RegionForm) -> RegionForm:
    locked = RegionForm.objects.select_for_update().filter(pk=form.pk).first()
    if locked is None:
        raise ActionRefused("Эту форму уже удалили. Вернитесь к списку форм.")
    return locked


@transaction.atomic
def delete_region_form(*, form: RegionForm) -> None:
    RegionForm.objects.filter(pk=form.pk).delete()


def _write_marks(form: RegionForm, marks: Sequence[Sequence[str]]) -> RegionForm:
    form.marks, form.changed_at = _sorted(marks), timezone.now()
    form.save(update_fields=["marks", "changed_at"])
    return form


def _sorted(marks: Iterable[Sequence[str]]) -> list[list[str]]:
    """Marks as they stand in the workbook: by sheet, row and column. Raises ActionRefused for too many."""
    kept = sorted(marks, key=lambda mark: (mark[0], _row(mark[1]), len(mark[1]), mark[1]))
    if len(kept) > MOST_MARKS:
        raise ActionRefused(f"В форме больше {MOST_MARKS} отметок. Разделите её на две.")
    return [list(mark) for mark in kept]


def _row(cell: str) -> int:
    return int(cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def _lock(municipality: Municipality) -> None:
    """Two people who take one name at once wait for each other."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
