"""Keys: where they come from, where they go, and that they show nowhere."""

import copy
import logging
import pickle
import traceback
from dataclasses import replace

import keyring
import keyring.backend
import keyring.errors
import pytest

from search.accounts import Account
from search.drafting.draft import DraftFailed
from search.sketching.chat import ChatFailed
from search.sketching.chat_settings import ChatSettings
from search.sketching.keys import Key, KeyUnreadable, find_key, key_problem, without_secrets
from search.strategies.sketch import Sketch
from search.strategies.strategy import Available, Unavailable
from tests.search.sketching.asking import QUESTION, SECRET, Clock, client_of, request_of
from tests.search.sketching.model_server import Act, Break, Hang, ModelServer, Refuse, Say

OPENAI = ChatSettings("https://api.openai.com/v1", "m")
OTHER = ChatSettings("https://models.example.org/v1", "m")
HERE = ChatSettings("http://localhost:11434/v1", "m")


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring for tests; one without keys when `locked`."""

    priority = 1

    def __init__(self, locked: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.locked = locked
        self.keys: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise keyring.errors.KeyringLocked(f"the password is {SECRET}")
        return self.keys.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.keys[service, username] = password


@pytest.mark.parametrize(
    ("settings", "environment", "key"),
    [
        (OPENAI, {"UNSORRY_API_KEY": "a", "OPENAI_API_KEY": "b"}, "a"),
        (OPENAI, {"OPENAI_API_KEY": "b"}, "b"),
        # A key for OpenAI goes nowhere else.
        (OTHER, {"OPENAI_API_KEY": "b"}, None),
        (HERE, {"OPENAI_API_KEY": "b"}, None),
        (OTHER, {"UNSORRY_API_KEY": " a\n"}, "a"),
        # Copied with a space of no width in it: no header can hold that.
        (OTHER, {"UNSORRY_API_KEY": "a\u200bb"}, None),
        (OTHER, {"UNSORRY_API_KEY": "a b"}, None),
        (replace(OTHER, key_from="MINE"), {"MINE": "c", "UNSORRY_API_KEY": "a"}, "c"),
        (replace(OTHER, key_from="MINE"), {"UNSORRY_API_KEY": "a"}, None),
        (replace(OTHER, base_url="http://models.example.org"), {"UNSORRY_API_KEY": "a"}, None),
    ],
)
async def test_where_a_key_comes_from(
    settings: ChatSettings, environment: dict[str, str], key: str | None
) -> None:
    found = await find_key(settings, environment)
    assert (found and found.reveal()) == key
    if key is None and not settings.local:
        assert key_problem(settings, environment)


async def test_a_key_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    ring, before = MemoryKeyring(), keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        settings = replace(OTHER, key_from="keyring")
        assert not key_problem(settings, {})
        with pytest.raises(KeyUnreadable, match=r"keyring set unsorry models\.example\.org"):
            await find_key(settings, {})
        ring.set_password("unsorry", "models.example.org", "k")
        found = await find_key(settings, {})
        assert found and found.reveal() == "k"
        ring.locked = True
        with pytest.raises(KeyUnreadable, match="KeyringLocked") as unreadable:
            await find_key(settings, {})
        shown = "".join(traceback.format_exception(unreadable.value))
        assert SECRET not in shown
    finally:
        keyring.set_keyring(before)


def test_a_key_hides_itself() -> None:
    key = Key(SECRET)
    assert SECRET not in f"{key} {key!r} {key:>40} {[key]} {vars(type(key))}"
    for leak in (pickle.dumps, copy.deepcopy, copy.copy):
        with pytest.raises(TypeError):
            leak(key)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"Incorrect API key provided: {SECRET}.", "Incorrect API key provided: …."),
        ("wrong key sk-proj-abc123****xyz9 given", "wrong key … given"),
        ("Authorization: Bearer abc.def.ghi is wrong", "Authorization: … is wrong"),
        ("a\x1b[31m\nb" + "c" * 1000, "a [31m b" + "c" * 191 + "…"),
        ("the model is overloaded", "the model is overloaded"),
    ],
)
def test_what_servers_say_is_made_harmless(said: str, kept: str) -> None:
    assert without_secrets(said, Key(SECRET)) == kept


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (ChatSettings(), "no endpoint"),
        (ChatSettings("http://localhost:1/v1"), "no model"),
        (ChatSettings("ftp://localhost/v1", "m"), "no http or https"),
        (ChatSettings("localhost", "m"), "no http or https"),
        (ChatSettings("http://[::1/v1", "m"), "no address"),
        (ChatSettings(f"https://me:{SECRET}@example.org/v1", "m"), "no password"),
        (ChatSettings(f"https://example.org/v1?key={SECRET}", "m"), "no query"),
        (OTHER, "UNSORRY_API_KEY is not set"),
        (replace(OTHER, key_from="MINE"), "MINE is not set"),
        (replace(HERE, key_from="MINE"), "MINE is not set"),
    ],
)
def test_why_there_is_no_sketch(
    settings: ChatSettings, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UNSORRY_API_KEY", raising=False)
    found = Sketch(client_of(settings.base_url, **_changes(settings))).available(None)  # type: ignore[arg-type]
    assert isinstance(found, Unavailable) and reason in found.reason
    assert found.reason.count(". ") == 0 and SECRET not in found.reason


def test_a_model_on_this_machine_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSORRY_API_KEY", raising=False)
    assert Sketch(client_of(HERE.base_url)).available(None) == Available()  # type: ignore[arg-type]
    assert not HERE.paid and OTHER.paid


def _changes(settings: ChatSettings) -> dict[str, str]:
    return {"model": settings.model, "key_from": settings.key_from}


@pytest.mark.parametrize(
    "act",
    [
        Say("no block"),
        Refuse(401, message=f"Incorrect API key provided: {SECRET}"),
        Refuse(400, message=f"what is {SECRET}?"),
        Refuse(500, message=SECRET),
        Break("x"),
        Hang(),
    ],
)
async def test_nothing_shows_the_key(
    act: Act,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("UNSORRY_API_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    async with ModelServer([act]).running() as server:
        client = client_of(server, Clock(), timeout=1.0 if isinstance(act, Hang) else 20, retries=1)
        sketch = Sketch(client, samples=1)
        shown = [repr(client), repr(sketch), sketch.parameters, str(client.settings)]
        with pytest.raises(DraftFailed) as failed:
            await sketch.draft(request_of(), (), Account("the goal"))
        with pytest.raises(ChatFailed) if not isinstance(act, Say) else _nothing() as refused:
            await client.ask(QUESTION)
        shown += [repr(client), client.problem(), str(failed.value), repr(failed.value)]
        for error in (failed.value, getattr(refused, "value", None)):
            if error is not None:
                shown.append("".join(traceback.format_exception(error)))
        await client.close()
        shown.append(repr(client))
    # It was sent, to the one who is to have it, and is nowhere else.
    assert server.headers[0]["authorization"] == f"Bearer {SECRET}"
    captured = capfd.readouterr()
    logged = [f"{record.getMessage()} {record.args!r}" for record in caplog.records]
    assert logged
    for text in (*shown, *logged, caplog.text, captured.out, captured.err):
        assert SECRET not in text and SECRET[:12] not in text


class _nothing:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


async def test_other_secrets_of_the_environment_stay_at_home(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {SECRET}")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("UNSORRY_API_KEY", raising=False)
    async with ModelServer([Say("Two.")]).running() as server:
        assert (await client_of(server).ask(QUESTION)).text == "Two."
    assert SECRET not in str(server.headers)
