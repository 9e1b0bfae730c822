"""What a municipality says about an indicator or an element in its own words, and a new year's catalogue in waiting."""

import uuid

from django.db import models
from django.utils import timezone

from monitoring.models.catalogue import Element, Indicator
from portal.models import Municipality, OwnedQuerySet, Regulation, User


class Wording(models.Model):
    """One version of the words of an indicator or an element in a municipality; the highest version holds.

    Meaning never changes here: codes, formulas, grades and units are the catalogue's. A launched campaign keeps the
    words it froze.
    """

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    indicator = models.ForeignKey(Indicator, null=True, blank=True, on_delete=models.CASCADE, related_name="wordings")
    element = models.ForeignKey(Element, null=True, blank=True, on_delete=models.CASCADE, related_name="wordings")
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=500, blank=True)  # empty = as in the catalogue
    text = models.CharField(max_length=1000, blank=True)  # an element's hint, or what an indicator tells
    responsible = models.CharField(max_length=300, blank=True)  # a position, never a name
    regulation = models.ForeignKey(Regulation, null=True, blank=True, on_delete=models.PROTECT)  # asks for it
    note = models.CharField(max_length=300, blank=True)  # why it was changed
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                name="wording_of_one_thing",
                condition=models.Q(indicator__isnull=False, element__isnull=True)
                | models.Q(indicator__isnull=True, element__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["municipality", "indicator", "version"],
                condition=models.Q(element=None),
                name="wording_of_indicator_once",
            ),
            models.UniqueConstraint(
                fields=["municipality", "element", "version"],
                condition=models.Q(indicator=None),
                name="wording_of_element_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id or self.element_id} версия {self.version}"


class CollectionNote(models.Model):
    """Why an indicator that was declared for a year is not collected in a municipality, in the department's words."""

    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    year = models.PositiveSmallIntegerField()
    indicator = models.ForeignKey(Indicator, on_delete=models.CASCADE)
    text = models.CharField(max_length=500)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "year", "indicator"], name="collection_note_once")
        ]

    def __str__(self) -> str:
        return self.text


class CatalogueDraft(models.Model):
    """A catalogue file that was uploaded, waits for its confirmation, and stays as the history of the catalogue.

    The catalogue is common to all municipalities of an installation, so its drafts have no owner.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file_name = models.CharField(max_length=200)
    text = models.TextField()  # the file itself, YAML
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    summary = models.JSONField(default=dict, blank=True)  # what the confirmation changed, for the history

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name
