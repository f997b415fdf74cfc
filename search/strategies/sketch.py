"""`sketch`: a language model drafts a proof with holes, and repairs what Lean refutes.

It is a drafter: what is elaborated, which holes are proved, and when it ends, is for
`search.drafting` and Lean to say. Nothing that a model answers changes how often it is asked.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from lean.workspace import Workspace
from search.accounts import Account
from search.drafting.draft import Draft, DraftFailed, DraftRequest, Feedback
from search.sketching.answer import Answer, Malformed, read_answer
from search.sketching.chat import ChatClient, ChatFailed, Reply
from search.sketching.pace import LONGEST_RANDOM_WAIT
from search.sketching.payment import UNKNOWN, Decision, Level, decide, uncertainty_of
from search.sketching.prompting import (
    CONTEXT_BYTES,
    VERSION,
    Message,
    draft_messages,
    repair_messages,
)
from search.strategies.strategy import Available, Unavailable, Weight

ASKED_AGAIN = 2
"""How often one draft is asked for again when the answer is none."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The drafter. `samples` answers are asked for at once for a first draft, and the one with the
    fewest holes is taken; `context_bytes` of the file above the declaration are shown.
    """

    client: ChatClient
    samples: int = 2
    rounds: int = 6
    patience: int = 3
    context_bytes: int = CONTEXT_BYTES
    name: str = "sketch"
    family: str = "sketch"
    weight: Weight = "heavy"

    @property
    def parameters(self) -> str:
        """Who is asked, and with which prompts: with others it is another attempt."""
        settings = self.client.settings
        return json.dumps(
            {"model": settings.model, "host": settings.host, "prompts": VERSION}, sort_keys=True
        )

    @property
    def timeout(self) -> float:
        """Seconds of a draft: a call, those that follow its failures, and the waits between."""
        settings = self.client.settings
        waits = settings.retries * min(LONGEST_RANDOM_WAIT, settings.longest_wait)
        return (settings.retries + 1) * settings.timeout + waits

    @property
    def level(self) -> Level:
        """What asking costs."""
        return "paid" if self.client.settings.paid else "local model"

    def available(self, workspace: Workspace) -> Available | Unavailable:
        """Where an endpoint is configured that has a key and answers."""
        problem = self.client.problem()
        return Unavailable(problem) if problem else Available()

    def decision(self, request: DraftRequest, asked: bool = False) -> Decision:
        """What may be spent on a goal, with what is left of the run's budget, and why.

        `asked`: somebody wants this goal.
        """
        scores = [lemma.score for lemma in request.premises]
        uncertainty = uncertainty_of(scores) if scores else UNKNOWN
        return decide(request.difficulty, uncertainty, self.client.budget_left, asked)

    def objection(self, request: DraftRequest, asked: bool) -> str:
        """Why the model is not asked about this goal now, in a sentence; "" when it is."""
        if problem := self.client.problem():
            return problem
        if self.client.budget_left <= 0:
            return "no model is asked: the budget of this run is spent"
        decision = self.decision(request, asked)
        return "" if decision.allows(self.level) else decision.reason

    async def draft(
        self, request: DraftRequest, history: Sequence[Feedback], account: Account
    ) -> Draft | None:
        """The next draft. None: the model has nothing but what has failed already.

        Raises BudgetExceeded and DraftFailed.
        """
        known = {*request.failed, *(feedback.draft.script for feedback in history)}
        notes: list[str] = []
        for again in range(ASKED_AGAIN + 1):
            samples = self.samples if not history and not again else 1
            replies = await self._ask(self._messages(request, history, notes), samples, account)
            answers, objections = _read(replies, request.declaration)
            if fresh := [answer for answer in answers if answer.script not in known]:
                best = min(fresh, key=lambda answer: (answer.holes, len(answer.script)))
                return Draft(best.script, best.plan)
            notes = ["it repeats a script that has failed."] if answers else objections[:1]
        if answers:
            return None
        raise DraftFailed(f"The model's answer could not be read: {objections[0]}")

    def _messages(
        self, request: DraftRequest, history: Sequence[Feedback], notes: Sequence[str]
    ) -> list[Message]:
        if history:
            return repair_messages(request, history, notes, self.context_bytes)
        return draft_messages(request, notes, self.context_bytes)

    async def _ask(
        self, messages: Sequence[Message], samples: int, account: Account
    ) -> list[Reply]:
        """Some answers to the same question. Raises what the first call raises if all fail."""
        calls = [asyncio.ensure_future(self.client.ask(messages, account)) for _ in range(samples)]
        try:
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
        finally:
            for call in calls:
                call.cancel()
        replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
        if not replies:
            for outcome in outcomes:
                if isinstance(outcome, ChatFailed):
                    raise DraftFailed(str(outcome))
                if isinstance(outcome, BaseException):
                    raise outcome
        return replies


def _read(replies: Sequence[Reply], declaration: str) -> tuple[list[Answer], list[str]]:
    """The answers that are drafts, and what is wrong with the others."""
    answers, objections = [], []
    for reply in replies:
        try:
            answers.append(read_answer(reply.text, declaration))
        except Malformed as malformed:
            objections.append(str(malformed) if reply.whole else "it is too long to be complete.")
    return answers, objections
