"""A paper as a tree of blocks: its parts, its numbering, its frozen form. Pure data, without Django."""

from .freezing import KIND_NAMES, document_from_json, document_to_json
from .numbering import Label, NumberedDocument, Section, numbered, references
from .tree import (
    WIDE_TABLE_COLUMNS,
    Align,
    Annex,
    Approval,
    Block,
    BulletList,
    CaptionStyle,
    Case,
    Cell,
    Contents,
    Document,
    DocumentError,
    Field,
    Figure,
    Font,
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

__all__ = [
    "KIND_NAMES", "WIDE_TABLE_COLUMNS", "Align", "Annex", "Approval", "Block", "BulletList", "CaptionStyle", "Case",
    "Cell", "Contents", "Document", "DocumentError", "Field", "Figure", "Font", "HeadCell", "Heading", "Inline",
    "Label", "Link", "Note", "NumberedDocument", "NumberedList", "PageBreak", "Paragraph", "Profile", "Reference",
    "Section", "SignatureBlock", "Strong", "Table", "Text", "TitlePage", "document_from_json", "document_to_json",
    "numbered", "references",
]  # fmt: skip
