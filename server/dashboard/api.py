"""The dashboard's API: `/api/…` and `/metrics`. What it answers is `server.dashboard.figures`."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, HTTPException, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel

from search.errors import LedgerError
from search.ledger_activity import GoalFilter, GoalOrder
from search.records import GoalStatus
from search.tickets import TicketError
from server.dashboard.blueprint import BlueprintFigures, blueprint_figures
from server.dashboard.figures import (
    CacheFigures,
    GoalHistory,
    GoalPage,
    Health,
    Host,
    Incidents,
    Marketplace,
    Overview,
    Strategies,
    TicketRow,
)
from server.dashboard.metrics import exposition
from server.dashboard.reading import NotThere, Reading
from server.dashboard.watching import Watching
from server.user import user_name

RETRY_MILLISECONDS = 1000
"""After which a browser asks again for a stream that has ended."""

AT_ONCE = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
"""Keeps programs that forward the stream, such as a remote editor, from holding it back."""


class Problem(BaseModel):
    """Why there is no answer, in a sentence."""

    detail: str


@dataclass(frozen=True, slots=True)
class Change:
    """What to do with a ticket."""

    action: Literal["claim", "release", "withdraw"]


_UNREADABLE: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "The ledger can't be read now."}
}
_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "It is not in the ledger."}
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body is no JSON."},
    401: {"model": Problem, "description": "The token is missing or wrong."},
    409: {"model": Problem, "description": "The ticket is not in a state that allows it."},
}


def routes(watching: Watching) -> APIRouter:
    """The API over one workspace."""
    router = APIRouter(responses=_UNREADABLE)
    reading = watching.reading

    @router.get("/api/stats", tags=["figures"])
    async def stats() -> Overview:
        """The workspace now: goals, attempts, what is running, the last finds."""
        return await watching.overview()

    @router.get("/api/health", tags=["figures"])
    async def health() -> Health:
        """Whether the ledger can be read and nothing is in the search's way."""
        return await reading.health()

    @router.get("/api/strategies", tags=["figures"])
    async def strategies(hours: Annotated[int, Query(ge=1, le=24 * 7)] = 24) -> Strategies:
        """What the strategies did within the last hours, hour by hour."""
        return await reading.strategies(hours)

    @router.get("/api/cache", tags=["figures"])
    async def cache() -> CacheFigures:
        """What is remembered, and how it served."""
        return await reading.cache()

    @router.get("/api/blueprint", tags=["figures"])
    async def blueprint() -> BlueprintFigures:
        """How far the blueprint is, as `unsorry blueprint` has found last."""
        return await asyncio.to_thread(blueprint_figures, reading.folder)

    @router.get("/api/host", tags=["figures"])
    async def host() -> Host:
        """The machine: processor time against the target, memory, Lean sessions."""
        return watching.host()

    @router.get("/api/incidents", tags=["figures"])
    async def incidents(limit: Annotated[int, Query(ge=1, le=1000)] = 200) -> Incidents:
        """What went wrong, the newest first."""
        return await reading.incidents(limit)

    @router.get("/api/events", tags=["figures"], response_class=StreamingResponse)
    async def events() -> StreamingResponse:
        """Server-sent events, without end: `overview` (as /api/stats has it) whenever something
        changes, `problem` when the ledger can't be read.
        """
        return StreamingResponse(_events(watching), media_type="text/event-stream", headers=AT_ONCE)

    router.include_router(_goals(reading))
    router.include_router(_tickets(watching))

    @router.get("/metrics", tags=["metrics"], response_class=Response)
    async def metrics(request: Request) -> Response:
        """The figures for Prometheus."""
        body, kind = exposition(
            await watching.overview(), watching.host(), request.headers.get("accept", "")
        )
        return Response(body, media_type=kind)

    return router


def _goals(reading: Reading) -> APIRouter:
    router = APIRouter(tags=["goals"])

    @router.get("/api/goals")
    async def goals(
        status: GoalStatus | None = None,
        file: Annotated[str, Query(max_length=1000)] = "",
        text: Annotated[str, Query(max_length=200)] = "",
        easiest: Annotated[float, Query(ge=0, le=1)] = 0.0,
        hardest: Annotated[float, Query(ge=0, le=1)] = 1.0,
        order: GoalOrder = "seen",
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> GoalPage:
        """The goals that are known, filtered; `text` is looked for in files and declarations."""
        wanted = GoalFilter(status, file, text, easiest, hardest)
        return await reading.goals(wanted, order, limit, offset)

    @router.get("/api/goals/{key}", responses=_UNKNOWN)
    async def goal(key: Annotated[str, Path(min_length=1, max_length=64)]) -> GoalHistory:
        """A goal's whole history; the beginning of its key is enough."""
        return await reading.goal(key)

    return router


def _tickets(watching: Watching) -> APIRouter:
    router = APIRouter(tags=["marketplace"])
    reading = watching.reading

    @router.get("/api/marketplace")
    async def marketplace() -> Marketplace:
        """The requests for helper lemmas, who waits for them, and what they wait for."""
        return await reading.marketplace()

    @router.post("/api/marketplace/{ticket}", responses=_UNKNOWN | _REFUSED)
    async def change(
        ticket: Annotated[str, Path(min_length=1, max_length=64)], wish: Change
    ) -> TicketRow:
        """Claim a ticket for a quarter of an hour, release it, or withdraw it. Needs the token."""
        try:
            match wish.action:
                case "claim":
                    row = await reading.claim(ticket, user_name())
                case "release":
                    row = await reading.release(ticket, user_name())
                case "withdraw":
                    row = await reading.withdraw(ticket)
        except TicketError as error:
            raise HTTPException(409, str(error)) from error
        await watching.touch()
        return row

    return router


def explain_errors(app: FastAPI) -> None:
    """Have `app` answer errors of the ledger with a sentence."""

    @app.exception_handler(LedgerError)
    async def unreadable(request: Request, error: LedgerError) -> JSONResponse:
        code = 404 if isinstance(error, NotThere) else 503
        return JSONResponse({"detail": str(error)}, code)


async def _events(watching: Watching) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MILLISECONDS}\n\n"
    async for overview in watching.stream():
        if overview is None:
            yield _event("problem", {"detail": watching.problem})
        else:
            yield _event("overview", asdict(overview))


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
