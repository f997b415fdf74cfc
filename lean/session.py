"""`Session`: one running driver, with a method for each operation of docs/protocol.md.

It keeps no documents and makes no decisions: files are `lean.document`, judgement is `lean.verify`,
and how many sessions there are is `lean.pool`.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lean.connection import Connection, Line, Turn
from lean.errors import ImportFailed, RequestRefused
from lean.exchange import Exchange
from lean.protocol import (
    Acknowledged,
    Axiom,
    AxiomList,
    Canonical,
    Checked,
    CommandReport,
    Elaborated,
    FeatureList,
    GoalFeatures,
    Header,
    LemmaText,
    Modules,
    Negation,
    Opened,
    Outcome,
    Parses,
    Sealed,
    Split,
    Stats,
    TheoremCount,
    TheoremRows,
    VerifyFacts,
)
from lean.toolchain import Launch
from lean.work import WorkClock

Done = TypeVar("Done")

MEMORY_CEILING = 3 * 2**30
"""Bytes of resident memory beyond which a session is not used again; the embedded Lean starts at
1.2 GB."""
KILL_CEILING = 4 / 3
"""Times the ceiling at which a session is killed in mid-request."""
QUICK = 30.0
"""Seconds for an operation that takes milliseconds."""
IMPORT_WITHIN = 120.0
"""Seconds for an import: 0.3 s for Init, and minutes for a cold Mathlib on a slow disk."""
THEOREMS_WITHIN = 300.0
"""Seconds between batches of `theorems`; Init with statements takes 18 s."""

_serials = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one script may run.

    `heartbeats` in the unit of Lean's `maxHeartbeats` (0: no limit), `seconds` of wall clock.
    """

    heartbeats: int = 200_000
    seconds: float = 8.0

    @property
    def milliseconds(self) -> int:
        """`seconds` as the protocol wants them."""
        return max(1, round(self.seconds * 1000))


class Session:
    """One driver process. Made by `Session.start`, ended by `close` (or `kill`); never restarted.

    Every method raises SessionDied when the process is gone, ProtocolError when it answers nonsense
    (it is then killed), and RequestRefused when it refuses, for instance an id that it does not
    know. Requests of several tasks wait for each other.
    """

    def __init__(
        self,
        connection: Connection,
        memory_ceiling: int,
        serves_modules: bool = True,
        options: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.serial = next(_serials)
        """Never used twice: ids of states and proofs mean something only with the serial of their
        session."""
        self.serves_modules = serves_modules
        """Are files that say `module` elaborated as what they are?"""
        self.memory_ceiling = memory_ceiling
        self.options = tuple(f"{name}={value}" for name, value in options)
        """Of Lean, where every header begins; names and values."""
        self.headers: dict[tuple[str, ...], int] = {}
        """The state after each header that was opened, by its imports."""
        self.work: WorkClock | None = None
        """Where there is one, time is measured by the work that scripts make Lean do."""
        self._connection = connection
        connection.on_orphan = self._discard_orphan

    @classmethod
    async def start(cls, launch: Launch, memory_ceiling: int = MEMORY_CEILING) -> "Session":
        """Starts a driver and waits until it serves.

        Raises ToolchainError, SessionDied or ProtocolError.
        """
        connection = await Connection.open(launch, round(memory_ceiling * KILL_CEILING))
        return cls(connection, memory_ceiling, launch.serves_modules, launch.options)

    @property
    def alive(self) -> bool:
        """Can it serve another request?"""
        return self._connection.alive

    @property
    def lean_version(self) -> str:
        """The version of the Lean that runs in it, such as 4.28.0."""
        return self._connection.greeting.lean

    @property
    def pid(self) -> int:
        """The process id of the driver."""
        return self._connection.process.pid

    def clock(self) -> float:
        """Seconds of a monotonic clock that stands still while the process is suspended; seconds of
        work where that is what counts.
        """
        if self.work is not None:
            return self.work.seconds
        return self._connection.process.clock()

    def rss_bytes(self) -> int:
        """Resident memory in bytes; 0 when it has ended."""
        return self._connection.process.rss_bytes()

    async def settled(self) -> None:
        """Returns when the driver has nothing to do, not even a request that was left early."""
        await self._connection.settled()

    def kill(self, reason: str = "it was killed") -> None:
        """Ends the process now; an open request gets SessionDied."""
        self._connection.kill(reason)

    async def close(self) -> None:
        """Ends the process and waits until it is gone."""
        await self._connection.close()

    async def shutdown(self) -> None:
        """Asks the driver to end by itself, then makes sure that it has."""
        if self.alive:
            await self._ask("shutdown", Acknowledged, 2.0)
        await self._connection.close("it was shut down")

    async def header(self, text: str) -> Header:
        """Parses the header of a file."""
        return await self._ask("header", Header, QUICK, text=text)

    async def open(self, imports: Sequence[str]) -> int:
        """The state after a header with these imports. Raises ImportFailed, naming the module."""
        key = tuple(imports)
        if key not in self.headers:
            try:
                options = {"options": self.options} if self.options else {}
                opened = await self._ask(
                    "open", Opened, IMPORT_WITHIN, imports=list(key), **options
                )
            except RequestRefused as refusal:
                if refusal.kind not in ("unknown_module", "import_failed"):
                    raise
                raise _import_failure(refusal, key) from refusal
            self.headers[key] = opened.state
        return self.headers[key]

    def elaborate(
        self,
        state: int,
        text: str,
        start: int = 0,
        seconds: float = 60.0,
        holes: bool = True,
        steps: bool = False,
    ) -> Exchange[CommandReport, Elaborated]:
        """Elaborates the commands of `text` from byte `start` on, in `state`; yields each.

        `steps`: with the steps of its proofs.
        """
        return self._exchange(
            "elaborate",
            ("command", CommandReport),
            Elaborated,
            seconds,
            {
                "state": state,
                "text": text,
                "start": start,
                "ms": round(seconds * 1000),
                "holes": holes,
                "steps": steps,
            },
        )

    def check(
        self,
        proofs: Sequence[int],
        scripts: Sequence[str],
        limits: Limits = Limits(),
        keep: bool = False,
        first: bool = False,
        progress: bool = False,
    ) -> Exchange[Outcome, Checked]:
        """Tries each script on all of `proofs`; yields one outcome a script, in order.

        `keep`: outcomes that proved or left goals name a new proof state. `first`: stop at the
        first that proves; `progress`: stop at the first that does not fail.
        """
        work, seen = self.work, None
        if work is not None:
            asked, limits = limits.seconds, replace(limits, seconds=work.allow(limits.seconds))

            def seen(outcome: Outcome) -> None:
                work.count(outcome, asked)

        return self._exchange(
            "check",
            ("outcome", Outcome),
            Checked,
            limits.seconds,
            {
                "proofs": list(proofs),
                "scripts": list(scripts),
                "heartbeats": limits.heartbeats,
                "ms": limits.milliseconds,
                "keep": keep,
                "first": first,
                "progress": progress,
            },
            renewed=True,
            seen=seen,
        )

    async def step(self, proof: int, script: str, limits: Limits = Limits()) -> Outcome:
        """Runs one script on one proof state; the outcome names the new state, if there is one."""
        exchange = self.check([proof], [script], limits, keep=True)
        outcomes = [outcome async for outcome in exchange]
        return outcomes[0]

    async def parses(
        self, proof: int, tactics: Sequence[str], harmless: bool = False
    ) -> tuple[bool, ...]:
        """For each text: does it parse as a tactic block where `proof` stands?

        `harmless`: and is there no program in it that would run when it is elaborated?
        """
        fields = {"tactics": list(tactics), "harmless": harmless}
        return (await self._ask("parses", Parses, QUICK, proof=proof, **fields)).ok

    async def features(self, proof: int, limit: int = 0) -> tuple[GoalFeatures, ...]:
        """What strategies read off the goals of a proof state."""
        return (await self._ask("features", FeatureList, QUICK, proof=proof, limit=limit)).goals

    async def canonical(self, proof: int) -> Canonical:
        """The goals of a proof state without names; `lean.goal_key` makes keys of them."""
        return await self._ask("canonical", Canonical, QUICK, proof=proof)

    async def lemma(
        self, proof: int, goal: int, level: int, hypotheses: Sequence[int]
    ) -> LemmaText:
        """Goal number `goal` of a proof state over `hypotheses` alone, which must be enough for it.

        They are indices as in `canonical`. `level`: 0 as people write, 1 with types and full names,
        2 with everything. Refused for goals with metavariables or local definitions among them.
        """
        return await self._ask(
            "lemma",
            LemmaText,
            QUICK,
            proof=proof,
            goal=goal,
            level=level,
            hypotheses=list(hypotheses),
        )

    async def negate(self, proof: int) -> Negation:
        """A proof state for the negation of the closed statement of `proof`'s goal."""
        return await self._ask("negate", Negation, QUICK, proof=proof)

    async def seal(self, proof: int) -> Sealed:
        """Closes a finished proof state into a theorem and has the kernel check it."""
        return await self._ask("seal", Sealed, QUICK, proof=proof)

    async def verify(self, request: Mapping[str, Any], seconds: float = 60.0) -> VerifyFacts:
        """The facts about a script in its place; `lean.verify` makes the request and judges."""
        return await self._ask(
            "verify", VerifyFacts, seconds, **{**request, "ms": round(seconds * 1000)}
        )

    async def axioms(self, state: int, declaration: str) -> tuple[Axiom, ...]:
        """The axioms that a declaration rests on."""
        return (
            await self._ask("axioms", AxiomList, QUICK, state=state, declaration=declaration)
        ).axioms

    def theorems(
        self,
        state: int = 0,
        statements: bool = False,
        modules: Sequence[str] | None = None,
        *,
        proof: int = 0,
    ) -> Exchange[TheoremRows, TheoremCount]:
        """The theorems visible in a state, or where a proof state stands, in batches.

        Only those of `modules` if given, and those of the document, whose module is "".
        """
        chosen = {} if modules is None else {"modules": list(modules) or [""]}
        return self._exchange(
            "theorems",
            ("theorems", TheoremRows),
            TheoremCount,
            THEOREMS_WITHIN,
            {"state": state, "proof": proof, "statements": statements, **chosen},
            renewed=True,
        )

    async def modules(self, proof: int) -> tuple[str, ...]:
        """The modules that are imported where a proof state stands, also through others."""
        return (await self._ask("modules", Modules, QUICK, proof=proof)).modules

    async def describe(self, proof: int, names: Sequence[str]) -> TheoremRows:
        """Constants with their statements; those that are not visible at `proof` are left out."""
        return await self._ask("describe", TheoremRows, QUICK, proof=proof, names=list(names))

    async def split(self, proof: int) -> tuple[int, ...]:
        """A proof state for each goal of a proof state alone."""
        return (await self._ask("split", Split, QUICK, proof=proof)).proofs

    async def drop(self, states: Iterable[int] = (), proofs: Iterable[int] = ()) -> None:
        """Forgets states and proofs, and waits until the driver has."""
        await self._ask("drop", Acknowledged, QUICK, states=list(states), proofs=list(proofs))

    def discard(self, states: Sequence[int] = (), proofs: Sequence[int] = ()) -> None:
        """Forgets states and proofs without waiting."""
        if not (states or proofs):
            return
        self._connection.post({"op": "drop", "states": list(states), "proofs": list(proofs)})

    async def stats(self) -> Stats:
        """What the driver holds."""
        return await self._ask("stats", Stats, QUICK)

    async def _ask(
        self, operation: str, done: type[Done], seconds: float, **fields: object
    ) -> Done:
        # A request without events: any event that came would be a breach of the protocol.
        exchange = self._exchange(operation, ("", Acknowledged), done, seconds, fields)
        return await exchange.finish()

    def _exchange(
        self,
        operation: str,
        event: tuple[str, type[Any]],
        done: type[Done],
        seconds: float,
        fields: Mapping[str, object],
        renewed: bool = False,
        seen: Callable[[Any], None] | None = None,
    ) -> Exchange[Any, Done]:
        turn = Turn(operation, seconds, renewed)
        return Exchange(self._connection, {"op": operation, **fields}, turn, event, done, seen)

    def _discard_orphan(self, line: Line) -> None:
        holes = line.get("holes")
        proofs = [line.get("proof")]
        if isinstance(holes, list):
            proofs += [hole.get("proof") for hole in holes if isinstance(hole, dict)]
        self.discard(
            [state for state in [line.get("state")] if isinstance(state, int)],
            [proof for proof in proofs if isinstance(proof, int)],
        )


def _import_failure(refusal: RequestRefused, imports: Sequence[str]) -> ImportFailed:
    if refusal.kind == "unknown_module" and refusal.module:
        # Lean names only the first part of a module of which it knows nothing.
        unknown = (name for name in imports if f"{name}.".startswith(f"{refusal.module}."))
        module = next(unknown, refusal.module)
        return ImportFailed(
            f"Lean does not know the module {module}.",
            f"Check its name, or build it first: lake build {module}",
            module,
        )
    return ImportFailed(f"The imports failed: {refusal.message}", module=refusal.module)
