"""The options that a lakefile gives Lean, as far as they change what a text says.

Those that only change what is shown, warned of or checked are left out: Unsorry reads Lean's words
and trusts its checks, whatever a project prefers. Only a `lakefile.toml` is read.
"""

import json
from collections.abc import Mapping
from typing import Any

LEFT_OUT = (
    "Elab.async",
    "debug",
    "diagnostics",
    "linter",
    "pp",
    "profiler",
    "trace",
    "warn",
    "warningAsError",
)
"""These options, and those whose names go on from here."""


def lake_options(lakefile: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Names and values (as JSON) of `leanOptions`, in order of the names.

    Those of a library count where all libraries have them: a session serves the whole workspace.
    """
    options = _options(lakefile)
    libraries = [_options(library) for library in lakefile.get("lean_lib", [])]
    for name, value in libraries[0].items() if libraries else ():
        if all(library.get(name) == value for library in libraries):
            options[name] = value
    return tuple(sorted(options.items()))


def _options(table: Mapping[str, Any]) -> dict[str, str]:
    given = table.get("leanOptions", {})
    pairs: list[tuple[Any, Any]] = []
    if isinstance(given, list):
        entries = [entry for entry in given if isinstance(entry, dict)]
        pairs = [(entry.get("name"), entry.get("value")) for entry in entries]
    elif isinstance(given, dict):
        pairs += _flat(given, "")
    options = {}
    for name, value in pairs:
        plain = str(name).removeprefix("weak.")
        shown = any(f"{plain}.".startswith(f"{left}.") for left in LEFT_OUT)
        if not shown and isinstance(value, bool | int | str):
            options[plain] = json.dumps(value, ensure_ascii=False)
    return options


def _flat(table: Mapping[str, Any], prefix: str) -> list[tuple[str, Any]]:
    """TOML reads `a.b = 1` as a table in a table."""
    pairs: list[tuple[str, Any]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            pairs += _flat(value, f"{prefix}{name}.")
        else:
            pairs.append((f"{prefix}{name}", value))
    return pairs
