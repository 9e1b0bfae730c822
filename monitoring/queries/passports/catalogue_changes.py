"""What a new catalogue file would change: against the catalogue of today, and against what accepted data rest on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Max

from monitoring.catalogue import (
    Catalogue,
    CatalogueError,
    CatalogueRefused,
    CheckRecord,
    ElementRecord,
    FormRecord,
    GroupRecord,
    IndicatorRecord,
    SectionRecord,
    grades_label,
    meaning_changes,
    parse_catalogue,
)
from monitoring.enums import Better, CheckKind, IndicatorKind, Severity, Side
from monitoring.models import (
    CatalogueDraft,
    Check,
    Element,
    Form,
    Indicator,
    IndicatorGroup,
    Section,
    Term,
    Value,
)
from monitoring.queries.passports.passports import kinds_label
from portal.models import Membership
from portal.roles import Permission

NEW, WORDS, CLOSED, SUCCESSION, ORDER, MEANING, CHECKS, GONE = (
    "Новое",
    "Изменятся слова",
    "Изменятся годы сбора",
    "Новая преемственность",
    "Изменятся место и оценка",
    "Изменится смысл: принятых данных здесь ещё нет",
    "Изменятся контроли",
    "Нет в файле: останется в каталоге как есть. Чтобы строка больше не спрашивалась, укажите в файле until",
)
SORTS = (NEW, WORDS, CLOSED, SUCCESSION, ORDER, MEANING, CHECKS, GONE)

# What a row of the catalogue says: field → (its name on the page, into which table its change belongs).
_YEARS = {"since": ("первый год", CLOSED), "until": ("последний год", CLOSED)}
_FIELDS: dict[str, dict[str, tuple[str, str]]] = {
    "форма": {"title": ("название", WORDS), "kinds": ("виды организаций", MEANING)},
    "раздел": {
        "title": ("название", WORDS),
        "form": ("форма", MEANING),
        "as_at": ("на какую дату", WORDS),
        "source": ("источник", WORDS),
    },
    "строка": {
        "name": ("название", WORDS),
        "hint": ("подсказка", WORDS),
        "section": ("раздел", ORDER),
        "unit": ("единица", MEANING),
        "grades": ("классы", MEANING),
        "kinds": ("виды организаций", MEANING),
        "once": ("считается один раз", MEANING),
        "programme": ("направление", ORDER),
        "succeeds": ("продолжает", SUCCESSION),
        **_YEARS,
    },
    "группа": {"title": ("название", WORDS)},
    "без формулы": {"reason": ("причина", WORDS)},
    "показатель": {
        "name": ("название", WORDS),
        "group": ("группа", ORDER),
        "kind": ("вид", MEANING),
        "better": ("оценка", ORDER),
        "numerator": ("числитель", MEANING),
        "denominator": ("знаменатель", MEANING),
        "succeeds": ("продолжает", SUCCESSION),
        **_YEARS,
    },
    "контроль": {
        "message": ("сообщение", CHECKS),
        "severity": ("важность", CHECKS),
        "kind": ("вид", CHECKS),
        "left": ("слева", CHECKS),
        "op": ("знак", CHECKS),
        "right": ("справа", CHECKS),
        "percent": ("порог в процентах", CHECKS),
        "people": ("порог в единицах", CHECKS),
        "since": ("первый год", CHECKS),
        "until": ("последний год", CHECKS),
    },
}
_LABELS: dict[str, Mapping[str, str]] = {
    "показатель kind": dict(IndicatorKind.choices),
    "показатель better": dict(Better.choices),
    "контроль kind": dict(CheckKind.choices),
    "контроль severity": dict(Severity.choices),
}

Said = dict[str, Any]  # a row's fields as they are compared
Register = dict[tuple[str, str], Said]  # (what, code) → its fields


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one row of the catalogue that would change; a new or a missing row has no field."""

    sort: str
    what: str
    code: str
    name: str
    field: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What confirming a file would do. With `errors` it cannot be confirmed."""

    errors: tuple[CatalogueError, ...]
    differences: tuple[Difference, ...] = ()
    catalogue: Catalogue | None = None
    version: int = 0  # of the catalogue that the file was compared with

    @property
    def groups(self) -> list[tuple[str, list[Difference]]]:
        found = [(sort, [one for one in self.differences if one.sort == sort]) for sort in SORTS]
        return [(sort, rows) for sort, rows in found if rows]

    @property
    def counts(self) -> dict[str, int]:
        return {sort: len(rows) for sort, rows in self.groups}

    @property
    def may_confirm(self) -> bool:
        return bool(self.differences) and not self.errors

    @property
    def indicators(self) -> list[IndicatorRecord]:
        """The new and changed indicators, each of which gets a worked example."""
        if self.catalogue is None:
            return []
        changed = {one.code for one in self.differences if one.what == "показатель" and one.sort != GONE}
        return [row for row in self.catalogue.indicators if row.code in changed]


def catalogue_drafts(member: Membership) -> list[CatalogueDraft]:
    """Every file that was uploaded, newest first, without its text; none for those who do not keep the catalogue."""
    if not member.may(Permission.MANAGE_CATALOGUE):
        return []
    return list(CatalogueDraft.objects.defer("text").select_related("uploaded_by", "applied_by"))


def catalogue_draft(member: Membership, public_id: UUID) -> CatalogueDraft | None:
    """One of them, or None where it is missing or not this person's to see."""
    if not member.may(Permission.MANAGE_CATALOGUE):
        return None
    rows = CatalogueDraft.objects.select_related("uploaded_by", "applied_by")
    return rows.filter(public_id=public_id).first()


def catalogue_version() -> int:
    """Every load writes the terms anew, so their highest id names the catalogue of today."""
    return Term.objects.aggregate(last=Max("pk"))["last"] or 0


def not_collected() -> dict[str, str]:
    """{what an order names without a formula: why it is not collected}, as the last applied file says; one query."""
    last = CatalogueDraft.objects.filter(applied_at__isnull=False).order_by("-applied_at", "-id").first()
    return dict(last.summary.get("not_collected", [])) if last else {}


def preview_of(text: str) -> Preview:
    """Read a file and compare it; nothing is written."""
    version = catalogue_version()
    try:
        catalogue = parse_catalogue(text)
    except CatalogueRefused as refused:
        return Preview(refused.errors, version=version)
    errors = meaning_changes(codes_in_use(), catalogue)
    return Preview(errors, differences(catalogue), catalogue, version)


# --- what accepted data rest on ---------------------------------------------------------------------------------------


def codes_in_use() -> dict[tuple[str, str], tuple[Any, ...]]:
    """Meanings that may not change, by (“element” | “indicator”, code), in the shape of `catalogue.meaning`.

    A code is in use when an accepted value of it exists; an indicator, when any of its elements is.
    """
    used = set(Value.objects.filter(accepted_state__isnull=False).values_list("element__code", flat=True).distinct())
    return {**_elements_in_use(used), **_indicators_in_use(used)}


def _elements_in_use(used: set[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
    rows = Element.objects.select_related("section__form").filter(code__in=used)
    return {
        ("element", row.code): (
            row.section.form.code,
            row.unit,
            tuple(sorted(row.grades)),
            tuple(sorted(row.kinds)),
            row.once,
        )
        for row in rows
    }


def _indicators_in_use(used: set[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
    found = {}
    for row in Indicator.objects.prefetch_related("terms__element").filter(terms__element__code__in=used).distinct():
        sides = {side: tuple(sorted(t.element.code for t in row.terms.all() if t.side == side)) for side in Side}
        found["indicator", row.code] = (row.kind, sides[Side.NUMERATOR], sides[Side.DENOMINATOR])
    return found


# --- differences ------------------------------------------------------------------------------------------------------


def differences(catalogue: Catalogue) -> tuple[Difference, ...]:
    """Everything that would become otherwise, in the order of the file; eight queries."""
    before, after = _present(), _coming(catalogue)
    found: list[Difference] = []
    for (what, code), said in after.items():
        was = before.get((what, code))
        if was is None:
            sort = CHECKS if what == "контроль" else NEW
            found.append(Difference(sort, what, code, _name(said), "новая запись", "", _whole(what, said)))
            continue
        found += [
            Difference(sort, what, code, _name(said), label, _words(what, key, was[key]), _words(what, key, said[key]))
            for key, (label, sort) in _FIELDS[what].items()
            if was[key] != said[key]
        ]
    for (what, code), said in before.items():
        if (what, code) not in after:
            sort = {"контроль": CHECKS, "без формулы": WORDS}.get(what, GONE)
            field = "" if sort == GONE else "удаляется"
            found.append(Difference(sort, what, code, _name(said), field, _whole(what, said), ""))
    return tuple(found)


def _name(said: Said) -> str:
    return str(said.get("name") or said.get("title") or said.get("message") or "")


def _whole(what: str, said: Said) -> str:
    """A row that comes or goes, in one line: what it is named is told beside it."""
    shown = {key: said[key] for key in _FIELDS[what] if key not in {"name", "title", "message"}}
    told = [f"{_FIELDS[what][key][0]}: {words}" for key, value in shown.items() if (words := _words(what, key, value))]
    return "; ".join(told)


def _words(what: str, key: str, value: Any) -> str:
    if value is None or value in ("", ()):
        return ""
    if key == "grades":
        return grades_label(value)
    if key == "kinds":
        return kinds_label(value)
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, tuple):
        return " + ".join(str(one) for one in value)
    return _LABELS.get(f"{what} {key}", {}).get(str(value), str(value))


def _said(what: str, row: object, **other: Any) -> Said:
    """The compared fields of a record of the file or a row of the database."""
    return {key: other[key] if key in other else _plain(getattr(row, key)) for key in _FIELDS[what]}


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _coming(catalogue: Catalogue) -> Register:
    def of_indicator(row: IndicatorRecord) -> Said:
        numerator, denominator = (
            tuple(sorted(term.element for term in side)) for side in (row.numerator, row.denominator)
        )
        return _said("показатель", row, numerator=numerator, denominator=denominator)

    blocks: tuple[tuple[str, Iterable[Any], Callable[[Any], Said]], ...] = (
        ("форма", catalogue.forms, partial(_of_record, "форма")),
        ("раздел", catalogue.sections, partial(_of_record, "раздел")),
        ("строка", catalogue.elements, partial(_of_record, "строка")),
        ("группа", catalogue.groups, partial(_of_record, "группа")),
        ("показатель", catalogue.indicators, of_indicator),
        ("контроль", catalogue.checks, partial(_of_record, "контроль")),
    )
    found = {(what, row.code): said(row) for what, rows, said in blocks for row in rows}
    return found | {("без формулы", row.name): {"reason": row.reason} for row in catalogue.not_collected}


def _of_record(what: str, row: FormRecord | SectionRecord | ElementRecord | GroupRecord | CheckRecord) -> Said:
    return _said(what, row)


def _present() -> Register:
    """The catalogue of today in the shape of the file."""
    found: Register = {("форма", row.code): _said("форма", row) for row in Form.objects.order_by("pk")}
    for section in Section.objects.select_related("form"):
        found["раздел", section.code] = _said("раздел", section, form=section.form.code)
    for element in Element.objects.select_related("section", "succeeds"):
        found["строка", element.code] = _said(
            "строка", element, section=element.section.code, succeeds=_code(element.succeeds)
        )
    for group in IndicatorGroup.objects.all():
        found["группа", group.code] = _said("группа", group)
    sides: dict[tuple[int, str], list[str]] = {}
    for indicator, side, code in Term.objects.values_list("indicator_id", "side", "element__code"):
        sides.setdefault((indicator, side), []).append(code)
    for row in Indicator.objects.select_related("group", "succeeds"):
        found["показатель", row.code] = _said(
            "показатель",
            row,
            group=row.group.code,
            succeeds=_code(row.succeeds),
            numerator=tuple(sorted(sides.get((row.pk, Side.NUMERATOR), ()))),
            denominator=tuple(sorted(sides.get((row.pk, Side.DENOMINATOR), ()))),
        )
    for check in Check.objects.all():
        found["контроль", check.code] = _said("контроль", check)
    return found | {("без формулы", name): {"reason": reason} for name, reason in not_collected().items()}


def _code(row: Element | Indicator | None) -> str:
    return row.code if row else ""
