"""`micro`: a portfolio of closers and structural moves that reads the goal.

First every closer on the goal itself, then a depth-first search over proof states, deepened step by
step: a move, and closers on each goal it leaves. Goals that were seen before are not tried again.
What it finds is written as a person would: bullets or named alternatives, one line where one will
do. It knows no premises and learns nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from lean.goal import Goal
from lean.protocol import GoalFeatures, Outcome
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.strategies.micro_closers import (
    PROBED,
    QUICK_HEARTBEATS,
    closers,
    finite_checks,
    is_search,
    without_failures,
)
from search.strategies.micro_moves import GOAL, Move, moves, takes_apart
from search.strategies.minimise import minimised
from search.strategies.strategy import Available, Result, Weight

DEPTH = 4
"""Moves below one another that count; introducing and taking apart are free up to FREE_MOVES."""
FREE_MOVES = 6
INDENT = "  "

Stage = Literal["close", "structure"]


@dataclass(frozen=True, slots=True)
class Micro:
    """The strategy. `stages`: only the closers, only the search, or (the default) both."""

    stages: tuple[Stage, ...] = ("close", "structure")
    name: str = "micro"
    weight: Weight = "light"
    timeout: float = 8.0

    def available(self, workspace: Workspace) -> Available:
        """Everywhere: all it needs is Lean."""
        return Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Search a proof of `goal`. Raises SessionDied; proof states it made are dropped."""
        search = _Search(session, budget)
        started = time.monotonic()
        try:
            lines = await search.prove(goal, self.stages)
            if lines is not None:
                lines = await minimised(session, goal.proofs, lines, budget, goal.hole.declaration)
        finally:
            session.discard(proofs=search.made)
        return Result(
            success=lines is not None,
            strategy=self.name,
            tactics=tuple(lines or ()),
            time_seconds=time.monotonic() - started,
            subgoals=search.fewest,
            error="" if lines is not None else "no closer and no structure within the budget fits",
            scripts_tried=search.tried,
            heartbeats=search.heartbeats,
        )


@dataclass(frozen=True, slots=True)
class _State:
    """A proof state and the number of its goals; the first is the one in focus."""

    proof: int
    total: int


@dataclass(slots=True)
class _Search:
    """One run on one goal: what was made, what failed, and what it cost."""

    session: Session
    budget: Budget
    made: list[int] = field(default_factory=list)
    tried: int = 0
    heartbeats: int = 0
    fewest: tuple[str, ...] = ()
    probed: frozenset[str] = frozenset()
    failed: dict[str, set[str]] = field(default_factory=dict)
    """By goal: the closers that failed on it."""
    exhausted: dict[str, int] = field(default_factory=dict)
    """By goal: the depth to which its moves were searched in vain."""
    shown: dict[int, GoalFeatures] = field(default_factory=dict)

    async def prove(self, goal: Goal, stages: Sequence[Stage]) -> list[str] | None:
        """The lines of a script that closes every proof state of the goal, or None."""
        if not goal.proofs:
            return None
        parsed = await self.session.parses(goal.proofs[0], PROBED)
        self.probed = frozenset(t for t, ok in zip(PROBED, parsed, strict=True) if ok)
        if len(goal.proofs) > 1:
            return await self._prove_all(goal)
        root = _State(goal.proofs[0], 1)
        if "close" in stages:
            closed = await self._close(root, search=True)
            if closed is not None:
                return closed[0]
        if "structure" in stages:
            for depth in range(1, DEPTH + 1):
                if self.budget.exhausted:
                    return None
                found = await self._solve(root, depth, FREE_MOVES, top=True)
                if found is not None:
                    return found[0]
            if "close" not in stages:
                # Whoever tried the closers before may not have had the time for the last of them.
                closed = await self._close(root, search=True)
                return closed[0] if closed else None
        return None

    async def _prove_all(self, goal: Goal) -> list[str] | None:
        """A hole that stands for several goals (`<;> sorry`): one script has to close each."""
        first = await self._features(goal.proofs[0])
        flat = closers(first, self.probed, search=False)
        scripts = [*flat, *(f"intros; {closer}" for closer in flat)]
        limits = self.budget.limits(QUICK_HEARTBEATS)
        async for outcome in self.session.check(goal.proofs, scripts, limits, first=True):
            self._count(outcome)
            if outcome.result == "proved":
                return [scripts[outcome.index]]
            if self.budget.exhausted:
                break
        return None

    async def _solve(
        self, state: _State, depth: int, free: int, top: bool = False
    ) -> tuple[list[str], _State] | None:
        """Close the first goal of `state`: by a closer, or by a move and its goals in turn."""
        if not top:
            closed = await self._close(state, search=False)
            if closed is not None:
                return closed
        features = await self._features(state.proof)
        if self.exhausted.get(features.display, -1) >= depth or self.budget.exhausted:
            return None
        for move in moves(features):
            if move.weight > depth or (move.forced and not free):
                continue
            after = await self._move(state, move)
            if after is None:
                continue
            left = depth - move.weight
            found = await self._goals(state, move, after, left, free - 1 if move.forced else free)
            if found is not None:
                return found
            if move.forced or self.budget.exhausted:
                break
        if not self.budget.exhausted:
            self.exhausted[features.display] = depth
        return None

    async def _move(self, state: _State, move: Move) -> _State | None:
        """The state after a move, or None where it does not apply."""
        async for outcome in self.session.check(
            [state.proof], [move.text], self.budget.limits(QUICK_HEARTBEATS), keep=True
        ):
            self._count(outcome)
            if outcome.proof is not None:
                self.made.append(outcome.proof)
                return _State(outcome.proof, len(outcome.goals))
        return None

    async def _goals(
        self, before: _State, move: Move, state: _State, depth: int, free: int
    ) -> tuple[list[str], _State] | None:
        """Close the goals that `move` made out of the first goal of `before`."""
        scripts: list[list[str]] = []
        while state.total > before.total - 1:
            found = await self._solve(state, depth, free)
            if found is None:
                return None
            lines, state = found
            scripts.append(lines)
        return await self._shortened(before, move, scripts, state)

    async def _shortened(
        self, before: _State, move: Move, scripts: list[list[str]], after: _State
    ) -> tuple[list[str], _State]:
        """The move with its scripts, or `move <;> tactic` where one tactic does for all."""
        written = _written(move, scripts)
        if move.brief and len(written) > 1:
            singles = dict.fromkeys(lines[0] for lines in scripts if len(lines) == 1)
            for closer in reversed(singles):
                brief = f"{move.brief} <;> {closer if ';' not in closer else f'({closer})'}"
                closed = await self._try(before, [brief])
                if closed is not None:
                    return closed
        return written, after

    async def _close(self, state: _State, search: bool) -> tuple[list[str], _State] | None:
        """Close the first goal with one of the closers that have not failed on it."""
        features = await self._features(state.proof)
        failed = self.failed.setdefault(features.display, set())
        cheap = takes_apart(features)
        scripts = [*finite_checks(features), *closers(features, self.probed, search, cheap)]
        scripts = without_failures(scripts, failed)
        closed = await self._try(state, scripts)
        if closed is None:
            failed.update(scripts)
        return closed

    async def _try(self, state: _State, scripts: Sequence[str]) -> tuple[list[str], _State] | None:
        """The first of the scripts that closes the first goal of `state`."""
        if not scripts or self.budget.exhausted:
            return None
        bulleted = [f"· {script}".replace("\n", f"\n{INDENT}") for script in scripts]
        async for outcome in self.session.check(
            [state.proof], bulleted, self.budget.limits(QUICK_HEARTBEATS), keep=True, progress=True
        ):
            self._count(outcome)
            if outcome.proof is not None:
                self.made.append(outcome.proof)
                script = scripts[outcome.index]
                after = _State(outcome.proof, state.total - 1)
                if is_search(script):
                    return await self._try(state, outcome.suggestions)
                return script.split("\n"), after
            if self.budget.exhausted:
                break
        return None

    async def _features(self, proof: int) -> GoalFeatures:
        """The features of the first goal of a proof state."""
        if proof not in self.shown:
            self.shown[proof] = (await self.session.features(proof, limit=1))[0]
        return self.shown[proof]

    def _count(self, outcome: Outcome) -> None:
        self.tried += 1
        self.heartbeats += outcome.heartbeats
        if outcome.goals and (not self.fewest or len(outcome.goals) < len(self.fewest)):
            self.fewest = outcome.goals


def _written(move: Move, scripts: Sequence[list[str]]) -> list[str]:
    """The move with the script of each of its goals in its place."""
    if GOAL not in move.text:
        lines = move.text.split("\n")
        if len(scripts) == 1:
            return lines + scripts[0]
        for script in scripts:
            lines += [f"· {script[0]}", *(INDENT + line for line in script[1:])]
        return lines
    if move.text.startswith("refine"):
        return [move.text, *scripts[0]]
    lines, rest = [], list(scripts)
    for line in move.text.split("\n"):
        if GOAL not in line:
            lines.append(line)
            continue
        script = rest.pop(0) if rest else ["skip"]
        start = line.replace(f" {GOAL}", "")
        if len(script) == 1:
            lines.append(f"{start} {script[0]}")
        else:
            lines += [start, *(INDENT + inner for inner in script)]
    return lines
