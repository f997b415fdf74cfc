"""Why something is tried next on a goal: asks the policy and the difficulty that the engine asks.

The words are `server.why_report`.
"""

from collections.abc import Sequence

from search.arms import Arm
from search.memory import Memory
from search.records import GoalRecord
from search.settings import Settings
from server.why_report import Explanation


async def explanation(
    memory: Memory, arms: Sequence[Arm], settings: Settings, goal: GoalRecord
) -> Explanation:
    """Everything there is to say about a goal. Raises LedgerError."""
    hard = memory.difficulty.of(goal.vector) >= settings.escalate_threshold
    heavy = hard and settings.effort.heavy_seconds > 0
    names = [arm.name for arm in arms if heavy or arm.strategy.weight == "light"]
    return Explanation(
        goal=goal,
        places=await memory.ledger.do(lambda ledger: ledger.places(goal.key)),
        attempts=await memory.ledger.do(lambda ledger: ledger.attempts(goal.key)),
        choices=memory.policy.rank(goal.vector, names),
        policy=memory.policy.name,
        difficulty=memory.difficulty,
        settings=settings,
    )
