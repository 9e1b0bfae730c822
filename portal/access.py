"""The only door: the access mark of every address, and the one way to fetch an object for a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from portal.models import ApiToken, Membership, Municipality, OwnedQuerySet, User
from portal.roles import NEEDS_SECOND_FACTOR, Permission

M = TypeVar("M", bound=Model)
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Mark:
    """Who may call an address: a stranger, any signed-in person, those with one of the permissions, or nobody.

    An address of the `api` answers with data also when it refuses, and never leads to a page; `tokens` says whether a
    program may call it with the token of a municipality.
    """

    stranger: bool = False
    person: bool = False
    permissions: frozenset[Permission] = frozenset()
    api: bool = False
    tokens: bool = False

    def admits(self, member: Membership | None) -> bool:
        """Whether a signed-in person with this membership may pass."""
        if self.stranger or self.person:
            return True
        return member is not None and any(member.may(permission) for permission in self.permissions)

    @property
    def closed(self) -> bool:
        return not (self.stranger or self.person or self.permissions)


OPEN = Mark(stranger=True)
PERSON = Mark(person=True)
CLOSED = Mark()

# Addresses of allauth, which cannot carry a mark of their own. What is not named here is refused.
FOREIGN: dict[str, Mark] = {
    "account_login": OPEN,
    "account_logout": PERSON,
    "account_change_password": PERSON,
    "account_reauthenticate": PERSON,
    "mfa_authenticate": OPEN,  # the second step of signing in; without the first it leads back to it
    "mfa_index": PERSON,
    "mfa_reauthenticate": PERSON,
    "mfa_activate_totp": PERSON,
    "mfa_deactivate_totp": PERSON,
    "mfa_view_recovery_codes": PERSON,
    "mfa_generate_recovery_codes": PERSON,
    "mfa_download_recovery_codes": PERSON,
    "usersessions_list": PERSON,
    # Accounts are made by an administrator, so allauth's other pages answer as if they were missing.
    "account_signup": CLOSED,
    "account_inactive": CLOSED,
    "account_email": CLOSED,
    "account_email_verification_sent": CLOSED,
    "account_confirm_email": CLOSED,
    "account_confirm_login_code": CLOSED,
    "account_set_password": CLOSED,
    "account_reset_password": CLOSED,
    "account_reset_password_done": CLOSED,
    "account_reset_password_from_key": CLOSED,
    "account_reset_password_from_key_done": CLOSED,
}


def _marked(mark: Mark) -> Callable[[View], View]:
    def put(view: View) -> View:
        view.access = mark  # type: ignore[attr-defined]
        return view

    return put


open_to_strangers = _marked(OPEN)
any_person = _marked(PERSON)


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Mark a view: it opens to a membership that has at least one of the permissions."""
    return _marked(Mark(permissions=frozenset(permissions)))


def mark_of(view: Callable[..., Any], name: str) -> Mark | None:
    """The mark of an address, or None where its author forgot it."""
    return getattr(view, "access", None) or FOREIGN.get(name)


def load(request: HttpRequest, source: type[M] | QuerySet[M], **lookup: Any) -> M:
    """The one object that this person may see, or 404: a foreign object answers exactly as a missing one.

    `source` is a model with an `OwnedQuerySet`, or a prepared queryset of one.
    """
    rows = visible(request, source)
    found = rows.filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def visible(request: HttpRequest, source: type[M] | QuerySet[M]) -> QuerySet[M]:
    """The rows of a model that the membership of this request may see; without a membership, none."""
    rows = source if isinstance(source, QuerySet) else source._default_manager.all()
    if not isinstance(rows, OwnedQuerySet):
        raise TypeError(f"{rows.model.__name__} has no visible_to(); only owned models are shown to people.")
    member = membership_of(request)
    return rows.visible_to(member) if member else rows.none()


def membership_of(request: HttpRequest) -> Membership | None:
    """The membership chosen for this request, or None for a stranger or a person without one."""
    return getattr(request, "membership", None)


def member_of(request: HttpRequest) -> Membership:
    """The membership of a request that an access mark has already let through."""
    member = membership_of(request)
    if member is None:
        raise Http404
    return member


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token by which a program calls, or None where a person does; what it is told leaves the municipality."""
    return getattr(request, "api_token", None)


def memberships_of(request: HttpRequest) -> list[Membership]:
    """All memberships that the person of this request may choose from; the middleware has read them."""
    return getattr(request, "memberships", [])


def municipality_of(request: HttpRequest) -> Municipality:
    """The municipality in which this request acts; 404 for a membership that has none."""
    if (token := token_of(request)) is not None:
        return token.municipality
    municipality = member_of(request).municipality
    if municipality is None:
        raise Http404
    return municipality


def memberships_in_force(person: User, on: date | None = None) -> list[Membership]:
    """All memberships that the person may choose from today, oldest first; one query."""
    rows = Membership.objects.in_force(on or timezone.localdate()).filter(user=person)
    return list(rows.select_related("school__municipality", "municipality", "region"))


def lacks_second_factor(member: Membership | None, *, has_factor: bool) -> bool:
    """Whether this membership must set up a second factor before it goes on (service mode)."""
    return member is not None and member.role in NEEDS_SECOND_FACTOR and not has_factor
