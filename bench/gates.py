"""The milestone gates: what each of them measures, and whether it holds.

M0: Lean and the ledger work, and the blueprint renders if there is one. M1: profile 1 solves 40 %
of the toy bank within its share of the machine, and a fresh Lean takes every proof. M2: retrieval
lifts the solves on the hard goals over the micro strategies' by a two-digit percentage, both at
profile 1. Searches are the ablation's: results are written down at once and not searched for again.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.ablation import CONFIGURATIONS, Configuration, outcome_of
from bench.ablation_goals import Problem, Problems, problems
from bench.ablation_results import Outcome, Result, Results
from bench.lemmas import default_bank
from bench.measurement import Target
from bench.places import bare_workspace, bench_file
from bench.processor_share import ProcessorShare
from bench.rendering import rendered
from lean.errors import LeanError, WorkspaceError
from lean.workspace import Workspace
from search.engine import Engine
from search.settings import Settings
from server.check_up import CheckUp

TOY_SHARE = 0.40
"""Of the toy bank, solved by profile 1."""
LIFT = 0.10
"""The least two-digit percentage."""
SLACK = 0.05
"""By how much the mean share of the machine may be above its target, as in `bench.throttle`."""
MICRO = Configuration("gate: micro")
RETRIEVAL = Configuration(
    "gate: retrieval", ("neighbours", "premises"), "above", ("neighbours", "premises")
)
EVERYTHING = next(one for one in CONFIGURATIONS if one.name == "all")


@dataclass(frozen=True, slots=True)
class Gate:
    """What came of a gate; `problem` is why it fails besides its targets, or why it could not be
    measured.
    """

    name: str
    lines: tuple[str, ...] = ()
    targets: tuple[Target, ...] = ()
    problem: str = ""

    @property
    def holds(self) -> bool:
        """Is everything as it should be?"""
        return not self.problem and all(target.met for target in self.targets)


@dataclass(frozen=True, slots=True)
class Gates:
    """How to measure. `settings` are for the workspace (M0), `cpu_target` for M1, `limit`: only so
    many goals of each bank; results lie in the folder `output`.
    """

    workspace: Workspace
    settings: Settings
    output: Path
    cpu_target: float
    bank: Path | None = None
    hard: Path | None = None
    limit: int | None = None
    jobs: int | None = None

    async def measure(self, name: str) -> Gate:
        """The gate of this name: M0, M1 or M2. Raises WorkspaceError for a bank that is none."""
        measures = {"M0": self._works, "M1": self._toys, "M2": self._retrieval}
        try:
            return await measures[name]()
        except WorkspaceError:
            raise
        except LeanError as error:
            return Gate(name, problem=str(error))

    async def _works(self) -> Gate:
        settings = replace(self.settings, sessions=1)
        async with CheckUp.open(self.workspace, settings) as check_up:
            findings = [await check_up.toolchain(), await check_up.ledger()]
        findings.append(await rendered(self.workspace.root))
        return Gate(
            "M0",
            tuple(f"{finding.name}: {finding}" for finding in findings if finding.ok),
            problem=" ".join(f"{one.name}: {one}" for one in findings if not one.ok),
        )

    async def _toys(self) -> Gate:
        found = await problems([self.bank or default_bank()], self.limit)
        share = ProcessorShare(self.output / "processor.jsonl")
        name = f"gate: profile 1 at {self.cpu_target:g}"
        results = Results.resumed(self.output / "results.jsonl")
        known = len(results.rows)
        configuration = replace(EVERYTHING, name=name)
        # A run that finds everything done would only add idle time.
        with share.measured(name, lambda: len(results.rows) > known):
            outcome = await outcome_of(configuration, found, results, self._search(self.cpu_target))
        refused = await self._refused(found.goals, outcome)
        total, solved = len(found.goals), len(outcome.solved)
        return Gate(
            "M1",
            (
                f"{solved} of {total} toy goals solved by profile 1",
                *_not_searched(outcome),
                *(f"{goal} is not replayed: {reason}" for goal, reason in refused.items()),
            ),
            (
                Target("share of the toy bank that is solved", solved / total, ">=", TOY_SHARE),
                Target("proofs that a fresh Lean refuses", len(refused), "<=", 0),
                Target("share of the machine used", share.of(name), "<=", self.cpu_target + SLACK),
            ),
        )

    async def _retrieval(self) -> Gate:
        found = await problems([self.hard or bench_file("hard.jsonl")], self.limit)
        before = await self._solved(MICRO, found)
        after = await self._solved(RETRIEVAL, found)
        if after.unavailable:
            return Gate("M2", problem=f"Retrieval can't run: {after.unavailable}.")
        one, two, total = len(before.solved), len(after.solved), len(found.goals)
        return Gate(
            "M2",
            (
                f"{one} of {total} hard goals solved by the micro strategies at profile 1, "
                f"{two} with retrieval",
                *_not_searched(before),
                *_not_searched(after),
            ),
            (Target("lift of the solves by retrieval", lift(one, two, total), ">=", LIFT),),
        )

    async def _solved(self, configuration: Configuration, found: Problems) -> Outcome:
        results = Results.resumed(self.output / "results.jsonl")
        return await outcome_of(configuration, found, results, self._search(1.0))

    def _search(self, cpu_target: float) -> Settings:
        return Settings(
            1,
            automatic=False,
            sessions=self.jobs,
            spare=False,
            cpu_target=cpu_target,
            remember=False,
            tickets=False,
        )

    async def _refused(self, goals: Sequence[Problem], outcome: Outcome) -> dict[str, str]:
        """By goal: why a Lean that has seen nothing of the search does not take its proof."""
        refused = {}
        settings = replace(self._search(1.0), sessions=1, strategies=())
        async with Engine.open(bare_workspace(), settings) as engine:
            for goal in goals:
                if row := outcome.solved.get(goal.identifier):
                    reason = await _replayed(engine, goal, row)
                    if reason:
                        refused[goal.identifier] = reason
                    engine.forget(goal.path)
        return refused


def lift(before: int, after: int, total: int) -> float:
    """By what part of `before` the solves rise; where that is none, by what part of all goals."""
    return (after - before) / (before or total)


async def _replayed(engine: Engine, goal: Problem, row: Result) -> str:
    """Why the proof in `row` is refused; empty when it is taken."""
    try:
        view = await engine.update(goal.path, goal.above)
        handle = goal.handle(view) if view else None
        if handle is None:
            return "Lean does not see the goal"
        verdict = await engine.check(handle, row.script)
    except LeanError as error:
        return str(error)
    return "" if verdict.kind == "proved" else verdict.reason or "it is no proof"


def _not_searched(outcome: Outcome) -> list[str]:
    """A line for what could not be searched, if anything."""
    errors = Counter(row.reason for row in outcome.results if row.kind == "error")
    return [f"{count} goals could not be searched: {why}" for why, count in errors.items()]
