"""The command line's frame (help, aliases, errors, Ctrl-C), and `unsorry toolchain`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from lean.errors import ToolchainError
from lean.toolchain import Toolchain
from server import cli


def unsorry(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parent.parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_help_lists_every_command_and_imports_none() -> None:
    code = (
        "import sys\nfrom server.cli import main\n"
        "try: main(['--help'])\n"
        "finally:\n"
        "  print([name for name in ('asyncio', 'rich', 'lean.embedded') if name in sys.modules],\n"
        "    len(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for name, command in cli.COMMANDS.items():
        if command.target:
            assert name in run.stdout and command.summary[:30] in run.stdout
    # What it takes is what it imports, on whatever machine.
    none, modules = run.stdout.rstrip().split("\n")[-1].rsplit(" ", 1)
    assert none == "[]" and int(modules) < 300


def test_every_command_loads_and_has_help() -> None:
    group = cli.main
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None and command.help, f"{name} has no help"


def test_version() -> None:
    assert unsorry("--version").stdout.startswith("unsorry ")


@pytest.mark.parametrize("arguments", [["nonsense"], ["toolchain", "nonsense"], ["--nonsense"], []])
def test_wrong_use_ends_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli.main, arguments).exit_code == 2


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A command `check` that does what the first item says: raise it, or return it."""
    what: list[object] = []

    @click.command()
    @click.argument("words", nargs=-1)
    def check(words: tuple[str, ...]) -> object:
        """Check."""
        if isinstance(what[0], BaseException):
            raise what[0]
        click.echo(" ".join(words))
        return what[0]

    monkeypatch.setattr(sys.modules[__name__], "check", check, raising=False)
    monkeypatch.setitem(cli.COMMANDS, "check", cli.LazyCommand(f"{__name__}:check", "Check."))
    return what


@pytest.mark.parametrize(("result", "code"), [(None, 0), (0, 0), (1, 1), (7, 7)])
def test_what_a_command_returns_is_the_exit_code(
    command: list[object], result: int | None, code: int
) -> None:
    command.append(result)
    ran = CliRunner().invoke(cli.main, ["check", "a"])
    assert (ran.exit_code, ran.output) == (code, "a\n")


def test_check_may_be_written_as_an_option(command: list[object]) -> None:
    command.append(None)
    assert CliRunner().invoke(cli.main, ["--check", "b", "c"]).output == "b c\n"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ToolchainError("No Lean.", "Install\none."), 2, "unsorry: No Lean. Install one.\n"),
        (
            FileNotFoundError(2, "No such file or directory", "x.lean"),
            2,
            "unsorry: x.lean: No such file or directory\n",
        ),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
        (click.UsageError("Say what."), 2, "Error: Say what.\n"),
    ],
)
def test_errors_are_one_line(
    command: list[object], error: BaseException, code: int, line: str
) -> None:
    command.append(error)
    ran = CliRunner().invoke(cli.main, ["check"])
    assert ran.exit_code == code
    assert ran.stderr.endswith(line)
    assert "Traceback" not in ran.output


def test_a_bug_is_not_hidden(command: list[object]) -> None:
    command.append(ZeroDivisionError())
    assert isinstance(CliRunner().invoke(cli.main, ["check"]).exception, ZeroDivisionError)


def test_show(toolchain: Toolchain, tmp_path: Path) -> None:
    (tmp_path / "lean-toolchain").write_text("leanprover/lean4:v4.9.0\n")
    run = unsorry("toolchain", "show", "--json", str(tmp_path))
    facts = json.loads(run.stdout)
    assert run.returncode == 0, run
    assert facts["workspace"] == str(tmp_path)
    assert facts["asks_for"] == "leanprover/lean4:v4.9.0"
    assert "4.28.0" in facts["embedded"] and facts["node"].startswith("v2")
    table = unsorry("toolchain", "show", cwd=tmp_path).stdout
    assert "standing in for leanprover/lean4:v4.9.0" in table


def test_exec(toolchain: Toolchain, tmp_path: Path) -> None:
    (tmp_path / "One.lean").write_text("def one := 1\n")
    (tmp_path / "Two.lean").write_text("import One\n#check one\n")
    run = unsorry("toolchain", "exec", "Two.lean", "-o", "Two.olean", "--json", cwd=tmp_path)
    assert run.returncode == 0, run
    assert json.loads(run.stdout)["data"] == "one : Nat"
    assert (tmp_path / "Two.olean").is_file()
    assert not (tmp_path / "One.olean").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["Nowhere.lean"], "There is no file Nowhere.lean."),
        (["."], "There is no file ."),
        (["A.lean", "-o", "nowhere/A.olean"], "There is no folder nowhere to write A.olean to."),
    ],
)
def test_exec_of_what_is_not_there(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    (tmp_path / "A.lean").touch()
    run = unsorry("toolchain", "exec", *arguments, cwd=tmp_path)
    assert run.returncode == 2
    assert complaint in run.stderr and "Traceback" not in run.stderr


def test_ctrl_c_ends_lean_too(toolchain: Toolchain, tmp_path: Path) -> None:
    (tmp_path / "Endless.lean").write_text(
        'public def main : IO Unit := do\n  IO.println "up"\n  (← IO.getStdout).flush\n'
        "  IO.sleep 600000\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "server.cli", "toolchain", "exec", "--run", "Endless.lean"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parent.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    line = process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert line == "up\n", errors
    assert process.returncode == 130
    # Its group is there until the system has taken note of the last end.
    ended = time.monotonic()
    with pytest.raises(ProcessLookupError):
        while time.monotonic() - ended < 60:
            os.killpg(process.pid, 0)
            time.sleep(0.05)
