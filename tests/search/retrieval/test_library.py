"""The library: what a proof state sees, once it is known; and that nobody is kept waiting."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from lean import premises
from lean.document import elaborate
from lean.premise_shard import Premise, Shard
from lean.session import Session
from lean.toolchain import Toolchain
from lean.workspace import Workspace
from search.retrieval.library import PremiseLibrary
from search.retrieval.past_use import PastUse
from search.retrieval.ranker import Query

TEXT = """\
def double (n : Nat) : Nat := n + n
theorem double_add (m n : Nat) : double (m + n) = double m + double n := by simp [double]; omega
theorem open_one (n : Nat) : double n = 2 * n := by sorry
theorem this (n : Nat) : double (n + n) = double n + double n := by sorry
theorem later (m n : Nat) : double (m + n) = double n + double m := by sorry
"""


@pytest.fixture(scope="session")
async def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("premises")


@pytest.fixture
async def library(workspace: Workspace, folder: Path) -> AsyncIterator[PremiseLibrary]:
    """A new library over the same folder each time."""
    library = PremiseLibrary(workspace, folder)
    yield library
    await library.close()


async def proof_of(session: Session, text: str = TEXT, number: int = 1) -> int:
    document = await elaborate(session, text)
    return document.holes[number].proofs[0]


async def test_relevant_theorems_of_the_document_and_the_library(
    session: Session, library: PremiseLibrary
) -> None:
    proof = await proof_of(session)
    sight = await library.prepare(session, proof)
    assert sight.complete and sight.visible > 10_000
    features = (await session.features(proof))[0]
    first, *others = library.retrieve(features, sight, 20)
    assert (first.name, first.module, first.equation) == ("double_add", "", True)
    assert first.local and first.ranks.keys() == {"symbols", "mepo"}
    assert "Nat.add_comm" in {one.name for one in others}
    assert [one.score for one in others] == sorted((one.score for one in others), reverse=True)


async def test_neither_itself_nor_what_comes_after(
    session: Session, library: PremiseLibrary
) -> None:
    proof = await proof_of(session)
    sight = await library.prepare(session, proof)
    assert sight.numbers(["this", "later"]) == [None, None]
    features = (await session.features(proof))[0]
    names = {one.name for one in library.retrieve(features, sight, sight.size)}
    assert names & {"double_add", "this", "later"} == {"double_add"}
    for name in ("this", "later"):
        outcome = await session.step(proof, f"exact {name} ..")
        assert outcome.result == "error"


async def test_each_hole_sees_its_own(session: Session, library: PremiseLibrary) -> None:
    document = await elaborate(session, TEXT)
    seen = []
    for hole in document.holes:
        sight = await library.prepare(session, hole.proofs[0])
        names = ["double_add", "open_one", "this", "later"]
        seen.append([number is not None for number in sight.numbers(names)])
    assert [sum(visible) for visible in seen] == [1, 2, 3]


async def test_nothing_that_is_known_to_be_unproved(
    session: Session, library: PremiseLibrary
) -> None:
    proof = await proof_of(session)
    library.unproved = frozenset({"double_add", "Nat.add_comm"})
    sight = await library.prepare(session, proof)
    assert sight.numbers(["double_add", "Nat.add_comm"]) == [None, None]
    library.unproved = frozenset()
    assert None not in (await library.prepare(session, proof)).numbers(["double_add"])


async def test_what_is_known_costs_no_question(session: Session, library: PremiseLibrary) -> None:
    proof = await proof_of(session)
    first = await library.prepare(session, proof)
    asked = (await session.stats()).requests
    assert await library.prepare(session, proof) is first
    assert (await session.stats()).requests == asked + 1


async def test_whoever_waits_may_go_away(
    session: Session, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lean.premises.MODULES_AT_ONCE", 8)
    library, proof = PremiseLibrary(workspace, tmp_path), await proof_of(session)
    try:
        early = await library.prepare(session, proof, seconds=0.0)
        assert not early.complete and library.building
        waiting = asyncio.create_task(library.prepare(session, proof))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert library.building
        several = await asyncio.gather(*(library.prepare(session, proof) for _ in range(3)))
        assert all(sight.complete for sight in several) and not library.building
    finally:
        await library.close()


async def test_what_arrives_too_late_for_a_sight_does_not_make_it_complete(
    session: Session, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library, proof = PremiseLibrary(workspace, tmp_path), await proof_of(session)

    async def after_all_others(session: Session, proof: int) -> Shard:
        while library.building:
            await asyncio.sleep(0.01)
        return await premises.local_premises(session, proof)

    try:
        with monkeypatch.context() as patched:
            patched.setattr("search.retrieval.corpus.local_premises", after_all_others)
            early = await library.prepare(session, proof, seconds=0.0)
        assert not early.complete
        later = await library.prepare(session, proof)
        assert later.complete and later.visible > early.visible
    finally:
        await library.close()


async def test_closing_keeps_what_there_is(
    session: Session, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, held, ask = 0, asyncio.Event(), premises._premises

    async def three_times(
        session: Session, proof: int, modules: Sequence[str]
    ) -> AsyncIterator[Premise]:
        nonlocal asked
        # Without modules: those of the document.
        asked += bool(modules)
        if modules and asked > 3:
            held.set()
            await asyncio.sleep(3600)
        async for premise in ask(session, proof, modules):
            yield premise

    monkeypatch.setattr(premises, "_premises", three_times)
    monkeypatch.setattr(premises, "MODULES_AT_ONCE", 8)
    library, proof = PremiseLibrary(workspace, tmp_path), await proof_of(session)
    early = await library.prepare(session, proof, seconds=0.0)
    await asyncio.wait_for(held.wait(), 60)
    await library.close()
    assert not early.complete and not library.building
    again = PremiseLibrary(workspace, tmp_path)
    some = await again.prepare(session, proof, seconds=0.0)
    await again.close()
    assert not some.complete and some.visible > early.visible > 0
    await again.close()


async def test_statements(session: Session, library: PremiseLibrary) -> None:
    proof = await proof_of(session)
    said = await library.statements(session, proof, ["double_add", "Nat.add_comm", "this"])
    assert said == {
        "double_add": "∀ (m n : Nat), double (m + n) = double m + double n",
        "Nat.add_comm": "∀ (n m : Nat), n + m = m + n",
    }
    assert await library.statements(session, proof, []) == {}


async def test_what_never_helps_falls_back(session: Session, library: PremiseLibrary) -> None:
    sight = await library.prepare(session, await proof_of(session))
    query = Query.of_symbols(["Nat", "Eq", "HMul.hMul", "instHMul", "instMulNat"])

    def place(name: str) -> int:
        return [one.name for one in library.retrieve(query, sight, 200)].index(name)

    names = [one.name for one in library.retrieve(query, sight, 10)]
    for _ in range(80):
        library.note(names, names[5:6])
    assert place(names[5]) < 5 and place(names[0]) > 0
    told = PremiseLibrary(Workspace.at(Path.cwd()), None)
    told.past(library.counts())
    assert told.counts() == library.counts() and library.counts()[0][1] == 80


async def test_past_proofs_are_learned_from(session: Session, library: PremiseLibrary) -> None:
    sight = await library.prepare(session, await proof_of(session))
    query = Query.of_symbols(["double", "Nat", "Eq"])
    before, revision = library.retrieve(query, sight, 8), library.revision
    library.learn("file", [PastUse(("double", "Nat", "Eq"), ("Nat.gcd_comm",))])
    assert library.revision > revision
    assert "Nat.gcd_comm" not in {one.name for one in before}
    (found,) = [one for one in library.retrieve(query, sight, 5) if one.name == "Nat.gcd_comm"]
    assert found.ranks["past_use"] == 1


def test_where_it_lies(
    workspace: Workspace, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSORRY_CACHE_DIR", str(tmp_path))
    assert not PremiseLibrary.at(workspace, toolchain).problem
    assert (tmp_path / "premises").is_dir()
    (tmp_path / "file").touch()
    monkeypatch.setenv("UNSORRY_CACHE_DIR", str(tmp_path / "file"))
    assert "can't write" in PremiseLibrary.at(workspace, toolchain).problem


def test_it_loads_nothing_before_it_is_used() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import search.retrieval.library, search.strategies.premises;"
        "print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stdout + done.stderr
