"""A depth-first search over proof states: a move, and closers on each goal that it leaves.

Goals that were seen before are not tried again, and a goal that recurs below itself is cut. How
deep it goes and which moves come first is `structure`'s to say; it knows no premises and learns
nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from lean.protocol import GoalFeatures
from search.strategies.closers import PROBED, as_suggested, closers, is_search
from search.strategies.move import Move
from search.strategies.moves import takes_apart
from search.strategies.tries import Tries, parsed
from search.strategies.written import behind_all, written

FREE_MOVES = 6
"""Introducing and taking apart use up no depth, but are not done more often below one another."""


@dataclass(frozen=True, slots=True)
class State:
    """A proof state and the number of its goals; the first is the one in focus."""

    proof: int
    total: int


Found = tuple[list[str], State]
"""The lines that close the first goal of a state, and the state that is left."""


@dataclass(slots=True)
class ProofSearch:
    """One run on one goal. `offers` gives the moves for a goal, best first.

    `library`: leaves are also looked up there, which takes half a second each.
    """

    tries: Tries
    offers: Callable[[GoalFeatures], Iterable[Move]]
    library: bool = False
    _probed: frozenset[str] | None = None
    _shown: dict[int, GoalFeatures] = field(default_factory=dict)
    _exhausted: dict[str, int] = field(default_factory=dict)
    """By goal: the depth to which its moves were searched in vain."""
    _path: list[str] = field(default_factory=list)
    """The goals on the way to the one in focus."""
    _closed: dict[int, Found] = field(default_factory=dict)
    """By proof state: how its first goal was closed."""
    _moved: dict[tuple[int, str], State] = field(default_factory=dict)

    async def deepened(
        self, proof: int, depths: Iterable[int], moved: bool = True
    ) -> list[str] | None:
        """The lines of a script that proves a state of one goal; each depth in turn.

        `moved`: it begins with a move, even where a closer would do. Raises SessionDied.
        """
        for depth in depths:
            if self.tries.budget.exhausted:
                break
            found = await self.solve(State(proof, 1), depth, FREE_MOVES, moved)
            if found is not None:
                return found[0]
        return None

    async def solve(
        self, state: State, depth: int, free: int = FREE_MOVES, moved: bool = False
    ) -> Found | None:
        """Close the first goal of `state`: by a closer (not when it has to be `moved`), or by a
        move and its goals in turn.
        """
        features = await self.features(state.proof)
        if features.display in self._path:
            return None
        if not moved:
            closed = await self.close(state)
            if closed is not None:
                return closed
        if self._exhausted.get(features.display, -1) >= depth or self.tries.budget.exhausted:
            return None
        self._path.append(features.display)
        try:
            found = await self._by_moves(state, features, depth, free)
        finally:
            self._path.pop()
        if found is None and not self.tries.budget.exhausted:
            self._exhausted[features.display] = depth
        return found

    async def close(self, state: State) -> Found | None:
        """Close the first goal with one of the closers that have not failed on it."""
        if state.proof not in self._closed:
            features = await self.features(state.proof)
            probed = await self._available(state.proof)
            scripts = closers(features, probed, self.library, takes_apart(features))
            found = await self._close_with(state, features.display, scripts)
            if found is None:
                return None
            self._closed[state.proof] = found
        return self._closed[state.proof]

    async def move(self, state: State, move: Move) -> State | None:
        """The state after a move, or None where it does not apply."""
        key = (state.proof, move.text)
        if key not in self._moved:
            display = (await self.features(state.proof)).display
            outcome = await self.tries.applies(state.proof, display, move.text)
            if outcome is None or outcome.proof is None:
                return None
            self._moved[key] = State(outcome.proof, len(outcome.goals))
        return self._moved[key]

    async def features(self, proof: int) -> GoalFeatures:
        """The features of the first goal of a proof state."""
        if proof not in self._shown:
            self._shown[proof] = (await self.tries.session.features(proof, limit=1))[0]
        return self._shown[proof]

    async def _by_moves(
        self, state: State, features: GoalFeatures, depth: int, free: int
    ) -> Found | None:
        for move in self.offers(features):
            if move.weight > depth or (move.forced and not free):
                continue
            after = await self.move(state, move)
            if after is None:
                continue
            left = depth - move.weight
            found = await self._goals(state, move, after, left, free - 1 if move.forced else free)
            if found is not None:
                return found
            if move.forced or self.tries.budget.exhausted:
                break
        return None

    async def _goals(
        self, before: State, move: Move, state: State, depth: int, free: int
    ) -> Found | None:
        """Close the goals that `move` made out of the first goal of `before`."""
        scripts: list[list[str]] = []
        while state.total > before.total - 1:
            found = await self.solve(state, depth, free)
            if found is None:
                return None
            lines, state = found
            scripts.append(lines)
        return await self._shortened(before, move, scripts, state)

    async def _shortened(
        self, before: State, move: Move, scripts: Sequence[list[str]], after: State
    ) -> Found:
        """The move with its scripts, or `move <;> tactic` where one tactic does for all."""
        lines = written(move, scripts)
        if move.brief and len(lines) > 1:
            display = (await self.features(before.proof)).display
            singles = dict.fromkeys(lines[0] for lines in scripts if len(lines) == 1)
            for closer in reversed(singles):
                closed = await self._close_with(before, display, [behind_all(move, closer)])
                if closed is not None:
                    return closed
        return lines, after

    async def _close_with(self, state: State, display: str, scripts: Iterable[str]) -> Found | None:
        """Close the first goal of `state`, displayed so, with one of the scripts."""
        found = await self.tries.closes_first(state.proof, display, scripts)
        if found is None:
            return None
        script, outcome = found
        if is_search(script):
            return await self._close_with(state, display, as_suggested(script, outcome.suggestions))
        assert outcome.proof is not None
        return script.split("\n"), State(outcome.proof, state.total - 1)

    async def _available(self, proof: int) -> frozenset[str]:
        """The tactics of other libraries that there are."""
        if self._probed is None:
            self._probed = await parsed(self.tries.session, proof, PROBED)
        return self._probed
