"""Launching a campaign: what is asked, of whom, and what does not concern them is fixed at that moment."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from monitoring.actions.totals import rebuild_totals
from monitoring.enums import CellState
from monitoring.models import Campaign, CampaignElement, Element, Form, Submission, Value
from portal.actions import ActionRefused
from portal.formats import school_year_short
from portal.models import Municipality, Regulation, School, User

FIRST_YEAR, LAST_YEAR = 2010, 2100


@transaction.atomic
def launch_campaign(
    *,
    municipality: Municipality,
    form: Form,
    year: int,
    opens_at: datetime,
    closes_at: datetime,
    by: User | None,
    regulation: Regulation | None = None,
) -> Campaign:
    """Open a form for a year: one submission for every open organisation that has something to fill in.

    Freezes the wording of the elements and writes «неприменимо» where grades, kind or years say so.
    Raises ActionRefused where the campaign exists, the dates are in the wrong order, or nobody would fill it.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ActionRefused(f"Учебный год должен быть от {FIRST_YEAR} до {LAST_YEAR}.")
    if closes_at <= opens_at:
        raise ActionRefused("Срок сдачи должен быть позже открытия формы. Исправьте одну из дат.")
    if Campaign.objects.filter(municipality=municipality, form=form, year=year).exists():
        raise ActionRefused(f"Форма «{form.title}» за {school_year_short(year)} учебный год уже запущена.")
    elements = list(Element.objects.filter(section__form=form).select_related("section"))
    asked = [element for element in elements if element.collected_in(year)]
    campaign = Campaign.objects.create(
        municipality=municipality,
        form=form,
        year=year,
        opens_at=opens_at,
        closes_at=closes_at,
        launched_by=by,
        regulation=regulation,
    )
    _freeze_wording(campaign, asked)
    _create_submissions(campaign, elements, asked)
    rebuild_totals(municipality=municipality, year=year)
    return campaign


def _freeze_wording(campaign: Campaign, asked: list[Element]) -> None:
    CampaignElement.objects.bulk_create(
        CampaignElement(
            campaign=campaign,
            element=element,
            section=element.section,
            section_title=element.section.title,
            name=element.name,
            hint=element.hint,
            unit=element.unit,
            order=element.order,
        )
        for element in asked
    )


def _is_open(school: School, day: date) -> bool:
    return (school.opened is None or school.opened <= day) and (school.closed is None or school.closed > day)


def _create_submissions(campaign: Campaign, elements: list[Element], asked: list[Element]) -> None:
    day = timezone.localtime(campaign.opens_at).date()
    submissions = []
    for school in School.objects.filter(municipality=campaign.municipality):
        applicable = sum(element.applies_to(kind=school.kind, grades=school.grades) for element in asked)
        if applicable and _is_open(school, day):
            submissions.append(
                Submission(
                    municipality=campaign.municipality,
                    campaign=campaign,
                    school=school,
                    form=campaign.form,
                    year=campaign.year,
                    kind=school.kind,
                    grades=school.grades,
                    cells_total=applicable,
                )
            )
    if not submissions:
        raise ActionRefused("Запускать форму не для кого: в муниципалитете нет организаций, которые её заполняют.")
    Submission.objects.bulk_create(submissions)
    collected = {element.pk for element in asked}
    Value.objects.bulk_create(
        Value(submission=submission, element=element, state=CellState.INAPPLICABLE)
        for submission in submissions
        for element in elements
        if element.pk not in collected or not element.applies_to(kind=submission.kind, grades=submission.grades)
    )
