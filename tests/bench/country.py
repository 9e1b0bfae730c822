"""Growth to a country: 50, 500, 5,000 and 40,000 schools × all elements × five years; PostgreSQL only.

One municipality of 50 schools is made by the portal's own actions; the others are its copies, made inside the database
with numbers of their own. `./run bench country [schools]` stops at that size.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence

from django.db import connection, transaction
from django.utils import timezone

from monitoring import actions
from monitoring.models import IndicatorTotal, Submission, Value
from monitoring.queries.results.indicators import Circle, measure
from monitoring.queries.results.overview import overview
from portal.models import Membership, Municipality, Region
from tests.factories import MunicipalityFactory, SchoolFactory, campaign, specialist_of, under_review

TOWN = 50
SIZES = (50, 500, 5_000, 40_000)
YEARS = tuple(range(2018, 2023))
ROUNDS = 15
STEP = 1_000_000  # between the ids of one copy and the next

# Table → columns that are shifted with the copy, and columns that get a content of their own. `k` counts the copies.
OWN_ID = "gen_random_uuid()"
COPIED: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "portal_municipality": (("id",), {"slug": "slug || '-' || k"}),
    "portal_school": (("id", "municipality_id"), {"public_id": OWN_ID}),
    "monitoring_campaign": (("id", "municipality_id"), {"public_id": OWN_ID}),
    "monitoring_campaignelement": (("id", "campaign_id"), {}),
    "monitoring_submission": (("id", "municipality_id", "campaign_id", "school_id"), {"public_id": OWN_ID}),
    "monitoring_value": (
        ("id", "submission_id"),
        {
            "number": "CASE WHEN state = 'number' THEN (id * 7 + k * 13) % 90 END",
            "accepted_number": "CASE WHEN state = 'number' THEN (id * 7 + k * 13) % 90 END",
        },
    ),
    "monitoring_acceptedform": (("id", "municipality_id", "submission_id"), {}),
    "monitoring_indicatortotal": (
        ("id", "municipality_id"),
        {"numerator": "numerator + k % 40", "denominator": "denominator + k % 60"},
    ),
}


def report(most: int = SIZES[-1]) -> None:
    """Grow the database step by step and print what the same four questions cost at each size."""
    town, waiting, reviewer = _town()
    copies, rows = 0, []
    for size in (one for one in SIZES if one <= most):
        start = time.perf_counter()
        _copy(town, copies, size // TOWN - 1)
        copies = size // TOWN - 1
        if copies:
            _analyse()
        grown = time.perf_counter() - start
        rows.append((size, Value.objects.count(), grown, *_asked(town, waiting, reviewer)))
        print(f"  grown to {size} schools in {grown:.0f} s", file=sys.stderr)
    _print(rows)


def _asked(town: Municipality, waiting: Submission, reviewer: Membership) -> tuple[float, ...]:
    """Medians in seconds: country by municipality, overview, a municipality from its rows, accepting one form."""
    questions: tuple[Callable[[], object], ...] = (
        lambda: list(
            IndicatorTotal.objects.filter(year=YEARS[-1]).values_list(
                "municipality_id", "indicator_id", "numerator", "denominator", "schools_used", "schools_expected"
            )
        ),
        lambda: overview(town, YEARS[-1]),
        lambda: measure(Circle(town.pk, YEARS), by="municipality"),
        lambda: _accept_and_forget(waiting, reviewer),
    )
    taken: list[list[float]] = [[] for _ in questions]
    for turn in range(ROUNDS + 1):
        for kept, question in zip(taken, questions, strict=True):
            start = time.perf_counter()
            question()
            if turn:
                kept.append(time.perf_counter() - start)
    return tuple(statistics.median(one) for one in taken)


def _accept_and_forget(waiting: Submission, reviewer: Membership) -> None:
    with transaction.atomic():
        actions.accept(submission=waiting, by=reviewer, version=waiting.version)
        transaction.set_rollback(True)


def _town() -> tuple[Municipality, Submission, Membership]:
    """Fifty schools with five accepted years, and one form under review in the last of them."""
    town = MunicipalityFactory(slug="town", region=Region.objects.first())
    SchoolFactory.create_batch(TOWN, municipality=town, grades=list(range(1, 12)), kind="secondary")
    for year in YEARS:
        for form in ("year", "graduates"):
            campaign(town, year, form)
    waiting = Submission.objects.filter(municipality=town, year=YEARS[-1], form__code="year").first()
    under_review(waiting, specialist_of(town))
    waiting.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO monitoring_value (submission_id, element_id, state, number, accepted_state, accepted_number,
                reason, version, changed_at, way, comment, evidence, evidence_problem)
            SELECT s.id, e.element_id, 'number', (s.id * 3 + e.element_id) %% 90, 'number',
                (s.id * 3 + e.element_id) %% 90, '', 1, now(), 'form', '', '', ''
            FROM monitoring_submission s JOIN monitoring_campaignelement e ON e.campaign_id = s.campaign_id
            WHERE s.municipality_id = %s AND s.id <> %s
            ON CONFLICT DO NOTHING
            """,
            [town.pk, waiting.pk],
        )
        cursor.execute(
            """
            INSERT INTO monitoring_acceptedform (municipality_id, submission_id, revision, at, "values")
            SELECT municipality_id, id, 1, %s, '{}' FROM monitoring_submission WHERE municipality_id = %s AND id <> %s
            """,
            [timezone.now(), town.pk, waiting.pk],
        )
        cursor.execute(
            "UPDATE monitoring_submission SET state = 'accepted' WHERE municipality_id = %s AND id <> %s",
            [town.pk, waiting.pk],
        )
    for year in YEARS:
        actions.rebuild_totals(municipality=town, year=year)
    return town, waiting, specialist_of(town)


def _copy(town: Municipality, done: int, wanted: int) -> None:
    """Copies number done + 1 … wanted of everything that belongs to the town; foreign keys are checked at the end."""
    if wanted <= done:
        return
    owned = {
        "portal_municipality": f"id = {town.pk}",
        "monitoring_campaignelement": f"campaign_id IN (SELECT id FROM monitoring_campaign WHERE municipality_id = {town.pk})",
        "monitoring_value": f"submission_id IN (SELECT id FROM monitoring_submission WHERE municipality_id = {town.pk})",
    }
    with connection.cursor() as cursor:
        for table, (shifted, own) in COPIED.items():
            cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
            columns = [row[0] for row in cursor.fetchall()]
            new = [own.get(one) or (f'"{one}" + k * {STEP}' if one in shifted else f'"{one}"') for one in columns]
            where = owned.get(table, f"municipality_id = {town.pk}")
            names = ", ".join(f'"{one}"' for one in columns)
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {', '.join(new)} FROM {table}"
                f" CROSS JOIN generate_series({done + 1}, {wanted}) AS k WHERE {where}"
            )


def _analyse() -> None:
    """What the server does by itself some minutes after a load."""
    with connection.cursor() as cursor:
        for table in COPIED:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _print(rows: Sequence[tuple[float, ...]]) -> None:
    heads = ("schools", "values", "made, s", "country by municipality", "overview", "from its rows", "accepting")
    print("\nGrowth (milliseconds; the ratio is to the first line: one municipality of 50 schools, five years)")
    print("  " + "".join(f"{head:>26}" if n > 2 else f"{head:>12}" for n, head in enumerate(heads)))
    first = rows[0]
    for row in rows:
        cells = [f"{row[0]:>12,}", f"{row[1]:>12,}", f"{row[2]:>12.0f}"]
        cells += [
            f"{value * 1000:>16.1f} ({value / floor:>5.2f}×)" for value, floor in zip(row[3:], first[3:], strict=True)
        ]
        print("  " + "".join(cells))
