"""Prepares the demonstration and serves it: database, data, background worker, web server."""

import os
import signal
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from reports.demo import PASSWORD, make_demo


class Command(BaseCommand):
    help = "Готовит демонстрационные данные и запускает портал. При повторном запуске данные сохраняются."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-server", action="store_true", help="только подготовить данные")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Демонстрация запускается только при PORTAL_MODE=demo. В рабочем режиме её данных нет.")
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        accounts = make_demo()
        call_command("collectstatic", interactive=False, verbosity=0)
        port = os.environ.get("PORT", "8000")
        self.stdout.write(f"Портал: http://127.0.0.1:{port}/   Пароль всех учётных записей: {PASSWORD}")
        for account in accounts:
            self.stdout.write(f"  {account.email:<26} {account.who}")
        if not options["no_server"]:
            self.stdout.write("Остановить: Ctrl+C")
            self.stdout.flush()
            serve(port)


def serve(port: str) -> None:
    """Run the worker beside the server until the server ends; the worker ends with it."""
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=settings.BASE_DIR)
    server = subprocess.Popen(  # noqa: S603
        [
            sys.executable,
            "-m",
            "gunicorn",
            "portal.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            "2",
            "--log-level",
            "warning",
        ],
        cwd=settings.BASE_DIR,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: server.terminate())
    try:
        code = server.wait()
    finally:
        worker.terminate()
        worker.wait()
    if code > 0:
        raise CommandError(f"Сервер не запустился. Возможно, порт {port} занят: задайте другой, например PORT=8010.")
