"""Recording on real Lean: every strategy on every goal, once, and resumable."""

from pathlib import Path

from bench.places import bare_workspace
from bench.record_attempts import Recorder, Source, seconds_of, sources
from bench.recording import Circumstances, read_recording
from lean.toolchain import Toolchain
from search.arms import default_arms

TWO_GOALS = """theorem first (a b : Nat) : a + b = b + a := by sorry
theorem second (xs : List Nat) : ∃ n, xs.length = n := by sorry
theorem again (a b : Nat) : a + b = b + a := by sorry
def value : Nat := sorry
"""


async def test_every_strategy_runs_on_every_goal_once(toolchain: Toolchain, tmp_path: Path) -> None:
    arms = [arm for arm in default_arms() if arm.name in ("arithmetic", "hypotheses")]
    path = tmp_path / "recorded.jsonl"
    shares = {arm.name: seconds_of(arm) for arm in arms}
    path.write_text(Circumstances("4.28.0", "", shares, 200_000).as_line(), "utf-8")
    recorder = Recorder.resumed(path, toolchain.driver_command(bare_workspace()), arms)
    try:
        await recorder.record(Source("test", "test/two", TWO_GOALS))
    finally:
        await recorder.close()

    first, second = read_recording(path).goals
    assert (first.identifier, second.identifier) == ("test/two#0", "test/two#1")
    assert first.runs["arithmetic"].solved and not first.runs["hypotheses"].solved
    assert set(second.runs) == {"arithmetic", "hypotheses"}
    assert all(0 < run.seconds < 5 for goal in (first, second) for run in goal.runs.values())
    assert first.vector["kind:eq"] == 1.0

    resumed = Recorder.resumed(path, toolchain.driver_command(bare_workspace()), arms)
    assert resumed.identifiers == {"test/two#0", "test/two#1"}


def test_the_sources_are_always_the_same_and_mixed() -> None:
    found = sources()
    assert found == sources()
    assert len({source.identifier for source in found}) == len(found)
    assert {source.name for source in found[:100]} >= {"bank", "mixed", "false", "honest"}
