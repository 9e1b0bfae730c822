"""A person's notices: their list, opening one, marking all as read."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from portal import actions, queries
from portal.access import any_person, load, member_of, membership_of
from portal.forms.notices import NoticeForm
from portal.models import Notice

PAGE = 30


@any_person
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The newest first; `?unread=1` keeps those not read yet."""
    only_unread = request.GET.get("unread") == "1"
    page = Paginator(queries.notices(request, only_unread=only_unread), PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/notices.html", {"page": page, "only_unread": only_unread})


@any_person
@require_POST
def notice_open(request: HttpRequest) -> HttpResponse:
    """Mark one notice as read and go where it leads. A button and no link, because it changes something."""
    form = NoticeForm(request.POST)
    if not form.is_valid():
        raise Http404
    notice = load(request, Notice, pk=form.cleaned_data["notice"])
    actions.read_notices(member=member_of(request), notice=notice)
    inside = notice.url.startswith("/") and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if inside else "notices")


@any_person
@require_POST
def notices_read(request: HttpRequest) -> HttpResponse:
    member = membership_of(request)
    if member is not None and actions.read_notices(member=member):
        messages.success(request, "Все уведомления отмечены прочитанными.")
    return redirect("notices")
