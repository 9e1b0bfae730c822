"""Guard 4: are the migrations complete, the fixtures fresh, the settings sound, and does service refuse to start unsafe?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from monitoring.models import AcceptedForm, Value
from tests.factories import accepted, submission

ROOT = Path(__file__).resolve().parents[2]
APPS = ("portal", "monitoring", "methodical", "reports")
SERVICE = {
    "PORTAL_MODE": "service",
    "SECRET_KEY": "a-key-of-tests-7Zq1rN5wYt8uBv3cXe6mKd9sLf2gHj4p-+=@#!%0aQ",
    "ALLOWED_HOSTS": "portal.test",
    "PORTAL_HTTPS": "1",
}


def manage(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own with these variables and an empty data folder."""
    clean = {name: value for name, value in os.environ.items() if name not in (*SERVICE, "DJANGO_SETTINGS_MODULE")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**clean, "PORTAL_DATA": str(data), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# --- migrations ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration(capsys):
    call_command("makemigrations", check=True, dry_run=True, interactive=False)
    assert "No changes detected" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_database_was_made_by_all_migrations_from_zero():
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    assert executor.migration_plan(leaves) == []
    ours = {key for key in executor.loader.graph.nodes if key[0] in APPS}
    assert ours <= MigrationRecorder(connection).applied_migrations().keys()
    assert {app for app, _ in ours} >= {app for app in APPS if list(apps.get_app_config(app).get_models())}


@pytest.mark.django_db(transaction=True)
def test_migrations_run_forward_over_data():
    """Each app goes back to its first migration and forward again with an accepted form in the database."""
    accepted(submission())
    before = Value.objects.count(), AcceptedForm.objects.count()
    executor = MigrationExecutor(connection)
    firsts = [(app, name) for app, name in executor.loader.graph.root_nodes() if app in APPS]
    for app, name in firsts:
        later = [key for key in executor.loader.graph.backwards_plan((app, name)) if key[0] == app]
        if len(later) > 1:
            call_command("migrate", app, name, verbosity=0)
    call_command("migrate", verbosity=0)
    assert (Value.objects.count(), AcceptedForm.objects.count()) == before
    assert has_covering_index() == (connection.vendor == "postgresql")


def has_covering_index() -> bool:
    with connection.cursor() as cursor:
        return "value_covering" in connection.introspection.get_constraints(cursor, Value._meta.db_table)


@pytest.mark.django_db
def test_values_are_found_by_an_index_that_covers_them():
    """PostgreSQL alone has a covering index (SQLite would silently make none); both have the unique one."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, Value._meta.db_table)
    assert constraints["value_once"]["unique"]
    assert constraints["value_once"]["columns"] == ["submission_id", "element_id"]
    assert has_covering_index() == (connection.vendor == "postgresql")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'value_covering'")
            (definition,) = cursor.fetchone()
        assert "(submission_id, element_id) INCLUDE (state, number, accepted_state, accepted_number)" in definition


# --- fixtures and settings -------------------------------------------------------------------------------------------


def test_demo_figures_are_what_their_command_makes():
    call_command("make_demo_figures", check=True, verbosity=0)


@pytest.mark.django_db
def test_system_checks_find_nothing_on_this_database():
    assert run_checks(databases=["default"]) == []


def test_deployment_checks_are_silent_in_service(tmp_path):
    answer = manage("check", "--deploy", "--fail-level", "WARNING", data=tmp_path, **SERVICE)
    assert answer.returncode == 0, answer.stderr
    assert "no issues (0 silenced)" in answer.stdout


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("SECRET_KEY", "PORTAL_MODE=service needs SECRET_KEY: "),
        ("ALLOWED_HOSTS", "PORTAL_MODE=service needs ALLOWED_HOSTS: "),
        ("PORTAL_HTTPS", "PORTAL_MODE=service needs PORTAL_HTTPS=1: "),
    ],
)
def test_service_refuses_to_start_without_what_keeps_it_safe(tmp_path, missing, sentence):
    answer = manage("check", data=tmp_path, **{name: value for name, value in SERVICE.items() if name != missing})
    assert answer.returncode != 0
    assert sentence in answer.stderr
    assert not (tmp_path / "secret-key").exists(), "service never makes a key of its own"


def test_an_unknown_mode_is_refused(tmp_path):
    answer = manage("check", data=tmp_path, **{**SERVICE, "PORTAL_MODE": "production"})
    assert answer.returncode != 0
    assert "it must be «demo» or «service»" in answer.stderr


def test_the_demo_keeps_its_own_key_for_itself(tmp_path):
    assert manage("check", data=tmp_path).returncode == 0
    key = tmp_path / "secret-key"
    assert len(key.read_text()) >= 50
    assert key.stat().st_mode & 0o077 == 0, "only the owner may read it"
    first = key.read_text()
    manage("check", data=tmp_path)
    assert key.read_text() == first
