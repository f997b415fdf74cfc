"""Which models to use, and how: values only. Where their files lie is `model_store`."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["generator", "retriever", "reprover"]
"""What a model is for: tactics for a goal; vectors; tactics for a goal with premises."""
Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """A model for each role, by name or by the path of its folder; "" for none.

    `idle_seconds`: after so long without a question the models give their memory back. `device`:
    where they run; `auto` takes CUDA where it is present.
    """

    generator: str = "trained"
    retriever: str = ""
    reprover: str = ""
    idle_seconds: float = 120.0
    device: Device = "auto"

    def name(self, role: Role) -> str:
        """The model for a role, or ""."""
        chosen: dict[Role, str] = {
            "generator": self.generator,
            "retriever": self.retriever,
            "reprover": self.reprover,
        }
        return chosen[role]
