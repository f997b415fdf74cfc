"""The premises that a script names: declarations, not tactics, hypotheses or names it makes itself.

Reads words, not Lean: what a tactic such as `simp` uses without being told is not among them.
"""

import re
from collections.abc import Iterable

_PART = r"(?:[^\W\d][\w'!?]*|«[^»\n]+»)"
_NAME = re.compile(rf"(?<![\w.'!?«»`]){_PART}(?:\.{_PART})*")
_SKIPPED = re.compile(r"--[^\n]*|/-.*?-/|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)


def premises_named(
    script: str, declarations: Iterable[str], hypotheses: Iterable[str] = ()
) -> tuple[str, ...]:
    """The names in `script` that mean declarations, each once, as they are written.

    Those are names that `declarations` of the document end in, and names of a library, which have a
    capital namespace (`Nat.add_comm`). `hypotheses` hide declarations of their name.
    """
    hidden = set(hypotheses)
    endings = {ending for declaration in declarations for ending in _endings(declaration)}
    words = dict.fromkeys(_NAME.findall(_SKIPPED.sub(" ", script)))
    return tuple(
        word
        for word in words
        if word.split(".")[0] not in hidden
        and (word in endings or ("." in word and word[0].isupper()))
    )


def _endings(declaration: str) -> list[str]:
    """`A.b.c`, `b.c` and `c`: what namespaces that are open make of a name."""
    parts = declaration.split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]
