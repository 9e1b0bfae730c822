"""Is a share of the school above its target, or far from those of similar schools?"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache

from monitoring.arithmetic import median
from monitoring.checks.records import Cell, Finding, FormContext, Peers, Rule, Share
from monitoring.checks.relations import total
from monitoring.checks.years import EXPLAIN
from monitoring.enums import Better, CellState
from portal.formats import decimal, percent
from portal.formats import number as written

FEWEST_PEERS = 10
# The modified z-score of Iglewicz and Hoaglin: 0.6745 · (x − median) ÷ MAD, an outlier beyond 3.5.
_Z, _UNIT = 35_000, 6_745


def peers_of(values: Sequence[Fraction]) -> Peers | None:
    """What a school is compared with; None where there are too few values or more than half of them are the same."""
    middle = median(values)
    if middle is None or len(values) < FEWEST_PEERS:
        return None
    spread = median([abs(value - middle) for value in values])
    return Peers(len(values), middle, spread) if spread else None


def above_target(
    rule: Rule, cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterable[Finding]:
    """Shares that should be small and are above their target, on a base of at least `people`."""

    def sentence(share: Share, part: int, whole: int) -> str:
        target = context.targets[share.code]
        if share.better != Better.DOWN or whole < rule.people or part * 100 <= target * whole:
            return ""
        return f"{_told(share, part, whole)}, целевое значение – не больше {decimal(target)}\u00a0%. {EXPLAIN}"

    return _by_element(rule, cells, context, touching, context.targets, sentence)


def outliers(
    rule: Rule, cells: Mapping[str, Cell], context: FormContext, touching: frozenset[str] | None
) -> Iterable[Finding]:
    """Shares on a base of at least `people` that lie far from those of similar schools."""

    def sentence(share: Share, part: int, whole: int) -> str:
        peers = context.peers[share.code]
        if share.better == Better.NONE or whole < rule.people:
            return ""
        if abs(Fraction(part, whole) - peers.median) * _UNIT <= peers.spread * _Z:
            return ""
        return f"{_told(share, part, whole)}. У похожих школ обычно около {percent(peers.median)}. {EXPLAIN}"

    return _by_element(rule, cells, context, touching, context.peers, sentence)


def _by_element(
    rule: Rule,
    cells: Mapping[str, Cell],
    context: FormContext,
    touching: frozenset[str] | None,
    compared: Container[str],
    sentence: Callable[[Share, int, int], str],
) -> Iterable[Finding]:
    """The first share of each element that has something to be told: one number is asked about once.

    `compared` are codes of the shares that there is something to compare with. With `touching`, shares that compete for
    the same element are judged together, so that the same one is told.
    """
    leads = None if touching is None else _leads(context.shares, touching)
    told: set[str] = set()
    for share in context.shares:
        if share.code not in compared:
            continue
        if leads is not None and leads.isdisjoint(share.numerator):
            continue
        counted = [code for code in share.numerator if code in cells and cells[code].state == CellState.NUMBER]
        if not counted or counted[0] in told or (leads is not None and counted[0] not in leads):
            continue
        part, whole = total(share.numerator, cells), total(share.denominator, cells)
        if part is None or not whole:
            continue
        if words := sentence(share, part, whole):
            told.add(counted[0])
            shown = tuple(code for code in counted if code in context.lines) or (*counted, *share.denominator)
            yield Finding(rule.code, rule.severity, words, shown, f"{share.code}: {part}/{whole}", counted[0], whole)


@lru_cache(maxsize=256)
def _leads(shares: tuple[Share, ...], codes: frozenset[str]) -> frozenset[str]:
    """The elements about which a share that one of these cells stands in may be told."""
    return frozenset(code for share in shares if not codes.isdisjoint(share.codes) for code in share.numerator)


def _told(share: Share, part: int, whole: int) -> str:
    value = percent(Fraction(part, whole))
    return f"{share.name} (показатель {share.code}) – {value} ({written(part)} из {written(whole)})"
