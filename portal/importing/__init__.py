"""Registers of schools and people from a table: what it would change, and writing it (features I1; design §7)."""

from portal.importing.people import PeopleResource
from portal.importing.reading import LIMITS, read_register
from portal.importing.records import PreviewIsOld, Problem, RegisterResult, RegisterRow, Standing
from portal.importing.register import import_register
from portal.importing.schools import SchoolResource

__all__ = [
    "LIMITS",
    "PeopleResource",
    "PreviewIsOld",
    "Problem",
    "RegisterResult",
    "RegisterRow",
    "SchoolResource",
    "Standing",
    "import_register",
    "read_register",
]
