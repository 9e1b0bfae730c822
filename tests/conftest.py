"""What every test stands on: fast settings, a database of its own with the catalogue in it, and a signed-in browser."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connections, models
from django.db.models.signals import post_migrate
from django.test import Client, override_settings

from monitoring.actions import load_catalogue
from monitoring.catalogue import Catalogue, parse_catalogue
from monitoring.queries.entry import rulebook
from portal.models import Membership

CATALOGUE_FILE = Path(__file__).resolve().parents[1] / "fixtures" / "catalogue.yaml"
# In the order in which they point to each other.
CATALOGUE_MODELS = (
    "Form",
    "Section",
    "Element",
    "Population",
    "Population_elements",
    "IndicatorGroup",
    "Indicator",
    "Term",
    "Check",
)


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Plain static files (no manifest to collect), a cheap password hash, charts in a folder of this run."""
    with override_settings(
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        DATA_DIR=tmp_path_factory.mktemp("data"),
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
    ):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file of its own for each run, so that two runs side by side never meet; and the catalogue from the start."""
    database = connections["default"].settings_dict
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        # Nobody needs a test's rows after a power cut.
        database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    post_migrate.connect(_fill_catalogue, sender=apps.get_app_config("monitoring"), weak=False)


_kept: list[tuple[type[models.Model], list[models.Model]]] = []


def _fill_catalogue(**_: object) -> None:
    """Runs after the tables are made and after every flush, which is how a transactional test cleans up."""
    if not _kept:
        load_catalogue(catalogue=parse_catalogue(CATALOGUE_FILE.read_text(encoding="utf-8")))
        _kept.extend((model, list(model._default_manager.order_by("pk"))) for model in map(_model, CATALOGUE_MODELS))
        return
    for model, rows in _kept:
        if not model._default_manager.exists():
            model._default_manager.bulk_create(rows)


def _model(name: str) -> type[models.Model]:
    return apps.get_model("monitoring", name)


@pytest.fixture(autouse=True)
def rules_read_anew() -> None:
    """A test puts the database back behind the portal's back, so what a process keeps of the catalogue is dropped."""
    rulebook.forget()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The common catalogue as its file says it; the database of every test holds the same."""
    return parse_catalogue(CATALOGUE_FILE.read_text(encoding="utf-8"))


@pytest.fixture
def sign_in(client: Client) -> Callable[[Membership], Client]:
    """A browser in which the person of a membership has signed in and chosen that membership."""

    def signed_in(member: Membership) -> Client:
        client.force_login(member.user)
        session = client.session
        session["membership"] = member.pk
        session.save()
        return client

    return signed_in
