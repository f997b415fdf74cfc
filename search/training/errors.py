"""What can go wrong when a model is made."""

import importlib.util

from lean.errors import LeanError

PACKAGES = ("torch", "transformers", "ctranslate2")
"""What the extra `learn` brings."""


class TrainingError(LeanError):
    """A model can't be trained, converted or measured."""


def require_packages() -> None:
    """Raises TrainingError when a package of the extra `learn` is missing; imports none of them."""
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise TrainingError(
            f"Training needs {' and '.join(missing)}.", "Install it: pip install 'unsorry[learn]'"
        )
