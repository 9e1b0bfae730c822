"""Putting a past year's accepted form into the portal whole: nothing is typed, sent or checked again."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from monitoring.enums import CellState, FormState, Way
from monitoring.models import AcceptedForm, Element, StatusChange, Submission, Value, ValueChange
from portal.models import User

Given = Mapping[str, int | Mapping[str, str]]  # code -> number, or {"no_data": reason}


@transaction.atomic
def accept_past_form(*, submission: Submission, values: Given, at: datetime, by: User | None) -> AcceptedForm:
    """Fill a launched, untouched form with a past year's numbers and keep it as accepted at `at`.

    The caller rebuilds the year's totals once all its forms are in. A code that the form does not ask raises KeyError.
    """
    elements = {element.code: element for element in Element.objects.filter(section__form=submission.form)}
    rows = [_value(submission, elements[code], given, at, by) for code, given in values.items()]
    Value.objects.bulk_create(rows)
    ValueChange.objects.bulk_create(
        ValueChange(
            submission=submission,
            element=row.element,
            by=by,
            at=at,
            way=Way.IMPORT,
            from_state=CellState.EMPTY,
            to_state=row.state,
            to_number=row.number,
            reason=row.reason,
        )
        for row in rows
    )
    inapplicable = submission.values.filter(state=CellState.INAPPLICABLE)
    inapplicable.update(accepted_state=CellState.INAPPLICABLE)
    kept = {row.element.code: [row.state, row.number, row.reason] for row in rows}
    kept |= {code: [CellState.INAPPLICABLE, None, ""] for code in inapplicable.values_list("element__code", flat=True)}
    StatusChange.objects.create(
        submission=submission,
        from_state=submission.state,
        to_state=FormState.ACCEPTED,
        by=by,
        at=at,
        comment="Данные прошлого года",
    )
    submission.state, submission.sent_at, submission.changed_at = FormState.ACCEPTED, at, at
    submission.cells_filled, submission.version = len(rows), 1
    submission.save()
    return AcceptedForm.objects.create(
        municipality=submission.municipality, submission=submission, revision=1, at=at, by=by, values=kept
    )


def _value(
    submission: Submission, element: Element, given: int | Mapping[str, str], at: datetime, by: User | None
) -> Value:
    state = CellState.NUMBER if isinstance(given, int) else CellState.NO_DATA
    number = given if isinstance(given, int) else None
    return Value(
        submission=submission,
        element=element,
        state=state,
        number=number,
        reason="" if isinstance(given, int) else given["no_data"],
        changed_by=by,
        changed_at=at,
        accepted_state=state,
        accepted_number=number,
    )
