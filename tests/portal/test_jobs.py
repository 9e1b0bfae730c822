"""Is a job done once, told about honestly, and put back when its worker dies?"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal.enums import JobState
from portal.jobs import ATTEMPTS, FORGOTTEN, SILENCE, report_progress, run_job, start, sweep
from portal.models import Job, Outbox
from tests.factories import MunicipalityFactory, UserFactory
from tests.portal.worker_settings import PORTAL_JOBS

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def jobs_of_tests(settings):
    settings.PORTAL_JOBS = PORTAL_JOBS


def begin(kind: str) -> Job:
    return start(kind=kind, municipality=MunicipalityFactory(), by=UserFactory(), payload={})


def run(job: Job) -> Job:
    run_job.call(job.pk)
    job.refresh_from_db()
    return job


def later(moment: timedelta):
    return timezone.now() + moment + timedelta(seconds=1)


def silent(job: Job) -> Job:
    """The job as a dead worker leaves it: running, and not beating."""
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, heartbeat=timezone.now() - SILENCE * 2)
    job.refresh_from_db()
    return job


# --- a job's life ----------------------------------------------------------------------------------------------------


def test_a_job_waits_in_the_queue_until_a_worker_comes():
    job = begin("effect")
    assert job.state == JobState.QUEUED
    assert DBTaskResult.objects.filter(args_kwargs={"args": [job.pk], "kwargs": {}}).count() == 1
    assert not Outbox.objects.exists()


def test_a_job_of_a_cancelled_transaction_was_never_queued():
    with transaction.atomic():
        begin("effect")
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_an_unknown_kind_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        begin("nothing")


def test_a_job_done_tells_its_result():
    job = run(begin("effect"))
    assert (job.state, job.progress, job.result) == (JobState.DONE, 100, {"attempt": 0})
    assert job.finished_at is not None


def test_a_job_run_twice_has_its_effect_once():
    job = run(begin("effect"))
    run(job)
    assert Outbox.objects.count() == 1


def test_a_refusal_reaches_the_person_word_for_word():
    job = run(begin("refuse"))
    assert (job.state, job.message) == (JobState.FAILED, "Отчёт за этот год не собрать: нет принятых форм.")


def test_an_error_of_the_program_shows_a_calm_sentence_and_no_trace():
    job = run(begin("fail"))
    assert job.state == JobState.FAILED
    assert job.message == "Работа не выполнена из-за ошибки портала. Повторите её или сообщите администратору."
    assert "ZeroDivision" not in job.message


def test_progress_is_seen_while_the_job_runs():
    job = silent(begin("effect"))
    report_progress(job, 40, "Рисуются графики")
    job.refresh_from_db()
    assert (job.progress, job.stage) == (40, "Рисуются графики")
    assert timezone.now() - job.heartbeat < SILENCE


# --- what a dead worker leaves ---------------------------------------------------------------------------------------


def test_a_silent_job_is_put_back_and_done_by_the_next_worker():
    job = silent(begin("effect"))
    assert sweep() == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert DBTaskResult.objects.count() == 2, "the dead worker's task stays running for ever; another one is queued"
    assert run(job).state == JobState.DONE


def test_a_job_that_beats_is_left_alone():
    job = begin("effect")
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, heartbeat=timezone.now())
    assert sweep() == 0
    assert sweep(later(SILENCE)) == 1


def test_finished_jobs_are_never_put_back():
    run(begin("effect"))
    run(begin("fail"))
    assert sweep(timezone.now() + timedelta(days=365)) == 0


def test_after_three_deaths_a_job_is_given_up_with_a_sentence():
    job = begin("effect")
    for _ in range(ATTEMPTS):
        silent(job)
        sweep()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.FAILED, ATTEMPTS)
    assert job.message == "Работа трижды прерывалась. Сообщите администратору портала."
    assert run(job).state == JobState.FAILED
    assert not Outbox.objects.exists()


def test_a_job_whose_task_was_lost_before_it_began_is_queued_anew():
    job = begin("effect")
    DBTaskResult.objects.all().delete()  # its worker took the task and died before it claimed the job
    assert sweep(later(SILENCE)) == 0, "a job may wait in a long queue"
    assert sweep(later(FORGOTTEN)) == 1
    assert DBTaskResult.objects.count() == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


def test_a_worker_that_was_only_slow_cannot_finish_the_run_of_another():
    job = silent(begin("effect"))
    slow = Job.objects.get(pk=job.pk)
    sweep()
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)  # the other worker is at it
    report_progress(slow, 99, "Почти готово")
    job.refresh_from_db()
    assert (job.state, job.progress) == (JobState.RUNNING, 0)


# --- real workers ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_moment_do_a_job_once():
    job = begin("effect")
    gate = threading.Barrier(2)

    def worker() -> None:
        gate.wait()
        run_job.call(job.pk)
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert Outbox.objects.count() == 1


def database_url() -> str:
    """This very test's database, as a worker in another process is told of it."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return (
        f"postgres://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    )


def worker(data: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.portal.worker_settings",
        "DATABASE_URL": database_url(),
        "PORTAL_DATA": str(data),
    }
    environment.pop("EMAIL_URL", None)
    return subprocess.Popen(
        [sys.executable, "manage.py", "worker", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_killed_is_put_back_and_has_its_effect_once(tmp_path):
    job = begin("hang")
    first = worker(tmp_path)
    wait_for(lambda: Job.objects.get(pk=job.pk).progress == 30)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING, "nobody knows yet"
    assert sweep() == 0
    assert sweep(later(SILENCE)) == 1
    second = worker(tmp_path, "--batch")
    assert second.wait(timeout=60) == 0
    job.refresh_from_db()
    assert (job.state, job.attempts, job.result) == (JobState.DONE, 1, {"attempt": 1})
    assert Outbox.objects.count() == 1
