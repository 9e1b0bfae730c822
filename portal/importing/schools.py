"""Schools of a municipality from a table."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from import_export.fields import Field

from portal.checks import school_faults
from portal.enums import Locality, SchoolKind
from portal.formats import date_digits, ranges
from portal.importing.register import RegisterResource
from portal.importing.widgets import EMPTY, DayWidget, GradesWidget, TextWidget, WordWidget
from portal.models import Municipality, School


class SchoolResource(RegisterResource):
    """Schools of one municipality, found by their code; what the table does not name stays as it is."""

    code = Field("code", "code", TextWidget())
    name = Field("name", "name", TextWidget())
    kind = Field("kind", "kind", WordWidget(SchoolKind.choices, "Вид"))
    locality = Field("locality", "locality", WordWidget(Locality.choices, "Тип местности"))
    grades = Field("grades", "grades", GradesWidget())
    opened = Field("opened", "opened", DayWidget())

    titles = {
        "code": "Код",
        "name": "Название",
        "kind": "Вид",
        "locality": "Местность",
        "grades": "Классы",
        "opened": "Дата открытия",
    }
    optional = frozenset({"opened"})
    named = ("code", "name")
    # The portal's own table has them to be read; a closing is entered on the page of the school.
    ignored = frozenset({"Закрыта", "Код преемницы"})

    class Meta(RegisterResource.Meta):
        model = School
        fields = ("municipality", "code", "name", "kind", "locality", "grades", "opened")
        import_id_fields = ("municipality", "code")
        clean_model_instances = True
        skip_unchanged = True

    def __init__(self, municipality: Municipality) -> None:
        super().__init__(municipality)
        self.today = timezone.localdate()
        self.known = {school.code: school for school in School.objects.filter(municipality=municipality)}
        self.seen: set[str] = set()

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> School | None:
        """All schools are read at once; the library would ask for each."""
        return self.known.get(row["code"])

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        code = row["code"]
        if not code:
            raise ValidationError({"code": EMPTY})
        if code in self.seen:
            raise ValidationError({"code": f"Код «{code}» уже есть выше в этом файле. Оставьте одну из строк."})
        self.seen.add(code)

    def validate_instance(self, instance: School, import_validation_errors: Any = None, validate_unique: Any = True):
        errors = dict(import_validation_errors or {})
        faults = school_faults(
            name=instance.name, kind=instance.kind, grades=instance.grades, opened=instance.opened, today=self.today
        )
        for field, sentence in faults.items():
            if not errors.keys() & {field, "kind"}:
                errors[field] = ValidationError(sentence)
        # `save` makes the keys of search and order, which the model's own checks would miss before it.
        instance.search_key = instance.search_key or "-"
        instance.sort_key = instance.sort_key or "-"
        super().validate_instance(instance, errors, validate_unique)

    @staticmethod
    def shown(field: str, school: School | None) -> str:
        """A field of a school as the preview prints it."""
        if school is None:
            return ""
        value = getattr(school, field)
        if field in {"kind", "locality"}:
            return str(getattr(school, f"get_{field}_display")())
        if field == "grades":
            return ranges(value) or "нет"
        return date_digits(value) if isinstance(value, date) else str(value or "")
