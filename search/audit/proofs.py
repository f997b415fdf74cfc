"""Proof-carrying records: a proof with the sources that it belongs to, and Lean's word on it.

A record stands either at a hole (`at` is "hole": the source has a `sorry` with this goal, and the
script fills it) or in the source (`at` is "source": the proof was written there; with a `sorry` in
its place the declaration has the goal). One that is in neither any more is kept, and says so.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from lean.document import Document
from lean.errors import LeanError
from lean.source_header import read_header
from lean.toolchain import Toolchain
from lean.verify import STANDARD_AXIOMS
from lean.workspace import Workspace
from search.audit.run import FoundProof
from search.engine import Engine
from search.events import GoalHandle, GoalVerdict
from search.knowledge import renamed
from search.settings import Settings

PROJECT_FILES = ("lakefile.toml", "lakefile.lean", "lean-toolchain", "lake-manifest.json")
"""What says how a project's files are to be read."""
At = Literal["hole", "source", "nowhere"]


@dataclass(frozen=True, slots=True)
class ProofEntry:
    """One proof. `command`, run in the pack's folder, checks it again; `reason` says why it can't
    be, where `at` is "nowhere". `cached`: the run did not find it, the ledger knew it. `axioms` are
    Lean's own and those that the workspace allows; `trusted`, theorems of the library that this
    Lean has without their proofs.
    """

    goal: str
    statement: str
    declaration: str
    file: str
    script: str
    helper: str
    strategy: str
    cached: bool
    at: At
    axioms: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    reason: str = ""
    command: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return f"{self.declaration} ({self.file}, goal {self.goal[:12]})"

    def as_dict(self) -> dict[str, Any]:
        """As it stands in proofs.json."""
        return {**asdict(self), "axioms": list(self.axioms), "trusted": list(self.trusted)}

    @classmethod
    def of_dict(cls, row: Mapping[str, Any]) -> "ProofEntry":
        """The record that stands so in proofs.json. Raises KeyError, TypeError."""
        return cls(**{**row, "axioms": tuple(row["axioms"]), "trusted": tuple(row["trusted"])})


@dataclass(frozen=True, slots=True)
class Checked:
    """Lean's word on one record: `reason` is empty when it holds."""

    entry: ProofEntry
    axioms: tuple[str, ...] = ()
    reason: str = ""


async def entries(
    workspace: Workspace, settings: Settings, proofs: Sequence[FoundProof]
) -> tuple[list[ProofEntry], dict[str, str], Toolchain]:
    """The record of each proof, the sources they need by path, and the Lean that answered.

    Raises LeanError.
    """
    found: list[ProofEntry] = []
    sources: dict[str, str] = {}
    async with _engine(workspace, settings) as engine:
        for proof in proofs:
            entry = await _at_hole(engine, proof)
            found.append(await _at_source(engine, entry) if entry.at == "nowhere" else entry)
        toolchain = engine.toolchain
    for entry in found:
        if entry.at != "nowhere":
            sources |= await asyncio.to_thread(sources_of, workspace, entry.file)
    return found, sources, toolchain


async def check(
    workspace: Workspace, settings: Settings, records: Sequence[ProofEntry]
) -> tuple[list[Checked], Toolchain]:
    """Every record, judged afresh in a workspace that has its sources. Raises ToolchainError."""
    checked: list[Checked] = []
    async with _engine(workspace, settings) as engine:
        toolchain = engine.toolchain
        for entry in records:
            if entry.at == "hole":
                checked.append(await _again(engine, entry))
            elif entry.at == "source":
                checked.append(await _again_in_source(engine, entry))
    return checked, toolchain


def sources_of(workspace: Workspace, file: str) -> dict[str, str]:
    """A file, what it imports from the project, and what says how they are read, by label."""
    found: dict[str, str] = {}

    def visit(path: Path) -> None:
        name = path.relative_to(workspace.root).as_posix()
        if name in found:
            return
        found[name] = path.read_bytes().decode()
        for module in read_header(found[name]).imports:
            imported = workspace.module_file(module)
            if imported is not None and imported.is_relative_to(workspace.root):
                visit(imported)

    visit(workspace.root / file)
    for name in PROJECT_FILES:
        if (workspace.root / name).is_file():
            found[name] = (workspace.root / name).read_text("utf-8")
    return found


@contextlib.asynccontextmanager
async def _engine(workspace: Workspace, settings: Settings) -> AsyncIterator[Engine]:
    """An engine that searches nothing and remembers nothing."""
    quiet = replace(settings, automatic=False, remember=False, tickets=False, sessions=1)
    async with Engine.open(workspace, replace(quiet, spare=False), command="audit") as engine:
        yield engine


async def _at_hole(engine: Engine, found: FoundProof) -> ProofEntry:
    """The record of a proof at the first hole that has its goal."""
    entry = _entry(found)
    for file in found.files:
        try:
            goal = await _goal(engine, file, entry.goal)
            if goal is None:
                continue
            script = renamed(found.proof, goal)
            verdict = await engine.check(goal, script, entry.helper)
        except LeanError as error:
            return replace(entry, reason=str(error))
        entry = replace(entry, file=file, declaration=goal.hole.declaration, script=script)
        if verdict.kind != "proved":
            return replace(entry, reason=verdict.reason)
        return _accepted(engine, entry, "hole", verdict)
    return replace(entry, reason=f"its goal is no longer in {entry.file}")


async def _again(engine: Engine, entry: ProofEntry) -> Checked:
    try:
        goal = await _goal(engine, entry.file, entry.goal)
        if goal is None:
            return Checked(entry, reason=f"{entry.file} has no hole with its goal")
        verdict = await engine.check(goal, entry.script, entry.helper)
    except LeanError as error:
        return Checked(entry, reason=str(error))
    if verdict.kind != "proved":
        return Checked(entry, reason=verdict.reason)
    return Checked(entry, _axioms(engine.settings, verdict.axioms))


async def _at_source(engine: Engine, entry: ProofEntry) -> ProofEntry:
    """The record of a proof that stands in the source, or the same when it does not."""
    try:
        verdict = await _written(engine, entry)
    except LeanError:
        # Why it has no hole either is said already.
        return entry
    return entry if verdict is None else _accepted(engine, entry, "source", verdict)


async def _again_in_source(engine: Engine, entry: ProofEntry) -> Checked:
    try:
        verdict = await _written(engine, entry)
    except LeanError as error:
        return Checked(entry, reason=str(error))
    if verdict is None:
        where = f"{entry.declaration} in {entry.file}"
        return Checked(entry, reason=f"{where} does not have this proof of this goal")
    # Packs of earlier versions name no axioms of what stands in the sources.
    axioms = _axioms(engine.settings, verdict.axioms) if entry.axioms else ()
    return Checked(entry, axioms)


def _accepted(engine: Engine, entry: ProofEntry, at: At, verdict: GoalVerdict) -> ProofEntry:
    axioms = _axioms(engine.settings, verdict.axioms)
    trusted = tuple(sorted(set(verdict.axioms).difference(axioms)))
    command = _command(entry)
    return replace(entry, at=at, axioms=axioms, trusted=trusted, reason="", command=command)


def _axioms(settings: Settings, names: Sequence[str]) -> tuple[str, ...]:
    """Those that are no theorems of the library: the gate lets no others through."""
    return tuple(sorted((STANDARD_AXIOMS | settings.allowed_axioms).intersection(names)))


async def _goal(engine: Engine, file: str, key: str) -> GoalHandle | None:
    """The goal with this key in a file as it is now. Raises LeanError."""
    text = await asyncio.to_thread(_text, engine.workspace.root / file)
    view = await engine.update(file, text) if text is not None else None
    return next((goal for goal in view.goals if goal.key.key == key), None) if view else None


async def _written(engine: Engine, entry: ProofEntry) -> GoalVerdict | None:
    """Lean's verdict on a proof that stands in its declaration; None when it does not.

    With a `sorry` in its place there must be the recorded goal: the same words may prove another
    statement. Lemmas of its own stand above it. Raises LeanError.
    """
    text = await asyncio.to_thread(_text, engine.workspace.root / entry.file)
    view = await engine.update(entry.file, text) if text is not None else None
    for start, opened in _opened(view.document, entry) if view else ():
        again = await engine.update(entry.file, opened)
        for goal in again.goals if again else ():
            if goal.hole.start == start and goal.key.key == entry.goal:
                verdict = await engine.check(goal, entry.script)
                if verdict.kind == "proved":
                    return verdict
    return None


def _opened(document: Document, entry: ProofEntry) -> Iterator[tuple[int, str]]:
    """The text with a `sorry` for the script, and the byte where that is: for each place in its
    declaration where the script stands, however its lines are indented there.
    """
    source, size = document.source, len(document.source.data)
    words = r"\s+".join(map(re.escape, entry.script.split()))
    script = re.compile(rf"(?<![\w.'!?]){words}(?![\w'!?])")
    for command in document.commands:
        if not words or entry.declaration not in command.declarations:
            continue
        text = source.slice(command.start, command.end)
        for found in script.finditer(text):
            before = source.slice(0, command.start) + text[: found.start()]
            after = text[found.end() :] + source.slice(command.end, size)
            yield len(before.encode()), f"{before}sorry{after}"


def _entry(found: FoundProof) -> ProofEntry:
    goal, proof = found.goal, found.proof
    return ProofEntry(
        goal=goal.key,
        statement=goal.display,
        declaration=goal.declaration,
        file=goal.file,
        script=proof.script,
        helper=proof.helper,
        strategy=proof.strategy,
        cached=found.cached,
        at="nowhere",
    )


def _command(entry: ProofEntry) -> str:
    return f"unsorry audit verify . --goal {entry.goal}"


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        # It is gone, or no longer Lean: then the proof is nowhere.
        return None
