"""Who is in a place, who is awaited, where somebody is missing, and who may look after whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.access import visible
from portal.codes import as_typed, hash_of, slip_code
from portal.enums import InvitationPurpose, InvitationWay
from portal.formats import search_key
from portal.models import Invitation, Membership, Municipality, School, User
from portal.roles import Role, Scope, looks_after

INVITED, ACTIVE, OFF, ENDED = "invited", "active", "off", "ended"
STATES = {INVITED: "приглашён", ACTIVE: "действует", OFF: "отключён", ENDED: "роль завершена"}
_SIGNS = {INVITED: "clock", ACTIVE: "done", OFF: "lock", ENDED: "todo"}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list: a membership, or an invitation that waits for its person."""

    name: str
    role: str
    place: str
    position: str
    email: str
    state: str
    school: int | None
    membership: Membership | None = None
    invitation: Invitation | None = None

    @property
    def words(self) -> str:
        return STATES[self.state]

    @property
    def sign(self) -> str:
        return _SIGNS[self.state]

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)


@dataclass(frozen=True, slots=True)
class Shortage:
    """A school that has nobody, or only one person, responsible for its data (feature I4)."""

    school: School
    coordinators: int

    @property
    def sentence(self) -> str:
        lack = "у школы остался один ответственный" if self.coordinators else "у школы нет ни одного ответственного"
        return f"{self.school.name}: {lack}"


def listed(
    request: HttpRequest, *, now: datetime, search: str = "", state: str = "", role: str = "", school: str = ""
) -> list[PersonRow]:
    """Everybody of the places that this person may see, and everybody awaited there; two queries.

    `school` is the public id of a school, or «-» for those who work for the whole municipality. Without a state
    nobody is listed whose role has ended.
    """
    rows = [_row_of(one, timezone.localdate(now)) for one in _memberships(request)]
    rows += [_awaited(one) for one in open_invitations(visible(request, Invitation), now)]
    wanted = search_key(search)
    kept = [
        row
        for row in rows
        if (row.state == state if state else row.state != ENDED)
        and (not role or row.role == role)
        and (not school or _works_at(row, school))
        and wanted in search_key(f"{row.name} {row.email} {row.place}")
    ]
    return sorted(kept, key=lambda row: (row.school is not None, row.place, row.role, row.name))


def _memberships(request: HttpRequest) -> QuerySet[Membership]:
    return visible(request, with_places())


def with_places() -> QuerySet[Membership]:
    """Memberships with their person and place, to load one of."""
    return Membership.objects.select_related("user", "school", "municipality", "region")


def with_places_of_invitations() -> QuerySet[Invitation]:
    """Invitations to a role with their place, to load one of."""
    rows = Invitation.objects.filter(purpose=InvitationPurpose.JOIN)
    return rows.select_related("school__municipality", "municipality")


def _row_of(one: Membership, today: date) -> PersonRow:
    return PersonRow(
        name=str(one.user),
        role=one.role,
        place=one.place_label,
        position=one.user.position,
        email=one.user.email,
        state=state_of(one, today),
        school=one.school_id,
        membership=one,
    )


def _awaited(one: Invitation) -> PersonRow:
    return PersonRow(
        name=one.full_name,
        role=one.role,
        place=place_of(one),
        position=one.position,
        email=one.email,
        state=INVITED,
        school=one.school_id,
        invitation=one,
    )


def _works_at(row: PersonRow, school: str) -> bool:
    if school == "-":
        return row.school is None
    place = (row.membership or row.invitation).school  # type: ignore[union-attr]
    return place is not None and str(place.public_id) == school


def state_of(one: Membership, today: date) -> str:
    """ACTIVE, OFF for a person whose account is closed, ENDED for a role whose last day has passed."""
    if one.until and one.until < today:
        return ENDED
    return ACTIVE if one.user.is_active else OFF


def place_of(one: Invitation) -> str:
    """Where an invitation leads: a school, a municipality, or the portal itself."""
    place = one.school or one.municipality
    return place.name if place else "портал"


# --- invitations ------------------------------------------------------------------------------------------------------


def open_invitations(rows: QuerySet[Invitation], now: datetime) -> QuerySet[Invitation]:
    """Invitations of these whose code still works; links for a new password are none."""
    still = rows.filter(
        purpose=InvitationPurpose.JOIN, used_at__isnull=True, cancelled_at__isnull=True, expires_at__gt=now
    )
    return still.select_related("school", "municipality")


def find_invitation(code: str, now: datetime) -> Invitation | None:
    """The invitation or the link for a new password that this code opens now; None whatever the reason."""
    rows = Invitation.objects.select_related("school__municipality", "municipality")
    found = rows.filter(token_hash=hash_of(as_typed(code))).first()
    return found if found and found.is_open(now) else None


def needs_password(one: Invitation) -> bool:
    """Whether its holder chooses a password: not somebody who has an account already and is given one more role."""
    person = User.objects.filter(email=one.email).first()
    return one.purpose == InvitationPurpose.RESET or person is None or not person.has_usable_password()


def places_of(email: str, now: datetime) -> set[str]:
    """Names of the cities and schools where a person of this address works or is invited."""
    held = Membership.objects.filter(user__email=email).select_related("school", "municipality")
    awaited = open_invitations(Invitation.objects.filter(email=email), now)
    towns = [*(one.municipality for one in held), *(one.municipality for one in awaited)]
    schools = [*(one.school for one in held), *(one.school for one in awaited)]
    names = {name for town in towns if town for name in (town.city, town.name)}
    return names | {school.name for school in schools if school}


def slips_of(by: User, seed: str, now: datetime) -> list[tuple[Invitation, str]]:
    """The slips of one printing with their codes, as long as they work: whoever has no seed gets none."""
    rows = Invitation.objects.filter(created_by=by, way=InvitationWay.SLIP, expires_at__gt=now)
    open_ones = rows.filter(used_at__isnull=True, cancelled_at__isnull=True).select_related("school", "municipality")
    coded = [(one, slip_code(seed, str(one.public_id))) for one in open_ones.order_by("id")]
    return [(one, code) for one, code in coded if hash_of(code) == one.token_hash]


# --- who is missing ---------------------------------------------------------------------------------------------------


def shortages(municipality: Municipality, today: date) -> list[Shortage]:
    """Open schools with no coordinator, or with one and nobody beside; the worst first. One query."""
    working = Q(memberships__since__lte=today, memberships__user__is_active=True) & (
        Q(memberships__until__isnull=True) | Q(memberships__until__gte=today)
    )
    counted = (
        School.objects.filter(municipality=municipality)
        .exclude(closed__lte=today)
        .annotate(
            coordinators=Count("memberships", filter=working & Q(memberships__role=Role.COORDINATOR)),
            colleagues=Count("memberships", filter=working & Q(memberships__role=Role.COLLEAGUE)),
        )
    )
    short = [
        Shortage(one, one.coordinators)
        for one in counted
        if not one.coordinators or one.coordinators + one.colleagues == 1
    ]
    return sorted(short, key=lambda one: one.coordinators)


def shortage_without(leaving: Iterable[Membership], today: date) -> list[str]:
    """What the schools of these memberships would lack if they ended today; a sentence for each school."""
    sentences = []
    for one in leaving:
        if one.role != Role.COORDINATOR or one.school is None or one.school.closed:
            continue
        others = Membership.objects.in_force(today).filter(school=one.school).exclude(user=one.user_id)
        left = sum(other.role == Role.COORDINATOR for other in others)
        if left == 0:
            sentences.append(f"{one.school.name}: у школы не останется ни одного ответственного.")
        elif left == 1 and len([other for other in others if other.role != Role.SCHOOL_HEAD]) == 1:
            sentences.append(f"{one.school.name}: у школы останется один ответственный.")
    return sentences


# --- who may look after whom ------------------------------------------------------------------------------------------


def may_give(by: Membership, role: Role, municipality: Municipality | None, school: School | None) -> bool:
    """Whether this membership may give and take away a role in a place: its own place, no role above it."""
    inside = municipality is not None and municipality.pk == by.municipality_id
    if by.scope == Scope.SCHOOL:
        inside = inside and school is not None and school.pk == by.school_id
    return inside and role in looks_after(Role(by.role))


def may_look_after(by: Membership, one: Membership) -> bool:
    """Whether this membership may end that one. Nobody ends their own."""
    return one.user_id != by.user_id and may_give(by, Role(one.role), one.municipality, one.school)


def may_manage_account(by: Membership, person: User, today: date) -> bool:
    """Whether this membership may close an account or send a new link to it.

    Only when it may look after every role that the person holds, here and elsewhere: otherwise a new link would be a
    way to the rights of somebody above, or of another municipality. A coordinator looks after roles, not accounts.
    """
    held = roles_held(person, today)
    return by.scope != Scope.SCHOOL and bool(held) and all(may_look_after(by, one) for one in held)


def roles_held(person: User, today: date) -> list[Membership]:
    """The roles of a person that have not ended, whether or not the account is open."""
    rows = person.memberships.filter(Q(until__isnull=True) | Q(until__gte=today))
    return list(rows.select_related("user", "school", "municipality"))


def memberships_of_person(request: HttpRequest, person: User) -> QuerySet[Membership]:
    """The roles of a person in the places that the reader may see, the present ones first."""
    return _memberships(request).filter(user=person).order_by("until", "id")


def colleagues(school: School, today: date) -> QuerySet[Membership]:
    """Everybody who works at a school and has a way into the portal."""
    return Membership.objects.in_force(today).filter(school=school).select_related("user", "school", "municipality")


def invited_colleagues(school: School, now: datetime) -> QuerySet[Invitation]:
    """Colleagues of a school whom the portal still awaits."""
    return open_invitations(Invitation.objects.filter(school=school, role=Role.COLLEAGUE), now)


def open_schools(request: HttpRequest, today: date) -> QuerySet[School]:
    """Schools that may be given people: those that this person sees and that are not closed."""
    return visible(request, School).exclude(closed__lte=today)


def municipality_called(slug: str) -> Municipality | None:
    """A municipality by its short name, for the command line."""
    return Municipality.objects.filter(slug=slug).first()


def school_coded(municipality: Municipality, code: str) -> School | None:
    """A school by its code, for the command line."""
    return School.objects.filter(municipality=municipality, code=code).select_related("municipality").first()
