"""Drafts in the engine: holes are goals of their own, Lean decides, and the loop ends."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from lean.workspace import Workspace
from search.accounts import Account, Allowances, BudgetExceeded
from search.arms import Arm
from search.drafting.draft import Draft, Drafter, DraftFailed, DraftRequest, Feedback
from search.engine import Engine
from search.events import GoalVerdict
from search.settings import Settings
from search.strategies.closing import Closing
from search.strategies.induct import Induct
from search.strategies.refute import Refute
from search.strategies.strategy import Available, Unavailable, Weight

ARMS = (
    Arm(Closing("arithmetic", "arithmetic")),
    Arm(Closing("simplify", "simplify")),
    Arm(Refute()),
)
SETTINGS = Settings(
    profile=1,
    remember=False,
    tickets=False,
    automatic=False,
    sessions=1,
    escalate_threshold=0.0,
    frozen=frozenset(),
)


@dataclass(frozen=True, slots=True)
class Scripted:
    """Drafts that were written beforehand, in their order; what came of each is kept."""

    drafts: tuple[str | Exception, ...]
    seen: list[Feedback] = field(default_factory=list)
    requests: list[DraftRequest] = field(default_factory=list)
    name: str = "scripted"
    family: str = "scripted"
    parameters: str = "{}"
    weight: Weight = "light"
    timeout: float = 1.0
    rounds: int = 10
    patience: int = 3

    def available(self, workspace: Workspace) -> Available | Unavailable:
        return Available()

    def objection(self, request: DraftRequest, asked: bool) -> str:
        return ""

    async def draft(
        self, request: DraftRequest, history: Sequence[Feedback], account: Account
    ) -> Draft | None:
        self.requests.append(request)
        self.seen[:] = history
        if len(history) >= len(self.drafts):
            return None
        draft = self.drafts[len(history)]
        if isinstance(draft, Exception):
            raise draft
        return Draft(draft)


@asynccontextmanager
async def drafted(
    tmp_path: Path, drafter: Drafter, text: str, settings: Settings = SETTINGS
) -> AsyncIterator[GoalVerdict]:
    workspace = Workspace.find(tmp_path)
    async with Engine.open(workspace, settings, ARMS, drafters=[drafter]) as engine:
        view = await engine.update("A.lean", text)
        assert view is not None and not view.document.errors
        yield await engine.prove(view.goals[0])


HARD = """def f : Nat → Nat
  | 0 => 0
  | n + 1 => f n

theorem t (n : Nat) : f n * n + 0 = 0 := by
  sorry
"""
RIGHT = "have h : f n = 0 := by\n  fun_induction f n <;> sorry\nsorry"
BY_CASES = """have h : f n = 0 := by
  induction n with
  | zero => sorry
  | succ n ih => sorry
sorry"""


async def test_a_draft_is_repaired_within_the_loop(tmp_path: Path) -> None:
    drafter = Scripted(
        (
            "have h : f n = := by sorry\nsorry",
            "have h : f n = 1 := by sorry\nsorry",
            "rw [no_such_lemma]\nsorry",
            BY_CASES,
        ),
        patience=10,
    )
    async with drafted(tmp_path, drafter, HARD) as verdict:
        assert verdict.kind == "proved" and verdict.strategy == "scripted", drafter.seen
        assert "sorry" not in verdict.script and "induction n with" in verdict.script
        parse, false, error = drafter.seen
        assert "does not parse" in parse.errors[0]
        assert any(hole.refuted for hole in false.open) and not false.errors
        assert "no_such_lemma" in error.errors[0]
        (attempt,) = [a for a in verdict.attempts if a.strategy == "scripted"]
        assert attempt.outcome == "proved" and attempt.scripts_tried == 4
        assert drafter.requests[0].declaration.endswith(":= by\n  ")


@pytest.mark.parametrize(
    ("drafts", "outcome", "reason"),
    [
        ((), "failed", "nothing more to propose"),
        (("sorry", "skip\nsorry", "skip\nskip\nsorry", "skip; skip\nsorry"), "failed", "no better"),
        ((DraftFailed("The model is asleep."),), "error", "The model is asleep."),
        ((RuntimeError("What it says may be secret."),), "error", "it broke (RuntimeError)"),
        (("exact foo",) * 9, "failed", "no better"),
    ],
)
async def test_the_loop_ends_and_says_why(
    tmp_path: Path, drafts: tuple[str | Exception, ...], outcome: str, reason: str
) -> None:
    async with drafted(tmp_path, Scripted(drafts), HARD) as verdict:
        assert verdict.kind == "open"
        (attempt,) = [a for a in verdict.attempts if a.strategy == "scripted"]
        assert attempt.outcome == outcome and reason in attempt.reason


async def test_rounds_and_budgets_bound_it(tmp_path: Path) -> None:
    account = Account("tokens", Allowances(tokens=1))
    with pytest.raises(BudgetExceeded) as exceeded:
        account.spend(tokens=2)
    over = Scripted((exceeded.value,))
    async with drafted(tmp_path, over, HARD) as verdict:
        assert "2 tokens of 1 tokens are used" in verdict.attempts[-1].reason
    few = Scripted(("exact a", "exact b", "exact c"), rounds=2)
    async with drafted(tmp_path, few, HARD) as verdict:
        assert verdict.attempts[-1].reason == "2 drafts did not prove it"


async def test_programs_and_other_commands_are_not_even_elaborated(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    drafter = Scripted(
        (
            f'run_tac IO.FS.writeFile "{marker}" "x"\nsorry',
            'exact (by_elab do IO.println "x"; Lean.Elab.Term.elabTerm (← `(trivial)) none)\nsorry',
            "trivial\n\naxiom cheat : False\n\ntheorem u : False := by\n  sorry",
        ),
        patience=10,
    )
    async with drafted(tmp_path, drafter, HARD) as verdict:
        assert verdict.kind == "open"
    assert not marker.exists()
    assert ["does not parse" in one.errors[0] for one in drafter.seen] == [True] * 3


async def test_induct_leaves_branches_to_the_other_strategies(tmp_path: Path) -> None:
    text = """
inductive Ev : Nat → Prop where
  | zero : Ev 0
  | step (n : Nat) : Ev n → Ev (n + 2)

theorem t (n : Nat) (h : Ev n) : n % 2 = 0 := by
  sorry
"""
    async with drafted(tmp_path, Induct(), text) as verdict:
        assert verdict.kind == "proved" and verdict.strategy == "induct"
        assert "induction h" in verdict.script


async def test_a_drafter_that_is_frozen_does_not_draft(tmp_path: Path) -> None:
    drafter = Scripted((RIGHT,))
    settings = replace(SETTINGS, frozen=frozenset({"scripted"}))
    async with drafted(tmp_path, drafter, HARD, settings) as verdict:
        assert verdict.kind == "open" and not drafter.requests
