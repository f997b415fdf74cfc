"""Reading and writing the files of `unsorry prove`: what a user can get wrong, and writing safely.

Which proofs there are comes from the engine; here they are put into the file, all of them or as
many as still elaborate together, and only when nobody has changed the file meanwhile.
"""

import os
import stat
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lean.document import Document
from lean.errors import WorkspaceError
from search.engine import Engine
from search.events import GoalVerdict
from server.joint_proofs import longest_prefix, with_proofs
from server.prove_report import FileReport


def read_source(path: Path) -> str:
    """The text of a Lean file, with its line ends and byte order mark as they are.

    Raises WorkspaceError that says what is wrong and what to do.
    """
    if path.is_dir():
        raise WorkspaceError(f"{path} is a folder.", "Name the Lean files in it.")
    if not path.exists():
        raise WorkspaceError(f"There is no file {path}.", "Check its name.")
    if path.suffix != ".lean":
        raise WorkspaceError(f"{path} is not a Lean file.", "Its name must end in .lean.")
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise WorkspaceError(
            f"{path} can't be read: {error.strerror}.", "Check its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise WorkspaceError(
            f"{path} is not UTF-8 (byte {error.start}).", "Save it as UTF-8."
        ) from error


async def write_proofs(engine: Engine, path: Path, report: FileReport) -> str:
    """Put the proofs of a file into it; returns one line for the user.

    The whole new text is elaborated on a fresh session first. When the proofs fail together, as
    many as possible are inserted, from the top. Raises WorkspaceError when it can't be written.
    """
    view = report.view
    proved = [verdict for verdict in report.all_verdicts if verdict.edit is not None]
    if view is None or not proved:
        return "Nothing to write."
    written = await insert_proofs(engine, path, view.document, proved)
    count = written.count
    if count == 0:
        return f"Not written: {written.problem}"
    if written.problem:
        return f"Wrote {count} of {len(proved)} proofs: {written.problem}"
    return f"Wrote {count} {'proof' if count == 1 else 'proofs'}."


@dataclass(frozen=True, slots=True)
class Written:
    """What was put into a file: the first `count` proofs; it now says `text`.

    `problem`: why not all of them, in a sentence.
    """

    count: int
    text: str
    problem: str = ""


async def insert_proofs(
    engine: Engine, path: Path, document: Document, proved: Sequence[GoalVerdict]
) -> Written:
    """Put proofs into the file that `document` is: from the top, as many as elaborate together.

    The whole new text is elaborated on a fresh session first, and the file is written only if it is
    still as it was read. Raises WorkspaceError when it can't be written, SessionDied and
    ToolchainError.
    """
    before = document.source.text
    count = await longest_prefix(engine, document, proved)
    if count == 0:
        return Written(0, before, "with its proofs the file has new errors.")
    text = with_proofs(document, proved[:count])
    if not replace_unchanged(path, before.encode(), text.encode()):
        return Written(0, before, "the file has changed meanwhile. Run it again.")
    problem = "" if count == len(proved) else "with the others the file has new errors."
    return Written(count, text, problem)


def replace_unchanged(path: Path, expected: bytes, content: bytes) -> bool:
    """Replace a file atomically if it is still as `expected`; links stay links, and the mode bits
    are kept. Raises WorkspaceError.
    """
    target = path.resolve()
    temporary: Path | None = None
    try:
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "it is read-only")
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        # Looked at last: writing takes its time, and an editor may save meanwhile.
        if target.read_bytes() != expected:
            return False
        temporary.replace(target)
        return True
    except OSError as error:
        raise WorkspaceError(
            f"{path} can't be written: {error.strerror}.", "Check its permissions."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
