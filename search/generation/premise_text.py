"""What ReProver's generator is told: premises, each as a declaration with its name marked, and the
goal below them.
"""

from collections.abc import Iterable

from search.generation.goal_text import cut, size

MOST_BYTES = 2300
"""Bytes that ReProver was trained on."""


def premise_text(name: str, statement: str) -> str:
    """A premise as a declaration, its name marked."""
    return f"theorem <a>{name}</a> : {' '.join(statement.split())}"


def augmented_input(
    display: str, premises: Iterable[tuple[str, str]], most: int = MOST_BYTES
) -> str:
    """The goal with (name, statement) of premises above it, the likeliest ones nearest to it.

    It has at most so many bytes: premises that find no room are left out, and the goal's own
    hypotheses only when it is too long without any.
    """
    goal = cut(display, most)
    room = most - size(goal)
    text = goal
    for name, statement in premises:
        block = f"{premise_text(name, statement)}\n\n"
        if size(block) <= room:
            room -= size(block)
            text = block + text
    return text
