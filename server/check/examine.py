"""Has an engine read files and search their holes, one after the other, and makes the report of it.

Which files, and what is then said or decided about them, is known elsewhere.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lean.errors import LeanError, ProtocolError, SessionDied, WorkspaceError
from lean.hole import Hole
from lean.insertion import Edit
from lean.positions import SourceText
from search.engine import Engine
from search.events import FileView, GoalHandle, GoalVerdict
from server.check.findings import CheckedFile, Finding, Kind, Problem, Region, Replacement
from server.joint_proofs import edits_of
from server.prove_files import insert_proofs, read_source
from server.sources import label

_KINDS: Mapping[str, Kind] = {"proved": "provable"}
"""The verdicts that are called otherwise here."""
UNREADABLE = (SessionDied, ProtocolError, WorkspaceError)
"""What is wrong with one file, and not with the toolchain."""


@dataclass(slots=True)
class _Read:
    """A file that was read, with the verdicts on its goals, in their order."""

    path: Path
    view: FileView
    verdicts: list[GoalVerdict]


class Examination:
    """The check of some files of one workspace.

    `names` are the files, with their names in the report. `say` hears what is being done.
    """

    def __init__(
        self,
        engine: Engine,
        names: Mapping[Path, str],
        say: Callable[[str], None],
    ) -> None:
        self._engine = engine
        self._names = names
        self._say = say
        self._root = engine.workspace.root

    async def run(self, fix: bool) -> list[CheckedFile]:
        """The files as they are found, and with `fix` as they then are.

        Raises ToolchainError and others that no file is to blame for.
        """
        read, checked = await self._read()
        goals = [goal for one in read for goal in one.view.goals]
        verdicts = iter(await self._verdicts(goals))
        for one in read:
            one.verdicts = [next(verdicts) for _ in one.view.goals]
        for one in read:
            file = CheckedFile(self._names[one.path], _problems(one.view), _findings(one))
            checked.append(await self._fixed(one, file) if fix else file)
        return checked

    async def _read(self) -> tuple[list[_Read], list[CheckedFile]]:
        """The files as Lean has read them, and those that it could not read."""
        read: list[_Read] = []
        unread: list[CheckedFile] = []
        died: list[LeanError] = []
        for path, name in self._names.items():
            self._say(f"reading {name}")
            try:
                # By its name, so that no path of this machine gets into the report.
                read.append(_Read(path, await self._view(path, read_source(Path(name))), []))
            except UNREADABLE as error:
                unread.append(CheckedFile(name, (Problem(1, 1, str(error)),)))
                died += [] if isinstance(error, WorkspaceError) else [error]
        if died and not read:
            # It is hardly the files' fault that Lean could read none of them.
            raise died[0]
        return read, unread

    async def _view(self, path: Path, text: str) -> FileView:
        view = await self._engine.update(label(self._root, path), text, edited=False)
        assert view is not None, "nobody else changes the text"
        return view

    async def _verdicts(self, goals: Sequence[GoalHandle]) -> list[GoalVerdict]:
        """In the order of the goals; they are also searched in it, one at a time a session."""
        free = asyncio.Semaphore(self._engine.sessions)

        async def verdict(number: int, goal: GoalHandle) -> GoalVerdict:
            async with free:
                self._say(f"{goal.path}:{goal.hole.line}, hole {number} of {len(goals)}")
                return await self._engine.prove(goal)

        tasks = [asyncio.ensure_future(verdict(*one)) for one in enumerate(goals, 1)]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()

    async def _fixed(self, read: _Read, file: CheckedFile) -> CheckedFile:
        """The file with its proofs in it, unless it was broken before or would be."""
        proved = [verdict for verdict in read.verdicts if verdict.kind == "proved"]
        if not proved:
            return file
        if not file.elaborates:
            return replace(file, note="not fixed: it does not elaborate as it is.")
        self._say(f"checking {file.name} with its proofs")
        try:
            written = await insert_proofs(self._engine, read.path, read.view.document, proved)
        except LeanError as error:
            return replace(file, note=f"not fixed: {error}")
        if not written.count:
            return replace(file, note=f"not fixed: {written.problem}")
        inserted = proved[: written.count]
        fixed = [replace(_finding(read.view, verdict), kind="fixed") for verdict in inserted]
        left = [verdict for verdict in read.verdicts if verdict not in inserted]
        moved = await self._moved(read.view, left, written.text)
        note = f"not all fixed: {written.problem}" if written.problem else ""
        return replace(file, findings=(*fixed, *moved), note=note)

    async def _moved(self, view: FileView, left: Sequence[GoalVerdict], text: str) -> list[Finding]:
        """The findings that are left in a file, where they stand in its new text."""
        now = await self._engine.confirm(view.path, text, fresh=False)
        return [
            replace(_finding(view, verdict), region=_region(hole), replacements=())
            for verdict, hole in zip(left, now.holes, strict=True)
        ]


def _problems(view: FileView) -> tuple[Problem, ...]:
    document = view.document
    if document.import_error:
        return (Problem(1, 1, document.import_error),)
    found = [
        Problem(*document.source.line_column(error.start), error.text) for error in document.errors
    ]
    if document.interrupted:
        last = document.commands[-1].next if document.commands else document.header.start
        place = document.source.line_column(last)
        found.append(Problem(*place, "Lean ran out of time before the end of the file."))
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column)))


def _findings(read: _Read) -> tuple[Finding, ...]:
    return tuple(_finding(read.view, verdict) for verdict in read.verdicts)


def _finding(view: FileView, verdict: GoalVerdict) -> Finding:
    goal, source = verdict.goal, view.document.source
    kind: Kind = _KINDS.get(verdict.kind, verdict.kind)  # type: ignore[arg-type]
    return Finding(
        _region(goal.hole),
        goal.hole.declaration,
        goal.hole.goals,
        goal.key.key,
        kind,
        script=verdict.script,
        helper=verdict.helper,
        counterexample=str(verdict.counterexample) if verdict.counterexample else "",
        # What a strategy stumbled over tells nothing about the goal.
        reason=verdict.reason if kind == "skipped" else "",
        replacements=tuple(_replacement(source, edit) for edit in edits_of([verdict])),
        known=verdict.cached,
    )


def _region(hole: Hole) -> Region:
    return Region(hole.line, hole.column, hole.end_line, hole.end_column)


def _replacement(source: SourceText, edit: Edit) -> Replacement:
    start = source.line_column(source.byte(edit.start))
    end = source.line_column(source.byte(edit.end))
    return Replacement(Region(*start, *end), edit.replacement)
