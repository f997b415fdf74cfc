"""A file as Lean sees it: header, commands and holes, elaborated again from the first change.

A document describes one text on one session and never changes. Which file it is, when to look again
and what to do about its holes is decided elsewhere.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lean.errors import ImportFailed
from lean.hole import Hole, holes_of
from lean.positions import SourceText, common_prefix
from lean.protocol import CommandReport, Header, HoleReport, Message, StepReport, TheoremReport
from lean.session import Session

Part = TypeVar("Part", Message, HoleReport, StepReport)

LOOKAHEAD = re.compile(rb"\s*\S+\s+\S+\s+\S+(?=\s)")
"""What the parser may have read past the end of a command to know that it ends there.

Two tokens for `deriving instance` after a structure; here three words, to be safe.
"""
NO_MODULES = "Files with a `module` header are not supported on a native Lean yet."
EXIT = "Lean.Parser.Command.exit"


@dataclass(frozen=True, slots=True)
class Command:
    """One elaborated command; offsets are bytes of the normalized text.

    Its span is [`begin`, `next`): `begin` is where the parser started, `start` and `end` are those
    of its syntax. `before` and `after` are states of the session. `steps` and `proved` are there
    when they were asked for.
    """

    begin: int
    start: int
    end: int
    next: int
    kind: str
    before: int
    after: int
    messages: tuple[Message, ...]
    reports: tuple[HoleReport, ...]
    declarations: tuple[str, ...]
    failed: bool
    ms: int
    heartbeats: int
    steps: tuple[StepReport, ...]
    proved: tuple[TheoremReport, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One text, elaborated on the session with serial `session`; its ids mean nothing elsewhere.

    `state` is the state after the header (0 when `import_error` says why there is none).
    `interrupted`: time ran out, and commands are missing at the end. `reused` counts the commands
    that were taken over from the previous document.
    """

    path: str
    source: SourceText
    header: Header
    state: int
    commands: tuple[Command, ...]
    holes: tuple[Hole, ...]
    import_error: str
    interrupted: bool
    session: int
    reused: int

    @property
    def messages(self) -> tuple[Message, ...]:
        """Everything Lean said, in order of the commands."""
        said = list(self.header.messages)
        for command in self.commands:
            said += command.messages
        return tuple(said)

    @property
    def errors(self) -> tuple[Message, ...]:
        """The messages that are errors."""
        return tuple(message for message in self.messages if message.severity == "error")

    @property
    def elaborates(self) -> bool:
        """Was all of it elaborated, without an error?"""
        return not (self.import_error or self.interrupted or self.errors)

    def text_of(self, part: Command | Hole) -> str:
        """The normalized text of a command or a hole."""
        return self.source.slice(part.start, part.end)


async def elaborate(
    session: Session,
    source: SourceText | str,
    previous: Document | None = None,
    *,
    path: str = "",
    seconds: float = 60.0,
    steps: bool = False,
) -> Document:
    """Elaborates `source`, taking over what `previous` of this session has before the change.

    `previous` is then used up: its later states and proofs are dropped. Imports that fail make a
    document without commands, never an error. `seconds` bounds the elaboration; `steps`: with
    the steps of its proofs. Raises SessionDied, ProtocolError.
    """
    source = SourceText(source) if isinstance(source, str) else source
    if previous is not None and (previous.session != session.serial or previous.import_error):
        previous = None
    header, kept = await _header(session, source, previous)
    commands: list[Command] = []
    state, interrupted, import_error = 0, False, ""
    try:
        if header.module and not session.serves_modules:
            # What Lean would make of it as another kind of file says nothing about it.
            raise ImportFailed(NO_MODULES)
        state = await session.open(header.modules)
    except ImportFailed as failure:
        import_error = str(failure)
    else:
        commands, interrupted = await _commands(
            session, source, header, state, kept, seconds, steps
        )
    if previous is not None:
        _drop(session, previous.commands[len(kept) :])
    return Document(
        path=path,
        source=source,
        header=header,
        state=state,
        commands=tuple(commands),
        holes=holes_of(source, [command.reports for command in commands]),
        import_error=import_error,
        interrupted=interrupted,
        session=session.serial,
        reused=len(kept),
    )


async def _header(
    session: Session, source: SourceText, previous: Document | None
) -> tuple[Header, Sequence[Command]]:
    """The header, and the commands of `previous` that stand."""
    if previous is not None:
        old, new = previous.source.data, source.data
        same = common_prefix(old, new)
        if old == new or _read_up_to(old, previous.header.start) < same:
            return previous.header, _unchanged(previous, same, complete=old == new)
    return await session.header(source.normalized), ()


def _unchanged(previous: Document, same: int, complete: bool) -> Sequence[Command]:
    """The commands whose text, and what was read after it, lies in the first `same` bytes."""
    # The command that was running when time ran out has no result worth keeping.
    candidates = previous.commands[:-1] if previous.interrupted else previous.commands
    if complete:
        return candidates
    count = 0
    while (
        count < len(candidates) and _read_up_to(previous.source.data, candidates[count].next) < same
    ):
        count += 1
    while count and not _parsed_well(candidates[count - 1]):
        count -= 1
    return candidates[:count]


def _parsed_well(command: Command) -> bool:
    """Was there no syntax error? Those lie outside of what could be parsed.

    After one the parser recovers, and says less about what follows: no place to go on from.
    """
    return all(
        command.start <= message.start < command.end
        for message in command.messages
        if message.severity == "error"
    )


def _read_up_to(data: bytes, offset: int) -> int:
    """The end of what the parser may have looked at when it ended a command at `offset`."""
    ahead = LOOKAHEAD.match(data, offset)
    return ahead.end() if ahead else len(data)


async def _commands(
    session: Session,
    source: SourceText,
    header: Header,
    state: int,
    kept: Sequence[Command],
    seconds: float,
    steps: bool,
) -> tuple[list[Command], bool]:
    """All commands, and whether time ran out."""
    commands = list(kept)
    if kept and (kept[-1].kind == EXIT or kept[-1].next >= len(source.data)):
        return commands, False
    begin = kept[-1].next if kept else header.start
    # From the start of a line, because columns mean something to Lean.
    base = source.line_start(begin)
    exchange = session.elaborate(
        kept[-1].after if kept else state,
        source.slice(base, len(source.data)),
        begin - base,
        seconds,
        steps=steps,
    )
    try:
        async for report in exchange:
            last = commands[-1] if commands else None
            commands.append(_command(report, last, begin, state, base))
            if report.kind == EXIT:
                # What follows is not part of the file.
                exchange.close()
                return commands, False
    except BaseException:
        # Cancelled or dead: nobody will know these states.
        _drop(session, commands[len(kept) :])
        raise
    end = exchange.result
    session.discard([end.state] if not commands or end.state != commands[-1].after else [])
    return commands, end.interrupted


def _command(
    report: CommandReport, last: Command | None, begin: int, state: int, base: int
) -> Command:
    return Command(
        begin=last.next if last else begin,
        start=report.start + base,
        end=report.end + base,
        next=report.next + base,
        kind=report.kind,
        before=last.after if last else state,
        after=report.state,
        messages=tuple(_moved(message, base) for message in report.messages),
        reports=tuple(_moved(hole, base) for hole in report.holes),
        declarations=report.declarations,
        failed=report.failed,
        ms=report.ms,
        heartbeats=report.heartbeats,
        steps=tuple(_moved(step, base) for step in report.steps or ()),
        proved=report.proved or (),
    )


def _moved(part: Part, base: int) -> Part:
    return dataclasses.replace(part, start=part.start + base, end=part.end + base) if base else part


def _drop(session: Session, commands: Iterable[Command]) -> None:
    states = [command.after for command in commands]
    proofs = [hole.proof for command in commands for hole in command.reports]
    if states:
        session.discard(states, proofs)
