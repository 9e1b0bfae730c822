"""One year of one form: the campaign, each school's form in it, its values and everything said about them."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone

from monitoring.enums import HANDED_IN, STATE_TAGS, CellState, FormState, Reason, ThreadKind, Way
from monitoring.models.catalogue import Element, Form, Section
from portal.models import Municipality, OwnedQuerySet, Regulation, School, User

if TYPE_CHECKING:
    from monitoring.models.running import Extension


class Campaign(models.Model):
    """The collection of one form for one year. Launch froze its organisations (the submissions) and its wording."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    form = models.ForeignKey(Form, on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()  # the first calendar year of the school year
    regulation = models.ForeignKey(Regulation, null=True, blank=True, on_delete=models.PROTECT)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()  # the deadline; a form sent later is marked as late
    grace_until = models.DateTimeField(null=True, blank=True)  # until then a late form is taken; empty = without limit
    two_step = models.BooleanField(default=False)  # the school's head confirms before the form goes out
    reminds = models.BooleanField(default=True)  # letters before and after the deadline go out by themselves
    contact = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)  # finished: nothing is entered any more
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    launched_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    launched_at = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "form_id"]
        constraints = [models.UniqueConstraint(fields=["municipality", "form", "year"], name="campaign_once")]

    def __str__(self) -> str:
        return f"{self.form_id} {self.year}"


class CampaignElementQuerySet(OwnedQuerySet):
    municipality_path = "campaign__municipality"


class CampaignElement(models.Model):
    """The wording of an element as this campaign asked it; later edits of the catalogue do not touch it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="elements")
    element = models.ForeignKey(Element, on_delete=models.PROTECT)
    section = models.ForeignKey(Section, on_delete=models.PROTECT)
    section_title = models.CharField(max_length=300)
    name = models.CharField(max_length=300)
    hint = models.CharField(max_length=500, blank=True)
    unit = models.CharField(max_length=20)
    order = models.PositiveSmallIntegerField()

    objects = CampaignElementQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["campaign", "element"], name="campaign_element_once")]

    def __str__(self) -> str:
        return self.name


class SubmissionQuerySet(OwnedQuerySet):
    school_path = "school"


class Submission(models.Model):
    """A school's form of one year; one for each (school, year, form)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="submissions")
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="submissions")
    form = models.ForeignKey(Form, on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)  # of the school, as it was at launch
    grades = models.JSONField(default=list)  # taught at launch
    state = models.CharField(max_length=20, choices=FormState.choices, default=FormState.NOT_STARTED)
    version = models.PositiveIntegerField(default=0)  # grows with every change of a value or of the state
    cells_total = models.PositiveSmallIntegerField(default=0)  # applicable cells
    cells_filled = models.PositiveSmallIntegerField(default=0)  # of them with a number or «нет данных»
    ready_at = models.DateTimeField(null=True, blank=True)  # given to the school's head, where the campaign asks for it
    ready_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.CharField(max_length=200, blank=True)  # the head's name, as the sender typed it
    sent_at = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True, blank=True)  # the new deadline of a returned form
    changed_at = models.DateTimeField(default=timezone.now)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "year", "form"], name="submission_once")]
        indexes = [models.Index(fields=["municipality", "year", "form"], name="submission_of_municipality")]

    def __str__(self) -> str:
        return f"{self.school_id} {self.year} {self.form_id}"

    @property
    def tag(self) -> str:
        """The sign that stands beside the words of the state."""
        return STATE_TAGS[FormState(self.state)]

    @property
    def handed_in(self) -> bool:
        """Whether the form is with the department or accepted."""
        return self.state in HANDED_IN

    @property
    def deadline(self) -> datetime:
        """Until when the form is in time. Lists that print it prefetch `extensions`."""
        return self.deadline_in(self.campaign)

    def deadline_in(self, campaign: Campaign) -> datetime:
        """The new deadline of a return, else the campaign's; an extension that ends later takes its place."""
        asked = self.due_at or campaign.closes_at
        return max(asked, self.extension.until) if self.extension else asked

    @property
    def extension(self) -> "Extension | None":
        """The extension that was granted last and not cancelled; one that has ended stays until it is replaced."""
        if self.pk is None:
            return None
        return next((one for one in self.extensions.all() if one.cancelled_at is None), None)

    @property
    def percent_filled(self) -> int:
        """Filled of applicable cells in whole percent, rounded down: 100 means that nothing is left."""
        return self.cells_filled * 100 // self.cells_total if self.cells_total else 0


class OfSubmissionQuerySet(OwnedQuerySet):
    municipality_path = "submission__municipality"
    school_path = "submission__school"


class Value(models.Model):
    """One cell: what the form says now, and what its last acceptance said.

    Both stand in one row because dashboards read accepted numbers while the form may be open for correction
    (design §2, rule 6). PostgreSQL gets a covering index of its own in the first migration (design §9).
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="values")
    element = models.ForeignKey(Element, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=CellState.choices)
    number = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # of «нет данных»
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    changed_at = models.DateTimeField(default=timezone.now)
    accepted_state = models.CharField(max_length=12, choices=CellState.choices, null=True)
    accepted_number = models.PositiveIntegerField(null=True)
    way = models.CharField(max_length=10, choices=Way.choices, default=Way.FORM)  # of the last change
    comment = models.CharField(max_length=500, blank=True)
    evidence = models.URLField(max_length=500, blank=True)
    evidence_checked_at = models.DateTimeField(null=True, blank=True)
    evidence_problem = models.CharField(max_length=300, blank=True)  # a sentence; empty = reachable or not yet checked

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "element"], name="value_once"),
            models.CheckConstraint(
                name="value_number_only_when_number",
                condition=models.Q(state=CellState.NUMBER, number__isnull=False)
                | (~models.Q(state=CellState.NUMBER) & models.Q(number__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id} {self.element_id}"


class ValueChange(models.Model):
    """One change of one cell: who, when, from, to, how. Never edited."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="changes")
    element = models.ForeignKey(Element, on_delete=models.PROTECT)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)
    way = models.CharField(max_length=10, choices=Way.choices)
    from_state = models.CharField(max_length=12, choices=CellState.choices)
    from_number = models.PositiveIntegerField(null=True)
    to_state = models.CharField(max_length=12, choices=CellState.choices)
    to_number = models.PositiveIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)  # of «нет данных»
    note = models.CharField(max_length=300, blank=True)  # why the department wrote it

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.element_id}: {self.from_number} → {self.to_number}"


class AcceptedForm(models.Model):
    """An acceptance: the whole form as it was, for ever. The highest id of a municipality is its data version."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="accepted")
    revision = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    values = models.JSONField()  # {element code: [state, number, reason]}

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "revision"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.submission_id} редакция {self.revision}"


class Explanation(models.Model):
    """Why a number that a warning doubts is right. It holds while the numbers it was given for stand."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="explanations")
    check_code = models.CharField(max_length=40)
    element = models.ForeignKey(Element, null=True, blank=True, on_delete=models.PROTECT)
    numbers = models.CharField(max_length=200)  # the two sides when it was given
    reason = models.CharField(max_length=20, choices=Reason.choices)
    text = models.CharField(max_length=500)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "check_code", "element"], name="explanation_once"),
            models.UniqueConstraint(
                fields=["submission", "check_code"], condition=models.Q(element=None), name="explanation_of_form_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_code}: {self.text}"


class Thread(models.Model):
    """A remark or a question on a cell or a section; what was answered stands in its replies."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="threads")
    kind = models.CharField(max_length=10, choices=ThreadKind.choices, default=ThreadKind.REMARK)
    section = models.ForeignKey(Section, null=True, blank=True, on_delete=models.PROTECT)
    element = models.ForeignKey(Element, null=True, blank=True, on_delete=models.PROTECT)
    text = models.CharField(max_length=1000)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class ReplyQuerySet(OwnedQuerySet):
    municipality_path = "thread__submission__municipality"
    school_path = "thread__submission__school"


class Reply(models.Model):
    """An answer in a thread, of the school or of the department. Never edited."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="replies")
    text = models.CharField(max_length=1000)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "replies"

    def __str__(self) -> str:
        return self.text


class StatusChange(models.Model):
    """One move of a form between states. Never edited."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="moves")
    from_state = models.CharField(max_length=20, choices=FormState.choices)
    to_state = models.CharField(max_length=20, choices=FormState.choices)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField(default=timezone.now)
    comment = models.CharField(max_length=1000, blank=True)
    on_behalf = models.BooleanField(default=False)  # the department moved it for the school

    objects = OfSubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
