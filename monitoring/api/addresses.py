"""The addresses of the API. Each answers for one municipality: the token's, or that of the signed-in person."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Query, Schema
from ninja.errors import HttpError

from monitoring.api.documents import (
    Catalogue,
    CheckOut,
    Checks,
    ElementOut,
    FindingOut,
    Findings,
    IndicatorOut,
    SchoolOut,
    Schools,
    ValueOut,
    Values,
)
from monitoring.api.published import addresses, published
from monitoring.queries.entry.content import content_of
from monitoring.queries.entry.lists import submissions
from monitoring.queries.passports.passports import find_thing
from monitoring.queries.results.open_data import (
    catalogue_checks,
    catalogue_elements,
    catalogue_indicators,
    open_values,
    schools_of,
)
from monitoring.queries.results.overview import data_version, years_of
from portal.access import load, municipality_of, token_of
from portal.formats import school_year
from portal.models import Municipality
from portal.roles import Permission

MOST = 1000  # items of one page
T = TypeVar("T")


class Asked(Schema):
    """What every address takes."""

    municipality: str | None = Field(None, max_length=50, description="Код муниципалитета; по умолчанию ваш.")


class Paged(Asked):
    limit: int = Field(100, ge=1, le=MOST, description="Сколько записей на странице.")
    offset: int = Field(0, ge=0, le=10_000_000, description="Сколько записей пропустить.")


class ValuesAsked(Paged):
    year: int = Field(ge=1990, le=2100, description="Первый календарный год учебного года: 2021 для 2021/2022.")
    level: Literal["municipality", "school"] = Field("municipality", description="Итоги муниципалитета или школы.")
    indicator: str | None = Field(None, max_length=40, description="Код показателя.")
    school: UUID | None = Field(None, description="Одна организация; только вместе с level=school.")


@published("catalogue", Catalogue, "Показатели и строки форм с паспортами", Permission.SEE_DASHBOARD)
def catalogue(request: HttpRequest, asked: Query[Asked]) -> Any:
    town = _town(request, asked)
    return {
        "indicators": [IndicatorOut.of(*one) for one in catalogue_indicators(town)],
        "elements": [ElementOut.of(*one) for one in catalogue_elements(town)],
    }


@published("schools", Schools, "Организации муниципалитета", Permission.SEE_DASHBOARD)
def schools(request: HttpRequest, asked: Query[Paged]) -> Any:
    town = _town(request, asked)
    return _page(request, town, asked, schools_of(town), SchoolOut.of)


@published("values", Values, "Значения показателей за год", Permission.SEE_DASHBOARD)
def values(request: HttpRequest, asked: Query[ValuesAsked]) -> Any:
    town, level = _town(request, asked), asked.level
    if asked.year not in years_of(town):
        raise Http404(f"Данных за {school_year(asked.year)} нет.")
    if asked.indicator is not None and find_thing(asked.indicator, element=False) is None:
        raise Http404("Показателя с таким кодом нет. Коды перечислены по адресу /api/v1/catalogue.")
    found = open_values(town, asked.year, level, guarded=token_of(request) is not None)
    if asked.school is not None:
        if level != "school" or asked.school not in {one.public_id for one in schools_of(town)}:
            raise Http404("Такой организации нет. Организация указывается вместе с level=school.")
        found = [one for one in found if one.school and one.school.public_id == asked.school]
    if asked.indicator is not None:
        found = [one for one in found if one.indicator.code == asked.indicator]
    return _page(request, town, asked, found, lambda one: ValueOut.of(one, asked.year))


@published("checks", Checks, "Контрольные соотношения форм", Permission.SEE_DASHBOARD)
def checks(request: HttpRequest, asked: Query[Paged]) -> Any:
    return _page(request, _town(request, asked), asked, catalogue_checks(), CheckOut.of)


@published(
    "submissions/{uuid:public_id}/findings",
    Findings,
    "Что проверки находят в форме сейчас",
    Permission.SEE_FORMS,
    tokens=False,
)
def findings(request: HttpRequest, public_id: UUID) -> Any:
    form = load(request, submissions(), public_id=public_id)
    return {"items": [FindingOut.of(one) for one in content_of(form).standings]}


def _town(request: HttpRequest, asked: Asked) -> Municipality:
    """The municipality that answers; 404 for any other, 422 for a parameter that nobody would heed."""
    unknown = [name for name in request.GET if name not in type(asked).model_fields]
    if unknown:
        raise HttpError(422, f"Такого параметра нет: {', '.join(unknown)}.")
    town = municipality_of(request)
    if asked.municipality not in {None, town.slug}:
        raise Http404("Такого муниципалитета нет.")
    return town


def _page(request: HttpRequest, town: Municipality, asked: Paged, rows: Sequence[T], out: Callable[[T], Any]) -> Any:
    """One page of the rows with the address of the next; 404 for a page behind the last."""
    start, end = asked.offset, asked.offset + asked.limit
    if start and start >= len(rows):
        raise Http404(f"Такой страницы нет: записей всего {len(rows)}.")
    query = urlencode({**request.GET.dict(), "limit": asked.limit, "offset": end})
    following = request.build_absolute_uri(f"{request.path}?{query}") if end < len(rows) else None
    items = [out(one) for one in rows[start:end]]
    return {"count": len(rows), "next": following, "data_version": data_version(town), "items": items}


app_name = "api"
urlpatterns = addresses()
