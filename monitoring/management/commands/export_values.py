"""Writes all numbers of a campaign into a file, with the codes of schools and elements."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitoring.exporting import export_table
from monitoring.models import Campaign

FORMATS = ("xlsx", "csv")


class Command(BaseCommand):
    help = (
        "Записывает числа всех школ в файл XLSX или CSV: строка – школа, столбец – показатель с его кодом. Пример: "
        "export_values --municipality kemerovo --year 2021 --form year --output числа.xlsx"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_campaign_arguments(parser)
        parser.add_argument("--output", type=Path, required=True, help="файл .xlsx или .csv, который будет записан")
        parser.add_argument("--current", action="store_true", help="числа форм на сегодня, в том числе непринятые")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["output"]
        extension = path.suffix.removeprefix(".").lower()
        if extension not in FORMATS:
            raise CommandError("Имя файла должно оканчиваться на .xlsx или .csv.")
        campaign = campaign_of(options)
        forms = campaign.submissions.select_related("school").order_by("school__sort_key")
        data = export_table(campaign, forms, accepted=not options["current"], extension=extension)
        try:
            path.write_bytes(data)
        except OSError:
            raise CommandError(f"Файл «{path}» не записан. Проверьте папку и права на неё.") from None
        self.stdout.write(f"Записано: {path} (школ – {len(forms)}).")


def add_campaign_arguments(parser: CommandParser) -> None:
    """The three words that name a campaign; import_values takes the same."""
    parser.add_argument("--municipality", required=True, help="короткое имя муниципалитета, например kemerovo")
    parser.add_argument("--year", type=int, required=True, help="первый год учебного года, например 2021")
    parser.add_argument("--form", required=True, help="код формы, например year")


def campaign_of(options: dict[str, Any]) -> Campaign:
    """The campaign that the options name. Raises CommandError where there is none."""
    rows = Campaign.objects.select_related("form", "municipality")
    found = rows.filter(
        municipality__slug=options["municipality"], year=options["year"], form__code=options["form"]
    ).first()
    if found is None:
        raise CommandError(
            f"Сбора данных «{options['form']}» за {options['year']} год в муниципалитете «{options['municipality']}»"
            " нет. Проверьте --municipality, --year и --form."
        )
    return found
