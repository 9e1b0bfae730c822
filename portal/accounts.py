"""How sign-in differs from allauth's: nobody signs up, a closed account is told so, demo accounts stay in the demo;
which passwords are too easy to guess here."""

import re
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from portal.formats import search_key
from portal.models import User
from portal.people import places_of

DEMO_DOMAIN = "@demo.local"
CONTEXT_WORDS = ("профориент", "proforient", "школ", "shkol", "school", "портал", "portal")
ORDINARY = {"город", "городской", "округ", "район", "муниципальный", "средняя", "основная"}
_LATIN = str.maketrans(dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziyklmnoprstufhye", strict=True))) | str.maketrans(
    {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "", "ь": "", "ю": "yu", "я": "ya"}
)


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


class NotOnlyDigits:
    """A password of digits alone is a date or a telephone number, whatever its length."""

    def validate(self, password: str, user: Any = None) -> None:
        if password.isdecimal():
            raise ValidationError("Пароль состоит из одних цифр. Добавьте слова или буквы.", code="only_digits")

    def get_help_text(self) -> str:
        return "Пароль не может состоять из одних цифр."


class NoWordsOfThePlace:
    """What everybody around knows – the city, the school, the subject, the year – is tried first by whoever guesses."""

    def validate(self, password: str, user: Any = None) -> None:
        typed = search_key(password)
        year = timezone.localdate().year
        known = [*CONTEXT_WORDS, *(str(one) for one in range(year - 1, year + 2)), *words_of_places(user)]
        found = next((word for word in known if word in typed), "")
        if found:
            raise ValidationError(
                f"В пароле есть «{found}»: это легко угадать. Уберите название города, школы, портала и год.",
                code="word_of_the_place",
            )

    def get_help_text(self) -> str:
        return "В пароле не должно быть названия города, школы, слова «профориентация» и текущего года."


def words_of_places(user: Any) -> set[str]:
    """Words of the names of the places where a person works or is invited, as written and in Latin letters."""
    words: set[str] = set()
    for place in places_of(getattr(user, "email", ""), timezone.now()):
        words |= {word for word in re.findall(r"[а-яa-z]{4,}", search_key(place)) if word not in ORDINARY}
    return words | {word.translate(_LATIN) for word in words}
