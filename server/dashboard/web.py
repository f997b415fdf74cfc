"""The web application: the API, the page's files, and the guard before both."""

from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from server.dashboard.api import explain_errors, routes
from server.dashboard.guard import Guard
from server.dashboard.watching import Watching

STATIC = Path(__file__).parent / "static"
DESCRIPTION = (
    "What Unsorry does in one workspace. Reading needs nothing; what changes state needs the token "
    "that `unsorry dashboard` prints, as `Authorization: Bearer …`."
)


def application(watching: Watching, token: str) -> ASGIApp:
    """The application; `token` allows changes."""
    app = FastAPI(
        title="Unsorry",
        description=DESCRIPTION,
        version=version("unsorry"),
        openapi_url="/api/openapi.json",
        # Their pages would fetch scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
    )
    explain_errors(app)
    app.include_router(routes(watching))
    app.mount("/", StaticFiles(directory=STATIC, html=True), name="page")
    return Guard(app, token)
