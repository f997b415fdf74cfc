"""Serves the dashboard on this machine until it is told to end."""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from lean.errors import LeanError
from server.dashboard.reading import Reading
from server.dashboard.watching import watched
from server.dashboard.web import application
from server.ending import on_signals

ADDRESS = "127.0.0.1"
LAST_ANSWERS = 2
"""Seconds that requests have to come to their end."""
BACKLOG = 128
"""Connections that wait to be taken."""


class DashboardError(LeanError):
    """The dashboard can't be served; says why and what to do."""


class _Server(uvicorn.Server):
    """Signals are handled by `on_signals`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


async def serve(path: Path, folder: Path, port: int, told: Callable[[str], None]) -> None:
    """Serve the ledger at `path` of the workspace in `folder`; `told` gets the address with the
    token when it can be opened. Port 0: any free one.

    Raises LedgerError, DashboardError.
    """
    token = secrets.token_urlsafe(24)
    with _listening(port) as listener:
        port = listener.getsockname()[1]
        async with Reading.open(path, folder) as reading, watched(reading) as watching:
            config = uvicorn.Config(
                application(watching, token),
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=LAST_ANSWERS,
            )
            server = _Server(config)

            def end() -> None:
                server.should_exit = True
                # The streams have no end of their own.
                ending.append(asyncio.create_task(watching.close()))

            ending: list[asyncio.Task[None]] = []
            with on_signals(end):
                # The token stands behind the #, which a browser keeps to itself.
                told(f"http://{ADDRESS}:{port}/#token={token}")
                await server.serve(sockets=[listener])


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, port))
            # Who opens the address at once waits for the server, and is not turned away.
            listener.listen(BACKLOG)
        except OSError as error:
            raise DashboardError(
                f"Port {port} can't be used: {error.strerror}.",
                "Choose another one with --port, or 0 for any that is free.",
            ) from error
        yield listener
    finally:
        listener.close()
