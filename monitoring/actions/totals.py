"""A municipality's totals of a year, computed again whole in the transaction that changes what they rest on."""

from decimal import Decimal

from django.db import transaction

from monitoring.enums import IndicatorKind
from monitoring.models import Indicator, IndicatorTotal, Target
from monitoring.queries.results.indicators import Circle, measure
from portal.actions import ActionRefused
from portal.models import Municipality, User


@transaction.atomic
def rebuild_totals(*, municipality: Municipality, year: int) -> int:
    """Replace the (municipality, year) slice; returns the number of totals.

    The lock makes two acceptances in one municipality wait for each other, so that none overwrites the other's sums.
    """
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    IndicatorTotal.objects.filter(municipality=municipality, year=year).delete()
    measured = measure(Circle(municipality.pk, (year,)), by="municipality")
    indicators = {indicator.code: indicator for indicator in Indicator.objects.all()}
    totals = IndicatorTotal.objects.bulk_create(
        IndicatorTotal(
            municipality=municipality,
            year=year,
            indicator=indicators[code],
            numerator=sums.numerator,
            denominator=sums.denominator,
            schools_used=sums.used,
            schools_expected=sums.expected,
            schools_outside=sums.outside,
        )
        for (_, _, code), sums in measured.items()
    )
    return len(totals)


@transaction.atomic
def rebuild_all_years(*, municipality: Municipality) -> None:
    """The totals of every year that has any, for when a school of the municipality was closed or opened again."""
    years = IndicatorTotal.objects.filter(municipality=municipality).order_by("year").values_list("year", flat=True)
    for year in years.distinct():
        rebuild_totals(municipality=municipality, year=year)


@transaction.atomic
def set_target(
    *, municipality: Municipality, year: int, indicator: Indicator, value: Decimal | None, by: User | None
) -> None:
    """Set the value an indicator should reach, or take it away with None. Raises ActionRefused for 101 %."""
    if value is None:
        Target.objects.filter(municipality=municipality, year=year, indicator=indicator).delete()
        return
    if value < 0 or (indicator.kind != IndicatorKind.COUNT and value > 100):
        raise ActionRefused("Целевое значение доли – число от 0 до 100, например 60 или 62,5.")
    Target.objects.update_or_create(
        municipality=municipality, year=year, indicator=indicator, defaults={"value": value, "set_by": by}
    )
