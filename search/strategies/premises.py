"""`premises`: proofs by theorems that are relevant to the goal, of the library and of the document.

Which ones those are, the library says; the scripts are `premise_scripts`. First premises together
in one tactic, then behind an induction, then step by step in a search.
"""

import dataclasses
import importlib.util
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lean.goal import Goal
from lean.protocol import GoalFeatures, Outcome
from lean.session import Session
from lean.workspace import Workspace
from search.budget import Budget
from search.premises import premises_named
from search.retrieval.library import PremiseLibrary
from search.strategies.best_first import BestFirst, Proposal
from search.strategies.branch_scripts import (
    behind_inductions,
    by_inversion,
    by_same_constructors,
)
from search.strategies.minimise import minimised
from search.strategies.premise_scripts import (
    Choice,
    by_elimination,
    by_grind,
    cheap_closers,
    proposals,
    singly,
    together,
    with_fewer,
)
from search.strategies.strategy import Available, Result, Unavailable, Weight
from search.strategies.tries import Tries

if TYPE_CHECKING:
    from search.retrieval.sight import Sight

COUNT = 16
"""Premises that are retrieved for a goal."""
WAIT_SHARE = 0.3
"""Of the seconds, for a corpus that is not built yet; it goes on being built afterwards."""
SIMP_TIME = 0.25
GRIND_TIME = 0.6
SEARCH_TIME = 0.85
"""Of the seconds that are left each time; what remains is for Lean's own choice."""
SIMP_SHARE = 0.003
"""Of the heartbeats, for one `simp`: with some premises it does not end (successes took 1/10)."""
GRIND_SHARES = (0.008, 0.02)
"""For `grind`, and for whole inductions: of 12 that succeeded 10 took less than the first."""
FIRST = 3
"""Scripts with `grind` that come before inductions."""
GLANCE = 100
"""Heartbeats in which `grind` says whether it takes a theorem for a rule."""
REFUSED = "invalid `grind` theorem"
STEP_SHARE = 0.005
ATTEMPTS = 3
"""Proofs that turn out to rest on something unproved, before it is given up."""
SUGGESTED = ("simp_all? +suggestions", "grind? +suggestions")
"""Lean's own choice of premises; it refuses at once where nothing that chooses is imported."""


@dataclass(frozen=True, slots=True)
class Premises:
    """The strategy, with the library that it asks."""

    library: PremiseLibrary
    name: str = "premises"
    family: str = "premises"
    weight: Weight = "light"
    timeout: float = 8.0

    @property
    def parameters(self) -> str:
        """Changes when so much was learned that another attempt may find more."""
        return json.dumps({"learned": self.library.revision.bit_length()})

    def available(self, workspace: Workspace) -> Available | Unavailable:
        """Where numpy is installed."""
        if importlib.util.find_spec("numpy") is None:
            return Unavailable("numpy is not installed; pip install numpy")
        return Available()

    async def run(self, goal: Goal, session: Session, budget: Budget) -> Result:
        """Look for a proof of `goal` by relevant theorems.

        Raises SessionDied, RequestRefused; proof states it made are dropped.
        """
        run = _Run(self.library, Tries(goal, session, budget))
        lines: list[str] | None = None
        try:
            if goal.proofs:
                lines = await run.lines()
        finally:
            session.discard(proofs=run.tries.made)
        used = run.used("\n".join(lines or ()))
        self.library.note(run.retrieved, used)
        result = run.tries.result(self.name, lines, run.error, used)
        return dataclasses.replace(result, early=run.early)


@dataclass(slots=True)
class _Run:
    """One run on one goal. `retrieved` are the names of all premises that were tried, and whether
    they are of the document, where namespaces may be left out.
    """

    library: PremiseLibrary
    tries: Tries
    retrieved: dict[str, bool] = field(default_factory=dict)
    error: str = "no relevant theorem helps"
    _unproved: set[str] = field(default_factory=set)
    _sight: "Sight | None" = None

    async def lines(self) -> list[str] | None:
        """A script that proves the goal and rests on nothing unproved that is not in it."""
        tries = self.tries
        wait = WAIT_SHARE * tries.budget.left
        self._sight = await self.library.prepare(tries.session, tries.goal.proofs[0], wait)
        features = (await tries.goal.features(tries.session))[0]
        for _ in range(ATTEMPTS):
            found = await self._found(features)
            if found is None:
                return None
            lines = await minimised(tries, found)
            unproved = await self._rests_on("\n".join(lines))
            if not unproved:
                return lines
            self._unproved |= unproved
            self.error = f"a proof would rest on {min(unproved)}, which has none"
        return None

    @property
    def early(self) -> bool:
        """Were there theorems in sight that have not been read yet?"""
        return self._sight is not None and not self._sight.complete

    def used(self, script: str) -> tuple[str, ...]:
        """The retrieved premises that a script names, by their full names."""
        words = premises_named(script, self.retrieved) if script else ()
        inside = f"{self.tries.goal.hole.declaration}."

        def means(word: str, name: str, local: bool) -> bool:
            if not name.endswith(f".{word}"):
                return name == word
            # The namespace of the goal's own declaration is open, whatever file a name is from.
            return local or inside.startswith(name.removesuffix(word))

        return tuple(
            name
            for name, local in self.retrieved.items()
            if any(means(word, name, local) for word in words)
        )

    async def _found(self, features: GoalFeatures) -> list[str] | None:
        choice = self.choice(features)
        if not (choice.names or choice.definitions or choice.constructors):
            self.error = "no theorem in sight is relevant"
            if self.early:
                self.error = "the theorems in sight have not all been read yet"
            return None
        found = await self._at_once(choice, features) or await self._step_by_step()
        return found or await self._suggested()

    async def _at_once(self, choice: Choice, features: GoalFeatures) -> list[str] | None:
        """One tactic with several premises, on the goal or behind an induction."""
        simp = self._within(SIMP_TIME, SIMP_SHARE)
        found = await simp.closes(singly(choice))
        if found is None:
            choice = dataclasses.replace(choice, looping=self._looping(choice, simp))
            found = await simp.closes(together(choice, features))
        self._take_over(simp)
        if found is None:
            found = await self._all_branches(choice, features)
        return (await self._with_fewer(found[0])).split("\n") if found else None

    async def _all_branches(
        self, choice: Choice, features: GoalFeatures
    ) -> tuple[str, Outcome] | None:
        """What costs more than `simp`: all of it quickly, then what was not finished at length."""
        inner = self.choice(features, bodies=True)
        refused = await self._refused(dict.fromkeys([*choice.names, *inner.names]))
        choice = dataclasses.replace(choice, refused=refused)
        inner = dataclasses.replace(inner, refused=refused, looping=choice.looping)
        rules = by_grind(choice)
        scripts = [
            *by_elimination(choice),
            *rules[:FIRST],
            *by_same_constructors(features),
            *by_inversion(choice, features),
            *behind_inductions(inner, features),
            *rules[FIRST:],
        ]
        tries = self._within(GRIND_TIME, 0.0)
        try:
            for tries.share in GRIND_SHARES:
                found = await tries.closes(scripts)
                if found is not None:
                    return found
            return None
        finally:
            self._take_over(tries)

    async def _refused(self, names: Iterable[str]) -> frozenset[str]:
        """Theorems of which `grind` can make no rule; one of them spoils every list it is in."""
        tries, scripts = self.tries, {f"grind only [{name}]": name for name in names}
        limits = dataclasses.replace(tries.budget.limits(1), heartbeats=GLANCE)
        found = set()
        async for outcome in tries.session.check(tries.goal.proofs[:1], list(scripts), limits):
            tries.count(outcome)
            if REFUSED in outcome.message:
                found.add(list(scripts.values())[outcome.index])
        return frozenset(found)

    async def _with_fewer(self, script: str) -> str:
        """The script with fewer premises, if it does not need them all."""
        self.tries.share = GRIND_SHARES[-1]
        while found := await self.tries.closes(with_fewer(script)):
            script = found[0]
        return script

    def _within(self, time: float, share: float) -> Tries:
        """Tries for a part of the seconds that are left, with a share of the heartbeats each."""
        tries, budget = self.tries, self.tries.budget
        part = Budget(time * budget.left, budget.heartbeats, clock=budget.clock)
        return Tries(tries.goal, tries.session, part, share, tries.made)

    def _take_over(self, own: Tries) -> None:
        """Count what others tried."""
        self.tries.tried += own.tried
        self.tries.heartbeats += own.heartbeats
        if own.fewest and (not self.tries.fewest or len(own.fewest) < len(self.tries.fewest)):
            self.tries.fewest = own.fewest

    def choice(self, features: GoalFeatures, bodies: bool = False) -> Choice:
        """What is relevant to a goal, which may be one below the goal of the run; with `bodies`
        also to what is below its definitions.
        """
        assert self._sight is not None
        found = [
            one
            for one in self.library.retrieve(
                features, self._sight, COUNT + len(self._unproved), bodies
            )
            if one.name not in self._unproved
        ][:COUNT]
        self.retrieved |= {one.name: one.local for one in found}
        return Choice.of(found, features, bodies)

    def _looping(self, choice: Choice, tried: Tries) -> frozenset[str]:
        """Premises with which `simp` alone has used up its heartbeats."""
        failed = tried.goal.failures.get(tried.goal.text, {})
        limit = tried.budget.limits(tried.limit).heartbeats
        scripts = zip(choice.names, singly(choice), strict=False)
        return frozenset(name for name, script in scripts if failed.get(script) == limit)

    async def _step_by_step(self) -> list[str] | None:
        goal = self.tries.goal
        if len(goal.proofs) > 1 or self.tries.budget.exhausted:
            return None
        own = self._within(SEARCH_TIME, STEP_SHARE)
        try:
            search = BestFirst(own, _Proposer(self), closers=cheap_closers)
            return await search.run(goal.proofs[0])
        finally:
            self._take_over(own)

    async def _suggested(self) -> list[str] | None:
        """What Lean itself chooses, where it can."""
        self.tries.share = GRIND_SHARES[-1]
        found = await self.tries.closes(SUGGESTED)
        if found is None:
            return None
        replaced = await self.tries.closes(found[1].suggestions)
        return replaced[0].split("\n") if replaced else None

    async def _rests_on(self, script: str) -> set[str]:
        """What the proof rests on that is not proved, where it uses theorems of the document."""
        assert self._sight is not None
        tries = self.tries
        if not any(n is not None and self._sight.is_local(n) for n in self._numbers(script)):
            return set()
        finished = await self._finished(script)
        if finished is None or finished.proof is None:
            return set()
        return set((await tries.session.seal(finished.proof)).unproved)

    def _numbers(self, script: str) -> Iterator[int | None]:
        assert self._sight is not None
        return iter(self._sight.numbers(self.used(script)))

    async def _finished(self, script: str) -> Outcome | None:
        tries = self.tries
        outcome = await tries.session.step(
            tries.goal.proofs[0], script, tries.budget.limits(seconds=tries.budget.seconds)
        )
        tries.made += [outcome.proof] if outcome.proof is not None else []
        return outcome if outcome.result == "proved" else None


@dataclass(frozen=True, slots=True)
class _Proposer:
    """Steps for the goals of a search: of the same theorems, others are relevant to each."""

    run: _Run

    async def propose(self, goals: Sequence[GoalFeatures]) -> list[list[Proposal]]:
        return [proposals(self.run.choice(features), features) for features in goals]
