"""What the portal's own pages read: schools and people of a place."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from portal.access import visible
from portal.formats import search_key
from portal.models import Membership, School

SCHOOL_ORDERS = {
    "name": "sort_key",
    "-name": "-sort_key",
    "kind": "kind",
    "-kind": "-kind",
    "code": "code",
    "-code": "-code",
}


def schools(request: HttpRequest, *, search: str = "", order: str = "name") -> QuerySet[School]:
    """Schools that this person may see, found by a part of their name or code."""
    found = visible(request, School)
    if search:
        found = found.filter(search_key__contains=search_key(search))
    return found.order_by(SCHOOL_ORDERS.get(order, "sort_key"), "sort_key")


def people(request: HttpRequest, *, search: str = "") -> QuerySet[Membership]:
    """Memberships in the places that this person may see, with everything a row of the list prints."""
    found = visible(request, Membership).select_related("user", "school", "municipality", "region")
    if search:
        found = found.filter(
            Q(user__email__icontains=search)
            | Q(user__full_name__icontains=search)
            | Q(school__search_key__contains=search_key(search))
        )
    return found.order_by("school__sort_key", "role", "user__full_name")
