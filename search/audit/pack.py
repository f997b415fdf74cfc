"""The folder of an audit pack: written once, read back with its hashes.

    manifest.json    what the others are, by SHA-256; versions, fingerprint, configuration
    journal.jsonl    every event of the run, in order
    proofs.json      a record for each proof
    incidents.json   what went wrong
    metrics.json     the run in figures
    sources.json     the Lean files that the proofs belong to

The sources are in one file, so that no tool takes them for files of the workspace around them.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from search.audit.errors import AuditError
from search.audit.proofs import ProofEntry

FORMAT = "unsorry-audit"
VERSION = 1
MANIFEST = "manifest.json"
JOURNAL, PROOFS, SOURCES = "journal.jsonl", "proofs.json", "sources.json"
INCIDENTS, METRICS = "incidents.json", "metrics.json"
FILES = (JOURNAL, PROOFS, INCIDENTS, METRICS, SOURCES)


@dataclass(frozen=True, slots=True)
class Pack:
    """What was read of a pack; `differences` says what is not as the manifest has it."""

    folder: Path
    manifest: Mapping[str, Any]
    proofs: tuple[ProofEntry, ...]
    sources: Mapping[str, str]
    differences: tuple[str, ...]


@dataclass(slots=True)
class Content:
    """What goes into a pack."""

    about: Mapping[str, Any]
    journal: Sequence[Mapping[str, Any]]
    proofs: Sequence[ProofEntry]
    incidents: Sequence[Mapping[str, Any]]
    metrics: Mapping[str, Any]
    sources: Mapping[str, str] = field(default_factory=dict)


def write_pack(folder: Path, content: Content) -> str:
    """Write a pack into a folder that is new or empty; the SHA-256 of its manifest.

    Raises AuditError.
    """
    texts = {
        JOURNAL: "".join(f"{_line(event)}\n" for event in content.journal),
        PROOFS: _text([entry.as_dict() for entry in content.proofs]),
        INCIDENTS: _text(content.incidents),
        METRICS: _text(content.metrics),
        SOURCES: _text(content.sources),
    }
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        **content.about,
        "proofs": _hashes(content.proofs),
        "files": {
            name: {"sha256": _hash(text), "bytes": len(text.encode())}
            for name, text in texts.items()
        },
    }
    texts[MANIFEST] = _text(manifest)
    try:
        if folder.is_dir() and any(folder.iterdir()):
            raise AuditError(f"{folder} is not empty.", "Choose another folder: --out DIR")
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode())
    except OSError as error:
        raise AuditError(f"{folder} can't be written: {error.strerror}.") from error
    return _hash(texts[MANIFEST])


def read_pack(folder: Path) -> Pack:
    """The pack in a folder. Raises AuditError when there is none, or it can't be read at all."""
    manifest = _manifest(folder)
    differences: list[str] = []
    contents: dict[str, bytes] = {}
    for name, said in sorted(manifest["files"].items()):
        try:
            content = contents[name] = (folder / name).read_bytes()
        except OSError as error:
            differences.append(f"{name} can't be read: {error.strerror}")
            continue
        if hashlib.sha256(content).hexdigest() != said["sha256"]:
            differences.append(f"{name} is not as it was packed")
    for path in sorted(folder.iterdir()):
        if path.name not in (MANIFEST, *manifest["files"]):
            differences.append(f"{path.name} does not belong to the pack")
    proofs = tuple(_proofs(contents.get(PROOFS, b"[]"), differences))
    differences += _changed(manifest["proofs"], proofs)
    sources = _json(contents.get(SOURCES, b"{}"), SOURCES, differences)
    if not isinstance(sources, dict):
        sources = {}
    return Pack(folder, manifest, proofs, sources, tuple(differences))


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise AuditError(
            f"There is no audit pack in {folder}: {error.strerror}.", "Name its folder."
        ) from error
    except ValueError as error:
        raise AuditError(f"{path} is damaged: {error}.", "Get the pack anew.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise AuditError(f"{path} is no manifest of an audit pack.")
    if manifest.get("version") != VERSION:
        raise AuditError(f"{path} is of a newer Unsorry.", "Check it with that one.")
    if not isinstance(manifest.get("files"), dict) or not isinstance(manifest.get("proofs"), dict):
        raise AuditError(f"{path} is damaged: it names no files.", "Get the pack anew.")
    return manifest


def _proofs(content: bytes, differences: list[str]) -> list[ProofEntry]:
    """The records that can be read."""
    found = []
    rows = _json(content, PROOFS, differences)
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        try:
            found.append(ProofEntry.of_dict(row))
        except (TypeError, KeyError):
            differences.append(f"{PROOFS}: record {number} is damaged")
    return found


def _changed(packed: Mapping[str, str], proofs: Sequence[ProofEntry]) -> list[str]:
    """The proofs that are not as they were packed, by name."""
    now = _hashes(proofs)
    names = dict(zip(now, (entry.name for entry in proofs), strict=True))
    missing = [key for key in packed if key not in now]
    changed = [names[key] for key in now if now[key] != packed.get(key)]
    return [
        *(f"proof {key} of the manifest is missing" for key in missing),
        *(f"the proof of {name} is not as it was packed" for name in changed),
    ]


def _hashes(proofs: Sequence[ProofEntry]) -> dict[str, str]:
    """The SHA-256 of each record, by its number from 1."""
    return {str(number): _hash(_line(entry.as_dict())) for number, entry in enumerate(proofs, 1)}


def _json(content: bytes, name: str, differences: list[str]) -> object:
    try:
        return json.loads(content)
    except ValueError as error:
        differences.append(f"{name} is damaged: {error}")
        return None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
