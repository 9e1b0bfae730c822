"""People to invite from a table: each row that is new becomes an invitation, as if it had been typed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from import_export.fields import Field
from import_export.widgets import Widget

from portal.actions import ActionRefused, invite
from portal.enums import InvitationWay
from portal.formats import search_key
from portal.importing.register import RegisterResource
from portal.importing.widgets import TextWidget
from portal.models import Invitation, Membership, Municipality, School, User
from portal.people import may_give
from portal.roles import SCOPES, Role, Scope

_ROLES = {search_key(str(role.label)): role for role in Role} | {role.value: role for role in Role}
Key = tuple[str, str, int | None]  # address, role, school


class EmailWidget(Widget):
    """An address, which serves as the name to sign in with."""

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> str:
        email = (value or "").lower()
        try:
            validate_email(email)
        except ValidationError:
            said = "Проверьте адрес почты." if email else "Укажите адрес почты: он служит именем для входа."
            raise ValueError(said) from None
        return email


class RoleWidget(Widget):
    """A role in words as on screen, or as the portal's own code."""

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> Role:
        if role := _ROLES.get(search_key(value or "")):
            return role
        raise ValueError(f"Роли «{value}» нет. Возьмите её из образца." if value else "Укажите роль.")


class SchoolWidget(Widget):
    """The code of a school of the municipality; empty for a role in the whole of it."""

    def __init__(self) -> None:
        super().__init__()
        self.schools: dict[str, School] = {}

    def clean(self, value: str | None, row: Any = None, **kwargs: Any) -> School | None:
        if value and value not in self.schools:
            raise ValueError(f"Школы с кодом «{value}» в муниципалитете нет.")
        return self.schools.get(value or "")


class PeopleResource(RegisterResource):
    """Invitations to one municipality. Who has the role already is left as they are.

    A dry run invites nobody. After writing `made` holds the invitations with their codes, as `portal.actions.invite`
    returns them; the sentences of that action become those of the row.
    """

    email = Field("email", "email", EmailWidget())
    full_name = Field("full_name", "full_name", TextWidget())
    position = Field("position", "position")
    role = Field("role", "role", RoleWidget())
    school = Field("school", "school", SchoolWidget())
    phone = Field("phone", "phone")

    titles = {
        "email": "Почта",
        "full_name": "Фамилия имя отчество",
        "position": "Должность",
        "role": "Роль",
        "school": "Код школы",
        "phone": "Телефон",
    }
    named = ("email", "full_name")

    class Meta(RegisterResource.Meta):
        model = Invitation
        fields = ("municipality", "email", "full_name", "position", "role", "school", "phone")
        skip_diff = True  # every row is a new invitation or changes nothing

    def __init__(
        self, municipality: Municipality, by: Membership, way: InvitationWay = InvitationWay.MAIL, seed: str = ""
    ) -> None:
        super().__init__(municipality)
        self.by, self.way, self.seed = by, way, seed
        self.made: list[tuple[Invitation, str]] = []
        self.people: dict[str, User] = {}
        self.held: set[Key] = set()
        self.seen: set[Key] = set()

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Read at once what the rows are compared with: schools, accounts and the roles they have; three queries."""
        today = timezone.localdate()
        schools = School.objects.filter(municipality=self.place).select_related("municipality")
        self.fields["school"].widget.schools = {school.code: school for school in schools}
        emails = {email.lower() for email in dataset["email"]}
        self.people = {person.email: person for person in User.objects.filter(email__in=emails)}
        held = Membership.objects.filter(user__in=self.people.values(), municipality=self.place)
        self.held = {
            (one.user.email, one.role, one.school_id)
            for one in held.select_related("user")
            if not one.until or one.until >= today
        }

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> None:
        """An invitation is never changed by a table."""

    def skip_row(self, instance: Invitation, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return not import_validation_errors and _key(instance) in self.held

    def validate_instance(
        self, instance: Invitation, import_validation_errors: Any = None, validate_unique: Any = True
    ) -> None:
        errors = dict(import_validation_errors or {})
        for field, sentence in self._faults(instance, errors.keys()):
            errors.setdefault(field, ValidationError(sentence))
        others = {field.name for field in Invitation._meta.fields} - {"full_name", "position", "phone"}
        try:
            instance.full_clean(exclude={*others, *errors}, validate_unique=False)
        except ValidationError as wrong:
            errors = wrong.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def _faults(self, one: Invitation, wrong: Any) -> list[tuple[str, str]]:
        """Field and sentence of what the cells, each right by itself, are together."""
        found = []
        person = self.people.get(one.email)
        if person and not person.is_active:
            found.append(("email", "Доступ этого человека закрыт. Сначала откройте его."))
        if not {"role", "school"} & set(wrong):
            found += self._faults_of_place(Role(one.role), one.school)
            if not wrong and _key(one) in self.seen:
                found.append(("email", "Эта строка повторяет другую. Оставьте одну из них."))
            self.seen.add(_key(one))
        return found

    def _faults_of_place(self, role: Role, school: School | None) -> list[tuple[str, str]]:
        of_school = SCOPES[role] == Scope.SCHOOL
        if of_school and school is None:
            return [("school", "Укажите код школы: эта роль действует в одной школе.")]
        if school is not None and not of_school:
            return [("school", "Эта роль действует во всём муниципалитете. Уберите код школы.")]
        if not may_give(self.by, role, self.place, school):
            return [("role", f"Приглашать на роль «{role.label}» может только администратор.")]
        if school is not None and school.closed and school.closed <= timezone.localdate():
            return [("school", "Эта школа закрыта.")]
        return []

    def save_instance(self, instance: Invitation, is_create: bool, row: Any, **kwargs: Any) -> None:
        if self._is_dry_run(kwargs):
            return
        try:
            made = invite(
                email=instance.email,
                full_name=instance.full_name,
                role=Role(instance.role),
                municipality=self.place,
                school=instance.school,
                way=self.way,
                by=self.by,
                position=instance.position,
                phone=instance.phone,
                seed=self.seed,
            )
        except ActionRefused as refusal:
            raise ValidationError({"email": str(refusal)}) from refusal
        self.made.append(made)

    @staticmethod
    def shown(field: str, invitation: Invitation | None) -> str:
        if invitation is None:
            return ""
        if field == "role":
            return str(Role(invitation.role).label)
        if field == "school":
            return f"{invitation.school.code}, {invitation.school}" if invitation.school else ""
        return str(getattr(invitation, field))


def _key(one: Invitation) -> Key:
    return one.email, one.role, one.school_id
