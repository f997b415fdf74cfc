"""What a goal's vector says, and what it is blind to."""

import json
from dataclasses import replace

from lean.protocol import (
    Constructor,
    Definition,
    Field,
    GoalFeatures,
    Hypothesis,
    Inductive,
    Target,
)
from search.features import MOST_SYMBOLS, tokens, vector

TREE = Inductive(
    "Tree",
    recursive=True,
    indices=False,
    user=True,
    constructors=(
        Constructor("Tree.leaf", ()),
        Constructor("Tree.node", (Field("Tree", True), Field("Tree", True))),
    ),
)
MIRROR_TWICE = GoalFeatures(
    display="t : Tree\nh : 0 < t.size\n⊢ t.mirror.mirror = t",
    case="",
    target=Target(
        text="t.mirror.mirror = t",
        size=7,
        head="Eq",
        constants=("Eq", "Tree.mirror"),
        binders=0,
        alternations=0,
        kind="eq",
    ),
    hypotheses=(
        Hypothesis("t", True, "Tree", "data", "Tree", 1, TREE, in_target=True),
        Hypothesis("h", True, "0 < t.size", "prop", "LT.lt", 6, None, in_target=False),
    ),
    definitions=(
        Definition("Tree.mirror", recursive=True, direct=True),
        Definition("Tree.join", recursive=False, direct=False),
    ),
)


def test_a_vector_counts_and_marks() -> None:
    assert vector([MIRROR_TWICE]) == {
        "size": 3.0,
        "facts": 1.0,
        "variables": 1.0,
        "definitions": 1.0,
        "recursive_definitions": 1.0,
        "user_inductives": 1.0,
        "recursive_variables": 1.0,
        "kind:eq": 1.0,
        "head:Eq": 1.0,
        "symbol:Eq": 1.0,
        "symbol:Tree.mirror": 1.0,
        "variable:Tree": 1.0,
        "fact:LT.lt": 1.0,
    }


def test_it_survives_json() -> None:
    made = vector([MIRROR_TWICE])
    assert json.loads(json.dumps(made)) == made


def test_names_of_hypotheses_and_their_order_do_not_matter() -> None:
    other = replace(
        MIRROR_TWICE,
        hypotheses=tuple(replace(h, name=f"{h.name}'") for h in MIRROR_TWICE.hypotheses[::-1]),
    )
    assert vector([other]) == vector([MIRROR_TWICE])


def test_further_goals_and_term_holes_are_told_apart() -> None:
    one, two = vector([MIRROR_TWICE]), vector([MIRROR_TWICE, MIRROR_TWICE], term=True)
    assert two == one | {"goals": 1.0, "term": 1.0}


def test_no_goal_has_no_features() -> None:
    assert vector([]) == {}


def test_a_huge_goal_keeps_a_small_vector() -> None:
    constants = tuple(f"c{index}" for index in range(1000))
    huge = replace(MIRROR_TWICE, target=replace(MIRROR_TWICE.target, constants=constants))
    assert len(vector([huge])) < MOST_SYMBOLS + 20


def test_tokens_are_coarse_where_counts_are_fine() -> None:
    assert tokens({"size": 6.9, "facts": 7.0, "kind:eq": 1.0}) == {"size=7", "facts=4", "kind:eq"}
    assert tokens({"size": 6.9}) == tokens({"size": 7.2})
