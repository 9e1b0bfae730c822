"""May a catalogue file be used: do its codes, sums and years agree with each other?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from monitoring.catalogue.implied import implied_checks
from monitoring.catalogue.records import (
    BOUNDS,
    GENERAL_KINDS,
    IMPLIED_PREFIX,
    Catalogue,
    CheckRecord,
    ElementRecord,
    FormRecord,
    GroupRecord,
    IndicatorRecord,
    NotCollectedRecord,
    PopulationRecord,
    SectionRecord,
    TermRecord,
)
from monitoring.catalogue.rows import CatalogueRefused, Row, RowReader, compose

# block, key, the block it points to, and the words of the refusal
_REFERENCES = (
    ("sections", "form", "forms", "форма", "описана"),
    ("elements", "section", "sections", "раздел", "описан"),
    ("elements", "succeeds", "elements", "элемент", "описан"),
    ("indicators", "group", "groups", "группа", "описана"),
    ("indicators", "succeeds", "indicators", "показатель", "описан"),
)
# Elements and populations are named side by side in formulas; all lists of checks fill one register.
_NAMESPACES = (
    ("forms",),
    ("sections",),
    ("elements", "populations"),
    ("groups",),
    ("indicators",),
    ("checks", "year_on_year", "form_rules"),
)


def parse_catalogue(text: str) -> Catalogue:
    """Read the text of a catalogue file (UTF-8, at most 2 MB).

    Raises `CatalogueRefused` with all errors found, sorted by line. Where the text is not YAML or lacks a whole block,
    nothing further can be said, and only that is reported.
    """
    reader = RowReader()
    catalogue = _Parser(reader.rows(compose(text)), reader).catalogue()
    if reader.errors:
        raise CatalogueRefused(reader.errors)
    return catalogue


class _Parser:
    """Rows into records; what does not fit together is refused at its line and left out."""

    def __init__(self, rows: Mapping[str, list[Row]], reader: RowReader) -> None:
        self.rows, self.refuse = rows, reader.refuse
        self.codes = {
            block: {row["code"]: row for row in reversed(rows[block]) if "code" in row.values} for block in rows
        }
        self.sums: dict[str, tuple[TermRecord, ...]] = {}

    def catalogue(self) -> Catalogue:
        for blocks in _NAMESPACES:
            self._refuse_duplicates(blocks)
        self._refuse_unknown_references()
        for block, noun in (("elements", "элемента"), ("indicators", "показателя")):
            self._refuse_bad_successions(block, noun)
        self._expand_populations()
        listed = Catalogue(
            forms=tuple(
                FormRecord(row["code"], row["title"], row["kinds"], row.line) for row in self.codes_in_order("forms")
            ),
            sections=tuple(
                SectionRecord(**row.values, order=row.order, line=row.line) for row in self.codes_in_order("sections")
            ),
            elements=tuple(self._element(row) for row in self.codes_in_order("elements")),
            populations=tuple(
                PopulationRecord(row["code"], tuple(term.element for term in self.sums[row["code"]]), row.line)
                for row in self.codes_in_order("populations")
            ),
            groups=tuple(
                GroupRecord(row["code"], row["title"], row.order, row.line) for row in self.codes_in_order("groups")
            ),
            indicators=tuple(self._indicator(row) for row in self.codes_in_order("indicators")),
            not_collected=tuple(
                NotCollectedRecord(row["name"], row["reason"], row.line) for row in self.rows["not_collected"]
            ),
            checks=tuple(self._listed_checks()),
        )
        return listed.with_checks(implied_checks(listed))

    def codes_in_order(self, block: str) -> list[Row]:
        """Rows of a block without the repeated codes, in the order of the file."""
        return sorted(self.codes[block].values(), key=lambda row: row.order)

    def _refuse_duplicates(self, blocks: tuple[str, ...]) -> None:
        first: dict[str, int] = {}
        for row in sorted((row for block in blocks for row in self.rows[block]), key=lambda row: row.line):
            code = row["code"]
            if code in first:
                self.refuse(row.line, f"код «{code}» уже занят в строке {first[code]}. Выберите другой код.")
            first.setdefault(code, row.line)

    def _refuse_unknown_references(self) -> None:
        for block, key, target, noun, described in _REFERENCES:
            for row in self.rows[block]:
                code = row[key]
                if code and code not in self.codes[target]:
                    self.refuse(row.lines[key], f"{noun} «{code}» не {described} в разделе {target}. Проверьте код.")

    def _refuse_bad_successions(self, block: str, noun: str) -> None:
        """A row continues one that ended before it: years never overlap, and the succession has a beginning."""
        rows = self.codes[block]
        _, cycles = _ordered({code: [row["succeeds"]] for code, row in rows.items() if row["succeeds"] in rows})
        for cycle in cycles:
            line = min(rows[code].line for code in cycle)
            self.refuse(line, f"ключи succeeds замкнуты в круг: {' → '.join(cycle)}. Разорвите его.")
        looped = {code for cycle in cycles for code in cycle}
        for code, row in rows.items():
            earlier = rows.get(row["succeeds"])
            if earlier is None or code in looped:
                continue
            ends, begins = earlier["until"], row["since"]
            if ends is None or begins is None or begins <= ends:
                self.refuse(
                    row.lines["succeeds"],
                    f"годы сбора {noun} «{code}» и прежнего «{row['succeeds']}» пересекаются. "
                    "Укажите until у прежнего и более поздний since у нового.",
                )

    def _expand_populations(self) -> None:
        rows = self.codes["populations"]
        graph = {code: [name for name, _ in row["elements"] if name in rows] for code, row in rows.items()}
        order, cycles = _ordered(graph)
        for cycle in cycles:
            line = min(rows[code].line for code in cycle)
            self.refuse(line, f"совокупности ссылаются по кругу: {' → '.join(cycle)}. Разорвите круг.")
        self.sums = dict.fromkeys(rows, ())
        for code in order:
            self.sums[code] = self._terms(rows[code]["elements"])

    def _terms(self, names: Iterable[tuple[str, int]]) -> tuple[TermRecord, ...]:
        """Terms of a sum in order; the same element twice would count people twice and is refused."""
        terms: dict[str, TermRecord] = {}
        for name, line in names:
            if name in self.codes["elements"]:
                found = [TermRecord(name, "")]
            elif name in self.sums:
                found = [TermRecord(term.element, name) for term in self.sums[name]]
            else:
                self.refuse(line, f"элемент «{name}» не описан в разделе elements. Проверьте код.")
                continue
            for term in found:
                if term.element in terms:
                    self.refuse(line, f"элемент «{term.element}» входит в сумму дважды. Оставьте его один раз.")
                terms.setdefault(term.element, term)
        return tuple(terms.values())

    def _element(self, row: Row) -> ElementRecord:
        section = self.codes["sections"].get(row["section"])
        form = self.codes["forms"].get(section["form"]) if section else None
        kinds = row["kinds"] or (form["kinds"] if form else ()) or GENERAL_KINDS
        values = row.values | {"kinds": kinds}
        return ElementRecord(**values, form=form["code"] if form else "", order=row.order, line=row.line)

    def _indicator(self, row: Row) -> IndicatorRecord:
        if row["kind"] == "share" and "denominator" not in row.lines:
            self.refuse(row.line, f"у показателя «{row['code']}» нет знаменателя. Доля без него не вычисляется.")
        if row["kind"] in ("count", "org_share") and "denominator" in row.lines:
            line = row.lines["denominator"]
            self.refuse(line, f"у показателя вида {row['kind']} знаменателя не бывает. Удалите ключ denominator.")
        sums = {side: self._terms(row[side]) for side in ("numerator", "denominator")}
        return IndicatorRecord(**(row.values | sums), order=row.order, line=row.line)

    def _listed_checks(self) -> Iterable[CheckRecord]:
        rows = [("relation", row) for row in self.codes_in_order("checks")]
        rows += [("year_on_year", row) for row in self.codes_in_order("year_on_year")]
        rows += [(row["rule"], row) for row in self.codes_in_order("form_rules")]
        for order, (kind, row) in enumerate(rows, 1):
            if row["code"].startswith(IMPLIED_PREFIX):
                self.refuse(
                    row.lines["code"],
                    f"код проверки «{row['code']}» начинается с «{IMPLIED_PREFIX}»: такие коды получают проверки, "
                    "которые следуют из показателей. Выберите другой код.",
                )
            values = {key: value for key, value in row.values.items() if key != "rule"}
            if kind in BOUNDS:
                self._check_bounds(kind, row, values)
            for side in ("left", "right") if kind == "relation" else ():
                values[side] = tuple(term.element for term in self._terms(row[side]))
                values[f"{side}_names"] = tuple(name for name, _ in row[side])
            yield CheckRecord(**values, kind=kind, order=order, line=row.line)

    def _check_bounds(self, kind: str, row: Row, values: dict[str, Any]) -> None:
        """A rule has its own bounds and no others; what it lacks is none."""
        for key, wanted in zip(("percent", "people"), BOUNDS[kind], strict=True):
            given = key in row.lines
            if given != wanted:
                asked = "нужен" if wanted else "не бывает"
                self.refuse(row.lines.get(key, row.line), f"у контроля вида {kind} ключ {key} {asked}.")
            if not given:
                values[key] = None


def _ordered(graph: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Codes with those they refer to first, and the cycles ([a, b, a]) whose members are left out of that order."""
    cycles: list[list[str]] = []
    left = dict(graph)
    while True:
        try:
            return list(TopologicalSorter(left).static_order()), cycles
        except CycleError as error:
            cycle = list(reversed(error.args[1]))
            cycles.append(cycle)
            left = {code: [name for name in names if name not in cycle] for code, names in left.items()}
            left = {code: names for code, names in left.items() if code not in cycle}
