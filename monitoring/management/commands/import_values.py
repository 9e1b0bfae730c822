"""Reads numbers of many schools from a workbook and writes them, all or nothing."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitoring.actions import write_cells
from monitoring.enums import ImportKind
from monitoring.importing import asked_in, forms_by_school, read_table
from monitoring.management.commands.export_values import add_campaign_arguments, campaign_of
from monitoring.queries.campaigns.incoming import Comparison, compare
from portal.actions import ActionRefused
from portal.formats import plural
from portal.workbooks import MEGABYTE, Limits, WorkbookRefused, read_workbook

# What is too large for a page may come by the command: the one who runs it owns the server.
LIMITS = Limits(file_bytes=40 * MEGABYTE, unpacked_bytes=200 * MEGABYTE, rows=50_000, columns=200)
SHOWN = 50


class Command(BaseCommand):
    help = (
        "Загружает числа школ из таблицы XLSX: первый столбец – «Код школы», заголовки остальных – коды показателей."
        " Записывает всё или ничего. Пример: import_values числа.xlsx --municipality kemerovo --year 2021 --form year"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="файл XLSX")
        add_campaign_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="только проверить и показать, ничего не записывать")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        campaign = campaign_of(options)
        try:
            sheets = read_workbook(path.read_bytes(), LIMITS)
            reading = read_table(sheets, ImportKind.VALUES, asked_in(campaign), forms_by_school(campaign))
        except OSError:
            raise CommandError(f"Файл «{path}» не читается. Проверьте путь и права.") from None
        except WorkbookRefused as refusal:
            raise CommandError(f"{refusal} Ничего не записано.") from None
        found = compare(campaign, ImportKind.VALUES, reading)
        self._tell(found)
        if found.faults:
            raise CommandError(
                f"В файле {plural(len(found.faults), 'ошибка', 'ошибки', 'ошибок')}, ничего не записано."
            )
        if options["dry_run"]:
            self.stdout.write("Проверка закончена, ничего не записано.")
            return
        try:
            written = write_cells(campaign=campaign, changes=found.changes, by=None, note=f"Команда, файл {path.name}")
        except ActionRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Записано: {plural(written, 'число', 'числа', 'чисел')}.")

    def _tell(self, found: Comparison) -> None:
        for note in found.notes:
            self.stdout.write(note)
        for fault in found.faults[:SHOWN]:
            self.stdout.write(" ".join(filter(None, (f"{fault.where}:", fault.school, fault.sentence))))
        if len(found.faults) > SHOWN:
            self.stdout.write(f"… и ещё {len(found.faults) - SHOWN}.")
        errors = sum(one for one, _ in found.findings.values())
        warnings = sum(one for _, one in found.findings.values())
        self.stdout.write(
            f"Впервые заполнится – {found.filled_anew}, изменится – {len(found.changes) - found.filled_anew},"
            f" останется – {found.same}; школ – {found.schools}. Проверка найдёт ошибок – {errors},"
            f" предупреждений – {warnings}."
        )
