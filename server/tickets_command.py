"""`unsorry tickets`: requests for helper lemmas, for people and tools that want to serve them."""

import asyncio
import re
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from lean.document import elaborate
from lean.errors import WorkspaceError
from lean.workspace import Workspace
from search.marketplace import complete as judge
from search.marketplace import statement_at, ticket_by_hand
from search.one_session import one_session
from search.settings import Settings
from search.ticket_store import TicketStore
from search.tickets import LEASE_SECONDS, Ticket, TicketError, statement_name
from server.ledger_option import ledger_options, opened, path_of
from server.options import settings_for
from server.prove_files import read_source
from server.sources import label
from server.tickets_report import print_json, print_list, ticket_text
from server.user import user_name

_PLACE = re.compile(r"(?P<file>.+\.lean):(?P<line>\d+)")


def _who(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--as", "who", metavar="NAME", help="Who you are (default: your user name)."
    )(command)


@click.group()
def tickets() -> None:
    """List, claim and complete requests for helper lemmas.

    A ticket may be named by the end of its id.
    """


@tickets.command("open")
@click.argument("target", metavar="FILE:LINE|STATEMENT")
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path),
    help="State it at the end of this file.",
)
@click.option("--priority", type=click.FloatRange(0, 1), default=0.5, show_default=True)
@click.option("--hours", type=click.FloatRange(min=0), default=0, help="Offer it for so long.")
@_who
@ledger_options
def open_(
    target: str,
    file: Path | None,
    priority: float,
    hours: float,
    who: str | None,
    folder: Path,
    ledger: Path | None,
) -> int:
    """Ask for a lemma: the goal of the sorry at FILE:LINE, or a STATEMENT such as
    'theorem helper (n : Nat) : n + 0 = n'.

    Lean must be able to read it where it is wanted, and small values must not refute it.
    """
    workspace = Workspace.find(folder)
    place = _PLACE.fullmatch(target)
    path = Path(place["file"]) if place else file
    line = int(place["line"]) if place else 0
    if not place:
        statement_name(target)
    draft = asyncio.run(
        _drafted(
            workspace,
            settings_for(workspace.root),
            "" if place else target,
            path,
            line,
            who or user_name(),
            priority,
            hours * 3600,
        )
    )
    with opened(path_of(folder, ledger), create=True) as database:
        store = TicketStore(database)
        ticket = store.open(draft)
        click.echo(ticket.ticket_id)
        click.echo(ticket.statement)
        for similar in store.similar(ticket):
            alike = "asks for the same" if similar.same_key else "is similar"
            click.echo(
                f"{similar.ticket.ticket_id} ({similar.ticket.status}) {alike}: "
                f"{' '.join(similar.ticket.statement.split())}"
            )
    return 0


@tickets.command("list")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(["open", "claimed", "completed", "expired", "withdrawn"]),
    help="Only these; may be repeated (default: open and claimed).",
)
@click.option("--all", "every", is_flag=True, help="Those in every state.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
@ledger_options
def list_(
    statuses: tuple[Any, ...], every: bool, as_json: bool, folder: Path, ledger: Path | None
) -> None:
    """List tickets, those with the highest priority first."""
    wanted = () if every else statuses or ("open", "claimed")
    with opened(path_of(folder, ledger)) as database:
        found = TicketStore(database).all(wanted)
    if as_json:
        print_json(found)
    else:
        print_list(found)


@tickets.command()
@click.argument("ticket")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--document", is_flag=True, help="Print the Lean file to work in.")
@ledger_options
def show(ticket: str, as_json: bool, document: bool, folder: Path, ledger: Path | None) -> None:
    """Show what TICKET asks for, for whom, and what became of it."""
    with opened(path_of(folder, ledger)) as database:
        store = TicketStore(database)
        found = store.show(ticket)
        needs, waiting = store.needs(found.ticket_id), store.goals_waiting(found.ticket_id)
    if document:
        click.echo(found.document, nl=False)
    elif as_json:
        print_json(found, needs=needs, goals_waiting=waiting)
    else:
        click.echo(ticket_text(found, needs, waiting))


@tickets.command()
@click.argument("ticket")
@click.option(
    "--minutes",
    type=click.FloatRange(min=0.1),
    default=LEASE_SECONDS / 60,
    show_default=True,
    help="For how long.",
)
@_who
@ledger_options
def claim(ticket: str, minutes: float, who: str | None, folder: Path, ledger: Path | None) -> None:
    """Take TICKET for a while, so that nobody else works on it; again to have more time."""
    with opened(path_of(folder, ledger)) as database:
        claimed = TicketStore(database).claim(ticket, who or user_name(), minutes * 60)
    until = time.strftime("%H:%M:%S", time.localtime(claimed.lease_until))
    click.echo(f"{claimed.ticket_id} is yours until {until}.")


@tickets.command()
@click.argument("ticket")
@_who
@ledger_options
def release(ticket: str, who: str | None, folder: Path, ledger: Path | None) -> None:
    """Give TICKET back before its time."""
    with opened(path_of(folder, ledger)) as database:
        released = TicketStore(database).release(ticket, who or user_name())
    click.echo(f"{released.ticket_id} is open again.")


@tickets.command()
@click.argument("ticket")
@click.option(
    "--proof",
    required=True,
    metavar="FILE|-",
    help="The tactic block that proves it, without `by`; - is the standard input.",
)
@_who
@ledger_options
def complete(ticket: str, proof: str, who: str | None, folder: Path, ledger: Path | None) -> int:
    """Hand in a proof of TICKET. It is taken when Lean accepts it for the statement."""
    script = _proof_text(proof)
    workspace = Workspace.find(folder)
    path = path_of(folder, ledger)
    with opened(path) as database:
        wanted = TicketStore(database).show(ticket)
        wanted.become("completed")
    problem = asyncio.run(_objection(workspace, settings_for(workspace.root), wanted, script))
    if problem:
        click.echo(f"Not accepted: {problem}.", err=True)
        return 1
    with opened(path) as database:
        TicketStore(database).complete(wanted.ticket_id, script, who or user_name())
    click.echo(f"{wanted.ticket_id} is completed.")
    if wanted.parent_goal:
        click.echo(f"{wanted.context.place} waits for it: unsorry prove {wanted.context.file}")
    return 0


@tickets.command()
@click.argument("ticket")
@ledger_options
def withdraw(ticket: str, folder: Path, ledger: Path | None) -> None:
    """Ask no longer for TICKET."""
    with opened(path_of(folder, ledger)) as database:
        withdrawn = TicketStore(database).withdraw(ticket)
    click.echo(f"{withdrawn.ticket_id} is withdrawn.")


async def _drafted(
    workspace: Workspace,
    settings: Settings,
    statement: str,
    path: Path | None,
    line: int,
    who: str,
    priority: float,
    seconds: float,
) -> Ticket:
    """The ticket for a statement at the end of a file, or for the hole at a line of it."""
    text = read_source(path) if path else ""
    name = label(workspace.root, path) if path else ""
    async with one_session(workspace, settings, text) as lean:
        document = await elaborate(lean.session, text, path=name)
        if document.import_error:
            raise WorkspaceError(f"{path}: {document.import_error}")
        hole = None
        if line:
            holes = [hole for hole in document.holes if hole.line <= line <= hole.end_line]
            if not holes:
                lines = ", ".join(str(hole.line) for hole in document.holes) or "none"
                raise TicketError(f"{path}:{line} has no sorry.", f"Lines that have one: {lines}.")
            hole = holes[0]
            statement = await statement_at(lean.session, document, hole)
        return await ticket_by_hand(
            lean.session,
            document,
            statement,
            place=hole,
            requester=who,
            priority=priority,
            seconds=seconds,
        )


async def _objection(workspace: Workspace, settings: Settings, ticket: Ticket, script: str) -> str:
    """Why Lean does not accept the proof, or the empty string."""
    async with one_session(workspace, settings, ticket.document) as lean:
        verdict = await judge(lean.session, ticket, script, settings.policy)
    if not verdict.accepted:
        return f"{verdict.reason}: {verdict.detail}"
    resting = sorted(lean.unproved.intersection(verdict.axioms))
    return f"it rests on {resting[0]}, which an imported file leaves open" if resting else ""


def _proof_text(proof: str) -> str:
    """The tactic block, from a file or standard input; lines at column 0 where they all agree."""
    if proof == "-":
        text = sys.stdin.read()
    else:
        path = Path(proof)
        if not path.is_file():
            raise WorkspaceError(f"There is no file {proof}.", "Check its name.")
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise WorkspaceError(
                f"{proof} is not UTF-8 (byte {error.start}).", "Save it as UTF-8."
            ) from error
    return _dedented(text)


def _dedented(text: str) -> str:
    return textwrap.dedent(text.replace("\r\n", "\n")).strip("\n")
