"""A blueprint's standing in words: a table of nodes, the coverage, what most others wait for."""

import difflib
import json
from collections.abc import Sequence
from pathlib import Path

from search.blueprint.marks import Change
from search.blueprint.nodes import Blueprint
from search.blueprint.standing import NodeStanding, Standing
from search.ledger_file import OWN_FOLDER

LAST = Path(OWN_FOLDER, "blueprint.json")
"""Where what was found last is kept, for programs that can't wait for Lean."""
SHOWN = 10
"""How many nodes of the critical path are shown to people."""
DIGITS = 4
_WORDS = {
    "stated": "stated",
    "can_state": "can be stated",
    "can_prove": "can be proved",
    "proved": "proved",
    "fully_proved": "fully proved",
}


def as_text(root: Path, blueprint: Blueprint, standing: Standing, wrong: Sequence[Change]) -> str:
    """Everything for people; several lines."""
    rows = [("node", "kind", "state", "why")]
    rows += [_row(found) for found in standing.nodes]
    lines = _columns(rows)
    lines += ["", f"{_named(blueprint)} in {_shown(root, blueprint.folder)}"]
    lines += [
        f"{_WORDS[name]:<15}{number:>4} of {of:<4} {number / of if of else 1:>4.0%}"
        for name, (number, of) in standing.coverage.items()
    ]
    if standing.critical:
        lines += ["", "Critical path: the open nodes, by the share of the ways that lead over them"]
        lines += _critical(blueprint, standing)
    lines += ["", summary(wrong, written=False)]
    return "\n".join(lines)


def as_json(root: Path, blueprint: Blueprint, standing: Standing, wrong: Sequence[Change]) -> str:
    """The same for programs, as one JSON object."""
    nodes = [
        {
            "label": found.node.key,
            "kind": found.node.kind,
            "file": _shown(root, found.node.begin.path),
            "line": found.node.line,
            "lean": found.node.lean,
            "uses": found.node.every_use,
            "notready": found.node.notready,
            "mathlibok": found.node.outside,
            "stated": found.stated,
            "can_state": found.can_state,
            "can_prove": found.can_prove,
            "proved": found.proved,
            "fully_proved": found.fully_proved,
            "state": found.word,
            "reason": found.reason,
        }
        for found in standing.nodes
    ]
    coverage = {
        name: {"nodes": number, "of": of, "share": round(number / of, DIGITS) if of else 1.0}
        for name, (number, of) in standing.coverage.items()
    }
    critical = [
        {
            "label": node.key,
            "betweenness": round(node.betweenness, DIGITS),
            "waiting": node.waiting,
        }
        for node in standing.critical
    ]
    marks = [
        {
            "label": change.key,
            "part": change.part,
            "file": _shown(root, change.path),
            "change": "add" if change.adds else "remove",
        }
        for change in wrong
    ]
    said = {"nodes": nodes, "coverage": coverage, "critical": critical, "wrong_marks": marks}
    return json.dumps(said | {"problems": blueprint.problems}, indent=2, ensure_ascii=False)


def summary(wrong: Sequence[Change], written: bool) -> str:
    """How many marks are wrong, or were, in a line."""
    if not wrong:
        return r"Every \leanok is right."
    added = sum(change.adds for change in wrong)
    files = len({change.path for change in wrong})
    counted = f"{added} to add, {len(wrong) - added} to remove"
    where = f"in {files} {'file' if files == 1 else 'files'}"
    if written:
        return (
            rf"Changed {len(wrong)} \leanok {where}: {added} added, {len(wrong) - added} removed."
        )
    return rf"{len(wrong)} \leanok {where} are wrong: {counted}. unsorry blueprint sync --write"


def difference(root: Path, path: Path, before: str, after: str) -> str:
    """What changes in a file, as a unified diff."""
    name = _shown(root, path)
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, name, n=1
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _row(found: NodeStanding) -> tuple[str, str, str, str]:
    why = "" if found.done else found.reason
    return found.node.key, found.node.kind, found.word, why


def _critical(blueprint: Blueprint, standing: Standing) -> list[str]:
    nodes = blueprint.by_key
    rows = [
        (
            f"  {node.betweenness:.3f}",
            node.key,
            f"{node.waiting} wait" if node.waiting else "",
            ", ".join(nodes[node.key].lean),
        )
        for node in standing.critical[:SHOWN]
    ]
    more = len(standing.critical) - SHOWN
    return _columns(rows) + ([f"  and {more} more"] if more > 0 else [])


def _named(blueprint: Blueprint) -> str:
    named = sum(bool(node.lean) for node in blueprint.nodes)
    files = len({node.begin.path for node in blueprint.nodes})
    return f"{len(blueprint.nodes)} nodes ({named} name a declaration), {files} files"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _shown(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
