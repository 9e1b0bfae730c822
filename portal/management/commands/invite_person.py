"""Invites a person from the command line and prints the one-time link: how an empty portal gets its first people."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from portal.actions import ActionRefused, invite, link_of
from portal.enums import InvitationWay
from portal.people import municipality_called, school_coded
from portal.roles import Role


class Command(BaseCommand):
    help = (
        "Приглашает человека на портал и печатает одноразовую ссылку, по которой он задаст пароль. Ссылка действует "
        "72 часа. Если у человека уже есть учётная запись, роль добавляется сразу, а ссылка не нужна."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        roles = "; ".join(f"{role.value} – {role.label}" for role in Role)
        parser.add_argument("--email", required=True, help="электронная почта, она же имя для входа")
        parser.add_argument("--name", required=True, help="фамилия, имя и отчество")
        parser.add_argument("--role", required=True, help=f"роль: {roles}")
        place = "короткое имя муниципалитета (slug); для специалиста региона – любого муниципалитета региона"
        parser.add_argument("--municipality", default="", help=place)
        parser.add_argument("--school", default="", help="код школы, если роль действует в одной школе")
        parser.add_argument("--position", default="", help="должность")
        parser.add_argument("--mail", action="store_true", help="поставить в очередь и письмо со ссылкой")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["role"] not in Role.values:
            raise CommandError(f"Роли «{options['role']}» нет. Список ролей: manage.py invite_person --help.")
        try:
            validate_email(options["email"])
        except ValidationError as wrong:
            raise CommandError(f"«{options['email']}» не похоже на адрес почты.") from wrong
        municipality, school = _place(options["municipality"], options["school"])
        try:
            _, code = invite(
                email=options["email"],
                full_name=options["name"].strip(),
                role=Role(options["role"]),
                municipality=municipality,
                school=school,
                way=InvitationWay.MAIL,
                by=None,
                position=options["position"],
                quiet=not options["mail"],
            )
        except ActionRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if code:
            self.stdout.write(f"Ссылка действует 72 часа и только один раз:\n{link_of(code)}")
        else:
            self.stdout.write("У этого человека уже есть учётная запись: роль добавлена.")


def _place(slug: str, code: str) -> tuple[Any, Any]:
    municipality = municipality_called(slug) if slug else None
    if slug and municipality is None:
        raise CommandError(f"Муниципалитета «{slug}» нет. Заведите его: manage.py add_municipality.")
    if not code:
        return municipality, None
    if municipality is None:
        raise CommandError("Вместе с кодом школы укажите муниципалитет: --municipality.")
    school = school_coded(municipality, code)
    if school is None:
        raise CommandError(f"Школы с кодом «{code}» в этом муниципалитете нет.")
    return municipality, school
