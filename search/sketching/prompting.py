"""The words for the language model: what is asked, and the material that it is asked about.

The words are files (`prompts/NAME.vN.md`); a change of them is a new version. What comes from Lean
files is data: it stands between lines with a random number that it can't know, cut to a size, and
decides nothing but what the model reads.
"""

import secrets
import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from search.drafting.draft import DraftRequest, Feedback
from search.sketching.excerpts import beginning, ending

VERSION = 1
"""Of the prompts that are used."""
CONTEXT_BYTES = 6000
"""Bytes of the file above the declaration."""
GOAL_BYTES = 4000
DRAFT_BYTES = 6000
ERROR_BYTES = 700
HOLE_BYTES = 900
MOST_ERRORS = 5
MOST_HOLES = 6
MOST_PREMISES = 16
PREMISE_BYTES = 300
MOST_FAILED = 6
FAILED_BYTES = 400


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user"]
    content: str


@dataclass(frozen=True, slots=True)
class Section:
    """Material under a name that we choose."""

    name: str
    text: str


def draft_messages(
    request: DraftRequest, notes: Sequence[str] = (), context_bytes: int = CONTEXT_BYTES
) -> list[Message]:
    """Ask for a first draft. `notes`: what was wrong with answers that were no drafts."""
    return _messages("draft", [*_about(request, context_bytes), *_failed(request.failed)], notes)


def repair_messages(
    request: DraftRequest,
    history: Sequence[Feedback],
    notes: Sequence[str] = (),
    context_bytes: int = CONTEXT_BYTES,
) -> list[Message]:
    """Ask for a better draft than the last one of `history`, which is not empty."""
    last, best = history[-1], best_of(history)
    earlier = [one.draft.script for one in history if one not in (last, best)]
    sections = [*_about(request, context_bytes), *_came_of("draft", last)]
    if best is not None and best is not last:
        sections += _came_of("the best draft so far", best)
    return _messages("repair", [*sections, *_failed([*earlier, *request.failed])], notes)


def best_of(history: Iterable[Feedback]) -> Feedback | None:
    """The draft that elaborates with the fewest open holes; None when none elaborates."""
    usable = [feedback for feedback in history if not feedback.errors]
    return min(usable, key=lambda feedback: len(feedback.open), default=None)


def _about(request: DraftRequest, context_bytes: int) -> list[Section]:
    """The goal, and what surrounds it."""
    premises = [
        beginning(f"{lemma.name} : {_one_line(lemma.statement)}", PREMISE_BYTES)
        for lemma in request.premises[:MOST_PREMISES]
    ]
    return [
        Section("the file above", ending(request.above, context_bytes)),
        Section("the declaration up to the hole", ending(request.declaration, GOAL_BYTES)),
        Section("lemmas that may help", "\n".join(premises)),
        Section("goal", beginning(request.display, GOAL_BYTES)),
    ]


def _came_of(name: str, feedback: Feedback) -> list[Section]:
    """A draft, and what Lean said to it."""
    errors = [beginning(error, ERROR_BYTES) for error in feedback.errors[:MOST_ERRORS]]
    holes = []
    for hole in [] if errors else feedback.open[:MOST_HOLES]:
        why = f"false: {hole.refuted}" if hole.refuted else "not proved"
        holes.append(beginning(f"({why})\n{hole.goal}", HOLE_BYTES))
    return [
        Section(name, beginning(feedback.draft.script, DRAFT_BYTES)),
        Section(f"errors in {name}", "\n\n".join(errors)),
        Section(
            f"holes of {name} that are open, {len(feedback.open)} of {feedback.holes}",
            "\n\n".join(holes),
        ),
    ]


def _failed(scripts: Sequence[str]) -> list[Section]:
    """Scripts that lead nowhere, each once."""
    once = list(dict.fromkeys(scripts))[:MOST_FAILED]
    shown = "\n---\n".join(beginning(script, FAILED_BYTES) for script in once)
    return [Section("scripts that have failed", shown)]


def _one_line(statement: str) -> str:
    return " ".join(statement[: 4 * PREMISE_BYTES].split())


def _messages(name: str, sections: Sequence[Section], notes: Sequence[str]) -> list[Message]:
    told = [section for section in sections if section.text.strip()]
    nonce = _nonce(section.text for section in told)
    material = "\n\n".join(
        "\n".join((f"<<<{nonce} {section.name}", section.text.strip("\n"), f"{nonce}>>>"))
        for section in told
    )
    asked = _template(name).substitute(material=material).strip()
    if notes:
        # The notes are our own sentences; nothing of an answer is in them.
        asked += "\n\n" + "\n".join(f"An earlier answer was refused: {note}" for note in notes)
    rules = _template("rules").substitute(nonce=nonce).strip()
    return [Message("system", rules), Message("user", asked)]


def _nonce(texts: Iterable[str]) -> str:
    """Digits that occur in none of the texts, which were written before they were drawn."""
    everything = "\n".join(texts)
    while (nonce := secrets.token_hex(8)) in everything:
        pass
    return nonce


@cache
def _template(name: str) -> string.Template:
    file = resources.files("search.sketching") / "prompts" / f"{name}.v{VERSION}.md"
    return string.Template(file.read_text("utf-8"))
