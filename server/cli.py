"""The command line `unsorry`: one click group, commands that are loaded when they are called, one
error boundary.

A command is a click command in a module of `server`, named in `COMMANDS`; one that needs a package
the server may not import is an entry point of the group `unsorry.commands`. What a command returns
(an int or nothing) is the exit code; an error of Lean, the workspace or the file system becomes one
line on stderr and exit code 2.
"""

import importlib
import importlib.metadata
import io
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import click

from lean.errors import LeanError

ENTRY_POINTS = "unsorry.commands"
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """Where a command lies (`module:attribute`, or empty for an entry point) and its line in
    `unsorry --help`.
    """

    target: str
    summary: str


COMMANDS: dict[str, LazyCommand] = {
    "audit": LazyCommand(
        "server.audit_command:audit", "Pack a run, or check a pack with a fresh Lean."
    ),
    "bg": LazyCommand("server.bg_command:bg", "Search the holes of a workspace in the background."),
    "blueprint": LazyCommand(
        "server.blueprint_command:blueprint", "Compare a blueprint with what Lean says."
    ),
    "bench": LazyCommand("", "Prove a bank of lemmas and report what was solved."),
    "cache": LazyCommand(
        "server.cache_command:cache", "Take proofs to another machine, or from there."
    ),
    "check": LazyCommand(
        "server.check.command:check", "Report what is unproved, for continuous integration."
    ),
    "dashboard": LazyCommand(
        "server.dashboard_command:dashboard", "Show in a browser what is searched and found."
    ),
    "dojo": LazyCommand(
        "server.dojo_command:dojo", "Trace a committed project, and check proofs, with LeanDojo."
    ),
    "doctor": LazyCommand("server.doctor_command:doctor", "Try whether everything works here."),
    "fit": LazyCommand("server.fit_command:fit", "Learn from the ledger how hard goals are."),
    "gates": LazyCommand("", "Measure whether the milestones of the project hold."),
    "init": LazyCommand(
        "server.init_command:init", "Write the files by which a repository uses Unsorry."
    ),
    "lsp": LazyCommand("server.lsp_command:lsp", "Serve an editor: the language server."),
    "models": LazyCommand(
        "server.models_command:models", "List and fetch the models that propose tactics."
    ),
    "pr": LazyCommand(
        "server.pr_command:pr", "Make a branch and a pull request for each newly proved lemma."
    ),
    "prove": LazyCommand("server.prove_command:prove", "Look for a proof of every sorry in files."),
    "stats": LazyCommand("server.stats_command:stats", "Show what was tried, and what came of it."),
    "tickets": LazyCommand(
        "server.tickets_command:tickets", "List, claim and complete requests for helper lemmas."
    ),
    "toolchain": LazyCommand(
        "server.toolchain_command:toolchain",
        "Show, install, remove or run the Lean that Unsorry uses.",
    ),
    "top": LazyCommand("server.top_command:top", "Show in a terminal what is searched and found."),
    "train": LazyCommand(
        "server.train_command:train", "Train a small model on the proofs of a workspace."
    ),
    "why": LazyCommand("server.why_command:why", "Explain what is tried next on a goal, and why."),
}
"""The commands of this package; `unsorry --help` reads the summaries and imports nothing."""

ALIASES = {"--bench": "bench", "--check": "check"}
"""Options that stand for a command when they come first."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands that are there."""
        installed = _entry_points()
        names = {name for name, command in COMMANDS.items() if command.target or name in installed}
        return sorted(names | set(installed))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        lazy = COMMANDS.get(cmd_name)
        if lazy is not None and lazy.target:
            module, _, attribute = lazy.target.partition(":")
            command = getattr(importlib.import_module(module), attribute)
        else:
            entry_point = _entry_points().get(cmd_name)
            if entry_point is None:
                return None
            command = entry_point.load()
        assert isinstance(command, click.Command), f"{cmd_name} is no click command"
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from their summaries, without importing them."""
        rows = []
        for name in self.list_commands(ctx):
            lazy = COMMANDS.get(name)
            rows.append((name, lazy.summary if lazy else ""))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the group's own options; `--bench …` is `bench …`."""
        if args and args[0] in ALIASES:
            args = [ALIASES[args[0]], *args[1:]]
        return super().parse_args(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,  # noqa: ANN401 - click's own signature
    ) -> NoReturn:
        """Run a command and end the process with its exit code. This is the error boundary."""
        # Incidents are told by the commands; the log is for those that ask for it (`server.logs`).
        logging.getLogger().addHandler(logging.NullHandler())
        _write_any_character()
        try:
            result = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            error.show()
            sys.exit(EXIT_ERROR)
        except (click.Abort, KeyboardInterrupt):
            click.echo("Interrupted.", err=True)
            sys.exit(EXIT_INTERRUPTED)
        except LeanError as error:
            _complain(str(error))
            sys.exit(EXIT_ERROR)
        except BrokenPipeError:
            # Whoever read our output has had enough; a second complaint at exit would be noise.
            sys.stderr.close()
            sys.exit(1)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _complain(f"{where}{error.strerror or error}")
            sys.exit(EXIT_ERROR)
        sys.exit(result if isinstance(result, int) else 0)


def _write_any_character() -> None:
    """Goals are full of characters that some terminals don't know; programs that read us want UTF-8
    in any case.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
            if not stream.isatty() and "PYTHONIOENCODING" not in os.environ:
                stream.reconfigure(encoding="utf-8")


def _complain(text: str) -> None:
    click.echo(f"unsorry: {' '.join(text.split())}", err=True)


def _entry_points() -> dict[str, importlib.metadata.EntryPoint]:
    return {point.name: point for point in importlib.metadata.entry_points(group=ENTRY_POINTS)}


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="unsorry", message="unsorry %(version)s")
def main() -> None:
    """Find proofs for the sorrys of a Lean 4 workspace.

    `unsorry --bench` and `unsorry --check` are short for the commands of those names.
    """


if __name__ == "__main__":
    main()
