"""What every template may rely on: the person, the chosen membership, the menu, the display settings."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from portal.access import membership_of
from portal.queries import unread_notices

# Allowed display settings, the default first. The cookie holds them as «size-scheme-spacing-font-images».
DISPLAY_CHOICES: dict[str, tuple[str, ...]] = {
    "size": ("1", "1.5", "2"),
    "scheme": ("normal", "contrast", "dark"),
    "spacing": ("normal", "wide"),
    "font": ("sans", "serif"),
    "images": ("on", "off"),
}
DISPLAY_COOKIE = "display"


@dataclass(frozen=True, slots=True)
class Display:
    """How this person wants pages to look; every field has one of DISPLAY_CHOICES."""

    size: str = "1"
    scheme: str = "normal"
    spacing: str = "normal"
    font: str = "sans"
    images: str = "on"

    def cookie(self) -> str:
        return "-".join(getattr(self, name) for name in DISPLAY_CHOICES)


@dataclass(frozen=True, slots=True)
class MenuEntry:
    url: str
    title: str
    current: bool


def display_from(given: dict[str, str]) -> Display:
    """Display settings from a form or a cookie; an unknown value gives the default."""
    return Display(
        **{
            name: given.get(name, "") if given.get(name) in choices else choices[0]
            for name, choices in DISPLAY_CHOICES.items()
        }
    )


def display_of(request: HttpRequest) -> Display:
    parts = request.COOKIES.get(DISPLAY_COOKIE, "").split("-")
    return display_from(dict(zip(DISPLAY_CHOICES, parts, strict=False)))


def menu_of(request: HttpRequest) -> list[MenuEntry]:
    """The entries of the main menu that this membership may open, the longest matching one marked current."""
    member = membership_of(request)
    entries = [
        (reverse(name), title, settings.PORTAL_NAVIGATION_BELOW.get(name, ()))
        for name, title, permission in settings.PORTAL_NAVIGATION
        if permission is None or (member is not None and member.may(permission))
    ]
    starts = {start: url for url, _, below in entries for start in (url, *below)}
    matching = [one for one in starts if request.path.startswith(one) and (one != "/" or request.path == "/")]
    current = starts.get(max(matching, key=len, default=""))
    return [MenuEntry(url, title, url == current) for url, title, _ in entries]


def page(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Error pages of strangers get an empty menu and no person."""
    user = getattr(request, "user", None)
    person = user if user is not None and user.is_authenticated else None
    member = membership_of(request)
    municipality = member.municipality if member else None
    return {
        "person": person,
        "membership": member,
        "memberships": getattr(request, "memberships", []),
        "navigation": menu_of(request) if person else [],
        "unread_notices": SimpleLazyObject(lambda: unread_notices(member)),
        "display": display_of(request),
        "mode": settings.MODE,
        "made_up": municipality.made_up if municipality else "",
        "version": settings.VERSION,
    }
