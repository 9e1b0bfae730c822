"""Inviting many people at once from a list: what each line would do, and then all of them or none."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from portal.actions.invitations import invite
from portal.actions.refusal import ActionRefused
from portal.enums import InvitationWay
from portal.formats import search_key
from portal.models import Invitation, Membership, School, User
from portal.people import may_give
from portal.roles import SCOPES, Role, Scope

NEW, THERE, ERROR = "new", "there", "error"
_ROLES = {search_key(str(role.label)): role for role in Role} | {role.value: role for role in Role}


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """A line of the list as it was typed; `number` is its row in the sheet."""

    number: int
    email: str
    full_name: str
    position: str
    role: str
    school: str
    phone: str


@dataclass(frozen=True, slots=True)
class CheckedPerson:
    """What a line will do: NEW invites, THERE changes nothing, ERROR keeps the whole list out."""

    line: ListedPerson
    state: str
    sentence: str
    role: Role | None = None
    school: School | None = None


def check_list(lines: Iterable[ListedPerson], *, by: Membership) -> list[CheckedPerson]:
    """What each line would do now. A few queries whatever the length of the list."""
    lines = list(lines)
    today = timezone.localdate()
    schools = {
        one.code: one for one in School.objects.filter(municipality=by.municipality).select_related("municipality")
    }
    emails = [line.email.strip().lower() for line in lines]
    people = {one.email: one for one in User.objects.filter(email__in=emails)}
    held = {
        (one.user.email, one.role, one.school_id)
        for one in Membership.objects.filter(user__in=people.values(), municipality=by.municipality).select_related(
            "user"
        )
        if not one.until or one.until >= today
    }
    seen: set[tuple[str, str, int | None]] = set()
    checked = []
    for line, email in zip(lines, emails, strict=True):
        one = _check(line, email, schools, people, by)
        key = (email, one.role or "", one.school.pk if one.school else None)
        if one.state == NEW and key in held:
            one = CheckedPerson(line, THERE, "У этого человека уже есть эта роль.", one.role, one.school)
        elif one.state == NEW and key in seen:
            one = CheckedPerson(line, ERROR, "Эта строка повторяет другую. Оставьте одну из них.")
        seen.add(key)
        checked.append(one)
    return checked


def _check(
    line: ListedPerson, email: str, schools: dict[str, School], people: dict[str, User], by: Membership
) -> CheckedPerson:
    def wrong(sentence: str) -> CheckedPerson:
        return CheckedPerson(line, ERROR, sentence)

    try:
        validate_email(email)
    except ValidationError:
        return wrong("Проверьте адрес почты." if email else "Укажите адрес почты: он служит именем для входа.")
    if not line.full_name.strip():
        return wrong("Укажите фамилию, имя и отчество.")
    if any(len(text) > 200 for text in (line.full_name, line.position)) or len(line.phone) > 30 or len(email) > 254:
        return wrong("Одно из значений слишком длинное.")
    role = _ROLES.get(search_key(line.role))
    if role is None:
        return wrong(f"Роли «{line.role}» нет. Возьмите её из образца." if line.role else "Укажите роль.")
    code = line.school.strip()
    school = schools.get(code) if code else None
    if code and school is None:
        return wrong(f"Школы с кодом «{code}» в муниципалитете нет.")
    if SCOPES[role] == Scope.SCHOOL and school is None:
        return wrong("Укажите код школы: эта роль действует в одной школе.")
    if SCOPES[role] != Scope.SCHOOL and school is not None:
        return wrong("Эта роль действует во всём муниципалитете. Уберите код школы.")
    if not may_give(by, role, by.municipality, school):
        return wrong(f"Приглашать на роль «{role.label}» может только администратор.")
    if school is not None and school.closed and school.closed <= timezone.localdate():
        return wrong("Эта школа закрыта.")
    if email in people and not people[email].is_active:
        return wrong("Доступ этого человека закрыт. Сначала откройте его.")
    return CheckedPerson(line, NEW, "Будет приглашён.", role, school)


@transaction.atomic
def invite_list(
    *, lines: Iterable[ListedPerson], way: InvitationWay, by: Membership, seed: str = ""
) -> list[tuple[Invitation, str]]:
    """Invite everybody of the list who is not there yet, or nobody: one wrong line keeps the whole list out."""
    checked = check_list(lines, by=by)
    wrong = [one for one in checked if one.state == ERROR]
    if wrong:
        raise ActionRefused(f"Строка {wrong[0].line.number}: {wrong[0].sentence} Никто не приглашён.")
    made = []
    for one in checked:
        if one.state != NEW or one.role is None:
            continue
        try:
            invited = invite(
                email=one.line.email,
                full_name=one.line.full_name.strip(),
                role=one.role,
                municipality=by.municipality,
                school=one.school,
                way=way,
                by=by,
                position=one.line.position.strip(),
                phone=one.line.phone.strip(),
                seed=seed,
            )
        except ActionRefused as refusal:
            raise ActionRefused(f"Строка {one.line.number}: {refusal} Никто не приглашён.") from refusal
        made.append(invited)
    return made
