"""The background worker: carries out queued jobs, puts back those of a dead worker, sends the waiting mail."""

import logging
import threading
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from portal.actions import send_waiting_mail
from portal.jobs import sweep

logger = logging.getLogger(__name__)
ROUND = 20  # seconds between two looks at mail and silent jobs


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
        """One look; a database that is away for a moment must not end the worker."""
        try:
            sweep()
            send_waiting_mail()
        except DatabaseError:
            logger.exception("the round of the worker failed and will be tried again")
        finally:
            close_old_connections()
