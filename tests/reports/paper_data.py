"""What the analytical report is made from, put together by hand: no database, every number chosen by the test."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from monitoring.arithmetic import Measured
from monitoring.enums import IndicatorKind
from monitoring.queries.results.overview import Group, IndicatorHistory, Overview, SchoolLine, YearPoint
from portal.models import Municipality, School
from reports.queries import AnalysisData, CollectedSection, Participation, Passport

YEARS = (2019, 2020, 2021)
GROUP = "Диагностика и сопровождение"


def share(numerator: int, denominator: int, used: int = 10, expected: int = 10) -> Measured:
    return Measured(IndicatorKind.SHARE, numerator, denominator, used, expected)


def history(
    code: str = "4.1",
    *values: Measured | None,
    name: str = "Доля обучающихся 9–11 классов, прошедших профориентационное тестирование",
    kind: IndicatorKind = IndicatorKind.SHARE,
    better: str = "up",
    target: Fraction | None = None,
    codes: tuple[str, ...] = (),
) -> IndicatorHistory:
    """An indicator with its three years; by default it has grown from 40 % to 50 %."""
    measured = values or (share(40, 100), share(45, 100), share(50, 100))
    known = codes or (code,) * len(measured)
    points = tuple(YearPoint(*point) for point in zip(YEARS, known, measured, strict=True))
    return IndicatorHistory(code, name, GROUP, kind, better, points, target)


def school(place: int, kind: str = "secondary") -> School:
    return School(pk=place, code=f"S{place}", name=f"Школа № {place}", kind=kind, sort_key=f"{place:03}")


def lines(code: str, values: Mapping[int, Measured]) -> tuple[SchoolLine, ...]:
    """Schools by number with their value of one indicator."""
    return tuple(SchoolLine(school(place), {code: measured}) for place, measured in values.items())


def one(numerator: int, denominator: int) -> Measured:
    """One school's own sums."""
    return share(numerator, denominator, 1, 1)


def place(**fields: object) -> Municipality:
    given = {
        "pk": 1,
        "slug": "sosnovsk",
        "name": "Сосновский городской округ",
        "name_genitive": "Сосновского городского округа",
        "name_prepositional": "Сосновском городском округе",
        "city": "г. Сосновск",
        "department": "Управление образования администрации Сосновского городского округа",
        "department_genitive": "управления образования администрации Сосновского городского округа",
        "head_position": "Начальник управления образования",
        "head_name": "Примерова Анна Ивановна",
    }
    return Municipality(**{**given, **fields})


def data(*histories: IndicatorHistory, **changes: object) -> AnalysisData:
    """A year with these indicators, all of them main ones; `changes` replace any field."""
    shown = histories or (history(),)
    municipality = changes.pop("municipality", None) or place()
    assert isinstance(municipality, Municipality)
    whole = AnalysisData(
        municipality=municipality,
        year=YEARS[-1],
        overview=Overview(municipality, YEARS[-1], YEARS, (Group(GROUP, shown),), False, 7),
        profile=shown,
        lines=(),
        earlier=(),
        passports={one.code: passport(one.code) for one in shown},
        participation=(Participation("Мониторинг профориентационной работы", 10, 10, 9, ()),),
        sections=(CollectedSection("Контингент обучающихся", "на 20 сентября", "ФСН № ОО-1"),),
        regulations=(),
        absent=(),
        reasons={},
        accepted_until=date(2022, 10, 20),
        signer=None,
    )
    return replace(whole, **changes)


def passport(code: str, *topics: str, unit: str = "чел.") -> Passport:
    return Passport(
        code=code,
        numerator=("Прошли тестирование, 9–11 классы",),
        denominator=("Обучающихся, 9–11 классы",),
        sources=("ФСН № ОО-1",),
        unit=unit,
        topics=topics or ("tested_9_11", "diagnostics"),
    )
