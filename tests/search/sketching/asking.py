"""Clients for tests: with a clock of their own, so that nobody waits."""

import asyncio
import random
from dataclasses import dataclass, field, replace
from typing import Any

from lean.protocol import GoalFeatures, Target
from search.accounts import Account
from search.drafting.draft import DraftRequest
from search.sketching.chat import ChatClient
from search.sketching.chat_settings import ChatSettings
from search.sketching.prompting import Message
from tests.search.sketching.model_server import ModelServer

SECRET = "sk-very-SECRET-key-0123456789abcdef"
QUESTION = [Message("system", "Be brief."), Message("user", "What is 1 + 1?")]


@dataclass
class Clock:
    """Passes only when somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def client_of(
    server: ModelServer | str,
    clock: Clock | None = None,
    account: Account | None = None,
    **changed: Any,  # noqa: ANN401
) -> ChatClient:
    """A client with usual settings but those that are `changed`."""
    usual: dict[str, Any] = {"model": "scripted", "requests_per_minute": 1000, "timeout": 20.0}
    url = server if isinstance(server, str) else server.url
    clock = clock or Clock()
    return ChatClient(
        ChatSettings(base_url=url, **{**usual, **changed}),
        account,
        clock,
        clock.sleep,
        random.Random(0),
    )


def request_of(**changed: object) -> DraftRequest:
    """A goal as a drafter sees it."""
    target = Target("a + b = b + a", 9, "Eq", ("Eq",), 0, 0, "plain")
    features = GoalFeatures("a b : Nat\n⊢ a + b = b + a", "", target, (), ())
    usual: dict[str, Any] = {
        "display": "a b : Nat\n⊢ a + b = b + a",
        "features": features,
        "opened": features,
        "opening": "",
        "name": "t",
        "declaration": "theorem t (a b : Nat) : a + b = b + a := by\n  ",
        "above": "-- A file.\n",
    }
    return replace(DraftRequest(**usual), **changed)  # type: ignore[arg-type]
