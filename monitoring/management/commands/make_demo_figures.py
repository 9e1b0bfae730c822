"""Are the demonstration's figures made, and are they still what their generator makes?"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from monitoring import demo_figures

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"


def demo_files(fixtures: Path) -> dict[Path, str]:
    """Path → text of each file of demonstration figures, made from the catalogue and the published figures."""
    catalogue = yaml.safe_load((fixtures / "catalogue.yaml").read_text(encoding="utf-8"))
    published = yaml.safe_load((fixtures / "demo" / "published-figures.yaml").read_text(encoding="utf-8"))
    made = {
        "kemerovo.json": demo_figures.kemerovo(published, catalogue),
        "prokopyevsk.json": demo_figures.prokopyevsk(catalogue),
    }
    return {fixtures / "demo" / name: demo_figures.as_json(figures) for name, figures in made.items()}


class Command(BaseCommand):
    """Writes `fixtures/demo/*.json`, or with `--check` compares them."""

    help = (
        "Создаёт файлы с числами демонстрационных муниципалитетов из справочника показателей и опубликованных итогов."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Compare instead of writing; another folder with the same two sources."""
        parser.add_argument("--check", action="store_true", help="Только сравнить файлы с тем, что создала бы команда.")
        parser.add_argument("--fixtures", type=Path, default=FIXTURES, help="Папка со справочником и папкой demo.")

    def handle(self, **options: Any) -> None:
        """Raise `CommandError` (exit code 1) when a file differs under `--check` or a total cannot be placed."""
        try:
            files = demo_files(options["fixtures"])
        except demo_figures.CannotPlaceError as error:
            raise CommandError(f"Числа не раскладываются по школам: {error}.") from error
        if not options["check"]:
            for path, text in files.items():
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"Создан файл {path.name}.")
            return
        stale = [p.name for p, text in files.items() if not p.exists() or p.read_text(encoding="utf-8") != text]
        if stale:
            raise CommandError(f"Файлы устарели: {', '.join(stale)}. Создайте их заново командой make_demo_figures.")
        self.stdout.write("Файлы с демонстрационными числами совпадают с тем, что создаёт команда.")
