"""Round-ups: asking, answering, reminding, a new deadline, closing and opening, asking again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from monitoring.enums import ColumnKind
from monitoring.models import Roundup, RoundupColumn, RoundupRow
from monitoring.queries.campaigns.roundups import Answer, people_of, reminded_lately, schools_asked
from portal.actions import ActionRefused, tell
from portal.formats import date_digits
from portal.models import Membership, School

CLOSED = "Свод закрыт, ответы больше не принимаются. Если это ошибка, позвоните в управление образования."


@dataclass(frozen=True, slots=True)
class ColumnAsked:
    """One column as its author names it."""

    title: str
    kind: ColumnKind
    required: bool = True


@dataclass(frozen=True, slots=True)
class Reminded:
    """What came of a reminder: schools told, told less than an hour ago, and without anybody to tell."""

    told: tuple[School, ...]
    lately: tuple[School, ...]
    nobody: tuple[School, ...]


class RowChanged(Exception):
    """The row was changed since it was seen; nothing was written. `row` is as it stands now."""

    def __init__(self, row: RoundupRow) -> None:
        super().__init__()
        self.row = row


@transaction.atomic
def ask_roundup(
    *,
    by: Membership,
    title: str,
    note: str,
    due_at: datetime,
    columns: Sequence[ColumnAsked],
    schools: Iterable[School],
    repeats: Roundup | None = None,
) -> Roundup:
    """Make a round-up with an empty row for each school, and tell the schools' people of it.

    Raises ActionRefused without columns or schools, and for a deadline that has passed.
    """
    asked = list(schools)
    if by.municipality is None or not asked:
        raise ActionRefused("Выберите хотя бы одну организацию.")
    if not 1 <= len(columns) <= 10:
        raise ActionRefused("В своде от одной до десяти граф.")
    _check_deadline(due_at)
    made = Roundup.objects.create(
        municipality=by.municipality, title=title, note=note, due_at=due_at, by=by.user, repeats=repeats
    )
    RoundupColumn.objects.bulk_create(
        RoundupColumn(roundup=made, order=place, title=one.title, kind=one.kind, required=one.required)
        for place, one in enumerate(columns, start=1)
    )
    rows = RoundupRow.objects.bulk_create(RoundupRow(roundup=made, school=school) for school in asked)
    _tell(made, rows, f"Новый свод «{title}»: заполните строку до {_day(due_at)}.")
    return made


@transaction.atomic
def repeat_roundup(*, roundup: Roundup, by: Membership, title: str, due_at: datetime) -> Roundup:
    """Ask the same columns of the same schools again, without their answers; a school that has closed is left out."""
    today = timezone.localdate()
    return ask_roundup(
        by=by,
        title=title,
        note=roundup.note,
        due_at=due_at,
        columns=[ColumnAsked(one.title, ColumnKind(one.kind), one.required) for one in roundup.columns.all()],
        schools=[one for one in schools_asked(roundup) if one.closed is None or one.closed > today],
        repeats=roundup,
    )


@transaction.atomic
def fill_roundup_row(*, row: RoundupRow, answers: Mapping[str, Answer], version: int, by: Membership) -> RoundupRow:
    """Keep a school's answers, by the order of the column. The same answers sent twice change nothing.

    `version` is what the person saw. Raises RowChanged where somebody else filled the row since, and ActionRefused
    where the round-up is closed.
    """
    # The round-up first, as closing and reminding do: whoever comes second sees what the first has done.
    roundup = Roundup.objects.select_for_update().get(pk=row.roundup_id)
    if roundup.closed_at:
        raise ActionRefused(CLOSED)
    locked = RoundupRow.objects.select_for_update(of=("self",)).select_related("filled_by").get(pk=row.pk)
    locked.roundup = roundup
    if locked.filled_at and locked.answers == dict(answers):
        return locked
    if locked.version != version:
        raise RowChanged(locked)
    locked.answers = dict(answers)
    locked.version += 1
    locked.filled_at, locked.filled_by = timezone.now(), by.user
    locked.save(update_fields=["answers", "version", "filled_at", "filled_by"])
    return locked


@transaction.atomic
def remind_silent(*, roundup: Roundup) -> Reminded:
    """Remind the schools that have not answered, each at most once an hour. Raises ActionRefused for a closed one."""
    locked = _locked(roundup)
    if locked.closed_at:
        raise ActionRefused("Свод закрыт. Чтобы напоминать, откройте его снова.")
    now = timezone.now()
    silent = list(locked.rows.select_for_update().filter(filled_at=None).select_related("school"))
    lately = [row for row in silent if reminded_lately(row, now)]
    due = [row for row in silent if row not in lately]
    reached = _tell(locked, due, f"Напоминание: заполните свод «{locked.title}». Срок – {_day(locked.due_at)}.")
    locked.rows.filter(pk__in=[row.pk for row in reached]).update(reminded_at=now, reminders=F("reminders") + 1)
    return Reminded(
        tuple(row.school for row in reached),
        tuple(row.school for row in lately),
        tuple(row.school for row in due if row not in reached),
    )


@transaction.atomic
def move_roundup_deadline(*, roundup: Roundup, due_at: datetime) -> Roundup:
    """Give a round-up another deadline and tell those who have not answered. Raises ActionRefused."""
    locked = _locked(roundup)
    if locked.closed_at:
        raise ActionRefused("Свод закрыт. Чтобы изменить срок, откройте его снова.")
    _check_deadline(due_at)
    if locked.due_at == due_at:
        return locked
    locked.due_at = due_at
    locked.save(update_fields=["due_at"])
    silent = list(locked.rows.filter(filled_at=None).select_related("school"))
    _tell(locked, silent, f"Новый срок свода «{locked.title}» – {_day(due_at)}.")
    return locked


@transaction.atomic
def close_roundup(*, roundup: Roundup) -> Roundup:
    """From now on the answers stay as they are. Closing a closed one changes nothing."""
    locked = _locked(roundup)
    if not locked.closed_at:
        locked.closed_at = timezone.now()
        locked.save(update_fields=["closed_at"])
    return locked


@transaction.atomic
def open_roundup(*, roundup: Roundup) -> Roundup:
    """Take answers again; after the deadline they are marked as late."""
    locked = _locked(roundup)
    locked.closed_at = None
    locked.save(update_fields=["closed_at"])
    return locked


def _locked(roundup: Roundup) -> Roundup:
    return Roundup.objects.select_for_update(of=("self",)).select_related("municipality").get(pk=roundup.pk)


def _check_deadline(due_at: datetime) -> None:
    if due_at <= timezone.now():
        raise ActionRefused("Срок уже прошёл. Укажите сегодняшнюю или более позднюю дату.")


def _day(moment: datetime) -> str:
    return date_digits(timezone.localtime(moment).date())


def _tell(roundup: Roundup, rows: Iterable[RoundupRow], text: str) -> list[RoundupRow]:
    """Tell the people of each row's school, each with the way to their row; the rows whose school has people."""
    rows = list(rows)
    people = people_of([row.school for row in rows])
    reached = [row for row in rows if row.school_id in people]
    for row in reached:
        tell(
            people=[one.user for one in people[row.school_id]],
            municipality=roundup.municipality,
            text=text,
            url=reverse("monitoring:roundup_row", args=[row.public_id]),
        )
    return reached
