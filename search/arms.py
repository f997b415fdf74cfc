"""The arms: every strategy there is, with its share of what a goal may cost, in the usual order.

Which of them runs on a goal, and when, is chosen by a policy; this order is where it starts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.drafting.draft import Drafter
from search.strategies.strategy import Strategy

if TYPE_CHECKING:
    from search.resources import Resources


@dataclass(frozen=True, slots=True)
class Arm:
    """One strategy, with its share of a goal's seconds and of the heartbeats a script gets.

    The seconds are those for light or for heavy strategies, as the strategy is. `alone`: Lean can't
    stop it at once, so it never runs beside others on the same goal.
    """

    strategy: Strategy
    seconds: float = 1.0
    heartbeats: float = 1.0
    alone: bool = False

    @property
    def name(self) -> str:
        """The strategy's name."""
        return self.strategy.name


def default_arms(resources: "Resources | None" = None) -> tuple[Arm, ...]:
    """The usual order: what is quickly proved or refuted first, then the search in earnest.

    Most goals fall to a cheap tactic in milliseconds, so refuting waits until those have failed. A
    false goal is nearly always refuted within 0.1 s (`bench.refutations`), so the first look is
    short, and what the search leaves of the time goes to a longer one. `recall` is not among them:
    it needs something to recall. `library` is alone: `exact?` builds its index, half a second the
    first time in a session, without looking whether it should stop (`bench.races`).
    """
    # Imported here, so that a caller with strategies of its own does not load these.
    from search.resources import Resources
    from search.strategies.closing import Closing
    from search.strategies.copilot import Copilot
    from search.strategies.neighbours import Neighbours
    from search.strategies.premises import Premises
    from search.strategies.refute import Refute
    from search.strategies.reprover import Reprover
    from search.strategies.structure import Structure

    resources = resources or Resources.without_toolchain()
    return (
        Arm(Closing("evaluate", "evaluate"), 0.1),
        Arm(Closing("arithmetic", "arithmetic"), 0.2),
        Arm(Closing("hypotheses", "logic"), 0.2),
        Arm(Closing("simplify", "simplify"), 0.2),
        Arm(Closing("grind", "grind"), 0.2),
        Arm(Refute(), 0.04),
        Arm(Neighbours(resources.steps, resources.instead), 0.3),
        Arm(Closing("library", "library"), 0.3, alone=True),
        Arm(Structure("induction", depth=3, share=0.04, inductive=True), 0.35),
        Arm(Premises(resources.library), 0.6),
        Arm(Structure(), 0.5),
        Arm(Refute("refute_long"), 0.5),
        Arm(Copilot(resources.generator)),
        Arm(Reprover(resources.generator, resources)),
        Arm(Structure("deep", depth=7, share=0.1, thorough=True, weight="heavy", timeout=60.0)),
    )


def default_drafters(resources: "Resources | None" = None) -> tuple[Drafter, ...]:
    """The usual drafters, the cheapest first."""
    from search.resources import Resources
    from search.strategies.induct import Induct
    from search.strategies.sketch import Sketch

    resources = resources or Resources.without_toolchain()
    return (Induct(), Sketch(resources.chat))
