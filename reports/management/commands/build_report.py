"""Builds a paper and writes its file: the same bytes as the button of its page gives."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.actions import ActionRefused
from portal.formats import school_year_short
from portal.models import Municipality
from reports.actions import build_report
from reports.models import ReportKind
from reports.tasks import FORMATS, file_bytes

LATER = ("docx", "xlsx")


class Command(BaseCommand):
    help = (
        "Строит отчёт по принятым данным и записывает его в файл. Пример: "
        "build_report analysis --municipality kemerovo --year 2021 --output отчёт.pdf"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", help=f"вид отчёта: {', '.join(ReportKind.values)}")
        parser.add_argument("--municipality", required=True, help="короткое имя муниципалитета, например kemerovo")
        parser.add_argument("--year", required=True, help="первый год учебного года, например 2021")
        parser.add_argument("--format", default="pdf", dest="file_format", help="pdf (по умолчанию) или html")
        parser.add_argument("--output", required=True, type=Path, help="куда записать файл")

    def handle(self, *args: Any, **options: Any) -> None:
        file_format, output = options["file_format"], options["output"]
        if file_format in LATER:
            raise CommandError(f"Формат {file_format} появится в следующей версии портала. Сейчас есть pdf и html.")
        if file_format not in FORMATS:
            raise CommandError(f"Формата «{file_format}» нет. Выберите pdf или html.")
        municipality, year = _municipality(options["municipality"]), _year(options["year"])
        try:
            report = build_report(municipality=municipality, year=year, kind=options["kind"], by=None)
        except ActionRefused as refusal:
            raise CommandError(str(refusal)) from None
        content = file_bytes(report, file_format)
        try:
            output.write_bytes(content)
        except OSError as error:
            raise CommandError(f"Файл «{output}» не записан: {error.strerror}. Проверьте папку и права.") from None
        done = f"{report.get_kind_display()} за {school_year_short(year)}, редакция {report.revision}: {output}"
        self.stdout.write(done)


def _municipality(slug: str) -> Municipality:
    found = Municipality.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Municipality.objects.order_by("slug").values_list("slug", flat=True)) or "пока ни одного"
        raise CommandError(f"Муниципалитета «{slug}» нет. Есть: {known}.")
    return found


def _year(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        raise CommandError(f"«{text}» – не год. Укажите первый год учебного года четырьмя цифрами, например 2021.")
    return int(text)
