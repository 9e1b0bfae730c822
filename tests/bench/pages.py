"""What the pages that show data cost beside a bare page of the same portal."""

from collections.abc import Callable, Iterator

from django.test import Client

from monitoring.queries.indicators import Circle, measure
from monitoring.queries.overview import overview
from portal.models import Municipality, User

Work = tuple[str, str, dict[str, Callable[[], object]], int]
ROUNDS = 30
BARE = "bare authenticated page"


def works() -> Iterator[Work]:
    """(title, floor, works by name, rounds)"""
    client = Client()
    client.force_login(User.objects.get(email="specialist@demo.local"))

    def get(address: str) -> Callable[[], object]:
        return lambda: _ok(client.get(address))

    yield (
        "Pages for a specialist, 19 schools",
        BARE,
        {
            BARE: get("/display/"),
            "dashboard of a year": get("/monitoring/dashboard/?year=2021"),
            "dashboard of a year, preliminary (no totals)": get("/monitoring/dashboard/?year=2021&preliminary=1"),
            "schools × indicators": get("/monitoring/dashboard/schools/?year=2021"),
            "one indicator": get("/monitoring/indicators/1.1/?year=2021"),
            "collection": get("/monitoring/dashboard/collection/?year=2022"),
        },
        ROUNDS,
    )
    municipality = Municipality.objects.get(slug="kemerovo")
    circle = Circle(municipality.pk, (2019, 2020, 2021))
    yield (
        "The indicator question, 19 schools × 3 years",
        "from the totals table",
        {
            "from the totals table": lambda: overview(municipality, 2021),
            "from the values, by municipality": lambda: measure(circle, by="municipality"),
            "from the values, by school": lambda: measure(circle, by="school"),
        },
        ROUNDS,
    )


def _ok(response: object) -> None:
    status = getattr(response, "status_code", 0)
    if status != 200:
        raise RuntimeError(f"a page answered {status}")
