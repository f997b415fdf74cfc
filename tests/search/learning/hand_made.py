"""Goals and steps made by hand, for tests of what is remembered of them: no Lean."""

from collections.abc import Sequence

from lean.protocol import BinderKind, Definition, GoalFeatures, Hypothesis, Target
from search.learning.shown_goal import read_goal
from search.proof_steps import ProofStep


def step(
    tactic: str,
    display: str,
    declaration: str = "A.t",
    symbols: Sequence[str] = ("Eq", "Nat"),
    premises: Sequence[str] = (),
    kind: str = "Lean.Parser.Tactic.simp",
) -> ProofStep:
    """A step on the goal displayed so."""
    names = tuple(name for name, _ in read_goal(display).hypotheses)
    return ProofStep(
        declaration, tactic, kind, display, names, tuple(symbols), (), tuple(premises), 1, 1
    )


def goal(
    display: str, symbols: Sequence[str] = ("Eq", "Nat"), definitions: Sequence[str] = ()
) -> GoalFeatures:
    """What Lean would tell of the goal displayed so; what begins with `h` or `ih` is a fact."""
    shown = read_goal(display)
    hypotheses = []
    for name, type in shown.hypotheses:
        kind: BinderKind = "prop" if name.startswith(("h", "ih")) else "data"
        plain = name.removesuffix("✝")
        mentioned = plain in shown.target.replace("(", " ").replace(")", " ").split()
        accessible = plain == name
        hypotheses.append(
            Hypothesis(plain, accessible, type, kind, type.split()[0], 1, None, mentioned)
        )
    target = Target(shown.target, 10, symbols[0], tuple(symbols), 0, 0, "eq")
    made = tuple(Definition(name, recursive=True, direct=True) for name in definitions)
    return GoalFeatures(display, shown.case, target, tuple(hypotheses), made)
