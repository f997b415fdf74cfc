"""When a check fails: `--fail-on`, and the baseline, which is the JSON report of an earlier check.

It judges a report and says what violates the policy; it ends no program.
"""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from server.check.findings import CheckedFile, Finding, Report, broken_files, counted

FailOn = Literal["new", "provable", "any", "none"]
FAIL_ON: tuple[FailOn, ...] = ("new", "provable", "any", "none")


class BaselineError(Exception):
    """A baseline that can't be used; the text says why and what to do."""


@dataclass(slots=True)
class Baseline:
    """What was known before: how often each goal of each declaration, and the broken files.

    Where a hole stands does not matter, so that it stays known when its file is moved or edited.
    """

    holes: Counter[tuple[str, str]] = field(default_factory=Counter)
    broken: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> "Baseline":
        """The baseline in a file. Raises BaselineError."""
        try:
            files = json.loads(path.read_bytes())["files"]
            holes = Counter(
                (str(hole["declaration"]), str(hole["key"]))
                for file in files
                for hole in file["holes"]
                if hole["verdict"] != "fixed"
            )
            broken = frozenset(str(file["file"]) for file in files if not file["elaborates"])
        except OSError as error:
            raise BaselineError(
                f"The baseline {path} can't be read: {error.strerror}. "
                f"Make it: unsorry check --fail-on none --format json > {path}"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise BaselineError(
                f"{path} is not the JSON report of a check. "
                f"Make it: unsorry check --fail-on none --format json > {path}"
            ) from error
        return cls(holes, broken)

    def compare(self, report: Report) -> Report:
        """The report with `new` where the baseline has not got it."""
        left = self.holes.copy()
        return replace(report, files=tuple(self._compared(file, left) for file in report.files))

    def _compared(self, file: CheckedFile, left: Counter[tuple[str, str]]) -> CheckedFile:
        findings = []
        for finding in file.findings:
            known = (finding.declaration, finding.key)
            new = left[known] <= 0
            if finding.kind != "fixed":
                left[known] -= 1
            findings.append(replace(finding, new=new))
        return replace(file, findings=tuple(findings), new=file.name not in self.broken)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a check fails on."""

    fail_on: FailOn

    def forbids(self, finding: Finding) -> bool:
        """Does a hole violate it?"""
        if finding.kind == "fixed" or self.fail_on == "none":
            return False
        if self.fail_on == "provable":
            return finding.kind == "provable"
        return self.fail_on == "any" or finding.new

    def forbids_file(self, file: CheckedFile) -> bool:
        """Does a file violate it because it doesn't elaborate? What it hides, nobody knows."""
        if file.elaborates or self.fail_on == "none":
            return False
        return self.fail_on != "new" or file.new

    def violations(self, report: Report) -> str:
        """What violates it, in words; empty when nothing does."""
        kinds: Counter[str] = Counter(
            finding.kind
            for file in report.files
            for finding in file.findings
            if self.forbids(finding)
        )
        new = "new " if self.fail_on == "new" else ""
        said = [counted(kinds[kind], f"{new}{kind} hole") for kind in sorted(kinds)]
        broken = sum(self.forbids_file(file) for file in report.files)
        return ", ".join([*said, *([broken_files(broken)] if broken else [])])
