"""Questions that schools ask about rows of their forms: who waits for an answer."""

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from monitoring.enums import ThreadKind
from monitoring.models import Reply, Thread
from portal.formats import search_key
from portal.models import Membership

# Standing of a question: its words on screen, in the order of the list.
WAITING, ANSWERED, CLOSED = "waiting", "answered", "closed"
STANDINGS = {WAITING: "ждёт ответа", ANSWERED: "отвечен", CLOSED: "закрыт"}


def questions(member: Membership, *, standing: str = "", search: str = "") -> QuerySet[Thread]:
    """Questions that this membership may see, those that wait for an answer first; each with `standing` and `answers`.

    A question waits while nobody has answered, and again when the last word is the school's.
    """
    last = Reply.objects.filter(thread=OuterRef("pk")).order_by("-id").values("by")[:1]
    of_school = Membership.objects.filter(user=OuterRef("last_by"), school=OuterRef("submission__school"))
    rows = (
        Thread.objects.visible_to(member)
        .filter(kind=ThreadKind.QUESTION)
        .select_related("submission__school", "submission__form", "element", "by")
        .annotate(answers=Count("replies"), last_by=Subquery(last))
        .annotate(
            standing=Case(
                When(closed_at__isnull=False, then=Value(CLOSED)),
                When(Q(last_by=None) | Exists(of_school), then=Value(WAITING)),
                default=Value(ANSWERED),
                output_field=CharField(),
            )
        )
    )
    if standing in STANDINGS:
        rows = rows.filter(standing=standing)
    if search:
        rows = rows.filter(submission__school__search_key__contains=search_key(search))
    order = Case(*(When(standing=key, then=Value(place)) for place, key in enumerate(STANDINGS)))
    return rows.order_by(order, "-id")
