"""What the cells of a whole campaign say at once: what is wrong in each form, and how full each section is."""

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass

from django.db.models import Count, Q

from monitoring.checks import EMPTY_CELL
from monitoring.enums import CellState, Severity
from monitoring.models import Campaign, CampaignElement, Explanation, Value
from monitoring.queries.entry.findings import Facts, facts_of_campaign, find_for

FILLED = (CellState.NUMBER, CellState.NO_DATA)


@dataclass(frozen=True, slots=True)
class SectionState:
    """One section of one school's form: filled of applicable cells."""

    filled: int
    total: int

    @property
    def sign(self) -> str:
        """The kind of the tag of `_parts/state.html`."""
        if not self.filled:
            return "todo"
        return "done" if self.filled == self.total else "edit"

    @property
    def words(self) -> str:
        if not self.filled:
            return "не начат"
        return "заполнен" if self.filled == self.total else f"{self.filled} из {self.total}"


@dataclass(frozen=True, slots=True)
class Doubts:
    """What stands in the way of a form besides its empty cells: contradictions, and warnings without an explanation."""

    errors: int = 0
    warnings: int = 0


def doubts_of(campaign: Campaign) -> dict[int, Doubts]:
    """Errors and open warnings of every form of the campaign, by its id; the number of queries is constant.

    Empty cells are not errors here: the board shows them as what is left to fill.
    """
    given: dict[int, set[tuple[str, str, str]]] = defaultdict(set)
    explained = Explanation.objects.filter(submission__campaign=campaign)
    for form, *key in explained.values_list("submission_id", "check_code", "element__code", "numbers"):
        given[form].add((key[0], key[1] or "", key[2]))
    return {pk: _doubts(facts, given[pk]) for pk, facts in facts_of_campaign(campaign).items()}


def _doubts(facts: Facts, explained: Container[tuple[str, str, str]]) -> Doubts:
    found = [one for one in find_for(facts.cells, facts.context) if one.code != EMPTY_CELL]
    return Doubts(
        errors=sum(one.severity == Severity.ERROR for one in found),
        warnings=sum(
            one.severity == Severity.WARNING and (one.code, one.element, one.numbers) not in explained for one in found
        ),
    )


def sections_of(campaign: Campaign) -> tuple[tuple[tuple[int, str], ...], dict[tuple[int, int], SectionState]]:
    """(id and title of the campaign's sections in order, state by (form, section)); two queries.

    A section of which nothing applies to a school has no state.
    """
    titles: dict[int, str] = {}
    asked: dict[int, int] = defaultdict(int)
    elements = []
    for line in CampaignElement.objects.filter(campaign=campaign):
        titles.setdefault(line.section_id, line.section_title)
        asked[line.section_id] += 1
        elements.append(line.element_id)
    counted = (
        Value.objects.filter(submission__campaign=campaign, element__in=elements)
        .values_list("submission_id", "element__section_id")
        .annotate(
            filled=Count("pk", filter=Q(state__in=FILLED)),
            outside=Count("pk", filter=Q(state=CellState.INAPPLICABLE)),
        )
    )
    held = {(form, section): (filled, outside) for form, section, filled, outside in counted}
    states = {}
    for form in campaign.submissions.values_list("pk", flat=True):
        for section in titles:
            filled, outside = held.get((form, section), (0, 0))
            if asked[section] > outside:
                states[form, section] = SectionState(filled, asked[section] - outside)
    return tuple(titles.items()), states
