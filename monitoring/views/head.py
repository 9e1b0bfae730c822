"""What stands at the head of a school's form beside its state: deadlines, reasons, who has it now, what may be done."""

from typing import Any

from django.utils import timezone

from monitoring.enums import FormState
from monitoring.models import Submission
from monitoring.queries.entry.review import OPENED, WITH_DEPARTMENT, opening_of, word_of_head
from monitoring.workflow import EDITABLE, TRANSITIONS, behalf_of, moves_of
from portal.models import Membership
from portal.roles import Permission


def moves_and_marks(member: Membership, submission: Submission) -> dict[str, Any]:
    """The moves of this person and the marks of the head; the number of queries depends only on the form's state."""
    state, now = FormState(submission.state), timezone.now()
    moves = moves_of(member, submission)
    editable = state in EDITABLE
    opened = opening_of(submission) if state in {*OPENED, *WITH_DEPARTMENT} else None
    extension = submission.extension if editable else None
    return {
        "moves": [(move.value, TRANSITIONS[move].label) for move in moves],
        "behalf": behalf_of(submission) if editable else None,
        "opened": opened if editable else None,
        "mended": opened is not None and not editable,
        "with_head": editable and submission.ready_at is not None,
        "word_of_head": word_of_head(submission) if editable and submission.campaign.two_step else "",
        "extension": extension if extension and extension.until > now else None,
        "may_extend": editable and submission.campaign.closed_at is None and member.may(Permission.RUN_CAMPAIGNS),
        "may_hand_over": editable and member.may(Permission.HAND_OVER_SECTIONS),
        "may_correct": state == FormState.UNDER_REVIEW and member.may(Permission.CORRECT_VALUES),
        "may_close": state in WITH_DEPARTMENT and member.may(Permission.REVIEW_FORMS),
        "others_accept": (
            state in WITH_DEPARTMENT and member.may(Permission.REVIEW_FORMS) and not member.may(Permission.ACCEPT_FORMS)
        ),
    }
