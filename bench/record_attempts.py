"""Records what every light strategy does on every goal the bench has: the ledger of the replay.

The goals are the banks (`bank.jsonl`, `mixed.jsonl`, `false.jsonl`, `hard.jsonl` where there is
one), the holes of `projects/` and of the honest documents, each goal text once. Strategies run one
after the other on one session, each from the beginning and knowing nothing of the others, so that
the replay may order them as it likes. Every finished goal is written at once; what is there already
is not recorded again. Times are of the processor: other programs don't change them.

Left out are heavy strategies; `recall`, which needs a past; and `refute_long`, which is `refute`
with more time: on 160 goals it found nothing that `refute` had not, and took half of the recording.
"""

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.corpus import honest_proofs
from bench.lemmas import load_bank
from bench.measurement import Measurement, run
from bench.places import bare_workspace, bench_file, project_files
from bench.processor_time import PATIENCE, ProcessorBudget
from bench.recording import Circumstances, Recorded, RecordedGoal, read_recording
from bench.report import machine
from lean.document import Document, elaborate
from lean.errors import ProtocolError, RequestRefused, SessionDied
from lean.goal import Goal
from lean.hole import Hole
from lean.session import Limits, Session
from lean.toolchain import Launch, find_toolchain
from search.arms import Arm, default_arms
from search.features import vector
from search.settings import EFFORTS

BANKS = ("bank", "mixed", "false", "hard")
GRACE = 3.0
"""Seconds past its time after which a strategy is cancelled; each looks at its time itself."""
LEFT_OUT = frozenset({"refute_long"})
HONEST = 220
"""Honest documents that are looked at, drawn by a fixed seed: many of them are trivial."""


@dataclass(frozen=True, slots=True)
class Source:
    """A document with holes, and where it comes from."""

    name: str
    identifier: str
    text: str


@dataclass(slots=True)
class Recorder:
    """One run: the file it adds to, what that has already, and the session it works on."""

    path: Path
    launch: Launch
    arms: Sequence[Arm]
    identifiers: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    added: int = 0
    _session: Session | None = None

    @classmethod
    def resumed(cls, path: Path, launch: Launch, arms: Sequence[Arm]) -> "Recorder":
        """A recorder that goes on with what `path` has. Raises WorkspaceError."""
        known = read_recording(path).goals
        identifiers = {goal.identifier for goal in known}
        return cls(path, launch, arms, identifiers, {goal.goal for goal in known})

    async def record(self, source: Source) -> None:
        """Add every goal of a document that the file does not have yet."""
        document: Document | None = None
        index = 0
        while document is None or index < len(document.holes):
            try:
                if self._session is None:
                    self._session = await _warm_session(self.launch)
                    document = None
                if document is None:
                    document = await elaborate(self._session, source.text)
                    continue
                await self._hole(self._session, document, index, source)
            except (SessionDied, ProtocolError, RequestRefused) as error:
                # What a session dies of is left out; a new one takes the next goal.
                print(f"{source.identifier}#{index}: {error}", file=sys.stderr)
                await self.close()
                if document is None:
                    return
            index += 1
        if self._session is not None:
            await elaborate(self._session, "", document)

    async def close(self) -> None:
        """End the session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _hole(self, session: Session, document: Document, index: int, source: Source) -> None:
        hole = document.holes[index]
        identifier = f"{source.identifier}#{index}"
        text = "\n\n".join(hole.goals)
        if hole.mode == "data" or identifier in self.identifiers or text in self.texts:
            return
        features = await Goal.of(document, hole).features(session)
        runs = {arm.name: await self._run(arm, session, document, hole) for arm in self.arms}
        row = RecordedGoal(
            identifier, source.name, text, vector(features, hole.mode == "term"), runs
        )
        with self.path.open("a", encoding="utf-8") as file:
            file.write(row.as_line())
        self.identifiers.add(identifier)
        self.texts.add(text)
        self.added += 1

    async def _run(self, arm: Arm, session: Session, document: Document, hole: Hole) -> Recorded:
        seconds = seconds_of(arm)
        beats = round(arm.heartbeats * EFFORTS[0].heartbeats)
        budget = ProcessorBudget(seconds, beats, pid=session.pid)
        solved, heartbeats = False, 0
        try:
            async with asyncio.timeout(PATIENCE * seconds + GRACE):
                result = await arm.strategy.run(Goal.of(document, hole), session, budget)
            solved = result.success or result.refutation is not None
            heartbeats = result.heartbeats
        except TimeoutError:
            pass
        spent = budget.spent
        return Recorded(solved, spent, heartbeats, not solved and spent > 0.95 * seconds)


def seconds_of(arm: Arm) -> float:
    """What a strategy gets on one goal: its share of the usual budget."""
    return round(arm.seconds * EFFORTS[0].seconds, 3)


def sources() -> list[Source]:
    """Every document, in an order that mixes where they come from and is always the same."""
    found = [
        Source(name, f"{name}/{lemma.identifier}", lemma.text)
        for name in BANKS
        if bench_file(f"{name}.jsonl").exists()
        for lemma in load_bank(bench_file(f"{name}.jsonl"))
    ]
    found += [
        Source("projects", f"projects/{name}", text) for name, text in project_files().items()
    ]
    generator = random.Random(0)
    honest = {proof.document: proof for proof in honest_proofs()}
    drawn = generator.sample(sorted(honest), min(HONEST, len(honest)))
    found += [Source("honest", f"honest/{honest[text].id}", text) for text in drawn]
    generator.shuffle(found)
    return found


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Add to the file what it does not have."""
    workspace = bare_workspace()
    toolchain = await find_toolchain(workspace)
    light = (arm for arm in default_arms() if arm.strategy.weight == "light")
    arms = [arm for arm in light if arm.name not in LEFT_OUT]
    if not chosen.out.exists():
        circumstances = Circumstances(
            toolchain.lean_version,
            f"{machine()['platform']}, {machine()['cores']} cores",
            {arm.name: seconds_of(arm) for arm in arms},
            EFFORTS[0].heartbeats,
        )
        chosen.out.write_text(circumstances.as_line(), "utf-8")
    recorder = Recorder.resumed(chosen.out, toolchain.driver_command(workspace), arms)
    try:
        for source in sources()[: chosen.limit]:
            await recorder.record(source)
    finally:
        await recorder.close()
    goals = len(read_recording(chosen.out).goals)
    return Measurement(
        lines=[f"{recorder.added} goals recorded, {goals} in {chosen.out}."],
        figures={"added": recorder.added, "goals": goals},
    )


async def _warm_session(launch: Launch) -> Session:
    """The first `exact?` of a session builds an index, which is nobody's cost."""
    session = await Session.start(launch)
    document = await elaborate(session, "theorem t (a b : Nat) : a + b = b + a := by sorry")
    await session.check(document.holes[0].proofs, ["exact?"], Limits(0, 60.0)).finish()
    await elaborate(session, "", document)
    return session


def _options(parser: argparse.ArgumentParser) -> None:
    usual = bench_file("recorded.jsonl")
    parser.add_argument("--out", type=Path, metavar="FILE", default=usual, help="what to add to")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N documents")


def main() -> int:
    """The command line."""
    return run("record_attempts", "Record every strategy on every goal.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
