"""Scripts tried on a goal and on goals below it: none that failed there before, and at what cost.

Every strategy tries its scripts here, so that what one of them learns spares the others the work.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lean.goal import Goal
from lean.protocol import Outcome
from lean.session import Session
from search.budget import Budget
from search.strategies.strategy import Result

SCRIPT_SHARE = 0.01
"""Of the budget's heartbeats, for one script: 2,000 of the usual 200,000.

Enough for nearly all (omega takes 100, grind 150, a warm exact? 700); a second at most.
"""
INDENT = "  "


@dataclass(slots=True)
class Tries:
    """What one run of a strategy tried. `share` of the budget's heartbeats is for each script.

    Proof states that are kept are in `made`, for whoever runs it to discard. `fewest` are the
    fewest goals that any script left.
    """

    goal: Goal
    session: Session
    budget: Budget
    share: float = SCRIPT_SHARE
    made: list[int] = field(default_factory=list)
    tried: int = 0
    heartbeats: int = 0
    fewest: tuple[str, ...] = ()
    started: float = field(default_factory=time.monotonic)

    def result(
        self,
        strategy: str,
        lines: Sequence[str] | None,
        error: str,
        premises: tuple[str, ...] = (),
    ) -> Result:
        """What came of the run: the lines of a proof, or None and why there is none."""
        return Result(
            success=lines is not None,
            strategy=strategy,
            tactics=tuple(lines or ()),
            time_seconds=time.monotonic() - self.started,
            subgoals=self.fewest,
            error="" if lines is not None else error,
            premises=premises,
            scripts_tried=self.tried,
            heartbeats=self.heartbeats,
        )

    @property
    def limit(self) -> int:
        """Heartbeats for one script."""
        return max(1, round(self.share * self.budget.heartbeats))

    async def closes(self, scripts: Iterable[str]) -> tuple[str, Outcome] | None:
        """The first script that proves every proof state of the goal. Raises SessionDied."""
        return await self._proves(self.goal.proofs, self.goal.text, scripts, keep=False)

    async def finishes(
        self, proof: int, display: str, scripts: Iterable[str], seconds: float
    ) -> tuple[str, Outcome] | None:
        """The first script that leaves nothing of a proof state, each within these seconds.

        `display` shows its goals; the outcome names the finished state. Raises SessionDied.
        """
        return await self._proves([proof], display, scripts, keep=True, seconds=seconds)

    async def closes_first(
        self, proof: int, display: str, scripts: Iterable[str]
    ) -> tuple[str, Outcome] | None:
        """The first script that closes the first goal of a proof state, displayed so.

        The outcome names the state that is left. Raises SessionDied.
        """
        fresh = self._fresh(display, scripts)
        bulleted = [f"· {script}".replace("\n", f"\n{INDENT}") for script in fresh]
        return await self._moves_on(proof, display, fresh, bulleted)

    async def applies(self, proof: int, display: str, move: str) -> Outcome | None:
        """What is left when a script is run on a proof state; None when it does not apply.

        `display` is its first goal. Raises SessionDied.
        """
        fresh = self._fresh(display, [move])
        found = await self._moves_on(proof, display, fresh, fresh)
        return found[1] if found else None

    async def _proves(
        self,
        proofs: Sequence[int],
        display: str,
        scripts: Iterable[str],
        keep: bool,
        seconds: float = 0.0,
    ) -> tuple[str, Outcome] | None:
        fresh = self._fresh(display, scripts)
        if not fresh or self.budget.exhausted:
            return None
        limits = self.budget.limits(self.limit, seconds)
        async for outcome in self.session.check(proofs, fresh, limits, keep=keep, first=True):
            script = fresh[outcome.index]
            self.count(outcome)
            if outcome.proof is not None:
                self.made.append(outcome.proof)
            if outcome.result == "proved":
                return script, outcome
            self.goal.note_failure(display, script, limits.heartbeats, outcome)
            if self.budget.exhausted:
                break
        return None

    async def _moves_on(
        self, proof: int, display: str, scripts: Sequence[str], written: Sequence[str]
    ) -> tuple[str, Outcome] | None:
        """The first script that does not fail, in the form in which it is `written`."""
        if not scripts or self.budget.exhausted:
            return None
        limits = self.budget.limits(self.limit)
        async for outcome in self.session.check([proof], written, limits, keep=True, progress=True):
            script = scripts[outcome.index]
            self.count(outcome)
            if outcome.proof is not None:
                self.made.append(outcome.proof)
                return script, outcome
            self.goal.note_failure(display, script, limits.heartbeats, outcome)
            if self.budget.exhausted:
                break
        return None

    def _fresh(self, display: str, scripts: Iterable[str]) -> list[str]:
        """The scripts that are not known to fail, each once."""
        limit = self.budget.limits(self.limit).heartbeats
        return [
            script
            for script in dict.fromkeys(scripts)
            if not self.goal.has_failed(display, script, limit)
        ]

    def count(self, outcome: Outcome) -> None:
        """Take note of what a script cost and left."""
        self.tried += 1
        self.heartbeats += outcome.heartbeats
        if outcome.goals and (not self.fewest or len(outcome.goals) < len(self.fewest)):
            self.fewest = outcome.goals


async def parsed(session: Session, proof: int, tactics: Iterable[str]) -> frozenset[str]:
    """Which of these tactics there are where the proof state stands. Raises SessionDied."""
    wanted = list(tactics)
    if not wanted:
        return frozenset()
    answers = await session.parses(proof, wanted)
    return frozenset(tactic for tactic, yes in zip(wanted, answers, strict=True) if yes)
