"""A best-first search over proof states, with tactics that somebody else proposes.

Who proposes (a model, the memory of earlier proofs, a list of premises) and what the scores mean is
not its business: it runs the proposals for the first goal of the likeliest state, and goes on from
what they leave. How a proof is found by moves that are read off the goal is `proof_search`.
"""

import heapq
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lean.forbidden import text_objection
from lean.protocol import GoalFeatures, Outcome
from search.strategies.closers import is_search
from search.strategies.proof_path import ProofPath, Step
from search.strategies.tries import Tries

MOST_STATES = 400
"""States that are looked at; a search that needs more has lost its way."""
MOST_STEPS = 20
"""Steps of one proof."""
MOST_GOALS = 16
"""Goals of one state; a tactic that leaves more made nothing simpler."""

_UNWANTED = re.compile(
    r"\b(?:sorry|admit|stop|sleep|native_decide|set_option|unsafe|include_str|private"
    r"|run_(?:tac|cmd|elab|meta)|by_elab|dbg_trace)\b"
)
"""Words of what `lean.forbidden` refuses in the end: a step to be taken back later, or a program
that would run before anybody has judged it."""
_UNKNOWN = re.compile(r"\?[^\W\d]")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A tactic for a goal. `score` is the logarithm of how likely it helps: at most 0."""

    tactic: str
    score: float


class Proposer(Protocol):
    """Whoever knows tactics for goals."""

    async def propose(self, goals: Sequence[GoalFeatures]) -> list[list[Proposal]]:
        """Tactics for each of the goals, best first."""


@dataclass(frozen=True, slots=True)
class _Node:
    """A state of the search: its proof state, its goals as displayed, and how it was reached."""

    proof: int
    goals: tuple[str, ...]
    score: float
    path: ProofPath


@dataclass(slots=True)
class BestFirst:
    """One search. `batch` states are looked at together, so that a proposer can answer for all of
    their goals at once; `most_states` in all, none after more than `most_steps` tactics.

    `closers` gives cheap scripts that are tried on each state first. States with the same goals are
    looked at once.
    """

    tries: Tries
    proposer: Proposer
    batch: int = 1
    most_states: int = MOST_STATES
    closers: Callable[[GoalFeatures], Iterable[str]] | None = None
    most_steps: int = MOST_STEPS
    expanded: int = 0
    """States for which proposals were tried."""
    _frontier: list[tuple[float, int, _Node]] = field(default_factory=list)
    _reached: set[tuple[str, ...]] = field(default_factory=set)
    """The goals of every state that was reached."""
    _proposed: dict[str, list[Proposal]] = field(default_factory=dict)
    _failed: set[tuple[str, str]] = field(default_factory=set)
    """Goals and tactics that do not apply to them. The failures of the goal don't say this: what
    leaves goals has failed to close one."""
    _pushed: int = 0

    async def run(self, proof: int) -> list[str] | None:
        """The lines of a script that proves a state of one goal; None when there is none within
        the budget. Raises SessionDied, and what the proposer raises.

        Proof states that are kept are in `tries.made`.
        """
        features = (await self.tries.session.features(proof, limit=1))[0]
        self._push(_Node(proof, (features.display,), 0.0, ProofPath()))
        looked_at = 0
        while self._frontier and looked_at < self.most_states:
            nodes = self._likeliest(min(self.batch, self.most_states - looked_at))
            looked_at += len(nodes)
            open_nodes: list[tuple[_Node, GoalFeatures]] = []
            for node in nodes:
                if self.tries.budget.exhausted:
                    return None
                features = (await self.tries.session.features(node.proof, limit=1))[0]
                found, replaced = await self._close(node, features)
                if found is not None:
                    return found
                if not replaced:
                    open_nodes.append((node, features))
            await self._ask([features for _, features in open_nodes])
            for node, features in open_nodes:
                found = await self._expand(node, features.display)
                if found is not None:
                    return found
            if self.tries.budget.exhausted:
                return None
        return None

    def _likeliest(self, count: int) -> list[_Node]:
        """States with the highest scores, less those that lead to nothing new."""
        nodes: list[_Node] = []
        while self._frontier and len(nodes) < count:
            node = heapq.heappop(self._frontier)[2]
            if not self._is_superseded(node):
                nodes.append(node)
        return nodes

    def _is_superseded(self, node: _Node) -> bool:
        """Was what comes after its first goals reached in another way?"""
        later = (node.goals[start:] for start in range(1, len(node.goals)))
        return not _entangled(node.goals) and any(goals in self._reached for goals in later)

    async def _close(self, node: _Node, features: GoalFeatures) -> tuple[list[str] | None, bool]:
        """The whole proof, if a closer ends it; and is the state of no more interest, because a
        closer did away with its first goal?
        """
        if self.closers is None:
            return None, False
        display, scripts = features.display, self.closers(features)
        closed = await self.tries.closes_first(node.proof, display, scripts)
        if closed is None or is_search(closed[0]):
            return None, False
        script, outcome = closed
        return self._follow(node, script, 0.0, outcome), not _entangled(node.goals)

    async def _ask(self, goals: Sequence[GoalFeatures]) -> None:
        """Have tactics proposed for the goals for which there are none yet."""
        new = {features.display: features for features in goals}
        new = {key: features for key, features in new.items() if key not in self._proposed}
        if new and not self.tries.budget.exhausted:
            proposed = await self.proposer.propose(list(new.values()))
            self._proposed.update(zip(new, proposed, strict=True))

    async def _expand(self, node: _Node, display: str) -> list[str] | None:
        """Run the proposals for the first goal, displayed so, in one request."""
        scores = {
            proposal.tactic.strip(): proposal.score
            for proposal in reversed(self._proposed.get(display, []))
            if _is_wanted(proposal.tactic)
        }
        tactics = [one for one in reversed(scores) if (display, one) not in self._failed]
        tries = self.tries
        if not tactics or tries.budget.exhausted:
            return None
        self.expanded += 1
        limits = tries.budget.limits(tries.limit)
        exchange = tries.session.check([node.proof], tactics, limits, keep=True, first=True)
        async for outcome in exchange:
            tactic = tactics[outcome.index]
            tries.count(outcome)
            if outcome.proof is None:
                self._failed.add((display, tactic))
                tries.goal.note_failure(display, tactic, limits.heartbeats, outcome)
            else:
                found = self._follow(node, tactic, scores[tactic], outcome)
                if found is not None:
                    return found
                if outcome.goals == node.goals[1:] and not _entangled(node.goals):
                    return None
            if tries.budget.exhausted:
                return None
        return None

    def _follow(self, node: _Node, tactic: str, score: float, outcome: Outcome) -> list[str] | None:
        """Go on from what a tactic left, unless it has been there; the lines when it left nothing.

        The proof state of the outcome is kept or dropped.
        """
        assert outcome.proof is not None
        path = node.path.then(Step(tactic, node.goals, outcome.goals))
        after = _Node(outcome.proof, outcome.goals, node.score + score, path)
        if not outcome.goals:
            self._keep(after)
            return path.lines()
        too_far = len(path.steps) >= self.most_steps or len(outcome.goals) > MOST_GOALS
        if too_far or outcome.goals in self._reached:
            self.tries.session.discard(proofs=[outcome.proof])
        else:
            self._keep(after)
            self._push(after)
        return None

    def _keep(self, node: _Node) -> None:
        if node.proof not in self.tries.made[-1:]:
            self.tries.made.append(node.proof)

    def _push(self, node: _Node) -> None:
        self._reached.add(node.goals)
        self._pushed += 1
        # Of states that are as likely, the one that was reached last: it has got furthest.
        heapq.heappush(self._frontier, (-node.score, -self._pushed, node))


def _entangled(goals: Sequence[str]) -> bool:
    """Do goals share unknowns, so that how one is proved matters to the others?"""
    return len(goals) > 1 and any(_UNKNOWN.search(goal) for goal in goals)


def _is_wanted(tactic: str) -> bool:
    return not (text_objection(tactic) or _UNWANTED.search(tactic) or is_search(tactic))
