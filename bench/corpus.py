"""The soundness corpus and the honest proofs, read from the repository's tests.

`tests/soundness/README.md` and `tests/honest/README.md` tell the formats. Only reading: judging the
scripts is `lean.verify`, the table is `bench.soundness`, the tests are beside the corpus.
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from lean.document import Document
from lean.errors import WorkspaceError
from lean.hole import Hole

MARK = "-- HOLE"
"""The attacked hole stands on the line below this comment, where a document has several."""
_TESTS = Path(__file__).parent.parent / "tests"


@dataclass(frozen=True, slots=True)
class Case:
    """One folder: a document, a script for its attacked hole, and what must come of it.

    `reasons`: the values of `lean.verify.Reason` of which any will do. `lean_accepts`: plain Lean
    reports no error on the text with the script in place.
    """

    name: str
    document: str
    script: str
    accepted: bool
    reasons: tuple[str, ...]
    lean_accepts: bool
    about: str

    @classmethod
    def read(cls, folder: Path) -> "Case":
        """The case in a folder. Raises OSError, KeyError where it is not complete."""
        expected = tomllib.loads((folder / "expected.toml").read_text("utf-8"))
        reason = expected.get("reason", [])
        return cls(
            name=folder.name,
            document=_exactly(folder / "document.lean"),
            script=_exactly(folder / "script.lean"),
            accepted={"accepted": True, "rejected": False}[expected["verdict"]],
            reasons=(reason,) if isinstance(reason, str) else tuple(reason),
            lean_accepts=expected["lean_accepts"],
            about=expected["about"],
        )


@dataclass(frozen=True, slots=True)
class HonestProof:
    """A script for the hole number `hole` of a document, which must be accepted."""

    id: str
    document: str
    script: str
    hole: int = 0


def attacks() -> list[Case]:
    """Scripts that must be refused, in the order of their names. Raises WorkspaceError."""
    return _cases(_folder("soundness"))


def allowed() -> list[Case]:
    """Scripts that only look like an attack and must be accepted. Raises WorkspaceError."""
    return _cases(_folder("soundness") / "allowed")


def honest_proofs() -> list[HonestProof]:
    """Proofs that must be accepted. Raises WorkspaceError."""
    return [
        HonestProof(**json.loads(line))
        for file in sorted(_folder("honest").glob("*.jsonl"))
        # Rows are ended by a line feed and nothing else: scripts may hold any other separator.
        for line in file.read_text("utf-8").strip("\n").split("\n")
    ]


def attacked_hole(document: Document) -> Hole:
    """The hole on the line below the mark, or the only one."""
    text = document.source.text
    if MARK not in text:
        (hole,) = document.holes
        return hole
    line = text[: text.index(MARK)].count("\n") + 2
    (hole,) = (hole for hole in document.holes if hole.line == line)
    return hole


def _folder(name: str) -> Path:
    folder = _TESTS / name
    if not folder.is_dir():
        raise WorkspaceError(
            f"The corpus {folder} is not there.",
            "Run this in a checkout of Unsorry's repository: the corpus is not installed.",
        )
    return folder


def _cases(folder: Path) -> list[Case]:
    return [Case.read(file.parent) for file in sorted(folder.glob("*/expected.toml"))]


def _exactly(file: Path) -> str:
    """The file as it is: reading it as text would turn a lone carriage return into a line break."""
    return file.read_bytes().decode()
