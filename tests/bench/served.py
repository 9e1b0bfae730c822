"""The portal with one address more, as gunicorn serves it to the bench: a bare signed-in POST that writes one row."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()


def served() -> object:
    """The application; the models may be imported only now."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpRequest, JsonResponse
    from django.urls import path
    from django.views.decorators.http import require_POST

    from monitoring.enums import CellState, Way
    from monitoring.models import Element, Submission, ValueChange
    from portal.access import any_person

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    ids: dict[str, int] = {}

    @any_person
    @require_POST
    def bare(request: HttpRequest) -> JsonResponse:
        """What every saved thing costs before the portal does anything of its own: session, person, row, commit."""
        if not ids:
            ids["submission_id"] = Submission.objects.values_list("pk", flat=True)[0]
            ids["element_id"] = Element.objects.values_list("pk", flat=True)[0]
        empty = CellState.EMPTY
        ValueChange.objects.create(by_id=request.user.pk, way=Way.FORM, from_state=empty, to_state=empty, **ids)
        return JsonResponse({})

    from portal.urls import urlpatterns

    urlpatterns.append(path("bench/bare/", bare, name="bench_bare"))
    return get_wsgi_application()


application = served()
