"""The namespace that a line of a Lean text stands in, read off its words.

For what Lean tells by line only. `end`s of sections and mutual blocks are counted as Lean does.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from operator import itemgetter

from lean.source_header import without_comments

_OPENS = re.compile(
    r"^[ \t]*(?:(?:@\[[^\]]*\]|public|noncomputable|meta)[ \t]+)*"
    r"(?P<word>namespace|section|mutual|end)\b[ \t]*(?P<name>[^\s]*)",
    re.MULTILINE,
)


def namespace_at(text: str, line: int) -> str:
    """The namespace at the start of `line`, which counts from 1; empty outside of all."""
    return _in_force(_changes(text), line)


def whole_names(text: str, declared: Iterable[tuple[int, str]]) -> list[str]:
    """The whole names of what is declared in a text, each given by its line and its name there."""
    changes = _changes(text)
    return [_joined(_in_force(changes, line), name) for line, name in declared]


def _changes(text: str) -> list[tuple[int, str]]:
    """Each line that opens or ends a scope, and the namespace after it."""
    bare = without_comments(text)
    scopes: list[str] = []
    changes = []
    line, counted = 1, 0
    for found in _OPENS.finditer(bare):
        parts = found["name"].split(".") if found["name"] else [""]
        if found["word"] == "end":
            # `end A.B` ends two scopes, however they were begun.
            del scopes[max(0, len(scopes) - len(parts)) :]
        elif found["word"] == "mutual":
            scopes.append("")
        else:
            scopes += parts if found["word"] == "namespace" else [""] * len(parts)
        line += bare.count("\n", counted, found.end())
        counted = found.end()
        changes.append((line, ".".join(scope for scope in scopes if scope)))
    return changes


def _in_force(changes: list[tuple[int, str]], line: int) -> str:
    count = bisect_left(changes, line, key=itemgetter(0))
    return changes[count - 1][1] if count else ""


def _joined(namespace: str, name: str) -> str:
    if name.startswith("_root_."):
        return name.removeprefix("_root_.")
    return ".".join(part for part in (namespace, name) if part)
