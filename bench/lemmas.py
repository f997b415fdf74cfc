"""Banks: files of lemmas to prove, one JSON object a line.

Reading and checking them; proving is `bench.bank`.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.places import bench_file
from lean.errors import WorkspaceError

DIFFICULTIES = ("easy", "medium", "hard")


@dataclass(frozen=True, slots=True)
class Lemma:
    """One statement without a proof (`theorem NAME … : …`), and what stands before it."""

    identifier: str
    statement: str
    difficulty: str = ""
    tags: tuple[str, ...] = ()
    preamble: str = ""

    @property
    def text(self) -> str:
        """A whole file with the lemma's proof missing."""
        preamble = self.preamble.rstrip("\n")
        return f"{preamble}\n\n" * bool(preamble) + f"{self.statement.rstrip()} := by\n  sorry\n"


def default_bank() -> Path:
    """The bank that comes with Unsorry."""
    return bench_file("bank.jsonl")


def false_statements() -> Path:
    """The false statements that come with Unsorry, in the same format."""
    return bench_file("false.jsonl")


def bank_options(parser: argparse.ArgumentParser) -> None:
    """The options of a measuring program that runs over a bank."""
    parser.add_argument(
        "--bank", type=lambda text: Path(text).absolute(), metavar="FILE", help="another bank"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N lemmas")


def load_bank(path: Path, limit: int | None = None) -> list[Lemma]:
    """The lemmas of a bank, the first `limit` of them.

    Raises WorkspaceError naming the line that is wrong.
    """
    if path.is_dir():
        raise WorkspaceError(f"The bank {path} is a folder.", "Name a .jsonl file.")
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError as error:
        raise WorkspaceError(f"There is no bank {path}.", "Check its name.") from error
    except OSError as error:
        raise WorkspaceError(
            f"The bank {path} can't be read: {error.strerror}.", "Check its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise WorkspaceError(f"The bank {path} is not UTF-8.", "Save it as UTF-8.") from error
    lemmas = list(_lemmas(path, text))
    if not lemmas:
        raise WorkspaceError(f"The bank {path} has no lemmas.", "Put one JSON object on a line.")
    return lemmas[:limit]


def _lemmas(path: Path, text: str) -> Iterator[Lemma]:
    seen: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            lemma = _lemma(json.loads(line))
        except ValueError as error:
            raise WorkspaceError(
                f"{where}: this line is no lemma: {error}.", "Correct it or delete it."
            ) from error
        if lemma.identifier in seen:
            first = seen[lemma.identifier]
            raise WorkspaceError(
                f"{where}: the id {lemma.identifier} is taken by line {first}.", "Rename one."
            )
        seen[lemma.identifier] = number
        yield lemma


def _lemma(row: object) -> Lemma:
    if not isinstance(row, dict):
        raise ValueError("it is not a JSON object")
    for name in ("id", "statement"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise ValueError(f"'{name}' must be a text")
    preamble, tags = row.get("preamble") or "", row.get("tags") or []
    if not isinstance(preamble, str) or not isinstance(tags, list):
        raise ValueError("'preamble' must be a text and 'tags' a list")
    difficulty = row.get("difficulty") or ""
    if difficulty and difficulty not in DIFFICULTIES:
        raise ValueError(f"'difficulty' must be one of {', '.join(DIFFICULTIES)}")
    return Lemma(row["id"], row["statement"], difficulty, tuple(str(tag) for tag in tags), preamble)
