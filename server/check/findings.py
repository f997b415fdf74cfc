"""What a check has found: holes and errors by file, in an order that is always the same.

Plain values without times, ids or paths of this machine: two runs on the same texts with the same
ledger give equal reports. How they are shown is the formats' business.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["provable", "refuted", "open", "skipped", "fixed"]
KINDS: tuple[Kind, ...] = ("fixed", "provable", "refuted", "open", "skipped")


@dataclass(frozen=True, slots=True)
class Region:
    """A range of a file, its end excluded. Lines and columns count from 1, in code points."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """Text that goes into a file in place of a region."""

    region: Region
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One hole. `key` is that of its goal, `goals` are displayed as Lean does.

    `provable` or `fixed`: by `script`, with the lemmas `helper` above if there are any; as edits of
    the file, `replacements`. `refuted`: false at `counterexample`. `skipped`: `reason` says why.
    `known`: the ledger had the answer, and Lean has checked it again. `new`: the baseline has not
    got it.
    """

    region: Region
    declaration: str
    goals: tuple[str, ...]
    key: str
    kind: Kind
    script: str = ""
    helper: str = ""
    counterexample: str = ""
    reason: str = ""
    replacements: tuple[Replacement, ...] = ()
    known: bool = False
    new: bool = True

    @property
    def says(self) -> str:
        """What came of it, in words; a script of several lines begins on a line of its own."""
        if self.kind == "refuted":
            return f"refuted: {self.counterexample}"
        if self.kind == "skipped":
            return f"skipped: {self.reason}"
        if self.kind == "open":
            return f"open: {self.reason}" if self.reason else "open"
        lemma = f"\nwith this lemma above:\n{self.helper.rstrip()}" if self.helper else ""
        return f"{self.kind}:{chr(10) if chr(10) in self.script else ' '}{self.script}{lemma}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file doesn't elaborate, where."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file by its name as shown to the user, with `/` between folders.

    It elaborates when there are no `problems`. `note`: why proofs were not put into it, or nothing.
    `new`: the baseline did not know that it doesn't elaborate.
    """

    name: str
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    note: str = ""
    new: bool = True

    @property
    def elaborates(self) -> bool:
        """Did Lean read all of it, without an error?"""
        return not self.problems


@dataclass(frozen=True, slots=True)
class Report:
    """All files, in order of their names; `lean` is the Lean that answered.

    `caveat`: it is not the one that the workspace asks for.
    """

    files: tuple[CheckedFile, ...]
    lean: str = ""
    caveat: str = ""

    @property
    def counts(self) -> Counter[Kind]:
        """How many holes of each kind there are."""
        return Counter(finding.kind for file in self.files for finding in file.findings)

    @property
    def broken(self) -> tuple[CheckedFile, ...]:
        """The files that don't elaborate."""
        return tuple(file for file in self.files if not file.elaborates)

    @property
    def summary(self) -> str:
        """One line: how many files and holes, and of which kinds."""
        counts = self.counts
        files = counted(len(self.files), "file")
        kinds = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS if counts[kind])
        holes = f"{counted(counts.total(), 'hole')}: {kinds}" if counts else "no sorry"
        broken = f"; {broken_files(len(self.broken))}" if self.broken else ""
        return f"{files}, {holes}{broken}."


def broken_files(count: int) -> str:
    """So many files that don't elaborate, in words."""
    return f"{counted(count, 'file')} that {'does' if count == 1 else 'do'} not elaborate"


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def place(region: Region | Problem) -> str:
    """`line:column`."""
    return f"{region.line}:{region.column}"


def first_line(text: str) -> str:
    """The first line, for where there is room for one only."""
    return text.split("\n", 1)[0]


def in_order(files: Sequence[CheckedFile]) -> tuple[CheckedFile, ...]:
    """Files by name."""
    return tuple(sorted(files, key=lambda file: file.name))
