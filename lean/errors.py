"""The errors of everything that speaks to Lean.

Each is raised at the boundary where it can be explained; its text says what happened, where, and
what to do about it, in words that can be shown to a user as they are.
"""


class LeanError(Exception):
    """Anything that went wrong on the way to Lean.

    `remedy` says what the user can do, or is empty.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class ToolchainError(LeanError):
    """No usable Lean: not found, not installed, damaged, too old, or not startable."""


class WorkspaceError(LeanError):
    """The workspace or a file of it can't be read or used."""


class ImportFailed(LeanError):
    """A header that Lean can't import; `module` is the missing module's name where it is known."""

    def __init__(self, message: str, remedy: str = "", module: str = "") -> None:
        super().__init__(message, remedy)
        self.module = module


class SessionDied(LeanError):
    """The driver's process ended, or had to be killed, while a request was open."""


class ProtocolError(LeanError):
    """The driver answered something that the protocol does not allow."""


class RequestRefused(LeanError):
    """The driver refused a request; `kind` is the protocol's error kind.

    `module` is the module that it names, if any.
    """

    def __init__(self, kind: str, message: str, module: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.module = module
