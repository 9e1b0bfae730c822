"""A municipality of 52 schools with five accepted years, and a hundred more like it: generated, for measuring only.

The hundred have everything that the overview reads: schools, campaigns, forms, acceptances, totals, targets. They have no
cells, which it does not read; what those cost is measured in `country.py`.
"""

import random
import uuid
from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from monitoring.actions import rebuild_totals
from monitoring.enums import CellState, FormState
from monitoring.models import AcceptedForm, Campaign, Element, Indicator, IndicatorTotal, Submission, Target, Value
from portal.models import Municipality, School, User
from portal.roles import Role
from tests.factories import GENERAL_GRADES, MunicipalityFactory, SchoolFactory, campaign, member

YEARS = tuple(range(2018, 2023))
SCHOOLS, COPIES = 52, 100


def town_with_years() -> tuple[Municipality, User]:
    """The municipality that is measured, and its specialist."""
    chance = random.Random(52)
    town = MunicipalityFactory(slug="bench-town", name="Городской округ")
    for n in range(SCHOOLS):
        kind = ("secondary", "secondary", "basic")[n % 3]
        SchoolFactory(
            municipality=town,
            code=f"bench-{n}",
            name=f"МБОУ «Школа № {n + 1}»",
            kind=kind,
            grades=GENERAL_GRADES if kind == "secondary" else GENERAL_GRADES[:9],
        )
    elements = {element.pk: element.code for element in Element.objects.all()}
    for year in YEARS:
        launched = campaign(town, year, by=None)
        _fill(launched, elements, chance)
        rebuild_totals(municipality=town, year=year)
    _set_targets(town, chance)
    return town, member(Role.SPECIALIST, town).user


def _fill(launched: Campaign, elements: dict[int, str], chance: random.Random) -> None:
    """Accepted numbers in every cell that launch left open; two schools of a hundred cells have «нет данных»."""
    asked = list(launched.elements.values_list("element_id", flat=True))
    now = timezone.now()
    for form in launched.submissions.all():
        launched_as = {value.element_id for value in form.values.all()}
        form.values.update(accepted_state=CellState.INAPPLICABLE)
        rows = []
        for element in asked:
            if element in launched_as:
                continue
            state = CellState.NO_DATA if chance.random() < 0.02 else CellState.NUMBER
            number = chance.randint(20, 60) if state == CellState.NUMBER else None
            rows.append(
                Value(
                    submission=form,
                    element_id=element,
                    state=state,
                    number=number,
                    accepted_state=state,
                    accepted_number=number,
                )
            )
        Value.objects.bulk_create(rows)
        kept = {elements[row.element_id]: [row.state, row.number, ""] for row in rows}
        kept |= {elements[element]: [CellState.INAPPLICABLE, None, ""] for element in launched_as}
        AcceptedForm.objects.create(
            municipality=launched.municipality, submission=form, revision=1, at=now, values=kept
        )
    launched.submissions.update(state=FormState.ACCEPTED, sent_at=now)


def _set_targets(town: Municipality, chance: random.Random) -> None:
    Target.objects.bulk_create(
        Target(municipality=town, year=YEARS[-1], indicator=indicator, value=chance.randint(20, 90))
        for indicator in Indicator.objects.filter(kind="share")
    )


def surrounded(town: Municipality) -> None:
    """A hundred copies of the town beside it."""
    for n in range(COPIES):
        other = MunicipalityFactory(slug=f"around-{n}")
        schools = School.objects.bulk_create(_copies(town.schools.order_by("pk"), municipality=other))
        new_id = dict(zip(town.schools.order_by("pk").values_list("pk", flat=True), schools, strict=True))
        for launched in Campaign.objects.filter(municipality=town):
            [mine] = Campaign.objects.bulk_create(_copies([launched], municipality=other))
            forms = _copies(launched.submissions.all(), municipality=other, campaign=mine)
            for form in forms:
                form.school = new_id[form.school_id]
            forms = Submission.objects.bulk_create(forms)
            AcceptedForm.objects.bulk_create(
                AcceptedForm(municipality=other, submission=form, revision=1, values={}) for form in forms
            )
        for model in (IndicatorTotal, Target):
            model.objects.bulk_create(_copies(model.objects.filter(municipality=town), municipality=other))


def _copies(rows: Iterable[Any], **places: object) -> list[Any]:
    """Unsaved copies of rows in another place."""
    copied = []
    for row in rows:
        row.pk = None
        row._state.adding = True
        if hasattr(row, "public_id"):
            row.public_id = uuid.uuid4()
        for name, place in places.items():
            setattr(row, name, place)
        copied.append(row)
    return copied
