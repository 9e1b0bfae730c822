"""Tokens of programs: issuing, revoking, and recognising one in a call (security F4)."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.actions.refusal import ActionRefused
from portal.codes import hash_of, link_code
from portal.models import ApiToken, Municipality, User

LONGEST = timedelta(days=366)
MOST = 20  # tokens that work at the same time in one municipality
USE_STEP = timedelta(minutes=1)  # the last use is written at most once a minute, not with every call

logger = logging.getLogger(__name__)


@transaction.atomic
def issue_token(*, municipality: Municipality, name: str, days: int, by: User) -> tuple[ApiToken, str]:
    """A new token and its code, which is nowhere kept. Raises ActionRefused for a wrong term or too many tokens."""
    term, now = timedelta(days=days), timezone.now()
    if not timedelta(0) < term <= LONGEST:
        raise ActionRefused("Ключ выдаётся на срок от одного дня до года.")
    Municipality.objects.select_for_update().get(pk=municipality.pk)  # its tokens are counted by one writer
    if ApiToken.objects.filter(municipality=municipality, revoked_at=None, expires_at__gt=now).count() >= MOST:
        raise ActionRefused(f"Действующих ключей уже {MOST}. Отзовите те, которыми никто не пользуется.")
    code = link_code()
    token = ApiToken.objects.create(
        municipality=municipality, name=name, token_hash=hash_of(code), created_by=by, expires_at=now + term
    )
    logger.info("API token %s of municipality %s issued by person %s", token.public_id, municipality.pk, by.pk)
    return token, code


@transaction.atomic
def revoke_token(*, token: ApiToken, by: User) -> ApiToken:
    """End a token at once. Raises ActionRefused where it works no more."""
    locked = ApiToken.objects.select_for_update().get(pk=token.pk)
    if not locked.is_open(timezone.now()):
        raise ActionRefused("Этот ключ уже не действует.")
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at"])
    logger.info("API token %s of municipality %s revoked by person %s", locked.public_id, locked.municipality_id, by.pk)
    return locked


def admit_token(header: str, now: datetime) -> ApiToken | None:
    """The token that a header «Authorization: Bearer …» names, its use written down; None where it opens nothing."""
    scheme, _, code = header.partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = ApiToken.objects.select_related("municipality").filter(token_hash=hash_of(code.strip())).first()
    if token is None or not token.is_open(now):
        return None
    unwritten = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_STEP)
    if token.last_used_at is None or token.last_used_at < now - USE_STEP:
        ApiToken.objects.filter(unwritten, pk=token.pk).update(last_used_at=now)
    return token
