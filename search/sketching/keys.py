"""The key of a language model's endpoint: where it is looked for, and how it stays hidden.

A key is read from the environment or from the system's keyring, never from a file of the
workspace, and goes only where it belongs: `OPENAI_API_KEY` to OpenAI, none to anybody unencrypted.
"""

import asyncio
import importlib.util
import os
import re
from collections.abc import Mapping
from typing import NoReturn

from search.sketching.chat_settings import ChatSettings

KEYRING = "keyring"
SERVICE = "unsorry"
"""The keyring's service; the user name is the endpoint's host."""
VARIABLE = "UNSORRY_API_KEY"
OPENAI_VARIABLE = "OPENAI_API_KEY"
OPENAI_HOST = "api.openai.com"
KEYRING_SECONDS = 30.0
"""A keyring may ask its owner for a password."""
LONGEST_MESSAGE = 200

_LOOKS_SECRET = re.compile(
    r"(?i)\b(?:sk|pk|rk|gsk|xai|key|token)[-_][\w*.…-]{6,}|\bbearer\s+\S+|\b[\w-]{4,}\*{3,}[\w-]*"
)


class Key:
    """A secret that shows itself only to `reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The key itself, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "Key(hidden)"

    __str__ = __repr__

    def __format__(self, _: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not written anywhere")


def key_problem(settings: ChatSettings, environment: Mapping[str, str] | None = None) -> str:
    """Why there is no key for this endpoint, in a sentence for the user; "" when there is one, when
    none is needed, and when only the keyring knows.
    """
    environment = os.environ if environment is None else environment
    if settings.key_from == KEYRING:
        if importlib.util.find_spec("keyring") is None:
            return "The package keyring is missing: pip install 'unsorry[sketch]'."
        return "" if settings.encrypted else _unencrypted(settings)
    if found := _in_environment(settings, environment):
        return _unusable(found) if settings.encrypted else _unencrypted(settings)
    if settings.key_from or not settings.local:
        name = settings.key_from or VARIABLE
        return f"There is no key for {settings.host}: the variable {name} is not set."
    return ""


async def find_key(
    settings: ChatSettings, environment: Mapping[str, str] | None = None
) -> Key | None:
    """The key, or None where there is none. Raises KeyUnreadable: the keyring does not answer."""
    if key_problem(settings, environment):
        return None
    if settings.key_from != KEYRING:
        found = _in_environment(settings, os.environ if environment is None else environment)
        return Key(found) if found else None
    try:
        # A thread, because a keyring asks a service, or even a person, and waits.
        async with asyncio.timeout(KEYRING_SECONDS):
            found = await asyncio.to_thread(_in_keyring, settings.host)
    except TimeoutError:
        problem = "The keyring does not answer."
    except Exception as error:  # Each keyring has errors of its own.
        problem = f"The keyring can't be read ({type(error).__name__})."
    else:
        nothing = f"The keyring has no key: keyring set {SERVICE} {settings.host}."
        problem = _unusable(found) if found else nothing
        if not problem:
            return Key(found)
    raise KeyUnreadable(problem)


class KeyUnreadable(Exception):
    """The keyring gives no key, and why, in a sentence for the user."""


def without_secrets(text: str, key: Key | None) -> str:
    """What somebody else said, in one short line that has no key in it."""
    if key is not None:
        text = text.replace(key.reveal(), "…")
    text = _LOOKS_SECRET.sub("…", text)
    text = "".join(character if character.isprintable() else " " for character in text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def _in_environment(settings: ChatSettings, environment: Mapping[str, str]) -> str:
    if settings.key_from:
        return environment.get(settings.key_from, "").strip()
    if key := environment.get(VARIABLE, "").strip():
        return key
    is_openai = settings.host == OPENAI_HOST
    return environment.get(OPENAI_VARIABLE, "").strip() if is_openai else ""


def _in_keyring(host: str) -> str:
    import keyring

    return (keyring.get_password(SERVICE, host) or "").strip()


def _unusable(key: str) -> str:
    """Why a text is no key: one that was copied may hold characters that nobody sees."""
    if key.isascii() and key.isprintable() and " " not in key:
        return ""
    return "The key has characters in it that no key has: copy it again."


def _unencrypted(settings: ChatSettings) -> str:
    return f"The key would go to {settings.host} unencrypted: use an https address."
