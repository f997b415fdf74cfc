"""What can go wrong with an audit pack."""

from lean.errors import LeanError


class AuditError(LeanError):
    """A run can't be packed, or a pack can't be read; says why and what to do."""
