"""The language server under fire: fast typing, nonsense, dead sessions, a locked ledger.

After each ordeal the same question is asked: does it still find a proof, insert just that, and has
it neither crashed nor forgotten what the document says?
"""

import argparse
import asyncio
import contextlib
import json
import logging
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from lsprotocol import types

from bench.editing import Editing
from bench.measurement import Measurement, Target, run

EDITS, SECONDS = 1000, 10.0
MESSAGES = 10_000
BATCH = 250
"""Messages between two questions that have to be answered."""
KILLS, CLOSED = 8, 40
LOCKED = 8.0
HOLE = "theorem t{n} (a b : Nat) : a + b + {n} = b + a + {n} := by\n  sorry\n\n"


@dataclass(slots=True)
class Row:
    """One ordeal: what was done, and what came of it."""

    name: str
    done: str = ""
    crashes: int = 0
    wrong: int = 0
    notes: list[str] = field(default_factory=list)


async def measure(chosen: argparse.Namespace) -> Measurement:
    """All ordeals, one after another, on one server."""
    logging.disable(logging.CRITICAL)
    rows = []
    with tempfile.TemporaryDirectory(prefix="unsorry-fire-") as folder:
        async with Editing.open(Path(folder), {"tickets": False}) as editing:
            listening = asyncio.create_task(_errors(editing))
            server = editing.process.pid
            for name, ordeal in ORDEALS.items():
                row = Row(name)
                with contextlib.suppress(AssertionError):
                    await ordeal(editing, row, random.Random(chosen.seed))
                await _still_right(editing, row)
                row.crashes = int(editing.process.returncode is not None)
                rows.append(row)
            row = Row("memory", f"{psutil.Process(server).memory_info().rss / 2**20:.0f} MB")
            rows.append(row)
            listening.cancel()
    lines = [
        f"{row.name:<24} {row.done}; crashes {row.crashes}, wrong edits {row.wrong}" for row in rows
    ]
    for row in rows:
        lines += [f"  {row.name}: {note}" for note in row.notes]
    return Measurement(
        lines,
        {row.name: {"done": row.done, "crashes": row.crashes, "wrong": row.wrong} for row in rows},
        [
            Target("crashes", sum(row.crashes for row in rows), "<=", 0),
            Target("wrong edits", sum(row.wrong for row in rows), "<=", 0),
        ],
    )


async def _errors(editing: Editing) -> None:
    """Whatever the server logs is read, so that it never waits for us."""
    assert editing.process.stderr is not None
    while await editing.process.stderr.read(65536):
        pass


_number = iter(range(500, 1_000_000))


async def _still_right(editing: Editing, row: Row) -> None:
    """A new goal is proved and inserted, and nothing else changes."""
    number = next(_number)
    name = f"After{number}.lean"
    before = HOLE.replace("{n}", str(number))
    editing.show(name, before)
    try:
        await editing.until(lambda: editing.states(name) == ["proved"], "a proof", 90)
        (insert, *_) = await editing.actions(name, "sorry")
        proof = editing.goals[editing.uri(name)][0]["proof"]
        await editing.choose(insert)
    except AssertionError as error:
        row.wrong += 1
        row.notes.append(str(error)[:300])
        return
    if editing.text(name) != before.replace("sorry", proof):
        row.wrong += 1
        row.notes.append(f"became {editing.text(name)!r}")
    editing.shut(name)


async def _typing(editing: Editing, row: Row, chance: random.Random) -> None:
    """1,000 edits in 10 s, with a save now and then; the texts must be the same in the end."""
    text = "".join(HOLE.replace("{n}", str(number)) for number in range(12))
    editing.show("Typing.lean", text)
    await editing.until(lambda: len(editing.states("Typing.lean")) == 12, "all goals")
    started = time.monotonic()
    slowest = 0.0
    for count in range(EDITS):
        now = editing.text("Typing.lean")
        places = [i for i, line in enumerate(now) if line == "\n"]
        place = chance.choice(places)
        editing.edit("Typing.lean", place, place, chance.choice((" ", " -- é", " -- 😀x", "\n")))
        if count % 50 == 49:
            editing.save("Typing.lean")
        if count % 100 == 99:
            asked = time.monotonic()
            await editing.hover("Typing.lean", "sorry")
            slowest = max(slowest, time.monotonic() - asked)
        await asyncio.sleep(max(0.0, started + count * SECONDS / EDITS - time.monotonic()))
    row.done = f"{EDITS} edits in {time.monotonic() - started:.1f} s, slowest hover {slowest:.2f} s"
    editing.save("Typing.lean")
    await editing.until(lambda: editing.states("Typing.lean") == ["proved"] * 12, "all proofs", 90)
    await _insert_all(editing, "Typing.lean", row)


async def _insert_all(editing: Editing, name: str, row: Row) -> None:
    """Each hole becomes the proof that was shown for it, and nothing else changes."""
    wanted = editing.text(name)
    for goal in editing.goals[editing.uri(name)]:
        wanted = wanted.replace("sorry", goal["proof"], 1)
    await editing.command("unsorry.insertAllInFile", editing.uri(name))
    if editing.text(name) != wanted:
        row.wrong += 1
        row.notes.append(f"it became {editing.text(name)!r} and not {wanted!r}")
    editing.shut(name)


async def _nonsense(editing: Editing, row: Row, chance: random.Random) -> None:
    """Messages that are malformed, unknown, wrong in type, or about nothing."""
    name = "Nonsense.lean"
    editing.show(name, HOLE.replace("{n}", "77"))
    await editing.until(lambda: editing.states(name) == ["proved"], "a proof")
    before = editing.text(name)
    slowest = 0.0
    writer: Any = editing.client.protocol.writer
    for count in range(MESSAGES):
        writer.write(_message(chance, editing.uri(name)))
        if count % BATCH == BATCH - 1:
            asked = time.monotonic()
            async with asyncio.timeout(60):
                said = await editing.hover(name, "sorry")
            slowest = max(slowest, time.monotonic() - asked)
            if "proof found" not in said:
                row.wrong += 1
                row.notes.append(f"the hover says {said[:100]!r}")
    row.done = f"{MESSAGES} messages, slowest answer among them {slowest:.2f} s"
    if editing.text(name) != before:
        row.wrong += 1
    editing.shut(name)


METHODS = (
    "textDocument/hover",
    "textDocument/codeAction",
    "codeAction/resolve",
    "textDocument/codeLens",
    "textDocument/inlayHint",
    "textDocument/diagnostic",
    "workspace/executeCommand",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders",
    "unsorry/goals",
    "unsorry/tickets",
    "unsorry/trust",
    "textDocument/didSave",
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "window/workDoneProgress/cancel",
    "$/cancelRequest",
    "$/setTrace",
    "nothing/at/all",
    "textDocument/definition",
)


def _message(chance: random.Random, uri: str) -> bytes:
    """One message that no editor should send."""
    kind = chance.randrange(8)
    if kind == 0:
        return b"garbage without a header\r\n\r\n"
    if kind == 1:
        return _framed(
            b'{"jsonrpc": "2.0", "id": 1, "method": ' + chance.randbytes(8).hex().encode()
        )
    if kind == 2:
        return _framed(chance.randbytes(chance.randrange(1, 60)).replace(b"\n", b" "))
    if kind == 3:
        return _framed(json.dumps(_value(chance, 3, "file:///nowhere/x.lean")).encode())
    message: dict[str, Any] = {"jsonrpc": chance.choice(("2.0", "2.0", "2.0", "1.0"))}
    if chance.random() < 0.7:
        message["id"] = chance.choice((-chance.randrange(10**6), f"fuzz-{chance.random()}"))
    if chance.random() < 0.1:
        message["result"] = _value(chance, 2, uri)
    else:
        message["method"] = chance.choice(METHODS)
    # What is said of a document that is open would be believed: it is about others.
    about = "file:///nowhere/x.lean" if "did" in str(message.get("method")) else uri
    if kind in (4, 5):
        message["params"] = _value(chance, 3, about)
    else:
        message["params"] = {
            "textDocument": {"uri": about, "version": chance.randrange(-9, 9)},
            "position": _position(chance),
            "range": {"start": _position(chance), "end": _position(chance)},
            "context": {"diagnostics": [], "only": chance.choice((None, ["quickfix"], [""]))},
            "contentChanges": [_value(chance, 2, about)],
            "command": chance.choice(("unsorry.insertAt", "unsorry.nothing", "unsorry.setProfile")),
            "arguments": [about, chance.randrange(-9, 10**9), _value(chance, 1, about)],
        }
    return _framed(json.dumps(message).encode())


def _framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def _position(chance: random.Random) -> dict[str, int]:
    return {"line": chance.choice((0, 1, -5, 10**9)), "character": chance.choice((0, 3, -1, 10**9))}


def _value(chance: random.Random, depth: int, uri: str) -> Any:  # noqa: ANN401 - any JSON
    kind = chance.randrange(8 if depth else 6)
    plain = (None, True, -1, 1e308, "\ud7ff𝔸", uri)
    if kind < 6:
        return plain[kind]
    if kind == 6:
        return [_value(chance, depth - 1, uri) for _ in range(chance.randrange(4))]
    names = ("uri", "textDocument", "position", "line", "id", "token", "x.y", "jsonrpc")
    return {chance.choice(names): _value(chance, depth - 1, uri) for _ in range(3)}


async def _killed(editing: Editing, row: Row, chance: random.Random) -> None:
    """Lean's processes are killed at random moments of a search."""
    for number in range(KILLS):
        name = f"Killed{number}.lean"
        text = "".join(HOLE.replace("{n}", str(9000 + 10 * number + n)) for n in range(3))
        editing.show(name, text)
        await asyncio.sleep(chance.random())
        for process in psutil.Process(editing.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        await editing.until(lambda name=name: editing.states(name) == ["proved"] * 3, "proofs", 90)  # type: ignore[misc]
        await _insert_all(editing, name, row)
    row.done = f"all Lean processes killed {KILLS} times"


async def _closed(editing: Editing, row: Row, chance: random.Random) -> None:
    """Documents are closed, and their files deleted, while they are read or searched."""
    for number in range(CLOSED):
        name = f"Closed{number}.lean"
        editing.show(name, HOLE.replace("{n}", str(7000 + number)))
        await asyncio.sleep(0.2 * chance.random())
        if number % 2:
            (editing.folder / name).unlink()
            change = types.FileEvent(editing.uri(name), types.FileChangeType.Deleted)
            params = types.DidChangeWatchedFilesParams([change])
            editing.client.workspace_did_change_watched_files(params)
        editing.shut(name)
    row.done = f"{CLOSED} documents closed while they were read or searched, half of them deleted"


async def _locked(editing: Editing, row: Row, chance: random.Random) -> None:
    """Another program holds the ledger's lock."""
    ledger = sqlite3.connect(editing.folder / ".unsorry" / "ledger.db", timeout=30)
    ledger.isolation_level = None
    ledger.execute("begin immediate")
    editing.show("Locked.lean", HOLE.replace("{n}", "66"))
    await asyncio.sleep(LOCKED)
    row.notes.append(
        f"while locked, the status said: {editing.status['paused_because'] or 'nothing'}"
    )
    ledger.execute("rollback")
    ledger.close()
    await editing.until(lambda: editing.states("Locked.lean") == ["proved"], "a proof", 90)
    await _insert_all(editing, "Locked.lean", row)
    row.done = f"the ledger was locked for {LOCKED:.0f} s"


ORDEALS: dict[str, Callable[[Editing, Row, random.Random], Awaitable[None]]] = {
    "typing": _typing,
    "nonsense": _nonsense,
    "killed sessions": _killed,
    "closed documents": _closed,
    "locked ledger": _locked,
}


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, help="of all chance")


def main() -> int:
    """The command line."""
    return run("editor_fire", "The language server under fire.", measure, _options)


if __name__ == "__main__":
    sys.exit(main())
