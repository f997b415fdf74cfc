"""Proofs in a file that machines and CI runs exchange: `unsorry cache export` and `import`.

A header line, then one proof a line, as JSON; gzip when the name ends in `.gz`. What is imported is
data, never truth: it has no date of verification until Lean has checked it here.

    {"format": "unsorry-cache", "version": 1, "lean": ["<toolchain>", …], "proofs": 2, …}
    {"goal": "<key>", "core": "<key>", "script": "omega", "strategy": "arithmetic", …}
"""

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from search.errors import CacheFileError
from search.ledger import Ledger
from search.records import Fingerprint, ProofRecord

VERSION = 1
"""Of the format; raised when an older Unsorry could misread a file."""
_Key = Annotated[str, Field(min_length=1)]
_CONFIG = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Format(BaseModel):
    model_config = _CONFIG
    format: Literal["unsorry-cache"]
    version: Annotated[int, Field(ge=1)]


class _Header(_Format):
    exported_at: str
    lean: list[str]
    proofs: Annotated[int, Field(ge=0)]


class _Line(BaseModel):
    """One proof. Fields that this version does not know are passed over."""

    model_config = _CONFIG
    goal: _Key
    core: _Key
    script: _Key
    strategy: str
    toolchain: _Key
    project: str
    hypotheses: list[str] = []
    helper: str = ""
    length: Annotated[int, Field(ge=0, lt=2**31)] = 1
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    axioms: list[str] = []
    premises: list[str] = []


def export_cache(ledger: Ledger, path: Path) -> int:
    """Write every proof that stands to `path`, whole or not at all; how many they are.

    Raises CacheFileError, LedgerError.
    """
    lines = [_line(proof, core) for proof, core in ledger.every_proof()]
    header = _Header(
        format="unsorry-cache",
        version=VERSION,
        exported_at=datetime.now(UTC).isoformat(timespec="seconds"),
        lean=sorted({line.toolchain for line in lines}),
        proofs=len(lines),
    )
    try:
        _write(path, [header, *lines])
    except OSError as error:
        raise CacheFileError(f"{path} can't be written ({error}).") from error
    return len(lines)


def import_cache(ledger: Ledger, path: Path) -> int:
    """Add the proofs of `path` that the ledger does not have, all or none; how many were new.

    Raises CacheFileError, which names the line, and LedgerError.
    """
    return ledger.add_imported(_read(path))


def _write(path: Path, content: Iterable[BaseModel]) -> None:
    text = "".join(f"{line.model_dump_json()}\n" for line in content).encode()
    # No time stamp inside: the same proofs make the same file.
    data = gzip.compress(text, mtime=0) if path.suffix == ".gz" else text
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; this one is meant to be passed on.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _read(path: Path) -> list[tuple[ProofRecord, str]]:
    # Not `splitlines`: scripts may hold other characters that it takes for line ends.
    first, *lines = _text(path).split("\n")
    header = _header(path, first)
    proofs = [_proof(path, number, line) for number, line in enumerate(lines, 2) if line]
    if len(proofs) != header.proofs:
        raise CacheFileError(
            f"{path} is damaged: line 1 promises {header.proofs} proofs, and line "
            f"{len(proofs) + 1} is the last.",
            "Export it anew.",
        )
    return proofs


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if path.suffix == ".gz" else data
        return data.decode()
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise CacheFileError(
            f"{path}, line {number}: this is not UTF-8 text.", "Export it anew."
        ) from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise CacheFileError(f"{path} is damaged ({error}).", "Export it anew.") from error
    except OSError as error:
        raise CacheFileError(f"{path} can't be read ({error}).") from error


def _header(path: Path, line: str) -> _Header:
    try:
        version = _Format.model_validate_json(line).version
    except ValidationError as error:
        raise CacheFileError(
            f"{path} is not an exported cache (line 1: {_reason(error)}).",
            "Give a file that `unsorry cache export` wrote.",
        ) from error
    if version > VERSION:
        raise CacheFileError(
            f"{path} was written by a newer Unsorry (version {version}, here {VERSION}).",
            "Update Unsorry to import it.",
        )
    try:
        return _Header.model_validate_json(line)
    except ValidationError as error:
        raise CacheFileError(
            f"{path}, line 1: {_reason(error)}.", "The file is damaged; export it anew."
        ) from error


def _line(proof: ProofRecord, core: str) -> _Line:
    return _Line(
        goal=proof.goal,
        core=core,
        script=proof.script,
        strategy=proof.strategy,
        toolchain=proof.fingerprint.toolchain,
        project=proof.fingerprint.project,
        hypotheses=list(proof.hypotheses),
        helper=proof.helper,
        length=proof.length,
        seconds=proof.seconds,
        axioms=list(proof.axioms),
        premises=list(proof.premises),
    )


def _proof(path: Path, number: int, text: str) -> tuple[ProofRecord, str]:
    try:
        line = _Line.model_validate_json(text)
    except ValidationError as error:
        raise CacheFileError(
            f"{path}, line {number}: {_reason(error)}.", "The file is damaged; export it anew."
        ) from error
    proof = ProofRecord(
        goal=line.goal,
        script=line.script,
        strategy=line.strategy,
        fingerprint=Fingerprint(line.toolchain, line.project),
        hypotheses=tuple(line.hypotheses),
        helper=line.helper,
        length=line.length,
        seconds=line.seconds,
        axioms=tuple(line.axioms),
        premises=tuple(line.premises),
        origin="import",
    )
    return proof, line.core


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else str(first["msg"])
