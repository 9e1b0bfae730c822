"""What the monitoring puts on the portal's own pages: the home of each role, a school's page, an act's page."""

from dataclasses import replace

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from monitoring import own_results, tables
from monitoring.models import Submission
from monitoring.queries.campaigns.board import progress
from monitoring.queries.entry.handover import sections_on_home
from monitoring.queries.entry.lists import campaigns, forms_of_school
from monitoring.queries.passports.wordings import resting_on
from monitoring.queries.results.attention import attention, unaccepted
from monitoring.queries.results.deviations import standings
from monitoring.queries.results.overview import (
    default_year,
    overview,
    school_history,
    school_lines,
    years_of,
)
from monitoring.queries.results.region import region_years
from monitoring.queries.results.sentences import next_steps, progress_words
from monitoring.queries.results.similar import circle_of, contingents
from monitoring.views.chosen import Chosen, choose_in
from portal.access import member_of, membership_of
from portal.formats import school_year, school_year_prepositional, school_year_short
from portal.models import Membership, Regulation, School
from portal.roles import Permission, Role, Scope


def home_slot(request: HttpRequest) -> str | None:
    """A school's people see their forms, a municipality's its collection, a region's its years; others nothing."""
    member = membership_of(request)
    if member is None:
        return None
    if member.scope == Scope.SCHOOL and member.may(Permission.SEE_FORMS):
        return _own_forms(request, member)
    if member.scope == Scope.MUNICIPALITY and member.may(Permission.SEE_DASHBOARD):
        return _collection(request, member)
    if member.scope == Scope.REGION and member.may(Permission.SEE_REGION):
        return _region(request, member)
    return None


def _region(request: HttpRequest, member: Membership) -> str:
    """The years for which the region has accepted data."""
    years = region_years(member.region) if member.region else ()
    context = {"years": [(year, school_year(year)) for year in years]}
    return render_to_string("monitoring/slots/region.html", context, request)


def _own_forms(request: HttpRequest, member: Membership) -> str:
    """The forms of the school's newest year, and those of earlier years that it still has to hand in."""
    rows = list(forms_of_school(member))
    year = max((row.year for row in rows), default=None)
    owed = [row for row in rows if row.year != year and not row.handed_in and row.campaign.closed_at is None]
    context = {
        "forms": tables.form_rows([row for row in rows if row.year == year]),
        "owed": tables.form_rows(owed),
        "year": school_year(year) if year else "",
        "may_enter": member.may(Permission.ENTER_VALUES),
        "sees_results": member.may(Permission.SEE_OWN_RESULTS),
        "given": sections_on_home(member) if member.role == Role.COLLEAGUE else {},
        "school": member.school,
    }
    return render_to_string("monitoring/slots/own_forms.html", context, request)


def _collection(request: HttpRequest, member: Membership) -> str | None:
    """How the newest collection goes, and what the last accepted year asks attention for."""
    municipality = member.municipality
    if municipality is None:
        return None
    years, accepted, now = years_of(municipality), default_year(municipality), timezone.now()
    under_way = progress(municipality, years[0]) if years else ()
    newest = Chosen(municipality, years[0], years, False) if years else None
    last = Chosen(municipality, accepted, years, False) if accepted else None
    shown = overview(municipality, accepted) if accepted else None
    context = {
        "newest": newest,
        "lines": [(one, progress_words(one, now)) for one in under_way],
        "steps": [step for one in under_way for step in next_steps(one, now)]
        if member.may(Permission.SEE_CAMPAIGNS)
        else [],
        "last": last,
        "last_year": school_year_prepositional(accepted) if accepted else "",
        "attention": attention(shown, unaccepted(municipality, shown.year)) if shown else (),
        "may_launch": member.may(Permission.RUN_CAMPAIGNS),
    }
    return render_to_string("monitoring/slots/collection.html", context, request)


def school_slot(request: HttpRequest, school: School) -> str | None:
    """A school's indicators beside its past and its kind, for itself and for those who see dashboards; its forms."""
    member = member_of(request)
    own = member.scope == Scope.SCHOOL and member.school_id == school.pk
    sees_indicators, sees_forms = own or member.may(Permission.SEE_DASHBOARD), member.may(Permission.SEE_FORMS)
    if not (sees_indicators or sees_forms):
        return None
    chosen = choose_in(school.municipality, request)
    context = {
        "school": school,
        "chosen": chosen,
        "own": own,
        "sees_indicators": sees_indicators,
        "forms": [tables.form_row(one) for one in _forms_of(member, school)] if sees_forms else [],
        "sees_forms": sees_forms,
        "sees_results": member.may(Permission.SEE_OWN_RESULTS),
    }
    if sees_indicators and chosen.usable and chosen.year is not None:
        context |= _indicators(school, chosen, chosen.year, official=not own)
    return render_to_string("monitoring/slots/school.html", context, request)


def _indicators(school: School, chosen: Chosen, year: int, *, official: bool) -> dict[str, object]:
    """The school's indicators, deviations first, with the medians of schools around it; links only for officials."""
    lines = school_lines(school.municipality, year)
    circle = circle_of(school, lines, contingents(school.municipality, year))
    history = school_history(school, year)
    found = standings([one for group in history for one in group.indicators], circle, school.kind)
    peers = {one.history.code: one.peers for one in found}
    concerns = {one.history.code: -len(one.concerns) for one in found}
    ordered = [
        replace(group, indicators=tuple(sorted(group.indicators, key=lambda one: concerns[one.code])))
        for group in history
    ]
    deviations, more = own_results.deviations(found, school, chosen.query)
    return {
        "groups": tables.school_tables(ordered, chosen.query, peers, official=official),
        "circle": circle,
        "deviations": deviations,
        "more": more,
        "headline": own_results.deviations_words(found),
        "years": [school_year_short(when) for when in range(year - 2, year + 1)],
    }


def _forms_of(member: Membership, school: School) -> QuerySet[Submission]:
    return forms_of_school(member).filter(school=school)


def regulation_slot(request: HttpRequest, act: Regulation) -> str | None:
    """The campaigns that rest on an act, for those who see campaigns."""
    member = member_of(request)
    if not member.may(Permission.SEE_CAMPAIGNS):
        return None
    context = {
        "campaigns": [(one, school_year_short(one.year)) for one in campaigns(member).filter(regulation=act)],
        "wordings": resting_on(act),
    }
    return render_to_string("monitoring/slots/regulation.html", context, request)
