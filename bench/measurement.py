"""What every measuring program shares: its options, its targets, how it reports and ends.

`python -m bench.NAME` prints a table, writes its figures with `--json FILE`, and with `--check`
exits 1 when a target is missed, naming it.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bench.report import machine
from lean.errors import LeanError


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and the bound it should keep."""

    name: str
    value: float
    relation: Literal[">=", "<=", ">", "<"]
    bound: float

    @property
    def met(self) -> bool:
        """Does the figure keep its bound?"""
        value, bound = self.value, self.bound
        match self.relation:
            case ">=":
                return value >= bound
            case "<=":
                return value <= bound
            case ">":
                return value > bound
            case "<":
                return value < bound

    def __str__(self) -> str:
        verdict = "met" if self.met else "MISSED"
        return f"{self.name}: {self.value:.4g} (target {self.relation} {self.bound:g}) {verdict}"


@dataclass(slots=True)
class Measurement:
    """What a program measured: lines for people, figures for machines, targets for `--check`."""

    lines: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)


def run(
    module: str,
    description: str,
    measure: Callable[[argparse.Namespace], Coroutine[Any, Any, Measurement]],
    options: Callable[[argparse.ArgumentParser], None] = lambda parser: None,
    arguments: Sequence[str] | None = None,
) -> int:
    """Run a measuring program from the command line; returns its exit code.

    `options` adds to the usual ones.
    """
    parser = argparse.ArgumentParser(prog=f"python -m bench.{module}", description=description)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    options(parser)
    chosen = parser.parse_args(arguments)
    try:
        measured = asyncio.run(measure(chosen))
    except LeanError as error:
        print(f"bench.{module}: {error}", file=sys.stderr)
        return 2
    return _finish(module, measured, chosen)


def _finish(module: str, measured: Measurement, chosen: argparse.Namespace) -> int:
    print("\n".join(measured.lines))
    if measured.targets:
        print("\n" + "\n".join(str(target) for target in measured.targets))
    if chosen.json is not None:
        targets = {
            target.name: {"value": target.value, "bound": f"{target.relation} {target.bound:g}"}
            for target in measured.targets
        }
        content = {
            "program": module,
            "machine": machine(),
            "figures": measured.figures,
            "targets": targets,
        }
        chosen.json.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
    missed = [target for target in measured.targets if not target.met]
    if chosen.check and missed:
        for target in missed:
            print(f"bench.{module}: missed: {target}", file=sys.stderr)
        return 1
    return 0
