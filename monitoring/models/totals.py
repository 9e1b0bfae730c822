"""A municipality's computed indicators, kept by (municipality, year), and the targets set for them."""

from django.db import models

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind
from monitoring.models.catalogue import Indicator
from portal.models import Municipality, OwnedQuerySet, User


class IndicatorTotal(models.Model):
    """Σ over accepted forms of a municipality and a year. The slice is written whole, never adjusted (design §9)."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    year = models.PositiveSmallIntegerField()
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE)
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    schools_used = models.PositiveIntegerField()
    schools_expected = models.PositiveIntegerField()
    schools_outside = models.PositiveIntegerField()  # on the frozen list, but the indicator does not apply to them

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "year", "indicator"], name="total_once")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.year}: {self.numerator}/{self.denominator}"

    @property
    def measured(self) -> Measured:
        """The kept sums as they are judged; whoever reads many joins the indicator."""
        schools = (self.schools_used, self.schools_expected, self.schools_outside)
        return Measured(IndicatorKind(self.indicator.kind), self.numerator, self.denominator, *schools)


class Target(models.Model):
    """The value that a municipality wants an indicator to reach in a year: percent for shares, a number for counts."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    year = models.PositiveSmallIntegerField()
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE)
    value = models.DecimalField(max_digits=9, decimal_places=1)
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    set_at = models.DateTimeField(auto_now=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["municipality", "year", "indicator"], name="target_once")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.year}: {self.value}"
