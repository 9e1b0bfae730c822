"""What schools and the department said about the numbers of an indicator: explanations of warnings, and remarks."""

from dataclasses import dataclass
from uuid import UUID

from monitoring.models import Explanation, Indicator, Thread
from portal.models import Municipality

MOST = 50  # of each sort; the page says when there are more


@dataclass(frozen=True, slots=True)
class Said:
    """One explanation or remark, and the cell it is about."""

    school: str
    submission: UUID
    element: str
    element_name: str
    what: str  # «пояснение», «замечание», «вопрос»
    text: str
    numbers: str = ""  # both sides that an explanation speaks of
    closed: bool = True


def said_about(municipality: Municipality, year: int, indicator: Indicator) -> tuple[Said, ...]:
    """Explanations and remarks on the elements of an indicator in a year, the newest first; two queries."""
    cells = {
        "submission__municipality": municipality,
        "submission__year": year,
        "element__in": indicator.terms.values("element"),
    }
    explained = Explanation.objects.filter(**cells).select_related("submission__school", "element").order_by("-id")
    remarks = Thread.objects.filter(**cells).select_related("submission__school", "element").order_by("-id")
    told = [
        Said(
            school=one.submission.school.name,
            submission=one.submission.public_id,
            element=one.element.code,
            element_name=one.element.name,
            what="пояснение",
            text=f"{one.get_reason_display().capitalize()}. {one.text}",
            numbers=one.numbers,
        )
        for one in explained[:MOST]
        if one.element
    ]
    told += [
        Said(
            school=one.submission.school.name,
            submission=one.submission.public_id,
            element=one.element.code,
            element_name=one.element.name,
            what=str(one.get_kind_display()),
            text=one.text,
            closed=one.closed_at is not None,
        )
        for one in remarks[:MOST]
        if one.element
    ]
    return tuple(told)
