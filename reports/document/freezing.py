"""How a paper is frozen at issue: the tree as JSON, and exactly the same tree read back."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from .tree import (
    Annex,
    BulletList,
    Contents,
    Document,
    DocumentError,
    Field,
    Figure,
    Heading,
    Link,
    Note,
    NumberedList,
    PageBreak,
    Paragraph,
    Reference,
    SignatureBlock,
    Strong,
    Table,
    Text,
    TitlePage,
)  # fmt: skip

JSON_VERSION = 1

_KINDS: dict[str, type] = {
    "text": Text, "strong": Strong, "field": Field, "reference": Reference, "link": Link,
    "title_page": TitlePage, "contents": Contents, "heading": Heading, "annex": Annex, "paragraph": Paragraph,
    "bullet_list": BulletList, "numbered_list": NumberedList, "table": Table, "figure": Figure, "note": Note,
    "signature_block": SignatureBlock, "page_break": PageBreak,
}  # fmt: skip
KIND_NAMES: Mapping[type, str] = MappingProxyType({kind: name for name, kind in _KINDS.items()})


def document_to_json(document: Document) -> dict[str, Any]:
    """The tree as lists, dictionaries and scalars, for a JSON column."""
    return {"version": JSON_VERSION, **_encode(document)}


def document_from_json(data: dict[str, Any]) -> Document:
    """The tree back, equal to what was frozen. Raises DocumentError for what is not such a tree."""
    if not isinstance(data, dict) or data.get("version") != JSON_VERSION:
        raise DocumentError(f"A frozen paper has version {JSON_VERSION}.")
    content = {name: value for name, value in data.items() if name != "version"}
    document = _decode_object(Document, content, "document")
    assert isinstance(document, Document)
    return document


def _encode(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        content = {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
        name = KIND_NAMES.get(type(value))
        return {"type": name, **content} if name else content
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(hint: Any, data: Any, where: str) -> Any:
    """`data` as the type `hint`; `where` names the place in errors."""
    origin, options = get_origin(hint), get_args(hint)
    if origin is tuple:
        if not isinstance(data, list):
            raise DocumentError(f"{where} is not a list.")
        return tuple(_decode(options[0], item, f"{where}[{place}]") for place, item in enumerate(data))
    if origin is Literal:
        if data not in options:
            raise DocumentError(f"{where} is none of {options}.")
        return data
    if data is None and NoneType in options:
        return None
    kinds = [option for option in options if option is not NoneType] if isinstance(hint, UnionType) else [hint]
    if len(kinds) == 1 and not is_dataclass(kinds[0]):
        if type(data) is not kinds[0]:
            raise DocumentError(f"{where} is not {kinds[0].__name__}.")
        return data
    if not isinstance(data, dict):
        raise DocumentError(f"{where} is not an object.")
    if kinds[0] not in KIND_NAMES:
        return _decode_object(kinds[0], data, where)
    kind = _KINDS.get(str(data.get("type")))
    if kind is None or kind not in kinds:
        raise DocumentError(f"{where} is of an unknown kind: {data.get('type')!r}.")
    return _decode_object(kind, {name: value for name, value in data.items() if name != "type"}, where)


def _decode_object(kind: type, data: dict[str, Any], where: str) -> Any:
    hints = _hints(kind)
    if unknown := data.keys() - hints.keys():
        raise DocumentError(f"{where} has unknown parts: {', '.join(sorted(unknown))}.")
    # A part that came later has a default, so that papers frozen before it can still be read.
    required = {field.name for field in fields(kind) if field.default is MISSING}
    if missing := required - data.keys():
        raise DocumentError(f"{where} lacks: {', '.join(sorted(missing))}.")
    return kind(**{name: _decode(hints[name], value, f"{where}.{name}") for name, value in data.items()})
