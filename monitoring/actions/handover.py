"""Giving sections of a form to colleagues of the school, and taking them back."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from monitoring.actions.review import locked_form
from monitoring.actions.telling import form_words, tell_person
from monitoring.models import Section, SectionKeeper, Submission
from monitoring.queries.entry.handover import colleagues_of
from monitoring.workflow import MoveRefused
from portal.models import Membership
from portal.roles import Permission


@transaction.atomic
def hand_over(*, submission: Submission, keepers: Mapping[str, int | None], by: Membership) -> int:
    """Set who fills the sections: section code -> id of a colleague's user, None for the coordinator; how many changed.

    Only people who work in the school today may get one. Each of them is told what they got and what was taken.
    """
    if not by.may(Permission.HAND_OVER_SECTIONS):
        raise MoveRefused("Передать раздел может ответственный за профориентацию школы.")
    locked = locked_form(submission)
    people = {person.pk: person for person in colleagues_of(locked)}
    held = {one.section.code: one for one in locked.keepers.select_related("section", "user")}
    sections = {one.code: one for one in Section.objects.filter(campaignelement__campaign=locked.campaign).distinct()}
    changed = 0
    for code, chosen in keepers.items():
        before = held.get(code)
        if code not in sections or (before.user_id if before else None) == chosen:
            continue
        if chosen is not None and chosen not in people:
            raise MoveRefused("Этот человек больше не работает в школе на портале. Выберите другого.")
        if before is not None:
            before.delete()
            tell_person(
                locked, before.user, f"Раздел «{sections[code].title}» формы {form_words(locked)} больше не за вами."
            )
        if chosen is not None:
            SectionKeeper.objects.create(
                submission=locked, section=sections[code], user=people[chosen], by=by.user, at=timezone.now()
            )
            tell_person(
                locked, people[chosen], f"Вам передали раздел «{sections[code].title}» формы {form_words(locked)}."
            )
        changed += 1
    return changed
