"""How the API says what went wrong: a document `application/problem+json` (RFC 9457)."""

from http import HTTPStatus

from django.http import JsonResponse

PROBLEM_TYPE = "application/problem+json"


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None) -> JsonResponse:
    """A refusal: `detail` is a Russian sentence that says what to do; `title` is the standard name of the status."""
    document = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JsonResponse(
        document,
        status=status,
        content_type=PROBLEM_TYPE,
        headers=headers,
        json_dumps_params={"ensure_ascii": False},
    )
