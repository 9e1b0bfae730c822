"""Papers: each built report with its tree, its data version and its file."""

import uuid

from django.db import models
from django.utils import timezone

from portal.models import Municipality, OwnedQuerySet, School, User


class ReportKind(models.TextChoices):
    ANALYSIS = "analysis", "Аналитический отчёт"


class ReportState(models.TextChoices):
    DRAFT = "draft", "проект"
    ISSUED = "issued", "выпущен"


class Report(models.Model):
    """One revision of a paper. Its tree holds every word and number of it; nothing is read again to show it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=ReportKind.choices)
    year = models.PositiveSmallIntegerField()
    revision = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=ReportState.choices, default=ReportState.DRAFT)
    tree = models.JSONField()
    data_version = models.PositiveBigIntegerField()  # id of the newest AcceptedForm of the municipality
    built_at = models.DateTimeField(default=timezone.now)
    built_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    pdf_sha256 = models.CharField(max_length=64, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["municipality", "kind", "year", "revision"], name="report_revision_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year}, редакция {self.revision}"
