"""What there is to learn from: proofs of a workspace and of its traces, its ledger, and practice.

It also sets aside the goals that a model is measured by. Training is `trainer`'s business, the
measurement `trial`'s.
"""

import asyncio
import contextlib
import itertools
import re
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from lean.document import Command, Document
from lean.errors import LeanError
from lean.insertion import Edit, apply
from search.engine import Engine
from search.events import FileView, GoalHandle
from search.proof_steps import ProofStep, steps_of
from search.reading import skip_reason
from search.settings import Effort
from search.training.curriculum import variations
from search.training.ledger_pairs import TURNSTILE, KnownProofs, known_as
from search.training.pairs import Pair, pairs_of_steps, side_of
from search.training.practice import Practice, declared_in, read
from search.training.statement import Statement, statement_of, without_proof

STRATEGIES = (
    "evaluate", "arithmetic", "hypotheses", "simplify", "grind", "refute", "induction", "structure",
)  # fmt: skip
"""What practice is proved with: light strategies that leave scripts worth imitating."""
HOLES = Effort(seconds=8.0, heartbeats=200_000)
"""For a hole that somebody wants to have proved."""
VARIATIONS = Effort(seconds=2.0, heartbeats=100_000)
"""For a variation: many are false or hard, and there are always more."""
FIRST = 0.5
"""The part of the time for practice that the holes of the files may take."""
AT_ONCE = 3
"""Variations of each statement that are put into a text together."""
MOST_HELD_OUT = 60
"""Goals that a model is measured by."""
_VARIATION = re.compile(r"_variation_\d+\Z")
_DEFINES = re.compile(r"^\s*(?:@\[[^\]]*\]\s*)?(?:def|abbrev)\s+([^\s:({\[]+)", re.MULTILINE)
Turns = AsyncGenerator[None, None]
"""Work that others may go between wherever it yields."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A goal that nothing was learned from: hole number `index` of a declaration in a text."""

    path: str
    text: str
    declaration: str
    index: int = 0


@dataclass(slots=True)
class Gathered:
    """What was found. `goals` are the held-out goals as `Pair.goal` says them, and their keys;
    `problems` the files that can't be used, with the reasons; `tried` counts variations.
    """

    pairs: list[Pair] = field(default_factory=list)
    held_out: list[HeldOut] = field(default_factory=list)
    goals: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    tried: int = 0


@dataclass
class Gathering:
    """One gathering over `files` (text by path), with `seconds` for practice; `traced` are steps
    that somebody else has extracted from files, of which those that are read here do not count.
    """

    engine: Engine
    files: Mapping[str, str]
    known: KnownProofs
    seconds: float
    seed: int
    say: Callable[[str], None]
    traced: Mapping[str, Sequence[ProofStep]] = field(default_factory=dict)
    found: Gathered = field(default_factory=Gathered)
    _views: dict[str, FileView] = field(default_factory=dict)

    async def run(self) -> Gathered:
        """Gather. Raises ToolchainError."""
        for path, text in self.files.items():
            view = await read(self.engine, path, text)
            if isinstance(view, str):
                self.found.problems.append(f"{path}: {view}")
            else:
                self._views[path] = view
                await self._look_at(path, view)
        self.found.pairs += self.known.pairs()
        for path, steps in self.traced.items():
            if path not in self._views:
                self.found.pairs += pairs_of_steps(_known(steps, path), (), "dojo")
        self.say(f"read {len(self._views)} files: {len(self.found.pairs)} pairs")
        started = time.monotonic()
        holes = self._practice(HOLES, started + FIRST * self.seconds)
        await self._in_turns(self._holes(path, view, holes) for path, view in self._views.items())
        self.say(f"proved what the files leave open: {len(self.found.pairs)} pairs")
        varied = self._practice(VARIATIONS, started + self.seconds)
        await self._in_turns(self._vary(path, varied) for path in self._views)
        self.say(f"proved variations: {len(self.found.pairs)} pairs")
        return self.found

    def _practice(self, effort: Effort, deadline: float) -> Practice:
        return Practice(self.engine, self.known, effort, deadline, self.say)

    async def _look_at(self, path: str, view: FileView) -> None:
        """The steps of a text, and the goals of it that are held out."""
        document = view.document
        steps = _known(steps_of(document), path)
        self.found.pairs += pairs_of_steps(steps, declared_in(document), "workspace")
        for command in document.commands:
            name = _theorem(command, document.text_of(command))
            if name and side_of(known_as(name, path)) == "held_out":
                await self._hold_out(path, view, command, name)

    async def _hold_out(self, path: str, view: FileView, command: Command, name: str) -> None:
        """Set the goals of a theorem aside: its holes, or the whole of it when it has none."""
        if len(self.found.held_out) >= MOST_HELD_OUT or command.failed:
            return
        index = view.document.commands.index(command)
        goals = [goal for goal in view.goals if goal.hole.command == index]
        text = view.document.source.text
        if not goals:
            less = without_proof(view.document.text_of(command))
            if less is None:
                return
            text = apply(text, [_instead_of(view.document, command, less)])
            other = await read(self.engine, f"{path}#{name}", text)
            self.engine.forget(f"{path}#{name}")
            if isinstance(other, str):
                return
            goals = [goal for goal in other.goals if goal.hole.command == index]
        seen: Counter[str] = Counter()
        for goal in goals:
            declaration = goal.hole.declaration
            if not skip_reason(goal) and goal.text.count(TURNSTILE) == 1:
                self.found.held_out.append(HeldOut(path, text, declaration, seen[declaration]))
                self.found.goals |= _marks_of(goal)
            seen[declaration] += 1

    async def _holes(self, path: str, view: FileView, practice: Practice) -> Turns:
        """Prove what the text leaves open, in one turn."""
        if view.goals and not practice.over:
            self.found.pairs += await practice.pairs(
                view, lambda goal: True, lambda name: known_as(name, path)
            )
            yield

    async def _vary(self, path: str, practice: Practice) -> Turns:
        """Prove variations of what the text states, a set of them in each turn."""
        sets = self._sets(path, Random(f"{self.seed} {path}"))
        for number, text in enumerate(sets, 1):
            if practice.over:
                return
            name = f"{path}#variation {number}"
            view = await read(self.engine, name, text)
            if not isinstance(view, str):
                self.found.pairs += await practice.pairs(
                    view, self._is_practice, lambda said: known_as(_VARIATION.sub("", said), path)
                )
            self.engine.forget(name)
            yield

    def _is_practice(self, goal: GoalHandle) -> bool:
        """Is it a variation, and none of a held-out goal?"""
        is_varied = _VARIATION.search(goal.hole.declaration) is not None
        fresh = is_varied and self.found.goals.isdisjoint(_marks_of(goal))
        self.found.tried += fresh
        return fresh

    def _sets(self, path: str, random: Random) -> Iterator[str]:
        """The text with variations below each of its theorems, but for those that are held out."""
        document = self._views[path].document
        sources: list[tuple[Command, Iterator[Statement]]] = []
        above: list[Statement] = []
        functions: list[str] = []
        for command in document.commands:
            said = document.text_of(command)
            functions += [name.split(".")[-1] for name in _DEFINES.findall(said)]
            name, statement = _theorem(command, said), statement_of(said)
            if statement and name and side_of(known_as(name, path)) != "held_out":
                varied = variations(statement, tuple(above), tuple(functions), random)
                sources.append((command, varied))
                above.append(statement)
        numbers = itertools.count(1)
        while True:
            edits = [
                _below(document, command, _named(varied, next(numbers)))
                for command, some in sources
                for varied in itertools.islice(some, AT_ONCE)
            ]
            if not edits:
                return
            yield apply(document.source.text, edits)

    async def _in_turns(self, work: Iterable[Turns]) -> None:
        """Several texts at a time, so that no session waits for another text to be read; each takes
        its turn after the others. Raises ToolchainError.
        """
        waiting = deque(work)

        async def some() -> None:
            while waiting:
                turns = waiting.popleft()
                with contextlib.suppress(StopAsyncIteration):
                    await anext(turns)
                    waiting.append(turns)

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.engine.sessions + 1):
                    group.create_task(some())
        except* LeanError as errors:
            raise errors.exceptions[0] from None
        finally:
            for turns in waiting:
                await turns.aclose()


def _known(steps: Iterable[ProofStep], path: str) -> list[ProofStep]:
    return [replace(step, declaration=known_as(step.declaration, path)) for step in steps]


def _theorem(command: Command, text: str) -> str:
    """The full name of the one theorem that a command states, or ""."""
    statement = statement_of(text)
    if statement is None:
        return ""
    ending = statement.name.removeprefix("_root_.")
    return next((n for n in command.declarations if f".{n}".endswith(f".{ending}")), "")


def _named(statement: Statement, number: int) -> str:
    return str(replace(statement, name=f"{statement.name}_variation_{number}"))


def _below(document: Document, command: Command, statement: str) -> Edit:
    """The edit that puts a statement below a command."""
    place = document.source.index(command.end)
    return Edit(place, place, f"\n\n{statement} := by\n  sorry\n")


def _instead_of(document: Document, command: Command, text: str) -> Edit:
    source = document.source
    return Edit(source.index(command.start), source.index(command.end), text)


def _marks_of(goal: GoalHandle) -> set[str]:
    """What tells a goal from others, as `pairs.split` looks at it."""
    shown = Pair(goal.text, "", "", "workspace").goal
    return {shown, goal.key.key, goal.key.core}
