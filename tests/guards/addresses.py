"""Every address of the portal, what it shows and to whom it belongs; a place full of data to call it with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from monitoring import actions
from monitoring.actions.published import write_published
from monitoring.actions.review import Remark
from monitoring.actions.roundups import ColumnAsked, ask_roundup, fill_roundup_row
from monitoring.enums import CellState, ColumnKind, ImportKind
from monitoring.models import (
    Campaign,
    CatalogueDraft,
    ImportDraft,
    PublishedTable,
    RegionForm,
    RoundupRow,
    SavedTable,
    Submission,
    Thread,
)
from monitoring.queries.campaigns.incoming import Incoming, Reading, compare, comparison_to_json
from monitoring.queries.published.printed import PrintedRow, PrintedTable
from portal import chart_files
from portal.charts import Bar, RankedBars
from portal.codes import hash_of
from portal.models import ApiToken, Invitation, Job, Membership, Municipality, Regulation, School
from portal.roles import Role, Scope
from portal.workbooks import write_table
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
    row: RoundupRow
    regulation: Regulation
    workbook: ImportDraft
    table: ImportDraft
    job: Job
    report: Report
    chart: str
    school_chart: str
    coordinator: Membership
    invitation: Invitation
    api_token: ApiToken
    catalogue: CatalogueDraft
    saved: SavedTable
    region_form: RegionForm
    published: PublishedTable

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
        row=roundup_row(school, word, number, coordinator),
        regulation=Regulation.objects.create(
            municipality=town, kind="order", issuer=word, number=f"1-{word}", date="2021-09-01", title=f"О {word}"
        ),
        workbook=draft(reviewed, word, number, submission=reviewed),
        table=draft(reviewed, word, number),
        job=Job.objects.create(kind="report", municipality=town, state="failed", message=f"Отказ {word}."),
        report=report(town, word, number, kept),
        chart=kept,
        school_chart=chart_files.keep(chart, **keys, school=school.pk),
        coordinator=coordinator,
        invitation=Invitation.objects.create(
            way="mail",
            email=f"invited-{school.pk}@school.test",
            full_name=f"Приглашённый {word}",
            role=Role.COLLEAGUE,
            municipality=town,
            school=school,
            token_hash=hash_of(word),
            expires_at=timezone.now() + timedelta(days=3),
        ),
        api_token=api_token(town, word),
        catalogue=CatalogueDraft.objects.create(file_name="catalogue.yaml", text="forms: []"),
        saved=SavedTable.objects.create(municipality=town, name=f"Таблица {word}", query="what=4.1&layout=schools"),
        region_form=region_form(town, word),
        published=published_table(town, word, number),
    )


def api_token(town: Municipality, word: str) -> ApiToken:
    until = timezone.now() + timedelta(days=3)
    hashed = hash_of(f"token-{word}")
    return ApiToken.objects.create(municipality=town, name=f"Программа {word}", token_hash=hashed, expires_at=until)


def region_form(town: Municipality, word: str) -> RegionForm:
    """A workbook of the region whose words hold the place's own, with one cell marked."""
    return RegionForm.objects.create(
        municipality=town,
        name=f"Форма {word}",
        file_name=f"{word}.xlsx",
        file=write_table(f"Лист {word}", ["Показатель", "Значение"], [[f"Охват {word}", None]]),
        marks=[[f"Лист {word}", "B2", "pupils_1"]],
    )


def draft(form: Submission, word: str, number: int, **of: Submission) -> ImportDraft:
    """A file that was read and waits: its only cell is the place's number."""
    kind = ImportKind.WORKBOOK if of else ImportKind.VALUES
    cell = Incoming(form.pk, "pupils_2", CellState.NUMBER, number, "", f"ячейка {word}")
    found = compare(form.campaign, kind, Reading([cell], notes=[f"Пояснение {word}"]))
    return ImportDraft.objects.create(
        municipality=form.municipality,
        kind=kind,
        campaign=form.campaign,
        by=coordinator_of(form.school).user,
        file_name=f"{word}.xlsx",
        content=comparison_to_json(found),
        **of,
    )


def published_table(town: Municipality, word: str, number: int) -> PublishedTable:
    """A table that was published about the place, with a percentage that does not follow from its numbers."""
    row = PrintedRow(2021, number, number + 1, "50")
    table = PrintedTable(
        f"Документ {word}", f"Таблица {word}", "1", "pupils", (9,), "4.1", f"Примечание {word}", (row,)
    )
    write_published(municipality=town, tables=(table,), by=None)
    return PublishedTable.objects.get(municipality=town, title=table.title)


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


def of_school(methods: frozenset[str] = READ) -> list[Address]:
    """An address of a school itself."""
    return [Address(methods, Scope.SCHOOL, lambda place: {"public_id": place.school.public_id})]


def of_person(methods: frozenset[str] = READ) -> list[Address]:
    """An address of one role of one person, here of a school's coordinator."""
    return [Address(methods, Scope.SCHOOL, lambda place: {"pk": place.coordinator.pk})]


def roundup_row(school: School, word: str, number: int, coordinator: Membership) -> RoundupRow:
    """The row that a school filled in a round-up asked of it alone."""
    asked = ask_roundup(
        by=specialist_of(school.municipality),
        title=f"Свод {word}",
        note=f"Примечание {word}",
        due_at=timezone.now() + timedelta(days=3),
        columns=[ColumnAsked(f"Число {word}", ColumnKind.NUMBER), ColumnAsked(f"Текст {word}", ColumnKind.TEXT)],
        schools=[school],
    )
    return fill_roundup_row(row=asked.rows.get(), answers={"1": number, "2": word}, version=0, by=coordinator)


def of_roundup(methods: frozenset[str] = READ) -> list[Address]:
    """An address of a round-up, which belongs to the municipality as a whole."""
    return [Address(methods, Scope.MUNICIPALITY, lambda place: {"public_id": place.row.roundup.public_id})]


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


def of_catalogue(methods: frozenset[str] = READ) -> list[Address]:
    """An address of a catalogue file, which is nobody's; the file that waits here is no catalogue."""
    return [Address(methods, None, lambda place: {"public_id": place.catalogue.public_id})]


def of_api(**more: str) -> list[Address]:
    """An address of the API, called for one's own municipality and by the name of any."""
    return [
        Address(frozenset({"GET"}), query=lambda place: more),
        Address(
            frozenset({"GET"}),
            Scope.MUNICIPALITY,
            query=lambda place: {"municipality": place.municipality.slug, **more},
        ),
    ]


def launch_query(place: Place) -> dict[str, str]:
    """What step one of a launch hands to its review: the form is already launched, so a POST is refused."""
    return {
        "year": "2022",
        "form": "year",
        "opens_on": "2022-09-01",
        "closes_on": "2022-10-01",
        "regulation": str(place.regulation.pk),
    }


OF_ALL_WHO_WAIT = Address(
    OURS, Scope.MUNICIPALITY, lambda place: {"public_id": place.campaign.public_id}, lambda place: {"all": "1"}
)
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
    "notices": [Address(), Address(query=lambda place: {"unread": "1"})],
    "notice_open": [Address(WRITE, also=frozenset({404}))],  # 404: the call names no notice
    "notices_read": [Address(WRITE)],
    "accessibility": PLAIN,
    "display_settings": [Address(OURS)],
    "healthz": [Address(frozenset({"GET"}))],
    "readyz": [Address(frozenset({"GET"}))],
    "choose_membership": [Address(WRITE, also=frozenset({404}))],  # 404: the call names no membership
    "schools": SEARCH,
    "people": SEARCH,
    "person": of_person(),
    "person_end": of_person(OURS),
    "person_off": of_person(OURS),
    "person_on": of_person(WRITE),
    "person_reset": of_person(OURS),
    "colleagues": of_school(OURS),
    "invite": [Address(OURS), Address(OURS, query=lambda place: {"school": "зебр", "role": "x"})],
    "invite_many": [Address(OURS)],
    "invite_sample": PLAIN,
    "invite_check": [Address(OURS)],
    "pending_invitation": of_town("invitation", OURS),
    "slips": PLAIN,
    "invitation_code": [Address(OURS)],
    "invitation": [Address(OURS, None, lambda place: {"code": "0" * 20}, also=frozenset({404}))],  # no such code
    "school": of_school(),
    "school_add": [Address(OURS)],
    "school_edit": of_school(OURS),
    "school_close": of_school(OURS),
    "school_reopen": of_school(WRITE),
    "schools_export": SEARCH,
    "schools_import": [Address(OURS)],
    "schools_import_preview": PLAIN,
    "schools_import_confirm": [Address(WRITE)],
    "people_export": PLAIN,
    "api_tokens": [Address(OURS)],
    "api_token_revoke": of_town("api_token", OURS),
    "regulations": [Address(), Address(query=lambda place: {"q": "зебр", "year": "2021", "standing": "yes"})],
    "regulation_add": [Address(OURS), Address(OURS, query=lambda place: {"next": "/monitoring/campaigns/launch/"})],
    "regulation": of_town("regulation"),
    "regulation_edit": of_town("regulation", OURS),
    "regulation_delete": of_town("regulation", OURS),
    "job": of_town("job"),
    "chart": [
        Address(READ, Scope.MUNICIPALITY, lambda place: {"key": place.chart}),
        Address(READ, Scope.SCHOOL, lambda place: {"key": place.school_chart}),
    ],
    "chart_png": [
        Address(READ, Scope.MUNICIPALITY, lambda place: {"key": place.chart}),
        Address(READ, Scope.SCHOOL, lambda place: {"key": place.school_chart}),
    ],
    "monitoring:campaigns": PLAIN,
    "monitoring:launch": [Address(OURS)],
    "monitoring:campaign": of_town("campaign"),
    "monitoring:launch_review": [Address(OURS, query=launch_query)],
    "monitoring:campaign_remind": [*of_town("campaign", OURS), OF_ALL_WHO_WAIT],
    "monitoring:campaign_extend": [*of_town("campaign", OURS), OF_ALL_WHO_WAIT],
    "monitoring:campaign_terms": of_town("campaign", OURS),
    "monitoring:campaign_close": of_town("campaign", OURS),
    "monitoring:campaign_open": of_town("campaign", OURS),
    "monitoring:form": of_form(),
    "monitoring:check": of_form(),
    "monitoring:explain": of_form(WRITE),
    "monitoring:answer": of_form(WRITE),
    "monitoring:print": of_form(),
    "monitoring:history": of_form(),
    "monitoring:move": [*of_form(WRITE, move="send"), *of_form(WRITE, move="take"), *of_form(WRITE, move="accept")],
    "monitoring:return": of_form(OURS),
    "monitoring:reopen": of_form(OURS),
    "monitoring:give_back": of_form(OURS),
    "monitoring:changed": of_form(),
    "monitoring:close_remark": [  # 404: the call names no remark
        Address(WRITE, Scope.SCHOOL, lambda place: {"public_id": place.reviewed.public_id}, also=frozenset({404}))
    ],
    "monitoring:accept_clean": of_town("campaign", OURS),
    "monitoring:extend": of_form(OURS),
    "monitoring:cancel_extension": of_form(WRITE),
    "monitoring:behalf": of_form(OURS),
    "monitoring:correct": of_form(OURS, code="pupils_1"),
    "monitoring:hand_over": of_form(OURS),
    "monitoring:cell": of_form(frozenset({"PUT"}), code="pupils_1"),
    "monitoring:cells": of_form(WRITE),
    "monitoring:presence": [Address(WRITE)],
    "monitoring:row": of_form(code="pupils_1"),
    "monitoring:note": of_form(WRITE, code="pupils_1"),
    "monitoring:ask": of_form(WRITE, code="pupils_1"),
    "monitoring:reply": of_form(WRITE, code="pupils_1"),
    "monitoring:close_question": of_form(WRITE, code="pupils_1"),
    "monitoring:questions": [Address(), Address(query=lambda place: {"standing": "waiting", "q": "зебр"})],
    "monitoring:blank": of_form(),
    "monitoring:import_form": of_form(OURS),
    "monitoring:import_values": of_town("campaign", OURS),
    "monitoring:export": of_town("campaign"),
    "monitoring:import_draft": [
        Address(OURS, Scope.SCHOOL, lambda place: {"public_id": place.workbook.public_id}),
        *of_town("table", OURS),
    ],
    "monitoring:section": of_form(OURS, code="contingent"),
    "monitoring:class_sheet": of_form(OURS, code="diagnostics"),
    "monitoring:class_print": [*of_form(code="diagnostics"), *of_form(code="staff")],
    "monitoring:class_sums": of_form(OURS, code="diagnostics"),
    "monitoring:roundups": [Address(), Address(query=lambda place: {"state": "overdue", "order": "-answered"})],
    "monitoring:roundup_new": [Address(OURS)],
    "monitoring:roundup": of_roundup(),
    "monitoring:roundup_row": [Address(OURS, Scope.SCHOOL, lambda place: {"public_id": place.row.public_id})],
    "monitoring:roundup_print": of_roundup(),
    "monitoring:roundup_xlsx": of_roundup(),
    "monitoring:roundup_remind": of_roundup(WRITE),
    "monitoring:roundup_deadline": of_roundup(WRITE),
    "monitoring:roundup_close": of_roundup(WRITE),
    "monitoring:roundup_open": of_roundup(WRITE),
    "monitoring:roundup_repeat": of_roundup(OURS),
    "monitoring:rules": [
        Address(),
        Address(query=lambda place: {"form": "year", "severity": "warning", "section": "projects"}),
    ],
    "monitoring:rule": [Address(OURS, arguments=lambda place: {"code": "W901"})],
    "monitoring:rule_statistics": [Address(), Address(query=lambda place: {"year": "2022"})],
    "monitoring:passports": [Address(), Address(query=lambda place: {"show": "elements", "q": "зебр", "part": "x"})],
    "monitoring:passport": [Address(arguments=lambda place: {"code": "4.1"})],
    "monitoring:element": [Address(arguments=lambda place: {"code": "pupils_1"})],
    "monitoring:wording_indicator": [Address(OURS, arguments=lambda place: {"code": "4.1"})],
    "monitoring:wording_element": [Address(OURS, arguments=lambda place: {"code": "pupils_1"})],
    "monitoring:collected": of_dashboard(),
    "monitoring:collection_note": of_dashboard(OURS, code="4.1"),
    "monitoring:catalogue": [Address(OURS)],
    "monitoring:catalogue_draft": of_catalogue(OURS),
    "monitoring:catalogue_file": of_catalogue(),
    "monitoring:published": PLAIN,
    "monitoring:published_protocol": [
        Address(),
        Address(query=lambda place: {"code": "W-04"}),
        Address(query=lambda place: {"table": "rows", "format": "csv"}),
    ],
    "monitoring:published_import": [Address(OURS)],
    "monitoring:published_sample": [Address(), Address(query=lambda place: {"format": "csv"})],
    "monitoring:published_check": [Address(OURS)],
    "monitoring:published_table": of_town("published"),
    "monitoring:published_delete": of_town("published", OURS),
    "monitoring:published_row": [
        Address(OURS, Scope.MUNICIPALITY, lambda place: {"public_id": place.published.public_id, "year": 2021})
    ],
    "monitoring:detected": of_dashboard(),
    "monitoring:own_table": [
        Address(),
        Address(query=lambda place: {"what": "pupils_1", "year": "2021", "layout": "schools", "show": "both"}),
        Address(query=lambda place: {"what": "pupils_1", "year": "2022", "layout": "across", "preliminary": "1"}),
        Address(query=lambda place: {"what": "pupils_1", "year": "2021", "table": "own", "format": "json"}),
    ],
    "monitoring:table_keep": [Address(WRITE)],
    "monitoring:saved_tables": PLAIN,
    "monitoring:table_rename": of_town("saved", OURS),
    "monitoring:table_delete": of_town("saved", OURS),
    "monitoring:region_forms": PLAIN,
    "monitoring:region_form_new": [Address(OURS)],
    "monitoring:region_form": of_town("region_form", OURS),
    "monitoring:region_form_unmark": of_town("region_form", WRITE),
    "monitoring:region_form_fill": of_town("region_form"),
    "monitoring:region_form_file": of_town("region_form"),
    "monitoring:region_form_replace": of_town("region_form", OURS),
    "monitoring:region_form_delete": of_town("region_form", OURS),
    "monitoring:dashboard": of_dashboard(),
    "monitoring:dashboard_schools": [
        *of_dashboard(),
        Address(query=lambda place: {"view": "change", "kind": "secondary", "locality": "city", "page": "2"}),
        Address(query=lambda place: {"view": "gap", "order": "4.1", "format": "json"}),
    ],
    "monitoring:compare": [
        *of_dashboard(),
        Address(READ, Scope.MUNICIPALITY, query=lambda place: {"school": str(place.school.public_id)}),
        Address(READ, Scope.MUNICIPALITY, query=lambda place: {"like": str(place.school.public_id)}),
    ],
    "monitoring:grades": of_dashboard(),
    "monitoring:own_results": [Address(), Address(query=lambda place: {"year": "2021", "group": "support"})],
    "monitoring:region": [Address(), Address(query=lambda place: {"year": "2021", "group": "coverage"})],
    "monitoring:collection": of_dashboard(),
    "monitoring:quality": of_dashboard(),
    "monitoring:indicator": of_dashboard(code="4.1"),
    "monitoring:target": of_dashboard(OURS, code="4.1"),
    "api:catalogue": of_api(),
    "api:schools": of_api(),
    "api:values": [*of_api(year="2021"), *of_api(year="2021", level="school", limit="1000")],
    "api:checks": of_api(),
    "api:findings": of_form(frozenset({"GET"})),
    "api:openapi-json": [Address(frozenset({"GET"}))],
    "api:api-root": CLOSED,
    "api:nowhere": [  # 404 is its whole answer
        Address(OURS | {"PUT", "DELETE", "PATCH"}, arguments=lambda place: {"rest": "x"}, also=frozenset({404}))
    ],
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
_ROUNDUP_RUNNERS = {_R.SPECIALIST, _R.METHODIST, _R.OPERATOR}
_DASHBOARD_READERS = {*_READERS, _R.OBSERVER}
_KEEPERS = {_R.SPECIALIST, _R.MUNICIPAL_ADMIN}

# The roles that an address opens to, said once more without permissions: a permission given to a wrong view, or to a
# wrong role, is seen here. What is not listed opens to strangers, to every signed-in person, or to nobody.
ROLES: dict[str, set[Role]] = {
    "schools": {*_FORM_READERS, _R.OBSERVER, _R.MUNICIPAL_ADMIN},
    "school": {*_FORM_READERS, _R.OBSERVER, _R.MUNICIPAL_ADMIN},
    "school_add": _KEEPERS,
    "school_edit": _KEEPERS,
    "school_close": _KEEPERS,
    "school_reopen": _KEEPERS,
    "schools_export": {*_FORM_READERS, _R.OBSERVER, _R.MUNICIPAL_ADMIN},
    "schools_import": _KEEPERS,
    "schools_import_preview": _KEEPERS,
    "schools_import_confirm": _KEEPERS,
    "people_export": {_R.SPECIALIST, _R.METHODIST, _R.HEAD, _R.MUNICIPAL_ADMIN},
    "regulations": {*_READERS, _R.MUNICIPAL_ADMIN},
    "regulation": {*_READERS, _R.MUNICIPAL_ADMIN},
    "regulation_add": {*_KEEPERS, _R.METHODIST},
    "regulation_edit": {*_KEEPERS, _R.METHODIST},
    "regulation_delete": {*_KEEPERS, _R.METHODIST},
    "people": {_R.SPECIALIST, _R.METHODIST, _R.HEAD, _R.MUNICIPAL_ADMIN},
    "person": {_R.SPECIALIST, _R.METHODIST, _R.HEAD, _R.MUNICIPAL_ADMIN},
    "person_end": {*_KEEPERS, _R.COORDINATOR},
    "person_off": _KEEPERS,
    "person_on": _KEEPERS,
    "person_reset": _KEEPERS,
    "colleagues": {_R.COORDINATOR},
    "invite": _KEEPERS,
    "invite_many": _KEEPERS,
    "invite_sample": _KEEPERS,
    "invite_check": _KEEPERS,
    "pending_invitation": _KEEPERS,
    "api_tokens": {_R.MUNICIPAL_ADMIN},
    "api_token_revoke": {_R.MUNICIPAL_ADMIN},
    "slips": {*_KEEPERS, _R.COORDINATOR},
    "job": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:campaigns": _READERS,
    "monitoring:campaign": _DASHBOARD_READERS,
    "monitoring:campaign_remind": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:campaign_extend": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:campaign_terms": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:campaign_close": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:campaign_open": {_R.HEAD},
    "monitoring:launch_review": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:launch": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:form": _FORM_READERS,
    "monitoring:check": _FORM_READERS,
    "monitoring:print": _FORM_READERS,
    "monitoring:history": _FORM_READERS,
    "monitoring:section": _FORM_READERS,
    "monitoring:blank": _FORM_READERS,
    "monitoring:import_form": {*_WRITERS, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:import_values": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:export": {_R.SPECIALIST, _R.METHODIST, _R.OPERATOR},
    "monitoring:import_draft": {*_WRITERS, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:explain": {*_WRITERS, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:answer": {*_WRITERS, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:cell": {*_WRITERS, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:cells": {*_WRITERS, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:presence": {*_WRITERS, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:row": _FORM_READERS,
    "monitoring:note": {*_WRITERS, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:ask": _WRITERS,
    "monitoring:reply": {*_WRITERS, _R.SPECIALIST, _R.METHODIST, _R.OPERATOR},
    "monitoring:close_question": {*_WRITERS, _R.SPECIALIST, _R.METHODIST, _R.OPERATOR},
    "monitoring:questions": {_R.SPECIALIST, _R.METHODIST, _R.OPERATOR},
    "monitoring:move": {_R.COORDINATOR, _R.SCHOOL_HEAD, _R.SPECIALIST, _R.OPERATOR},
    "monitoring:return": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:reopen": {_R.HEAD},
    "monitoring:give_back": {_R.SCHOOL_HEAD},
    "monitoring:changed": _READERS,
    "monitoring:close_remark": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:accept_clean": {_R.SPECIALIST},
    "monitoring:extend": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:cancel_extension": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:behalf": {_R.SPECIALIST, _R.OPERATOR},
    "monitoring:correct": {_R.SPECIALIST},
    "monitoring:hand_over": {_R.COORDINATOR},
    "monitoring:class_sheet": _FORM_READERS,
    "monitoring:class_print": _FORM_READERS,
    "monitoring:class_sums": _WRITERS,
    "monitoring:roundups": _READERS,
    "monitoring:roundup_new": _ROUNDUP_RUNNERS,
    "monitoring:roundup": _READERS,
    "monitoring:roundup_row": {*_ROUNDUP_RUNNERS, _R.COORDINATOR, _R.SCHOOL_HEAD},
    "monitoring:roundup_print": _READERS,
    "monitoring:roundup_xlsx": _READERS,
    "monitoring:roundup_remind": _ROUNDUP_RUNNERS,
    "monitoring:roundup_deadline": _ROUNDUP_RUNNERS,
    "monitoring:roundup_close": _ROUNDUP_RUNNERS,
    "monitoring:roundup_open": _ROUNDUP_RUNNERS,
    "monitoring:roundup_repeat": _ROUNDUP_RUNNERS,
    "monitoring:rules": _FORM_READERS,
    "monitoring:rule": {_R.METHODIST},
    "monitoring:rule_statistics": _READERS,
    "monitoring:passports": {*_FORM_READERS, _R.OBSERVER},
    "monitoring:passport": {*_FORM_READERS, _R.OBSERVER},
    "monitoring:element": {*_FORM_READERS, _R.OBSERVER},
    "monitoring:wording_indicator": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:wording_element": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:collected": _DASHBOARD_READERS,
    "monitoring:collection_note": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:catalogue": {_R.INSTALLATION_ADMIN},
    "monitoring:catalogue_draft": {_R.INSTALLATION_ADMIN},
    "monitoring:catalogue_file": {_R.INSTALLATION_ADMIN},
    "monitoring:published": _DASHBOARD_READERS,
    "monitoring:published_protocol": _DASHBOARD_READERS,
    "monitoring:published_import": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:published_sample": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:published_check": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:published_table": _DASHBOARD_READERS,
    "monitoring:published_delete": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:published_row": {_R.SPECIALIST, _R.METHODIST},
    "monitoring:detected": _DASHBOARD_READERS,
    "monitoring:own_table": _DASHBOARD_READERS,
    "monitoring:table_keep": _READERS,
    "monitoring:saved_tables": _DASHBOARD_READERS,
    "monitoring:table_rename": _READERS,
    "monitoring:table_delete": _READERS,
    "monitoring:region_forms": _READERS,
    "monitoring:region_form_new": _READERS,
    "monitoring:region_form": _READERS,
    "monitoring:region_form_unmark": _READERS,
    "monitoring:region_form_fill": _READERS,
    "monitoring:region_form_file": _READERS,
    "monitoring:region_form_replace": _READERS,
    "monitoring:region_form_delete": _READERS,
    "monitoring:dashboard": _DASHBOARD_READERS,
    "monitoring:dashboard_schools": _DASHBOARD_READERS,
    "monitoring:compare": _DASHBOARD_READERS,
    "monitoring:grades": _DASHBOARD_READERS,
    "monitoring:own_results": {_R.COORDINATOR, _R.SCHOOL_HEAD},
    "monitoring:region": {_R.REGIONAL},
    "monitoring:collection": _DASHBOARD_READERS,
    "monitoring:quality": _DASHBOARD_READERS,
    "monitoring:indicator": _DASHBOARD_READERS,
    "monitoring:target": {_R.SPECIALIST, _R.METHODIST},
    "api:catalogue": _DASHBOARD_READERS,
    "api:schools": _DASHBOARD_READERS,
    "api:values": _DASHBOARD_READERS,
    "api:checks": _DASHBOARD_READERS,
    "api:findings": _FORM_READERS,
    "api:openapi-json": _DASHBOARD_READERS,
    "reports:list": _DASHBOARD_READERS,
    "reports:report": _DASHBOARD_READERS,
    "reports:pdf": _DASHBOARD_READERS,
    "reports:html": _DASHBOARD_READERS,
    "reports:build": {_R.SPECIALIST, _R.METHODIST},
}
STRANGERS_MAY = {
    "api:nowhere",
    "invitation",
    "invitation_code",
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
    "notices",
    "notice_open",
    "notices_read",
    "choose_membership",
    "chart",
    "chart_png",
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
    absent = {"public_id": uuid4(), "pk": 10**9, **({"key": "0" * 64} if name in {"chart", "chart_png"} else {})}
    named = absent.keys() & address.arguments(place).keys()
    if not named:
        return None
    arguments = {**address.arguments(place), **{key: absent[key] for key in named}}
    query = urlencode(address.query(place))
    return reverse(name, kwargs=arguments) + (f"?{query}" if query else "")


def member_in(place: Place, role: Role) -> Membership:
    return member(role, place.municipality, place.school)
