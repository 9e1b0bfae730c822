"""Enters a municipality, and its region where there is none yet."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.actions import ActionRefused, add_municipality


class Command(BaseCommand):
    help = (
        "Заводит на портале муниципалитет. Если региона ещё нет, заводит и его. Названия в падежах печатаются "
        "в документах, поэтому проверьте их. Затем пригласите администратора: manage.py invite_person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, words in (
            ("region", "регион, например «Кемеровская область – Кузбасс»"),
            ("slug", "короткое имя для адресов, латинскими буквами, например kemerovo"),
            ("name", "название: Кемеровский городской округ"),
            ("name-genitive", "кого, чего: Кемеровского городского округа"),
            ("name-prepositional", "в ком, в чём: Кемеровском городском округе"),
            ("city", "город, например «г. Кемерово»"),
            ("department", "управление: управление образования администрации г. Кемерово"),
            ("department-genitive", "управления образования администрации г. Кемерово"),
            ("head-position", "должность руководителя управления"),
            ("head-name", "инициалы и фамилия руководителя управления"),
        ):
            parser.add_argument(f"--{name}", required=True, help=words)
        parser.add_argument("--oktmo", default="", help="код ОКТМО")
        parser.add_argument(
            "--time-zone",
            default="Europe/Moscow",
            help="часовой пояс, например Asia/Novokuznetsk; сроки считаются по нему",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        given = {name: options[name].strip() for name in FIELDS}
        try:
            place = add_municipality(**given)
        except ActionRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Муниципалитет заведён: {place.name} ({place.slug}).")


FIELDS = (
    "region",
    "slug",
    "name",
    "name_genitive",
    "name_prepositional",
    "city",
    "department",
    "department_genitive",
    "head_position",
    "head_name",
    "oktmo",
    "time_zone",
)
