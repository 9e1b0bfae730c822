"""Loads the catalogue of elements, indicators and checks from a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from monitoring.actions.catalogue_drafts import load_catalogue_file
from monitoring.catalogue import CatalogueRefused


class Command(BaseCommand):
    help = (
        "Загружает каталог (что вводят школы, что вычисляется, что должно сходиться) из файла YAML."
        " Повторная загрузка ничего не меняет."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="файл каталога, например fixtures/catalogue.yaml")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise CommandError(f"Файл «{path}» не найден. Проверьте путь.") from None
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"Файл «{path}» не читается. Нужен текстовый файл в кодировке UTF-8.") from None
        try:
            loaded = load_catalogue_file(text=text, file_name=path.name)
        except CatalogueRefused as refused:
            lines = "\n".join(error.sentence for error in refused.errors)
            raise CommandError(f"Каталог не загружен, ничего не изменено:\n{lines}") from None
        self.stdout.write(
            f"Каталог загружен: элементов – {loaded.elements}, показателей – {loaded.indicators},"
            f" контролей – {loaded.checks}."
        )
