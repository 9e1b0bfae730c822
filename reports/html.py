"""How a paper looks as HTML: a fragment inside a page of the portal, and the whole document that becomes a PDF.

Both are drawn from one tree by one set of templates in `templates/reports/document/`, one for each kind of block.
Template autoescape is the only thing that puts text into markup.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .document import (
    KIND_NAMES,
    WIDE_TABLE_COLUMNS,
    Block,
    BulletList,
    Cell,
    Contents,
    Document,
    Field,
    Figure,
    Heading,
    Inline,
    Label,
    Link,
    Note,
    NumberedDocument,
    NumberedList,
    Paragraph,
    Profile,
    Reference,
    Section,
    Table,
    TitlePage,
    numbered,
)

FigureAddress = Callable[[Figure], str]

_FAMILIES = {"liberation-serif": "Liberation Serif", "pt-sans": "PT Sans"}
# Geometry of the profile. Nothing here is free text: numbers are checked integers, the family is one of two names.
_PROFILE_STYLE = """<style>
@page {{ margin: {top}mm {right}mm {bottom}mm {left}mm; font-family: "{family}" }}
@page landscape {{ margin: {left}mm {top}mm {right}mm {bottom}mm }}
body {{ font-family: "{family}"; font-size: {body}pt; line-height: {spacing} }}
table {{ font-size: {table}pt }}
table.paper-wide :is(thead, tbody) {{ font-size: {wide}pt }}
figcaption {{ font-size: {table}pt }}
.paper-title-page {{ height: {sheet}mm }}
.paper-approval {{ margin-left: {approval}mm }}
</style>"""
_SHORT_TABLE_ROWS = 12  # a table of so few rows is not broken over pages
_SHEET = 297  # mm, the height of A4
_CORNER = 100  # mm from the left margin to the approval stamp (ГОСТ Р 7.0.97-2016)


def draw_page(document: Document, figure_url: FigureAddress) -> SafeString:
    """The paper as `<article class="paper">` for a page that has its own h1: its headings begin at h2.

    `figure_url` gives the address of a figure's picture. Raises DocumentError as `numbered()` does.
    """
    drawing = _Drawing(numbered(document), figure_url, top=2, printed=False)
    return SafeString(render_to_string("reports/document/page.html", drawing.context()))


def draw_print(document: Document, figure_url: FigureAddress) -> SafeString:
    """The paper as a whole HTML document for `pdf.write_pdf`: headings begin at h1, styles by `static:` addresses.

    It is never served to a browser, so the profile's geometry may stand in it as a style element.
    """
    drawing = _Drawing(numbered(document), figure_url, top=1, printed=True)
    context = {**drawing.context(), "profile_style": profile_style(document.profile)}
    return SafeString(render_to_string("reports/document/print.html", context))


def profile_style(profile: Profile) -> SafeString:
    """Margins, font, sizes and spacing of a profile as a style element.

    A landscape sheet is bound by its top edge, so the margins turn with it.
    """
    return format_html(
        _PROFILE_STYLE,
        left=profile.margin_left,
        right=profile.margin_right,
        top=profile.margin_top,
        bottom=profile.margin_bottom,
        family=SafeString(_FAMILIES[profile.font]),
        body=profile.body_size,
        table=profile.table_size,
        wide=profile.wide_table_size,
        spacing=str(Decimal(profile.line_spacing) / 100),
        sheet=_SHEET - profile.margin_top - profile.margin_bottom - 2,  # 2 mm of slack against a second sheet
        approval=min(_CORNER, 210 - profile.margin_left - profile.margin_right - 60),
    )


def anchor(key: str) -> str:
    """The id of a labelled block; the prefix keeps it apart from the ids of the page around."""
    return f"paper-{key}"


@dataclass(frozen=True, slots=True)
class _Drawing:
    """One paper on its way to a template: `top` is the level of its highest heading."""

    paper: NumberedDocument
    figure_url: FigureAddress
    top: int
    printed: bool

    def context(self) -> dict[str, Any]:
        document = self.paper.document
        return {
            "language": document.language,
            "title": document.title,
            "subject": document.subject,
            "sections": [self.section(part) for part in self.paper.sections if part.annex or part.blocks],
        }

    def section(self, section: Section) -> dict[str, Any]:
        blocks = [
            {"template": f"reports/document/{KIND_NAMES[type(block)]}.html", **self.block(block)}
            for block in section.blocks
        ]
        if not (annex := section.annex):
            return {"class": "paper-body", "blocks": blocks}
        label = self.paper.labels[annex.key]
        turned = " paper-landscape" if annex.landscape else ""
        head = {"name": label.name, "title": label.title, "anchor": anchor(annex.key), "level": self.top}
        return {"class": f"paper-annex{turned}", "annex": head, "blocks": blocks}

    def block(self, block: Block) -> Mapping[str, Any]:
        """What the template of this kind of block needs."""
        match block:
            case TitlePage():
                return self.title_page(block)
            case Contents():
                return {"lists": self.contents(block)}
            case Heading():
                return self.heading(block)
            case Paragraph(inlines):
                return {"inlines": self.inlines(inlines)}
            case BulletList(items) | NumberedList(items):
                return {"items": [self.inlines(item) for item in items]}
            case Table():
                return self.table(block)
            case Figure():
                return self.figure(block)
            case Note(text):
                return {"notes": (text,)}
        return {name: getattr(block, name) for name in block.__slots__}

    def title_page(self, block: TitlePage) -> dict[str, Any]:
        document = self.paper.document
        date = f"от {document.date}" if document.date else ""
        number = f"№\u00a0{document.number}" if document.number else ""
        content = {name: getattr(block, name) for name in block.__slots__}
        return {**content, "requisites": f"{date} {number}".strip()}

    def contents(self, block: Contents) -> list[dict[str, Any]]:
        lists = [("Содержание", self.paper.contents(block.levels))]
        lists += [("Перечень таблиц", self.paper.listed("table"))] if block.tables else []
        lists += [("Перечень рисунков", self.paper.listed("figure"))] if block.figures else []
        return [{"title": title, "entries": [_entry(label) for label in labels]} for title, labels in lists if labels]

    def heading(self, block: Heading) -> dict[str, Any]:
        label = self.paper.labels[block.key]
        return {
            "level": block.level - 1 + self.top,
            "class": "paper-numbered" if label.number else "paper-unnumbered",
            "anchor": anchor(block.key),
            "text": label.entry,
        }

    def figure(self, block: Figure) -> dict[str, Any]:
        label = self.paper.labels[block.key]
        (caption,) = label.caption(self.paper.document.profile.caption_style)
        return {
            "anchor": anchor(block.key),
            "source": self.figure_url(block),
            "alt": block.alt,
            "words": "" if self.printed else block.alt,  # for a reader who has switched pictures off
            "caption": caption,
        }

    def table(self, block: Table) -> dict[str, Any]:
        label = self.paper.labels[block.key]
        style = self.paper.document.profile.caption_style
        wide = block.width > WIDE_TABLE_COLUMNS
        last = len(block.rows) - 1
        classes = ["paper-table", f"paper-caption-{style}"]
        classes += ["paper-wide", f"paper-even-{_even_share(block)}"] if wide else []
        return {
            "anchor": anchor(block.key),
            "class": " ".join(classes),
            "short": len(block.rows) <= _SHORT_TABLE_ROWS,
            "scrolls": wide and not self.printed,
            "label": label.entry,
            "caption": label.caption(style),
            "groups": [cell.colspan for cell in block.head[0]],
            "head": [
                [
                    {
                        "text": cell.text,
                        "colspan": cell.colspan,
                        "rowspan": cell.rowspan,
                        "scope": "colgroup" if cell.colspan > 1 else "col",
                    }
                    for cell in row
                ]
                for row in block.head
            ],
            "numbers": range(1, block.width + 1) if block.column_numbers else (),
            "rows": [
                {
                    "total": block.total_row and place == last,
                    "cells": [self.cell(cell, column == block.row_head) for column, cell in enumerate(row)],
                }
                for place, row in enumerate(block.rows)
            ],
            "notes": block.notes,
        }

    def cell(self, cell: Cell, names_row: bool) -> dict[str, str]:
        side = cell.align or ("right" if cell.numeric else "left")
        return {
            "text": cell.text,
            "tag": "th" if names_row else "td",
            "scope": "row" if names_row else "",
            "class": f"paper-{side}{' paper-number' if cell.numeric else ''}{' paper-strong' if cell.strong else ''}",
            "href": self.address(cell.href),
        }

    def inlines(self, inlines: tuple[Inline, ...]) -> list[dict[str, str]]:
        return [self.inline(inline) for inline in inlines]

    def inline(self, inline: Inline) -> dict[str, str]:
        match inline:
            case Field(value_text, code):
                return {"kind": "field", "text": value_text, "code": code}
            case Reference(key, case):
                return {"kind": "link", "text": self.paper.labels[key].reference(case), "address": f"#{anchor(key)}"}
            case Link(text, address):
                return {"kind": "link", "text": text, "address": self.address(address)}
        return {"kind": KIND_NAMES[type(inline)], "text": inline.text}

    def address(self, address: str) -> str:
        """Paper cannot follow a path inside the portal, so it keeps whole web and mail addresses only."""
        return address if not self.printed or address.startswith(("http://", "https://", "mailto:")) else ""


def _even_share(table: Table) -> int:
    """The percent of a wide table's width for each column of numbers, so that they are even and names have the rest."""
    columns = zip(*table.rows, strict=True)
    numeric = sum(any(cell.numeric for cell in column) for column in columns)
    return max(3, min(8, 75 // (numeric or 1)))


def _entry(label: Label) -> dict[str, str | int]:
    return {"text": label.entry, "anchor": anchor(label.key), "level": label.level}
