"""Pages, files and the command of reports: who may, what they get, and that all ways give the same bytes."""

import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.enums import JobState
from portal.jobs import JobRefused
from portal.models import Job, Membership, Municipality
from portal.roles import Role
from reports.actions import build_report
from reports.models import Report
from reports.tasks import build_report as build_in_background
from tests import factories

pytestmark = pytest.mark.django_db
SignIn = Callable[[Membership], Client]


@pytest.fixture
def town() -> Municipality:
    municipality = factories.MunicipalityFactory(slug="sosnovsk", name="Сосновский округ")
    factories.accepted(factories.submission(factories.SchoolFactory(municipality=municipality)))
    return municipality


@pytest.fixture
def report(town: Municipality) -> Report:
    return build_report(municipality=town, year=2021, kind="analysis", by=None)


def addresses(report: Report) -> list[str]:
    names = ("reports:report", "reports:pdf", "reports:html")
    return [reverse("reports:list"), *(reverse(name, args=[report.public_id]) for name in names)]


@pytest.mark.parametrize("role", [Role.METHODIST, Role.SPECIALIST, Role.HEAD, Role.OPERATOR, Role.OBSERVER])
def test_the_municipality_s_people_read_reports(
    sign_in: SignIn, town: Municipality, report: Report, role: Role
) -> None:
    client = sign_in(factories.member(role, town))
    for address in (addresses(report)[0], addresses(report)[1]):
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SCHOOL_HEAD, Role.MUNICIPAL_ADMIN])
def test_others_are_refused(sign_in: SignIn, town: Municipality, report: Report, role: Role) -> None:
    client = sign_in(factories.member(role, town))
    assert {client.get(address).status_code for address in addresses(report)} == {403}


def test_a_report_of_another_municipality_is_as_good_as_missing(sign_in: SignIn, report: Report) -> None:
    client = sign_in(factories.member(Role.METHODIST))
    assert report.municipality.name not in client.get(reverse("reports:list")).content.decode()
    assert {client.get(address).status_code for address in addresses(report)[1:]} == {404}


def test_the_page_shows_the_frozen_paper_with_its_charts(sign_in: SignIn, town: Municipality, report: Report) -> None:
    page = sign_in(factories.member(Role.HEAD, town)).get(addresses(report)[1]).content.decode()
    assert page.count("<h1>") == 1
    assert "УТВЕРЖДАЮ" in page
    assert re.search(r'<img src="/charts/[0-9a-f]{64}\.svg" alt="График по годам', page)
    assert "Редакция 1, проект" in page


def test_an_older_revision_leads_to_the_newest(sign_in: SignIn, town: Municipality, report: Report) -> None:
    newer = Report.objects.create(
        municipality=town, kind="analysis", year=2021, revision=2, tree=report.tree, data_version=report.data_version
    )
    client = sign_in(factories.member(Role.HEAD, town))
    assert reverse("reports:report", args=[newer.public_id]) in client.get(addresses(report)[1]).content.decode()
    assert "данные изменились" not in client.get(reverse("reports:report", args=[newer.public_id])).content.decode()


def test_the_pdf_is_a_download_with_a_russian_name(sign_in: SignIn, town: Municipality, report: Report) -> None:
    response = sign_in(factories.member(Role.HEAD, town)).get(addresses(report)[2])
    assert response["Content-Type"] == "application/pdf"
    name = "Аналитический отчёт 2021-22, Сосновский округ, редакция 1.pdf"
    assert unquote(response["Content-Disposition"]) == f"attachment; filename*=utf-8''{name}"


@pytest.mark.parametrize(("place", "file_format"), [(2, "pdf"), (3, "html")])
def test_the_command_writes_the_bytes_that_the_button_gives(
    sign_in: SignIn, town: Municipality, report: Report, tmp_path: Path, place: int, file_format: str
) -> None:
    response = sign_in(factories.member(Role.HEAD, town)).get(addresses(report)[place])
    given = b"".join(response.streaming_content) if response.streaming else response.content
    output = tmp_path / "paper"
    call_command(
        "build_report", "analysis", municipality="sosnovsk", year="2021", file_format=file_format, output=output,
        stdout=StringIO(),
    )  # fmt: skip
    assert output.read_bytes() == given


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"municipality": "nowhere"}, "Муниципалитета «nowhere» нет. Есть: sosnovsk."),
        ({"year": "21"}, "«21» – не год."),
        ({"year": "2021\u0660"}, "не год"),
        ({"year": "2015"}, "За 2015/2016 учебный год принятых данных нет"),
        ({"file_format": "docx"}, "Формат docx появится в следующей версии портала"),
        ({"file_format": "odt"}, "Формата «odt» нет"),
        ({"output": Path("/nowhere/at/all.html"), "file_format": "html"}, "не записан"),
    ],
)
def test_the_command_fails_with_one_clear_sentence(town: Municipality, changes: dict[str, object], words: str) -> None:
    options = {"municipality": "sosnovsk", "year": "2021", "file_format": "pdf", "output": Path("paper"), **changes}
    with pytest.raises(CommandError, match=words) as failure:
        call_command("build_report", "analysis", **options)
    assert "\n" not in str(failure.value)
    assert not Path("paper").exists()


def test_an_unknown_kind_is_told_with_those_that_exist(town: Municipality) -> None:
    with pytest.raises(CommandError, match="Отчёта вида «gossip» нет"):
        call_command("build_report", "gossip", municipality="sosnovsk", year="2021", output=Path("paper"))


def test_the_button_starts_a_job_that_leads_to_the_report(sign_in: SignIn, town: Municipality) -> None:
    response = sign_in(factories.member(Role.METHODIST, town)).post(reverse("reports:build"), {"year": "2021"})
    job = Job.objects.get()
    assert response["Location"] == reverse("job", args=[job.public_id])
    assert (job.kind, job.payload) == ("report", {"kind": "analysis", "year": 2021})
    Job.objects.update(state=JobState.RUNNING)
    job.refresh_from_db()
    result = build_in_background(job)
    assert result == {"url": reverse("reports:report", args=[Report.objects.get().public_id])}
    assert Report.objects.get().pdf_sha256
    job.refresh_from_db()
    assert (job.progress, job.stage) == (40, "Верстается документ")


def test_a_job_for_a_year_without_data_is_refused_in_words(town: Municipality) -> None:
    job = Job.objects.create(kind="report", municipality=town, payload={"kind": "analysis", "year": 2015})
    with pytest.raises(JobRefused, match="принятых данных нет"):
        build_in_background(job)


@pytest.mark.parametrize("year", ["", "двадцать первый", "2015", "9" * 30])
def test_a_year_that_cannot_be_is_answered_in_words(sign_in: SignIn, town: Municipality, year: str) -> None:
    response = sign_in(factories.member(Role.METHODIST, town)).post(reverse("reports:build"), {"year": year})
    assert response.status_code == 422
    assert "учебный год" in response.context["form"].errors["year"][0]
    assert not Job.objects.exists()


@pytest.mark.parametrize("role", [Role.HEAD, Role.OPERATOR, Role.OBSERVER])
def test_who_only_reads_cannot_build(sign_in: SignIn, town: Municipality, role: Role) -> None:
    client = sign_in(factories.member(role, town))
    assert client.post(reverse("reports:build"), {"year": "2021"}).status_code == 403
    assert "Построить отчёт" not in client.get(reverse("reports:list")).content.decode()


def test_building_is_never_a_matter_of_following_a_link(sign_in: SignIn, town: Municipality) -> None:
    assert sign_in(factories.member(Role.METHODIST, town)).get(reverse("reports:build")).status_code == 405


def test_the_list_costs_the_same_for_one_report_and_for_thirty(
    sign_in: SignIn, town: Municipality, report: Report
) -> None:
    client = sign_in(factories.member(Role.METHODIST, town))

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("reports:list"))
        return len(captured)

    client.get(reverse("reports:list"))
    before = queries()
    Report.objects.bulk_create(
        Report(municipality=town, kind="analysis", year=2021, revision=place, tree={}, data_version=1)
        for place in range(2, 31)
    )
    assert queries() == before


def test_the_home_page_shows_the_newest_report(sign_in: SignIn, town: Municipality, report: Report) -> None:
    page = sign_in(factories.member(Role.HEAD, town)).get(reverse("home")).content.decode()
    assert reverse("reports:report", args=[report.public_id]) in page


def test_the_home_page_offers_to_build_the_first_report(sign_in: SignIn, town: Municipality) -> None:
    assert "Построить отчёт" in sign_in(factories.member(Role.METHODIST, town)).get(reverse("home")).content.decode()


def test_without_accepted_data_the_list_says_when_a_report_can_be_built(sign_in: SignIn) -> None:
    page = sign_in(factories.member(Role.METHODIST)).get(reverse("reports:list")).content.decode()
    assert "ни одна форма ещё не принята" in page
