"""Оперативный свод: a short table that a specialist asks of schools when it is needed, unlike the yearly form."""

import uuid
from typing import Self

from django.db import models
from django.utils import timezone

from monitoring.enums import ColumnKind
from portal.models import Membership, Municipality, OwnedQuerySet, School, User


class RoundupQuerySet(OwnedQuerySet):
    def visible_to(self, member: Membership) -> Self:
        """A school sees the round-ups in which it has a row."""
        if member.school_id:
            return self.filter(rows__school=member.school_id)
        return super().visible_to(member)


class Roundup(models.Model):
    """One request: its title, its deadline, one to ten columns, a row for each school."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    title = models.CharField(max_length=200)
    note = models.CharField(max_length=1000, blank=True)  # what to count, shown above the row
    due_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    repeats = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)  # the earlier one it was made from

    objects = RoundupQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.title


class OfRoundupQuerySet(OwnedQuerySet):
    municipality_path = "roundup__municipality"


class RoundupColumn(models.Model):
    roundup = models.ForeignKey(Roundup, on_delete=models.CASCADE, related_name="columns")
    order = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=ColumnKind.choices)
    required = models.BooleanField(default=True)

    objects = OfRoundupQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["roundup", "order"], name="roundup_column_once")]

    def __str__(self) -> str:
        return self.title


class RoundupRowQuerySet(OwnedQuerySet):
    municipality_path = "roundup__municipality"
    school_path = "school"


class RoundupRow(models.Model):
    """A school's answer: one value for each column, by the column's order."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    roundup = models.ForeignKey(Roundup, on_delete=models.CASCADE, related_name="rows")
    school = models.ForeignKey(School, on_delete=models.PROTECT)
    answers = models.JSONField(default=dict)  # {"1": 12, "2": "текст", "3": true, "4": "2026-03-01"}
    version = models.PositiveIntegerField(default=0)
    filled_at = models.DateTimeField(null=True)
    filled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    reminded_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)

    objects = RoundupRowQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["roundup", "school"], name="roundup_row_once")]

    def __str__(self) -> str:
        return f"{self.roundup_id} {self.school_id}"
