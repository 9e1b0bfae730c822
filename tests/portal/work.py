"""What jobs do in tests; each leaves one letter in the outbox for each time its effect took place."""

import time

from portal.jobs import JobRefused, report_progress
from portal.models import Job, Outbox


def effect(job: Job) -> dict[str, int]:
    Outbox.objects.create(to="effect@job.test", subject=f"{job.kind} {job.pk}", body="", municipality=job.municipality)
    return {"attempt": job.attempts}


def hang_first(job: Job) -> dict[str, int]:
    """Hangs in the middle the first time, as a worker does that is about to be killed."""
    report_progress(job, 30, "Половина")
    if job.attempts == 0:
        time.sleep(120)
    return effect(job)


def refuse(job: Job) -> None:
    raise JobRefused("Отчёт за этот год не собрать: нет принятых форм.")


def fail(job: Job) -> None:
    raise ZeroDivisionError


def broken_round() -> None:
    """What the worker should survive in one of its rounds."""
    raise ZeroDivisionError
