"""Which language model to ask, and what that may cost; values only."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """An OpenAI-compatible endpoint and its limits.

    `base_url` ends before `/chat/completions`; with it or `model` empty there is no endpoint.
    `key_from`: the name of an environment variable, `keyring`, or "" for the usual variables (see
    `search.sketching.keys`). `timeout` is in seconds for one call, its stream included; a failed
    call is tried again `retries` times, and a wait of more than `longest_wait` seconds is not
    worth it. `max_tokens` bounds one answer. Prices are for a million tokens, in any one currency.
    `token_budget` and `money_budget` bound a whole run (None: no limit).
    """

    base_url: str = ""
    model: str = ""
    key_from: str = ""
    concurrency: int = 4
    requests_per_minute: int = 60
    timeout: float = 6.0
    retries: int = 2
    longest_wait: float = 20.0
    max_tokens: int = 1024
    temperature: float = 0.6
    input_price: float = 0.0
    output_price: float = 0.0
    token_budget: int | None = 200_000
    money_budget: float | None = None

    @property
    def configured(self) -> bool:
        """Is there an endpoint at all?"""
        return bool(self.base_url and self.model)

    @property
    def host(self) -> str:
        """The endpoint's host, lower case; "" where there is none."""
        try:
            return urlsplit(self.base_url).hostname or ""
        except ValueError:
            return ""

    @property
    def local(self) -> bool:
        """Does the endpoint run on this machine?"""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def encrypted(self) -> bool:
        """Is what is sent to it kept from others on the way?"""
        return self.local or self.base_url.lower().startswith("https:")

    @property
    def paid(self) -> bool:
        """Does it cost money, or may it? Elsewhere than here that is taken for granted."""
        return self.input_price > 0 or self.output_price > 0 or not self.local

    def objection(self) -> str:
        """Why there is nothing to call, in a sentence for the user; "" when there is."""
        if not self.base_url:
            return "No language model is configured (no endpoint)."
        if not self.model:
            return "No language model is configured (no model)."
        try:
            url = urlsplit(self.base_url)
            _ = url.port
        except ValueError:
            return "The endpoint of the language model is no address."
        return _objection(url)


def _objection(url: SplitResult) -> str:
    if url.scheme not in ("http", "https") or not url.hostname:
        return "The endpoint of the language model is no http or https address."
    if "@" in url.netloc or url.query or url.fragment:
        # Whatever is in an address ends up in logs and messages.
        return "The endpoint's address may hold no password and no query; keys go elsewhere."
    return ""
