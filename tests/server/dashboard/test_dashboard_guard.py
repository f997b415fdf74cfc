"""Who may talk to the dashboard, and what its answers forbid a browser."""

import socket

import httpx
import pytest

from tests.server.dashboard.a_dashboard import Served

PATHS = ["/", "/api/stats", "/api/events", "/api/openapi.json", "/metrics", "/main.js", "/nothing"]
FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:{port}",
    "localhost.evil.example:{port}",
    "127.0.0.1.evil.example",
    "evil.example:127.0.0.1",
    "0.0.0.0:{port}",
    "127.0.0.2:{port}",
    "127x0x0x1:{port}",
    "localhost:{port}x",
    "localhost:",
]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
@pytest.mark.parametrize("path", PATHS)
def test_a_foreign_host_is_refused(
    client: httpx.Client, served: Served, path: str, host: str
) -> None:
    answer = client.get(path, headers={"Host": host.format(port=served.port)})
    assert answer.status_code == 403
    assert answer.json()["detail"] == "The dashboard answers only as 127.0.0.1 or localhost."


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}", "[::1]:9000", "localhost"]
)
def test_this_machine_is_answered(client: httpx.Client, served: Served, host: str) -> None:
    answer = client.get("/api/stats", headers={"Host": host.format(port=served.port)})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "file://"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_foreign_origin_is_refused_with_or_without_the_token(
    client: httpx.Client, served: Served, origin: str, method: str
) -> None:
    headers = {"Origin": origin.format(port=served.port), **served.with_token}
    path = f"/api/marketplace/{served.tickets[0]}" if method == "POST" else "/api/stats"
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == 403 and "from elsewhere" in answer.json()["detail"]
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:9000"])
def test_our_own_origin_is_answered(client: httpx.Client, served: Served, host: str) -> None:
    """The second is a port that is forwarded here."""
    ours = host.format(port=served.port)
    headers = {"Host": ours, "Origin": f"http://{ours}"}
    assert client.get("/api/stats", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x"],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_changes_without_the_token(
    client: httpx.Client, served: Served, method: str, authorization: str | None
) -> None:
    said = authorization.format(token=served.token) if authorization is not None else None
    headers = {"Authorization": said} if said is not None else {}
    path = f"/api/marketplace/{served.tickets[0]}"
    answer = client.request(method, path, json={"action": "withdraw"}, headers=headers)
    assert answer.status_code == 401
    assert "Changes need the token" in answer.json()["detail"]
    assert client.get("/api/stats").json()["open_tickets"] == 2


def test_a_name_in_no_alphabet_is_refused_too(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
        raw.sendall(b"GET /api/stats HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\n\r\n")
        answer = raw.makefile("rb").readline()
    assert answer.split()[1] in (b"400", b"403")


def test_two_hosts_are_one_too_many(served: Served) -> None:
    ours = f"127.0.0.1:{served.port}"
    request = f"GET /api/stats HTTP/1.1\r\nHost: {ours}\r\nHost: evil.example\r\n\r\n"
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
        raw.sendall(request.encode())
        answer = raw.makefile("rb").readline()
    assert answer.split()[1] in (b"400", b"403")


@pytest.mark.parametrize("path", ["/", "/api/stats", "/nothing"])
def test_a_page_can_load_nothing_from_elsewhere(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'" and "unsafe" not in str(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_other_machines_can_not_reach_it(served: Served) -> None:
    """It listens on the loopback interface alone, so another address of this machine is closed."""
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.2", served.port), timeout=2).close()


def test_the_page_is_whole(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.status_code == 200 and '<script type="module" src="main.js">' in page.text
    for file, kind in (
        ("main.js", "javascript"),
        ("style.css", "text/css"),
        ("icon.svg", "image/svg"),
    ):
        answer = client.get(f"/{file}")
        assert answer.status_code == 200 and kind in answer.headers["Content-Type"]
    assert client.get("/../web.py").status_code == 404
