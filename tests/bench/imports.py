"""Preview plus confirm of 5,000 schools × 20 numbers, beside plain django-import-export through its admin page.

Every way runs in a process of its own on a fresh copy of one SQLite file, so that its time ends with the commit and its
peak memory is its own: `python -m tests.bench.imports`.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django

SCHOOLS, COLUMNS = 5_000, 20
ROUNDS = 3
OURS, THEIRS, FLOOR = "the portal: preview and confirm", "django-import-export: preview and confirm", "openpyxl reads"


def report() -> None:
    """Build the data once, run every way ROUNDS times in turn, print medians, ratios and peak memory."""
    with tempfile.TemporaryDirectory(prefix="bench-imports-") as name:
        folder = Path(name)
        _child(folder, "build")
        taken: dict[str, list[dict]] = {way: [] for way in WAYS}
        for _ in range(ROUNDS):
            for way in WAYS:
                taken[way].append(_child(folder, way))
    medians = {way: sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2] for way, runs in taken.items()}
    floor = medians[THEIRS]
    print(f"\nImport of {SCHOOLS} schools × {COLUMNS} numbers (floor: {THEIRS})")
    print(f"  {'what':<46}{'s':>8}{'ratio':>7}{'CPU s':>8}{'ratio':>7}{'peak MB':>9}")
    for way, run in medians.items():
        ratios = [run[one] / floor[one] for one in ("seconds", "cpu")]
        print(
            f"  {way:<46}{run['seconds']:>8.2f}{ratios[0]:>7.2f}{run['cpu']:>8.2f}{ratios[1]:>7.2f}{run['peak']:>9.0f}"
        )
        print(f"    CPU: {', '.join(f'{part} {cpu:.2f}' for part, (_, cpu) in run['parts'].items())}")


def _child(folder: Path, way: str) -> dict:
    database = folder / "base.sqlite3"
    if way != "build":
        database = folder / "run.sqlite3"
        shutil.copy(folder / "base.sqlite3", database)
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{database}",
        "PORTAL_DATA": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.bench.plain.settings",
    }
    call = [sys.executable, "-m", "tests.bench.imports", way, str(folder)]
    done = subprocess.run(call, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


# --- inside the child ------------------------------------------------------------------------------------------------


def build(folder: Path) -> None:
    """The database with its schools and an open campaign, and the same numbers as two workbooks."""
    from django.core.management import call_command
    from django.db import connection

    from monitoring.actions import load_catalogue
    from monitoring.catalogue import parse_catalogue
    from portal.models import School
    from portal.workbooks import write_table
    from tests.factories import MunicipalityFactory, SchoolFactory, campaign, specialist_of

    call_command("migrate", run_syncdb=True, verbosity=0)
    call_command("createcachetable", verbosity=0)
    catalogue = Path(__file__).resolve().parents[2] / "fixtures" / "catalogue.yaml"
    load_catalogue(catalogue=parse_catalogue(catalogue.read_text(encoding="utf-8")))
    town = MunicipalityFactory(slug="bench")
    specialist_of(town)
    schools = SchoolFactory.build_batch(SCHOOLS, municipality=town)
    for school in schools:
        school.search_key = school.sort_key = school.code
    School.objects.bulk_create(schools)
    asked = campaign(town).elements.exclude(unit="да/нет").values_list("element__code", flat=True)
    codes = [code for code in asked if not code.endswith("_12")][:COLUMNS]
    rows = [[school.code, *(30 + (n * 7 + k) % 60 for k in range(COLUMNS))] for n, school in enumerate(schools)]
    (folder / "values.xlsx").write_bytes(write_table("Значения", ["Код школы", *codes], rows))
    plain = ["school", *(f"n{k}" for k in range(COLUMNS))]
    (folder / "plain.xlsx").write_bytes(write_table("Plain", plain, rows))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def ours(folder: Path, lap: Callable[[str], None]) -> None:
    """Upload, comparison by the worker, the preview page, confirmation, writing by the worker."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import Client
    from django.urls import get_resolver

    from monitoring.models import Campaign, ImportDraft, Value
    from portal.jobs import run_job
    from portal.models import Job, User

    browser = Client()
    browser.force_login(User.objects.get(memberships__role="specialist"))
    get_resolver().url_patterns  # noqa: B018 – a server has read its modules long before the first file comes
    lap("signing in (not counted)")
    address = f"/monitoring/campaigns/{Campaign.objects.get().public_id}/import/"
    file = SimpleUploadedFile("values.xlsx", (folder / "values.xlsx").read_bytes())
    assert browser.post(address, {"file": file, "kind": "values"}).status_code == 302
    lap("upload and reading")
    run_job.func(Job.objects.get().pk)
    lap("comparison and checks")
    page = f"/monitoring/imports/{ImportDraft.objects.get().public_id}/"
    assert f"заполнится: {SCHOOLS * COLUMNS}" in browser.get(page).content.decode()
    lap("preview page")
    assert browser.post(page).status_code == 302
    run_job.func(Job.objects.latest("pk").pk)
    lap("writing with history")
    assert Value.objects.filter(state="number").count() == SCHOOLS * COLUMNS


def theirs(folder: Path, lap: Callable[[str], None]) -> None:
    """The two pages of django-import-export's own admin."""
    from django.contrib import admin
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.test import RequestFactory
    from django.urls import get_resolver
    from import_export.admin import ImportMixin
    from import_export.resources import modelresource_factory

    from portal.models import User
    from tests.bench.plain.models import PlainRow

    class PlainAdmin(ImportMixin, admin.ModelAdmin):
        resource_classes = [
            modelresource_factory(PlainRow, meta_options={"import_id_fields": ("school",), "exclude": ("id",)})
        ]

    User.is_staff = True
    User.has_perm = User.has_module_perms = lambda *_: True
    admin.site.register(PlainRow, PlainAdmin)
    page, person = PlainAdmin(PlainRow, admin.site), User.objects.first()

    def post(view: Callable, **data: object):
        request = RequestFactory().post("/admin/", data)
        request.user, request.session, request._messages = person, {}, _Messages()
        request._dont_enforce_csrf_checks = True
        answer = view(request)
        return answer.render() if hasattr(answer, "render") else answer

    formats = [one().get_title() for one in page.get_import_formats()]
    get_resolver().url_patterns  # noqa: B018 – as above
    lap("signing in (not counted)")
    file = SimpleUploadedFile("plain.xlsx", (folder / "plain.xlsx").read_bytes())
    answer = post(page.import_action, import_file=file, format=str(formats.index("xlsx")), resource="0")
    lap("dry run and preview page")
    confirm = answer.context_data["confirm_form"]
    assert post(page.process_import, **confirm.initial).status_code == 302
    lap("import")
    assert PlainRow.objects.count() == SCHOOLS


class _Messages(list):
    def add(self, *_: object) -> None:
        pass


def floor(folder: Path, lap: Callable[[str], None]) -> None:
    import openpyxl

    lap("start (not counted)")
    book = openpyxl.load_workbook(folder / "values.xlsx", read_only=True)
    rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    lap("reading")
    assert len(rows) == SCHOOLS + 1


WAYS: dict[str, Callable[[Path, Callable[[str], None]], None]] = {OURS: ours, THEIRS: theirs, FLOOR: floor}


def _run(way: str, folder: Path) -> None:
    django.setup()
    if way == "build":
        build(folder)
        print("{}")
        return
    from django.conf import settings

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.ALLOWED_HOSTS = ["*"]
    laps: dict[str, tuple[float, float]] = {}
    last = (time.perf_counter(), _worked())

    def lap(name: str) -> None:
        nonlocal last
        now = (time.perf_counter(), _worked())
        laps[name] = (now[0] - last[0], now[1] - last[1])
        last = now

    WAYS[way](folder, lap)
    counted = {name: lap for name, lap in laps.items() if "not counted" not in name}
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    seconds, cpu = (sum(lap[one] for lap in counted.values()) for one in (0, 1))
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "parts": counted}))


def _worked() -> float:
    """Seconds of processor of this process and its finished children: what others do on the machine is not in it."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _run(sys.argv[1], Path(sys.argv[2]))
    else:
        report()
