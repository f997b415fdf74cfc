"""The bank with Unsorry, with Lean's own `try?`, and with the obvious one-liner: solved, and time.

Each has a session of its own and starts without memories; they see each lemma one after the other,
taking turns at being first, and what each finds passes the same verification. Times are of the
search and the verification, without reading the statement.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.lemmas import Lemma, bank_options, default_bank, load_bank
from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace
from bench.report import table
from lean.goal import Goal
from lean.session import Session
from lean.workspace import Workspace
from search.arms import Arm, default_arms
from search.budget import Budget
from search.engine import Engine
from search.events import GoalVerdict
from search.settings import Settings
from search.strategies.strategy import Available, Result, Weight

ONE_LINER = "first | omega | decide | simp | grind | exact?"
WARM_UP = Lemma("warm-up", "theorem warm_up (a b c : Nat) (h : a ∣ b) : a ∣ b * c")
"""The first `exact?` of a session builds its index, which none of the rivals should pay alone."""


@dataclass(frozen=True, slots=True)
class OneScript:
    """One script; with `suggests`, what it suggests is tried too, as a user would click on it."""

    name: str
    script: str
    suggests: bool = False
    weight: Weight = "light"
    timeout: float = 8.0
    family: str = "rival"
    parameters: str = "{}"

    def available(self, workspace: Workspace) -> Available:
        """Everywhere."""
        return Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Try the script, then its suggestions."""
        started = time.monotonic()
        heartbeats, found = 0, ""
        suggestions: tuple[str, ...] = ()
        async for outcome in session.check(goal.proofs, [self.script], budget.limits()):
            heartbeats, suggestions = outcome.heartbeats, outcome.suggestions
            if outcome.result == "proved" and not self.suggests:
                found = self.script
        if self.suggests and suggestions:
            checked = session.check(goal.proofs, suggestions, budget.limits(), first=True)
            async for outcome in checked:
                heartbeats += outcome.heartbeats
                if outcome.result == "proved":
                    found = suggestions[outcome.index]
        return Result(
            success=bool(found),
            strategy=self.name,
            tactics=tuple(found.split("\n")) if found else (),
            time_seconds=time.monotonic() - started,
            scripts_tried=1 + len(suggestions),
            heartbeats=heartbeats,
        )


RIVALS: dict[str, Sequence[Arm]] = {
    "try?": (Arm(OneScript("try?", "try?", suggests=True)),),
    ONE_LINER: (Arm(OneScript("one-liner", ONE_LINER)),),
}
OURS = "unsorry"


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Run all rivals over the bank, interleaved goal by goal."""
    bank: Path = chosen.bank or default_bank()
    lemmas = load_bank(bank, chosen.limit)
    arms: dict[str, Sequence[Arm]] = {OURS: default_arms(), **RIVALS}
    found: dict[str, list[GoalVerdict]] = {name: [] for name in arms}
    settings = Settings(sessions=1, spare=False, remember=False, tickets=False)
    async with AsyncExitStack() as stack:
        engines = {
            name: await stack.enter_async_context(Engine.open(bare_workspace(), settings, some))
            for name, some in arms.items()
        }
        for number, lemma in enumerate([WARM_UP, *lemmas]):
            names = list(arms)
            first = number % len(names)
            for name in names[first:] + names[:first]:
                verdict = await _prove(engines[name], lemma)
                if number:
                    found[name].append(verdict)
    return _measured(lemmas, found)


async def _prove(engine: Engine, lemma: Lemma) -> GoalVerdict:
    view = await engine.update(lemma.identifier, lemma.text)
    assert view is not None and len(view.goals) == 1, f"{lemma.identifier} can't be used"
    return await engine.prove(view.goals[0])


def _measured(lemmas: Sequence[Lemma], found: dict[str, list[GoalVerdict]]) -> Measurement:
    solved = {
        name: sum(verdict.kind == "proved" for verdict in some) for name, some in found.items()
    }
    seconds = {name: sum(verdict.seconds for verdict in some) for name, some in found.items()}
    rows = [
        [
            name,
            f"{solved[name]} of {len(lemmas)}",
            f"{seconds[name]:.2f} s",
            f"{1000 * seconds[name] / len(lemmas):.0f} ms",
            f"{seconds[name] / seconds[OURS]:.2f}",
        ]
        for name in found
    ]
    lines = table(["", "solved", "total", "mean", "time ÷ unsorry's"], rows)
    for name in found:
        open_ones = [
            lemma.identifier
            for lemma, verdict in zip(lemmas, found[name], strict=True)
            if verdict.kind != "proved"
        ]
        lines += ["", f"not solved by {name}: {', '.join(open_ones) or 'none'}"]
    targets = [Target(f"solved, beside {name}", solved[OURS], ">", solved[name]) for name in RIVALS]
    targets.append(Target("time ÷ time of try?", seconds[OURS] / seconds["try?"], "<", 1.0))
    figures = {
        name: {
            "solved": solved[name],
            "seconds": round(seconds[name], 3),
            "goals": {
                lemma.identifier: {
                    "verdict": verdict.kind,
                    "seconds": round(verdict.seconds, 4),
                    "script": verdict.script,
                }
                for lemma, verdict in zip(lemmas, found[name], strict=True)
            },
        }
        for name in found
    }
    return Measurement(lines, figures, targets)


def main() -> int:
    """The command line."""
    return run("rivals", "Unsorry beside try? and a one-liner.", measure, bank_options)


if __name__ == "__main__":
    sys.exit(main())
