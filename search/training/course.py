"""From a workspace to a model: gather pairs, train, measure, and let the gate decide.

Each of these is a module of its own; this is their order, and what there is to tell afterwards.
"""

import asyncio
import contextlib
import importlib.metadata
import platform
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lean.pool import Pool
from lean.toolchain import Progress as Installing
from lean.toolchain import Toolchain, find_toolchain, silent
from lean.workspace import Workspace
from search.dojo.rows import load
from search.engine import Engine
from search.generation.generator import Generator
from search.generation.model_folder import kind_of
from search.generation.model_settings import ModelSettings
from search.generation.model_store import SHIPPED
from search.ledger_thread import LedgerThread
from search.project_imports import ProjectImports
from search.proof_steps import ProofStep
from search.settings import Settings
from search.strategies.copilot import Copilot
from search.strategies.strategy import Strategy
from search.training.errors import TrainingError, require_packages
from search.training.folders import size_of
from search.training.gate import Decision, decide, make_active, write_recipe
from search.training.gathering import STRATEGIES, Gathered, Gathering
from search.training.ledger_pairs import KnownProofs
from search.training.pairs import Split, split
from search.training.plan import CONVERTED, Plan, Progress, Trained
from search.training.trainer import clear, train
from search.training.trial import SECONDS, Nobody, Trial, Trials, exactness, warmed


@dataclass(frozen=True, slots=True)
class Request:
    """What to train on, and where the model goes.

    `files` are texts by what they are called; `ledger` is a file, or None; `curriculum`
    are seconds for practice. `output` is the folder of the active model.
    """

    workspace: Workspace
    settings: Settings
    files: Mapping[str, str]
    ledger: Path | None
    output: Path
    plan: Plan = field(default_factory=Plan)
    curriculum: float = 120.0
    trial_seconds: float = SECONDS

    @property
    def scratch(self) -> Path:
        """Where the training leaves its data and its best model, accepted or not."""
        return self.output.with_name(f".{self.output.name}.training")


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it. `counts` are pairs by side and source; `exact_1` and `exact_8` the parts of
    the held-out pairs whose tactic is the likeliest answer, or one of eight; `bytes` the size of
    the model, which lies in `folder`.
    """

    counts: Mapping[str, Mapping[str, int]]
    problems: tuple[str, ...]
    trained: Trained
    exact_1: float
    exact_8: float
    trials: tuple[Trial, ...]
    decision: Decision
    bytes: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Course:
    """One run of it. `say` hears what is being done, `report` how the training goes."""

    request: Request
    say: Callable[[str], None]
    report: Callable[[Progress], None]
    installing: Installing = silent

    async def run(self) -> Report:
        """Train, and keep what is better. Raises TrainingError, LeanError, OSError.

        Cancelled while it trains, it leaves the best model so far in `Request.scratch`.
        """
        require_packages()
        with _alone(self.request.scratch):
            request = self.request
            # What is found there when this run is broken off is its own.
            clear(request.scratch)
            toolchain = await find_toolchain(
                request.workspace, choice=request.settings.toolchain, progress=self.installing
            )
            gathered = await self._gathered()
            pairs = split(gathered.pairs, gathered.goals)
            self.say(f"training on {len(pairs.train)} pairs")
            trained = await train(request.plan, pairs, request.scratch, self.report)
            return await self._judged(toolchain, gathered, pairs, trained)

    async def _gathered(self) -> Gathered:
        """Everything there is to learn from."""
        request = self.request
        settings = replace(
            request.settings,
            strategies=STRATEGIES,
            policy_name="fixed",
            automatic=False,
            remember=False,
            tickets=False,
            spare=False,
        )
        known = await _known(request.ledger) if request.ledger else KnownProofs()
        async with Engine.open(
            request.workspace, settings, progress=self.installing, command="train"
        ) as engine:
            seed, seconds = request.plan.seed, request.curriculum
            gathering = Gathering(
                engine, request.files, known, seconds, seed, self.say, await self._traced()
            )
            return await gathering.run()

    async def _traced(self) -> Mapping[str, Sequence[ProofStep]]:
        """What LeanDojo has extracted; a trace that can't be read is no reason not to train."""
        try:
            return await asyncio.to_thread(load, self.request.workspace.root)
        except OSError as error:
            self.say(f"the trace of LeanDojo can't be read: {error}")
            return {}

    async def _judged(
        self, toolchain: Toolchain, gathered: Gathered, pairs: Split, trained: Trained
    ) -> Report:
        """Measure the new model, and put it in place if it is better."""
        request = self.request
        folder = request.scratch / CONVERTED
        async with self._generators(folder) as (new, active):
            exact = await exactness(new, pairs.held_out)
            contestants: list[tuple[str, Strategy]] = [("nothing", Copilot(Nobody()))]
            absent = "" if active is None else await warmed(active)
            if absent:
                # A model that can't be used at all must be replaceable, but not unnoticed.
                self.say(f"the active model takes no part: {absent}")
            elif active is not None:
                contestants.append(("active", Copilot(active)))
            contestants.append(("new", Copilot(new)))
            self.say(
                f"proving {len(gathered.held_out)} held-out goals with {len(contestants)} models"
            )
            trials = await self._trials(toolchain, gathered, contestants)
        by_name = {trial.name: trial for trial in trials}
        decision = decide(by_name["new"], by_name["nothing"], by_name.get("active"), absent)
        report = Report(
            counts=_counts(pairs),
            problems=tuple(gathered.problems),
            trained=trained,
            exact_1=exact[0],
            exact_8=exact[1],
            trials=tuple(trials),
            decision=decision,
            bytes=size_of(folder),
            folder=request.output if decision.accepted else folder,
        )
        write_recipe(folder, _recipe(request, toolchain, gathered, report))
        if decision.accepted:
            make_active(folder, request.output)
        return report

    async def _trials(
        self,
        toolchain: Toolchain,
        gathered: Gathered,
        contestants: Sequence[tuple[str, Strategy]],
    ) -> list[Trial]:
        request = self.request
        imports = ProjectImports(request.workspace, toolchain, self.installing)
        settings = request.settings
        async with Pool.open(
            request.workspace, toolchain, settings.sessions, False, settings.memory_ceiling
        ) as pool:
            trials = Trials(pool, imports, self.say, request.trial_seconds)
            return await trials.run(gathered.held_out, contestants)

    @contextlib.asynccontextmanager
    async def _generators(self, new: Path) -> AsyncIterator[tuple[Generator, Generator | None]]:
        """The new model and the active one, if there is one; ended afterwards."""
        active = active_model(self.request.output)
        async with contextlib.AsyncExitStack() as stack:
            models = [
                await stack.enter_async_context(Generator(ModelSettings(generator=str(folder))))
                for folder in ([new] if active is None else [new, active])
            ]
            yield models[0], models[1] if active is not None else None


def active_model(output: Path) -> Path | None:
    """The model that a new one has to beat: the one in its place, or the one that is shipped."""
    return next((folder for folder in (output, SHIPPED) if kind_of(folder) == "ctranslate2"), None)


@contextlib.contextmanager
def _alone(scratch: Path) -> Iterator[None]:
    """While no other training writes into the same folder. Raises TrainingError, OSError."""
    scratch.mkdir(parents=True, exist_ok=True)
    lock = FileLock(scratch / "lock", blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise TrainingError(
            f"Another training writes into {scratch}.", "Wait until it has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()


async def _known(ledger: Path) -> KnownProofs:
    async with LedgerThread.open(ledger, lambda kind, message: None) as opened:
        return await opened.do(KnownProofs.of)


def _counts(pairs: Split) -> dict[str, dict[str, int]]:
    sides = {"train": pairs.train, "validation": pairs.validation, "held out": pairs.held_out}
    return {side: dict(Counter(pair.source for pair in some)) for side, some in sides.items()}


def _recipe(
    request: Request, toolchain: Toolchain, gathered: Gathered, report: Report
) -> dict[str, Any]:
    """Everything that a person needs to make the model again, and to judge it."""
    packages = ("unsorry", "torch", "transformers", "ctranslate2")
    return {
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "versions": {
            "python": platform.python_version(),
            "lean": toolchain.lean_version,
            **{name: importlib.metadata.version(name) for name in packages},
        },
        "data": {
            "files": sorted(request.files),
            "pairs": report.counts,
            "curriculum_seconds": request.curriculum,
            "variations_tried": gathered.tried,
        },
        "plan": request.plan.as_json(),
        "parameters": report.trained.parameters,
        "training": report.trained.progress.as_json(),
        "scores": {
            "held_out_loss": report.trained.held_out_loss,
            "exact_match_1": report.exact_1,
            "exact_match_8": report.exact_8,
            "goals": {trial.name: f"{len(trial.solved)}/{trial.goals}" for trial in report.trials},
            "seconds_a_goal": request.trial_seconds,
            "held_out": sorted({goal.declaration for goal in gathered.held_out}),
        },
        "difference_after_conversion": report.trained.difference,
        "accepted": report.decision.accepted,
        "reason": report.decision.reason,
    }
