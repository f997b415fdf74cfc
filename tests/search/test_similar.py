"""Solved goals by likeness, as `recall` asks for them."""

from collections import Counter

from lean.goal_key import GoalKey
from search.similar import SolvedGoals


class Counting(SolvedGoals):
    """Counts how often each token is weighed."""

    def __init__(self) -> None:
        super().__init__()
        self.weighed: Counter[str] = Counter()

    def _weight(self, token: str) -> float:
        self.weighed[token] += 1
        return super()._weight(token)


def test_a_token_is_weighed_once_however_many_goals_have_it() -> None:
    solved = Counting()
    for number in range(20):
        vector = {"head:Eq": 1.0, "const:add": 1.0, f"const:c{number}": 1.0}
        solved.add_row(f"key{number}", (), vector, f"script{number}")
    wanted = GoalKey("key", "key", "⊢ a = b", (), "")
    vector = {"head:Eq": 1.0, "const:add": 1.0, "const:c3": 1.0}
    assert solved.scripts_for(wanted, vector, 2)[0] == "script3"
    assert solved.weighed and set(solved.weighed.values()) == {1}
