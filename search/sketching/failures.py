"""Why a call came to nothing: errors of the client library as values that are safe to show.

A value holds no exception, because those hold the request, and that holds the key.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.sketching.keys import Key, without_secrets
from search.sketching.pace import asked_wait

if TYPE_CHECKING:
    import openai

OPTIONAL = ("stream_options", "temperature", "max_completion_tokens", "max_tokens")
"""Parts of a request that some servers don't know."""
UNREACHABLE_SECONDS = 60.0
"""How long nobody knocks again where nobody answered."""
_AGAIN = frozenset({408, 409, 425, 429})
_ADAPTED = frozenset({400, 422})
_REFUSED = {
    401: "The key was refused",
    402: "There is no credit left",
    403: "The key may not use this model",
    404: "There is no such model or address",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """`reason` is a sentence without secrets. `again`: it may go better soon, after `wait` seconds
    at least. `billed`: tokens may have been used. `refused`: the part of the request that the
    server does not know, "" when that is not it. `down`: for so many seconds it is no use to ask.
    """

    reason: str
    again: bool = False
    wait: float = 0.0
    billed: bool = False
    refused: str = ""
    down: float = 0.0


def timed_out(seconds: float) -> Failure:
    """No whole answer within the time of a call."""
    return Failure(f"No answer within {seconds:g} s.", again=True, billed=True)


def cut(why: str) -> Failure:
    """A stream that ended, or broke, before the answer was complete."""
    return Failure(f"The answer was cut off ({why}).", again=True, billed=True)


def never_sent(error: str) -> Failure:
    """A call that could not be made on this machine, by the name of what the library raised. Its
    text may hold an address with a password.
    """
    return Failure(
        f"No call can be made from here ({error}): look at the variables for proxies (ALL_PROXY, "
        "HTTPS_PROXY) and certificates (SSL_CERT_FILE).",
        down=float("inf"),
    )


def failure_of(
    error: "openai.OpenAIError", key: Key | None, host: str, sent: Collection[str]
) -> Failure:
    """What an error of the client library means. `sent` are the parts of the request."""
    import openai

    if isinstance(error, openai.APIStatusError):
        return _of_status(error, key, host, sent)
    if isinstance(error, openai.APIConnectionError):
        if type(error.__cause__).__name__ in ("ConnectError", "ConnectTimeout"):
            return Failure(f"{host} can't be reached.", again=True, down=UNREACHABLE_SECONDS)
        if isinstance(error, openai.APITimeoutError):
            return Failure(f"{host} does not answer in time.", again=True, billed=True)
        return cut("the connection was lost")
    if isinstance(error, openai.APIError):
        # An error within a stream.
        return cut(without_secrets(error.message, key))
    return Failure(f"The call failed ({type(error).__name__}).")


def _of_status(
    error: "openai.APIStatusError", key: Key | None, host: str, sent: Collection[str]
) -> Failure:
    status = error.status_code
    said = without_secrets(error.message, key)
    named = [part for part in OPTIONAL if part in sent and part in said]
    if named and status in _ADAPTED:
        return Failure(f"{host} refuses {named[0]}: {said}", refused=named[0])
    if status in _REFUSED or error.code == "insufficient_quota":
        # What is said about a key may show parts of it.
        why = _REFUSED.get(status, "There is no credit left")
        return Failure(f"{why} ({host}, status {status}).", down=float("inf"))
    if 300 <= status < 400:
        return Failure(
            f"{host} sends the call elsewhere; configure that address.", down=float("inf")
        )
    if status in _AGAIN or status >= 500:
        wait = asked_wait(error.response.headers, time.time())
        return Failure(f"{host} is busy or broken (status {status}).", again=True, wait=wait)
    return Failure(f"{host} refuses the call (status {status}): {said}")
