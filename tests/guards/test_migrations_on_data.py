"""Guard 4: do the migrations run forward over data that an earlier version wrote, and lose none of it?"""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

BEFORE_COLLECTING = [("portal", "0001_initial"), ("monitoring", "0002_covering_index_of_values")]


@pytest.fixture
def newest(transactional_db: None) -> Iterator[list[tuple[str, str]]]:
    """The newest state, which the database has again when the test is over."""
    leaves = list(MigrationExecutor(connection).loader.graph.leaf_nodes())
    yield leaves
    MigrationExecutor(connection).migrate(leaves)


def test_answers_and_acts_of_the_first_version_survive(newest):
    executor = MigrationExecutor(connection)
    old = executor.migrate(BEFORE_COLLECTING).apps
    region = old.get_model("portal", "Region").objects.create(name="Область", slug="region")
    town = old.get_model("portal", "Municipality").objects.create(region=region, slug="town", name="Город")
    school = old.get_model("portal", "School").objects.create(municipality=town, code="1", name="Школа", grades=[1])
    person = old.get_model("portal", "User").objects.create(email="a@school.test", full_name="Сотрудник")
    acts = old.get_model("portal", "Regulation").objects
    for number in ("1", "2"):
        acts.create(municipality=town, kind="order", number=number, date="2021-09-01", title="О сборе", issuer="УО")
    form = old.get_model("monitoring", "Form").objects.first()
    place = {"municipality": town, "form": form, "year": 2021}
    moment = timezone.now()
    campaign = old.get_model("monitoring", "Campaign").objects.create(opens_at=moment, closes_at=moment, **place)
    submission = old.get_model("monitoring", "Submission").objects.create(campaign=campaign, school=school, **place)
    threads = old.get_model("monitoring", "Thread").objects
    threads.create(submission=submission, text="Проверьте.", answer="Верно.", answered_by=person, answered_at=moment)
    threads.create(submission=submission, text="Ждёт ответа.")

    executor = MigrationExecutor(connection)
    new = executor.migrate(newest).apps

    replies = new.get_model("monitoring", "Reply").objects
    assert list(replies.values_list("thread__text", "text", "by_id", "at")) == [
        ("Проверьте.", "Верно.", person.pk, moment)
    ]
    identifiers = set(new.get_model("portal", "Regulation").objects.values_list("public_id", flat=True))
    assert len(identifiers) == 2
    assert None not in identifiers
