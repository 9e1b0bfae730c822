"""What is wrong with the numbers of one form: the same rules in the page, at sending and in the import. No queries."""

from monitoring.checks.judging import find_for, open_rules
from monitoring.checks.records import (
    BUILT_IN,
    EMPTY_CELL,
    NO_REASON,
    Cell,
    Finding,
    FormContext,
    Line,
    Peers,
    Rule,
    Share,
    Warned,
    warned,
)
from monitoring.checks.shares import FEWEST_PEERS, peers_of

__all__ = [
    "BUILT_IN",
    "EMPTY_CELL",
    "FEWEST_PEERS",
    "NO_REASON",
    "Cell",
    "Finding",
    "FormContext",
    "Line",
    "Peers",
    "Rule",
    "Share",
    "Warned",
    "find_for",
    "open_rules",
    "peers_of",
    "warned",
]
