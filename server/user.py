"""What the person at the keyboard is called, where tickets name who asks and who serves."""

import getpass


def user_name() -> str:
    """The user's name on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that no user has.
        return "someone"
