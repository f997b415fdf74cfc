"""The premise corpus: asked of Lean once, by module; kept, found again, and never in the way.

On the smallest of Lean's own modules.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lean.document import Document, elaborate
from lean.errors import RequestRefused
from lean.pool import Pool
from lean.premise_stamps import LIBRARY, VOLATILE, ModuleStamps
from lean.premises import PremiseStore, local_premises
from lean.session import Session
from lean.workspace import Workspace

PRELUDE = "prelude\nimport Init.Prelude\n"
SMALL = "prelude\nimport Init.SizeOf\n"
HOLE = "theorem hole : True := sorry\n"


class Asking:
    """Notes which modules a session is asked for."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self.modules: list[str] = []
        plain = session.theorems

        def theorems(*args: Any, **more: Any) -> Any:  # noqa: ANN401
            self.modules += more["modules"]
            return plain(*args, **more)

        monkeypatch.setattr(session, "theorems", theorems)


async def place(session: Session, text: str) -> tuple[Document, int, dict[str, str]]:
    document = await elaborate(session, text)
    assert document.holes, document.messages
    proof = document.holes[-1].proofs[0]
    return document, proof, dict.fromkeys(await session.modules(proof), LIBRARY)


def names(store: PremiseStore, modules: dict[str, str]) -> set[str]:
    return {
        shard.names[row]
        for shard, span in store.places(modules)
        for row in range(span.start, span.end)
    }


async def test_theorems_by_module(session: Session, tmp_path: Path) -> None:
    _, proof, modules = await place(session, PRELUDE + HOLE)
    store = PremiseStore(tmp_path)
    assert store.missing(modules) == list(modules) and store.places(modules) == []
    await store.collect(session, proof, modules)
    assert store.missing(modules) == [] and not store.problem
    found = names(store, modules)
    assert {"Nat.le_trans", "Nat.lt_irrefl"} <= found and "congrArg" not in found
    (row,) = [
        shard.premise(row)
        for shard, span in store.places({"Init.Prelude": ""})
        for row in range(span.start, span.end)
        if shard.names[row] == "Nat.le_trans"
    ]
    assert row.module == "Init.Prelude" and set(row.symbols) == {"Nat", "LE.le", "instLENat"}


async def test_only_new_modules_are_asked_for(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = Asking(session, monkeypatch)
    _, proof, first = await place(session, PRELUDE + HOLE)
    await PremiseStore(tmp_path).collect(session, proof, first)
    assert asking.modules == list(first)
    asking.modules.clear()
    _, proof, second = await place(session, SMALL + HOLE)
    store = PremiseStore(tmp_path)
    await store.collect(session, proof, second)
    assert set(asking.modules) == set(second) - set(first) != set()
    asking.modules.clear()
    await PremiseStore(tmp_path).collect(session, proof, second | first)
    assert asking.modules == []


async def test_another_content_of_a_module(session: Session, tmp_path: Path) -> None:
    _, proof, modules = await place(session, PRELUDE + HOLE)
    store = PremiseStore(tmp_path)
    await store.collect(session, proof, modules)
    changed = dict.fromkeys(modules, "changed")
    assert store.missing(changed) == list(modules)
    await store.collect(session, proof, changed)
    assert store.missing(changed) == store.missing(modules) == []


async def test_a_broken_file_is_made_again(session: Session, tmp_path: Path) -> None:
    _, proof, modules = await place(session, PRELUDE + HOLE)
    await PremiseStore(tmp_path).collect(session, proof, modules)
    (file,) = tmp_path.glob("*.premises")
    file.write_bytes(file.read_bytes()[:-100])
    store = PremiseStore(tmp_path)
    assert store.broken == 1 and store.missing(modules) == list(modules)
    await store.collect(session, proof, modules)
    assert store.missing(modules) == PremiseStore(tmp_path).missing(modules) == []


async def test_two_at_once_ask_once(
    pool: Pool, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two processes would: with a store and a session each."""
    async with pool.lease() as other:
        asking, also = Asking(session, monkeypatch), Asking(other, monkeypatch)
        _, proof, modules = await place(session, SMALL + HOLE)
        _, its_proof, _ = await place(other, SMALL + HOLE)
        stores = PremiseStore(tmp_path), PremiseStore(tmp_path)
        await asyncio.gather(
            stores[0].collect(session, proof, modules),
            stores[1].collect(other, its_proof, modules),
        )
        assert sorted(asking.modules + also.modules) == sorted(modules)
        assert names(stores[0], modules) == names(stores[1], modules)


async def test_nowhere_to_keep_it(session: Session, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    _, proof, modules = await place(session, PRELUDE + HOLE)
    store = PremiseStore(tmp_path / "file" / "below")
    await store.collect(session, proof, modules)
    assert store.missing(modules) == [] and "can't be kept" in store.problem
    in_memory = PremiseStore(None)
    await in_memory.collect(session, proof, modules)
    assert names(in_memory, modules) == names(store, modules) and not in_memory.problem


async def test_what_was_got_before_an_end_is_kept(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lean.premises.MODULES_AT_ONCE", 1)
    document, proof, modules = await place(session, SMALL + HOLE)
    store = PremiseStore(tmp_path)
    plain, asked = session.theorems, 0

    def theorems(*args: Any, **more: Any) -> Any:  # noqa: ANN401
        nonlocal asked
        asked += 1
        if asked == 2:
            session.discard(proofs=[report.proof for report in document.commands[-1].reports])
        return plain(*args, **more)

    monkeypatch.setattr(session, "theorems", theorems)
    with pytest.raises(RequestRefused):
        await store.collect(session, proof, modules)
    first, *others = modules
    assert PremiseStore(tmp_path).missing(modules) == others and first not in others


async def test_small_files_are_put_together(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lean.premises.MOST_SMALL", 2)
    _, proof, modules = await place(session, PRELUDE + HOLE)
    store = PremiseStore(tmp_path)
    for content in range(6):
        await store.collect(session, proof, dict.fromkeys(modules, f"{content}"))
    assert len(list(tmp_path.glob("*.premises"))) <= 3
    last = dict.fromkeys(modules, "5")
    again = PremiseStore(tmp_path)
    assert again.missing(last) == [] and names(again, last) == names(store, last)
    assert again.missing(dict.fromkeys(modules, "0")) == list(modules)


async def test_putting_together_may_be_interrupted(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, proof, modules = await place(session, PRELUDE + HOLE)
    store = PremiseStore(tmp_path)
    contents = [dict.fromkeys(modules, f"{content}") for content in range(3)]
    for content in contents:
        await store.collect(session, proof, content)
    before = names(store, contents[2])
    monkeypatch.setattr("lean.premises.MOST_SMALL", 2)
    with monkeypatch.context() as ended:
        # The end of the process after the file is written: nothing is removed any more.
        ended.setattr(Path, "unlink", lambda *_, **__: None)
        await PremiseStore(tmp_path).collect(session, proof, contents[2])
    assert len(list(tmp_path.glob("*.premises"))) == 4
    await PremiseStore(tmp_path).collect(session, proof, contents[2])
    again = PremiseStore(tmp_path)
    assert len(list(tmp_path.glob("*.premises"))) == 1
    assert all(again.missing(content) == [] for content in contents)
    assert names(again, contents[2]) == before


TEXT = """\
theorem before (n : Nat) : n = n := rfl
theorem _hidden (n : Nat) : n = n := rfl
private theorem secret (n : Nat) : n = n := rfl
theorem this (n : Nat) : n = n := by sorry
theorem after (n : Nat) : n = n := rfl
"""


async def test_the_document_up_to_the_hole(session: Session) -> None:
    document = await elaborate(session, TEXT)
    shard = await local_premises(session, document.holes[0].proofs[0])
    assert [shard.names[row] for row in range(len(shard))] == ["before"]
    assert shard.module(0) == ""


@pytest.fixture
async def stamped(
    session: Session, tmp_path: Path
) -> AsyncIterator[tuple[Workspace, ModuleStamps]]:
    (tmp_path / "Mine.lean").write_text("theorem mine : True := trivial\n")
    workspace = Workspace.at(tmp_path)
    yield workspace, ModuleStamps(workspace)


class TestStamps:
    async def test_of_a_library(
        self, session: Session, stamped: tuple[Workspace, ModuleStamps]
    ) -> None:
        assert await stamped[1].of(session, ["Init.Prelude"]) == {"Init.Prelude": LIBRARY}

    async def test_a_file_that_is_newer_than_the_session(
        self, session: Session, stamped: tuple[Workspace, ModuleStamps]
    ) -> None:
        (stamp,) = (await stamped[1].of(session, ["Mine"])).values()
        assert stamp == f"{VOLATILE}{session.serial}"

    async def test_by_content(
        self, session: Session, stamped: tuple[Workspace, ModuleStamps]
    ) -> None:
        file = stamped[0].root / "Mine.lean"
        seen: list[str] = []
        for text in ("theorem mine : True := trivial\n", "-- other\n", "-- another\n"):
            file.write_text(text)
            os.utime(file, (1_000_000 + len(seen), 1_000_000 + len(seen)))
            seen += (await stamped[1].of(session, ["Mine"])).values()
        file.write_text("-- other\n")
        os.utime(file, (5, 5))
        assert (await stamped[1].of(session, ["Mine"])) == {"Mine": seen[1]}
        assert len({*seen}) == 3 and not any(stamp.startswith(VOLATILE) for stamp in seen)

    async def test_of_a_name_that_lean_writes_in_guillemets(
        self, session: Session, stamped: tuple[Workspace, ModuleStamps]
    ) -> None:
        file = stamped[0].root / "01-Intro.lean"
        file.write_text("theorem intro : True := trivial\n")
        os.utime(file, (5, 5))
        (stamp,) = (await stamped[1].of(session, ["«01-Intro»"])).values()
        assert stamp not in (LIBRARY, f"{VOLATILE}{session.serial}")

    async def test_of_a_package_beside_the_workspace(
        self, session: Session, tmp_path: Path
    ) -> None:
        compiled = (
            tmp_path / "beside" / ".lake" / "build" / "lib" / "lean" / "Beside" / "Basic.olean"
        )
        compiled.parent.mkdir(parents=True)
        root = tmp_path / "work"
        root.mkdir()
        package = {"name": "beside", "type": "path", "dir": "../beside"}
        (root / "lake-manifest.json").write_text(json.dumps({"packages": [package]}))
        stamps, seen = ModuleStamps(Workspace.at(root)), []
        for built in (b"one", b"another"):
            compiled.write_bytes(built)
            os.utime(compiled, (5, 5))
            found = await stamps.of(session, ["Beside.Basic", "Beside.Missing", "Init.Prelude"])
            seen.append(found["Beside.Basic"])
            assert found["Beside.Missing"] == found["Init.Prelude"] == LIBRARY
        assert LIBRARY not in seen and len({*seen}) == 2

    async def test_what_is_not_lasting_is_not_written(
        self, session: Session, tmp_path: Path
    ) -> None:
        _, proof, modules = await place(session, PRELUDE + HOLE)
        volatile = dict.fromkeys(modules, f"{VOLATILE}{session.serial}")
        store = PremiseStore(tmp_path)
        await store.collect(session, proof, volatile)
        assert store.missing(volatile) == [] and not list(tmp_path.glob("*.premises"))
