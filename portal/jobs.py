"""Starting background work by name, keeping it alive, and putting back what a dead worker left.

django-tasks carries a task to a worker but leaves one killed with -9 «running» for ever; the Job row knows better.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from portal.enums import JobState
from portal.models import Job, Municipality, User

logger = logging.getLogger(__name__)
BEAT = timedelta(seconds=10)
SILENCE = timedelta(minutes=1)  # a running job that has not beaten for so long has lost its worker
FORGOTTEN = timedelta(minutes=10)  # a waiting one is queued anew: its worker may have died before it began
ATTEMPTS = 3


class JobRefused(Exception):
    """The work cannot be done; the text is a sentence for the person who asked for it."""


@transaction.atomic
def start(*, kind: str, municipality: Municipality, by: User | None, payload: dict[str, Any]) -> Job:
    """Record a job and queue it in the same transaction, so that neither exists without the other.

    `kind` is a key of PORTAL_JOBS; raises KeyError for another.
    """
    if kind not in settings.PORTAL_JOBS:
        raise KeyError(kind)
    job = Job.objects.create(
        kind=kind, municipality=municipality, requested_by=by, payload=payload, heartbeat=timezone.now()
    )
    run_job.enqueue(job.pk)
    return job


@task()
def run_job(pk: int) -> None:
    """Do one job if it is still waiting. Called by the queue, perhaps twice; a second call finds nothing to claim."""
    claimed = Job.objects.filter(pk=pk, state=JobState.QUEUED).update(
        state=JobState.RUNNING, heartbeat=timezone.now(), progress=0, stage="Начато", message=""
    )
    if not claimed:
        return
    job = Job.objects.select_related("municipality", "requested_by").get(pk=pk)
    try:
        with _beating(job):
            result = import_string(settings.PORTAL_JOBS[job.kind])(job)
    except JobRefused as refusal:
        _finish(job, JobState.FAILED, message=str(refusal))
    except Exception:
        logger.exception("job %s failed", pk)
        _finish(
            job,
            JobState.FAILED,
            message="Работа не выполнена из-за ошибки портала. Повторите её или сообщите администратору.",
        )
    else:
        _finish(job, JobState.DONE, result=result or {}, progress=100, stage="Готово")


def report_progress(job: Job, percent: int, stage: str) -> None:
    """Tell the waiting person how far the work is (percent 0–100) and what is being done."""
    _own(job).update(progress=percent, stage=stage, heartbeat=timezone.now())


def sweep(now: datetime | None = None) -> int:
    """Put back the jobs whose worker fell silent, give up those that fell silent too often; how many were touched."""
    moment = now or timezone.now()
    silent = Q(state=JobState.RUNNING, heartbeat__lt=moment - SILENCE)
    forgotten = Q(state=JobState.QUEUED, heartbeat__lt=moment - FORGOTTEN)
    return sum(_put_back(job, moment) for job in list(Job.objects.filter(silent | forgotten)))


@transaction.atomic
def _put_back(job: Job, moment: datetime) -> int:
    """Queue the job again unless another sweep or its own worker was quicker."""
    attempts = job.attempts + (job.state == JobState.RUNNING)
    again = attempts < ATTEMPTS
    changed = Job.objects.filter(pk=job.pk, state=job.state, heartbeat=job.heartbeat).update(
        state=JobState.QUEUED if again else JobState.FAILED,
        attempts=attempts,
        heartbeat=moment,
        message="" if again else "Работа трижды прерывалась. Сообщите администратору портала.",
    )
    if changed and again:
        run_job.enqueue(job.pk)
    return changed


def _own(job: Job) -> QuerySet[Job]:
    """The row of this very run: once it was put back, a worker that was only slow must not touch it."""
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts)


def _finish(job: Job, state: JobState, **fields: Any) -> None:
    _own(job).update(state=state, finished_at=timezone.now(), **fields)


@contextmanager
def _beating(job: Job) -> Iterator[None]:
    """Touch the job's heartbeat from a thread of its own while the work goes on."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(BEAT.total_seconds()):
            try:
                close_old_connections()
                _own(job).update(heartbeat=timezone.now())
            except DatabaseError:
                logger.warning("job %s could not beat and will try again", job.pk)
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
