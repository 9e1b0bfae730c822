"""How good the data of a year are: forms in time, warnings, outliers, small bases, corrections, rows without data."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from monitoring import datatables, tables
from monitoring.queries.results import quality as queries
from monitoring.queries.results.overview import Overview, overview, school_lines
from monitoring.views.chosen import Chosen, choose, nothing_to_show
from portal.access import member_of, requires
from portal.datatables import Column, DataCell, DataTable, asked
from portal.figures import Link, table_links
from portal.formats import number, percent, plural, plural_form
from portal.roles import Permission

MOST_ROWS = 100  # of a table on the page; its file holds all of them


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of the page: `message` says what it shows, `urls` are the pages behind its rows ("" = none)."""

    key: str
    message: str
    data: DataTable
    urls: Sequence[str]
    links: tuple[Link, ...]
    explained: str = ""

    @property
    def lines(self) -> list[tuple[str, list[tuple[Column, DataCell]]]]:
        return list(zip(self.urls, self.data.lines, strict=True))[:MOST_ROWS]

    @property
    def cut(self) -> str:
        """Says that the page does not show all rows."""
        rows = len(self.data.rows)
        return f"Показаны первые {MOST_ROWS} из {number(rows)}; все строки – в XLSX." if rows > MOST_ROWS else ""


@requires(Permission.SEE_DASHBOARD)
@require_safe
def quality(request: HttpRequest) -> HttpResponse:
    chosen = choose(request)
    if not chosen.usable or chosen.year is None:
        return nothing_to_show(request, chosen)
    shown = overview(chosen.municipality, chosen.year, preliminary=chosen.preliminary)
    about = datatables.about(
        None, chosen.municipality.name, chosen.title, str(shown.data_version), "", preliminary=chosen.preliminary
    )
    sees_forms = member_of(request).may(Permission.SEE_FORMS)
    sheets = [
        *_collection(request, chosen, about, sees_forms=sees_forms),
        *_numbers(request, chosen, shown, about, sees_forms=sees_forms),
    ]
    answer = asked(request, {sheet.key: (lambda data=sheet.data: data) for sheet in sheets})  # type: ignore[misc]
    if answer is not None:
        return answer
    context = {
        "chosen": chosen,
        "sheets": [sheet for sheet in sheets if sheet.data.rows],
        "clean": [sheet.message for sheet in sheets if not sheet.data.rows],
        "questions": queries.open_questions(chosen.municipality, chosen.year),
        "questions_url": reverse("monitoring:questions") if sees_forms else "",
    }
    return render(request, "monitoring/quality.html", context)


def _collection(
    request: HttpRequest, chosen: Chosen, about: datatables.About, *, sees_forms: bool
) -> tuple[Sheet, Sheet, Sheet, Sheet]:
    """How the forms came in, what became of the warnings, what was corrected, which rows have no data."""
    town, year = chosen.municipality, chosen.year or 0
    forms, rules = queries.forms_of_year(town, year), queries.warnings_by_rule(town, year)
    corrected, missing = queries.corrections(town, year), queries.without_data(town, year)
    boards = [reverse("monitoring:campaign", args=[one.progress.campaign.public_id]) for one in forms]
    statistics = reverse("monitoring:rule_statistics")
    histories = [reverse("monitoring:history", args=[one.submission]) for one in corrected]
    return (
        Sheet(
            "forms",
            _forms_message(forms),
            datatables.forms(forms, about),
            [f"{url}?state=missing#schools" if sees_forms else "" for url in boards],
            table_links(request, "forms"),
            "Ожидаются формы школ из списка при запуске, кроме закрывшихся до сдачи. В срок – до срока школы с учётом "
            "продления. Заполнены строки с числом или с отметкой «нет данных».",
        ),
        Sheet(
            "warnings",
            _warnings_message(rules),
            datatables.warnings(rules, about),
            [statistics if sees_forms else ""] * len(rules),
            table_links(request, "warnings"),
        ),
        Sheet(
            "corrections",
            f"После принятия исправлялись {plural(len(corrected), 'форма', 'формы', 'форм')}"
            if corrected
            else "После принятия формы не исправлялись",
            datatables.corrections(corrected, about),
            histories if sees_forms else [""] * len(corrected),
            table_links(request, "corrections"),
        ),
        Sheet(
            "no-data",
            f"«Нет данных» чаще всего: {missing[0].name} – {plural(missing[0].schools, 'школа', 'школы', 'школ')}"
            if missing
            else "Отметок «нет данных» нет",
            datatables.without_data(missing, about),
            [""] * len(missing),
            table_links(request, "no-data"),
        ),
    )


def _numbers(
    request: HttpRequest, chosen: Chosen, shown: Overview, about: datatables.About, *, sees_forms: bool
) -> tuple[Sheet, Sheet]:
    """What the values of the schools look like beside each other."""
    lines = school_lines(chosen.municipality, shown.year, preliminary=chosen.preliminary)
    far, small = queries.outliers(lines, shown.all), queries.small_bases(lines, shown.all)
    schools = len({one.school.pk for one in far})
    return (
        Sheet(
            "outliers",
            f"Далеко от школ своего вида: {plural(len(far), 'значение', 'значения', 'значений')} "
            f"у {plural(schools, 'школы', 'школ', 'школ')}"
            if far
            else "Значений, далёких от школ своего вида, нет",
            datatables.outliers(far, about),
            [f"{reverse('school', args=[one.school.public_id])}?year={shown.year}" for one in far],
            table_links(request, "outliers"),
            "Значение дальше полутора межквартильных размахов от квартилей школ того же вида; в сравнении не меньше "
            "восьми школ с основой от 20 человек. Это повод проверить число, а не ошибка.",
        ),
        Sheet(
            "small-bases",
            f"Малая основа – меньше 10 человек: {plural(len(small), 'показатель', 'показателя', 'показателей')}"
            if small
            else "Показателей с малой основой нет",
            datatables.small_bases(small, about),
            [tables.indicator_url(one.indicator.code, chosen.query) for one in small],
            table_links(request, "small-bases"),
            "У этих школ вместо доли показано количество, в сравнении они не участвуют.",
        ),
    )


def _forms_message(forms: Sequence[queries.FormQuality]) -> str:
    """«Сдано 37 из 38 форм (97,4 %), в срок – 30 (78,9 %)»."""
    total, sent, on_time = (sum(getattr(one.progress, name) for one in forms) for name in ("total", "sent", "on_time"))
    if not total:
        return "Форм за этот год нет"
    forms_of = plural_form(total, "формы", "форм", "форм")
    return (
        f"Сдано {number(sent)} из {number(total)} {forms_of} ({percent(Fraction(sent, total))}), "
        f"в срок – {number(on_time)} ({percent(Fraction(on_time, total))})"
    )


def _warnings_message(rules: Sequence[queries.RuleWarnings]) -> str:
    """«Из 45 предупреждений пояснено 30, число исправлено у 10, без ответа – 5»."""
    shown, explained, corrected, waiting = (
        sum(getattr(one, name) for one in rules) for name in ("shown", "explained", "corrected", "open")
    )
    if not shown:
        return "Предупреждений за этот год нет"
    return (
        f"{plural(shown, 'предупреждение', 'предупреждения', 'предупреждений')}: пояснено – {number(explained)}, "
        f"исправлено – {number(corrected)}, без ответа – {number(waiting)}"
    )
