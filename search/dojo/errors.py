"""What can go wrong with LeanDojo."""

from lean.errors import LeanError


class DojoError(LeanError):
    """LeanDojo has failed, or can't do what was asked."""


class DojoUnusable(DojoError):
    """Something that LeanDojo needs is missing here."""
