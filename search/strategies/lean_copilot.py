"""LeanCopilot's tactics, where a workspace has them: `search_proof`, `suggest_tactics` and
`select_premises`, run inside Lean on one goal.

It is a package of its own with a model of its own, which runs in Lean's process. What its tactics
find comes back as suggestions; only those become proofs, never the tactics themselves.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lean.errors import ImportFailed, RequestRefused
from lean.protocol import GoalFeatures
from lean.session import Session
from lean.workspace import Workspace
from search.strategies.best_first import BestFirst, Proposal
from search.strategies.generated import cheap_closers
from search.strategies.tries import Tries, parsed

PACKAGE = "LeanCopilot"
TACTICS = ("search_proof", "suggest_tactics", "select_premises")
SUGGESTIONS, BEAMS, TEMPERATURE = 8, 8, 0.2
"""Parameters of LeanCopilot's own model. A search for 8 suggestions needs 8 beams."""
STEPS = 20
"""How deep `search_proof` goes: an option of aesop, which it is made of."""
PREMISES = 12
SHARE_OF_SEARCH = 0.5
"""Of the time that is left, for `search_proof`."""

REGISTER = f"""\
#eval LeanCopilot.registerGenerator "unsorry" (.native {{ LeanCopilot.Builtin.generator with
  params := {{ LeanCopilot.Builtin.generator.params with
    numReturnSequences := {SUGGESTIONS}, beamSize := {BEAMS}, temperature := {TEMPERATURE} }} }})
"""
"""Parameters are those of a registered model, not options; it stays registered in the process."""
RETRIEVE = f"""\
set_option LeanCopilot.select_premises.k {PREMISES} in
example : True := by
  run_tac
    for premise in (← LeanCopilot.retrieve %s) do
      Lean.logInfo m!"premise: {{premise.name}}"
  trivial
"""
"""What `select_premises` does, but its words are for people, and go to no caller."""
_OUR_MODEL = 'set_option LeanCopilot.suggest_tactics.model "unsorry" in '
_SEARCHES = (
    f"{_OUR_MODEL}aesop? (add 100% LeanCopilot.tacGen) "
    f"(config := {{ maxRuleApplicationDepth := {STEPS} }})",
    f"{_OUR_MODEL}search_proof",
    "search_proof",
)
# Where no suggestion proves the goal, `suggest_tactics` admits it, which spoils the proof state and
# what was said in it. With another goal beside it the state is only unfinished.
_BESIDE = "refine And.left (b := True) (And.intro ?_ ?_)\n· "
_SUGGESTS = (f"{_BESIDE}{_OUR_MODEL}suggest_tactics", f"{_BESIDE}suggest_tactics")
_PREMISE = re.compile(r"premise: (\S+)")


def depends_on_it(workspace: Workspace) -> bool:
    """Is LeanCopilot among the packages that Lake has fetched for the workspace?"""
    return any(name.strip("«»") == PACKAGE for name in workspace.revisions)


async def proved_by_it(tries: Tries) -> list[str] | None:
    """The lines of a script that LeanCopilot's tactics lead to; None when there is none, or there
    are no such tactics where the goal stands. Raises SessionDied.
    """
    known = await parsed(tries.session, tries.goal.proofs[0], TACTICS)
    if not known:
        return None
    # Its model's work counts as heartbeats of Lean.
    usual, tries.share = tries.share, 1.0
    try:
        run = _Run(tries, tries.goal.proofs[0], await _state(tries.session))
        return (
            ("search_proof" in known and await run.searched())
            or ("suggest_tactics" in known and await run.suggested())
            or ("select_premises" in known and await run.with_premises())
            or None
        )
    finally:
        tries.share = usual


async def _state(session: Session) -> int | None:
    """The state after its import, with our model registered; None where it can't be imported."""
    imported = (PACKAGE,) in session.headers
    try:
        state = await session.open([PACKAGE])
        if not imported:
            await _said(session, state, REGISTER)
    except (ImportFailed, RequestRefused):
        return None
    return state


async def _said(session: Session, state: int, text: str) -> list[str]:
    """What Lean says to commands that nobody else will see."""
    said: list[str] = []
    async for report in session.elaborate(state, text, holes=False):
        said += [message.text for message in report.messages]
        session.discard(states=[report.state])
    return said


@dataclass(frozen=True, slots=True)
class _Run:
    """One goal, its proof state, and the state after LeanCopilot's import."""

    tries: Tries
    proof: int
    state: int | None

    async def searched(self) -> list[str] | None:
        """What `search_proof` finds."""
        seconds = SHARE_OF_SEARCH * self.tries.budget.left
        display = self.tries.goal.text
        found = await self.tries.finishes(self.proof, display, _SEARCHES, seconds)
        return await self._closed(found[1].suggestions) if found else None

    async def suggested(self) -> list[str] | None:
        """A suggestion that proves the goal, or leaves what closers prove."""
        suggestions = await self._suggestions()
        if not suggestions:
            return None
        search = BestFirst(self.tries, _AtFirst(suggestions), closers=cheap_closers)
        return await search.run(self.proof)

    async def with_premises(self) -> list[str] | None:
        """What closers prove with the premises that are selected."""
        if self.state is None or self.tries.budget.exhausted:
            return None
        text = RETRIEVE % _quoted(self.tries.goal.text)
        found = [_PREMISE.match(said) for said in await _said(self.tries.session, self.state, text)]
        names = [name[1] for name in found if name][:PREMISES]
        visible = (await self.tries.session.describe(self.proof, names)).rows if names else ()
        known = {row[0] for row in visible}
        return await self._closed(_uses([name for name in names if name in known]))

    async def _suggestions(self) -> tuple[str, ...]:
        """What the first script that Lean understands suggests."""
        for script in _SUGGESTS:
            if self.tries.budget.exhausted:
                break
            limits = self.tries.budget.limits(self.tries.limit)
            outcome = await self.tries.session.step(self.proof, script, limits)
            if outcome.proof is not None:
                self.tries.made.append(outcome.proof)
                return outcome.suggestions
        return ()

    async def _closed(self, scripts: Sequence[str]) -> list[str] | None:
        found = await self.tries.closes(scripts)
        return found[0].split("\n") if found else None


@dataclass(slots=True)
class _AtFirst:
    """Proposes the suggestions for the first goal that it is asked about, in their order."""

    suggestions: Sequence[str]

    async def propose(self, goals: Sequence[GoalFeatures]) -> list[list[Proposal]]:
        """The suggestions, once."""
        said, self.suggestions = self.suggestions, ()
        first = [Proposal(tactic, -float(rank)) for rank, tactic in enumerate(said)]
        return [first if place == 0 else [] for place, _ in enumerate(goals)]


def _uses(premises: Sequence[str]) -> list[str]:
    """Scripts that may close a goal with premises, those that name one first."""
    listed = ", ".join(premises)
    together = [f"simp [{listed}]", f"grind [{listed}]", f"simp_all [{listed}]"] if listed else []
    alone = [script for name in premises for script in (f"exact {name} ..", f"rw [{name}]")]
    return [*alone, *together]


def _quoted(text: str) -> str:
    """A text as Lean writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
