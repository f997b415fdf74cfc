"""How far the workspace's blueprint is, as `unsorry blueprint` has found last."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from search.blueprint.reading import SOURCES
from server.blueprint_report import LAST

State = Literal["known", "not looked at", "none"]


@dataclass(frozen=True, slots=True)
class Share:
    """So many nodes of so many."""

    nodes: int
    of: int
    share: float


@dataclass(frozen=True, slots=True)
class Node:
    """A statement of the blueprint: where it stands, and what its state is, in words."""

    label: str
    kind: str
    file: str
    line: int
    lean: tuple[str, ...]
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class OpenNode:
    """An open node by the share of the ways that lead over it; `waiting` nodes rest on it."""

    label: str
    betweenness: float
    waiting: int


@dataclass(frozen=True, slots=True)
class WrongMark:
    """A mark that does not tell the truth."""

    label: str
    change: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the command has left, as far as it is shown."""

    coverage: dict[str, Share]
    nodes: tuple[Node, ...]
    critical: tuple[OpenNode, ...]
    wrong_marks: tuple[WrongMark, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlueprintFigures:
    """The blueprint as it was at `at`, seconds since the epoch; `found` only where it is known."""

    state: State
    at: float = 0.0
    found: Found | None = None


_FOUND = TypeAdapter(Found)


def blueprint_figures(folder: Path) -> BlueprintFigures:
    """What is known of the blueprint of the workspace in `folder`."""
    kept = folder / LAST
    try:
        found = _FOUND.validate_json(kept.read_bytes())
        return BlueprintFigures("known", kept.stat().st_mtime, found)
    except (OSError, ValidationError):
        # Written by another version, or never: the command writes it anew.
        return BlueprintFigures("not looked at" if (folder / SOURCES).is_dir() else "none")
