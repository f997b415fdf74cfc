"""Names for hypotheses that a script can't call."""

from lean.session import Limits, Session
from search.learning.naming import naming
from tests.search.proving import goal_of

SHADOWED = """\
theorem t (p q : Nat → Prop) : ∀ n, p n → q n → p n := by
  intro _ h h
  sorry
"""


async def test_a_hypothesis_that_a_later_one_hides_has_no_name(session: Session) -> None:
    """Lean sees it like that too: it gives the names of `rename_i` from the end."""
    _, goal = await goal_of(session, SHADOWED)
    features = (await goal.features(session))[0]
    assert [h.accessible for h in features.hypotheses] == [True, True, False, False, True]
    script = naming(features)
    assert script == "rename_i n h'"
    outcome = await session.step(goal.proofs[0], f"{script}\nexact h'", Limits(200_000, 60.0))
    assert outcome.result == "proved"
