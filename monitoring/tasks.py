"""What the monitoring does in the background: rounds of the worker, and the work on a large file."""

import gc
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from monitoring import actions
from monitoring.evidence import Resolve, link_problem
from monitoring.models import ImportDraft
from monitoring.workflow import MoveRefused
from portal.actions import ActionRefused
from portal.jobs import JobRefused, report_progress
from portal.models import Job, Membership

AT_ONCE = 3  # links of one round: a slow site must not hold up the letters
DRAFT_KEPT = timedelta(days=7)  # a file that was read and not confirmed


def check_evidence(resolve: Resolve | None = None) -> int:
    """Ask the links that confirm numbers whether they open; how many were asked."""
    asked = list(actions.links_to_ask()[:AT_ONCE])
    for value in asked:
        actions.keep_answer_of_link(value=value, problem=link_problem(value.evidence, resolve))
    return len(asked)


def forget_drafts(now: datetime | None = None) -> int:
    """Empty the drafts of files that nobody confirmed for a week; how many. What they say is long out of date."""
    moment = now or timezone.now()
    waiting = ImportDraft.objects.filter(applied_at__isnull=True, cancelled_at__isnull=True)
    old = waiting.filter(created_at__lt=moment - DRAFT_KEPT)
    return old.update(cancelled_at=moment, content={"outdated": True})


def carry_import(job: Job) -> dict[str, str]:
    """Compare a large file with the forms, or write it, as the payload says (draft, step, membership)."""
    draft = ImportDraft.objects.defer("content").get(pk=job.payload["draft"])
    gc.disable()  # searching a hundred thousand small tuples for cycles takes a third of the time and finds none
    try:
        if job.payload["step"] == "compare":
            report_progress(job, 10, "Файл сравнивается с формами")
            actions.compare_draft(draft=draft)
        elif draft.applied_at is None:  # a job that was put back may have written already
            report_progress(job, 10, "Числа записываются")
            by = Membership.objects.select_related("user").get(pk=job.payload["membership"])
            actions.apply_draft(draft=draft, by=by)
    except (ActionRefused, MoveRefused) as refusal:
        raise JobRefused(str(refusal)) from refusal
    finally:
        gc.enable()
    return {"url": reverse("monitoring:import_draft", args=[draft.public_id])}
