"""The search over proof states with proposed tactics: what it finds, and what it leaves alone.

The proposers here know a list of tactics; how scripts are written: test_proof_path.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lean.protocol import GoalFeatures
from lean.session import Session
from lean.verify import verify
from search.budget import Budget
from search.strategies.best_first import BestFirst, Proposal
from search.strategies.tries import Tries
from tests.search.proving import goal_of

CONJUNCTION = "theorem t (p q r : Prop) (hp : p) (hq : q) (hr : r) : p ∧ q ∧ r := by sorry"


@dataclass
class Same:
    """The same tactics for each goal, the first the likeliest; remembers what it was asked."""

    tactics: Sequence[str]
    asked: list[list[str]] = field(default_factory=list)

    async def propose(self, goals: Sequence[GoalFeatures]) -> list[list[Proposal]]:
        self.asked.append([goal.display for goal in goals])
        return [[Proposal(one, -1.0 - i) for i, one in enumerate(self.tactics)] for _ in goals]


@dataclass
class Ran:
    lines: list[str] | None
    search: BestFirst
    proposer: Same


async def run(
    session: Session,
    text: str,
    tactics: Sequence[str],
    budget: Budget | None = None,
    batch: int = 1,
    most_states: int = 100,
    closers: Sequence[str] = (),
) -> Ran:
    """One search; what it finds is a proof where it stands."""
    document, goal = await goal_of(session, text)
    tries, proposer = Tries(goal, session, budget or Budget(60.0)), Same(tactics)

    def offered(features: GoalFeatures) -> Iterable[str]:
        return closers

    search = BestFirst(tries, proposer, batch, most_states, offered if closers else None)
    try:
        lines = await search.run(goal.proofs[0])
        if lines is not None:
            verdict = await verify(session, document, goal.hole, "\n".join(lines))
            assert verdict.accepted, f"{verdict}\n{lines}"
    finally:
        session.discard(proofs=tries.made)
    return Ran(lines, search, proposer)


async def test_steps_are_written_with_bullets(session: Session) -> None:
    ran = await run(session, CONJUNCTION, ["exact hq", "constructor", "assumption"])
    assert ran.lines == [
        "constructor",
        "· assumption",
        "· constructor",
        "  · exact hq",
        "  · assumption",
    ]


async def test_goals_that_share_unknowns_follow_one_another(session: Session) -> None:
    text = "theorem t (a b c : Nat) (h : a ≤ b) (k : b ≤ c) : a ≤ c := by sorry"
    ran = await run(session, text, ["apply Nat.le_trans", "exact h", "exact k"])
    assert ran.lines == ["apply Nat.le_trans", "exact h", "exact k"]


async def test_an_unlucky_choice_for_an_unknown_is_taken_back(session: Session) -> None:
    text = "theorem t (h : 3 < 4) (k : 7 < 9) : ∃ n : Nat, n < 9 ∧ n = 7 := by sorry"
    tactics = ["refine ⟨_, ?_, rfl⟩", "constructor", "refine ⟨?_, ?_⟩", "exact h", "exact k", "rfl"]
    assert (await run(session, text, tactics)).lines is not None


async def test_closers_come_first_and_are_enough(session: Session) -> None:
    ran = await run(session, CONJUNCTION, ["constructor"], closers=["rfl", "assumption"])
    assert ran.lines is not None and ran.lines[:2] == ["constructor", "· assumption"]
    # Goals that a closer has proved are nobody else's business.
    assert ran.search.expanded == len(ran.proposer.asked) == 2


async def test_the_same_goals_are_looked_at_once(session: Session) -> None:
    text = "theorem t (p q r : Prop) : p ∧ q → r := by sorry"
    ran = await run(session, text, ["intro h", "revert h", "skip", "rcases h with ⟨h, g⟩"])
    asked = [display for displays in ran.proposer.asked for display in displays]
    assert ran.lines is None and len(asked) == len(set(asked)) == ran.search.expanded


async def test_a_goal_that_is_proved_is_not_proved_in_another_way(session: Session) -> None:
    text = "theorem t (p q : Prop) (h : p) : p ∧ q := by sorry"
    ran = await run(session, text, ["constructor", "show p; have k := h", "exact h"])
    assert ran.lines is None
    shown = [display.split("⊢ ")[1] for displays in ran.proposer.asked for display in displays]
    assert shown == ["p ∧ q", "p", "q"]


async def test_a_batch_is_proposed_for_at_once(session: Session) -> None:
    text = "theorem t (a b : Nat) (h : a = b) : b = a ∨ a = 7 := by sorry"
    ran = await run(session, text, ["left", "right", "rw [h]"], batch=4)
    assert ran.lines == ["left", "rw [h]"]
    assert max(len(displays) for displays in ran.proposer.asked) > 1


async def test_the_budget_is_kept(session: Session) -> None:
    text = "theorem t (f : Nat → Nat) (h : ∀ n, f n = f (n + 1)) : f 0 = 1 := by sorry"
    few = await run(session, text, ["rw [h]", "rw [h 3]", "have k := h 1"], most_states=5)
    assert few.lines is None and few.search.expanded <= 5
    none = await run(session, text, ["rw [h]"], Budget(0.0))
    assert none.lines is None and none.search.tries.tried == 0


async def test_programs_and_admissions_are_not_run(session: Session) -> None:
    unwanted = ["sorry", "admit", "exact sorry", "run_tac pure ()", "native_decide", "apply?", " "]
    ran = await run(session, "theorem t (p : Prop) : p ∧ p := by sorry", unwanted)
    assert ran.lines is None and ran.search.tries.tried == 0
