"""The answer of a call as it comes in: its text, and what it has used."""

from collections.abc import AsyncIterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionChunk

BYTES_A_TOKEN = 12
"""Far more than a token has on average: a server that sends so much ignores the limit."""


@dataclass(slots=True)
class Received:
    """What has come in so far; complete when `finish` says why it ended.

    `prompt` and `answer` are the tokens that the server says it has used, None as long as it says
    nothing. `size` is in bytes, thoughts included. `wild`: more came than can have been asked for.
    """

    texts: list[str] = field(default_factory=list)
    finish: str = ""
    prompt: int | None = None
    answer: int | None = None
    size: int = 0
    wild: bool = False

    @property
    def text(self) -> str:
        """The answer, without thoughts."""
        return "".join(self.texts)

    def take(self, chunk: "ChatCompletionChunk") -> None:
        """Add what a chunk brings. Calls of tools are not asked for, and not looked at."""
        if chunk.usage is not None:
            self.prompt = max(0, chunk.usage.prompt_tokens or 0)
            self.answer = max(0, chunk.usage.completion_tokens or 0)
        for choice in (chunk.choices or ())[:1]:
            if choice.delta is not None:
                content = choice.delta.content or ""
                thought = (choice.delta.model_extra or {}).get("reasoning_content") or ""
                thought = thought or (choice.delta.model_extra or {}).get("reasoning") or ""
                if content:
                    self.texts.append(content)
                self.size += len(f"{content}{thought}".encode("utf-8", "replace"))
            self.finish = choice.finish_reason or self.finish


async def receive(
    chunks: "AsyncIterable[ChatCompletionChunk]", into: Received, most_tokens: int
) -> None:
    """Take what comes until the end, or until more came than was asked for.

    `into` holds what there is also when this is cancelled or fails.
    """
    async for chunk in chunks:
        into.take(chunk)
        if into.size > BYTES_A_TOKEN * most_tokens:
            into.wild = True
            return
