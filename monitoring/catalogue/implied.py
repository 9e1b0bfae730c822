"""Which checks follow from the shares, and which of several checks is the narrowest?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from monitoring.catalogue.records import (
    ALL_GRADES,
    IMPLIED_PREFIX,
    Catalogue,
    CheckRecord,
    IndicatorRecord,
    TermRecord,
)
from monitoring.catalogue.wording import implied_message

_STEPS = 8  # the longest derivation of the common catalogue takes four
_SUMS = 2_000

Relation = tuple[Sequence[str], str, Sequence[str]]  # left, "<=" or "=", right


def entails(relations: Iterable[Relation], numerator: Iterable[str], denominator: Iterable[str]) -> bool:
    """Whether sum(numerator) <= sum(denominator) follows from the relations for all non-negative numbers.

    From left <= right any part of left found in a sum may be replaced by right: the sum does not become smaller. True
    when such steps turn the numerator into a part of the denominator. Taking the largest part possible is always best,
    so a relation gives one step. Sound but bounded: False also means «not found», and then the check is kept.
    """
    rules = []
    for smaller, op, whole in relations:
        rules.append((Counter(smaller), Counter(whole)))
        if op == "=":
            rules.append((Counter(whole), Counter(smaller)))
    goal = Counter(denominator)
    reached = [Counter(numerator)]
    seen = {_key(reached[0])}
    for _ in range(_STEPS + 1):
        if any(total <= goal for total in reached):
            return True
        following = []
        for total in reached:
            for left, right in rules:
                if not total & left:
                    continue
                larger = total - left + right  # a Counter's difference takes away only what is there
                if (key := _key(larger)) not in seen:
                    seen.add(key)
                    following.append(larger)
            if len(seen) > _SUMS:
                return False
        reached = following
    return False


def implied_checks(catalogue: Catalogue) -> tuple[CheckRecord, ...]:
    """The error check E-<indicator> of every share whose listed error checks do not already entail it.

    A listed check helps only where it stops the same form in the same years: warnings are passed with an explanation,
    and a check that also needs another form may not have run yet.
    """
    listed = [check for check in catalogue.checks if check.kind == "relation" and check.severity == "error"]
    found: list[CheckRecord] = []
    for indicator in catalogue.indicators:
        left = tuple(term.element for term in indicator.numerator)
        right = tuple(term.element for term in indicator.denominator)
        if indicator.kind != "share" or not left or not right:
            continue
        forms = set(catalogue.forms_of(left + right))
        usable = [
            (check.left, check.op, check.right)
            for check in listed
            if _covers(check, indicator) and forms.issuperset(catalogue.forms_of(check.left + check.right))
        ]
        if not entails(usable, left, right):
            found.append(_implied(indicator, left, right, catalogue, len(catalogue.checks) + len(found) + 1))
    return tuple(found)


def _implied(
    indicator: IndicatorRecord, left: tuple[str, ...], right: tuple[str, ...], catalogue: Catalogue, order: int
) -> CheckRecord:
    return CheckRecord(
        code=f"{IMPLIED_PREFIX}{indicator.code}",
        severity="error",
        kind="relation",
        message=implied_message(indicator, catalogue),
        since=indicator.since,
        until=indicator.until,
        order=order,
        line=indicator.line,
        left=left,
        op="<=",
        right=right,
        left_names=_as_written(indicator.numerator),
        right_names=_as_written(indicator.denominator),
        implied=True,
        indicator=indicator.code,
    )


def narrowness(check: CheckRecord, catalogue: Catalogue) -> tuple[int, int, int]:
    """Order key, smallest first: the check against the smallest whole is shown before wider ones on the same cell.

    (grades that the right side covers, its terms, order of the check). An element without grades speaks of the whole
    organisation; a comparison with last year has no whole and comes last.
    """
    if not check.right:
        return len(ALL_GRADES) + 1, 0, check.order
    grades = {grade for code in check.right for grade in catalogue.element[code].grades or ALL_GRADES}
    return len(grades), len(check.right), check.order


def _covers(check: CheckRecord, indicator: IndicatorRecord) -> bool:
    begins = check.since is None or (indicator.since is not None and check.since <= indicator.since)
    ends = check.until is None or (indicator.until is not None and indicator.until <= check.until)
    return begins and ends


def _as_written(terms: Iterable[TermRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(term.population or term.element for term in terms))


def _key(total: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(total.elements()))
