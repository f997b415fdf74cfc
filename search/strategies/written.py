"""How a proof that was found is written: bullets or named alternatives, one line where it will do.

Only text; the moves are `moves`, and what fills their places is found elsewhere.
"""

from collections.abc import Sequence

from search.strategies.move import GOAL, Move
from search.strategies.tries import INDENT


def written(move: Move, scripts: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a move with the script of each of the goals it leaves in its place."""
    if GOAL not in move.text:
        return _behind(move.text.split("\n"), scripts)
    if move.text.startswith("refine"):
        return [move.text, *scripts[0]]
    return _inside(move.text.split("\n"), scripts)


def behind_all(move: Move, closer: str) -> str:
    """The move with one closer for all of its goals."""
    return f"{move.brief} <;> {closer if ';' not in closer else f'({closer})'}"


def _behind(lines: list[str], scripts: Sequence[Sequence[str]]) -> list[str]:
    if len(scripts) == 1:
        return [*lines, *scripts[0]]
    for script in scripts:
        lines += [f"· {script[0]}", *(INDENT + line for line in script[1:])]
    return lines


def _inside(places: Sequence[str], scripts: Sequence[Sequence[str]]) -> list[str]:
    lines: list[str] = []
    rest = list(scripts)
    for line in places:
        if GOAL not in line:
            lines.append(line)
            continue
        script = rest.pop(0) if rest else ["skip"]
        start = line.replace(f" {GOAL}", "")
        if len(script) == 1:
            lines.append(f"{start} {script[0]}")
        else:
            lines += [start, *(INDENT + inner for inner in script)]
    return lines
