"""Makes the objects that tests need: places and people by factories, forms by the portal's own actions."""

from datetime import date, datetime, timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from monitoring import actions
from monitoring.actions import CellEntry
from monitoring.enums import CellState, FormState, Reason
from monitoring.models import AcceptedForm, Campaign, CampaignElement, Form, Submission
from monitoring.queries.entry.content import content_of
from portal.models import Membership, Municipality, Region, School, User
from portal.roles import SCOPES, Role, Scope

PASSWORD = "a-long-password-of-tests"
GENERAL_GRADES = list(range(1, 12))
REASON = "Учёт не ведётся"


class RegionFactory(DjangoModelFactory):
    class Meta:
        model = Region
        django_get_or_create = ("slug",)

    slug = "region"
    name = "Кузнецкая область"


class MunicipalityFactory(DjangoModelFactory):
    class Meta:
        model = Municipality

    region = factory.SubFactory(RegionFactory)
    slug = factory.Sequence(lambda n: f"town-{n}")
    name = factory.Sequence(lambda n: f"Городской округ {n}")
    name_genitive = factory.Sequence(lambda n: f"Городского округа {n}")
    name_prepositional = factory.Sequence(lambda n: f"Городском округе {n}")
    city = factory.Sequence(lambda n: f"г. Город-{n}")
    department = "Управление образования"
    department_genitive = "Управления образования"
    head_position = "Начальник управления образования"
    head_name = "И. О. Фамилия"


class SchoolFactory(DjangoModelFactory):
    class Meta:
        model = School

    municipality = factory.SubFactory(MunicipalityFactory)
    code = factory.Sequence(lambda n: f"school-{n}")
    name = factory.Sequence(lambda n: f"Школа № {n}")
    kind = "secondary"
    locality = "city"
    grades = factory.LazyFunction(lambda: list(GENERAL_GRADES))


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person-{n}@school.test")
    full_name = factory.Sequence(lambda n: f"Сотрудник {n}")
    password = factory.PostGenerationMethodCall("set_password", PASSWORD)

    @factory.post_generation
    def stored(self: User, create: bool, extracted: object, **_: object) -> None:
        self.save()


def member(
    role: Role,
    municipality: Municipality | None = None,
    school: School | None = None,
    *,
    user: User | None = None,
    since: date | None = None,
    until: date | None = None,
    **person: Any,
) -> Membership:
    """A person with one role in a place; what the role needs and is not given is made."""
    scope = SCOPES[role]
    place: dict[str, Any] = {}
    if scope == Scope.SCHOOL:
        school = school or SchoolFactory(**({"municipality": municipality} if municipality else {}))
        place = {"school": school, "municipality": school.municipality}
    elif scope == Scope.MUNICIPALITY or role == Role.EXPERT:
        place = {"municipality": municipality or MunicipalityFactory()}
    elif role == Role.REGIONAL:
        place = {"region": RegionFactory()}
    return Membership.objects.create(
        user=user or UserFactory(**person), role=role, since=since or date(2020, 9, 1), until=until, **place
    )


def campaign(
    municipality: Municipality,
    year: int = 2021,
    form: str = "year",
    *,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    by: User | None = None,
) -> Campaign:
    """A launched campaign, open for ten days already and for a month to come."""
    opens = opens_at or timezone.now() - timedelta(days=10)
    return actions.launch_campaign(
        municipality=municipality,
        form=Form.objects.get(code=form),
        year=year,
        opens_at=opens,
        closes_at=closes_at or opens + timedelta(days=40),
        by=by,
    )


def submission(school: School | None = None, year: int = 2021, form: str = "year") -> Submission:
    """A school's form, in a campaign launched for its municipality where there is none yet."""
    school = school or SchoolFactory()
    if not Campaign.objects.filter(municipality=school.municipality, year=year, form__code=form).exists():
        campaign(school.municipality, year, form)
    return Submission.objects.get(school=school, year=year, form__code=form)


def coordinator_of(school: School) -> Membership:
    """The coordinator of a school, made where there is none."""
    found = Membership.objects.filter(school=school, role=Role.COORDINATOR).select_related("user", "school").first()
    return found or member(Role.COORDINATOR, school=school)


def specialist_of(municipality: Municipality) -> Membership:
    """A specialist of a municipality, made where there is none."""
    rows = Membership.objects.filter(municipality=municipality, role=Role.SPECIALIST).select_related("user")
    return rows.first() or member(Role.SPECIALIST, municipality)


def plain_number(line: CampaignElement, year: int = 2021) -> int:
    """A number that agrees with every check when all cells hold theirs: 30 pupils a grade, two people elsewhere.

    The youngest grades differ a little and from year to year: a form of round or repeated numbers would be doubted.
    """
    code = line.element.code
    youngest = {"pupils_1": 29, "pupils_2": 31, "pupils_3": 28, "pupils_4": 32}
    if code in youngest:
        return list(youngest.values())[(list(youngest).index(code) + year) % 4]
    if code.startswith("pupils_") or code == "kids_5_7":
        return 30
    if code.startswith("disabled_"):
        return 3
    directions = {"grad9_total": 6, "grad11_total": 7}  # two went each way
    if code in directions:
        return 2 * directions[code]
    return 1 if line.unit == "да/нет" else 2


def entry(form: Submission, code: str, number: int | None, reason: str = REASON) -> CellEntry:
    """What a person types who sees the cell as it is stored; None is «нет данных»."""
    kept = form.values.filter(element__code=code).first()
    version = kept.version if kept else 0
    if number is None:
        return CellEntry(code, CellState.NO_DATA, None, reason, version)
    return CellEntry(code, CellState.NUMBER, number, "", version)


def fill(form: Submission, *, by: Membership | None = None, **numbers: int | None) -> Submission:
    """Type numbers into the cells of these codes; None is «нет данных»."""
    entries = [entry(form, code, number) for code, number in numbers.items()]
    actions.save_cells(submission=form, entries=entries, by=by or coordinator_of(form.school))
    form.refresh_from_db()
    return form


def fill_all(form: Submission, *, by: Membership | None = None, **numbers: int | None) -> Submission:
    """Fill every cell so that all checks pass, except where other numbers are given; None is «нет данных»."""
    asked = form.campaign.elements.select_related("element")
    plain = {line.element.code: plain_number(line, form.year) for line in asked}
    kept = {value.element.code: value for value in form.values.select_related("element")}
    entries = [
        CellEntry(
            code,
            CellState.NO_DATA if number is None else CellState.NUMBER,
            number,
            REASON if number is None else "",
            kept[code].version if code in kept else 0,
        )
        for code, number in {**plain, **numbers}.items()
    ]
    actions.save_cells(submission=form, entries=entries, by=by or coordinator_of(form.school))
    form.refresh_from_db()
    return form


def explain_all(form: Submission) -> None:
    """Explain every warning of the form as it is now."""
    for one in content_of(form).unexplained:
        actions.explain(
            submission=form,
            code=one.finding.code,
            element=one.finding.element,
            numbers=one.finding.numbers,
            reason=Reason.OTHER,
            text="Числа проверены по журналу.",
            by=coordinator_of(form.school),
        )


def sent(form: Submission, **numbers: int | None) -> Submission:
    """A form filled, explained where it must be, and sent by its coordinator."""
    fill_all(form, **numbers)
    explain_all(form)
    form = actions.send(submission=form, by=coordinator_of(form.school), version=form.version)
    form.refresh_from_db()
    return form


def under_review(form: Submission, by: Membership | None = None, **numbers: int | None) -> Submission:
    """A form that a specialist has begun to check."""
    sent(form, **numbers)
    actions.take(submission=form, by=by or specialist_of(form.municipality))
    form.refresh_from_db()
    return form


def accepted(form: Submission, by: Membership | None = None, **numbers: int | None) -> AcceptedForm:
    """An accepted form, led there through sending and taking; a form under review is only accepted."""
    if form.state != FormState.UNDER_REVIEW:
        under_review(form, by, **numbers)
    kept = actions.accept(submission=form, by=by or specialist_of(form.municipality), version=form.version)
    form.refresh_from_db()
    return kept


def schools_that_tested(town: Municipality, *tested: int, year: int = 2021, **fields: Any) -> list[School]:
    """Schools with an accepted form, alike in everything but how many pupils of grades 9–11 they tested."""
    schools = [SchoolFactory(municipality=town, name=f"Школа {n}", **fields) for n, _ in enumerate(tested)]
    for school, number in zip(schools, tested, strict=True):
        accepted(submission(school, year), tested_9_11=number)
    return schools
