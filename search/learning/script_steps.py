"""The steps of a script of which only the goal it proved is known: itself, and its first tactic.

What the goals below that one were is known where the text has been elaborated; that is
`search.proof_steps`.
"""

import re
from collections.abc import Iterator, Sequence

from search.premises import premises_named
from search.proof_steps import LONGEST, ProofStep

SCRIPT = "script"
"""The kind of a step that is a whole script."""
FIRST = "first"
"""The kind of a step that is the first tactic of a script."""


def steps_of_script(
    display: str,
    hypotheses: Sequence[str],
    symbols: Sequence[str],
    context: Sequence[str],
    script: str,
    declaration: str = "",
) -> Iterator[ProofStep]:
    """The steps of `script`, which proved the goal displayed so; none when it is too long."""
    constants = tuple(dict.fromkeys([*symbols, *context]))

    def step(tactic: str, kind: str) -> ProofStep:
        named = premises_named(tactic, constants, hypotheses)
        premises = tuple(dict.fromkeys(_full(name, constants) for name in named))
        return ProofStep(
            declaration,
            tactic,
            kind,
            display,
            tuple(hypotheses),
            tuple(symbols),
            tuple(context),
            premises,
            before=1,
            left=0 if kind == SCRIPT else 1,
        )

    lines = script.split("\n")
    if len(script) <= LONGEST:
        yield step(script, SCRIPT)
    first = _first_tactic(lines)
    if len(lines) > 1 and first and len(first) <= LONGEST:
        yield step(first, FIRST)


def _first_tactic(lines: Sequence[str]) -> str:
    """The first tactic, without its alternatives and the scripts of the goals it left."""
    kept = [lines[0]]
    for line in lines[1:]:
        if not line.startswith(" "):
            break
        kept.append(line)
    first = "\n".join(kept).rstrip()
    if first.startswith(("·", "|", "{", "(")):
        return ""
    return re.sub(r"\s+with$", "", first)


def _full(name: str, constants: Sequence[str]) -> str:
    """The constant of the goal that a script calls `name`, or the name itself."""
    ending = f".{name}"
    return next((one for one in constants if one == name or one.endswith(ending)), name)
