"""Histories of indicators from plain numbers, for tests of what is said of them."""

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind
from monitoring.queries.results.overview import Group, IndicatorHistory, Overview, YearPoint
from portal.models import Municipality


def plain(words):
    return words.replace("\u00a0", " ")


def share(numerator, denominator, used=19, expected=19, outside=0):
    return Measured(IndicatorKind.SHARE, numerator, denominator, used, expected, outside)


def count(number):
    return Measured(IndicatorKind.COUNT, number, 0, 19, 19)


def history(*values, codes=None, name="Доля выпускников 9 классов", better="up", target=None, code="1.1"):
    """The years 2019… in order; a value is (numerator, denominator), a whole number for a count, or None."""
    kind = IndicatorKind.COUNT if any(isinstance(value, int) for value in values) else IndicatorKind.SHARE
    measured = [count(v) if isinstance(v, int) else share(*v) if isinstance(v, tuple) else v for v in values]
    codes = codes or [code] * len(values)
    points = tuple(YearPoint(2019 + i, codes[i], one) for i, one in enumerate(measured))
    return IndicatorHistory(code, name, "Группа", kind, better, points, target)


def overview(*histories):
    return Overview(Municipality(), 2021, (2019, 2020, 2021), (Group("Группа", histories),), False, 1)
