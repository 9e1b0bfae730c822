"""A built paper is frozen with everything in it, and only news makes a new revision."""

import hashlib
import shutil
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from monitoring import actions as monitoring_actions
from monitoring.models import Indicator
from portal.actions import ActionRefused
from portal.models import Municipality
from portal.roles import Role
from reports.actions import build_report
from reports.document import Figure, Heading, document_from_json
from reports.models import Report, ReportState
from reports.queries import analysis_data, years_with_data
from reports.tasks import html_file, pdf_file
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Municipality:
    """A municipality with one school whose form of 2021 is accepted."""
    municipality = factories.MunicipalityFactory()
    factories.accepted(factories.submission(factories.SchoolFactory(municipality=municipality)))
    return municipality


def build(municipality: Municipality, year: int = 2021, kind: str = "analysis") -> Report:
    return build_report(municipality=municipality, year=year, kind=kind, by=None)


def aim(municipality: Municipality, code: str = "4.1") -> None:
    """Set a target: something that the report tells."""
    indicator = Indicator.objects.get(code=code)
    monitoring_actions.set_target(municipality=municipality, year=2021, indicator=indicator, value=60, by=None)


def test_a_report_keeps_its_tree_its_data_version_and_its_builder(town: Municipality) -> None:
    methodist = factories.member(Role.METHODIST, town)
    report = build_report(municipality=town, year=2021, kind="analysis", by=methodist.user)
    assert report.revision == 1
    assert report.state == ReportState.DRAFT
    assert report.built_by == methodist.user
    assert report.data_version > 0
    assert any(isinstance(block, Heading) for block in document_from_json(report.tree).blocks)


@pytest.mark.parametrize(
    ("year", "kind", "words"), [(2020, "analysis", "принятых данных нет"), (2021, "gossip", "нет")]
)
def test_what_cannot_be_built_is_refused_in_words(town: Municipality, year: int, kind: str, words: str) -> None:
    with pytest.raises(ActionRefused, match=words):
        build(town, year, kind)
    assert not Report.objects.exists()


def test_a_form_that_is_only_sent_gives_no_report() -> None:
    form = factories.sent(factories.submission())
    with pytest.raises(ActionRefused):
        build(form.municipality)


def test_the_same_content_gives_the_same_report(town: Municipality) -> None:
    first = build(town)
    assert build(town) == first
    assert Report.objects.count() == 1


def test_another_builder_changes_nothing(town: Municipality) -> None:
    first = build(town)
    someone = factories.member(Role.SPECIALIST, town).user
    assert build_report(municipality=town, year=2021, kind="analysis", by=someone) == first


def test_news_makes_the_next_revision_and_leaves_the_first_alone(town: Municipality) -> None:
    first = build(town)
    kept = first.tree
    aim(town)
    second = build(town)
    assert (second.revision, Report.objects.count()) == (2, 2)
    first.refresh_from_db()
    assert first.tree == kept
    assert second.tree != kept


def test_an_acceptance_of_another_year_is_no_news(town: Municipality) -> None:
    first = build(town)
    opens = timezone.now() - timedelta(days=5)
    factories.campaign(town, 2023, opens_at=opens)
    factories.accepted(factories.submission(town.schools.get(), 2023))
    assert build(town) == first


def test_reports_of_two_municipalities_are_numbered_apart(town: Municipality) -> None:
    form = factories.submission()
    factories.accepted(form)
    assert build(town).revision == build(form.municipality).revision == 1


def test_only_years_with_accepted_data_can_be_built(town: Municipality) -> None:
    factories.campaign(town, 2023)
    assert years_with_data(town) == (2021,)


def test_reading_costs_the_same_for_one_school_and_for_four(town: Municipality) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            analysis_data(town, 2021)
        return len(captured)

    before = queries()
    school = town.schools.get()
    for place in range(3):
        school.pk = None
        school.public_id, school.code, school.name = (
            f"00000000-0000-4000-8000-00000000000{place}",
            f"new-{place}",
            f"Новая {place}",
        )
        school.save()
    for form in factories.Campaign.objects.filter(municipality=town):
        for other in town.schools.exclude(submissions__campaign=form):
            form.submissions.create(
                municipality=town, school=other, form=form.form, year=2021, kind=other.kind, grades=other.grades
            )
    monitoring_actions.rebuild_totals(municipality=town, year=2021)
    assert len(analysis_data(town, 2021).lines) == 4
    assert queries() == before


def test_the_pdf_is_kept_with_its_hash_and_a_lost_one_comes_back_the_same(town: Municipality) -> None:
    report = build(town)
    path = pdf_file(report)
    content = path.read_bytes()
    report.refresh_from_db()
    assert content.startswith(b"%PDF-1.7")
    assert report.pdf_sha256 == hashlib.sha256(content).hexdigest()
    path.unlink()
    shutil.rmtree(settings.DATA_DIR / "charts")  # the paper carries its pictures itself
    assert pdf_file(report).read_bytes() == content


def test_the_html_file_needs_nothing_beside_it(town: Municipality) -> None:
    content = html_file(build(town)).decode()
    assert content.startswith("<!DOCTYPE html>")
    assert content.count("<h1>") == 1
    assert 'src="data:image/svg+xml;base64,' in content
    assert "/charts/" not in content
    assert "<link" not in content


def test_every_picture_is_frozen_in_the_tree(town: Municipality) -> None:
    figures = [block for block in document_from_json(build(town).tree).blocks if isinstance(block, Figure)]
    assert figures
    assert all(figure.svg.startswith("<?xml") and "</svg>" in figure.svg for figure in figures)
