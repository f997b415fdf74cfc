"""Every attack of the corpus is refused for a reason it names; what only looks like one passes.

The format of the folders is told in README.md beside this file.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from lean.document import Document, elaborate
from lean.hole import Hole
from lean.session import Session
from lean.verify import Reason, verify

HERE = Path(__file__).parent
MARK = "-- HOLE"
REASONS = frozenset(reason.value for reason in Reason)


@dataclass(frozen=True, slots=True)
class Case:
    """One folder: a document, a script for its attacked hole, and what must come of it."""

    name: str
    document: str
    script: str
    accepted: bool
    reasons: tuple[str, ...]
    lean_accepts: bool
    about: str

    @classmethod
    def read(cls, folder: Path) -> "Case":
        expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
        reason = expected.get("reason", [])
        return cls(
            name=folder.name,
            document=_text(folder / "document.lean"),
            script=_text(folder / "script.lean"),
            accepted={"accepted": True, "rejected": False}[expected["verdict"]],
            reasons=(reason,) if isinstance(reason, str) else tuple(reason),
            lean_accepts=expected["lean_accepts"],
            about=expected["about"],
        )


def _text(file: Path) -> str:
    """The file as it is: reading it as text would turn a lone carriage return into a line break."""
    return file.read_bytes().decode()


def _cases(folder: Path) -> list[Case]:
    return [Case.read(file.parent) for file in sorted(folder.glob("*/expected.toml"))]


ATTACKS = _cases(HERE)
ALLOWED = _cases(HERE / "allowed")


def attacked_hole(document: Document) -> Hole:
    """The hole on the line below the mark, or the only one."""
    if MARK not in document.source.text:
        (hole,) = document.holes
        return hole
    line = document.source.text[: document.source.text.index(MARK)].count("\n") + 2
    (hole,) = (hole for hole in document.holes if hole.line == line)
    return hole


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case.name)
async def test_attack_is_refused(session: Session, case: Case) -> None:
    document = await elaborate(session, case.document)
    assert document.elaborates, document.errors
    verdict = await verify(session, document, attacked_hole(document), case.script)
    assert not verdict.accepted, case.about
    assert verdict.reason in case.reasons, verdict


@pytest.mark.parametrize("case", ALLOWED, ids=lambda case: case.name)
async def test_what_only_looks_like_a_cheat_is_accepted(session: Session, case: Case) -> None:
    document = await elaborate(session, case.document)
    assert document.elaborates, document.errors
    verdict = await verify(session, document, attacked_hole(document), case.script)
    assert verdict.accepted, verdict


async def test_session_serves_on_after_an_attack_that_kills_parsers(session: Session) -> None:
    deep = next(case for case in ATTACKS if case.name.endswith("deep-nesting"))
    document = await elaborate(session, deep.document)
    hole = attacked_hole(document)
    assert not (await verify(session, document, hole, deep.script)).accepted
    assert (await verify(session, document, hole, "exact Nat.le_of_lt h")).accepted


def test_corpus_is_large_and_names_known_reasons() -> None:
    assert len(ATTACKS) >= 40
    assert sum(case.lean_accepts for case in ATTACKS) >= 18
    assert len(ALLOWED) >= 6
    assert all(not case.accepted and case.reasons and case.about for case in ATTACKS)
    assert all(case.accepted and case.about for case in ALLOWED)
    assert {reason for case in ATTACKS for reason in case.reasons} <= REASONS
