"""What the pages of people and invitations accept from a browser."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from portal.actions import ListedPerson
from portal.enums import InvitationWay
from portal.formats import search_key
from portal.models import Invitation, School, User
from portal.people import STATES
from portal.roles import SCOPES, Role, Scope
from portal.workbooks import SCHOOL_LIMITS, WorkbookRefused, read_workbook

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


# Columns of the list, in the order of the sample; each is found by its name wherever it stands.
COLUMNS = {
    "email": "почта",
    "full_name": "фамилия имя отчество",
    "position": "должность",
    "role": "роль",
    "school": "код школы",
    "phone": "телефон",
}


class InviteListForm(forms.Form):
    """A workbook with people, one a row. What it holds is in `lines` after a successful check."""

    file = forms.FileField(
        label="Файл со списком",
        help_text="Книга Excel (.xlsx), не больше 200 строк.",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )
    lines: list[ListedPerson]

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > SCHOOL_LIMITS.file_bytes:
            raise ValidationError("Файл больше 2 МБ. Оставьте в нём только список людей.")
        try:
            sheets = read_workbook(given.read(), SCHOOL_LIMITS)
        except WorkbookRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        self.lines = _lines(sheets[0].rows if sheets else [])
        return given


def _lines(rows: list[list[Any]]) -> list[ListedPerson]:
    start, places = _head(rows)
    found = []
    for number, row in enumerate(rows[start:], start=start + 1):
        typed = {name: _text(row[at]) if at < len(row) else "" for name, at in places.items()}
        if any(typed.values()):
            found.append(ListedPerson(number=number, **typed))
    if not found:
        raise ValidationError("В файле нет ни одного человека. Заполните строки под заголовками столбцов.")
    return found


def _head(rows: list[list[Any]]) -> tuple[int, dict[str, int]]:
    """The number of the first row of people and the place of each column, by the row that holds all the heads."""
    best: set[str] = set()
    for number, row in enumerate(rows[:10]):
        heads = [search_key(_text(cell)) for cell in row]
        places = {name: heads.index(title) for name, title in COLUMNS.items() if title in heads}
        if len(places) == len(COLUMNS):
            return number + 1, places
        best = max(best, set(places), key=len)
    absent = ", ".join(f"«{title}»" for name, title in COLUMNS.items() if name not in best)
    raise ValidationError(f"Не найдены столбцы: {absent}. Скачайте образец и перенесите в него список.")


def _text(cell: Any) -> str:
    """A cell as text; a code or a telephone number that Excel took for a number loses its «.0»."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def kept(lines: Iterable[ListedPerson]) -> list[dict[str, Any]]:
    """Lines as a session keeps them between the preview and the confirmation."""
    return [asdict(line) for line in lines]


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
