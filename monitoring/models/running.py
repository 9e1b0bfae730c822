"""What keeps a campaign going beside the values: extensions, reminders, hand-overs, class sheets, files, warnings."""

import uuid

from django.db import models
from django.utils import timezone

from monitoring.enums import ImportKind, Outcome
from monitoring.models.campaign import Campaign, OfSubmissionQuerySet, Submission
from monitoring.models.catalogue import Element, Section
from portal.models import Municipality, OwnedQuerySet, User


class Extension(models.Model):
    """One school may hand in one form later, until a moment, for a reason. It ends by itself; the last one holds."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="extensions")
    until = models.DateTimeField()
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.submission_id} до {self.until}"


class Reminder(models.Model):
    """The school was reminded of this form; `by` is empty where the portal did it by itself."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="reminders")
    days = models.SmallIntegerField(null=True)  # to the deadline, negative after it; empty = by hand
    recipients = models.PositiveSmallIntegerField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()  # the deadline it spoke of: a new deadline is reminded of anew

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "days", "due_at"],
                condition=models.Q(days__isnull=False),
                name="reminded_once_a_day",
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.at}"


class SectionKeeper(models.Model):
    """The colleague to whom the coordinator gave a section of the form; the coordinator may still enter it, too."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="keepers")
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "section"], name="section_keeper_once")]

    def __str__(self) -> str:
        return f"{self.section_id}: {self.user_id}"


class SectionMark(models.Model):
    """What the school itself says of a section: filled, or not yet. Without a mark only the numbers speak."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="marks")
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    filled = models.BooleanField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "section"], name="section_mark_once")]

    def __str__(self) -> str:
        return f"{self.section_id}: {'да' if self.filled else 'ещё нет'}"


class ClassRow(models.Model):
    """One class (5А) on the working sheet of a section."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="class_rows")
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    grade = models.PositiveSmallIntegerField()
    letter = models.CharField(max_length=10, blank=True)
    version = models.PositiveIntegerField(default=0)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["grade", "letter"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "section", "grade", "letter"], name="class_row_once")
        ]

    def __str__(self) -> str:
        return f"{self.grade}{self.letter}"


class ClassNumberQuerySet(OwnedQuerySet):
    municipality_path = "row__submission__municipality"
    school_path = "row__submission__school"


class ClassNumber(models.Model):
    """A count of one class for one element of the section."""

    row = models.ForeignKey(ClassRow, on_delete=models.CASCADE, related_name="numbers")
    element = models.ForeignKey(Element, on_delete=models.PROTECT)
    number = models.PositiveIntegerField()

    objects = ClassNumberQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["row", "element"], name="class_number_once")]

    def __str__(self) -> str:
        return f"{self.element_id}: {self.number}"


class ImportDraftQuerySet(OwnedQuerySet):
    school_path = "submission__school"


class ImportDraft(models.Model):
    """A file that was read and shown, and waits for its person to confirm. The file itself is not kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    kind = models.CharField(max_length=12, choices=ImportKind.choices)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE)
    submission = models.ForeignKey(Submission, null=True, on_delete=models.CASCADE)  # of a school's own workbook
    by = models.ForeignKey(User, on_delete=models.PROTECT)
    created_at = models.DateTimeField(default=timezone.now)
    file_name = models.CharField(max_length=200)
    source = models.CharField(max_length=300, blank=True)  # where the numbers come from, and as at which date
    content = models.JSONField()  # what was read: see monitoring/importing.py
    applied_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects = ImportDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.file_name


class RuleSetting(models.Model):
    """A municipality's own bounds of a check from a moment on. Rows are added, never edited; the last one holds."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    check_code = models.CharField(max_length=40)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    people = models.PositiveSmallIntegerField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    note = models.CharField(max_length=300, blank=True)  # why
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.check_code}: {self.percent} {self.people}"


class WarningRecord(models.Model):
    """A warning that was shown to a school, and what came of it: it tells which checks are noise."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="warning_records")
    check_code = models.CharField(max_length=40)
    element = models.CharField(max_length=60, blank=True)  # its code; empty for a rule about several cells
    numbers = models.CharField(max_length=200)  # both sides when it was shown first
    shown_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    settled_at = models.DateTimeField(null=True)

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "check_code", "element"], name="warning_record_once")
        ]

    def __str__(self) -> str:
        return f"{self.check_code}: {self.outcome}"
