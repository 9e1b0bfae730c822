"""Which number every heading, table, figure and annex has, and where every reference leads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from portal.formats import NBSP

from .tree import (
    Annex,
    Block,
    BulletList,
    CaptionStyle,
    Case,
    Document,
    DocumentError,
    Figure,
    Heading,
    Inline,
    NumberedList,
    Paragraph,
    Reference,
    Table,
)

_WORDS: dict[str, dict[Case, str]] = {
    "section": {"nominative": "раздел", "genitive": "раздела", "prepositional": "разделе"},
    "subsection": {"nominative": "подраздел", "genitive": "подраздела", "prepositional": "подразделе"},
    "item": {"nominative": "пункт", "genitive": "пункта", "prepositional": "пункте"},
    "annex": {"nominative": "приложение", "genitive": "приложения", "prepositional": "приложении"},
    "table": {"nominative": "таблица", "genitive": "таблицы", "prepositional": "таблице"},
    "figure": {"nominative": "рисунок", "genitive": "рисунка", "prepositional": "рисунке"},
}
_HEADING_KINDS = ("section", "subsection", "item")


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a numbered thing: its kind (a key of the words above), number («1.2», «3», or nothing) and title."""

    key: str
    kind: str
    number: str
    title: str
    level: int = 1

    def reference(self, case: Case = "nominative") -> str:
        """«таблица 1», «таблице 1», «раздел 5»; U+00A0 keeps the number on the word's line."""
        return f"{_WORDS[self.kind][case]}{NBSP}{self.number}"

    @property
    def name(self) -> str:
        """«Таблица 1», «Приложение 2»."""
        return self.reference().capitalize()

    def caption(self, style: CaptionStyle) -> tuple[str, ...]:
        """The lines over a table or under a figure; only «right» has two for a table: the number, then the title."""
        if style == "right" and self.kind == "table":
            return self.name, self.title
        return (f"{self.name}{'.' if style == 'dot' else NBSP + '–'} {self.title}",)

    @property
    def entry(self) -> str:
        """The line in the contents: «1.2 Охват», «Выводы», «Приложение 1. Школы», «Таблица 1. Охват»."""
        if self.kind in _HEADING_KINDS:
            return f"{self.number} {self.title}".lstrip()
        return f"{self.name}. {self.title}"


@dataclass(frozen=True, slots=True)
class Section:
    """A run of blocks on pages of one orientation: the body (annex is None) or one annex with its blocks."""

    annex: Annex | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class NumberedDocument:
    """A paper ready to be drawn: labels by key in order of appearance, and its sections."""

    document: Document
    labels: Mapping[str, Label]
    sections: tuple[Section, ...]

    def contents(self, levels: int) -> tuple[Label, ...]:
        """Headings down to `levels` and annexes, in order."""
        shown = (*_HEADING_KINDS, "annex")
        return tuple(label for label in self.labels.values() if label.kind in shown and label.level <= levels)

    def listed(self, kind: Literal["table", "figure"]) -> tuple[Label, ...]:
        """All tables or all figures, in order."""
        return tuple(label for label in self.labels.values() if label.kind == kind)


class _Counter:
    """Numbers as they are given out, from the first block to the last."""

    def __init__(self) -> None:
        self.headings = [0, 0, 0]
        self.level = 0
        self.counts = {"annex": 0, "table": 0, "figure": 0}

    def next(self, kind: str) -> str:
        self.counts[kind] += 1
        return str(self.counts[kind])

    def heading(self, heading: Heading) -> str:
        if heading.level > self.level + 1:
            raise DocumentError(
                f"The heading {heading.key!r} skips a level: {self.level} is followed by {heading.level}."
            )
        self.level = heading.level
        if not heading.numbered or self.counts["annex"]:
            return ""
        self.headings[heading.level - 1] += 1
        self.headings[heading.level :] = [0] * (3 - heading.level)
        return ".".join(str(count) for count in self.headings[: heading.level])

    def label(self, block: Block) -> Label | None:
        match block:
            case Heading(level, text, key):
                return Label(key, _HEADING_KINDS[level - 1], self.heading(block), text, level)
            case Annex(title, key):
                self.level = 1
                return Label(key, "annex", self.next("annex"), title)
            case Table(key, caption):
                return Label(key, "table", self.next("table"), caption)
            case Figure(key, caption):
                return Label(key, "figure", self.next("figure"), caption)
        return None


def references(document: Document) -> Iterator[Reference]:
    """Every reference in the paper's paragraphs and lists."""
    for block in document.blocks:
        groups: tuple[tuple[Inline, ...], ...] = ()
        if isinstance(block, Paragraph):
            groups = (block.inlines,)
        elif isinstance(block, BulletList | NumberedList):
            groups = block.items
        yield from (inline for group in groups for inline in group if isinstance(inline, Reference))


def numbered(document: Document) -> NumberedDocument:
    """Number headings, tables, figures and annexes in order of appearance.

    Raises DocumentError for a key used twice, a reference to a key that is not there or to a heading without a number,
    and a heading that skips a level.
    """
    counter = _Counter()
    labels: dict[str, Label] = {}
    sections: list[tuple[Annex | None, list[Block]]] = [(None, [])]
    for block in document.blocks:
        if label := counter.label(block):
            if label.key in labels:
                raise DocumentError(f"The key {label.key!r} is used twice.")
            labels[label.key] = label
        if isinstance(block, Annex):
            sections.append((block, []))
        else:
            sections[-1][1].append(block)
    for reference in references(document):
        if reference.key not in labels:
            raise DocumentError(f"A reference leads to {reference.key!r}, which is not in the paper.")
        if not labels[reference.key].number:
            raise DocumentError(f"A reference leads to {reference.key!r}, a heading without a number.")
    return NumberedDocument(
        document, MappingProxyType(labels), tuple(Section(annex, tuple(blocks)) for annex, blocks in sections)
    )
