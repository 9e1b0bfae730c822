"""What the analytical report rests on: everything it prints is read here once, into frozen dataclasses."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils import timezone

from monitoring.catalogue import grades_label, parse_catalogue
from monitoring.enums import FormState, Side
from monitoring.models import AcceptedForm, Campaign, CampaignElement, Explanation, Indicator, Submission, Term
from monitoring.queries.results.overview import IndicatorHistory, Overview, SchoolLine, overview, school_lines
from portal.models import Membership, Municipality, Regulation
from portal.roles import Role
from reports.models import Report

# Indicators of the published report of a municipality that have data, then the four that complete their groups.
DEFAULT_PROFILE = (
    "1.1", "1.3", "1.4", "1.5", "2.1", "2.3", "2.4", "3.1", "3.2", "3.5", "4.1", "4.2", "4.3", "5.1", "5.2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passport:
    """How an indicator is made: names of its elements, whom they count, where schools take them from.

    `topics` are the codes and programmes of the numerator's elements; recommendations are chosen by them.
    """

    code: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    sources: tuple[str, ...]
    unit: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Participation:
    """One form of the year: whose data stand in the report, and who is missing with the state of their form."""

    title: str
    expected: int
    accepted: int
    in_time: int
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CollectedSection:
    """A part of the form as the year's campaign asked it."""

    title: str
    as_at: str
    source: str


@dataclass(frozen=True, slots=True)
class Absent:
    """An indicator without a value, and why."""

    code: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class GivenReason:
    """What schools answered when a number of an indicator had changed much against the year before."""

    year: int
    text: str
    schools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who answers for the paper: the methodist of the municipality, or nobody yet."""

    position: str
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class AnalysisData:
    """A municipality and a year as the analytical report tells them."""

    municipality: Municipality
    year: int
    overview: Overview
    profile: tuple[IndicatorHistory, ...]
    lines: tuple[SchoolLine, ...]
    earlier: tuple[SchoolLine, ...]
    passports: dict[str, Passport]
    participation: tuple[Participation, ...]
    sections: tuple[CollectedSection, ...]
    regulations: tuple[Regulation, ...]
    absent: tuple[Absent, ...]
    reasons: dict[str, tuple[GivenReason, ...]]
    accepted_until: date
    signer: Signer | None

    @property
    def others(self) -> tuple[IndicatorHistory, ...]:
        """Indicators with a value that have no block of their own."""
        shown = {one.code for one in self.profile}
        return tuple(one for one in self.overview.with_data if one.code not in shown)


def has_accepted_data(municipality: Municipality, year: int) -> bool:
    return AcceptedForm.objects.filter(municipality=municipality, submission__year=year).exists()


def years_with_data(municipality: Municipality) -> tuple[int, ...]:
    """School years with accepted data, newest first."""
    rows = AcceptedForm.objects.filter(municipality=municipality).values_list("submission__year", flat=True)
    return tuple(sorted(rows.distinct(), reverse=True))


def listed(rows: QuerySet[Report]) -> QuerySet[Report]:
    """Reports for a list, newest first, without their trees, which are large."""
    return rows.defer("tree").select_related("built_by").order_by("-year", "-revision")


def newest_of(report: Report) -> Report:
    """The newest revision of the same paper; the report itself where there is none after it."""
    same = Report.objects.filter(municipality=report.municipality, kind=report.kind, year=report.year)
    return same.defer("tree").order_by("-revision")[0]


def analysis_data(municipality: Municipality, year: int) -> AnalysisData:
    """Everything the report prints. The number of queries does not depend on the number of schools."""
    seen = overview(municipality, year)
    passports = _passports(municipality, year)
    return AnalysisData(
        municipality=municipality,
        year=year,
        overview=seen,
        profile=_profile(seen),
        lines=_by_name(school_lines(municipality, year)),
        earlier=_by_name(school_lines(municipality, year - 1)),
        passports=passports,
        participation=_participation(municipality, year),
        sections=_sections(municipality, year),
        regulations=_regulations(municipality, year),
        absent=(*_absent(seen), *_not_collected()),
        reasons=_reasons(municipality, seen.years[1:]),
        accepted_until=_accepted_until(municipality, year),
        signer=_signer(municipality),
    )


def _by_name(lines: tuple[SchoolLine, ...]) -> tuple[SchoolLine, ...]:
    return tuple(sorted(lines, key=lambda line: line.school.sort_key))


def _profile(seen: Overview) -> tuple[IndicatorHistory, ...]:
    """The indicators that get a block each; a code out of force stands for its successor."""
    wished = seen.municipality.document_profile.get("report_indicators") or DEFAULT_PROFILE
    heirs = dict(Indicator.objects.filter(succeeds__isnull=False).values_list("succeeds__code", "code"))
    codes = set()
    for code in wished:
        while seen.get(code) is None and code in heirs:
            code = heirs[code]  # the chain is followed to the one in force
        codes.add(code)
    return tuple(one for one in seen.with_data if one.code in codes)


def _passports(municipality: Municipality, year: int) -> dict[str, Passport]:
    """Definitions in the wording that the year's campaigns froze."""
    asked = CampaignElement.objects.filter(campaign__municipality=municipality, campaign__year=year)
    frozen = {row["element_id"]: row["name"] for row in asked.values("element_id", "name")}
    terms: dict[str, list[Term]] = defaultdict(list)
    for term in Term.objects.select_related("indicator", "element__section").order_by("side", "order"):
        terms[term.indicator.code].append(term)
    return {code: _passport(code, own, frozen) for code, own in terms.items()}


def _passport(code: str, terms: list[Term], frozen: dict[int, str]) -> Passport:
    sides: dict[str, dict[str, set[int]]] = {Side.NUMERATOR: defaultdict(set), Side.DENOMINATOR: defaultdict(set)}
    for term in terms:
        name = frozen.get(term.element_id, term.element.name)
        sides[term.side][name].update(term.element.grades)
    numerator = [term.element for term in terms if term.side == Side.NUMERATOR]
    sections = [term.element.section for term in terms]
    return Passport(
        code=code,
        numerator=_with_grades(sides[Side.NUMERATOR]),
        denominator=_with_grades(sides[Side.DENOMINATOR]),
        sources=tuple(dict.fromkeys(one.source or "учёт школы" for one in sections)),
        unit=numerator[0].unit if numerator else "",
        topics=tuple(dict.fromkeys(part for one in numerator for part in (one.code, one.programme) if part)),
    )


def _with_grades(names: dict[str, set[int]]) -> tuple[str, ...]:
    return tuple(f"{name}, {grades_label(own)}" if own else name for name, own in names.items())


def _participation(municipality: Municipality, year: int) -> tuple[Participation, ...]:
    forms: dict[str, list[Submission]] = defaultdict(list)
    rows = Submission.objects.filter(municipality=municipality, year=year)
    taken = set(AcceptedForm.objects.filter(submission__in=rows).values_list("submission_id", flat=True))
    for one in rows.select_related("school", "form").order_by("form_id", "school__sort_key"):
        forms[one.form.title].append(one)
    return tuple(
        Participation(
            title=title,
            expected=len(own),
            accepted=sum(one.pk in taken for one in own),
            in_time=sum(one.pk in taken and not one.late for one in own),
            missing=tuple((one.school.name, str(FormState(one.state).label)) for one in own if one.pk not in taken),
        )
        for title, own in forms.items()
    )


def _sections(municipality: Municipality, year: int) -> tuple[CollectedSection, ...]:
    asked = CampaignElement.objects.filter(campaign__municipality=municipality, campaign__year=year)
    rows = asked.values_list("section_title", "section__as_at", "section__source", "section__order")
    return tuple(CollectedSection(*row[:3]) for row in sorted(set(rows), key=lambda row: row[3]))


def _regulations(municipality: Municipality, year: int) -> tuple[Regulation, ...]:
    """Acts in force by the end of the year's collection, without those that other years' campaigns rest on."""
    campaigns = Campaign.objects.filter(municipality=municipality, regulation__isnull=False)
    years: dict[int, set[int]] = defaultdict(set)
    for act, when in campaigns.values_list("regulation_id", "year"):
        years[act or 0].add(when)
    rows = Regulation.objects.filter(municipality=municipality, date__lte=date(year + 1, 12, 31)).order_by("date")
    return tuple(act for act in rows if not years[act.pk] or year in years[act.pk])


def _absent(seen: Overview) -> tuple[Absent, ...]:
    """Indicators in force this year that have no value."""
    shown = {one.code: one for one in seen.all}
    asked = set(
        Campaign.objects.filter(municipality=seen.municipality, year=seen.year).values_list("form__title", flat=True)
    )
    forms: dict[str, set[str]] = defaultdict(set)
    for code, title in Term.objects.values_list("indicator__code", "element__section__form__title"):
        forms[code].add(title)
    absent = []
    for row in Indicator.objects.order_by("group__order", "order"):
        history = shown.get(row.code)
        if not row.computed_in(seen.year) or (history is not None and history.value is not None):
            continue
        absent.append(Absent(row.code, row.name, _why_absent(history, sorted(forms[row.code] - asked))))
    return tuple(absent)


def _why_absent(history: IndicatorHistory | None, not_asked: list[str]) -> str:
    if not_asked:
        return f"форма «{not_asked[0]}» в этом учебном году не собиралась"
    now = history.now if history else None
    if now is None or not now.expected:
        return "не относится ни к одной организации муниципалитета"
    return "принятых данных нет ни у одной организации" if not now.used else "численность равна нулю"


@cache
def _not_collected() -> tuple[Absent, ...]:
    """Indicators that orders name without a formula: they stand in the catalogue that comes with the portal."""
    path: Path = settings.BASE_DIR / "fixtures" / "catalogue.yaml"
    catalogue = parse_catalogue(path.read_text(encoding="utf-8"))
    return tuple(Absent("", one.name, one.reason) for one in catalogue.not_collected)


def _reasons(municipality: Municipality, years: tuple[int, ...]) -> dict[str, tuple[GivenReason, ...]]:
    """Explanations of great changes in accepted forms, by indicator; the reason most schools gave first."""
    codes: dict[str, list[str]] = defaultdict(list)
    for element, code in Term.objects.values_list("element__code", "indicator__code"):
        codes[element].append(code)
    rows = Explanation.objects.filter(
        submission__municipality=municipality, submission__year__in=years, submission__accepted__isnull=False
    ).order_by("submission__year", "submission__school__sort_key", "id")
    given: dict[str, dict[tuple[int, str], dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for year, element, text, school in rows.values_list(
        "submission__year", "element__code", "text", "submission__school__name"
    ):
        for code in codes[element or ""]:
            given[code][year, text][school] = None
    return {
        code: tuple(sorted((GivenReason(*said, tuple(own)) for said, own in texts.items()), key=_most_schools))
        for code, texts in given.items()
    }


def _most_schools(reason: GivenReason) -> int:
    return -len(reason.schools)


def _accepted_until(municipality: Municipality, year: int) -> date:
    """The day on which the newest accepted form of the year was accepted, in the municipality's zone."""
    rows = AcceptedForm.objects.filter(municipality=municipality, submission__year=year)
    last: datetime = rows.aggregate(last=Max("at"))["last"]
    return last.astimezone(ZoneInfo(municipality.time_zone)).date()


def _signer(municipality: Municipality) -> Signer | None:
    """The same person whoever builds the report, so that the page and the command write the same file."""
    rows = Membership.objects.in_force(timezone.localdate()).filter(municipality=municipality, role=Role.METHODIST)
    one = rows.select_related("user").order_by("id").first()
    return Signer(one.user.position or "Методист", one.user.full_name, one.user.phone) if one else None
