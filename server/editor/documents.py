"""A document of an editor, and what is known about each of its goals.

It takes in what the engine tells and answers what stands where now; it asks nobody and shows
nothing. Words for it are `server.editor.states`.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from search.events import (
    AttemptFinished,
    AttemptStarted,
    FileView,
    GoalHandle,
    GoalOpen,
    GoalSkipped,
    GoalStale,
    GoalVerdict,
    ProofFound,
    Refuted,
    TicketClosed,
    TicketOpened,
)
from server.editor.buffer import Buffer, Span

State = Literal["waiting", "searching", "proved", "stale", "refuted", "open", "stopped", "skipped"]
GoalEvent = (
    AttemptStarted
    | AttemptFinished
    | GoalStale
    | ProofFound
    | Refuted
    | GoalOpen
    | GoalSkipped
    | TicketOpened
    | TicketClosed
)


@dataclass(slots=True, eq=False)
class KnownGoal:
    """A hole of the text that was read last, where it stands now, and what came of it.

    `before` is what was found for the same mathematics in an earlier text, as long as there is no
    verdict in this one; `running` maps strategies at work to their start (`time.monotonic`).
    """

    goal: GoalHandle
    span: Span
    verdict: GoalVerdict | None = None
    before: GoalVerdict | None = None
    running: dict[str, float] = field(default_factory=dict)
    stopped: bool = False
    tickets: list[str] = field(default_factory=list)

    @property
    def identity(self) -> str:
        """What commands call it."""
        return self.goal.hole.identity

    @property
    def proof(self) -> GoalVerdict | None:
        """The proof that was found last, in whichever text."""
        for verdict in (self.verdict, self.before):
            if verdict is not None:
                return verdict if verdict.kind == "proved" else None
        return None


class Document:
    """One Lean document: its text, what Lean read last of it (`view`), and its goals.

    `label` is its name for the engine. `problem` says why Lean could not read it, or is empty.
    `is_open`: the editor has it; otherwise its text is that of the disk.
    """

    def __init__(self, uri: str, path: Path, label: str, buffer: Buffer, is_open: bool) -> None:
        self.uri = uri
        self.path = path
        self.label = label
        self.buffer = buffer
        self.is_open = is_open
        self.view: FileView | None = None
        self.problem = ""
        self.reading = 0
        """How many readings wait or run."""
        self.goals: list[KnownGoal] = []
        self._same: tuple[str, str, int] | None = None

    @property
    def is_current(self) -> bool:
        """Is what Lean read last what the document says now?"""
        return self.view is not None and self.view.document.source.text == self.buffer.text

    def goal(self, identity: str) -> KnownGoal | None:
        """The goal of that name."""
        return next((known for known in self.goals if known.identity == identity), None)

    def goal_at(self, start: int, end: int) -> KnownGoal | None:
        """The first goal whose hole touches [`start`, `end`] of the text now."""
        for known in self.goals:
            if known.span.whole and known.span.start <= end and start <= known.span.end:
                return known
        return None

    def clear(self) -> None:
        """Nothing is known any more: there are no holes, or nothing may be read."""
        self.view, self.problem, self.goals = None, "", []

    def take(self, view: FileView) -> None:
        """Lean has read it: these are its goals now; what is known of the same holes is kept."""
        before = {known.identity: known for known in self.goals}
        source = view.document.source
        places = [
            (source.index(goal.hole.start), source.index(goal.hole.end)) for goal in view.goals
        ]
        spans = self.buffer.track(source.text, places)
        self.view, self.problem = view, ""
        self.goals = [
            _continued(before.get(goal.hole.identity), goal, span)
            for goal, span in zip(view.goals, spans, strict=True)
        ]

    def see(self, event: GoalEvent) -> None:
        """Take in what the engine tells of a goal."""
        known = self.goal(event.goal.hole.identity)
        if known is None or known.goal.key.key != event.goal.key.key:
            return
        match event:
            case AttemptStarted(_, strategy, _):
                known.running[strategy] = time.monotonic()
                known.stopped = False
            case AttemptFinished(_, attempt):
                known.running.pop(attempt.strategy, None)
            case GoalStale():
                known.running.clear()
                known.stopped = True
            case TicketOpened(_, ticket):
                if ticket.ticket_id not in known.tickets:
                    known.tickets.append(ticket.ticket_id)
            case TicketClosed(_, ticket):
                if ticket.ticket_id in known.tickets:
                    known.tickets.remove(ticket.ticket_id)
            case (
                ProofFound(_, verdict)
                | Refuted(_, verdict)
                | GoalOpen(_, verdict)
                | GoalSkipped(_, verdict)
            ):
                known.running.clear()
                known.stopped = False
                known.goal = verdict.goal
                # A search for another proof that found none takes nothing away.
                if not (verdict.kind == "open" and _settled(known.verdict, verdict)):
                    known.verdict, known.before = verdict, None
                known.tickets = list(dict.fromkeys([*known.tickets, *verdict.tickets]))

    def state(self, known: KnownGoal) -> State:
        """What has become of a goal."""
        verdict = known.verdict or known.before
        if verdict is not None and verdict.kind == "skipped":
            return "skipped"
        if verdict is not None and verdict.kind in ("proved", "refuted"):
            if known.verdict is None or not self.stands(known):
                return "stale"
            return "proved" if verdict.kind == "proved" else "refuted"
        if known.running:
            return "searching"
        if known.stopped:
            return "stopped"
        return "open" if known.verdict is not None and known.verdict.kind == "open" else "waiting"

    def stands(self, known: KnownGoal) -> bool:
        """Has nothing changed up to the end of its command since Lean read it?"""
        view = self.view
        if view is None or not known.span.whole or known.goal.revision != view.revision:
            return False
        command = view.document.commands[known.goal.hole.command]
        return self._same_until(view.document.source.text) >= view.document.source.index(
            command.end
        )

    def _same_until(self, text: str) -> int:
        now = self.buffer.text
        # Compared once a change, not once a goal; the strings are compared by identity.
        if self._same is None or self._same[0] is not text or self._same[1] is not now:
            self._same = (text, now, self.buffer.same_until(text))
        return self._same[2]


def _continued(before: KnownGoal | None, goal: GoalHandle, span: Span) -> KnownGoal:
    """The goal in the new text: the search of the same mathematics goes on."""
    known = KnownGoal(goal, span)
    if before is None:
        return known
    if before.goal.key.key == goal.key.key:
        known.before, known.tickets = before.verdict or before.before, before.tickets
        known.running, known.stopped = before.running, before.stopped
    return known


def _settled(verdict: GoalVerdict | None, newer: GoalVerdict) -> bool:
    """Is there a proof or a refutation for the same text already?"""
    return (
        verdict is not None
        and verdict.kind in ("proved", "refuted")
        and verdict.goal.revision == newer.goal.revision
    )
