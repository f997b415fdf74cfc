"""Renames hypotheses in a tactic script, so that it serves the same goal under other names.

Reads words, not Lean: the result is a proposal that `lean.verify` judges like any other.
"""

import itertools
import re
from collections.abc import Sequence

_LETTER = r"[^\W\d]|[\u2070-\u209c\u1d62-\u1d6a]"
_PART = rf"(?:«[^»\n]*»|(?:{_LETTER})(?:[\w'!?]|{_LETTER})*)"
_SKIPPED = r"""--[^\n]*|/-.*?-/|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\[^\n])'"""
_WORD = re.compile(
    rf"(?P<skipped>{_SKIPPED})|(?P<mark>\.|`+|\?)?(?P<word>{_PART})(?P<rest>(?:\.{_PART})*)",
    re.DOTALL,
)
_STARTS_TACTIC = re.compile(r"(?:^|\n|;|<;>|·|\bby|=>|\()[ \t]*$")
_NAMES_ARGUMENT = re.compile(r"\([ \t]*$")
_NAMES_CASE = re.compile(r"\bcase'?[ \t]+$")
TACTIC_WORDS = frozenset(
    {"left", "right", "exists", "constructor", "split", "symm", "intro", "cases", "exact", "rfl"}
)
"""Tactics that hypotheses may share their names with; where a step begins they are tactics."""


def rename(script: str, old: Sequence[str], new: Sequence[str]) -> str:
    """`script` with each name in `old` replaced by the one at its place in `new`.

    All at once, so that names can be exchanged. Whole identifiers only: `h` in `h.1`, not in `h'`,
    `Nat.h`, `.h`, `?h`, `(h := e)`, comments or texts. Empty names (hypotheses that a script can't
    name) stand for nothing. A name that the script itself introduces makes way for a new one that
    it would hide. When there are not as many of both, the rest stays: goals with one core have its
    hypotheses first.
    """
    names = {
        before: after
        for before, after in zip(old, new, strict=False)
        if before and after and before != after
    }
    if not names:
        return script
    words = {found["word"] for found in _WORD.finditer(script) if _is_free(script, found)}
    for word in words & set(names.values()) - set(old):
        names[word] = _fresh(word, words | set(old) | set(new))

    def renamed(found: re.Match[str]) -> str:
        word = found["word"]
        if word not in names or not _is_free(script, found):
            return found[0]
        return names[word] + found["rest"]

    return _WORD.sub(renamed, script)


def _is_free(script: str, found: re.Match[str]) -> bool:
    """Is it a word that may name a hypothesis, by what stands around it?"""
    if found["skipped"] or found["mark"]:
        return False
    before, after = script[: found.start()], script[found.end() :].lstrip(" \t")
    if found["word"] in TACTIC_WORDS and not found["rest"] and _STARTS_TACTIC.search(before):
        return False
    if _NAMES_CASE.search(before):
        return False
    return not (after.startswith(":=") and _NAMES_ARGUMENT.search(before))


def _fresh(word: str, taken: set[str]) -> str:
    return next(name for number in itertools.count(1) if (name := f"{word}_{number}") not in taken)
