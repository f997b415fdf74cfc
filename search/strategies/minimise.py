"""Makes a found script shorter without searching anew: names that are not needed go.

A script with fewer names in its brackets is easier to read and breaks less often. Only scripts that
close every proof state as the original did are kept; nothing else about the proof changes.
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
    session: Session, proofs: Sequence[int], lines: Sequence[str], budget: Budget
) -> list[str]:
    """The lines with every name left out that they can do without. Raises SessionDied."""
    script = "\n".join(lines)
    attempts = 0
    progress = True
    while progress and attempts < ATTEMPTS and not budget.exhausted:
        progress = False
        variants = list(_shorter(script))[: ATTEMPTS - attempts]
        attempts += len(variants)
        if variants:
            limits = budget.limits(QUICK_HEARTBEATS)
            async for outcome in session.check(proofs, variants, limits, first=True):
                if outcome.result == "proved":
                    script, progress = variants[outcome.index], True
    return script.split("\n")


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
