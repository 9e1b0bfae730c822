"""The common catalogue: what organisations enter, what is computed from it, what must hold between the numbers.

Rows come from a catalogue file (`manage.py load_catalogue`) and are shared by all municipalities. Codes are permanent.
"""

from django.db import models

from monitoring.enums import Better, CheckKind, IndicatorKind, Severity, Side


class Form(models.Model):
    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=300)
    kinds = models.JSONField(default=list)  # organisations that fill it; empty = general schools

    def __str__(self) -> str:
        return self.title


class Section(models.Model):
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="sections")
    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=300)
    as_at = models.CharField(max_length=300)
    source = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.title


class Element(models.Model):
    """A raw number entered once. Outside its grades, kinds or years it is «неприменимо» by itself."""

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="elements")
    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=300)
    unit = models.CharField(max_length=20)
    hint = models.CharField(max_length=500, blank=True)
    grades = models.JSONField(default=list)
    kinds = models.JSONField(default=list)
    once = models.BooleanField(default=False)
    programme = models.CharField(max_length=40, blank=True)
    since = models.PositiveSmallIntegerField(null=True, blank=True)
    until = models.PositiveSmallIntegerField(null=True, blank=True)
    succeeds = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.code

    def collected_in(self, year: int) -> bool:
        return (self.since is None or self.since <= year) and (self.until is None or year <= self.until)

    def applies_to(self, *, kind: str, grades: list[int]) -> bool:
        """Whether an organisation of this kind with these grades has such a number at all."""
        return kind in self.kinds and (not self.grades or bool(set(self.grades) & set(grades)))


class Population(models.Model):
    """A name for a sum of elements that formulas use as a whole."""

    code = models.CharField(max_length=60, unique=True)
    elements = models.ManyToManyField(Element)

    def __str__(self) -> str:
        return self.code


class IndicatorGroup(models.Model):
    code = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=300)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.title


class Indicator(models.Model):
    """Σ numerator ÷ Σ denominator over organisations (share), Σ numerator (count), or a share of organisations."""

    group = models.ForeignKey(IndicatorGroup, on_delete=models.PROTECT)
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=500)
    kind = models.CharField(max_length=10, choices=IndicatorKind.choices)
    better = models.CharField(max_length=4, choices=Better.choices)
    since = models.PositiveSmallIntegerField(null=True, blank=True)
    until = models.PositiveSmallIntegerField(null=True, blank=True)
    succeeds = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.code

    def computed_in(self, year: int) -> bool:
        return (self.since is None or self.since <= year) and (self.until is None or year <= self.until)


class Term(models.Model):
    """One element of an indicator's numerator or denominator."""

    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE, related_name="terms")
    side = models.CharField(max_length=11, choices=Side.choices)
    element = models.ForeignKey(Element, on_delete=models.PROTECT)
    population = models.ForeignKey(Population, null=True, blank=True, on_delete=models.PROTECT)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["indicator", "side", "element"], name="term_once")]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.side} {self.element_id}"


class Check(models.Model):
    """What must hold between the numbers of a school: Σ left OP Σ right, or a bound on the change against last year."""

    code = models.CharField(max_length=40, unique=True)
    severity = models.CharField(max_length=10, choices=Severity.choices)
    kind = models.CharField(max_length=20, choices=CheckKind.choices)
    left = models.JSONField(default=list)  # codes of elements
    op = models.CharField(max_length=2, blank=True)
    right = models.JSONField(default=list)
    message = models.CharField(max_length=500)
    percent = models.PositiveSmallIntegerField(null=True)
    people = models.PositiveSmallIntegerField(null=True)
    implied = models.BooleanField(default=False)
    since = models.PositiveSmallIntegerField(null=True, blank=True)
    until = models.PositiveSmallIntegerField(null=True, blank=True)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.code
