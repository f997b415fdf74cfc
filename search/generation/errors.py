"""What can be wrong with a model: one class, whose text is one line for the user."""

from lean.errors import LeanError


class ModelError(LeanError):
    """A model can't be found, loaded, fetched or asked. The text says why, and what to do."""


def missing_package(name: str) -> ModelError:
    """What to say when a package of the extra `model` is not there."""
    return ModelError(
        f"Models need the package {name}, which is not installed.",
        "Run: pip install 'unsorry[model]'",
    )
