"""A language model for tests: an OpenAI-compatible server on this machine with a script to follow.

It counts tokens as it likes to (four bytes each), and charges for what it has made, whether or not
anybody was there to read it.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

BYTES_A_TOKEN = 4


@dataclass(frozen=True)
class Say:
    """A streamed answer, cut to the tokens that were asked for."""

    text: str
    usage: bool = True
    thought: str = ""
    ignores_limit: bool = False
    delay: float = 0.0


@dataclass(frozen=True)
class Break:
    """An answer that ends in the middle: politely (`clean`), or with the connection."""

    text: str
    clean: bool = False


@dataclass(frozen=True)
class Refuse:
    """An error."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "no"
    code: str | None = None


@dataclass(frozen=True)
class Raw:
    """Any body with status 200."""

    body: bytes
    kind: str = "text/event-stream"


class Hang:
    """No answer at all, but the tokens are made."""


Act = Say | Break | Refuse | Raw | Hang


@dataclass
class ModelServer:
    """Does one act for each request, in order; the last one again and again.

    `acts` may also be a function of the request's body.
    """

    acts: Sequence[Act] | Callable[[dict[str, Any]], Act]
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    tokens: int = 0
    """Prompts and answers of all calls."""
    at_once: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ModelServer"]:
        handlers: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._serve(reader, writer))
            handlers.add(task)
            task.add_done_callback(handlers.discard)

        server = await asyncio.start_server(accept, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(handlers):
                task.cancel()
            await asyncio.gather(*handlers, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            lines = [line.split(": ", 1) for line in head[1:] if line]
            headers = {name.lower(): value for name, value in lines}
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            assert head[0].startswith("POST /v1/chat/completions"), head[0]
            act = self.acts(body) if callable(self.acts) else self._next()
            self.requests.append(body)
            self.headers.append(headers)
            await self._answer(act, body, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.at_once -= 1
            writer.close()

    def _next(self) -> Act:
        assert not callable(self.acts)
        return self.acts[min(len(self.requests), len(self.acts) - 1)]

    async def _answer(
        self,
        act: Act,
        body: dict[str, Any],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        if isinstance(act, Refuse):
            error = {"error": {"message": act.message, "code": act.code, "type": "x"}}
            _send(writer, act.status, "application/json", json.dumps(error).encode(), act.headers)
            await writer.drain()
            return
        if isinstance(act, Raw):
            _send(writer, 200, act.kind, act.body, {})
            await writer.drain()
            return
        prompt = sum(tokens_of(message["content"]) + 8 for message in body["messages"])
        limit = body.get("max_tokens") or body["max_completion_tokens"]
        self.tokens += prompt
        if isinstance(act, Hang):
            self.tokens += limit
            await _pass(3600, reader)
        assert isinstance(act, Say | Break)
        text = act.text
        if isinstance(act, Break) or not act.ignores_limit:
            text = cut_to(act.text, limit)
        self.tokens += tokens_of(text) if isinstance(act, Say) else limit
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        if isinstance(act, Say) and act.thought:
            _event(writer, _delta({"reasoning_content": act.thought}))
        for start in range(0, len(text), 40):
            _event(writer, _delta({"content": text[start : start + 40]}))
            await writer.drain()
        if isinstance(act, Break):
            if act.clean:
                writer.write(b"0\r\n\r\n")
            await writer.drain()
            return
        await _pass(act.delay, reader)
        _event(writer, _delta({}, "stop" if text == act.text else "length"))
        if act.usage and body.get("stream_options", {}).get("include_usage"):
            made = tokens_of(text)
            usage = {
                "prompt_tokens": prompt,
                "completion_tokens": made,
                "total_tokens": prompt + made,
            }
            _event(writer, {**_delta({}), "choices": [], "usage": usage})
        _chunk(writer, b"data: [DONE]\n\n")
        writer.write(b"0\r\n\r\n")
        await writer.drain()


async def _pass(seconds: float, reader: asyncio.StreamReader) -> None:
    """Wait, but not for somebody who has gone."""
    if seconds:
        with contextlib.suppress(TimeoutError):
            if not await asyncio.wait_for(reader.read(1), seconds):
                raise ConnectionResetError


def tokens_of(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // BYTES_A_TOKEN)


def cut_to(text: str, tokens: int) -> str:
    return text.encode()[: tokens * BYTES_A_TOKEN].decode("utf-8", "ignore")


def _delta(delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": [choice],
    }


def _event(writer: asyncio.StreamWriter, data: dict[str, Any]) -> None:
    _chunk(writer, b"data: " + json.dumps(data).encode() + b"\n\n")


def _chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _send(
    writer: asyncio.StreamWriter, status: int, kind: str, body: bytes, headers: dict[str, str]
) -> None:
    lines = [
        f"HTTP/1.1 {status} X",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
