"""The life of one real ticket, from a goal that needs a helper lemma to the proof with it.

Through the engine, as a user's file would go: nothing is told to it but the text. Each step is
checked: the statement elaborates where it is asked for, Lean accepts the proof that completes it,
and the file elaborates with the lemma above and the proof in place.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.measurement import Measurement, Target, run
from lean.insertion import apply
from lean.workspace import Workspace
from search.announcing import Events
from search.engine import Engine
from search.events import (
    AttemptFinished,
    Event,
    GoalVerdict,
    IncidentHappened,
    TicketClosed,
    TicketOpened,
)
from search.ledger import Ledger
from search.memory import ledger_path
from search.settings import Settings
from search.ticket_store import TicketStore
from search.tickets import Ticket

FILE = "Demo.lean"
TEXT = """\
namespace Demo

def rev : List Nat → List Nat
  | [] => []
  | x :: xs => rev xs ++ [x]

def total : List Nat → Nat
  | [] => 0
  | x :: xs => x + total xs

/-- Reversing keeps the sum. -/
theorem total_rev (xs : List Nat) : total (rev xs) = total xs := by
  sorry

end Demo
"""
"""What `total` says of `++` is missing, and no tactic of core Lean invents it."""


PROOF = "induction y with\n| nil => simp [total]\n| cons x xs ih => simp [total, ih]; omega\n"
"""What a person might hand in for the lemma."""
TOO_WEAK = ("evaluate", "hypotheses", "arithmetic", "simplify")
"""Strategies that prove neither the goal nor the lemma."""

Heard = list[tuple[float, Event]]
"""What the engine has told, with the seconds since the start."""


async def measure(chosen: argparse.Namespace) -> Measurement:
    """Let the engine search the text, and follow the ticket."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.at(Path(folder))
        settings = Settings(sessions=chosen.sessions, timeout=chosen.seconds)
        heard: Heard = []
        by_hand: list[str] = []
        if chosen.by_hand:
            await _searched(workspace, replace(settings, strategies=TOO_WEAK), heard)
            for ticket in _opened(heard):
                by_hand += await _completed_by_hand(workspace, ticket)
        verdict, text = await _searched(workspace, settings, heard)
        checked = await _elaborate(workspace, settings, _opened(heard))
        ledger = Ledger.open(ledger_path(workspace, settings))
        try:
            store = TicketStore(ledger)
            kept = [store.show(ticket.ticket_id) for ticket in _opened(heard)]
            waiting = [store.goals_waiting(ticket.ticket_id) for ticket in kept]
        finally:
            ledger.close()
    steps = {
        "opened by the engine": bool(kept),
        "statements elaborate": bool(checked) and all(checked),
        "completed": bool(kept) and all(ticket.status == "completed" for ticket in kept),
        "parent proved with the lemma": verdict.kind == "proved" and bool(verdict.helper),
        "file elaborates with both": bool(text),
        "dependency recorded": bool(waiting)
        and all(keys == [verdict.goal.key.key] for keys in waiting),
    }
    return Measurement(
        lines=[
            *_told(heard),
            *by_hand,
            "",
            f"verdict: {verdict.kind} by {verdict.strategy or 'nobody'} {verdict.reason}".rstrip(),
            *(f"  | {line}" for line in (text or TEXT).splitlines()),
            "",
            *(
                f"ledger: {ticket.ticket_id}, {ticket.status} by {ticket.claimant}, serves {key}"
                for ticket, keys in zip(kept, waiting, strict=True)
                for key in keys
            ),
        ],
        figures={
            "tickets": [ticket.ticket_id for ticket in kept],
            "statements": [ticket.statement for ticket in kept],
            "completed_by": [ticket.claimant for ticket in kept],
            "verdict": verdict.kind,
            "seconds": heard[-1][0],
        },
        targets=[Target(name, float(met), ">=", 1.0) for name, met in steps.items()],
    )


async def _searched(
    workspace: Workspace, settings: Settings, heard: Heard
) -> tuple[GoalVerdict, str]:
    """The verdict on the goal, and the text with lemma and proof, if it elaborates."""
    started = time.monotonic()

    async def listen(events: Events) -> None:
        async for event in events:
            heard.append((time.monotonic() - started, event))

    async with Engine.open(workspace, settings) as engine:
        listening = asyncio.create_task(listen(engine.events()))
        view = await engine.update(FILE, TEXT)
        assert view is not None, "nothing newer can have come"
        verdict = await engine.prove(view.goals[0])
        text = await _inserted(engine, verdict)
    await listening
    return verdict, text


def _opened(heard: Heard) -> list[Ticket]:
    return [event.ticket for _, event in heard if isinstance(event, TicketOpened)]


async def _completed_by_hand(workspace: Workspace, ticket: Ticket) -> list[str]:
    """What `unsorry tickets complete` says, in a process of its own."""
    arguments = ["tickets", "complete", ticket.ticket_id, "--proof", "-", "--as", "ann"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server.cli",
        *arguments,
        cwd=workspace.root,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate(PROOF.encode())
    return [f"$ unsorry {' '.join(arguments)}", *output.decode().splitlines()]


async def _elaborate(
    workspace: Workspace, settings: Settings, tickets: Sequence[Ticket]
) -> list[bool]:
    """For each ticket: does its statement elaborate where it is asked for, on a fresh session?"""
    quiet = replace(settings, automatic=False, remember=False, sessions=1)
    async with Engine.open(workspace, quiet) as engine:
        documents = [await engine.confirm(t.path, t.document) for t in tickets]
    return [document.elaborates and len(document.holes) == 1 for document in documents]


async def _inserted(engine: Engine, verdict: GoalVerdict) -> str:
    """The text with lemma and proof, if it elaborates on a fresh session; or the empty string."""
    if verdict.edit is None or verdict.helper_edit is None:
        return ""
    text = apply(TEXT, [verdict.helper_edit, verdict.edit])
    document = await engine.confirm(FILE, text)
    return text if document.elaborates and not document.holes else ""


def _told(heard: Heard) -> list[str]:
    """One line for each step of the ticket's life, and for each strategy that failed before."""
    lines: list[str] = []
    for at, event in heard:
        match event:
            case AttemptFinished(goal, attempt):
                lines.append(
                    f"{at:6.1f} s  {attempt.strategy} on {goal.hole.declaration}: {attempt.outcome}"
                )
            case TicketOpened(goal, ticket):
                lines.append(f"{at:6.1f} s  {ticket.ticket_id} opened for {goal.hole.declaration}:")
                lines += [f"           {line}" for line in ticket.statement.splitlines()]
                lines.append("          wanted to go on from")
                lines += [f"           {line}" for line in ticket.parent_script.splitlines()]
            case TicketClosed(_, ticket):
                lines.append(
                    f"{at:6.1f} s  {ticket.ticket_id} {ticket.status} by {ticket.claimant}:"
                )
                lines += [f"           {line}" for line in ticket.lemma.splitlines()]
            case IncidentHappened(incident):
                lines.append(f"{at:6.1f} s  {incident.kind}: {incident.message}")
    return lines


def options(parser: argparse.ArgumentParser) -> None:
    """How long the engine may search the goal, and on how many sessions."""
    parser.add_argument("--seconds", type=float, default=8.0, help="for the goal (default: 8)")
    parser.add_argument("--sessions", type=int, default=2, help="Lean sessions (default: 2)")
    parser.add_argument(
        "--by-hand",
        action="store_true",
        help="let a person complete the ticket, with `unsorry tickets complete`",
    )


if __name__ == "__main__":
    sys.exit(run("ticket_life", __doc__ or "", measure, options))
