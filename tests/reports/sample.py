"""A made-up paper of about eight pages that uses every kind of block, for the tests of the tree and its drawers."""

from fractions import Fraction

from portal.formats import NBSP, number, percent
from reports.document import (
    Annex,
    Approval,
    Block,
    BulletList,
    Cell,
    Contents,
    Document,
    Field,
    Figure,
    HeadCell,
    Heading,
    Inline,
    Link,
    Note,
    NumberedList,
    PageBreak,
    Paragraph,
    Profile,
    Reference,
    SignatureBlock,
    Strong,
    Table,
    Text,
    TitlePage,
)

YEARS = ("2019/20", "2020/21", "2021/22")
SCHOOLS = tuple(f"МБОУ «СОШ № {place}»".replace("№ ", f"№{NBSP}") for place in range(1, 20))
PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 220" width="480" height="220">'
    b'<rect x="40" y="120" width="80" height="80" fill="#444"/>'
    b'<rect x="190" y="60" width="80" height="140" fill="#888"/>'
    b'<rect x="340" y="20" width="80" height="180" fill="#bbb" stroke="#000"/>'
    b'<path d="M20 200H460" stroke="#000"/></svg>'
)


def sample(profile: Profile | None = None, blocks: tuple[Block, ...] | None = None) -> Document:
    """The whole paper, or the same requisites around other blocks."""
    return Document(
        title="Аналитический отчёт о результатах мониторинга профориентации за 2021/2022 учебный год",
        subject="Мониторинг системы работы по самоопределению и профессиональной ориентации обучающихся",
        blocks=(title_page(), Contents(tables=True, figures=True), *body(), *annexes()) if blocks is None else blocks,
        profile=profile or Profile(),
        number="12",
        date=f"15{NBSP}июня 2026{NBSP}г.",
        data_version="57",
    )


def title_page() -> TitlePage:
    return TitlePage(
        organisation="Управление образования администрации\nСосновского городского округа",
        kind="АНАЛИТИЧЕСКИЙ ОТЧЁТ",
        heading="О результатах мониторинга системы работы по самоопределению и профессиональной ориентации обучающихся",
        approval=Approval(
            "Начальник управления образования администрации Сосновского городского округа", "И.О.\u00a0Фамилия"
        ),
        period="2021/2022 учебный год",
        place_year=f"Сосновск, 2026{NBSP}г.",
        notes=("Данные вымышлены: отчёт показывает, как выглядит документ.",),
    )


def paragraph(*inlines: Inline | str) -> Paragraph:
    return Paragraph(tuple(Text(part) if isinstance(part, str) else part for part in inlines))


def three_years(key: str, caption: str, rows: int = 5) -> Table:
    """The familiar nine-column table: «Всего | Чел. | %» for each of three years, with a row of column numbers."""
    groups = (HeadCell(f"{year} уч.{NBSP}г.", colspan=3) for year in YEARS)
    head = (
        (HeadCell("Тип образовательной организации", rowspan=2), *groups),
        tuple(HeadCell(text) for _ in YEARS for text in ("Всего", "Чел.", "%")),
    )
    names = ("Средние общеобразовательные школы", "Лицеи и гимназии", "Основные общеобразовательные школы")
    lines = []
    for place in range(rows - 1):
        bases = [(1200 + 37 * place + 11 * year, 310 + 95 * year + place) for year in range(3)]
        lines.append(
            (
                Cell(names[place % 3] if place < 3 else f"Школы группы {place + 1}"),
                *(cell for base in bases for cell in share(*base)),
            )
        )
    lines.append((Cell("Итого"), *(cell for year in range(3) for cell in share(21775 + year, 9500 + 800 * year))))
    return Table(
        key,
        caption,
        head,
        tuple(lines),
        total_row=True,
        column_numbers=True,
        notes=("Доля вычислена от числа обучающихся на 20 сентября.",),
    )


def share(base: int, part: int) -> tuple[Cell, Cell, Cell]:
    texts = (number(base), number(part), percent(Fraction(part, base)).removesuffix(f"{NBSP}%"))
    return tuple(Cell(text, numeric=True) for text in texts)  # type: ignore[return-value]


def small_table() -> Table:
    head = ((HeadCell(f"№{NBSP}п/п"), HeadCell("Показатель"), HeadCell("Значение, %")),)
    rows = (
        (
            Cell("1", "center"),
            Cell("Охват тестированием", href="/monitoring/indicators/P-01/"),
            Cell("51,3", numeric=True),
        ),
        (Cell("2", "center"), Cell("Участие в чемпионатах профессионального мастерства"), Cell("…", numeric=True)),
        (Cell("3", "center"), Cell("Целевой приём", strong=True), Cell("х", numeric=True)),
    )
    notes = ("«…» – нет данных.", "«х» – показатель неприменим.")
    return Table("lines", "Остальные показатели", head, rows, row_head=1, notes=notes)


def long_table() -> Table:
    head = ((HeadCell("Мероприятие"), HeadCell("Срок"), HeadCell("Участников, чел.")),)
    rows = tuple(
        (
            Cell(f"Профориентационное мероприятие {place} для обучающихся 6–11 классов и их родителей"),
            Cell(f"{place % 28 + 1:02d}.03.2022"),
            Cell(number(25 * place), numeric=True),
        )
        for place in range(1, 46)
    )
    return Table("events", "Мероприятия учебного года", head, rows, column_numbers=True)


def body() -> tuple[Block, ...]:
    prose = (
        "Профессиональная ориентация обучающихся ведётся в каждой общеобразовательной организации городского округа. "
        "Муниципальные координаторы сопровождают образовательные организации, организуют взаимодействие "
        "с предприятиями-работодателями и профессиональными образовательными организациями."
    )
    return (
        Heading(1, "Введение", "intro", numbered=False),
        paragraph(prose, " Показатели описаны в ", Reference("indicators", "prepositional"), "."),
        Heading(1, "Показатели", "indicators"),
        Heading(2, "Охват обучающихся", "coverage"),
        paragraph(
            "Охват тестированием составил ",
            Field(percent(Fraction(513, 1000)), "P-01"),
            " (",
            Reference("share"),
            "). ",
            Strong("Рост продолжается третий год"),
            " (",
            Reference("growth"),
            "). ",
            prose,
        ),
        three_years("share", "Охват обучающихся 6–11 классов профориентационными мероприятиями"),
        paragraph(prose, " ", prose),
        Figure("growth", "Охват обучающихся по годам, %", "growth", "Столбцы растут: 25,8, 34,0 и 42,1 процента."),
        Heading(3, "Сельские школы", "villages"),
        paragraph(prose, " Значения по школам приведены в ", Reference("schools", "prepositional"), "."),
        BulletList(
            (
                (Text("экскурсии на предприятия;"),),
                (Text("профессиональные пробы: "), Field("1450", "P-02"), Text(" участников. "), Text(prose)),
            )
        ),
        Heading(2, "Остальные показатели", "rest"),
        paragraph(prose, " ", prose),
        small_table(),
        Heading(1, "Рекомендации", "advice"),
        NumberedList(
            ((Text("Обучающимся – пройти тестирование. "), Text(prose)), (Text("Родителям – посетить собрание."),))
        ),
        Note("Рекомендации рассмотрены на заседании методического объединения."),
        paragraph("Порядок опубликован на ", Link("сайте министерства", "https://example.org/order"), ". ", prose),
        long_table(),
        PageBreak(),
        Heading(1, "Выводы", "conclusions"),
        paragraph(prose, " ", prose),
        SignatureBlock(
            "Заместитель начальника управления образования",
            f"И.О.{NBSP}Фамилия",
            "Исполнитель: Фамилия И.О.,\nтел. 00-00-00",
        ),
    )


def annexes() -> tuple[Block, ...]:
    caption = "Показатели групп «Самоопределение» и «Проектирование» по организациям"
    columns = (
        "Охват тестированием",
        "Профессиональные пробы",
        "Экскурсии на предприятия",
        "Чемпионаты",
        "Родители",
    )
    groups = (HeadCell(text, colspan=2) for text in columns)
    head = (
        (HeadCell("Организация", rowspan=2), HeadCell("Обучающихся, чел.", rowspan=2), *groups),
        tuple(HeadCell(text) for _ in range(5) for text in ("чел.", "%")),
    )
    rows = tuple(
        (Cell(name), *(Cell(number(100 * column + 37 * place), numeric=True) for column in range(11)))
        for place, name in enumerate((*SCHOOLS[:18], "Итого"))
    )
    return (
        Annex("Значения показателей по образовательным организациям", "schools", landscape=True),
        Table("by-school", caption, head, rows, total_row=True, column_numbers=True),
        Annex("Нормативные правовые акты", "acts"),
        paragraph("Перечень актов утверждён приказом."),
    )
