"""What a model is told of a goal, and how its answer becomes a tactic for it.

The same functions serve training and proving, so that a model meets at work what it has learned
from.
"""

from collections.abc import Sequence

from lean.protocol import GoalFeatures
from search.generation.tokens import without_marks
from search.templates import fill

MOST_BYTES = 1024
"""Bytes of a goal that a model is told; what it costs grows with them."""
TURNSTILE = "⊢"
_HOLE = "⧼"


def model_input(features: GoalFeatures, most: int = MOST_BYTES) -> str:
    """What a model is told of a goal, in at most so many bytes."""
    return model_input_of_display(features.display, most)


def model_input_of_display(display: str, most: int = MOST_BYTES) -> str:
    """The same, from a goal as it is displayed."""
    return cut(display, most)


def usable_names(features: GoalFeatures) -> tuple[str, ...]:
    """The names of a goal's hypotheses that a script can say, in order: `⧼0⧽` in an answer is the
    first of them.
    """
    return tuple(h.name for h in features.hypotheses if h.accessible and "✝" not in h.name)


def tactic_of(answer: str, names: Sequence[str]) -> str:
    """The tactic that a model's answer means for a goal with these names; "" when it means none.

    Marks are left out, and the holes of a template (`search.templates`) are filled by place.
    """
    text = without_marks(answer).strip()
    if _HOLE not in text:
        return text
    try:
        filled = fill(text, names)
    except ValueError:
        return ""
    return "" if _HOLE in filled else filled


def cut(display: str, most: int = MOST_BYTES) -> str:
    """A displayed goal in at most so many bytes of UTF-8.

    Hypotheses are left out from the first one on, whole ones; of a target that is too long by
    itself the beginning stays.
    """
    if size(display) <= most:
        return display
    above, turnstile, target = display.rpartition(TURNSTILE)
    goal = turnstile + target
    room = most - size(goal)
    if room < 0:
        return shortened(goal, most)
    kept: list[str] = []
    for entry in reversed(_entries(above)):
        room -= size(entry)
        if room < 0:
            break
        kept.append(entry)
    return "".join(reversed(kept)) + goal


def shortened(text: str, most: int) -> str:
    """The beginning of a text in at most so many bytes of UTF-8, no character of it halved."""
    return text.encode("utf-8", "ignore")[: max(0, most)].decode("utf-8", "ignore")


def size(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode("utf-8", "ignore"))


def _entries(text: str) -> list[str]:
    """Hypotheses with their line ends: what is indented goes on with the line before."""
    entries: list[str] = []
    for line in text.splitlines(keepends=True):
        if entries and line.startswith(" "):
            entries[-1] += line
        else:
            entries.append(line)
    return entries
