"""Whether the language server answers: one real server process, asked the first question."""

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

from lsprotocol import types
from pygls.io_ import run_async
from pygls.lsp.client import LanguageClient

from lean.errors import LeanError

WITHIN = 30.0
"""Seconds for the answer."""
TO_END = 10.0
"""Seconds to end after it was asked to."""
HERE = Path(__file__).parents[1]
"""The folder of the package `server`: a workspace may have a folder of that name, too."""

logger = logging.getLogger(__name__)


class EditorError(LeanError):
    """The language server did not answer as it should."""


async def first_answer() -> float:
    """Seconds from its start until the language server has answered `initialize`.

    Raises EditorError when it does not, or does not end when it is asked to.
    """
    began = time.monotonic()
    async with _server() as process:
        assert process.stdin and process.stdout
        client = LanguageClient("unsorry doctor", "1")
        client.protocol.set_writer(process.stdin)
        reading = asyncio.create_task(run_async(Event(), process.stdout, client.protocol, logger))
        asking = asyncio.create_task(_ask(client))
        ending = asyncio.create_task(process.wait())
        tasks = (asking, ending, reading)
        try:
            await asyncio.wait(
                {asking, ending}, timeout=WITHIN, return_when=asyncio.FIRST_COMPLETED
            )
            if not asking.done():
                raise EditorError(await _silence(process))
            name, seconds = asking.result(), time.monotonic() - began
            if name != "unsorry":
                raise EditorError(f"Another server than ours has answered: {name or 'unnamed'}.")
            await client.shutdown_async(None)
            client.exit(None)
            await asyncio.wait({ending}, timeout=TO_END)
            if not ending.done():
                raise EditorError(f"The language server did not end within {TO_END:.0f} s.")
            return seconds
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _ask(client: LanguageClient) -> str:
    """What the server calls itself."""
    answer = await client.initialize_async(
        types.InitializeParams(types.ClientCapabilities(), process_id=os.getpid())
    )
    return answer.server_info.name if answer.server_info else ""


@contextlib.asynccontextmanager
async def _server() -> AsyncIterator[asyncio.subprocess.Process]:
    """A server of our own, which has ended afterwards."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", "lsp"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=HERE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await process.wait()


async def _silence(process: asyncio.subprocess.Process) -> str:
    """Why there is no answer, as far as can be told."""
    if process.returncode is None:
        return f"The language server did not answer within {WITHIN:.0f} s."
    assert process.stderr
    said = (await process.stderr.read()).decode(errors="replace").strip().split("\n")[-1]
    ended = f"The language server ended with exit code {process.returncode}"
    return f"{ended}: {said}." if said else f"{ended}."
