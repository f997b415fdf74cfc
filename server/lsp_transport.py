"""How a client reaches the language server: stdio, TCP or WebSocket, one client each.

When the client goes, however it does, every project is closed before the process ends.
"""

import asyncio
import contextlib
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import psutil
from pygls.io_ import StdinAsyncReader, StdoutWriter, run_async, run_websocket

from server.lsp import UnsorryServer

PARENT_EVERY = 2.0
"""Seconds between looks whether the editor's process still lives."""
BUFFER = 1 << 16

logger = logging.getLogger(__name__)


def serve_stdio() -> int:
    """Serve the client at the other end of standard input and output, and end the process."""
    # With PYTHONUNBUFFERED the stream is raw, and long messages could be written in part.
    raw = getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)
    output = io.BufferedWriter(raw, BUFFER)
    # Whatever prints must not write into the protocol.
    sys.stdout = sys.stderr

    async def talk(server: UnsorryServer) -> None:
        server.protocol.set_writer(StdoutWriter(output))
        # Not the loop's own threads: it would wait for them in the end.
        await _read(server, StdinAsyncReader(sys.stdin.buffer, ThreadPoolExecutor(1)))

    async def serve() -> int:
        code = await _served(talk)
        with contextlib.suppress(OSError, ValueError):
            output.flush()
        sys.stderr.flush()
        # Threads that wait for standard input, or for a download, would keep the process.
        os._exit(code)

    return asyncio.run(serve())


def serve_tcp(host: str, port: int) -> int:
    """Listen on a port, serve the first client, and end with it."""

    async def talk(server: UnsorryServer) -> None:
        taken, done = asyncio.Event(), asyncio.Event()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if taken.is_set():
                writer.close()
                return
            taken.set()
            server.protocol.set_writer(writer)
            try:
                await _read(server, reader)
            finally:
                done.set()

        listening = await asyncio.start_server(connected, host, port)
        _say_address(listening.sockets[0].getsockname())
        async with listening:
            await done.wait()

    return asyncio.run(_served(talk))


def serve_websocket(host: str, port: int) -> int:
    """The same for a client that speaks WebSocket and is no web page."""
    from websockets.asyncio.server import ServerConnection, serve

    async def talk(server: UnsorryServer) -> None:
        taken, done = asyncio.Event(), asyncio.Event()

        async def connected(connection: ServerConnection) -> None:
            if taken.is_set():
                return
            taken.set()
            try:
                await run_websocket(connection, Event(), server.protocol, logger)
            finally:
                done.set()

        # Browsers send an origin, always: no page may have Lean run what it likes.
        async with serve(connected, host, port, origins=[None]) as listening:
            _say_address(next(iter(listening.sockets)).getsockname())
            await done.wait()

    return asyncio.run(_served(talk))


async def _read(server: UnsorryServer, reader: Any) -> None:  # noqa: ANN401 - of either kind
    """Handle the client's messages until it has no more."""
    try:
        await run_async(Event(), reader, server.protocol, logger)
    except asyncio.IncompleteReadError:
        logger.warning("the client went away in the middle of a message")
    except (MemoryError, OverflowError, ConnectionError) as error:
        logger.error("the client can't be understood any more: %r", error)


async def _served(talk: Callable[[UnsorryServer], Coroutine[Any, Any, None]]) -> int:
    """Serve until the client goes, a signal comes, or the editor's process is gone."""
    server = UnsorryServer()
    talking = asyncio.create_task(talk(server))
    watching = asyncio.create_task(_until_orphaned(server))
    ended = asyncio.create_task(server.ended.wait())
    _on_signals(talking.cancel)
    try:
        await asyncio.wait({talking, watching, ended}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await server.close()
        for task in (talking, watching, ended):
            task.cancel()
    if talking.done() and not talking.cancelled() and (error := talking.exception()):
        raise error
    # LSP: success is an exit after a shutdown.
    return 0 if server.was_shut_down or not server.ended.is_set() else 1


async def _until_orphaned(server: UnsorryServer) -> None:
    """Return when the process that the client named as its own is gone."""
    # No event tells of the end of a process that is no child of ours.
    while server.process_id is None or psutil.pid_exists(server.process_id):  # noqa: ASYNC110
        await asyncio.sleep(PARENT_EVERY)
    logger.warning("the editor (process %s) is gone", server.process_id)


def _on_signals(stop: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Windows' loop has no signal handlers; there the client ends us.
        if number is not None:
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, stop)


def _say_address(address: tuple[Any, ...]) -> None:
    """For whoever starts us: the port may have been chosen by the system."""
    print(f"listening on {address[0]}:{address[1]}", file=sys.stderr, flush=True)
