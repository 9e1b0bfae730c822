"""Tables that were published about past years, with the percentages that were declared in them (features J3)."""

import uuid

from django.db import models
from django.utils import timezone

from monitoring.enums import BaseOf, Judgement
from monitoring.models.catalogue import Indicator
from portal.models import Municipality, OwnedQuerySet, User


class PublishedTable(models.Model):
    """One table of one published document: a title, the people it counts out of, and a row a school year."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    document = models.CharField(max_length=300)  # where it was published
    title = models.CharField(max_length=300)
    number = models.CharField(max_length=30, blank=True)  # as printed: «9»
    base_of = models.CharField(max_length=12, choices=BaseOf.choices, blank=True)  # of whom `total` is counted
    grades = models.JSONField(default=list, blank=True)  # of the base, ascending
    indicator = models.ForeignKey(Indicator, null=True, blank=True, on_delete=models.PROTECT)
    note = models.CharField(max_length=500, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    imported_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["document", "order", "id"]
        constraints = [models.UniqueConstraint(fields=["municipality", "document", "title"], name="published_once")]

    def __str__(self) -> str:
        return self.title


class PublishedRowQuerySet(OwnedQuerySet):
    municipality_path = "table__municipality"


class PublishedRow(models.Model):
    """One year of a published table as it was printed. `declared` keeps the digits that were printed."""

    table = models.ForeignKey(PublishedTable, on_delete=models.CASCADE, related_name="rows")
    year = models.PositiveSmallIntegerField()
    count = models.PositiveIntegerField(null=True, blank=True)
    total = models.PositiveIntegerField(null=True, blank=True)
    declared = models.CharField(max_length=12, blank=True)  # percent as printed, with a point: «4.2»
    judgement = models.CharField(max_length=10, choices=Judgement.choices, blank=True)  # empty = as the protocol finds
    judgement_text = models.CharField(max_length=500, blank=True)
    judged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)

    objects = PublishedRowQuerySet.as_manager()

    class Meta:
        ordering = ["year"]
        constraints = [models.UniqueConstraint(fields=["table", "year"], name="published_row_once")]

    def __str__(self) -> str:
        return f"{self.year}: {self.count} из {self.total}"
