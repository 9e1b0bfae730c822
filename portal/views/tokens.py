"""Tokens by which programs read the open data of a municipality: issuing, the list, revoking."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from portal import actions
from portal.access import load, member_of, municipality_of, requires, visible
from portal.actions import ActionRefused
from portal.codes import hash_of
from portal.forms.tokens import TokenForm
from portal.models import ApiToken
from portal.roles import Permission

PAGE = 50
CODE_COOKIE = "token_code"
CODE_SECONDS = 600


@requires(Permission.MANAGE_TOKENS)
@require_http_methods(["GET", "HEAD", "POST"])
def api_tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form of a new token.

    The server keeps only the hash. The code itself travels in a cookie of this one browser to the next page, which
    shows it and takes the cookie away.
    """
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _, code = actions.issue_token(
                municipality=municipality_of(request), by=member_of(request).user, **form.cleaned_data
            )
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _told_once(redirect("api_tokens"), code)
    rows = visible(request, ApiToken).select_related("created_by")
    code = request.COOKIES.get(CODE_COOKIE, "")
    issued = rows.filter(token_hash=hash_of(code), created_by=member_of(request).user).first() if code else None
    now = timezone.now()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "lines": [(one, one.is_open(now)) for one in page],
        "issued": issued,
        "code": code if issued else "",
        "address": request.build_absolute_uri(reverse("api:openapi-json")),
    }
    answer = render(request, "portal/api_tokens.html", context, status=422 if form.errors else 200)
    if code and request.method == "GET":
        answer.delete_cookie(CODE_COOKIE, path=reverse("api_tokens"), samesite="Strict")
    return answer


def _told_once(answer: HttpResponse, code: str) -> HttpResponse:
    answer.set_cookie(
        CODE_COOKIE,
        code,
        max_age=CODE_SECONDS,
        path=reverse("api_tokens"),
        secure=not settings.DEMO,
        httponly=True,
        samesite="Strict",
    )
    return answer


@requires(Permission.MANAGE_TOKENS)
@require_http_methods(["GET", "HEAD", "POST"])
def api_token_revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask, and end a token at once."""
    shown = load(request, ApiToken, public_id=public_id)
    if request.method == "POST":
        try:
            actions.revoke_token(token=shown, by=member_of(request).user)
        except ActionRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Ключ «{shown.name}» отозван. Программа больше не получит данных.")
        return redirect("api_tokens")
    return render(request, "portal/api_token_revoke.html", {"shown": shown})
