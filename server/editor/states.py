"""The words for what has become of a goal: one sentence, its code, and how much it matters.

One source for diagnostics, hovers, hints and trees, so that they never disagree.
"""

import time
from dataclasses import dataclass
from typing import Literal

from search.events import GoalVerdict
from server.editor.documents import Document, KnownGoal, State

Weight = Literal["hint", "usual", "warning"]

CODES: dict[State, str] = {
    "waiting": "searching",
    "searching": "searching",
    "proved": "proof-found",
    "stale": "proof-found",
    "refuted": "false",
    "open": "no-proof",
    "stopped": "stopped",
    "skipped": "not-searched",
}
"""The `code` of the diagnostic; docs/messages.md explains each. `ticket` when one is waited for."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a goal."""

    state: State
    code: str
    weight: Weight
    message: str


def said(document: Document, known: KnownGoal, follows: str = "", caveat: str = "") -> Said:
    """What is said of a goal now.

    `follows` says which other program searches here; `caveat`, which Lean has not confirmed it.
    """
    state = document.state(known)
    code = CODES[state]
    weight: Weight = "usual"
    match state:
        case "proved" | "stale":
            message = _found(known, state, caveat)
        case "refuted":
            weight = "warning"
            message = f"false as stated: {values(known.verdict)}"
        case "searching":
            message = f"searching for a proof: {', '.join(known.running)} ({_seconds(known)})"
        case "waiting":
            message = "searching for a proof"
        case "stopped":
            message = "the search was stopped here"
        case "skipped":
            weight = "hint"
            verdict = known.verdict or known.before
            message = f"not searched: {verdict.reason if verdict else ''}"
        case "open":
            code = "ticket" if known.tickets else code
            message = _open(known, follows)
    return Said(state, code, weight, message)


def first_line(proof: GoalVerdict) -> str:
    """The first line of a proof, and a sign that there is more."""
    lines = proof.script.split("\n")
    shown = f"{lines[0]} …" if len(lines) > 1 else lines[0]
    return f"{shown} (with a helper lemma)" if proof.helper else shown


def values(verdict: GoalVerdict | None) -> str:
    """The counterexample in words."""
    if verdict is None or verdict.counterexample is None:
        return ""
    return str(verdict.counterexample)


def _found(known: KnownGoal, state: State, caveat: str) -> str:
    proof = known.proof
    if proof is None:
        return f"false before your last edits: {values(known.verdict or known.before)}"
    if state == "stale":
        return f"proof found before your last edits: {first_line(proof)}"
    return f"proof found: {first_line(proof)}" + (f" ({caveat})" if caveat else "")


def _open(known: KnownGoal, follows: str) -> str:
    if known.tickets:
        waits = "lemma" if len(known.tickets) == 1 else "lemmas"
        return f"no proof yet: it waits for the helper {waits} {', '.join(known.tickets)}"
    verdict = known.verdict
    if verdict is not None and verdict.reason:
        return f"no proof found: {verdict.reason}"
    if follows:
        return f"no proof known yet; {follows} searches this workspace"
    if verdict is None or not verdict.attempts:
        return "no proof found earlier, and nothing has changed since"
    return f"no proof found in {verdict.seconds:.1f} s"


def _seconds(known: KnownGoal) -> str:
    return f"{time.monotonic() - min(known.running.values()):.0f} s"
