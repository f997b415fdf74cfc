"""Makes a found script shorter without searching anew: names that are not needed go.

A script with fewer names in its brackets is easier to read and breaks less often, and inside
`namespace Demo` one writes `double`, not `Demo.double`. Only scripts that close every proof state
as the original did are kept; nothing else about the proof changes.
"""

import re
from collections.abc import Iterator, Sequence

from lean.session import Session
from search.budget import Budget
from search.strategies.micro_closers import QUICK_HEARTBEATS

ATTEMPTS = 12
"""Shorter scripts tried for one proof."""
_BRACKETS = re.compile(r"(?P<tactic>simp_all|simp|grind) \[(?P<names>[^\]\[]+)\]")


async def minimised(
    session: Session,
    proofs: Sequence[int],
    lines: Sequence[str],
    budget: Budget,
    declaration: str = "",
) -> list[str]:
    """The lines with every name left out that they can do without. Raises SessionDied.

    `declaration` is the full name of the enclosing one: its namespaces need not be written.
    """
    script = "\n".join(lines)
    attempts = 0
    progress = True
    while progress and attempts < ATTEMPTS and not budget.exhausted:
        progress = False
        variants = [*_unqualified(script, declaration), *_shorter(script)][: ATTEMPTS - attempts]
        attempts += len(variants)
        if variants:
            limits = budget.limits(QUICK_HEARTBEATS)
            async for outcome in session.check(proofs, variants, limits, first=True):
                if outcome.result == "proved":
                    script, progress = variants[outcome.index], True
    return script.split("\n")


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
