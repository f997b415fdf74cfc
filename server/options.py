"""The flags that every searching command shares, as one decorator, and the settings they lead to.

A flag that was not given is left to files and variables; see `server.configuration`.
"""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from search.settings import Settings

Flags = Mapping[str, Any]
"""What the command line says, by setting; only what was given."""

_OPTIONS = {
    "profile": click.option(
        "--profile", type=click.Choice(["0", "1", "2"]), help="How hard to try (default: 0)."
    ),
    "timeout": click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        metavar="S",
        help="Seconds a goal (default: the profile's; 8 at profile 0).",
    ),
    "sessions": click.option(
        "--jobs",
        "sessions",
        type=click.IntRange(min=1),
        metavar="N",
        help="Lean sessions at a time.",
    ),
    "cpu_target": click.option(
        "--cpu-target",
        type=click.FloatRange(0.05, 1.0),
        metavar="SHARE",
        help="Share of the whole machine that Unsorry may use (0.05 to 1).",
    ),
    "strategies": click.option(
        "--strategies", metavar="NAMES", help="Only these strategies, with commas between."
    ),
    "freeze": click.option(
        "--freeze", metavar="NAME", multiple=True, help="Not this strategy; may be repeated."
    ),
    "policy": click.option(
        "--policy",
        type=click.Choice(["fixed", "static", "ucb1", "thompson", "contextual"]),
        help="How the next strategy is chosen (default: contextual).",
    ),
    "ledger": click.option(
        "--ledger", metavar="FILE", help="The database (default: .unsorry/ledger.db)."
    ),
    "no_ledger": click.option("--no-ledger", is_flag=True, help="Remember nothing."),
    "toolchain": click.option(
        "--toolchain", type=click.Choice(["auto", "native", "embedded"]), help="Which Lean to use."
    ),
}


def search_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the flags of a search; it gets what was given as `flags`."""

    @functools.wraps(command)
    def run(**arguments: Any) -> Any:  # noqa: ANN401 - whatever the command takes and returns
        given = {name: arguments.pop(name) for name in _OPTIONS}
        return command(**arguments, flags=_flags(given))

    for option in reversed(_OPTIONS.values()):
        run = option(run)
    return run


def settings_for(
    folder: Path, flags: Flags | None = None, usual: Mapping[str, Any] | None = None
) -> Settings:
    """The settings for the workspace in `folder`; see `server.configuration.configure`."""
    # Imported here: pydantic costs more than the rest of a command, and `--help` needs none of it.
    from server.configuration import configure

    return configure(folder, flags, usual)


def _flags(given: dict[str, Any]) -> Flags:
    frozen = given.pop("freeze")
    if given.pop("no_ledger"):
        given["remember"] = False
    flags = {name: value for name, value in given.items() if value is not None}
    return {**flags, "features": dict.fromkeys(frozen, False)} if frozen else flags
