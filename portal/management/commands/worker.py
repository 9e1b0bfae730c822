"""The background worker: carries out queued jobs, and goes its rounds: silent jobs, reminders, mail."""

import logging
import threading
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)
ROUND = 20  # seconds between two rounds


class Command(BaseCommand):
    help = "Выполняет фоновые работы портала: отчёты, письма. Можно запускать в нескольких экземплярах."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", action="store_true", help="выполнить то, что ждёт, и закончить")

    def handle(self, *args: Any, **options: Any) -> None:
        self.round()
        if not options["batch"]:
            threading.Thread(target=self.rounds, daemon=True).start()
        call_command("db_worker", batch=options["batch"], interval=0.5, startup_delay=False, reload=False)

    def rounds(self) -> None:
        pause = threading.Event()
        while not pause.wait(ROUND):
            self.round()

    def round(self) -> None:
        """Everything that settings.PORTAL_ROUNDS names, once; what fails holds up nothing else and comes again."""
        for name in settings.PORTAL_ROUNDS:
            try:
                import_string(name)()
            except Exception:
                logger.exception("%s failed in this round of the worker and will be tried again", name)
            finally:
                close_old_connections()
