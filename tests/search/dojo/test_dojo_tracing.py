"""Jobs of another environment: rows come back, failures are told, and nothing is left running.

The scripts here are stand-ins for the one that needs LeanDojo and a native Lean.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import psutil
import pytest

from lean.workspace import Workspace
from search.dojo import requirements, tracing
from search.dojo.errors import DojoError, DojoUnusable
from search.dojo.rows import load
from search.dojo.tracing import Proof, check, trace
from tests.search.dojo.projects import environment, git, project, stand_ins
from tests.search.dojo.test_dojo_rows import ROW

READ = """
import json, os, pathlib, subprocess, sys, time
rows = pathlib.Path(sys.argv[sys.argv.index("--rows") + 1])
project = pathlib.Path(sys.argv[sys.argv.index("--repository") + 1])
"""
HANGS = (
    READ
    + """
child = subprocess.Popen(["sleep", "600"])
print("unsorry-dojo: started", os.getpid(), child.pid, flush=True)
time.sleep(600)
"""
)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    stand_ins(monkeypatch)
    monkeypatch.setattr(requirements, "NEEDED_BYTES", 1)
    workspace = project(tmp_path / "p")
    environment(workspace.root)
    return workspace


@pytest.fixture
def instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The script that is run in place of ours."""
    script = tmp_path / "script.py"
    monkeypatch.setattr(tracing, "SCRIPT", script)
    return script


def left(root: Path) -> list[str]:
    """Scratch folders that were not removed."""
    return [file.name for file in (root / ".unsorry").glob("dojo-*") if file.name != "dojo-env"]


async def gone(pids: list[int]) -> bool:
    for _ in range(600):
        if not any(map(_lives, pids)):
            return True
        await asyncio.sleep(0.1)
    return False


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_rows_come_back_from_a_copy_of_the_commit(
    workspace: Workspace, instead: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACCESS_TOKEN", "secret")
    instead.write_text(
        READ
        + f"""
assert (project / "P.lean").is_file() and not (project / ".unsorry").exists()
assert pathlib.Path.cwd() == rows.parent and sys.stdin.read() == ""
assert "GITHUB_ACCESS_TOKEN" not in os.environ
assert (os.environ["DISABLE_REMOTE_CACHE"], os.environ["NUM_PROCS"]) == ("1", "2")
print("unsorry-dojo: working", flush=True)
print("noise of a child")
rows.write_text({json.dumps(ROW)!r} + "\\nbroken\\n")
"""
    )
    said: list[str] = []
    traced = await trace(workspace, said.append)
    assert (traced.rows.count, traced.rows.broken) == (1, 1)
    assert said[0].startswith("copying commit ") and said[1:] == ["working"]
    assert list(load(workspace.root)) == ["Sub/P.lean"]
    assert "noise of a child" in (workspace.root / ".unsorry/dojo.log").read_text()
    assert left(workspace.root) == []
    instead.write_text("raise SystemExit('not run')")
    assert (await trace(workspace, said.append)).seconds == 0.0
    with pytest.raises(DojoError, match="LeanDojo has failed: not run All of its output is in"):
        await trace(workspace, said.append, again=True)
    assert list(load(workspace.root)) == ["Sub/P.lean"]


async def test_without_rows_there_is_no_trace(workspace: Workspace, instead: Path) -> None:
    instead.write_text(READ + "rows.write_text('')")
    with pytest.raises(DojoError, match="has found no steps"):
        await trace(workspace, print)
    assert load(workspace.root) == {}
    assert left(workspace.root) == []


async def test_the_real_script_without_lean_dojo(workspace: Workspace) -> None:
    with pytest.raises(DojoUnusable, match=r"lean-dojo is not installed .*unsorry dojo setup"):
        await trace(workspace, print)
    assert left(workspace.root) == []


async def test_a_dirty_tree_is_not_traced(workspace: Workspace, instead: Path) -> None:
    (workspace.root / "P.lean").write_text("-- changed")
    with pytest.raises(DojoUnusable, match=r"not committed: P\.lean\. Commit or stash"):
        await trace(workspace, print)
    git(workspace.root, "commit", "-q", "-a", "-m", "second")
    instead.write_text("print('unsorry-dojo failed: boom'); raise SystemExit(1)")
    with pytest.raises(DojoError, match="has failed: boom"):
        await trace(workspace, print)


async def test_cancelled_nothing_is_left(workspace: Workspace, instead: Path) -> None:
    instead.write_text(HANGS)
    started: asyncio.Future[list[int]] = asyncio.get_running_loop().create_future()

    def hear(what: str) -> None:
        if what.startswith("started"):
            started.set_result([int(word) for word in what.split()[1:]])

    job = asyncio.create_task(trace(workspace, hear))
    pids = await asyncio.wait_for(started, 60)
    assert all(map(_lives, pids))
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert await gone(pids)
    assert left(workspace.root) == []


async def test_when_we_are_killed_nothing_is_left(workspace: Workspace, instead: Path) -> None:
    instead.write_text(HANGS)
    code = (
        "import asyncio, pathlib, os\n"
        "from search.dojo.running import run_job\n"
        f"folder = pathlib.Path({str(workspace.root)!r})\n"
        f"command = [{sys.executable!r}, {str(instead)!r}, '--rows', 'r', '--repository', 'p']\n"
        "say = lambda what: print(what, flush=True)\n"
        "asyncio.run(run_job(command, folder, os.environ, folder / 'log', say))\n"
    )
    ours = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert ours.stdout
    pids = [int(word) for word in ours.stdout.readline().split()[1:]]
    assert len(pids) == 2 and all(map(_lives, pids))
    os.kill(ours.pid, signal.SIGKILL)
    ours.wait()
    ours.stdout.close()
    assert await gone(pids)


async def test_what_a_job_leaves_running_ends_with_it(workspace: Workspace, instead: Path) -> None:
    instead.write_text(
        READ
        + """
child = subprocess.Popen(["sleep", "600"])
print("unsorry-dojo:", child.pid, flush=True)
sys.exit("over")
"""
    )
    said: list[str] = []
    with pytest.raises(DojoError, match="over"):
        await trace(workspace, said.append)
    assert await gone([int(said[-1])])


async def test_a_second_opinion(workspace: Workspace, instead: Path) -> None:
    proof = Proof("P.lean", "two", 2, 3, "rfl")
    for accepted in (True, False):
        answer = json.dumps({"accepted": accepted})
        instead.write_text(
            READ
            + f"""
told = json.loads(pathlib.Path(sys.argv[sys.argv.index("--proof") + 1]).read_text())
assert told == {asdict(proof)!r}
rows.write_text({answer!r})
"""
        )
        assert await check(workspace, proof, print) is accepted
    instead.write_text(READ + "rows.write_text('what')")
    with pytest.raises(DojoError, match="has not answered"):
        await check(workspace, proof, print)
    for script in ("sorry", "exact sorryAx _", "simp <;> admit"):
        with pytest.raises(DojoError, match="has a `sorry`"):
            await check(workspace, Proof("P.lean", "two", 2, 3, script), print)
