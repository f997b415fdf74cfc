"""How far a goal can be taken by one structural move: what is left may be a lemma that helps.

For goals that the strategies did not prove. What becomes of the goals that are left, and whether
they are true, is for whoever asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lean.goal import Goal
from lean.session import Session
from search.budget import Budget
from search.strategies.move import Move
from search.strategies.moves import inductive_moves
from search.strategies.proof_search import ProofSearch, State
from search.strategies.tries import INDENT, Tries
from search.strategies.written import written

MOST_LEFT = 2
"""More goals than these are no progress worth asking others about."""
DEPTHS = (0, 1)
"""Moves by which the goals after the first move may be closed, the cheap way first."""


def place(number: int) -> str:
    """What stands where the script of the goal left with this number, from 0, has to go."""
    return f"⟪{number + 1}⟫"


@dataclass(frozen=True, slots=True)
class PartialProof:
    """A script with a place for each goal that is left.

    `remaining` are those goals as displayed; they are the goals of proof state `proof`, in this
    order, which whoever asked discards. `fill` needs one script for each.
    """

    script_with_holes: str
    remaining: tuple[str, ...]
    proof: int

    def fill(self, scripts: Sequence[str]) -> str:
        """The whole script, these in the places of the goals that are left, in their order.

        Raises ValueError when there are not as many as places.
        """
        if len(scripts) != len(self.remaining):
            raise ValueError(f"{len(self.remaining)} scripts are wanted, not {len(scripts)}")
        lines = self.script_with_holes.split("\n")
        for number, script in enumerate(scripts):
            ending = place(number)
            at = next((i for i, line in enumerate(lines) if line.endswith(ending)), None)
            if at is None:
                raise ValueError(f"there is no place {ending} in the script")
            lines[at : at + 1] = _filled(lines[at].removesuffix(ending), script.split("\n"))
        return "\n".join(lines)


async def partial_proof(goal: Goal, session: Session, budget: Budget) -> PartialProof | None:
    """The script that leaves the fewest goals, each another than `goal`; None where none does.

    None too for a hole that stands for several goals. Raises SessionDied; but for the one state
    that it returns, it leaves no proof state behind.
    """
    if len(goal.proofs) != 1:
        return None
    tries = Tries(goal, session, budget)
    kept: PartialProof | None = None
    try:
        kept = await _Reduction(ProofSearch(tries, inductive_moves)).best(State(goal.proofs[0], 1))
    finally:
        session.discard(proofs=[made for made in tries.made if not kept or made != kept.proof])
    return kept


@dataclass(slots=True)
class _Reduction:
    """One run on one goal."""

    search: ProofSearch

    async def best(self, state: State) -> PartialProof | None:
        """What the best move leaves of a state with one goal."""
        lines: list[str] = []
        shown = [(await self.search.features(state.proof)).display]
        while (forced := await self._forced(state)) is not None:
            move, state = forced
            lines += move.text.split("\n")
            shown.append((await self.search.features(state.proof)).display)
        features = await self.search.features(state.proof)
        best: PartialProof | None = None
        for depth in DEPTHS:
            for move in inductive_moves(features):
                if self.search.tries.budget.exhausted or (best and _badness(best) == (1, 0)):
                    return best
                after = await self.search.move(state, move)
                found = await self._left(after, move, lines, depth) if after else None
                if found is None or set(found.remaining) & set(shown):
                    continue
                if best is None or _badness(found) < _badness(best):
                    best = found
        return best

    async def _forced(self, state: State) -> tuple[Move, State] | None:
        """A move that nothing speaks against and that leaves one goal, with what it leaves."""
        features = await self.search.features(state.proof)
        for move in inductive_moves(features):
            if move.forced and (after := await self.search.move(state, move)) is not None:
                return (move, after) if after.total == 1 else None
        return None

    async def _left(
        self, state: State, move: Move, before: list[str], depth: int
    ) -> PartialProof | None:
        """What is left when all goals that can be closed are; None when that is too much."""
        scripts: list[list[str]] = []
        remaining: list[str] = []
        for _ in range(state.total):
            found = await self.search.solve(state, depth)
            if found is not None:
                script, state = found
                scripts.append(script)
                continue
            display = (await self.search.features(state.proof)).display
            after = await self.search.move(state, Move("rotate_left"))
            if len(remaining) == MOST_LEFT or after is None:
                return None
            scripts.append([place(len(remaining))])
            remaining.append(display)
            state = after
        if not remaining or len(remaining) == len(scripts):
            # A proof, which the strategies would have found with more time; or no step ahead.
            return None
        text = "\n".join([*before, *written(move, scripts)])
        return PartialProof(text, tuple(remaining), state.proof)


def _badness(partial: PartialProof) -> tuple[int, int]:
    """Few goals are good, and names that a script can use."""
    return len(partial.remaining), sum("✝" in display for display in partial.remaining)


def _filled(before: str, script: Sequence[str]) -> list[str]:
    """The lines of a script in a place that has this before it on its line."""
    indentation = before[: len(before) - len(before.lstrip())]
    opening = before.strip()
    if not opening:
        return [indentation + line for line in script]
    if opening == "·":
        first = f"{indentation}· {script[0]}"
        return [first, *(indentation + INDENT + line for line in script[1:])]
    if len(script) == 1:
        return [before + script[0]]
    return [before.rstrip(), *(indentation + INDENT + line for line in script)]
