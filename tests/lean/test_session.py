"""A session answers, or whoever asked is told why not: no request hangs and none is lost."""

import asyncio
import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lean.connection import KILL_AFTER
from lean.document import elaborate
from lean.errors import ImportFailed, ProtocolError, RequestRefused, SessionDied, ToolchainError
from lean.hole import Hole
from lean.pool import Pool
from lean.session import Limits, Session
from lean.toolchain import Launch, Toolchain
from lean.workspace import Workspace

COMMUTES = "theorem commutes (x y : Nat) : x + y = y + x := by sorry"
SLOW = "exact absurd (by decide +kernel) (show ¬ (List.range 400000).length = 0 by decide +kernel)"
ENDLESS = "partial def loop (n : Nat) : Nat := loop (n + 1)\n#eval loop 0\n"


async def one_hole(session: Session, text: str = COMMUTES) -> Hole:
    document = await elaborate(session, text)
    (hole,) = document.holes
    return hole


async def results(session: Session, hole: Hole, scripts: list[str]) -> list[str]:
    return [outcome.result async for outcome in session.check(hole.proofs, scripts)]


# Answers


async def test_it_says_which_lean_it_is(session: Session) -> None:
    assert session.lean_version.startswith("4.")
    assert session.alive
    assert session.rss_bytes() > 100 * 2**20


async def test_a_header_is_parsed(session: Session) -> None:
    header = await session.header("import Std\nimport Foo.Bar\n\ntheorem x : True := trivial")
    assert header.modules == ("Init", "Std", "Foo.Bar")
    assert header.messages == ()
    assert not header.module


async def test_a_missing_module_is_named_with_what_to_do(session: Session) -> None:
    with pytest.raises(ImportFailed, match=r"Mathlib.*lake build Mathlib") as caught:
        await session.open(["Init", "Mathlib.Tactic"])
    assert caught.value.module.startswith("Mathlib")


async def test_unknown_ids_are_refused(session: Session) -> None:
    with pytest.raises(RequestRefused) as caught:
        await session.features(10**9)
    assert caught.value.kind == "unknown_id"
    with pytest.raises(RequestRefused):
        await session.elaborate(10**9, "#check 1").finish()


async def test_every_script_gets_its_outcome_in_order(session: Session) -> None:
    hole = await one_hole(session)
    exchange = session.check(hole.proofs, ["omega", "simp", "skip", "by by", "exact x"])
    outcomes = [outcome async for outcome in exchange]
    assert [outcome.index for outcome in outcomes] == [0, 1, 2, 3, 4]
    assert [outcome.result for outcome in outcomes][:1] == ["proved"]
    assert [outcome.result for outcome in outcomes][2:] == ["goals", "unparsed", "error"]
    assert outcomes[2].goals == hole.goals
    assert exchange.result.tried == 5


async def test_first_stops_at_the_first_proof(session: Session) -> None:
    hole = await one_hole(session)
    exchange = session.check(hole.proofs, ["skip", "omega", "omega"], first=True)
    assert [outcome.result async for outcome in exchange] == ["goals", "proved"]
    assert exchange.result.proved == 1


async def test_a_proof_is_walked_step_by_step(session: Session) -> None:
    hole = await one_hole(session, "theorem t (p q : Prop) : p → q → p ∧ q := by sorry")
    first = await session.step(hole.proofs[0], "intro hp hq")
    assert first.result == "goals"
    assert first.proof is not None
    second = await session.step(first.proof, "exact ⟨hp, hq⟩")
    assert second.result == "proved"
    assert second.proof is not None
    sealed = await session.seal(second.proof)
    assert sealed.ok
    assert [axiom.kind for axiom in sealed.axioms if axiom.kind != "library"] == []
    await session.drop(proofs=[first.proof, second.proof])
    with pytest.raises(RequestRefused):
        await session.seal(second.proof)


async def test_heartbeats_bound_a_script(session: Session) -> None:
    hole = await one_hole(session)
    (outcome,) = [
        outcome async for outcome in session.check(hole.proofs, ["omega"], Limits(heartbeats=1))
    ]
    assert outcome.result == "interrupted"
    assert outcome.message == "heartbeats"


async def test_the_clock_bounds_a_script(session: Session) -> None:
    hole = await one_hole(session)
    began = time.monotonic()
    limits = Limits(heartbeats=0, seconds=0.5)
    (outcome,) = [outcome async for outcome in session.check(hole.proofs, [SLOW], limits)]
    assert outcome.result == "interrupted"
    assert time.monotonic() - began < KILL_AFTER
    assert await results(session, hole, ["omega"]) == ["proved"]


async def test_requests_of_two_tasks_wait_for_each_other(session: Session) -> None:
    hole = await one_hole(session)
    tries = [results(session, hole, ["omega", "skip"]) for _ in range(10)]
    assert await asyncio.gather(*tries) == [["proved", "goals"]] * 10


async def test_ten_megabytes_in_one_line_work(session: Session) -> None:
    wall = "-- " + "x" * 10 * 2**20 + "\ntheorem t : True := trivial"
    header = await session.header(wall)
    assert header.start == wall.index("theorem")
    with pytest.raises(RequestRefused, match="over the limit") as caught:
        await session.header("x" * 65 * 2**20)
    assert caught.value.kind == "too_large"
    assert (await session.stats()).requests > 0


# Callers that leave


async def test_a_cancelled_task_frees_the_session(session: Session) -> None:
    hole = await one_hole(session)
    limits = Limits(heartbeats=0, seconds=60)
    task = asyncio.create_task(session.check(hole.proofs, [SLOW] * 2000, limits).finish())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    began = time.monotonic()
    try:
        assert await results(session, hole, ["omega"]) == ["proved"]
    except SessionDied:
        # What can't be interrupted in a second is killed; the pool has others.
        assert not session.alive
    # One of them alone may work for a minute.
    assert time.monotonic() - began < 30


async def test_leaving_a_loop_early_drops_what_was_not_read(session: Session) -> None:
    hole = await one_hole(session)
    before = (await session.stats()).proofs
    async for outcome in session.check(hole.proofs, ["skip"] * 200, keep=True):
        assert outcome.proof is not None
        session.discard(proofs=[outcome.proof])
        break
    assert await results(session, hole, ["omega"]) == ["proved"]
    await session.drop()
    assert (await session.stats()).proofs == before


# Deaths


@pytest.fixture
def standin(tmp_path: Path) -> "type[Standin]":
    Standin.folder = tmp_path
    return Standin


class Standin:
    """A broken driver: a Python program that greets as one does and then misbehaves."""

    folder: Path

    @classmethod
    def launch(cls, program: str, greets: bool = True) -> Launch:
        greeting = 'print(\'{"ready": true, "protocol": 1, "lean": "0"}\', flush=True)\n'
        source = "import sys, time\n" + (greeting if greets else "") + program
        return Launch(
            (sys.executable, "-c", source), cls.folder, dict(os.environ), Path("nothing.lean")
        )


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        ("'this is not JSON'", "not a reply: this is not JSON"),
        ("'[1, 2]'", "not a reply"),
        ('\'{"id": 77, "done": true}\'', "a request nobody made"),
        ('\'{"id": 1, "done": true, "states": "many"}\'', r"'many' in the field stats.done.states"),
        ('\'{"id": 1, "done": true}\'', r"lacks the field stats.done.states"),
        ('\'{"id": 1, "what": true}\'', "answered 'stats' with"),
    ],
)
async def test_nonsense_is_a_protocol_error_and_ends_the_process(
    standin: type[Standin], reply: str, complaint: str
) -> None:
    session = await Session.start(
        standin.launch(f"sys.stdin.readline()\nprint({reply}, flush=True)\ntime.sleep(60)")
    )
    try:
        with pytest.raises(ProtocolError, match=complaint):
            await session.stats()
        assert not session.alive
        with pytest.raises(SessionDied):
            await session.stats()
    finally:
        await session.close()


async def test_a_truncated_reply_is_a_protocol_error(standin: type[Standin]) -> None:
    program = 'sys.stdin.readline()\nprint(\'{"id": 1, "done": tr\', end="", flush=True)'
    session = await Session.start(standin.launch(program))
    with pytest.raises(ProtocolError, match="not a reply"):
        await session.stats()
    await session.close()


async def test_a_death_is_told_with_the_last_words(standin: type[Standin]) -> None:
    program = "sys.stdin.readline()\nsys.stderr.write('out of wisdom')\nsys.exit(3)"
    session = await Session.start(standin.launch(program))
    with pytest.raises(SessionDied, match=r"during 'stats'.*exit code 3.*out of wisdom"):
        await session.stats()
    assert session.rss_bytes() == 0
    await session.close()


async def test_a_driver_that_does_not_start_says_why(standin: type[Standin]) -> None:
    with pytest.raises(SessionDied, match="no such driver"):
        await Session.start(standin.launch("sys.exit('no such driver')", greets=False))
    with pytest.raises(ToolchainError, match="can't be started"):
        missing = Launch(("/nowhere/lean",), standin.folder, {}, Path("nothing.lean"))
        await Session.start(missing)


async def test_a_greeting_of_another_protocol_is_refused(standin: type[Standin]) -> None:
    program = 'print(\'{"ready": true, "protocol": 99, "lean": "5"}\', flush=True)\ntime.sleep(60)'
    with pytest.raises(ProtocolError, match="protocol 99"):
        await Session.start(standin.launch(program, greets=False))


async def test_too_much_memory_ends_the_process(standin: type[Standin]) -> None:
    program = "hoard = bytearray(200 * 2**20)\ntime.sleep(60)"
    session = await Session.start(standin.launch(program), memory_ceiling=50 * 2**20)
    with pytest.raises(SessionDied, match="of memory"):
        await session.stats()
    await session.close()


async def test_silence_ends_in_a_death_within_the_deadline(standin: type[Standin]) -> None:
    session = await Session.start(standin.launch("time.sleep(600)"))
    began = time.monotonic()
    with pytest.raises(SessionDied, match="did not answer in time"):
        await session.elaborate(1, "", seconds=0.2).finish()
    assert KILL_AFTER < time.monotonic() - began < KILL_AFTER + 30
    await session.close()


async def test_a_task_that_leaves_a_silent_driver_kills_it_after_a_second(
    standin: type[Standin],
) -> None:
    session = await Session.start(standin.launch("time.sleep(600)"))
    task = asyncio.create_task(session.stats())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    began = time.monotonic()
    with pytest.raises(SessionDied):
        await session.stats()
    assert time.monotonic() - began < 30
    await session.close()


async def test_nobody_outlives_a_killed_parent(tmp_path: Path) -> None:
    parent = tmp_path / "parent.py"
    parent.write_text(
        "import asyncio, os, signal, sys\n"
        "from pathlib import Path\n"
        "from lean.session import Session\n"
        "from lean.toolchain import Launch\n"
        'greeting = \'{"ready": true, "protocol": 1, "lean": "0"}\'\n'
        "child = f'print({greeting!r}, flush=True)\\nwhile True: pass'\n"
        "launch = Launch((sys.executable, '-c', child), Path('/'), dict(os.environ), Path('x'))\n"
        "async def main():\n"
        "    session = await Session.start(launch)\n"
        "    print(session.pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, str(parent)], capture_output=True, text=True, timeout=120
    )
    child = int(done.stdout)
    for _ in range(600):
        if not psutil.pid_exists(child):
            break
        await asyncio.sleep(0.1)
    assert not psutil.pid_exists(child)


async def test_headers_begin_with_the_options_of_the_workspace(
    toolchain: Toolchain, workspace: Workspace
) -> None:
    options = (("autoImplicit", "false"), ("pp.maxSteps", "3"), ("x.y", '"a=b"'))
    launch = dataclasses.replace(toolchain.driver_command(workspace), options=options)
    session = await Session.start(launch)
    try:
        state = await session.open(["Init"])
        text = "example : n + 0 = n := rfl\n#check 1 + 2 + 3 + 4\n"
        example, shown, *_ = [command async for command in session.elaborate(state, text)]
        assert "autoImplicit" in example.messages[0].text
        assert "⋯" in shown.messages[0].text
    finally:
        await session.close()


# Deaths of a real Lean, and life after them


async def test_a_kill_in_mid_check_is_reported_and_the_next_lease_works(pool: Pool) -> None:
    async with pool.lease(["Init"]) as session:
        hole = await one_hole(session)
        task = asyncio.create_task(session.check(hole.proofs, [SLOW] * 20, Limits(0, 60)).finish())
        await asyncio.sleep(0.3)
        os.kill(session.pid, signal.SIGKILL)
        with pytest.raises(SessionDied, match=r"during 'check'.*SIGKILL"):
            await task
        with pytest.raises(SessionDied):
            await session.stats()
    async with pool.lease(["Init"]) as session:
        assert await results(session, await one_hole(session), ["omega"]) == ["proved"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param(ENDLESS, 1.0, id="endless evaluation"),
        pytest.param("#eval (Array.replicate 900000000 0).size", 5.0, id="out of memory"),
        pytest.param("#check " + "(" * 20000 + "1" + ")" * 20000, 5.0, id="stack overflow"),
    ],
)
async def test_what_lean_does_not_survive_is_reported(
    pool: Pool, text: str, seconds: float
) -> None:
    async with pool.lease(["Init"]) as session:
        state = await session.open(["Init"])
        began = time.monotonic()
        try:
            await session.elaborate(state, text, seconds=seconds).finish()
        except SessionDied:
            assert not session.alive
        assert time.monotonic() - began < seconds + KILL_AFTER + 30
    async with pool.lease(["Init"]) as session:
        assert await results(session, await one_hole(session), ["omega"]) == ["proved"]


async def test_shutdown_is_orderly(pool: Pool) -> None:
    async with pool.lease() as session:
        await session.shutdown()
        assert not session.alive
        assert not psutil.pid_exists(session.pid)
