"""Checks a pack: the hashes of its files, and every proof in a fresh Lean on the packed sources."""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from lean.errors import LeanError
from lean.workspace import Workspace
from search.audit.errors import AuditError
from search.audit.pack import Pack
from search.audit.proofs import Checked, check
from search.settings import Settings


@dataclass(frozen=True, slots=True)
class Findings:
    """What came out: `differences` are what is wrong, `notes` what a reader should know;
    `confirmed` counts the proofs that Lean has accepted again.
    """

    differences: tuple[str, ...]
    notes: tuple[str, ...]
    confirmed: int


async def verify_pack(pack: Pack, settings: Settings, goal: str = "") -> Findings:
    """Check a pack; with `goal`, of its proofs only those whose goal's key begins so.

    Raises AuditError when there is no such proof, and ToolchainError.
    """
    records = [entry for entry in pack.proofs if entry.goal.startswith(goal)]
    if goal and not records:
        raise AuditError(f"The pack has no proof of a goal {goal}.", "proofs.json lists them.")
    differences = list(pack.differences)
    notes = [f"{entry.name}: {entry.reason}" for entry in records if entry.at == "nowhere"]
    there = [entry for entry in records if entry.at != "nowhere"]
    if not there:
        return Findings(tuple(differences), tuple(notes), 0)
    with tempfile.TemporaryDirectory(prefix="unsorry-audit-") as place:
        workspace = await asyncio.to_thread(_unpacked, pack, Path(place))
        checked, toolchain = await check(workspace, _as_packed(pack, settings), there)
    differences += _wrong(checked)
    if allowed := _allowed(pack):
        notes.append(f"proofs may rest on {', '.join(sorted(allowed))}, as the pack says")
    packed = pack.manifest.get("lean", {})
    if packed.get("fingerprint") != toolchain.fingerprint:
        notes.append(
            f"packed with {packed.get('description')}, checked with {toolchain.description}"
        )
    confirmed = sum(not found.reason for found in checked)
    return Findings(tuple(differences), tuple(notes), confirmed)


def _wrong(checked: Sequence[Checked]) -> list[str]:
    """What Lean says against the records."""
    said = []
    for found in checked:
        if found.reason:
            said.append(f"the proof of {found.entry.name} does not hold: {found.reason}")
        elif other := sorted(set(found.axioms) ^ set(found.entry.axioms)):
            said.append(f"the proof of {found.entry.name} differs in axioms: {', '.join(other)}")
    return said


def _allowed(pack: Pack) -> frozenset[str]:
    """The axioms beyond Lean's own that the packed workspace allowed."""
    said = pack.manifest.get("configuration", {}).get("allowed_axioms", [])
    return frozenset(str(name) for name in said)


def _as_packed(pack: Pack, settings: Settings) -> Settings:
    """The settings with what the packed workspace accepted."""
    compiler = bool(pack.manifest.get("configuration", {}).get("allow_compiler", False))
    return replace(settings, allowed_axioms=_allowed(pack), allow_compiler=compiler)


def _unpacked(pack: Pack, place: Path) -> Workspace:
    """The sources as a workspace. Raises AuditError for a name that leads out of `place`."""
    root = place.resolve()
    for name, text in pack.sources.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not isinstance(text, str):
            raise AuditError(f"The pack has a source with the name {name}.", "Don't trust it.")
        target = root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        except (OSError, UnicodeEncodeError) as error:
            raise LeanError(f"The source {name} can't be unpacked: {error}.") from error
    return Workspace.at(root)
