"""The frame of the API: how an address is published with its access mark, how it refuses, what OpenAPI says of it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from monitoring.api.documents import Problem
from portal.access import CLOSED, Mark, View, token_of
from portal.problems import PROBLEM_TYPE, problem
from portal.roles import Permission

DESCRIPTION = """\
Данные мониторинга профориентационной работы одного муниципалитета, только для чтения.

Программа передаёт ключ муниципалитета в заголовке «Authorization: Bearer …». По ключу отдаются только принятые данные,
а числа, по которым можно узнать о группе из 1–4 человек, скрыты: `suppressed` равно true, вместо числа null. Сотруднику
муниципалитета, вошедшему на портал, видны полные значения.

Ответ несёт `ETag`; повторный запрос с `If-None-Match` получает 304, если ничего не изменилось.
"""
REFUSALS = {
    401: "Нет ключа и входа на портал, либо ключ не действует.",
    403: "Ключ или роль не открывает эти данные.",
    404: "Такого объекта, года, кода или такой страницы списка нет. Чужое отвечает так же, как отсутствующее.",
    405: "API только читает: других методов, кроме GET, нет.",
    422: "Параметр не указан или записан неверно.",
}
_SENTENCES = {
    "missing": "не указан",
    "int_parsing": "нужно целое число",
    "uuid_parsing": "нужен идентификатор (UUID)",
    "literal_error": "нет такого варианта",
    "greater_than_equal": "число слишком мало",
    "less_than_equal": "число слишком велико",
    "string_too_long": "слишком длинно",
}


# Marks by the names of addresses: ninja makes its own views, which get them in `addresses`.
_MARKS = {"openapi-json": Mark(permissions=frozenset({Permission.SEE_DASHBOARD}), api=True, tokens=True)}


class ReadOnlyApi(NinjaAPI):
    """ninja, whose OpenAPI also tells the media type of refusals and the two ways in."""

    def get_openapi_schema(self, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(**kwargs)
        ways = {
            "token": {"type": "http", "scheme": "bearer"},
            "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        }
        schema["components"]["securitySchemes"] = ways
        for methods in schema["paths"].values():
            for operation in methods.values():
                tokens = _MARKS[operation["operationId"]].tokens
                operation["security"] = [{name: []} for name in ways if tokens or name == "session"]
                for status, answer in operation["responses"].items():
                    if int(status) in REFUSALS:
                        answer["description"] = REFUSALS[int(status)]
                        answer["content"] = {PROBLEM_TYPE: answer["content"].pop("application/json")}
                operation["responses"][304] = {"description": "С прошлого запроса ничего не изменилось."}
        return schema


api = ReadOnlyApi(title="Профориентир", version="1", description=DESCRIPTION, docs_url=None, urls_namespace="api")


def published(
    route: str, answer: type[Schema], summary: str, *permissions: Permission, tokens: bool = True
) -> Callable[[View], View]:
    """Publish a function for GET under this route; its name becomes the name of the address."""

    def put(view: View) -> View:
        name = view.__name__
        _MARKS[name] = Mark(permissions=frozenset(permissions), api=True, tokens=tokens)
        answers = {200: answer, **dict.fromkeys(REFUSALS, Problem)}
        return api.get(route, response=answers, summary=summary, operation_id=name, url_name=name)(view)

    return put


def addresses() -> list[URLPattern]:
    """ninja's addresses with their access marks, and for all else under the API a refusal in its own form.

    An address that ninja made and nobody published is closed.
    """
    found: list[URLPattern] = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern):
            pattern.callback = _opened(pattern.callback, _MARKS.get(pattern.name or "", CLOSED))
            found.append(pattern)
    return [*found, path("<path:rest>", _nowhere, name="nowhere")]


@csrf_exempt
def _nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    return problem(404, "Такого адреса нет. Все адреса описаны в /api/v1/openapi.json.")


_nowhere.access = Mark(stranger=True, api=True)  # type: ignore[attr-defined]


def _opened(view: Callable[..., Any], mark: Mark) -> Callable[..., HttpResponse]:
    """The view with its mark; it knows GET alone, and answers 304 to whoever has the same answer already."""
    conditional = conditional_page(view)

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "GET":
            return problem(405, "API только читает: используйте GET.", headers={"Allow": "GET"})
        answer = conditional(request, *args, **kwargs)
        if token_of(request):
            answer.headers["Cache-Control"] = "private, no-cache"  # kept, and asked for again with its ETag
        answer.headers["Vary"] = "Authorization, Cookie"
        return answer

    opened.access = mark  # type: ignore[attr-defined]
    return opened


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(404, str(error) or "Такого объекта нет.")


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem(error.status_code, error.message)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = [f"«{one['loc'][-1]}» – {_SENTENCES.get(one['type'], 'неверное значение')}" for one in error.errors]
    return problem(422, f"Проверьте параметры: {'; '.join(wrong)}.")
