"""What each strategy adds: the banks, the hard goals and the projects with and without it.

Every configuration is a list of strategies for an engine that remembers nothing, and goals come one
after the other. Seconds are amounts of Lean's work (`lean.work`), the same on a busy machine, so
that several configurations may run at a time. A search sees of its file what stands above the goal;
only where `neighbours` learn from `others` it has all other proofs of all files. Each result is
written down at once, and a run that is started again goes on where it was.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.ablation_goals import HARD, Problem, Problems, Sight, problems
from bench.ablation_results import Gain, Outcome, Result, Results, as_lines, digest, found_by
from bench.hard import MICRO
from bench.measurement import Measurement, Target, run
from bench.places import bare_workspace
from lean.errors import LeanError
from search.arms import default_arms, default_drafters
from search.engine import Engine
from search.generation.model_settings import ModelSettings
from search.settings import Settings

EXIT_INTERRUPTED = 130
SHARE = 0.75
"""Of the hard goals that all strategies together should solve: 45 of 60."""
LATER = "it runs from profile 1 on"


@dataclass(frozen=True, slots=True)
class Configuration:
    """Strategies beyond the micro ones, and what neighbours may learn from.

    Without one that it `needs` it says nothing; the others it can do without.
    """

    name: str
    added: tuple[str, ...] = ()
    sight: Sight = "above"
    needs: tuple[str, ...] = ()

    @property
    def strategies(self) -> tuple[str, ...]:
        """All that may run."""
        return (*MICRO, *self.added)

    def around(self, found: Problems) -> dict[str, str]:
        """The texts that a search knows besides the goal's own."""
        return found.texts if self.sight == "others" else {}


def _plus(name: str, strategy: str, sight: Sight = "above") -> Configuration:
    return Configuration(name, (strategy,), sight, (strategy,))


CONFIGURATIONS = (
    Configuration("micro"),
    _plus("+induct", "induct"),
    _plus("+neighbours (others)", "neighbours", "others"),
    _plus("+neighbours (above)", "neighbours"),
    _plus("+premises", "premises"),
    _plus("+copilot", "copilot"),
    Configuration("all", ("neighbours", "premises", "copilot", "reprover")),
    Configuration("all +induct", ("induct", "neighbours", "premises", "copilot", "reprover")),
)
"""`all` are those that run unless somebody says otherwise, which `induct` does not. `sketch` is not
among them: it is paid for.
"""


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Run what has not been run, and compare."""
    wanted = [one for one in CONFIGURATIONS if not chosen.only or one.name in chosen.only]
    results = Results.resumed(chosen.output)
    found = await problems(chosen.goals, chosen.limit)
    settings = _settings(chosen)
    at_once = asyncio.Semaphore(max(1, chosen.jobs))

    async def in_turn(configuration: Configuration) -> Outcome:
        async with at_once:
            return await outcome_of(configuration, found, results, settings)

    outcomes = await asyncio.gather(*map(in_turn, wanted))
    totals = dict(Counter(problem.source for problem in found.goals))
    lines = as_lines(outcomes, totals)
    for outcome in outcomes:
        if outcome.name.startswith("all"):
            lines += ["", *found_by(outcome.results)]
    return Measurement(lines, _figures(outcomes, totals), _targets(outcomes, totals))


async def outcome_of(
    configuration: Configuration, found: Problems, results: Results, settings: Settings
) -> Outcome:
    """One configuration over all goals; what `results` has already is not searched again.

    Its strategies take the place of those of `settings`. Raises ToolchainError.
    """
    chosen = replace(settings, strategies=configuration.strategies, frozen=frozenset())
    async with Engine.open(bare_workspace(), chosen) as engine:
        missing = _missing(engine, configuration, late=not chosen.effort.heavy_seconds)
        needed = [missing[name] for name in configuration.needs if name in missing]
        if needed:
            return Outcome(configuration.name, unavailable="; ".join(needed))
        running = {arm.name: arm.strategy.parameters for arm in engine.scheduler.arms}
        drafting = sorted({*configuration.added} - {*running, *missing})
        circumstances = (
            running,
            drafting,
            configuration.around(found),
            settings.profile,
            settings.seed,
        )
        asked = Asked(engine, configuration, found, results, circumstances)
        without = tuple(f"{name} ({reason})" for name, reason in missing.items())
        return Outcome(configuration.name, await asked.all(), without=without)


@dataclass(slots=True)
class Asked:
    """One configuration's run over the goals.

    `circumstances` are what else a result depends on, besides the text.
    """

    engine: Engine
    configuration: Configuration
    found: Problems
    results: Results
    circumstances: Sequence[object]
    _last: str = ""

    async def all(self) -> tuple[Result, ...]:
        """The results of all goals, those that are known taken from the file."""
        rows = []
        for number, problem in enumerate(self.found.goals, 1):
            text = problem.text(self.configuration.sight)
            key = digest(text, *self.circumstances)
            row = self.results.find(self.configuration.name, problem.identifier, key)
            if row is None:
                row = await self._asked(problem, text, key)
                self.results.add(row)
                place = f"{self.configuration.name}, {number} of {len(self.found.goals)}"
                said = f"{row.kind} {row.seconds:.1f} s {row.strategy}".rstrip()
                print(f"{place}: {problem.identifier} {said}", file=sys.stderr, flush=True)
            rows.append(row)
        return tuple(rows)

    async def _asked(self, problem: Problem, text: str, key: str) -> Result:
        """Search one goal, with nothing learned but what its sight allows."""
        row = Result(self.configuration.name, problem.identifier, problem.source, key, "error")
        try:
            await self._surround(problem)
            view = await self.engine.update(problem.path, text)
            handle = problem.handle(view) if view else None
            if handle is None:
                return replace(row, reason="Lean does not see the goal")
            verdict = await self.engine.prove(handle)
        except LeanError as error:
            return replace(row, reason=str(error))
        return replace(
            row,
            kind=verdict.kind,
            strategy=verdict.strategy,
            seconds=round(verdict.seconds, 3),
            script=verdict.script,
            reason=verdict.reason,
        )

    async def _surround(self, problem: Problem) -> None:
        """Have the engine know the files that this goal may be solved with, and no others."""
        around = self.configuration.around(self.found)
        if not self._last:
            for path, text in around.items():
                await self.engine.update(path, text)
        elif self._last != problem.path:
            if self._last in around:
                await self.engine.update(self._last, around[self._last])
            else:
                self.engine.forget(self._last)
        self._last = problem.path
        # What was found for the goals before is no proof that anybody has written.
        self.engine.resources.forget("")


def _missing(engine: Engine, configuration: Configuration, late: bool) -> dict[str, str]:
    """The added strategies that can't run, and why."""
    arms, drafters = default_arms(engine.resources), default_drafters(engine.resources)
    reasons = dict.fromkeys(configuration.added, "there is no such strategy")
    reasons |= {arm.name: "" for arm in arms} | {drafter.name: "" for drafter in drafters}
    if late:
        reasons |= {arm.name: LATER for arm in arms if arm.strategy.weight == "heavy"}
        reasons |= {drafter.name: LATER for drafter in drafters}
    reasons |= engine.left_out
    return {name: reasons[name] for name in configuration.added if reasons[name]}


def _settings(chosen: argparse.Namespace) -> Settings:
    return Settings(
        chosen.profile,
        automatic=False,
        sessions=1,
        spare=False,
        remember=False,
        tickets=False,
        models=ModelSettings(generator=chosen.generator),
        seed=chosen.seed,
        repeatable=True,
    )


def _figures(outcomes: Sequence[Outcome], totals: dict[str, int]) -> dict[str, object]:
    first = outcomes[0]
    return {
        "goals": totals,
        "configurations": {
            outcome.name: {
                "unavailable": outcome.unavailable,
                "without": outcome.without,
                "solved": {source: outcome.solved_of(source) for source in totals},
                "mean_seconds": round(outcome.mean_seconds, 3),
                "won": Gain.over(first, outcome).won,
                "lost": Gain.over(first, outcome).lost,
                "time_ratio": round(Gain.over(first, outcome).ratio, 3),
                "errors": sorted(row.goal for row in outcome.results if row.kind == "error"),
            }
            for outcome in outcomes
        },
    }


def _targets(outcomes: Sequence[Outcome], totals: dict[str, int]) -> list[Target]:
    hard = totals.get(HARD, 0)
    by_name = {outcome.name: outcome for outcome in outcomes}
    targets = []
    if hard and "micro" in by_name:
        solved = by_name["micro"].solved_of(HARD)
        targets.append(Target("hard goals that micro tactics solve", solved, "<=", 0))
    if hard and "all" in by_name:
        share = by_name["all"].solved_of(HARD) / hard
        targets.append(Target("share of the hard goals that all solve", share, ">=", SHARE))
    errors = sum(row.kind == "error" for outcome in outcomes for row in outcome.results)
    return [*targets, Target("goals that could not be searched", errors, "<=", 0)]


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--goals", type=Path, nargs="+", default=[], metavar="FILE", help="these banks or files"
    )
    parser.add_argument(
        "--profile",
        type=int,
        choices=(0, 1, 2),
        default=1,
        help="how hard to try (default: 1, which takes hours; with 0 heavy strategies don't run)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the policy")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=[one.name for one in CONFIGURATIONS],
        metavar="NAME",
        help="these configurations: " + ", ".join(one.name for one in CONFIGURATIONS),
    )
    parser.add_argument(
        "--generator",
        default="trained",
        metavar="MODEL",
        help="copilot's: a name or a path",
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="configurations at a time, one core each"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N goals of each")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("bench/results/ablation.jsonl"),
        metavar="FILE",
        help="where results go as they come, and are taken from",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    try:
        return run("ablation", "What each strategy adds.", measure, _options, arguments)
    except KeyboardInterrupt:
        print("bench.ablation: interrupted; the same command goes on from here.", file=sys.stderr)
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
