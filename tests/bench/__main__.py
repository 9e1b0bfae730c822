"""`./run bench`: what pages and papers cost, each as a ratio to a floor measured in the same run; then a whole campaign.

`./run bench saving` is the saving of one cell alone, `./run bench overview` the overview at scale and a chart.
`./run bench country [schools]` grows the database to 40,000 schools and takes some minutes (PostgreSQL only).
`./run bench campaign [schools]` is the campaign alone, and fails if anything acknowledged is not there afterwards.
Medians of interleaved runs; on a noisy machine differences under a quarter mean nothing.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from itertools import chain

import django


def interleaved(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each work; one warm-up round, then all works in turn in every round."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            if turn:
                taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def table(title: str, floor: str, seconds: dict[str, float]) -> None:
    print(f"\n{title} (floor: {floor})")
    print(f"  {'what':<52}{'ms':>10}{'ratio':>8}")
    for name, value in seconds.items():
        print(f"  {name:<52}{value * 1000:>10.1f}{value / seconds[floor]:>8.2f}")


def timed(*sources: Iterable[tuple[str, str, dict[str, Callable[[], object]], int]]) -> None:
    """Print a table for each (title, floor, works, rounds); a source may change the database between two of its own."""
    for title, floor, works, rounds in chain(*sources):
        table(title, floor, interleaved(works, rounds))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.template.base import Template
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    drawing = Template._render
    setup_test_environment()
    Template._render = (
        drawing  # pages are drawn as they are served: the test client copies the context of each template
    )
    old = setup_databases(verbosity=0, interactive=False)
    try:
        from reports.demo import make_demo
        from tests.bench import campaign, country, imports, pages, papers, saving

        make_demo()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # what the server does by itself some minutes after a load
        print(f"Database: {connection.vendor}, {os.cpu_count()} cores")
        if sys.argv[1:2] == ["campaign"]:
            sys.exit(not campaign.simulate(*map(int, sys.argv[2:3])))
        if sys.argv[1:2] == ["country"]:
            return country.report(*map(int, sys.argv[2:3]))
        if sys.argv[1:2] == ["imports"]:
            return imports.report()
        if sys.argv[1:2] == ["saving"]:
            return saving.report()
        if sys.argv[1:2] == ["overview"]:
            return timed(pages.charts(), pages.at_scale())
        timed(pages.works(), papers.works(), pages.charts(), pages.at_scale())
        saving.report()
        imports.report()
        if connection.vendor == "postgresql":
            campaign.simulate()
    finally:
        teardown_databases(old, verbosity=0)


if __name__ == "__main__":
    main()
