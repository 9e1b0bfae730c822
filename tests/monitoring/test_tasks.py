"""The rounds of the worker: a file that nobody confirmed is forgotten after a week, others stay."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from monitoring import actions
from monitoring.enums import ImportKind
from monitoring.models import ImportDraft, Submission
from monitoring.queries.campaigns.incoming import Reading
from monitoring.tasks import DRAFT_KEPT, forget_drafts
from portal.actions import ActionRefused
from tests.factories import specialist_of, submission

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def draft_of(form: Submission, age: timedelta) -> ImportDraft:
    reading = Reading([])
    kept, _ = actions.keep_draft(
        campaign=form.campaign,
        kind=ImportKind.VALUES,
        reading=reading,
        by=specialist_of(form.municipality),
        file_name="числа.xlsx",
    )
    ImportDraft.objects.filter(pk=kept.pk).update(created_at=timezone.now() - age)
    kept.refresh_from_db()
    return kept


def test_a_draft_that_waits_for_a_week_is_emptied_and_says_so(sign_in):
    form = submission()
    old, fresh = draft_of(form, WEEK + timedelta(hours=1)), draft_of(form, WEEK - timedelta(hours=1))
    assert "monitoring.tasks.forget_drafts" in settings.PORTAL_ROUNDS
    assert (forget_drafts(), forget_drafts()) == (1, 0)
    old.refresh_from_db()
    fresh.refresh_from_db()
    assert (set(old.content), "changes" in fresh.content, fresh.cancelled_at) == ({"outdated"}, True, None)
    specialist = specialist_of(form.municipality)
    page = sign_in(specialist).get(f"/monitoring/imports/{old.public_id}/").content.decode()
    assert "Загрузка устарела" in page
    assert "Загрузка отменена" not in page
    with pytest.raises(ActionRefused):
        actions.apply_draft(draft=old, by=specialist)


def test_what_was_written_or_cancelled_is_left_as_it_is():
    form = submission()
    written, cancelled = draft_of(form, 2 * DRAFT_KEPT), draft_of(form, 2 * DRAFT_KEPT)
    actions.apply_draft(draft=written, by=specialist_of(form.municipality))
    actions.cancel_draft(draft=cancelled)
    assert forget_drafts() == 0
    written.refresh_from_db()
    assert written.content == {"written": 0}
