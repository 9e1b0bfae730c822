"""Every address of the portal, what it shows and to whom it belongs; a place full of data to call it with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from monitoring import actions
from monitoring.actions.review import Remark
from monitoring.models import Campaign, Submission, Thread
from portal import chart_files
from portal.charts import Bar, RankedBars
from portal.models import Job, Membership, Municipality, Regulation, School
from portal.roles import Role, Scope
from reports.document import Document, Figure, Paragraph, Text, document_to_json
from reports.models import Report
from tests.factories import (
    MunicipalityFactory,
    SchoolFactory,
    accepted,
    coordinator_of,
    explain_all,
    fill,
    member,
    specialist_of,
    submission,
    under_review,
)

OURS = frozenset({"GET", "HEAD", "POST"})
READ = frozenset({"GET", "HEAD"})
WRITE = frozenset({"POST"})
OF_ALLAUTH = frozenset({"GET", "HEAD", "POST", "PUT"})  # its forms take PUT as POST


# --- a place with data -----------------------------------------------------------------------------------------------


@dataclass
class Place:
    """A school with its municipality and one object of everything that addresses show."""

    school: School
    words: tuple[str, ...]  # planted in everything of the school that is printed
    accepted: Submission
    reviewed: Submission
    campaign: Campaign
    thread: Thread
    regulation: Regulation
    job: Job
    report: Report
    chart: str
    school_chart: str
    coordinator: Membership

    @property
    def municipality(self) -> Municipality:
        return self.school.municipality


def municipality(word: str) -> Municipality:
    """A municipality whose every name holds the word."""
    return MunicipalityFactory(
        slug=word.lower(),
        name=f"Округ {word}",
        name_genitive=f"Округа {word}",
        name_prepositional=f"Округе {word}",
        city=f"г. {word}",
        department=f"Управление {word}",
        department_genitive=f"Управления {word}",
        head_name=f"И. О. {word}",
        made_up=f"Числа придуманы для {word}.",
    )


def school_called(word: str, town: Municipality) -> School:
    return SchoolFactory(municipality=town, name=f"Школа {word}", code=f"code-{word}")


def place(school: School, word: str, number: int) -> Place:
    """Fill a school with its own word and its own number, so that they are recognised wherever they come out."""
    town = school.municipality
    coordinator = coordinator_of(school)
    coordinator.user.full_name = f"Сотрудник {word}"
    coordinator.user.save()
    reviewed, done = submission(school, 2022), submission(school, 2021)
    accepted(done, pupils_1=number, pupils_8=number)
    under_review(reviewed, pupils_1=number + 1, service_talk=None)
    actions.return_form(
        submission=reviewed,
        by=specialist_of(town),
        remarks=[Remark(f"Замечание {word}", element="pupils_9")],
        due_at=reviewed.campaign.closes_at,
        comment=f"Причина {word}",
    )
    fill(reviewed, service_games=number)
    explain_all(reviewed)
    reviewed.refresh_from_db()
    chart = RankedBars(title=f"График {word}", alt=f"Описание {word}", rows=(Bar(word, 50.0, "50"),), unit="percent")
    keys = {"municipality": town.pk}
    kept = chart_files.keep(chart, **keys)
    return Place(
        school=school,
        words=(word, *spellings(number)),
        accepted=done,
        reviewed=reviewed,
        campaign=reviewed.campaign,
        thread=Thread.objects.get(submission=reviewed),
        regulation=Regulation.objects.create(
            municipality=town, kind="order", issuer=word, number=f"1-{word}", date="2021-09-01", title=f"О {word}"
        ),
        job=Job.objects.create(kind="report", municipality=town, state="failed", message=f"Отказ {word}."),
        report=report(town, word, number, kept),
        chart=kept,
        school_chart=chart_files.keep(chart, **keys, school=school.pk),
        coordinator=coordinator,
    )


def spellings(number: int) -> tuple[str, str]:
    """As it is stored, and as the portal prints it: 7 771 113."""
    return str(number), f"{number:,}".replace(",", "\u00a0")


def report(town: Municipality, word: str, number: int, chart: str) -> Report:
    svg = chart_files.svg(chart_files.find(chart)).decode()
    tree = Document(
        title=f"Отчёт {word}",
        subject=word,
        blocks=(
            Paragraph((Text(f"В отчёте {word} – {number}."),)),
            Figure(key="f", caption=f"Рисунок {word}", chart_key=chart, alt=word, svg=svg),
        ),
    )
    return Report.objects.create(
        municipality=town,
        kind="analysis",
        year=2021,
        revision=Report.objects.filter(municipality=town).count() + 1,
        tree=document_to_json(tree),
        data_version=1,
    )


# --- the addresses ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Address:
    """How to call an address. `owner` says whose data it shows: a school's, a municipality's, or nobody's.

    `arguments` and `query` make the call for a place; `also` are answers besides the usual ones to those who may.
    """

    methods: frozenset[str] = READ
    owner: Scope | None = None
    arguments: Callable[[Place], dict[str, Any]] = lambda place: {}
    query: Callable[[Place], dict[str, str]] = lambda place: {}
    also: frozenset[int] = field(default=frozenset())

    def url(self, name: str, place: Place) -> str:
        query = urlencode(self.query(place))
        return reverse(name, kwargs=self.arguments(place)) + (f"?{query}" if query else "")


def of_form(methods: frozenset[str] = READ, **more: str) -> list[Address]:
    """An address of a school's form, called for a form under way and for an accepted one."""
    return [
        Address(methods, Scope.SCHOOL, lambda place: {"public_id": place.reviewed.public_id, **more}),
        Address(methods, Scope.SCHOOL, lambda place: {"public_id": place.accepted.public_id, **more}),
    ]


def of_town(name: str, methods: frozenset[str] = READ) -> list[Address]:
    """An address of an object that belongs to the municipality as a whole."""
    return [Address(methods, Scope.MUNICIPALITY, lambda place: {"public_id": getattr(place, name).public_id})]


def of_dashboard(methods: frozenset[str] = READ, **arguments: str) -> list[Address]:
    """An address of the dashboards, called for one's own municipality and by the name of any."""

    def query(**more: str) -> Callable[[Place], dict[str, str]]:
        return lambda place: {"municipality": place.municipality.slug, **more}

    def fixed(place: Place) -> dict[str, str]:
        return arguments

    return [
        Address(methods, None, fixed),
        Address(methods, Scope.MUNICIPALITY, fixed, query()),
        Address(methods, Scope.MUNICIPALITY, fixed, query(year="2022", preliminary="1")),
    ]


PLAIN = [Address()]
CLOSED = [Address(OF_ALLAUTH)]
ALLAUTH = [Address(OF_ALLAUTH)]
SEARCH = [
    Address(),
    Address(query=lambda place: {"q": "зебр"}),
    Address(query=lambda place: {"order": "-code", "page": "2"}),
]

# Every name of the URLconf has its line; a new address without one fails the guard.
ADDRESSES: dict[str, list[Address]] = {
    "home": PLAIN,
    "token": PLAIN,
    "accessibility": PLAIN,
    "display_settings": [Address(OURS)],
    "healthz": [Address(frozenset({"GET"}))],
    "readyz": [Address(frozenset({"GET"}))],
    "choose_membership": [Address(WRITE, also=frozenset({404}))],  # 404: the call names no membership
    "schools": SEARCH,
    "people": SEARCH,
    "school": [Address(READ, Scope.SCHOOL, lambda place: {"public_id": place.school.public_id})],
    "job": of_town("job"),
    "chart": [
        Address(READ, Scope.MUNICIPALITY, lambda place: {"key": place.chart}),
        Address(READ, Scope.SCHOOL, lambda place: {"key": place.school_chart}),
    ],
    "monitoring:campaigns": PLAIN,
    "monitoring:launch": [Address(OURS)],
    "monitoring:campaign": of_town("campaign"),
    "monitoring:form": of_form(),
    "monitoring:check": of_form(),
    "monitoring:explain": of_form(WRITE),
    "monitoring:answer": of_form(WRITE),
    "monitoring:print": of_form(),
    "monitoring:history": of_form(),
    "monitoring:move": [*of_form(WRITE, move="send"), *of_form(WRITE, move="take"), *of_form(WRITE, move="accept")],
    "monitoring:return": of_form(OURS),
    "monitoring:reopen": of_form(OURS),
    "monitoring:cell": of_form(frozenset({"PUT"}), code="pupils_1"),
    "monitoring:section": of_form(OURS, code="contingent"),
    "monitoring:dashboard": of_dashboard(),
    "monitoring:dashboard_schools": of_dashboard(),
    "monitoring:collection": of_dashboard(),
    "monitoring:indicator": of_dashboard(code="4.1"),
    "monitoring:target": of_dashboard(OURS, code="4.1"),
    "reports:list": PLAIN,
    "reports:build": [Address(WRITE)],
    "reports:report": of_town("report"),
    "reports:pdf": of_town("report"),
    "reports:html": of_town("report"),
    "account_login": ALLAUTH,
    "account_logout": [Address(OURS)],
    "account_change_password": ALLAUTH,
    "account_reauthenticate": ALLAUTH,
    "mfa_authenticate": ALLAUTH,
    "mfa_index": PLAIN,
    "mfa_reauthenticate": ALLAUTH,
    "mfa_activate_totp": ALLAUTH,
    "mfa_deactivate_totp": [Address(OF_ALLAUTH, also=frozenset({404}))],  # 404: there is no second factor yet
    "mfa_view_recovery_codes": [Address(OF_ALLAUTH, also=frozenset({404, 405}))],
    "mfa_generate_recovery_codes": [Address(OF_ALLAUTH, also=frozenset({404}))],
    "mfa_download_recovery_codes": [Address(OF_ALLAUTH, also=frozenset({404, 405}))],
    "usersessions_list": ALLAUTH,
    "account_signup": CLOSED,
    "account_inactive": CLOSED,
    "account_email": CLOSED,
    "account_email_verification_sent": CLOSED,
    "account_confirm_email": [Address(OF_ALLAUTH, arguments=lambda place: {"key": "key"})],
    "account_confirm_login_code": CLOSED,
    "account_set_password": CLOSED,
    "account_reset_password": CLOSED,
    "account_reset_password_done": CLOSED,
    "account_reset_password_from_key": [Address(OF_ALLAUTH, arguments=lambda place: {"uidb36": "1", "key": "set"})],
    "account_reset_password_from_key_done": CLOSED,
}


_R = Role
_READERS = {_R.SPECIALIST, _R.METHODIST, _R.HEAD, _R.OPERATOR}
_FORM_READERS = {*_READERS, _R.COORDINATOR, _R.COLLEAGUE, _R.SCHOOL_HEAD}
_WRITERS = {_R.COORDINATOR, _R.COLLEAGUE}
_DASHBOARD_READERS = {*_READERS, _R.OBSERVER}

# The roles that an address opens to, said once more without permissions: a permission given to a wrong view, or to a
# wrong role, is seen here. What is not listed opens to strangers, to every signed-in person, or to nobody.
ROLES: dict[str, set[Role]] = {
    "schools": {*_FORM_READERS, _R.OBSERVER, _R.MUNICIPAL_ADMIN},
    "school": {*_FORM_READERS, _R.OBSERVER, _R.MUNICIPAL_ADMIN},
    "people": {_R.SPECIALIST, _R.METHODIST, _R.HEAD, _R.MUNICIPAL_ADMIN},
    "job": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:campaigns": _READERS,
    "monitoring:campaign": _READERS,
    "monitoring:launch": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:form": _FORM_READERS,
    "monitoring:check": _FORM_READERS,
    "monitoring:print": _FORM_READERS,
    "monitoring:history": _FORM_READERS,
    "monitoring:section": _FORM_READERS,
    "monitoring:explain": _WRITERS,
    "monitoring:answer": _WRITERS,
    "monitoring:cell": _WRITERS,
    "monitoring:move": {_R.COORDINATOR, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:return": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:reopen": {_R.HEAD},
    "monitoring:dashboard": _DASHBOARD_READERS,
    "monitoring:dashboard_schools": _DASHBOARD_READERS,
    "monitoring:collection": _DASHBOARD_READERS,
    "monitoring:indicator": _DASHBOARD_READERS,
    "monitoring:target": {_R.SPECIALIST, _R.METHODIST},
    "reports:list": _DASHBOARD_READERS,
    "reports:report": _DASHBOARD_READERS,
    "reports:pdf": _DASHBOARD_READERS,
    "reports:html": _DASHBOARD_READERS,
    "reports:build": {_R.SPECIALIST, _R.METHODIST},
}
STRANGERS_MAY = {
    "account_login",
    "mfa_authenticate",
    "display_settings",
    "accessibility",
    "healthz",
    "readyz",
}
EVERY_PERSON_MAY = {
    "home",
    "token",
    "choose_membership",
    "chart",
    "account_logout",
    "account_change_password",
    "account_reauthenticate",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "usersessions_list",
}


def patterns(resolver: URLResolver | None = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the URLconf with its full name, through all includes; "" for one that has no name."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield ":".join((*spaces, one.name)) if one.name else "", one
        else:
            yield from patterns(one, (*spaces, one.namespace) if one.namespace else spaces)


def missing(address: Address, name: str, place: Place) -> str | None:
    """The same call with an object that does not exist, or None where the address names no object."""
    arguments = address.arguments(place)
    if "public_id" in arguments:
        return reverse(name, kwargs={**arguments, "public_id": uuid4()})
    return reverse(name, kwargs={"key": "0" * 64}) if name == "chart" else None


def member_in(place: Place, role: Role) -> Membership:
    return member(role, place.municipality, place.school)
