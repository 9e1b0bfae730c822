"""What there is at the bottom: places, people, acts, background jobs and outgoing mail."""

import uuid
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from portal.enums import (
    InvitationPurpose,
    InvitationWay,
    JobState,
    Locality,
    MailState,
    RegulationKind,
    SchoolKind,
)
from portal.formats import search_key, sort_key
from portal.roles import PERMISSIONS, SCOPES, Permission, Role, Scope


class OwnedQuerySet(models.QuerySet):
    """A queryset whose rows belong to a municipality, and perhaps to a school, by the paths it names.

    A path left empty means that a membership of that scope sees nothing: access is granted, never assumed.
    """

    municipality_path: ClassVar[str] = "municipality"
    school_path: ClassVar[str] = ""

    def visible_to(self, member: "Membership") -> Self:
        """The rows that this membership may see; an unknown scope sees none."""
        if member.scope == Scope.MUNICIPALITY and self.municipality_path:
            return self.filter(**{self.municipality_path: member.municipality_id})
        if member.scope == Scope.SCHOOL and self.school_path:
            return self.filter(**{self.school_path: member.school_id})
        return self.none()


class Region(models.Model):
    """A subject of the federation: what a regional membership belongs to."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.name


class MunicipalityQuerySet(OwnedQuerySet):
    municipality_path = "id"


class Municipality(models.Model):
    """The owner of all data; its names stand in the cases that documents need."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    name_genitive = models.CharField(max_length=200)
    name_prepositional = models.CharField(max_length=200)
    oktmo = models.CharField("ОКТМО", max_length=11, blank=True)
    city = models.CharField(max_length=100)
    time_zone = models.CharField(max_length=50, default="Europe/Moscow")
    department = models.CharField(max_length=300)
    department_genitive = models.CharField(max_length=300)
    head_position = models.CharField(max_length=300)
    head_name = models.CharField(max_length=200)
    document_profile = models.JSONField(default=dict, blank=True)
    made_up = models.TextField(blank=True)  # demo data say on every page which part of them is invented

    objects = MunicipalityQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class SchoolQuerySet(OwnedQuerySet):
    school_path = "id"


class School(models.Model):
    """Any organisation that reports. A closed or merged one keeps its past."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="schools")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=SchoolKind.choices)
    locality = models.CharField(max_length=10, choices=Locality.choices)
    grades = models.JSONField(default=list)  # of int, ascending
    opened = models.DateField(null=True, blank=True)
    closed = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    search_key = models.CharField(max_length=250, editable=False)
    sort_key = models.CharField(max_length=250, editable=False)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key"]
        constraints = [models.UniqueConstraint(fields=["municipality", "code"], name="school_code_once")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.search_key = search_key(f"{self.name} {self.code}")
        self.sort_key = sort_key(self.name)
        super().save(*args, **kwargs)


class PersonManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """A person who signs in by e-mail. What they may do is said by their memberships."""

    email = models.EmailField("Электронная почта", unique=True)
    full_name = models.CharField(max_length=200)
    position = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = PersonManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.full_name or self.email


class MembershipQuerySet(OwnedQuerySet):
    school_path = "school"

    def in_force(self, on: date) -> Self:
        """Memberships of active people that have begun and have not ended on that day."""
        ends_later = models.Q(until__isnull=True) | models.Q(until__gte=on)
        return self.filter(ends_later, since__lte=on, user__is_active=True)


class Membership(models.Model):
    """One role of one person in one place; a person with several chooses at the top of the page."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=30, choices=Role.choices)
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT)
    municipality = models.ForeignKey(Municipality, null=True, blank=True, on_delete=models.PROTECT)
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships")
    since = models.DateField(default=timezone.localdate)
    until = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "municipality", "school"], name="membership_once"),
            models.CheckConstraint(
                name="membership_has_its_place",
                condition=models.Q(
                    role__in=[role for role, scope in SCOPES.items() if scope == Scope.SCHOOL],
                    school__isnull=False,
                    municipality__isnull=False,
                )
                | models.Q(
                    role__in=[role for role, scope in SCOPES.items() if scope == Scope.MUNICIPALITY] + [Role.EXPERT],
                    municipality__isnull=False,
                    school__isnull=True,
                )
                | models.Q(role=Role.REGIONAL, region__isnull=False, municipality__isnull=True, school__isnull=True)
                | models.Q(role=Role.INSTALLATION_ADMIN, municipality__isnull=True, school__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role_label}, {self.place_label}"

    @property
    def scope(self) -> Scope:
        return SCOPES[Role(self.role)]

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)

    @property
    def place_label(self) -> str:
        place = self.school or self.municipality or self.region
        return place.name if place else "портал"

    def may(self, permission: Permission | str) -> bool:
        return permission in PERMISSIONS[Role(self.role)]


class Invitation(models.Model):
    """A one-time way in for one address and one role. Only the hash of its code is kept (security F4)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(max_length=10, choices=InvitationPurpose.choices, default=InvitationPurpose.JOIN)
    way = models.CharField(max_length=10, choices=InvitationWay.choices)
    email = models.EmailField()
    full_name = models.CharField(max_length=200)
    position = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    role = models.CharField(max_length=30, choices=Role.choices)
    municipality = models.ForeignKey(Municipality, null=True, blank=True, on_delete=models.PROTECT)
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.PROTECT)
    token_hash = models.CharField(max_length=64, unique=True)  # sha256 of the code, hexadecimal
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="invitations_made")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)  # also when a newer one took its place

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.email}: {Role(self.role).label}"

    def is_open(self, now: datetime) -> bool:
        """Whether its code still works."""
        return self.used_at is None and self.cancelled_at is None and now < self.expires_at


class NoticeQuerySet(OwnedQuerySet):
    def visible_to(self, member: Membership) -> Self:
        """A person's own notices of the municipality in which they act."""
        return self.filter(user=member.user_id, municipality=member.municipality_id)


class Notice(models.Model):
    """Something a person should know: shown in the portal, and once a day in one letter with the others."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=300, blank=True)  # a path of the portal
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)  # when a digest took it

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["user", "read_at"], name="notice_of_person")]

    def __str__(self) -> str:
        return self.text


class Regulation(models.Model):
    """An act (НПА) on which a campaign or a paper rests."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20, choices=RegulationKind.choices)
    issuer = models.CharField(max_length=300)
    number = models.CharField(max_length=50)
    date = models.DateField()
    title = models.CharField(max_length=500)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    replaced_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaces")

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "number"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} № {self.number}"


class ApiToken(models.Model):
    """A program's way in to read a municipality's open data. Only the hash of the token is kept (security F4)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE)
    name = models.CharField(max_length=200)  # what uses it
    token_hash = models.CharField(max_length=64, unique=True)  # sha256, hexadecimal
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name

    def is_open(self, now: datetime) -> bool:
        """Whether the token still works."""
        return self.revoked_at is None and now < self.expires_at


class Job(models.Model):
    """Work that takes over a second. It beats while it runs; a sweep puts back the one whose worker died."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT)
    requested_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT)
    payload = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    stage = models.CharField(max_length=200, blank=True)
    message = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = OwnedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Outbox(models.Model):
    """A letter waiting to be sent, sent, or given up after its last attempt."""

    municipality = models.ForeignKey(Municipality, null=True, on_delete=models.PROTECT)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    objects = OwnedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outbox"

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"
