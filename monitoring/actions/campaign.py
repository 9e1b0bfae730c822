"""A campaign's life: launched with whom it asks and what fixed at that moment, changed, closed, opened again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from monitoring.actions.totals import rebuild_totals
from monitoring.enums import HANDED_IN, CellState
from monitoring.models import Campaign, CampaignElement, Element, Form, StatusChange, Submission, Value
from monitoring.queries.campaigns.board import people_of
from monitoring.queries.campaigns.rollover import elements_of, listing
from monitoring.queries.entry.lists import department
from monitoring.queries.passports.wordings import Words, words_of_elements
from portal.actions import ActionRefused, tell
from portal.formats import date_digits, school_year_short
from portal.models import Membership, Municipality, Regulation, School, User
from portal.roles import Permission, Role

FIRST_YEAR, LAST_YEAR = 2010, 2100


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a running campaign may be changed."""

    closes_at: datetime
    grace_until: datetime | None
    contact: User | None
    reminds: bool


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
    grace_until: datetime | None = None,
    two_step: bool = False,
    reminds: bool = True,
    contact: User | None = None,
    tells_schools: bool = False,
) -> Campaign:
    """Open a form for a year: one submission for every open organisation that has something to fill in.

    Freezes the wording of the elements, the municipality's own where it has one, and writes «неприменимо» where grades,
    kind or years say so. `tells_schools` leaves a notice for each coordinator.
    Raises ActionRefused where the campaign exists, the dates are in the wrong order, or nobody would fill it.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ActionRefused(f"Учебный год должен быть от {FIRST_YEAR} до {LAST_YEAR}.")
    _check_dates(opens_at, closes_at, grace_until)
    try:
        with transaction.atomic():  # the constraint decides also between two who launch at the same moment
            campaign = Campaign.objects.create(
                municipality=municipality,
                form=form,
                year=year,
                opens_at=opens_at,
                closes_at=closes_at,
                grace_until=grace_until,
                two_step=two_step,
                reminds=reminds,
                contact=contact,
                launched_by=by,
                regulation=regulation,
            )
    except IntegrityError as twice:
        sentence = f"Форма «{form.title}» за {school_year_short(year)} учебный год уже запущена."
        raise ActionRefused(sentence) from twice
    elements = elements_of(form)
    asked = [element for element in elements if element.collected_in(year)]
    _freeze_wording(campaign, asked)
    _create_submissions(campaign, elements, asked)
    rebuild_totals(municipality=municipality, year=year)
    if tells_schools:
        _tell_schools(campaign, _opening_words(campaign))
    return campaign


@transaction.atomic
def launch_together(*, municipality: Municipality, forms: Sequence[Form], **terms: object) -> list[Campaign]:
    """Launch several forms on the same terms (those of `launch_campaign`): all of them or none."""
    if not forms:
        raise ActionRefused("Выберите хотя бы одну форму.")
    return [launch_campaign(municipality=municipality, form=form, **terms) for form in forms]  # type: ignore[arg-type]


@transaction.atomic
def change_campaign(*, campaign: Campaign, terms: Terms, reason: str, by: Membership) -> Campaign:
    """Change deadline, grace period, contact or reminders of a running campaign, for a reason.

    What changed, why and by whom stands in the history of every form that is not handed in, and is told to these
    schools and to the department. A form that came late and is in time by the new deadline is late no more.
    Raises ActionRefused.
    """
    locked = Campaign.objects.select_for_update(of=("self",)).select_related("form", "municipality").get(pk=campaign.pk)
    if locked.closed_at:
        raise ActionRefused("Сбор данных завершён. Чтобы изменить срок, его нужно открыть снова.")
    told = _differences(locked, terms)
    if not told:
        raise ActionRefused("Вы ничего не изменили.")
    if not reason.strip():
        raise ActionRefused("Напишите, почему меняются условия сбора.")
    if terms.closes_at != locked.closes_at and terms.closes_at <= timezone.now():
        raise ActionRefused("Новый срок уже прошёл. Укажите более позднюю дату.")
    _check_dates(locked.opens_at, terms.closes_at, terms.grace_until)
    locked.closes_at, locked.grace_until = terms.closes_at, terms.grace_until
    locked.contact, locked.reminds = terms.contact, terms.reminds
    locked.save()
    late = locked.submissions.filter(late=True, due_at__isnull=True, sent_at__lte=locked.closes_at)
    late.update(late=False)
    _record(locked, f"{_name(locked)}: {'; '.join(told)}. Причина: {reason.strip()}"[:450], by)
    return locked


@transaction.atomic
def close_campaign(*, campaign: Campaign, by: Membership) -> Campaign:
    """End a campaign: nothing is entered or sent any more. What was accepted stays. Raises ActionRefused."""
    locked = Campaign.objects.select_for_update(of=("self",)).select_related("form", "municipality").get(pk=campaign.pk)
    if locked.closed_at:
        raise ActionRefused("Сбор данных уже завершён.")
    locked.closed_at, locked.closed_by = timezone.now(), by.user
    locked.save(update_fields=["closed_at", "closed_by"])
    _record(locked, f"{_name(locked)}: сбор данных завершён. Внести или отправить данные уже нельзя.", by)
    return locked


@transaction.atomic
def open_campaign_again(*, campaign: Campaign, reason: str, by: Membership) -> Campaign:
    """Take the end of a campaign back, for a reason that schools and department are told. Raises ActionRefused."""
    locked = Campaign.objects.select_for_update(of=("self",)).select_related("form", "municipality").get(pk=campaign.pk)
    if not by.may(Permission.REOPEN_FORMS):
        raise ActionRefused("Открыть завершённый сбор может руководитель управления образования.")
    if not locked.closed_at:
        raise ActionRefused("Сбор данных не завершён: открывать его не нужно.")
    if not reason.strip():
        raise ActionRefused("Напишите, почему сбор открывается снова.")
    locked.closed_at = locked.closed_by = None
    locked.save(update_fields=["closed_at", "closed_by"])
    _record(locked, f"{_name(locked)}: сбор данных снова открыт. Причина: {reason.strip()}"[:450], by)
    return locked


# --- launching --------------------------------------------------------------------------------------------------------


def _check_dates(opens_at: datetime, closes_at: datetime, grace_until: datetime | None) -> None:
    if closes_at <= opens_at:
        raise ActionRefused("Срок сдачи должен быть позже открытия формы. Исправьте одну из дат.")
    if grace_until is not None and grace_until <= closes_at:
        raise ActionRefused("Приём с опозданием должен заканчиваться позже срока сдачи. Исправьте одну из дат.")


def _freeze_wording(campaign: Campaign, asked: list[Element]) -> None:
    own = words_of_elements(campaign.municipality)
    CampaignElement.objects.bulk_create(
        CampaignElement(
            campaign=campaign,
            element=element,
            section=element.section,
            section_title=element.section.title,
            name=own.get(element.pk, Words()).name_of(element),
            hint=own.get(element.pk, Words()).hint_of(element),
            unit=element.unit,
            order=element.order,
        )
        for element in asked
    )


def _create_submissions(campaign: Campaign, elements: list[Element], asked: list[Element]) -> None:
    day = timezone.localtime(campaign.opens_at).date()
    chosen = listing(School.objects.filter(municipality=campaign.municipality), asked, day)
    if not chosen.schools:
        raise ActionRefused("Запускать форму не для кого: в муниципалитете нет организаций, которые её заполняют.")
    submissions = Submission.objects.bulk_create(
        Submission(
            municipality=campaign.municipality,
            campaign=campaign,
            school=school,
            form=campaign.form,
            year=campaign.year,
            kind=school.kind,
            grades=school.grades,
            cells_total=chosen.cells[school.pk],
        )
        for school in chosen.schools
    )
    collected = {element.pk for element in asked}
    Value.objects.bulk_create(
        Value(submission=submission, element=element, state=CellState.INAPPLICABLE)
        for submission in submissions
        for element in elements
        if element.pk not in collected or not element.applies_to(kind=submission.kind, grades=submission.grades)
    )


# --- telling ----------------------------------------------------------------------------------------------------------


def _name(campaign: Campaign) -> str:
    return f"«{campaign.form.title}» за {school_year_short(campaign.year)} уч. год"


def _day(campaign: Campaign, moment: datetime) -> str:
    with timezone.override(campaign.municipality.time_zone):
        return date_digits(timezone.localtime(moment).date())


def _opening_words(campaign: Campaign) -> str:
    until = f"Срок сдачи – {_day(campaign, campaign.closes_at)}."
    if campaign.opens_at > timezone.now():
        return f"Форма {_name(campaign)} откроется {_day(campaign, campaign.opens_at)}. {until}"
    return f"Форма {_name(campaign)} открыта для заполнения. {until}"


def _differences(campaign: Campaign, terms: Terms) -> list[str]:
    """What changes, in words; an empty list where nothing does."""
    told = []
    if terms.closes_at != campaign.closes_at:
        was, now = _day(campaign, campaign.closes_at), _day(campaign, terms.closes_at)
        told.append(f"срок сдачи перенесён с {was} на {now}")
    if terms.grace_until != campaign.grace_until:
        until = f"до {_day(campaign, terms.grace_until)}" if terms.grace_until else "без ограничения"
        told.append(f"приём с опозданием – {until}")
    if terms.contact != campaign.contact:
        told.append(f"вопросы принимает {terms.contact}" if terms.contact else "контактное лицо больше не назначено")
    if terms.reminds != campaign.reminds:
        told.append(f"напоминания о сроке {'включены' if terms.reminds else 'отключены'}")
    return told


def _record(campaign: Campaign, text: str, by: Membership) -> None:
    """Put the decision into the history of every form that it concerns, and tell their schools and the department."""
    StatusChange.objects.bulk_create(
        StatusChange(submission=one, from_state=one.state, to_state=one.state, by=by.user, comment=text)
        for one in _waiting(campaign)
    )
    _tell_schools(campaign, text)
    url = reverse("monitoring:campaign", args=[campaign.public_id])
    words = f"{text} ({by.user})"[:500]
    tell(people=department(campaign.municipality), municipality=campaign.municipality, text=words, url=url)


def _waiting(campaign: Campaign) -> list[Submission]:
    return list(campaign.submissions.exclude(state__in=HANDED_IN))


def _tell_schools(campaign: Campaign, text: str) -> None:
    """A notice for the coordinators of the schools that have not handed in."""
    waiting = _waiting(campaign)
    people = people_of((one.school_id for one in waiting), timezone.localdate(), Role.COORDINATOR)
    for one in waiting:
        url = reverse("monitoring:form", args=[one.public_id])
        tell(people=people.get(one.school_id, ()), municipality=campaign.municipality, text=text, url=url)
