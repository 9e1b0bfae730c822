"""What changes people, places, notices and mail; the only code of the portal app that writes more than one row."""

from portal.actions.mail import ATTEMPTS, put_in_outbox, send_waiting_mail
from portal.actions.notices import tell
from portal.actions.people import add_person
from portal.actions.refusal import ActionRefused

__all__ = ["ATTEMPTS", "ActionRefused", "add_person", "put_in_outbox", "send_waiting_mail", "tell"]
