"""Views of the data that people keep: their own tables, and the region's form with its marked cells."""

import uuid

from django.db import models
from django.utils import timezone

from portal.models import Municipality, OwnedQuerySet, User


class SavedTable(models.Model):
    """A table that somebody put together once and opens again: the choice is kept, never the numbers."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    query = models.CharField(max_length=2000)  # the query string of the page «Своя таблица»
    saved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["municipality", "name"], name="saved_table_once")]

    def __str__(self) -> str:
        return self.name


class RegionForm(models.Model):
    """A workbook of the ministry that is filled every year: the file as it came, and what stands in which cell."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)
    file_name = models.CharField(max_length=200)
    file = models.BinaryField()  # XLSX, at most 2 MB
    marks = models.JSONField(default=list)  # [[sheet, cell, mark]], such as ["Лист1", "C7", "4.1 числитель"]
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["municipality", "name"], name="region_form_once")]

    def __str__(self) -> str:
        return self.name
