"""How many held-out goals a model proves: real Lean, the strategy `copilot`, one budget for all.

Contestants meet the same goals on the same sessions, one after the other, each without knowing what
has failed for the others. What follows from it is `gate`'s to say.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lean.errors import LeanError, ProtocolError, SessionDied, WorkspaceError
from lean.hole import Hole
from lean.pool import Pool
from lean.positions import SourceText
from lean.verify import Policy
from search.attempt import Judge, Place, attempt
from search.budget import Budget
from search.desk import Desk
from search.difficulty import Difficulty
from search.generation.errors import ModelError
from search.generation.generator import Candidate, Generator
from search.generation.model_settings import ModelSettings, Role
from search.project_imports import ProjectImports
from search.reading import Reader
from search.strategies.strategy import Strategy
from search.training.gathering import HeldOut
from search.training.pairs import Pair
from search.training.plan import told

SECONDS = 5.0
"""For one goal."""
CANDIDATES = 8
"""As many as the strategy asks for (`search.strategies.generated`)."""
AT_ONCE = 16
"""Goals that a model is asked about together."""


@dataclass(slots=True)
class Trial:
    """What one contestant proved of `goals` goals: `solved` names them; `seconds` in all."""

    name: str
    goals: int
    solved: set[str] = field(default_factory=set)
    seconds: float = 0.0


class Nobody(Generator):
    """A model that never says anything: the search without a model."""

    def __init__(self) -> None:
        super().__init__(ModelSettings(generator=""))

    def problem(self, role: Role = "generator") -> str:
        """None."""
        return ""

    async def generate(
        self,
        texts: Sequence[str],
        beams: int = 4,
        candidates: int = 8,
        longest: int = 128,
        role: Role = "generator",
    ) -> list[list[Candidate]]:
        """No answers."""
        return [[] for _ in texts]


@dataclass
class Trials:
    """Trials of strategies on goals. `imports` has made the texts' imports importable."""

    pool: Pool
    imports: ProjectImports
    say: Callable[[str], None]
    seconds: float = SECONDS

    async def run(
        self, goals: Sequence[HeldOut], contestants: Sequence[tuple[str, Strategy]]
    ) -> list[Trial]:
        """The trial of each contestant. Raises ToolchainError."""
        trials = [Trial(name, len(goals)) for name, _ in contestants]
        waiting = deque(enumerate(goals))
        workers = [
            self._serve(waiting, list(zip(contestants, trials, strict=True)))
            for _ in range(self.pool.size)
        ]
        try:
            async with asyncio.TaskGroup() as group:
                for worker in workers:
                    group.create_task(worker)
        except* LeanError as errors:
            raise errors.exceptions[0] from None
        return trials

    async def _serve(
        self,
        waiting: deque[tuple[int, HeldOut]],
        entered: list[tuple[tuple[str, Strategy], Trial]],
    ) -> None:
        """Take goals as long as there are any, on one session after the other."""
        while waiting:
            async with self.pool.lease() as session:
                desk = Desk(session)
                while waiting and desk.usable:
                    number, goal = waiting.popleft()
                    # Who comes first changes: the session is a little warmer for the others.
                    turn = number % len(entered)
                    # A goal on which Lean dies, or that it does not find, counts for nobody.
                    with contextlib.suppress(SessionDied, ProtocolError, WorkspaceError):
                        await self._meet(desk, goal, entered[turn:] + entered[:turn])
                    self.say(f"{len(waiting)} goals left")

    async def _meet(
        self,
        desk: Desk,
        goal: HeldOut,
        entered: Sequence[tuple[tuple[str, Strategy], Trial]],
    ) -> None:
        source = SourceText(goal.text)
        prepared = await self.imports.prepare(source)
        if prepared.problem:
            return
        document = await desk.document(goal.path, source)
        holes = [hole for hole in document.holes if hole.declaration == goal.declaration]
        if goal.index >= len(holes):
            return
        hole: Hole = holes[goal.index]
        handle = await Reader(Difficulty()).goal(desk.session, document, hole, 0)
        place = Place(desk.session, document, hole, handle)
        judge = Judge(Policy(), self.imports.unproved)
        met: list[tuple[Trial, float, bool]] = []
        for (_, strategy), trial in entered:
            budget = Budget(self.seconds)
            _, verdict = await attempt(strategy, place, budget, {}, judge)
            met.append((trial, budget.spent, verdict.kind == "proved"))
        # Only now: where Lean dies for one, the others after it have not had their turn.
        for trial, seconds, proved in met:
            trial.seconds += seconds
            if proved:
                trial.solved.add(f"{goal.path}: {goal.declaration} {goal.index}")


async def exactness(generator: Generator, pairs: Sequence[Pair]) -> tuple[float, float]:
    """For which part of the pairs the tactic is the likeliest answer, and one of the eight
    likeliest. Raises ModelError.
    """
    first = among = 0
    for start in range(0, len(pairs), AT_ONCE):
        some = [told(pair) for pair in pairs[start : start + AT_ONCE]]
        answers = await generator.generate([goal for goal, _ in some], CANDIDATES, CANDIDATES)
        for (_, tactic), said in zip(some, answers, strict=True):
            texts = [candidate.text for candidate in said]
            first += texts[:1] == [tactic]
            among += tactic in texts
    return first / max(1, len(pairs)), among / max(1, len(pairs))


async def warmed(generator: Generator) -> str:
    """Have a model loaded before its time counts; why it can't be, twice, or the empty string."""
    problem = ""
    for _ in range(2):
        try:
            await generator.generate(["⊢ True"], 1, 1, 8)
        except ModelError as error:
            problem = str(error)
        else:
            return ""
    return problem
