"""One draft filled in: Lean elaborates it, its holes are searched as goals of their own, and the
script that comes of it is judged at the goal.

The holes are pursued by whoever gives `prove`; no session is held while they are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from lean.document import Document
from lean.errors import WorkspaceError
from lean.forbidden import text_objection
from lean.goal import Goal
from lean.hole import Hole
from lean.positions import SourceText
from search.attempt import Judge, Place
from search.budget import Budget
from search.desk import Desk
from search.drafting.draft import Draft, Feedback, OpenHole
from search.drafting.reading import DraftedDocument
from search.drafting.script import filled, places, written_out
from search.events import GoalHandle, GoalVerdict
from search.reading import Reader
from search.standing import Locate, Standing
from search.strategies.minimise import minimised
from search.strategies.tries import Tries

PATH_PREFIX = "draft:"
"""How the path begins of what is no file, but a draft at a goal."""
MINIMISED_WITHIN = 2.0
"""Seconds for making a script shorter."""
MOST_HOLES = 24

Prove = Callable[[GoalHandle, Locate, float], Awaitable[GoalVerdict]]
"""Searches one hole of a draft within so many seconds."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A draft as Lean read it, with a goal for each of its holes."""

    script: str
    drafted: DraftedDocument | None
    goals: tuple[GoalHandle, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """Fills drafts for the goal of `standing`; `one_by_one`: no two holes at a time."""

    standing: Standing
    reader: Reader
    judge: Callable[[], Judge]
    prove: Prove
    one_by_one: bool = False

    async def fill(
        self, draft: Draft, seconds: float
    ) -> tuple[GoalVerdict | None, Feedback, tuple[GoalVerdict, ...]]:
        """The verdict on the goal, if the draft proves it; what came of it otherwise; and the
        verdicts on its holes, each of which had its share of `seconds`. Raises LeanError.
        """
        read = await self._read(draft.script)
        if read.errors or read.drafted is None:
            return None, Feedback(draft, read.errors), ()
        share = seconds / max(1, len(read.goals))
        verdicts = await self._prove_all(read, share)
        proved = [verdict for verdict in verdicts if verdict.kind == "proved"]
        still = tuple(
            OpenHole(verdict.goal.text, str(verdict.counterexample or ""))
            for verdict in verdicts
            if verdict.kind != "proved"
        )
        feedback = Feedback(draft, (), len(read.goals), len(proved), still)
        if still:
            return None, feedback, verdicts
        verdict, wrong = await self._judged(read, [verdict.script for verdict in proved])
        return verdict, replace(feedback, errors=(wrong,) if wrong else ()), verdicts

    # Reading

    async def _read(self, script: str) -> _Read:
        problem = text_objection(script)
        if not problem and len(places(script)) > MOST_HOLES:
            problem = f"it has more than {MOST_HOLES} holes"
        if problem:
            return _Read(script, None, (), (problem,))
        try:
            return await self.standing.do(lambda desk: self._at(desk, script))
        except WorkspaceError as error:
            return _Read(script, None, (), (str(error),))

    async def _at(self, desk: Desk, script: str) -> _Read:
        standing, session = self.standing, desk.session
        place = await standing.place(desk)
        if not all(await session.parses(place.hole.proofs[0], [script], harmless=True)):
            return _Read(script, None, (), ("it does not parse as a block of tactics",))
        drafted = await self._drafted(desk, script)
        if len(drafted.holes) == 1 and not drafted.errors:
            script = written_out(script, len(drafted.holes[0].proofs))
            drafted = await self._drafted(desk, script)
        errors = list(drafted.errors)
        missing = len(places(script)) - len(drafted.holes)
        if not errors and missing:
            errors.append(f"{missing} of its holes are never reached")
        if not errors and any(hole.mode == "data" for hole in drafted.holes):
            errors.append("one of its holes wants a value, not a proof")
        goals = []
        for hole in drafted.holes if not errors else ():
            goal = await self.reader.goal(session, drafted.document, hole, place.handle.revision)
            goals.append(replace(goal, path=self._path(place.handle)))
        if any(goal.key.key == place.handle.key.key for goal in goals):
            errors.append("it leaves the goal as it is")
        return _Read(script, drafted, tuple(goals), tuple(errors))

    async def _drafted(self, desk: Desk, script: str) -> DraftedDocument:
        goal = self.standing.goal
        return await desk.draft(goal.path, self.standing.source, goal.hole, script)

    @staticmethod
    def _path(goal: GoalHandle) -> str:
        return f"{PATH_PREFIX}{goal.key.key[:12]}:{goal.path}"

    # Holes

    async def _prove_all(self, read: _Read, seconds: float) -> tuple[GoalVerdict, ...]:
        """The verdicts on all holes; when one is false the others are not worth a search."""

        async def locate(desk: Desk, source: SourceText, goal: GoalHandle) -> tuple[Document, Hole]:
            drafted = await self._drafted(desk, read.script)
            for hole in drafted.holes:
                if hole.identity == goal.hole.identity:
                    return drafted.document, hole
            raise WorkspaceError("The draft does not elaborate as it did.", "Try again.")

        free = asyncio.Semaphore(1 if self.one_by_one else len(read.goals) or 1)

        async def verdict_on(goal: GoalHandle) -> GoalVerdict:
            async with free:
                return await self.prove(goal, locate, seconds)

        tasks = [asyncio.ensure_future(verdict_on(goal)) for goal in read.goals]
        try:
            for ended in asyncio.as_completed(tasks):
                if (await ended).kind == "refuted":
                    break
        finally:
            for task in tasks:
                task.cancel()
            done = await asyncio.gather(*tasks, return_exceptions=True)
        return tuple(
            verdict if isinstance(verdict, GoalVerdict) else GoalVerdict(goal, "open")
            for goal, verdict in zip(read.goals, done, strict=True)
        )

    async def _judged(self, read: _Read, scripts: Sequence[str]) -> tuple[GoalVerdict | None, str]:
        """The verdict on the goal with every hole filled, or why it is none."""
        assert read.drafted is not None
        script = filled(read.drafted.document, read.script, read.drafted.holes, scripts)

        async def judged(place: Place) -> GoalVerdict:
            goal = Goal.of(place.document, place.hole, self.standing.failures)
            tries = Tries(goal, place.session, Budget(MINIMISED_WITHIN, clock=place.session.clock))
            shorter = await minimised(tries, script.split("\n"))
            verdict = await self.judge().verdict_on(place, "\n".join(shorter))
            if verdict.kind != "proved":
                verdict = await self.judge().verdict_on(place, script)
            return verdict

        verdict: GoalVerdict = await self.standing.do_at(judged)
        return (verdict, "") if verdict.kind == "proved" else (None, verdict.reason)
