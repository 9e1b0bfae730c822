"""The working sheet by classes: its classes, their numbers, and taking the sums over into the section."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from monitoring.actions.entry import CellEntry, save_cells
from monitoring.enums import CellState, Way
from monitoring.models import ClassNumber, ClassRow, Section, Submission, Value
from monitoring.queries.entry.classes import MOST_CLASSES, sheet_of
from monitoring.workflow import MoveRefused, lock_sentence
from portal.formats import plural
from portal.models import Membership
from portal.roles import Permission

FOR_READING = "Рабочий лист заполняет школа. Вам он открыт для чтения."


@dataclass(frozen=True, slots=True)
class ClassEntry:
    """What a person typed for one class: a number or None by the code of the element, and the version they saw."""

    row: int
    version: int
    numbers: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class ClassesSaved:
    """Ids of the classes that were written, and of those that somebody else had changed in the meantime."""

    saved: tuple[int, ...]
    conflicts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SumTaken:
    """A sum as the person saw it, beside the version of the cell that it should replace."""

    code: str
    sum: int
    version: int


@dataclass(frozen=True, slots=True)
class SumsTaken:
    """Codes of the cells that hold the sum now, cells changed by somebody else, sums no longer as they were seen."""

    saved: tuple[str, ...]
    conflicts: dict[str, Value]
    stale: tuple[str, ...]


def sheet_lock(by: Membership, submission: Submission, section: str) -> str:
    """Why this person cannot write on the sheet of this section, or an empty string where they can."""
    if not by.may(Permission.ENTER_VALUES):
        return FOR_READING
    return lock_sentence(by, submission, submission.campaign, section=section)


@transaction.atomic
def save_classes(
    *, submission: Submission, section: Section, entries: Iterable[ClassEntry], by: Membership
) -> ClassesSaved:
    """Write the classes that differ from what is stored; a class changed since it was seen is left alone.

    Raises MoveRefused where the section is locked for this person; then nothing is written.
    """
    locked = _open(submission, section, by)
    rows = {row.pk: row for row in locked.class_rows.filter(section=section).prefetch_related("numbers")}
    elements = dict(section.elements.values_list("code", "pk"))
    saved, conflicts = [], []
    for entry in entries:
        row = rows.get(entry.row)
        if row is None:
            continue
        stored = {one.element_id: one.number for one in row.numbers.all()}
        asked = {elements[code]: number for code, number in entry.numbers.items() if code in elements}
        if all(stored.get(pk) == number for pk, number in asked.items()):
            continue
        if row.version != entry.version:
            conflicts.append(row.pk)
            continue
        _write(row, asked, by)
        saved.append(row.pk)
    return ClassesSaved(tuple(saved), tuple(conflicts))


@transaction.atomic
def add_classes(*, submission: Submission, section: Section, classes: Iterable[tuple[int, str]], by: Membership) -> int:
    """Put classes (grade, letter) on the sheet; those that stand there already are left alone. How many were added.

    Raises MoveRefused where the section is locked, for a grade that the school has not, and for too many classes.
    """
    locked = _open(submission, section, by)
    present = set(locked.class_rows.filter(section=section).values_list("grade", "letter"))
    new = [one for one in dict.fromkeys(classes) if one not in present]
    if any(grade not in locked.grades for grade, _ in new):
        raise MoveRefused("Такой параллели в школе нет.")
    if len(present) + len(new) > MOST_CLASSES:
        most = plural(MOST_CLASSES, "класса", "классов", "классов")
        raise MoveRefused(f"На листе не больше {most}. Оставьте классы, которые нужны в этом разделе.")
    ClassRow.objects.bulk_create(
        ClassRow(submission=locked, section=section, grade=grade, letter=letter, changed_by=by.user)
        for grade, letter in new
    )
    return len(new)


@transaction.atomic
def remove_classes(*, submission: Submission, section: Section, seen: Mapping[int, int], by: Membership) -> list[str]:
    """Take classes off the sheet together with their numbers, by id and the version seen; names of those that stay
    because somebody has changed them since. Raises MoveRefused where the section is locked.
    """
    locked = _open(submission, section, by)
    rows = list(locked.class_rows.filter(section=section, pk__in=seen))
    ClassRow.objects.filter(pk__in=[row.pk for row in rows if row.version == seen[row.pk]]).delete()
    return [str(row) for row in rows if row.version != seen[row.pk]]


@transaction.atomic
def take_sums(*, submission: Submission, section: Section, taken: Iterable[SumTaken], by: Membership) -> SumsTaken:
    """Put sums over classes into the cells of the section.

    A sum that has changed since it was seen is not taken, nor is one whose cell somebody has changed. Raises
    MoveRefused where the section is locked for this person.
    """
    locked = _open(submission, section, by)
    sheet = sheet_of(locked, section.code)
    sums = {one.element.code: one.sum for one in sheet.sums} if sheet else {}
    wanted = [one for one in taken if sums.get(one.code) is not None]
    stale = [one.code for one in wanted if sums[one.code] != one.sum]
    entries = [
        CellEntry(one.code, CellState.NUMBER, one.sum, "", one.version) for one in wanted if one.code not in stale
    ]
    result = save_cells(submission=submission, entries=entries, by=by, way=Way.CLASSES)
    return SumsTaken(tuple(result.saved), dict(result.conflicts), tuple(stale))


def _open(submission: Submission, section: Section, by: Membership) -> Submission:
    """The form, locked in the database for this change. Raises MoveRefused where this person cannot write."""
    locked = (
        Submission.objects.select_for_update(of=("self",)).select_related("campaign", "school").get(pk=submission.pk)
    )
    if cause := sheet_lock(by, locked, section.code):
        raise MoveRefused(cause)
    return locked


def _write(row: ClassRow, numbers: Mapping[int, int | None], by: Membership) -> None:
    row.numbers.filter(element__in=numbers).delete()
    ClassNumber.objects.bulk_create(
        ClassNumber(row=row, element_id=pk, number=number) for pk, number in numbers.items() if number is not None
    )
    row.version += 1
    row.changed_by, row.changed_at = by.user, timezone.now()
    row.save(update_fields=["version", "changed_by", "changed_at"])
