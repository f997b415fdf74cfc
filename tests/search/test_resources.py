"""What strategies know at the beginning."""

import json
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from lean.toolchain import Toolchain
from lean.workspace import Workspace
from search.dojo.rows import rows_file
from search.generation.model_settings import ModelSettings
from search.learning.step_index import StepIndex
from search.proof_steps import ProofStep
from search.resources import Resources
from search.sketching.chat_settings import ChatSettings

ROW = {
    "file": "P.lean",
    "theorem": "A.two",
    "state": "n : Nat\n⊢ n + 0 = n",
    "tactic": "rw [Nat.add_zero]",
    "premises": ["Nat.add_zero"],
    "before": 1,
    "after": 0,
}


async def test_a_trace_is_taken_over_while_the_event_loop_goes_on(
    tmp_path: Path, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_file(tmp_path, "a" * 40)
    rows.parent.mkdir(parents=True)
    rows.write_text(json.dumps(ROW) + "\n")
    threads, replace = [], StepIndex.replace

    def noted(index: StepIndex, file: str, steps: Sequence[ProofStep]) -> None:
        threads.append(threading.current_thread())
        replace(index, file, steps)

    monkeypatch.setattr(StepIndex, "replace", noted)
    opening = Resources.open(Workspace.at(tmp_path), toolchain, ModelSettings(), ChatSettings())
    async with opening as resources:
        assert len(resources.steps) == 1
    assert threads and threading.main_thread() not in threads
