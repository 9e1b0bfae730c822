"""What changes people, places, notices and mail; the only code of the portal app that writes more than one row."""

from portal.actions.invitations import (
    accept_invitation,
    cancel_invitation,
    invite,
    link_of,
    renew_invitation,
    send_new_link,
    until_words,
)
from portal.actions.mail import ATTEMPTS, put_in_outbox, send_waiting_mail
from portal.actions.notices import read_notices, send_digests, tell
from portal.actions.people import add_person, end_membership, switch_off, switch_on
from portal.actions.places import add_municipality
from portal.actions.refusal import ActionRefused
from portal.actions.regulations import add_regulation, change_regulation, delete_regulation
from portal.actions.schools import add_school, change_school, close_school, reopen_school
from portal.actions.tokens import admit_token, issue_token, revoke_token
from portal.codes import as_groups, slip_seed

__all__ = [
    "ATTEMPTS",
    "ActionRefused",
    "accept_invitation",
    "add_municipality",
    "add_person",
    "as_groups",
    "add_regulation",
    "add_school",
    "admit_token",
    "cancel_invitation",
    "change_regulation",
    "change_school",
    "close_school",
    "delete_regulation",
    "end_membership",
    "invite",
    "issue_token",
    "link_of",
    "put_in_outbox",
    "read_notices",
    "renew_invitation",
    "reopen_school",
    "revoke_token",
    "send_digests",
    "send_new_link",
    "send_waiting_mail",
    "slip_seed",
    "switch_off",
    "switch_on",
    "tell",
    "until_words",
]
