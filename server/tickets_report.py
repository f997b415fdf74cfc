"""Tickets as people and programs read them."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from search.tickets import Ticket


def as_dict(ticket: Ticket) -> dict[str, Any]:
    """A ticket as JSON has it: times in seconds since the epoch, 0 for never; without the text
    above, which `--document` prints.
    """
    said = asdict(ticket)
    del said["context"]["above"]
    return said


def print_json(tickets: Ticket | Sequence[Ticket], **more: object) -> None:
    """One object for a ticket, with `more` in it; an array for several."""
    if isinstance(tickets, Ticket):
        said: object = {**as_dict(tickets), **more}
    else:
        said = [as_dict(ticket) for ticket in tickets]
    click.echo(json.dumps(said, indent=2, ensure_ascii=False))


def print_list(tickets: Sequence[Ticket]) -> None:
    """Two lines a ticket: what it is, and what it asks for."""
    if not tickets:
        click.echo("No tickets.")
    for ticket in tickets:
        click.echo(f"{ticket.ticket_id}  {_status(ticket)}  {ticket.context.place}".rstrip())
        click.echo(f"    {' '.join(ticket.statement.split())}")


def ticket_text(ticket: Ticket, needs: Sequence[str], waiting: Sequence[str]) -> str:
    """All there is to know about one ticket."""
    lines = {
        "status": _status(ticket),
        "asked by": f"{ticket.requester}, {_moment(ticket.created_at)}",
        "for": ticket.context.place,
        "until": _moment(ticket.expires_at),
        "priority": f"{ticket.priority:g}",
        "constraints": ticket.constraints,
        "waits for": ", ".join(needs),
        "goals waiting": ", ".join(key[:12] for key in waiting),
        "completed": _moment(ticket.completed_at),
    }
    shown = [ticket.ticket_id, *(f"  {name:14}{said}" for name, said in lines.items() if said)]
    shown += ["", ticket.lemma if ticket.proof else ticket.statement]
    if ticket.parent_script:
        place = f"⟪{ticket.context.position + 1}⟫"
        shown += ["", f"It is wanted at {place} of this partial proof:", "", ticket.parent_script]
    return "\n".join(shown)


def _status(ticket: Ticket) -> str:
    if ticket.status == "claimed":
        return f"claimed by {ticket.claimant} until {_moment(ticket.lease_until)}"
    if ticket.status == "completed":
        return f"completed by {ticket.claimant}"
    return ticket.status


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at else ""
