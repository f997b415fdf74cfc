"""Makes a found script shorter without searching anew: names that are not needed go.

A script with fewer names in its brackets is easier to read and breaks less often, and inside
`namespace Demo` one writes `double`, not `Demo.double`. Only scripts that close every proof state
as the original did are kept; nothing else about the proof changes.
"""

import re
from collections.abc import Iterator, Sequence

from search.strategies.tries import Tries

ATTEMPTS = 12
"""Shorter scripts tried for one proof."""
_BRACKETS = re.compile(r"(?P<tactic>simp_all|simp|grind) \[(?P<names>[^\]\[]+)\]")


async def minimised(tries: Tries, lines: Sequence[str]) -> list[str]:
    """The lines of a proof of the goal, less the names they can do without. Raises SessionDied."""
    script = "\n".join(lines)
    attempts = 0
    while attempts < ATTEMPTS:
        namespaces = _unqualified(script, tries.goal.hole.declaration)
        variants = [*_last(script), *namespaces, *_shorter(script)][: ATTEMPTS - attempts]
        attempts += len(variants)
        found = await tries.closes(variants)
        if found is None:
            break
        script = found[0]
    return script.split("\n")


def _last(script: str) -> Iterator[str]:
    """The last of several tactics on one line."""
    first, semicolon, last = script.rpartition("; ")
    if semicolon and "\n" not in script and "<;>" not in script and "(" not in first:
        yield last


def _unqualified(script: str, declaration: str) -> Iterator[str]:
    """The script without the namespaces of the declaration, the longest first."""
    parts = declaration.split(".")[:-1]
    for length in range(len(parts), 0, -1):
        namespace = re.escape(".".join(parts[:length]))
        shorter = re.sub(rf"(?<![\w.]){namespace}\.(?=\w)", "", script)
        if shorter != script:
            yield shorter


def _shorter(script: str) -> Iterator[str]:
    """Variants with less in one of the brackets, the shortest first."""
    for bracket in _BRACKETS.finditer(script):
        names = [name.strip() for name in bracket["names"].split(",")]
        yield _replaced(script, bracket, [])
        if len(names) > 1:
            for left_out in range(len(names)):
                yield _replaced(script, bracket, names[:left_out] + names[left_out + 1 :])


def _replaced(script: str, bracket: re.Match[str], names: Sequence[str]) -> str:
    text = f"{bracket['tactic']} [{', '.join(names)}]" if names else bracket["tactic"]
    return script[: bracket.start()] + text + script[bracket.end() :]
