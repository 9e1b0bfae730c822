"""What the pages of people and invitations accept from a browser."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from portal.enums import InvitationWay
from portal.models import Invitation, School, User
from portal.people import STATES
from portal.roles import SCOPES, Role, Scope

WAYS = (
    (InvitationWay.MAIL, "Письмом со ссылкой"),
    (InvitationWay.SLIP, "Листком доступа, который нужно напечатать и передать лично"),
)


class PeopleFilter(forms.Form):
    """The search and the filters above the list of people; a wrong value of one leaves the others in force."""

    q = forms.CharField(label="Имя, почта или школа", required=False, max_length=100)
    state = forms.ChoiceField(label="Состояние", required=False)
    role = forms.ChoiceField(label="Роль", required=False)
    school = forms.ChoiceField(label="Место работы", required=False)

    def __init__(self, *args: Any, schools: Iterable[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, Any] = self.fields
        offered["state"].choices = [("", "Любое"), *STATES.items()]
        offered["role"].choices = [("", "Любая"), *((role.value, role.label) for role in Role)]
        offered["school"].choices = [
            ("", "Любое"),
            ("-", "Весь муниципалитет"),
            *((str(one.public_id), one.name) for one in schools),
        ]

    def asked(self) -> dict[str, str]:
        """What is asked for, by name, without what was left empty or makes no sense."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class WayForm(forms.Form):
    """How a one-time code reaches its person."""

    way = forms.ChoiceField(label="Как передать", choices=WAYS, initial=InvitationWay.MAIL, widget=forms.RadioSelect)


class PersonForm(WayForm):
    """Who is invited."""

    email = forms.EmailField(
        label="Электронная почта",
        max_length=254,
        help_text="Служит именем для входа, даже если приглашение передаётся листком.",
    )
    full_name = forms.CharField(label="Фамилия, имя и отчество", max_length=200)
    position = forms.CharField(label="Должность", max_length=200, required=False)
    phone = forms.CharField(label="Телефон", max_length=30, required=False)
    field_order = ["email", "full_name", "position", "phone", "role", "school", "way"]


class InviteForm(PersonForm):
    """Who is invited, to which role and where."""

    role = forms.ChoiceField(label="Роль")
    school: forms.ModelChoiceField = forms.ModelChoiceField(
        label="Школа",
        queryset=None,
        required=False,
        to_field_name="public_id",
        empty_label="Весь муниципалитет",
        help_text="Ответственный, помощник и директор работают в одной школе.",
    )

    def __init__(self, *args: Any, roles: frozenset[Role], schools: QuerySet[School], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, Any] = self.fields
        offered["role"].choices = [("", "Выберите роль"), *((role.value, role.label) for role in Role if role in roles)]
        offered["school"].queryset = schools

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        role, school = given.get("role"), given.get("school")
        if role and "school" not in self.errors:
            of_school = SCOPES[Role(role)] == Scope.SCHOOL
            if of_school and school is None:
                self.add_error("school", "Выберите школу: эта роль действует в одной школе.")
            elif school is not None and not of_school:
                self.add_error("school", "Эта роль действует во всём муниципалитете. Школу выбирать не нужно.")
        return given


class CodeForm(forms.Form):
    """The code of a slip, typed by hand."""

    code = forms.CharField(
        label="Код с листка доступа",
        max_length=100,
        help_text="20 знаков, например: 7KQ2M-9XWPC-4T0HD-ZB3NR. Заглавные буквы и дефисы не обязательны.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": "Введите код."},
    )

    def clean_code(self) -> str:
        code = "".join(sign for sign in self.cleaned_data["code"] if sign.isalnum())
        if not code:
            raise ValidationError("Введите код: в нём только буквы и цифры.")
        return code


class AcceptForm(forms.Form):
    """Consent to an invitation; whoever has no password yet chooses one, twice."""

    password = forms.CharField(
        label="Пароль",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Не короче 12 знаков. Удобны три-четыре не связанных слова. Без названий города и школы, без года.",
    )
    again = forms.CharField(
        label="Пароль ещё раз",
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, with_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = User(email=invitation.email, full_name=invitation.full_name)
        if not with_password:
            self.fields.clear()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        password, again = given.get("password"), given.get("again")
        if password:
            try:
                validate_password(password, self.person)
            except ValidationError as weak:
                self.add_error("password", weak)
        if password and again and password != again:
            self.add_error("again", "Пароли не совпадают. Введите один и тот же пароль дважды.")
        return given
