"""Which counts of a row must not be told to others: small ones, and those that would let them be computed back.

Counts of 1–4 people are hidden wherever numbers leave the municipality or go to another school (design §2, rule 9).
This file judges one row whose counts add up to a published total; many rows that share their parts are judged by
`monitoring/differencing.py`. Pure: no models.
"""

from collections.abc import Collection, Sequence

LARGEST_SMALL = 4


def is_small(count: int | None) -> bool:
    """Whether a count of people is one of 1–4; nobody at all (0) and no number (None) hide nobody."""
    return count is not None and 0 < count <= LARGEST_SMALL


def hide(counts: Sequence[int | None], also: Collection[int] = ()) -> tuple[bool, ...]:
    """For each count of a row with a published total, whether it is to be hidden.

    Hidden are the small ones, the places in `also` (hidden for a reason of their own), and then the smallest of the
    others, zeros excepted, until the sum of the hidden tells none of them. Where the row runs out of counts, nothing
    inside it helps: `telling` is still true of what is hidden, and the total has to be hidden as well.
    """
    hidden = {place for place, count in enumerate(counts) if is_small(count)}
    if hidden:
        hidden.update(also)
        spare = sorted((count, place) for place, count in enumerate(counts) if count and place not in hidden)
        for _, place in spare:
            if not telling([counts[one] or 0 for one in hidden]):
                break
            hidden.add(place)
    return tuple(place in hidden or place in also for place in range(len(counts)))


def telling(hidden: Sequence[int]) -> bool:
    """Whether the sum of hidden counts tells a small one of them, or is itself a small group of people.

    The sum is known to whoever subtracts what is shown from the total. It tells a count that is hidden alone, and all
    of them where it equals their number: a hidden count is never 0, so each of them is then 1.
    """
    if not any(is_small(count) for count in hidden):
        return False
    together = sum(hidden)
    return len(hidden) == 1 or together <= max(LARGEST_SMALL, len(hidden))
