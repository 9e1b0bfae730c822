"""How sign-in differs from allauth's: nobody signs up, a closed account is told so, demo accounts stay in the demo."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.models import User

DEMO_DOMAIN = "@demo.local"


class ClosedSignUp(DefaultAccountAdapter):
    """Accounts are made by an administrator."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Said only to somebody who knows the password, so that it tells a stranger nothing."""
        messages.error(request, "Эта учётная запись отключена. Обратитесь к администратору вашего муниципалитета.")
        return redirect("account_login")


class PortalBackend(AuthenticationBackend):
    """Asked at every request of a session, so a deactivated person is out at once."""

    def user_can_authenticate(self, user: User | None) -> bool:
        """Everybody knows the demo accounts' password: in service they do not exist."""
        known_to_all = not settings.DEMO and user is not None and user.email.endswith(DEMO_DOMAIN)
        return not known_to_all and bool(super().user_can_authenticate(user))

    def authenticate(self, request: HttpRequest | None, **credentials: str) -> User | None:
        person = super().authenticate(request, **credentials)
        return person if person is None or not person.is_active or self.user_can_authenticate(person) else None
