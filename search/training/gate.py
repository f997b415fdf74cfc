"""Whether a new model takes the place of the active one, and how: only when it proves more."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.training.folders import put_in_place
from search.training.trial import Trial

RECIPE = "recipe.json"
"""What a model was made of, and how well it did, beside it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Does the new model become the active one, and why or why not, in a sentence."""

    accepted: bool
    reason: str


def decide(new: Trial, nothing: Trial, active: Trial | None, absent: str = "") -> Decision:
    """The new model must prove more of the held-out goals than the search proves without a model,
    and more than the active one; `absent` says why that took no part where there is one.
    """
    decision = _compared(new, nothing, active)
    if not absent:
        return decision
    reason = f"{decision.reason}; the active model took no part: {absent}"
    return Decision(decision.accepted, reason)


def write_recipe(folder: Path, recipe: dict[str, Any]) -> None:
    """Put a model's recipe beside it. Raises OSError."""
    text = json.dumps(recipe, ensure_ascii=False, indent=2)
    (folder / RECIPE).write_text(text + "\n", "utf-8")


def previous(active: Path) -> Path:
    """Where the model before the active one is kept."""
    return active.with_name(f"{active.name}.previous")


def make_active(new: Path, active: Path) -> None:
    """Put a model in the place of the active one, which is kept as `….previous`. Whoever looks
    meanwhile sees the one, the other, or for a moment none. Raises OSError.
    """
    put_in_place(new, active, previous(active))


def _compared(new: Trial, nothing: Trial, active: Trial | None) -> Decision:
    if not new.goals:
        return Decision(False, "there are no held-out goals to measure it by")
    solved = f"{len(new.solved)} of {new.goals}"
    for rival, called in ((active, "the active model"), (nothing, "the search without a model")):
        if rival is None:
            continue
        ahead = len(new.solved) - len(rival.solved)
        if ahead <= 0:
            lost = f"{-ahead} fewer than" if ahead else "no more than"
            return Decision(False, f"it proves {solved} held-out goals, {lost} {called}")
    rival = nothing if active is None else active
    called = "the search without a model" if active is None else "the active model"
    ahead = len(new.solved) - len(rival.solved)
    return Decision(True, f"it proves {solved} held-out goals, {ahead} more than {called}")
