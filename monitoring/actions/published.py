"""Keeping published tables of past years: written from a file, judged row by row, taken away whole."""

from django.db import transaction
from django.utils import timezone

from monitoring.enums import Judgement
from monitoring.models import Indicator, PublishedRow, PublishedTable
from monitoring.queries.published.printed import Change, PrintedRow, PrintedTable, compare_printed
from portal.actions import ActionRefused
from portal.models import Municipality, User

CHANGED_SINCE = "Пока вы проверяли файл, таблицы изменились. Проверьте отличия ещё раз."


@transaction.atomic
def write_published(
    *, municipality: Municipality, tables: tuple[PrintedTable, ...], by: User | None, previewed: str | None = None
) -> int:
    """Write the tables of a file, all or nothing; how many are new or changed.

    A judgement ends with the numbers that it was given for. Raises ActionRefused where `previewed`, the fingerprint of
    what a person saw, is no longer what would be written.
    """
    locked = Municipality.objects.select_for_update().get(pk=municipality.pk)
    compared = compare_printed(locked, tables)
    if previewed is not None and previewed != compared.fingerprint:
        raise ActionRefused(CHANGED_SINCE)
    indicators = dict(Indicator.objects.values_list("code", "pk"))
    changed = [one.table for one in compared.tables if one.change != Change.SAME]
    order = PublishedTable.objects.filter(municipality=locked).count()
    for place, printed in enumerate(changed, start=order + 1):
        _write_table(locked, printed, indicators, place, by)
    return len(changed)


def _write_table(
    municipality: Municipality, printed: PrintedTable, indicators: dict[str, int], place: int, by: User | None
) -> None:
    given = {
        "number": printed.number,
        "base_of": printed.base_of,
        "grades": list(printed.grades),
        "indicator_id": indicators[printed.indicator] if printed.indicator else None,
        "note": printed.note,
        "imported_by": by,
        "imported_at": timezone.now(),
    }
    table, _ = PublishedTable.objects.update_or_create(
        municipality=municipality,
        document=printed.document,
        title=printed.title,
        defaults=given,
        create_defaults={**given, "order": place},
    )
    kept = {row.year: row for row in table.rows.all()}
    for row in printed.rows:
        was = kept.get(row.year)
        if was is not None and PrintedRow(was.year, was.count, was.total, was.declared) == row:
            continue
        written = was or PublishedRow(table=table, year=row.year)
        written.count, written.total, written.declared = row.count, row.total, row.declared
        _forget_judgement(written)
        written.save()


def _forget_judgement(row: PublishedRow) -> None:
    row.judgement, row.judgement_text, row.judged_by, row.judged_at = "", "", None, None


@transaction.atomic
def judge_row(*, row: PublishedRow, judgement: str, text: str, by: User) -> PublishedRow:
    """Call a published value disputed or right, with the reason; an empty judgement leaves it to the protocol."""
    locked = PublishedRow.objects.select_for_update().filter(pk=row.pk).first()
    if locked is None:
        raise ActionRefused("Эту таблицу уже удалили. Вернитесь к списку таблиц.")
    if not judgement:
        _forget_judgement(locked)
    elif not text.strip():
        raise ActionRefused("Напишите, почему вы так решили.")
    else:
        locked.judgement, locked.judgement_text = Judgement(judgement), text.strip()
        locked.judged_by, locked.judged_at = by, timezone.now()
    locked.save()
    return locked


@transaction.atomic
def delete_published(*, table: PublishedTable) -> None:
    """Take a table away with its rows and judgements; it may be imported again."""
    PublishedTable.objects.filter(pk=table.pk).delete()
