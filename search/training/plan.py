"""What a training is to be, and how far it is: values that cross from one process to another."""

from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from search.generation.goal_text import model_input_of_display
from search.training.pairs import Pair

CHECKPOINT, CONVERTED = "checkpoint", "converted"
"""What a job leaves in its folder: the best model, and the same for CTranslate2."""
LONGEST_GOAL = 400
"""Bytes of a goal to learn from. Nine in ten have fewer than 150; at work a model is told more."""


def told(pair: Pair) -> tuple[str, str]:
    """A pair as the model sees it: what it is told, and what it should answer."""
    return model_input_of_display(pair.display, most=LONGEST_GOAL), pair.tactic


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a model. With these numbers it has 1.1 million parameters.

    It reads much more than it writes, so that what it reads with decides how fast it learns: with a
    layer less there, and without dropout, it was after 150 s where it had not been before after
    twice as long.
    """

    width: int = 128
    inner: int = 320
    heads: int = 4
    encoder_layers: int = 3
    decoder_layers: int = 2
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How to train: for how many `seconds`, with which seed, in batches of so many pairs.

    `matrix_rate` is the highest learning rate of the matrices (by Muon), `rate` that of all else
    (by AdamW), `decay` that of the weights; the model is looked at every `look_every` seconds.
    `threads`: two are a third faster on two idle cores, and ten times slower on two that others use
    as well.
    """

    seconds: float = 300.0
    seed: int = 0
    shape: Shape = field(default_factory=Shape)
    batch: int = 32
    rate: float = 4e-3
    matrix_rate: float = 0.02
    decay: float = 0.01
    look_every: float = 15.0
    threads: int = 1

    def as_json(self) -> dict[str, Any]:
        """The plan as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """The plan that `as_json` made the row of."""
        return cls(**{**row, "shape": Shape(**row["shape"])})


@dataclass(frozen=True, slots=True)
class Progress:
    """A training at one moment.

    Losses are nats a byte: `loss` over the last steps, `validation_loss` on pairs that are not
    learned from. `exact_match`: the part of those for which the likeliest tactic is the right one.
    `examples`: pairs seen so far, those seen again counted again.
    """

    step: int
    seconds: float
    loss: float
    validation_loss: float
    exact_match: float
    examples: int

    def as_json(self) -> dict[str, Any]:
        """The progress as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """The progress that `as_json` made the row of; what else is in it is left out."""
        return cls(**{known.name: row[known.name] for known in fields(cls)})


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is to do: train on the pairs of a file, one JSON object a line, choose the best
    model by those of another, leave it in a folder, and say how well it does on a third.
    """

    plan: Plan
    folder: Path
    train: Path
    validation: Path
    held_out: Path

    def as_json(self) -> dict[str, Any]:
        """The job as JSON can hold it."""
        return {
            "plan": self.plan.as_json(),
            **{name: str(getattr(self, name)) for name in _PATHS},
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """The job that `as_json` made the row of."""
        return cls(Plan.from_json(row["plan"]), *(Path(row[name]) for name in _PATHS))


_PATHS = ("folder", "train", "validation", "held_out")


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a job: the progress at the best model and its loss on what was held out, how
    many numbers it has, and by how many nats a byte the converted one differs from it at most,
    before it is rounded.
    """

    progress: Progress
    held_out_loss: float
    parameters: int
    difference: float
