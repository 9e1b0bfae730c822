"""The demonstration: two municipalities, four years, every state of a form, from the files of fixtures/demo."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from monitoring import actions
from monitoring.actions import CellEntry
from monitoring.actions.published import write_published
from monitoring.actions.review import Remark
from monitoring.actions.roundups import ColumnAsked, ask_roundup, fill_roundup_row
from monitoring.enums import CellState, ColumnKind, Reason
from monitoring.models import Campaign, Element, Explanation, Form, Indicator, Submission, Value
from monitoring.published_files import read_printed, rows_of_file
from monitoring.queries.entry.content import content_of
from monitoring.queries.published.published import indicator_codes
from portal.accounts import DEMO_DOMAIN
from portal.actions import add_person
from portal.models import Membership, Municipality, Region, Regulation, School
from portal.roles import Role

FIXTURES = settings.BASE_DIR / "fixtures"
PASSWORD = "demo-Proforientir-1"  # noqa: S105 – everybody may know it: it opens nothing in service mode
CURRENT = 2022
REGION = "kuzbass"
DAYS_TO_DEADLINE = 5
COORDINATORS_SCHOOL = "K04"

# How far each school of the first municipality is in the current year; the rest have not begun.
STORY: dict[str, str] = {
    "K01": "accepted",
    "K02": "returned",
    "K03": "under_review",
    COORDINATORS_SCHOOL: "half",
    "K05": "sent",
    "K06": "sent",
    "K08": "full",
    "K09": "half",
    "K12": "half",
    "K13": "returned_late",
    "K19": "accepted",
}
TARGETS: dict[str, str] = {"1.2": "50", "3.1": "30", "3.2": "45", "4.1": "60", "4.3": "60", "5.1": "100", "5.2": "25"}

# What schools answer to the rules about a form as a whole; those about one number stand in the files of fixtures/demo.
OF_FORMS: dict[str, dict[str, str]] = {
    "W903": {"reason": "first_time", "text": "Работа проведена впервые или не проводилась, журнал проверен."},
    "W904": {"reason": "other", "text": "Числа раздела за год не изменились, сверено с приказами по школе."},
    "W905": {"reason": "other", "text": "Сведения о части выпускников не получены, запросы направлены."},
    "W906": {"reason": "other", "text": "Совпадение проверено по журналам: числа обеих строк верны."},
    "W907": {"reason": "other", "text": "Числа сверены со списками классов, округления нет."},
    "W908": {"reason": "other", "text": "Число верно: работа велась не так, как в других школах, журнал проверен."},
}

# Invented people; their names say so.
PEOPLE: tuple[tuple[str, str, str, Role], ...] = (
    ("specialist", "Павел Образцов", "главный специалист", Role.SPECIALIST),
    ("methodist", "Вера Примерова", "методист", Role.METHODIST),
    ("head", "Глеб Итогов", "начальник управления", Role.HEAD),
)


@dataclass(frozen=True, slots=True)
class Account:
    """A line of the list that the demo prints."""

    email: str
    who: str


@transaction.atomic
def make_demo() -> list[Account]:
    """Write the whole demonstration in one transaction, or nothing; a second call changes nothing."""
    accounts = [Account(f"{name}{DEMO_DOMAIN}", who) for name, who in _ACCOUNTS]
    if Municipality.objects.filter(slug="kemerovo").exists():
        return accounts
    file = FIXTURES / "catalogue.yaml"
    actions.load_catalogue_file(text=file.read_text(encoding="utf-8"), file_name=file.name)
    for slug in ("kemerovo", "prokopyevsk"):
        _municipality(json.loads((FIXTURES / "demo" / f"{slug}.json").read_text(encoding="utf-8")))
    _regional()
    return accounts


_ACCOUNTS = (
    ("coordinator", "ответственный за профориентацию школы"),
    ("specialist", "специалист управления образования"),
    ("methodist", "методист"),
    ("head", "руководитель управления образования"),
    ("admin", "администратор муниципалитета и портала"),
    ("specialist2", "специалист соседнего муниципалитета"),
    ("region", "специалист региона"),
)


def _municipality(data: Mapping[str, Any]) -> None:
    """One municipality with its schools, people, past years and current year."""
    place = _place(data)
    schools = {row["code"]: _school(place, row) for row in data["schools"]}
    first = place.slug == "kemerovo"
    specialist = _people(place, schools) if first else _specialist2(place)
    for year in sorted(map(int, data["years"])):
        _past_year(place, year, data["years"][str(year)], specialist)
        _explain_past(place, year, data["explanations"])
        actions.rebuild_totals(municipality=place, year=year)
    _published(place, specialist)
    campaign = _current_year(place, specialist)
    if first:
        _targets(place, specialist)
        for code, stage in STORY.items():
            _tell(campaign, schools[code], data["current"][str(CURRENT)][code], data["explanations"], stage)
        _roundup(place, specialist, schools)


def _published(place: Municipality, by: Membership) -> None:
    """What was really printed about past years, brought in as a person would: the protocol is full on first sight."""
    file = FIXTURES / "demo" / f"published-{place.slug}.csv"
    read = read_printed(rows_of_file(file.read_bytes()), indicator_codes())
    write_published(municipality=place, tables=read.tables, by=by.user)


def _roundup(place: Municipality, specialist: Membership, schools: Mapping[str, School]) -> None:
    """A round-up that two schools have answered and the others have not."""
    made = ask_roundup(
        by=specialist,
        title="Экскурсии на предприятия в этом месяце",
        note="Считайте экскурсии, которые уже прошли. Один класс на одном предприятии – одна экскурсия.",
        due_at=_at(place, timezone.localdate() + timedelta(days=4), 0) - timedelta(seconds=1),
        columns=[
            ColumnAsked("Экскурсий", ColumnKind.NUMBER),
            ColumnAsked("Участников, чел.", ColumnKind.NUMBER),
            ColumnAsked("Нужен автобус", ColumnKind.YES_NO),
        ],
        schools=schools.values(),
    )
    for code, answers in {"K05": {"1": 2, "2": 48, "3": True}, "K06": {"1": 1, "2": 25, "3": False}}.items():
        by = Membership.objects.filter(school=schools[code], role=Role.COORDINATOR).select_related("user").first()
        if by is not None:
            fill_roundup_row(row=made.rows.get(school=schools[code]), answers=answers, version=0, by=by)


def _place(data: Mapping[str, Any]) -> Municipality:
    given = data["municipality"]
    region, _ = Region.objects.get_or_create(slug=REGION, defaults={"name": given["region"]})
    fields = {field.name for field in Municipality._meta.fields} & given.keys() - {"region"}
    return Municipality.objects.create(region=region, made_up=data["made_up"], **{name: given[name] for name in fields})


def _school(place: Municipality, row: Mapping[str, Any]) -> School:
    public_id = uuid.uuid5(uuid.NAMESPACE_URL, f"{place.slug}/{row['code']}")  # the same address in every demo
    return School.objects.create(municipality=place, public_id=public_id, **row)


def _people(place: Municipality, schools: Mapping[str, School]) -> Membership:
    members = {
        name: add_person(
            email=f"{name}{DEMO_DOMAIN}",
            full_name=full_name,
            position=position,
            role=role,
            municipality=place,
            password=PASSWORD,
            since=date(2019, 9, 1),
        )
        for name, full_name, position, role in PEOPLE
    }
    for code, school in schools.items():
        own = code == COORDINATORS_SCHOOL
        add_person(
            email=f"coordinator{'' if own else '-' + code.lower()}{DEMO_DOMAIN}",
            full_name="Анна Показателева" if own else f"Ответственный Школы-{code[1:]}",
            position="заместитель директора",
            role=Role.COORDINATOR,
            school=school,
            password=PASSWORD if own else None,
            since=date(2019, 9, 1),
        )
    for role, municipality in ((Role.MUNICIPAL_ADMIN, place), (Role.INSTALLATION_ADMIN, None)):
        add_person(
            email=f"admin{DEMO_DOMAIN}",
            full_name="Админ Настройкин",
            position="администратор",
            role=role,
            municipality=municipality,
            password=PASSWORD,
        )
    return members["specialist"]


def _regional() -> None:
    add_person(
        email=f"region{DEMO_DOMAIN}",
        full_name="Роман Сводный",
        position="главный консультант",
        role=Role.REGIONAL,
        region=Region.objects.get(slug=REGION),
        password=PASSWORD,
        since=date(2019, 9, 1),
    )


def _specialist2(place: Municipality) -> Membership:
    return add_person(
        email=f"specialist2{DEMO_DOMAIN}",
        full_name="Инна Соседова",
        position="главный специалист",
        role=Role.SPECIALIST,
        municipality=place,
        password=PASSWORD,
        since=date(2019, 9, 1),
    )


def _order(place: Municipality, year: int) -> Regulation:
    return Regulation.objects.create(
        municipality=place,
        kind="order",
        issuer=place.department_genitive,
        number=f"{100 + year % 100}-д",
        date=date(year + 1, 3, 14),
        title="О проведении мониторинга профориентационной работы в общеобразовательных организациях",
    )


def _at(place: Municipality, day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(place.time_zone))


def _past_year(place: Municipality, year: int, values: Mapping[str, Any], by: Membership) -> None:
    """Both forms of a past year, every one accepted."""
    order = _order(place, year)
    codes = {form: set(_codes(form)) for form in ("year", "graduates")}
    for form, opened, closed in (
        ("year", date(year + 1, 4, 1), date(year + 1, 6, 10)),
        ("graduates", date(year + 1, 10, 1), date(year + 1, 10, 20)),
    ):
        campaign = actions.launch_campaign(
            municipality=place,
            form=Form.objects.get(code=form),
            year=year,
            opens_at=_at(place, opened),
            closes_at=_at(place, closed, 23),
            by=by.user,
            regulation=order,
        )
        for submission in campaign.submissions.select_related("school", "form", "municipality"):
            given = {code: row for code, row in values[submission.school.code].items() if code in codes[form]}
            actions.accept_past_form(submission=submission, values=given, at=_at(place, closed), by=by.user)


def _codes(form: str) -> list[str]:
    return list(Element.objects.filter(section__form__code=form).values_list("code", flat=True))


def _explain_past(place: Municipality, year: int, explanations: list[dict[str, Any]]) -> None:
    """The explanations that schools gave for the jumps of a past year, with the numbers they were given for."""
    numbers = {
        (value.submission.school.code, value.submission.year, value.element.code): value
        for value in Value.objects.filter(
            submission__municipality=place, submission__year__in=(year - 1, year), number__isnull=False
        ).select_related("submission__school", "element")
    }
    Explanation.objects.bulk_create(
        Explanation(
            submission=numbers[row["school"], year, row["element"]].submission,
            check_code=row["check"],
            element=numbers[row["school"], year, row["element"]].element,
            numbers=(
                f"{numbers[row['school'], year - 1, row['element']].number}"
                f"/{numbers[row['school'], year, row['element']].number}"
            ),
            reason=row["reason"],
            text=row["text"],
        )
        for row in explanations
        if row["year"] == year and row["element"]
    )


def _current_year(place: Municipality, by: Membership) -> Campaign:
    """The open campaign of the form `year`, with its deadline a few days ahead of today."""
    today = timezone.localdate(timezone=ZoneInfo(place.time_zone))
    return actions.launch_campaign(
        municipality=place,
        form=Form.objects.get(code="year"),
        year=CURRENT,
        opens_at=_at(place, today - timedelta(days=20), 0),
        closes_at=_at(place, today + timedelta(days=DAYS_TO_DEADLINE + 1), 0) - timedelta(seconds=1),
        by=by.user,
        regulation=_order(place, CURRENT),
    )


def _targets(place: Municipality, by: Membership) -> None:
    for code, value in TARGETS.items():
        indicator = Indicator.objects.get(code=code)
        for year in (2021, CURRENT):
            actions.set_target(municipality=place, year=year, indicator=indicator, value=Decimal(value), by=by.user)


def _tell(
    campaign: Campaign, school: School, values: Mapping[str, int], explanations: list[dict[str, Any]], stage: str
) -> None:
    """Bring one school's form of the current year to the stage of its story, by the actions people would use."""
    submission = Submission.objects.select_related("campaign", "municipality", "school").get(
        campaign=campaign, school=school
    )
    coordinator = Membership.objects.get(school=school, role=Role.COORDINATOR)
    specialist = Membership.objects.get(municipality=school.municipality, role=Role.SPECIALIST)
    asked = [code for code in values if not stage.startswith("half") or _in_first_half(code, values)]
    entries = [CellEntry(code, CellState.NUMBER, values[code], "", 0) for code in asked]
    actions.save_cells(submission=submission, entries=entries, by=coordinator)
    if stage in {"half", "full"}:
        return
    _explain(submission, coordinator, explanations)
    submission.refresh_from_db()
    actions.send(submission=submission, by=coordinator, version=submission.version)
    if stage == "sent":
        return
    submission = actions.take(submission=submission, by=specialist)
    if stage == "accepted":
        actions.accept(submission=submission, by=specialist, version=submission.version)
    elif stage.startswith("returned"):
        _return(submission, specialist, late=stage == "returned_late")


def _in_first_half(code: str, values: Mapping[str, int]) -> bool:
    codes = list(values)
    return codes.index(code) < len(codes) * 3 // 5


def _explain(submission: Submission, by: Membership, explanations: list[dict[str, Any]]) -> None:
    given = {
        (row["check"], row["element"]): row
        for row in explanations
        if row["school"] == submission.school.code and row["year"] == submission.year
    }
    for standing in content_of(submission).unexplained:
        finding = standing.finding
        row = given.get((finding.code, finding.element)) or OF_FORMS[finding.code]
        actions.explain(
            submission=submission,
            code=finding.code,
            element=finding.element,
            numbers=finding.numbers,
            reason=Reason(row["reason"]),
            text=row["text"],
            by=by,
        )


def _return(submission: Submission, by: Membership, *, late: bool) -> None:
    remarks = [
        Remark(
            "Уточните по журналу: число консультаций не совпадает с отчётом педагога-психолога.",
            element="service_consult",
        ),
        Remark("Приложите к договорам даты окончания действия.", section="conditions"),
    ]
    today = timezone.localdate(timezone=ZoneInfo(submission.municipality.time_zone))
    due = _at(submission.municipality, today + timedelta(days=4), 0) - timedelta(seconds=1)
    returned = actions.return_form(submission=submission, by=by, remarks=remarks, due_at=due)
    if late:  # a story of the past week: the new deadline has gone by
        Submission.objects.filter(pk=returned.pk).update(due_at=due - timedelta(days=5))
