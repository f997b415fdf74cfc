"""What can go wrong with a blueprint."""

from lean.errors import LeanError


class BlueprintError(LeanError):
    """The blueprint can't be found, read or changed; says where and what to do."""
