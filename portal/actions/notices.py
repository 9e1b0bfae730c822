"""Telling people what has happened: a notice in the portal, and once a day one letter with all of them."""

from collections.abc import Iterable

from portal.models import Municipality, Notice, User


def tell(*, people: Iterable[User], municipality: Municipality, text: str, url: str = "") -> int:
    """Leave a notice for each person once; how many were told. `url` is a path of the portal where they go on.

    Call it inside the transaction that makes the thing true. The text names no pupil and carries no number of a form.
    """
    told = {person.pk: person for person in people}
    Notice.objects.bulk_create(
        Notice(user=person, municipality=municipality, text=text, url=url) for person in told.values()
    )
    return len(told)
