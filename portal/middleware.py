"""What every request passes: its membership, its access mark, and no copies of private pages."""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal import chart_files
from portal.access import Mark, lacks_second_factor, mark_of, membership_of, memberships_in_force, memberships_of
from portal.actions import admit_token
from portal.problems import problem
from portal.roles import NEEDS_SECOND_FACTOR

# Addresses that pages ask without their person.
ASKED_BY_PAGES = ("token", "monitoring:presence")
IDLE_SECONDS = 60 * 60
IDLE_SECONDS_OF_STAFF = 30 * 60
SEEN_STEP = 60  # a session is written at most once a minute, not with every cell

_PICTURE = re.compile(r"/charts/([0-9a-f]{64})\.svg")
_HEADERS_OF_PICTURES = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
logger = logging.getLogger(__name__)
Handler = Callable[[HttpRequest], HttpResponseBase]

# What a person without the compulsory second factor may still open: the way to set it up, and out.
SECOND_FACTOR_WAY = {
    "account_logout",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "choose_membership",
    "display_settings",
    "accessibility",
}


def sealed_pictures(get_response: Handler) -> Handler:
    """A picture that a page showed to this very session costs what a static file costs: its seal is judged by the
    cookie alone. Whatever has no seal, or another's, or is not drawn yet, goes the way of every address.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        path = _PICTURE.fullmatch(request.path_info)
        given, session = request.GET.get("seal"), request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        if path and given and session and request.method in {"GET", "HEAD"}:
            picture = chart_files.drawn_for(path[1], session, int(time.time() // 86_400), given)
            if picture is not None:
                return HttpResponse(picture, content_type="image/svg+xml", headers=_HEADERS_OF_PICTURES)
        return get_response(request)

    return middleware


def private_pages(get_response: Handler) -> Handler:
    """Pages of signed-in people are kept by no cache, so that «back» after signing out shows nothing."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response

    return middleware


def membership_of_request(get_response: Handler) -> Handler:
    """Puts the chosen membership on the request (the first one is the default) and tells time as its place does."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        request.membership, request.memberships = None, []  # type: ignore[attr-defined]
        if request.user.is_authenticated:
            choices = memberships_in_force(request.user)
            wanted = request.session.get("membership")
            chosen = next((one for one in choices if one.pk == wanted), choices[0] if choices else None)
            request.membership, request.memberships = chosen, choices  # type: ignore[attr-defined]
        municipality = request.membership.municipality if request.membership else None  # type: ignore[attr-defined]
        # Deadlines are told in the time of the place; the documents span three time zones.
        with timezone.override(municipality.time_zone if municipality else None):
            return get_response(request)

    return middleware


def end_idle_sessions(get_response: Handler) -> Handler:
    """Ends a session nobody has used for an hour (30 minutes for staff), and any session twelve hours after its start.

    Autosave counts as use. What a page asks by itself does not: an open tab must not keep a session alive.
    """
    unattended = {reverse(name) for name in ASKED_BY_PAGES}

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = int(time.time())
            staff = any(one.role in NEEDS_SECOND_FACTOR for one in memberships_of(request))
            session, limit = request.session, IDLE_SECONDS_OF_STAFF if staff else IDLE_SECONDS
            began, seen = session.setdefault("began", now), session.setdefault("seen", now)
            if now - seen >= limit or now - began >= settings.SESSION_COOKIE_AGE:
                _sign_out(request, idle=now - seen >= limit)
            elif now - seen >= SEEN_STEP and request.path not in unattended:
                session["seen"] = now
        return get_response(request)

    return middleware


def _sign_out(request: HttpRequest, *, idle: bool) -> None:
    logout(request)
    request.membership, request.memberships = None, []  # type: ignore[attr-defined]
    if not wants_data(request):
        why = "Вы долго не работали на портале" if idle else "С вашего входа прошло 12 часов"
        messages.info(request, f"{why}, поэтому сеанс завершён. Войдите снова: всё сохранённое на месте.")


def wants_data(request: HttpRequest) -> bool:
    """Whether a script asks (and would be misled by a redirect to a page that answers 200)."""
    return (
        request.headers.get("X-Requested-With") == "XMLHttpRequest"
        or request.headers.get("HX-Request") == "true"
        or request.headers.get("Accept", "").startswith("application/json")
    )


def refused_in_api(request: HttpRequest, mark: Mark) -> HttpResponse | None:
    """Why a call of the API is refused, or None. A token stands before the session: it speaks for the municipality."""
    header = request.headers.get("Authorization")
    if header is not None:
        token = admit_token(header, timezone.now())
        if token is None:
            return problem(401, "Ключ неизвестен, отозван или его срок истёк.", headers={"WWW-Authenticate": "Bearer"})
        request.api_token, request.membership, request.memberships = token, None, []  # type: ignore[attr-defined]
        return None if mark.tokens else problem(403, "По ключу этот адрес не открывается: нужен вход на портал.")
    if not request.user.is_authenticated:
        sentence = "Войдите на портал или передайте ключ в заголовке «Authorization: Bearer …»."
        return problem(401, sentence, headers={"WWW-Authenticate": "Bearer"})
    member = membership_of(request)
    if not settings.DEMO and lacks_second_factor(member, has_factor=is_mfa_enabled(request.user)):
        return problem(403, "Сначала подключите на портале второй фактор входа.")
    return None if mark.admits(member) else problem(403, "Ваша роль не открывает эти данные.")


class AccessMiddleware:
    """Refuses every address without a mark, and everybody whom the mark does not admit."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        mark = mark_of(view, name)
        # PostgreSQL refuses this character in a question, so nothing has it in its name.
        if any("\x00" in text for text in (request.path, *request.GET.values())):
            if mark is not None and mark.api:
                return problem(404, "Такого адреса нет: в нём недопустимый знак.")
            raise Http404
        if mark is None:
            logger.error("address without an access mark: %s", request.path)
        if mark is None or mark.closed:
            raise Http404
        if mark.stranger:
            return None
        if mark.api:
            return refused_in_api(request, mark)
        if not request.user.is_authenticated:
            if wants_data(request):
                return JsonResponse({"error": "Сеанс завершён. Войдите снова."}, status=401)
            return redirect_to_login(request.get_full_path())
        member = membership_of(request)
        asked = not settings.DEMO and name not in SECOND_FACTOR_WAY
        if asked and lacks_second_factor(member, has_factor=is_mfa_enabled(request.user)):
            return redirect("mfa_index")
        if not mark.admits(member):
            raise PermissionDenied
        return None
