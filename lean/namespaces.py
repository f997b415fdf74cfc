"""The namespace that a line of a Lean text stands in, read off its words.

For what Lean tells by line only. `end`s of sections and mutual blocks are counted as Lean does.
"""

import re

from lean.source_header import without_comments

_OPENS = re.compile(
    r"^[ \t]*(?:(?:@\[[^\]]*\]|public|noncomputable|meta)[ \t]+)*"
    r"(?P<word>namespace|section|mutual|end)\b[ \t]*(?P<name>[^\s]*)",
    re.MULTILINE,
)


def namespace_at(text: str, line: int) -> str:
    """The namespace at the start of `line`, which counts from 1; empty outside of all."""
    above = "\n".join(without_comments(text).split("\n")[: line - 1])
    scopes: list[str] = []
    for found in _OPENS.finditer(above):
        parts = found["name"].split(".") if found["name"] else [""]
        if found["word"] == "end":
            # `end A.B` ends two scopes, however they were begun.
            del scopes[max(0, len(scopes) - len(parts)) :]
        elif found["word"] == "mutual":
            scopes.append("")
        else:
            scopes += parts if found["word"] == "namespace" else [""] * len(parts)
    return ".".join(scope for scope in scopes if scope)


def whole_name(text: str, line: int, name: str) -> str:
    """The whole name of what is declared as `name` on a line."""
    if name.startswith("_root_."):
        return name.removeprefix("_root_.")
    return ".".join(part for part in (namespace_at(text, line), name) if part)
