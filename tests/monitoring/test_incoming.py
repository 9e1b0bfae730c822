"""Does a draft keep every cell of a file as it was read, and does its bulk write leave alone what it does not bring?"""

import json

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from monitoring.actions import write_cells
from monitoring.checks import Warned
from monitoring.enums import CellState, ImportKind
from monitoring.models import Value
from monitoring.queries.campaigns.incoming import (
    Comparison,
    Difference,
    Fault,
    Held,
    Incoming,
    Reading,
    compare,
    comparison_from_json,
    comparison_to_json,
    differences,
    reading_from_json,
    reading_to_json,
)
from tests.factories import fill, submission

NUMBER = st.integers(0, 9_999_999)
CONTENT = st.one_of(
    st.tuples(st.just(CellState.NUMBER), NUMBER, st.just("")),
    st.tuples(st.just(CellState.NO_DATA), st.none(), st.sampled_from(["", "нет журнала"])),
    st.just((CellState.EMPTY, None, "")),
)
HELD = st.one_of(
    st.just(Held()),
    st.builds(
        lambda content, version: Held(content[0].value, content[1], content[2], version), CONTENT, st.integers(1, 9)
    ),
)
# Holes, several columns of one element, and rows of one form that stand apart, as no file of ours has them.
PLACES = st.lists(
    st.tuples(
        st.integers(1, 4), st.sampled_from(["pupils_5", "pupils_6"]), st.sampled_from("BC"), st.sampled_from("78")
    ),
    unique=True,
)


@st.composite
def cells(draw: st.DrawFn, base: st.SearchStrategy) -> list[tuple]:
    return [(form, code, *draw(CONTENT), column, row, draw(base)) for form, code, column, row in draw(PLACES)]


@given(cells(st.one_of(st.none(), HELD)))
def test_what_was_read_is_kept_as_it_was_read(rows: list[tuple]) -> None:
    reading = Reading([Incoming(*row) for row in rows], [Fault("B7", "Школа", "Не число.")], ["Пояснение"])
    kept = reading_from_json(json.loads(json.dumps(reading_to_json(reading))))
    assert sorted(kept.cells, key=str) == sorted(reading.cells, key=str)
    assert (kept.faults, kept.notes) == (reading.faults, reading.notes)


@given(cells(HELD), cells(HELD))
def test_what_would_change_is_kept_with_the_numbers_that_are_replaced_first(
    changes: list[tuple], conflicts: list[tuple]
) -> None:
    said = {5: ([], [Warned("W901", "pupils_5", "30: 20")])}
    found = Comparison(
        [Difference(*row) for row in changes], [Difference(*row) for row in conflicts], [], ["П"], 3, {5: (1, 1)}, said
    )
    content = json.loads(json.dumps(comparison_to_json(found)))
    kept = comparison_from_json(content)
    assert sorted(kept.changes, key=str) == sorted(found.changes, key=str)
    assert sorted(kept.conflicts, key=str) == sorted(found.conflicts, key=str)
    assert (kept.same, kept.notes, kept.findings, kept.warned) == (3, ["П"], {5: (1, 1)}, said)
    shown = [one.fresh for one in differences(content["changes"])]
    assert shown == sorted(shown)
    assert (content["total"], content["fresh"]) == (len(shown), sum(shown))


@pytest.mark.django_db
def test_the_bulk_write_leaves_comments_acceptance_and_other_cells_alone() -> None:
    form = fill(submission(), pupils_5=30, pupils_6=31)
    Value.objects.filter(submission=form, element__code="pupils_5").update(
        comment="Сверено", accepted_state=CellState.NUMBER, accepted_number=29, evidence_checked_at=timezone.now()
    )
    aside = Value.objects.exclude(submission=form, element__code="pupils_5")
    before = list(aside.order_by("pk").values())
    reading = Reading([Incoming(form.pk, "pupils_5", CellState.NUMBER, 40, "", "B", "2")])
    write_cells(
        campaign=form.campaign, changes=compare(form.campaign, ImportKind.VALUES, reading).changes, by=None, note="Файл"
    )
    held = Value.objects.get(submission=form, element__code="pupils_5")
    assert (held.number, held.comment, held.accepted_number) == (40, "Сверено", 29)
    assert held.evidence_checked_at is not None
    assert list(aside.order_by("pk").values()) == before
