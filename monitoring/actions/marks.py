"""What a school says of a section of its form: filled, or not yet."""

from django.db import transaction
from django.utils import timezone

from monitoring.actions.review import locked_form
from monitoring.models import Section, SectionMark, Submission
from monitoring.queries.entry.content import content_of
from monitoring.workflow import MoveRefused, lock_sentence
from portal.formats import plural
from portal.models import Membership


@transaction.atomic
def mark_section(*, submission: Submission, section: str, filled: bool, by: Membership) -> None:
    """Keep the mark. Raises MoveRefused where the section is locked for this person, or has something left to do."""
    locked = locked_form(submission)
    if cause := lock_sentence(by, locked, locked.campaign, section=section):
        raise MoveRefused(cause)
    if filled:
        _refuse_unready(locked, section)
    SectionMark.objects.update_or_create(
        submission=locked,
        section=Section.objects.get(code=section),
        defaults={"filled": filled, "by": by.user, "at": timezone.now()},
    )


def _refuse_unready(submission: Submission, code: str) -> None:
    section = content_of(submission).section(code)
    if section is None:
        return
    empty = len(section.rows) - section.filled
    left = [plural(empty, "строка не заполнена", "строки не заполнены", "строк не заполнено")] if empty else []
    if section.errors:
        left.append(plural(section.errors, "ошибка", "ошибки", "ошибок"))
    if section.unexplained:
        words = plural(section.unexplained, "предупреждение", "предупреждения", "предупреждений")
        left.append(f"{words} без пояснения")
    if left:
        raise MoveRefused(f"Раздел пока нельзя отметить заполненным: {', '.join(left)}.")
