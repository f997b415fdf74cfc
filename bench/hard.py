"""The harder goals: that their references are proofs, and that micro tactics alone prove none.

A line of `hard.jsonl` is a lemma of a bank with three fields more: `family`, the development that
it stands in; `why`, what makes it hard; `reference`, the script of a proof. What stands above a
goal in its family is in its `preamble`, with proofs. No search sees the reference of the goal that
it is at.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.lemmas import Lemma, load_bank
from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace, bench_file
from bench.report import table
from lean.errors import WorkspaceError
from search.engine import Engine
from search.events import GoalHandle
from search.settings import EFFORTS, Profile, Settings

MICRO = (
    "evaluate",
    "arithmetic",
    "hypotheses",
    "simplify",
    "grind",
    "refute",
    "library",
    "induction",
    "structure",
    "refute_long",
    "deep",
)
"""The strategies that neither remember nor choose premises nor draft."""
MICRO_PROFILES: tuple[Profile, ...] = (0, 1)
"""Of the effort that none of the goals may fall to."""
FEWEST = 60
DEVELOPMENT = 3
"""Goals from which on a family is something to learn from, in its order."""


@dataclass(frozen=True, slots=True)
class HardGoal:
    """A goal with a proof of it, which is for checking and for others to learn from."""

    lemma: Lemma
    family: str
    why: str
    reference: str

    @property
    def identifier(self) -> str:
        """The lemma's."""
        return self.lemma.identifier

    @property
    def proved(self) -> str:
        """The text above the goal and the goal, with the reference for a proof."""
        head = self.lemma.text.removesuffix("  sorry\n")
        return head + "\n".join(f"  {line}" if line else "" for line in self.reference.split("\n"))

    def within(self, development: str) -> str:
        """The whole development without the proof of this goal. Raises ValueError: not its own."""
        if not development.startswith(self.proved):
            raise ValueError(f"{self.identifier} is not a part of this development")
        return self.lemma.text.rstrip("\n") + development[len(self.proved) :]


def hard_goals(path: Path | None = None) -> list[HardGoal]:
    """The goals of a file, `hard.jsonl` unless told otherwise. Raises WorkspaceError."""
    path = path or bench_file("hard.jsonl")
    lemmas = load_bank(path)
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    goals = []
    for lemma, row in zip(lemmas, rows, strict=True):
        told = [row.get(name) for name in ("family", "why", "reference")]
        if not all(isinstance(text, str) and text for text in told):
            raise WorkspaceError(
                f"{path}: {lemma.identifier} lacks 'family', 'why' or 'reference'.",
                "Give it all three.",
            )
        goals.append(HardGoal(lemma, *told))
    return goals


def developments(goals: Sequence[HardGoal]) -> dict[str, str]:
    """The text of each family, with all of its proofs.

    Raises ValueError for a goal that is not above the next one of its family.
    """
    found: dict[str, str] = {}
    for goal in goals:
        if not goal.proved.startswith(found.get(goal.family, "")):
            raise ValueError(f"{goal.identifier} does not follow what is above it in its family")
        found[goal.family] = goal.proved
    return found


async def goal_of(engine: Engine, goal: HardGoal) -> GoalHandle | str:
    """The goal as the engine sees it, or what is wrong with its text."""
    view = await engine.update(f"{goal.family}.lean", goal.lemma.text)
    if view is None or view.document.errors:
        said = [message.text for message in view.document.errors] if view else ["no text"]
        return f"the statement can't be used: {said[0]}"
    return view.goals[0] if len(view.goals) == 1 else f"{len(view.goals)} holes"


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Check the references, and with `--micro` that nothing is too easy."""
    goals = hard_goals(chosen.goals)
    developments(goals)
    if chosen.only:
        goals = [goal for goal in goals if {goal.identifier, goal.family} & set(chosen.only)]
    settings = Settings(
        automatic=False,
        sessions=chosen.jobs,
        spare=False,
        strategies=MICRO,
        remember=False,
        tickets=False,
    )
    async with Engine.open(bare_workspace(), settings) as engine:
        wrong = await _wrong_references(engine, goals)
        easy = await _solved_by_micro(engine, goals) if chosen.micro else {}
    families = Counter(goal.family for goal in goals)
    lines = table(["family", "goals"], [[name, count] for name, count in families.items()])
    lines += ["", *table(["goal", "why it is hard"], [[g.identifier, g.why] for g in goals])]
    lines += ["", *(f"{name}: {reason}" for name, reason in wrong.items())]
    lines += [f"{name}: proved by {strategy}" for name, strategy in easy.items()]
    targets = [Target("references that are no proofs", len(wrong), "<=", 0)]
    if chosen.micro:
        targets.append(Target("goals that micro tactics prove", len(easy), "<=", 0))
    if not chosen.only:
        together = sum(count for count in families.values() if count >= DEVELOPMENT)
        targets += [
            Target("goals", len(goals), ">=", FEWEST),
            Target("share of goals in developments", together / len(goals), ">=", 1 / 3),
        ]
    figures: dict[str, object] = {"families": dict(families), "wrong": wrong}
    return Measurement(lines, figures | ({"micro": easy} if chosen.micro else {}), targets)


async def _wrong_references(engine: Engine, goals: Sequence[HardGoal]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for goal in goals:
        handle = await goal_of(engine, goal)
        if isinstance(handle, str):
            wrong[goal.identifier] = handle
            continue
        verdict = await engine.check(handle, goal.reference)
        if verdict.kind != "proved":
            wrong[goal.identifier] = verdict.reason or "it is not accepted"
    return wrong


async def _solved_by_micro(engine: Engine, goals: Sequence[HardGoal]) -> dict[str, str]:
    """By goal: the micro strategy that proves it, with the usual effort or with the next higher."""
    easy: dict[str, str] = {}
    for number, goal in enumerate(goals, 1):
        handle = await goal_of(engine, goal)
        if isinstance(handle, str):
            continue
        for profile in MICRO_PROFILES:
            # Heavy strategies run however easy the goal looks.
            verdict = await engine.prove(handle, replace(EFFORTS[profile], forced=True))
            place = f"{number} of {len(goals)}, profile {profile}"
            print(f"{place}: {goal.identifier} {verdict.kind}", file=sys.stderr, flush=True)
            if verdict.kind == "proved":
                easy[goal.identifier] = f"{verdict.strategy}, profile {profile}"
                break
    return easy


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--goals", type=Path, metavar="FILE", help="another file of such goals")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these goals or families")
    parser.add_argument("--micro", action="store_true", help="let micro tactics try (an hour)")
    parser.add_argument("--jobs", type=int, metavar="N", help="Lean sessions at a time")


def main() -> int:
    """The command line."""
    return run("hard", "Check the harder goals.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
