"""What a table would do to a register, row by row, and what is wrong in it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What a row of the file is beside the register."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a row: what stands in the register and what the file brings."""

    title: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and in which cell of the sheet («C7»; empty where no single cell is to blame)."""

    address: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row of the file: its line on the sheet, whom it names, what it would do (a new one besides its name)."""

    line: int
    code: str
    name: str
    standing: Standing
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterResult:
    """What an import does, or has done if `written`; with any problem nothing is written."""

    rows: tuple[RegisterRow, ...] = ()
    problems: tuple[Problem, ...] = ()  # of the table as a whole
    written: bool = False

    def of(self, standing: Standing) -> list[RegisterRow]:
        return [row for row in self.rows if row.standing == standing]

    @property
    def all_problems(self) -> list[Problem]:
        return [*self.problems, *(problem for row in self.rows for problem in row.problems)]

    @property
    def fingerprint(self) -> str:
        """What a person saw in the preview: confirming writes this and nothing else."""
        return hashlib.sha256(repr((self.rows, self.problems)).encode()).hexdigest()


class PreviewIsOld(Exception):
    """The register has changed since the preview was shown; nothing is written."""
