"""Who may talk to the dashboard: this machine, from a page of its own; changes want the token.

A web page from elsewhere can make a browser send requests to 127.0.0.1, and by a name that it
controls (DNS rebinding) even read the answers. Hence: `Host` must name this machine, `Origin`,
where there is one, must be our own, and what changes state needs a secret that no other page knows.
"""

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

THIS_MACHINE = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
"""A `Host` that can only be meant for this machine. Any port: another one may be forwarded here."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
"""Content-Security-Policy: nothing comes from elsewhere, and pages hold no script or style."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Hands on to `app` what may pass, and refuses the rest with one sentence; `token` is the
    secret.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            # There is nothing to talk to by WebSocket.
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope["method"], Headers(scope=scope))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await (refusal or self._app)(scope, receive, answer)

    def _refusal(self, method: str, headers: Headers) -> JSONResponse | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not THIS_MACHINE.fullmatch(hosts[0]):
            return _refused(403, "The dashboard answers only as 127.0.0.1 or localhost.")
        if any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins):
            return _refused(403, "Pages from elsewhere may not ask the dashboard.")
        if method not in SAFE and not self._has_token(headers):
            return _refused(
                401,
                "Changes need the token: open the address that `unsorry dashboard` has printed.",
                {"WWW-Authenticate": "Bearer"},
            )
        return None

    def _has_token(self, headers: Headers) -> bool:
        kind, _, said = headers.get("authorization", "").partition(" ")
        # In constant time, and as bytes: what was sent may be anything.
        same = secrets.compare_digest(said.strip().encode(), self._token.encode())
        return kind.lower() == "bearer" and same


def _refused(code: int, reason: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": reason}, code, headers)
