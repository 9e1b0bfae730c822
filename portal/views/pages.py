"""The frame of the portal: home, display settings, jobs, charts, health."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from portal import chart_files
from portal.access import any_person, load, member_of, memberships_of, open_to_strangers, requires
from portal.context import DISPLAY_COOKIE, display_from
from portal.forms import MembershipForm
from portal.models import Job
from portal.roles import Permission


@any_person
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/home.html", {"slots": slots(settings.PORTAL_HOME_SLOTS, request)})


def slots(names: list[str], *arguments: Any) -> list[str]:
    """The parts that the apps put on a page, by dotted name; an app with nothing to say returns None."""
    return [part for name in names if (part := import_string(name)(*arguments))]


@any_person
@require_POST
def choose_membership(request: HttpRequest) -> HttpResponse:
    form = MembershipForm(request.POST)
    wanted = form.cleaned_data["membership"] if form.is_valid() else None
    if wanted not in {one.pk for one in memberships_of(request)}:
        raise Http404
    request.session["membership"] = wanted
    return redirect("home")


@any_person
@require_safe
def token(request: HttpRequest) -> HttpResponse:
    """Who is signed in and a fresh form token: a page left open while its person signed in again asks for both."""
    return JsonResponse({"person": str(request.user.pk), "token": get_token(request)})


@open_to_strangers
@require_http_methods(["GET", "HEAD", "POST"])
def display_settings(request: HttpRequest) -> HttpResponse:
    """Size, colours, spacing, font and images of every page; kept in a cookie, so it needs no account."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    # Without a leading slash `redirect` would take the text for the name of an address.
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        back = reverse("home")
    if request.method == "POST":
        given = {} if "reset" in request.POST else request.POST.dict()
        response = redirect(back)
        response.set_cookie(
            DISPLAY_COOKIE,
            display_from(given).cookie(),
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=not settings.DEMO,
            httponly=True,
        )
        return response
    return render(request, "portal/display.html", {"next": back})


@open_to_strangers
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@requires(Permission.BUILD_REPORTS)
@require_safe
def job(request: HttpRequest, public_id: str) -> HttpResponse:
    """How far a background job is; the page asks again by itself until it ends (htmx), or by its link (no script)."""
    shown = load(request, Job, public_id=public_id)
    template = "portal/_job.html" if request.headers.get("HX-Request") else "portal/job.html"
    return render(request, template, {"job": shown})


@any_person
@csp_replace({"style-src": ["'unsafe-inline'"]})
@require_safe
def chart(request: HttpRequest, key: str) -> HttpResponse:
    """The picture of a kept chart. Its own policy allows the styles inside the SVG; it has no scripts and no links."""
    return _picture(request, key, chart_files.svg, "image/svg+xml", "svg")


@any_person
@require_safe
def chart_png(request: HttpRequest, key: str) -> HttpResponse:
    """The same picture as PNG, for a letter or a slide."""
    return _picture(request, key, chart_files.png, "image/png", "png")


def _picture(
    request: HttpRequest, key: str, read: Callable[[chart_files.ChartFile], bytes], content_type: str, ending: str
) -> HttpResponse:
    """A picture never changes under its address; with `?name=` it is saved as a file of that name.

    Its name is its tag, too: a browser that has it is told so before anything is read or drawn.
    """
    kept = chart_files.find(key)
    if kept is None or not kept.visible_to(member_of(request)):
        raise Http404
    tag = f'"{key}.{ending}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    response = HttpResponse(read(kept), content_type=content_type, headers={"ETag": tag})
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    if name := slugify(request.GET.get("name", ""))[:80]:
        response["Content-Disposition"] = content_disposition_header(True, f"{name}.{ending}")
    return response


@open_to_strangers
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@open_to_strangers
@require_GET
def readyz(request: HttpRequest) -> HttpResponse:
    """Whether the portal can serve: the database answers. Says no details to strangers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("not ready", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form sent from an old page or after signing in again; nothing was written."""
    return render(request, "403_csrf.html", status=403)
