"""What the preview of a file shows: counts, faults, conflicts, and page by page every number that would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from monitoring.catalogue import grades_label
from monitoring.enums import CellState
from monitoring.models import Campaign, ImportDraft
from monitoring.queries.campaigns.incoming import Comparison, Difference, Fault, comparison_from_json, differences
from monitoring.queries.entry.content import in_unit
from portal.enums import JobState
from portal.models import Job

LINES = 100  # on a page
FAULTS = 100  # more than these are only counted: nobody corrects a thousand cells from a list


@dataclass(frozen=True, slots=True)
class Line:
    """One cell of the preview: whose, which row, what stands there, what the file says, and where in the file."""

    code: str
    school: str
    label: str
    before: str
    after: str
    where: str
    fresh: bool  # nothing stood there


@dataclass(frozen=True, slots=True)
class Preview:
    """A compared file as its page shows it."""

    total: int
    fresh: int
    same: int
    schools: int
    conflicts: tuple[Line, ...]
    faults: tuple[Fault, ...]
    more_faults: int
    notes: tuple[str, ...]
    findings: tuple[tuple[str, int, int], ...]  # (school, errors, warnings), the worst first, where there are any
    more_findings: int
    lines: Page[Any]  # of Line

    @property
    def replaced(self) -> int:
        return self.total - self.fresh

    @property
    def may_confirm(self) -> bool:
        return not self.faults and bool(self.total or self.conflicts)


def drafts() -> QuerySet[ImportDraft]:
    """Drafts with what their page prints; access.load narrows it to what a person may see."""
    return ImportDraft.objects.select_related(
        "campaign__form", "campaign__municipality", "municipality", "by", "submission__school", "submission__form"
    )


def job_of(draft: ImportDraft) -> Job | None:
    """The last background job of a draft, where it has one that is not simply done."""
    last = Job.objects.filter(kind="import", municipality=draft.municipality_id, payload__draft=draft.pk).last()
    return last if last and last.state != JobState.DONE else None


def preview(draft: ImportDraft, page: str | int = 1) -> Preview:
    """The preview of a compared draft; replaced numbers come before those that fill an empty cell."""
    kept = draft.content
    shown: Page[Any] = Paginator(range(kept["total"]), LINES).get_page(page)
    first = LINES * (shown.number - 1)  # of perhaps a hundred thousand: no more are made than the page needs
    found = comparison_from_json({**kept, "changes": ()})
    words = _Words(draft.campaign)
    findings = _findings(found, words.schools)
    shown.object_list = [words.line(one) for one in islice(differences(kept["changes"]), first, first + LINES)]
    return Preview(
        total=kept["total"],
        fresh=kept["fresh"],
        same=found.same,
        schools=kept["schools"],
        conflicts=tuple(words.line(one) for one in found.conflicts),
        faults=tuple(found.faults[:FAULTS]),
        more_faults=max(len(found.faults) - FAULTS, 0),
        notes=tuple(found.notes),
        findings=tuple(findings[:LINES]),
        more_findings=max(len(findings) - LINES, 0),
        lines=shown,
    )


def _findings(found: Comparison, schools: Mapping[int, str]) -> list[tuple[str, int, int]]:
    told = [(schools[pk], *counts) for pk, counts in found.findings.items() if any(counts)]
    return sorted(told, key=lambda one: (-one[1], -one[2], one[0]))


class _Words:
    """Names of schools and rows of a campaign: two queries for any number of lines."""

    def __init__(self, campaign: Campaign) -> None:
        self.schools = dict(campaign.submissions.values_list("pk", "school__name"))
        self.rows = {one.element.code: one for one in campaign.elements.select_related("element")}

    def line(self, one: Difference) -> Line:
        row = self.rows[one.code]
        grades = row.element.grades
        return Line(
            code=one.code,
            school=self.schools[one.submission],
            label=f"{row.name}, {grades_label(grades)}" if grades else row.name,
            before=_cell(one.before.state, one.before.number, one.before.reason, row.unit),
            after=_cell(one.state, one.number, one.reason, row.unit),
            where=one.where,
            fresh=one.fresh,
        )


def _cell(state: str, number: int | None, reason: str, unit: str) -> str:
    if number is not None:
        return in_unit(number, unit)
    words = str(CellState(state).label)
    return f"{words}: {reason}" if reason else words
