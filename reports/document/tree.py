"""What a paper consists of: frozen blocks and inlines with ready texts, which page, PDF and DOCX draw."""

import re
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

WIDE_TABLE_COLUMNS = 6  # a table with more columns is «wide»: smaller type on paper, its own scroll region on screen

Align: TypeAlias = Literal["", "left", "right", "center"]
CaptionStyle: TypeAlias = Literal["dash", "dot", "right"]
Case: TypeAlias = Literal["nominative", "genitive", "prepositional"]
Font: TypeAlias = Literal["liberation-serif", "pt-sans"]


class DocumentError(ValueError):
    """The tree is not a paper: a key is missing or doubled, a table is not rectangular, a kind is unknown."""


def _check_key(key: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", key):
        raise DocumentError(f"The key {key!r} is not made of Latin letters, digits, '.', '_' and '-'.")


def _check_address(address: str) -> None:
    """Escaping does not disarm `javascript:`, so an address is a path of ours, an anchor, a web or a mail address."""
    if not re.match(r"(https?://|mailto:|#|/(?!/))", address):
        raise DocumentError(f"The address {address!r} is not a path, an anchor, a web or a mail address.")


# Inlines: what a sentence is made of.


@dataclass(frozen=True, slots=True)
class Text:
    """Plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words in bold."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A number taken from the data: ready text («67,3 %») and the code of what it shows."""

    value_text: str
    code: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a heading, table, figure or annex by key; the number is put in by `numbered()`.

    `case` is the Russian case of the word: «(таблица 1)», «из таблицы 1», «в таблице 1».
    """

    key: str
    case: Case = "nominative"


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to an address. Paper keeps only whole web and mail addresses as links."""

    text: str
    address: str

    def __post_init__(self) -> None:
        _check_address(self.address)


Inline: TypeAlias = Text | Strong | Field | Reference | Link


# Blocks: what a page is made of.


@dataclass(frozen=True, slots=True)
class Approval:
    """The stamp «УТВЕРЖДАЮ» (ГОСТ Р 7.0.97-2016): no quotes, no colon, no full stop. `\\n` in a text is a new line."""

    position: str
    name: str
    date_line: str = "«___» __________ 20__ г."
    word: str = "УТВЕРЖДАЮ"


@dataclass(frozen=True, slots=True)
class TitlePage:
    """The first sheet; with `own_page=False` the same requisites head the first page of a short paper."""

    organisation: str
    kind: str
    heading: str
    approval: Approval | None = None
    period: str = ""
    place_year: str = ""
    notes: tuple[str, ...] = ()
    own_page: bool = True


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents down to `levels`, with a list of tables and of figures where wished."""

    levels: int = 2
    tables: bool = False
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3, numbered 1, 1.1, 1.1.1 unless `numbered=False`. In annexes none is numbered."""

    level: int
    text: str
    key: str
    numbered: bool = True

    def __post_init__(self) -> None:
        _check_key(self.key)
        if self.level not in (1, 2, 3):
            raise DocumentError(f"The heading {self.key!r} has level {self.level}; levels are 1 to 3.")


@dataclass(frozen=True, slots=True)
class Annex:
    """Begins «Приложение N», which lasts to the next annex or the end; `landscape` turns its pages."""

    title: str
    key: str
    landscape: bool = False

    def __post_init__(self) -> None:
        _check_key(self.key)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A justified paragraph."""

    inlines: tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class BulletList:
    """A list with dashes; each item is a row of inlines."""

    items: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class NumberedList:
    """A list with numbers; each item is a row of inlines."""

    items: tuple[tuple[Inline, ...], ...]


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A cell of a table's head, over `colspan` columns and `rowspan` rows of the head."""

    text: str
    colspan: int = 1
    rowspan: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with ready text. Without `align` a numeric cell stands right, any other left."""

    text: str
    align: Align = ""
    strong: bool = False
    numeric: bool = False
    href: str = ""

    def __post_init__(self) -> None:
        if self.href:
            _check_address(self.href)


@dataclass(frozen=True, slots=True)
class Table:
    """A captioned table: rows of a head, rows of cells, all of one width.

    `row_head` is the column that names its row (1 where column 0 is «№ п/п», None where no column does); `total_row`
    marks the last row as «Итого»; `column_numbers` puts the row 1, 2, 3… under the head, as municipal reports have it.
    """

    key: str
    caption: str
    head: tuple[tuple[HeadCell, ...], ...]
    rows: tuple[tuple[Cell, ...], ...]
    total_row: bool = False
    column_numbers: bool = False
    row_head: int | None = 0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_key(self.key)
        _check_rectangle(self)

    @property
    def width(self) -> int:
        """The number of columns."""
        return sum(cell.colspan for cell in self.head[0]) if self.head else 0


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its caption below. `chart_key` finds the picture; `svg` keeps its source at issue."""

    key: str
    caption: str
    chart_key: str
    alt: str
    svg: str = ""

    def __post_init__(self) -> None:
        _check_key(self.key)
        if not self.alt.strip():
            raise DocumentError(f"The figure {self.key!r} has no text for those who do not see it.")


@dataclass(frozen=True, slots=True)
class Note:
    """A remark in smaller type, opened by «Примечание»."""

    text: str


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """Position, place for the signature, «И.О. Фамилия»; below, who wrote the paper and their telephone."""

    position: str
    name: str
    executor: str = ""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The next block begins a new page."""


Block: TypeAlias = (
    TitlePage | Contents | Heading | Annex | Paragraph | BulletList | NumberedList | Table | Figure | Note
    | SignatureBlock | PageBreak
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """How a municipality's papers look. Margins in millimetres, sizes in points, line spacing in percent.

    Defaults: ГОСТ Р 7.0.97-2016, with the left margin of 30 mm for papers kept longer than ten years.
    """

    margin_left: int = 30
    margin_right: int = 10
    margin_top: int = 20
    margin_bottom: int = 20
    font: Font = "liberation-serif"
    body_size: int = 14
    table_size: int = 12
    wide_table_size: int = 10
    line_spacing: int = 120
    caption_style: CaptionStyle = "dash"

    def __post_init__(self) -> None:
        bounds = {"margin": (8, 60), "_size": (8, 20), "line_": (100, 200)}
        for field in fields(self):
            low, high = next((limits for part, limits in bounds.items() if part in field.name), (0, 0))
            if high and not low <= getattr(self, field.name) <= high:
                raise DocumentError(f"{field.name} of a profile lies between {low} and {high}.")
        for name, known in (("font", get_args(Font)), ("caption_style", get_args(CaptionStyle))):
            if getattr(self, name) not in known:
                raise DocumentError(f"{name} of a profile is one of {', '.join(known)}.")


@dataclass(frozen=True, slots=True)
class Document:
    """A whole paper. `number`, `date` and `data_version` are ready texts."""

    title: str
    subject: str
    blocks: tuple[Block, ...]
    language: str = "ru"
    profile: Profile = Profile()
    number: str = ""
    date: str = ""
    data_version: str = ""


def _check_rectangle(table: Table) -> None:
    """Head spans fill their grid without a hole or an overlap, and every row has a cell for every column."""
    width = table.width
    if not width:
        raise DocumentError(f"The table {table.key!r} has no head.")
    free = [0] * width  # the first head row in which each column is not yet covered
    for number, row in enumerate(table.head):
        column = 0
        for cell in row:
            while column < width and free[column] > number:
                column += 1
            covered = range(column, column + cell.colspan)
            if covered.stop > width or any(free[place] > number for place in covered):
                raise DocumentError(f"The table {table.key!r} has too many cells in row {number + 1} of its head.")
            for place in covered:
                free[place] = number + cell.rowspan
            column = covered.stop
        if any(bottom <= number for bottom in free):
            raise DocumentError(f"The table {table.key!r} has too few cells in row {number + 1} of its head.")
    if any(bottom != len(table.head) for bottom in free):
        raise DocumentError(f"The table {table.key!r} has a head cell that reaches below its head.")
    for number, cells in enumerate(table.rows, start=1):
        if len(cells) != width:
            raise DocumentError(f"The table {table.key!r} has {width} columns and {len(cells)} cells in row {number}.")
    if table.row_head is not None and not 0 <= table.row_head < width:
        raise DocumentError(f"The table {table.key!r} has no column {table.row_head} to name its rows.")
