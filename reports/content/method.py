"""Which indicators the report has, how each is computed, how data were collected and who took part."""

from collections.abc import Iterable

from monitoring.enums import IndicatorKind
from monitoring.queries.results.overview import IndicatorHistory
from portal.formats import NBSP, date_words, plural, plural_form, share
from reports.content.wording import SIGNS, drafted, listed, paragraph, quoted
from reports.document import Block, BulletList, Cell, HeadCell, Heading, Inline, Reference, Table
from reports.queries import AnalysisData, Participation, Passport

FORMULAS, OTHER_FORMULAS = "formulas", "other-formulas"


def indicators(data: AnalysisData) -> tuple[Block, ...]:
    """The chapter on indicators: what stands in a block of its own, what in one line, what has no value."""
    count = plural(len(data.profile), "основной показатель", "основных показателя", "основных показателей")
    others: tuple[Inline | str, ...] = (
        ". Остальные показатели показаны одной строкой; их формулы приведены в ",
        Reference("annex-formulas", "prepositional"),
    )
    return (
        Heading(1, "Показатели и источники данных", "indicators"),
        paragraph(
            f"Отчёт содержит {count}; каждому посвящён отдельный подраздел. Формулы и источники приведены в ",
            Reference(FORMULAS, "prepositional"),
            *(others if data.others else ()),
            ".",
        ),
        formulas(FORMULAS, "Основные показатели, формулы и источники", data.profile, data.passports),
    )


def formulas(key: str, caption: str, histories: Iterable[IndicatorHistory], passports: dict[str, Passport]) -> Table:
    """Code, name, how it is computed and where the numbers come from."""
    head = ((HeadCell("Код"), HeadCell("Показатель"), HeadCell("Как вычисляется"), HeadCell("Источники")),)
    rows = tuple(
        (
            Cell(one.code),
            Cell(one.name),
            Cell(formula(one, passports[one.code])),
            Cell("; ".join(passports[one.code].sources).replace("№ ", f"№{NBSP}")),
        )
        for one in histories
    )
    return Table(key, caption, head, rows, row_head=1)


def formula(history: IndicatorHistory, passport: Passport) -> str:
    """«Выпускники …, 9 класс ÷ Всего выпускников, 9 класс», a sum, or a share of organisations."""
    parts = " + ".join(quoted(name) for name in passport.numerator)
    if history.kind == IndicatorKind.COUNT:
        return f"Сумма по школам: {parts}"
    if history.kind == IndicatorKind.ORG_SHARE:
        return f"Число школ, у которых {parts} больше нуля, к числу школ, представивших сведения"
    return f"{parts} к {' + '.join(quoted(name) for name in passport.denominator)}, сумма по школам"


def method(data: AnalysisData) -> tuple[Block, ...]:
    """How data were collected, who took part, and the signs of the tables."""
    return (
        Heading(1, "Методы сбора данных и участники", "method"),
        Heading(2, "Сбор и проверка сведений", "collection"),
        paragraph(
            "Школы вносят в электронную форму только числа; доли они не вычисляют. Каждая численность вводится "
            "один раз и служит знаменателем всех показателей, которые на неё опираются. Форма сверяет числа между "
            "собой и с прошлым годом; резкое изменение школа поясняет. Специалист управления образования проверяет "
            "форму и принимает её или возвращает на доработку. "
            f"В отчёт вошли формы, принятые по {date_words(data.accepted_until)} включительно."
        ),
        paragraph("Разделы формы, даты и источники перечислены в ", Reference("sections", "prepositional"), "."),
        _sections(data),
        Heading(2, "Участие школ", "participation"),
        *(block for one in data.participation for block in _participation(one)),
        Heading(2, "Правила вычислений и обозначения", "rules"),
        paragraph(
            "Значение показателя по муниципалитету – сумма числителей по школам, делённая на сумму знаменателей; "
            "среднее из процентов школ не вычисляется. Школа, у которой нет данных хотя бы об одном слагаемом, "
            "в показатель не входит, поэтому при каждом значении указано, по данным скольких школ оно получено. "
            "Доли округлены до десятых долей процента. Разность долей указана в процентных пунктах (п. п.); "
            "изменение меньше одного процентного пункта или одного человека ростом или снижением не называется. "
            "Школы сравниваются, если в основе показателя не менее 20 человек."
        ),
        paragraph("В таблицах приняты обозначения:"),
        BulletList(listed(SIGNS)),
    )  # fmt: skip


def _sections(data: AnalysisData) -> Table:
    head = ((HeadCell("Раздел формы"), HeadCell("По состоянию"), HeadCell("Источник")),)
    rows = tuple((Cell(one.title), Cell(one.as_at), Cell(one.source or "учёт школы")) for one in data.sections)
    return Table("sections", "Разделы формы и источники сведений", head, rows)


def _participation(one: Participation) -> tuple[Block, ...]:
    schools = plural_form(one.expected, "организации", "организаций", "организаций")
    told = f"«{one.title}»: сведения приняты у {one.accepted} из {one.expected} {schools}"
    told += f" ({share(one.accepted, one.expected).split(' (')[0]})" if one.expected >= 10 else ""
    told += f", в срок – у {one.in_time}." if one.accepted else "."
    if not one.missing:
        return (
            paragraph(drafted(f"{told} Все организации из утверждённого списка представлены в отчёте.", "coverage")),
        )
    rows = listed(
        f"{name} – форма {state}{'.' if place == len(one.missing) else ';'}"
        for place, (name, state) in enumerate(one.missing, start=1)
    )
    return (paragraph(drafted(f"{told} В отчёт не вошли:", "coverage")), BulletList(rows))
