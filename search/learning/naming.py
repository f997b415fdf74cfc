"""Names for hypotheses that have none, so that steps can speak of them.

`induction n` and `split` leave hypotheses that a script can't name; people write `rename_i` then.
"""

from lean.protocol import GoalFeatures, Hypothesis
from search.strategies.closers import fresh


def naming(goal: GoalFeatures) -> str:
    """The `rename_i` that names every hypothesis of the goal without a name, or ""."""
    unnamed = [i for i, h in enumerate(goal.hypotheses) if _is_nameless(h)]
    if not unnamed:
        return ""
    taken = {h.name for h in goal.hypotheses if h.accessible}
    names = [
        fresh(_stem(h), taken) if _is_nameless(h) else "_"
        for h in goal.hypotheses[unnamed[0] :]
        if not h.accessible
    ]
    return f"rename_i {' '.join(names)}"


def _is_nameless(hypothesis: Hypothesis) -> bool:
    return not hypothesis.accessible and hypothesis.kind != "instance"


def _stem(hypothesis: Hypothesis) -> str:
    """A name as people give it: `ih` and `h` for facts, a letter for values."""
    name = hypothesis.name
    if hypothesis.kind == "prop":
        return "ih" if "ih" in name.split("_")[-1] else "h"
    if hypothesis.kind == "type":
        return "α"
    if hypothesis.head == "Nat":
        return "n"
    if hypothesis.head == "List":
        return "xs"
    # The names of constructors' fields (`a✝`, `left✝`) are as good as any.
    return name if name.isidentifier() and len(name) <= 6 else "x"
