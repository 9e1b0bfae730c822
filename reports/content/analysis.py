"""The analytical report of a municipality and a year, put together chapter by chapter (design §3, papers of E3)."""

from collections import Counter

from monitoring.enums import Better
from monitoring.queries.results.overview import IndicatorHistory
from monitoring.queries.results.sentences import difference_words, target_value, value_words
from portal.formats import school_year_short
from reports.content.annex import annexes
from reports.content.comparison import comparison
from reports.content.method import indicators, method
from reports.content.opening import goals, grounds, profile_of, signature, title_of, title_page
from reports.content.recommendations import recommendations
from reports.content.results import results
from reports.content.wording import TOO_SMALL, drafted, paragraph, whole_fraction
from reports.document import Block, Cell, Contents, Document, HeadCell, Heading, Reference, Table
from reports.queries import AnalysisData

_BETTER, _EVEN, _WORSE = "лучше", "без заметных изменений", "хуже"


def analysis(data: AnalysisData) -> Document:
    """The whole paper. The same data give the same tree, whoever builds it and when."""
    return Document(
        title=title_of(data),
        subject="Мониторинг системы работы по самоопределению и профессиональной ориентации обучающихся",
        blocks=(
            title_page(data),
            Contents(levels=2),
            *grounds(data),
            *goals(),
            *indicators(data),
            *method(data),
            *results(data),
            *comparison(data),
            *_conclusions(data),
            *recommendations(data),
            signature(data),
            *annexes(data),
        ),
        profile=profile_of(data),
        data_version=str(data.overview.data_version),
    )


def _conclusions(data: AnalysisData) -> tuple[Block, ...]:
    """The year on one page: every main indicator with its change, its target and the verdict."""
    verdicts = Counter(_verdict(one) for one in data.profile)
    counted = [f"{word} – {verdicts[word]}" for word in (_BETTER, _EVEN, _WORSE) if verdicts[word]]
    with_target = [one for one in data.overview.all if one.target_met is not None]
    met = sum(bool(one.target_met) for one in with_target)
    told = f"Целевые значения достигнуты по {met} из {len(with_target)} показателей, для которых они установлены."
    targets = drafted(told, "targets") if with_target else "Целевые значения на этот учебный год не установлены."
    return (
        Heading(1, "Выводы", "conclusions"),
        paragraph(
            "Итоги года по основным показателям приведены в ", Reference("summary", "prepositional"), ". ",
            drafted(f"По сравнению с предыдущим годом: {', '.join(counted)}. ", "verdicts") if counted else "", targets,
        ),
        _summary(data),
    )  # fmt: skip


def _summary(data: AnalysisData) -> Table:
    head = (
        (
            HeadCell("Код"), HeadCell("Показатель"), HeadCell(school_year_short(data.year)),
            HeadCell("Изменение за год"), HeadCell("Целевое значение"), HeadCell("Вывод"),
        ),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(one.code),
            Cell(one.name),
            Cell(whole_fraction(value_words(one.now)), "center"),
            Cell(difference_words(one), "center"),
            Cell(target_value(one) or TOO_SMALL, "center"),
            Cell(_verdict(one)),
        )
        for one in data.profile
    )
    notes = (f"«{TOO_SMALL}» в графе «Целевое значение» – значение не установлено.",)
    return Table("summary", "Итоги года по основным показателям", head, rows, row_head=1, notes=notes)


def _verdict(history: IndicatorHistory) -> str:
    if history.difference is None:
        return "сравнения нет"
    if not history.turn:
        return _EVEN
    if history.better == Better.NONE:
        return "не оценивается"
    return _WORSE if history.worsened else _BETTER
