"""What may not change in a code for which accepted data exist?

Terms cannot change once accepted data exist; codes are permanent; a changed definition is a new row that may succeed
the old one. Wording, order, hints and years of collection may change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitoring.catalogue.records import Catalogue, ElementRecord, IndicatorRecord
from monitoring.catalogue.rows import CatalogueError

_ELEMENT_PARTS = ("форма", "единица", "классы", "виды организаций", "однократный учёт")
_INDICATOR_PARTS = ("вид", "числитель", "знаменатель")


def element_meaning(record: ElementRecord) -> tuple[str, str, tuple[int, ...], tuple[str, ...], bool]:
    """(form, unit, sorted grades, sorted kinds, once)."""
    return record.form, record.unit, tuple(sorted(record.grades)), tuple(sorted(record.kinds)), record.once


def indicator_meaning(record: IndicatorRecord) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """(kind, sorted numerator elements, sorted denominator elements); a population may be renamed or written out."""
    numerator = tuple(sorted(term.element for term in record.numerator))
    return record.kind, numerator, tuple(sorted(term.element for term in record.denominator))


def meaning_changes(in_use: Mapping[tuple[str, str], tuple[Any, ...]], new: Catalogue) -> tuple[CatalogueError, ...]:
    """Errors of a new catalogue against the codes in use.

    `in_use` maps ("element" | "indicator", code) to the stored `element_meaning` or `indicator_meaning` of each code
    that has accepted data. A code that is gone from the file is an error of line 0.
    """
    errors = []
    for (kind, code), old in in_use.items():
        record = (new.element if kind == "element" else new.indicator).get(code)
        noun = "элемента" if kind == "element" else "показателя"
        if record is None:
            text = f"В файле нет {noun} «{code}», по которому есть принятые данные. Верните запись и укажите until."
            errors.append(CatalogueError(0, text))
            continue
        meaning: tuple[Any, ...] = (
            element_meaning(record) if isinstance(record, ElementRecord) else indicator_meaning(record)
        )
        names = _ELEMENT_PARTS if kind == "element" else _INDICATOR_PARTS
        changed = [name for name, was, now in zip(names, old, meaning, strict=True) if was != now]
        if changed:
            text = (
                f"строка {record.line}: у {noun} «{code}» с принятыми данными изменились свойства: "
                f"{', '.join(changed)}. Опишите новый код и свяжите его с прежним ключом succeeds."
            )
            errors.append(CatalogueError(record.line, text))
    return tuple(sorted(errors))
