"""What is written in a catalogue file, row by row: YAML text into typed rows with their lines, or the errors found.

Knows the keys of each block and the types of their values, and nothing of what one row means for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from monitoring.catalogue.records import ALL_GRADES, ALL_KINDS, BOUNDS, LONG_TEXT

MAX_BYTES = 2_000_000
_MAX_DEPTH = 8  # the form of the file needs five; deeper nesting is a mistake or an attack
_LENGTHS = {"text": 300, "long": LONG_TEXT, "unit": 20}  # characters, as the columns of the tables hold
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

# What a row of each block holds: key -> type, «?» for a key that may be absent.
_YEARS = {"since": "year?", "until": "year?"}
_SHAPES: dict[str, dict[str, str]] = {
    "forms": {"code": "code", "title": "text", "kinds": "kinds?"},
    "sections": {"code": "code", "form": "code", "title": "text", "as_at": "text", "source": "text?"},
    "elements": {"code": "code", "section": "code", "name": "text", "unit": "unit", "hint": "long?"}
    | {"grades": "grades?", "kinds": "kinds?", "once": "flag?", "programme": "code?", "succeeds": "code?", **_YEARS},
    "populations": {},
    "groups": {"code": "code", "title": "text"},
    "indicators": {"code": "code", "group": "code", "kind": "kind", "better": "better", "name": "long"}
    | {"numerator": "codes", "denominator": "codes?", "succeeds": "code?", **_YEARS},
    "not_collected": {"name": "text", "reason": "text"},
    "checks": {"code": "code", "severity": "severity", "left": "codes", "op": "op", "right": "codes"}
    | {"message": "long", **_YEARS},
    "year_on_year": {"code": "code", "severity": "severity", "percent": "number", "people": "number"}
    | {"message": "long", **_YEARS},
    "form_rules": {"code": "code", "severity": "doubt", "rule": "rule", "percent": "number?", "people": "number?"}
    | {"message": "long", **_YEARS},
}
_OPTIONAL_BLOCKS = ("not_collected", "year_on_year", "form_rules")
_CHOICES = {
    "doubt": ("warning", "hint"),  # what looks unusual may still be right, so it never stops a form for good
    "rule": tuple(BOUNDS),
    "severity": ("error", "warning", "hint"),
    "op": ("<=", "="),
    "kind": ("share", "count", "org_share"),
    "better": ("up", "down", "none"),
}
_EMPTY: dict[str, Any] = {"flag": False, "year": None, "number": 0, "codes": (), "grades": (), "kinds": ()}


@dataclass(frozen=True, slots=True, order=True)
class CatalogueError:
    """One reason of a refusal: a Russian sentence that names the line (1-based; 0 means the file as a whole)."""

    line: int
    sentence: str


class CatalogueRefused(Exception):
    """A file that may not be loaded; `errors` are all reasons found, sorted by line, its text is their sentences."""

    def __init__(self, errors: Iterable[CatalogueError]) -> None:
        self.errors: tuple[CatalogueError, ...] = tuple(sorted(set(errors)))
        super().__init__("\n".join(error.sentence for error in self.errors))


@dataclass(frozen=True, slots=True)
class Row:
    """A row with every key of its block filled; lists of codes hold (code, line) pairs."""

    values: dict[str, Any]
    lines: dict[str, int]
    order: int
    line: int

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


class _PlainLoader(yaml.SafeLoader):
    """Composes nodes without aliases and without deep nesting: neither can then multiply or exhaust the stack."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        mark = self.peek_event().start_mark
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="ссылки YAML (*имя) в каталоге не допускаются", problem_mark=mark)
        if self.depth > _MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="вложенность слишком глубокая", problem_mark=mark)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _refusal(line: int, text: str) -> CatalogueRefused:
    return CatalogueRefused([CatalogueError(line, f"строка {line}: {text}")])


def compose(text: str) -> yaml.Node:
    """The tree of nodes of a file. Raises `CatalogueRefused` for a text too large, empty or not YAML."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise CatalogueRefused([CatalogueError(0, "Файл больше 2\u00a0МБ. Каталог такого размера не читается.")])
    unreadable = "запись не читается как YAML. Проверьте отступы, скобки и кавычки."
    loader = None
    try:
        loader = _PlainLoader(text)
        root = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        raise _refusal(text.count("\n", 0, error.position) + 1, "недопустимый символ. Удалите его.") from error
    except yaml.MarkedYAMLError as error:
        # Our own refusals are raised as the base class and speak Russian; the library raises its subclasses.
        problem = f"{error.problem}." if type(error) is yaml.MarkedYAMLError else unreadable
        raise _refusal(error.problem_mark.line + 1 if error.problem_mark else 1, problem) from error
    except (ValueError, OverflowError) as error:  # PyYAML lets an escape beyond Unicode through to chr()
        raise _refusal(loader.line + 1 if loader else 1, unreadable) from error
    if root is None:
        raise CatalogueRefused([CatalogueError(0, "Файл пустой. Выберите файл каталога.")])
    return root


class RowReader:
    """Nodes into typed rows; collects errors and puts an empty value in the place of a wrong one."""

    def __init__(self) -> None:
        self.errors: list[CatalogueError] = []

    def refuse(self, line: int, text: str) -> None:
        self.errors.append(CatalogueError(line, f"строка {line}: {text}"))

    def rows(self, root: yaml.Node) -> dict[str, list[Row]]:
        """All blocks as lists of rows. Raises `CatalogueRefused` where a whole block is missing or is not a list."""
        nodes = self._pairs(root, "каталог")
        for key, (line, node) in nodes.items():
            wanted = yaml.MappingNode if key == "populations" else yaml.SequenceNode
            if key not in _SHAPES:
                self.refuse(line, f"неизвестный раздел «{key}». Допустимы: {', '.join(_SHAPES)}.")
            elif not isinstance(node, wanted):
                form = "списком записей" if wanted is yaml.SequenceNode else "набором «код: [коды]»"
                self.refuse(line, f"раздел {key} должен быть {form}.")
        for key in _SHAPES:
            if key not in nodes and key not in _OPTIONAL_BLOCKS:
                self.refuse(_line(root), f"в файле нет раздела {key}. Добавьте его.")
        if self.errors:
            raise CatalogueRefused(self.errors)
        blocks = {key: self._block(key, node) for key, (_, node) in nodes.items()}
        return {key: blocks.get(key, []) for key in _SHAPES}

    def _block(self, block: str, node: yaml.Node) -> list[Row]:
        if block == "populations":
            named = self._pairs(node, block).items()
            parts = [
                (line, {"code": code, "elements": self._value(sums, "codes", code)}) for code, (line, sums) in named
            ]
            return [Row(values, {}, order, line) for order, (line, values) in enumerate(parts, 1)]
        found = (self._row(block, part, order) for order, part in enumerate(node.value, 1))
        return [row for row in found if row.values.get("code", True)]

    def _row(self, block: str, node: yaml.Node, order: int) -> Row:
        nodes, values, where = self._pairs(node, block), {}, f"раздела {block}"
        for key in nodes.keys() - _SHAPES[block].keys():
            self.refuse(nodes[key][0], f"неизвестный ключ «{key}» в записи {where}.")
        for key, kind in _SHAPES[block].items():
            if key in nodes:
                values[key] = self._value(nodes[key][1], kind.rstrip("?"), key)
                continue
            values[key] = _EMPTY.get(kind.rstrip("?"), "")
            if not kind.endswith("?") and isinstance(node, yaml.MappingNode):
                self.refuse(_line(node), f"в записи {where} нет ключа «{key}». Добавьте его.")
        since, until = values.get("since"), values.get("until")
        if since and until and since > until:
            self.refuse(_line(node), f"начало сбора (since: {since}) позже окончания (until: {until}).")
        return Row(values, {key: _line(part) for key, (_, part) in nodes.items()}, order, _line(node))

    def _pairs(self, node: yaml.Node, where: str) -> dict[str, tuple[int, yaml.Node]]:
        """Keys with the line of each and its value."""
        if not isinstance(node, yaml.MappingNode):
            self.refuse(_line(node), f"{where}: ожидается запись из пар «ключ: значение».")
            return {}
        pairs: dict[str, tuple[int, yaml.Node]] = {}
        for key, value in node.value:
            name = self._value(key, "code", "ключ")
            if name in pairs:
                self.refuse(_line(key), f"ключ «{name}» повторён. Оставьте один.")
            elif name:
                pairs[name] = _line(key), value
        return pairs

    def _value(self, node: yaml.Node, kind: str, key: str) -> Any:
        """The value as `kind`, or the empty value of that kind after a refusal."""
        if kind in ("codes", "grades", "kinds"):
            return self._list(node, kind, key)
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        tag, limit = node.tag.rpartition(":")[2], _LENGTHS.get(kind, LONG_TEXT)
        if kind in ("year", "number"):
            low, high = (1990, 2100) if kind == "year" else (1, 10_000)
            if tag == "int" and re.fullmatch(r"[1-9][0-9]{0,6}", text) and low <= int(text) <= high:
                return int(text)
            self.refuse(_line(node), f"значение «{key}» должно быть целым числом от {low} до {high}.")
        elif kind == "flag":
            if tag == "bool" and text in ("true", "false"):
                return text == "true"
            self.refuse(_line(node), f"значение «{key}» должно быть true или false.")
        elif tag != "str" or not text.strip() or len(text) > limit or _CONTROL.search(text):
            wanted = f"непустым текстом в одну строку до {limit} знаков"
            self.refuse(_line(node), f"значение «{key}» должно быть {wanted}. Возьмите его в кавычки.")
        elif kind in _CHOICES and text not in _CHOICES[kind]:
            allowed = ", ".join(_CHOICES[kind])
            self.refuse(_line(node), f"значение «{text}» ключа «{key}» не подходит. Допустимы: {allowed}.")
        elif kind == "code" and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,37}", text):
            self.refuse(
                _line(node), f"код «{text}» не подходит: нужны латинские буквы, цифры, точка, «-» и «_», до 38 знаков."
            )
        else:
            return text
        return _EMPTY.get(kind, "")

    def _list(self, node: yaml.Node, kind: str, key: str) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.refuse(_line(node), f"значение «{key}» должно быть непустым списком в квадратных скобках.")
            return ()
        if kind == "codes":
            return tuple((code, _line(part)) for part in node.value if (code := self._value(part, "code", key)))
        allowed = {str(value): value for value in (ALL_GRADES if kind == "grades" else ALL_KINDS)}
        tag = "tag:yaml.org,2002:" + ("int" if kind == "grades" else "str")
        found: list[Any] = []
        for part in node.value:
            if not isinstance(part, yaml.ScalarNode) or part.tag != tag or part.value not in allowed:
                words = "класс от 1 до 12" if kind == "grades" else f"вид организации: {', '.join(ALL_KINDS)}"
                self.refuse(_line(part), f"в списке «{key}» ожидается {words}.")
            elif allowed[part.value] in found:
                self.refuse(_line(part), f"в списке «{key}» значение {part.value} повторено.")
            else:
                found.append(allowed[part.value])
        return tuple(sorted(found)) if kind == "grades" else tuple(found)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
