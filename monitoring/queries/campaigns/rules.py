"""All checks in words, with the bounds in force; and what became of the warnings that schools saw."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from monitoring.catalogue import grades_label, quoted
from monitoring.checks import EMPTY_CELL, NO_REASON, Rule
from monitoring.enums import CheckKind, Outcome, Reason, Severity
from monitoring.models import Campaign, Check, Element, Explanation, RuleSetting, WarningRecord
from monitoring.queries.entry.rulebook import rulebook
from portal.formats import NBSP, share
from portal.models import Membership, Municipality

WHOLE_FORM = "form"  # stands for the section of a rule about a form as a whole
NOISE_SHOWN, NOISE_PERCENT = 20, 10  # of so many shown, fewer corrected than this: the rule mostly disturbs

_COMPARES = {
    CheckKind.YEAR_ON_YEAR: "Каждое число – с принятым числом прошлого года",
    CheckKind.ZERO_FLIP: "Каждое число – с принятым числом прошлого года: в одном из годов ноль",
    CheckKind.SAME_AS_LAST_YEAR: "Все числа раздела – с принятыми числами прошлого года",
    CheckKind.IDENTICAL: "Строки, по которым считаются показатели, – между собой за два года",
    CheckKind.ROUND: "Все числа формы",
    CheckKind.OUTLIER: "Доли по школе – с медианой школ того же вида по принятым данным",
    CheckKind.ABOVE_TARGET: "Доли, которые должны быть меньше, – с целевыми значениями года",
}
_BUILT_IN = (
    Rule(EMPTY_CELL, Severity.ERROR, CheckKind.RELATION, "Строка не заполнена"),
    Rule(NO_REASON, Severity.ERROR, CheckKind.RELATION, "Отмечено «нет данных», но причина не названа"),
)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A check as the list prints it."""

    rule: Rule
    section: str  # code of the section of its first row, or WHOLE_FORM
    section_title: str
    compares: str
    bounds: str
    setting: RuleSetting | None  # the municipality's own bounds in force

    @property
    def adjustable(self) -> bool:
        return self.rule.severity != Severity.ERROR

    @property
    def enabled(self) -> bool:
        return self.setting is None or self.setting.enabled or not self.adjustable


def rules_in_words(municipality: Municipality, year: int, form: str = "") -> list[RuleRow]:
    """Every check of a year in the order of the catalogue, for one form by its code or for all; three queries."""
    elements = {row.code: row for row in Element.objects.select_related("section__form")}
    settings: dict[str, RuleSetting] = {}
    for setting in RuleSetting.objects.filter(municipality=municipality).select_related("by").order_by("pk"):
        settings[setting.check_code] = setting
    rows = [RuleRow(rule, WHOLE_FORM, "Форма в целом", "Каждая строка", "", None) for rule in _BUILT_IN]
    for rule in rulebook().rules:
        asked = [elements[code] for code in (*rule.left, *rule.right)]
        gone = asked and not any(elements[code].collected_in(year) for code in rule.left)
        elsewhere = form and asked and not any(one.section.form.code == form for one in asked)
        if rule.in_force(year) and not gone and not elsewhere:
            rows.append(_row(rule, elements, settings.get(rule.code)))
    return rows


def _row(rule: Rule, elements: Mapping[str, Element], setting: RuleSetting | None) -> RuleRow:
    section = elements[rule.left[0]].section if rule.left else None
    if rule.left:
        sides = [_words(elements[code] for code in codes) for codes in (rule.left, rule.right)]
        compares = f"{sides[0]} {'равно' if rule.op == '=' else 'не больше, чем'} {sides[1]}"
    else:
        compares = _COMPARES[rule.kind]
    return RuleRow(
        rule=rule,
        section=section.code if section else WHOLE_FORM,
        section_title=section.title if section else "Форма в целом",
        compares=compares,
        bounds=bounds_in_words(rule, setting),
        setting=setting,
    )


def _words(elements: Iterable[Element]) -> str:
    """Rows of one name are told once with all their grades: «Обучающихся, 6–11 классы»."""
    named: dict[str, set[int]] = defaultdict(set)
    for element in elements:
        named[element.name].update(element.grades)
    return " + ".join(quoted(f"{name}, {grades_label(grades)}" if grades else name) for name, grades in named.items())


def bounds_in_words(check: Rule | Check, setting: RuleSetting | None = None) -> str:
    """The bounds of a check in words, the municipality's before the catalogue's; empty where it has none."""
    percent = check.percent if setting is None or setting.percent is None else setting.percent
    people = check.people if setting is None or setting.people is None else setting.people
    return {
        CheckKind.YEAR_ON_YEAR: f"больше {percent}{NBSP}% и больше {people}{NBSP}единиц",
        CheckKind.ZERO_FLIP: f"от {people}{NBSP}единиц",
        CheckKind.SAME_AS_LAST_YEAR: f"от {percent}{NBSP}% чисел; меньше {people} не сравниваются",
        CheckKind.IDENTICAL: f"числа от {people}",
        CheckKind.ROUND: f"больше {percent}{NBSP}% чисел; меньше {people} не считаются",
        CheckKind.OUTLIER: f"численность от {people}",
        CheckKind.ABOVE_TARGET: f"численность от {people}",
    }.get(CheckKind(check.kind), "")


def year_of_rules(municipality: Municipality, today_year: int) -> int:
    """The year whose checks are listed: of the newest campaign, or the present school year where there is none."""
    return Campaign.objects.filter(municipality=municipality).aggregate(last=Max("year"))["last"] or today_year


def check_by_code(code: str) -> Check | None:
    """A check whose bounds a municipality may set; an error has none."""
    return Check.objects.exclude(severity=Severity.ERROR).filter(code=code).first()


def settings_of(municipality: Municipality, check: Check) -> list[RuleSetting]:
    """Every version of a municipality's bounds of a check, newest first."""
    rows = RuleSetting.objects.filter(municipality=municipality, check_code=check.code)
    return list(rows.select_related("by"))


# --- what became of the warnings --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RuleCount:
    """What became of the warnings of one check in one year."""

    code: str
    message: str
    shown: int
    explained: int
    corrected: int

    @property
    def open(self) -> int:
        return self.shown - self.explained - self.corrected

    @property
    def corrected_words(self) -> str:
        return share(self.corrected, self.shown)

    @property
    def noisy(self) -> bool:
        return self.shown >= NOISE_SHOWN and self.corrected * 100 < NOISE_PERCENT * self.shown


def rule_counts(member: Membership, year: int) -> list[RuleCount]:
    """By check, the most shown first; two queries."""
    rows = WarningRecord.objects.visible_to(member).filter(submission__year=year).values("check_code").order_by()
    counted = rows.annotate(
        shown=Count("pk"),
        explained=Count("pk", filter=Q(outcome=Outcome.EXPLAINED)),
        corrected=Count("pk", filter=Q(outcome=Outcome.CORRECTED)),
    )
    messages = dict(Check.objects.values_list("code", "message"))
    found = [
        RuleCount(
            one["check_code"],
            messages.get(one["check_code"], "контроль больше не действует"),
            one["shown"],
            one["explained"],
            one["corrected"],
        )
        for one in counted
    ]
    return sorted(found, key=lambda one: (-one.shown, one.code))


def reason_counts(member: Membership, year: int) -> list[tuple[str, int]]:
    """How often schools chose each reason in a year, the most frequent first; one query."""
    rows = Explanation.objects.visible_to(member).filter(submission__year=year).values_list("reason").order_by()
    counted = rows.annotate(times=Count("pk"))
    return sorted(((str(Reason(reason).label), times) for reason, times in counted), key=lambda one: -one[1])
