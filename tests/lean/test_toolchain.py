"""The embedded Lean run as a plain lean and as a program; what it may not do; choosing between it
and a native one.
"""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from lean.driver_source import assemble_driver, write_driver
from lean.embedded import EmbeddedToolchain
from lean.errors import ToolchainError
from lean.native import find_native
from lean.toolchain import find_toolchain
from lean.workspace import Workspace
from tests.lean.running import run_to_end

STAND_IN = Path(__file__).parent.parent / "stand_in"

# One program, so that one start of Lean is enough: each line tries something and reports how it
# went. The small functions are there because this Lean can't take a library function as a value.
ATTEMPTS = """
def attempt (name : String) (action : IO String) : IO Unit := do
  try IO.println s!"{name}: {← action}" catch _ => IO.println s!"{name}: refused"

def line : IO String := do return s!"{(← (← IO.getStdin).getLine).length} characters"
def folder : IO String := do return (← IO.currentDir).toString
def read (path : String) : IO String := do return (← IO.FS.readFile path) ++ "."
def list (path : String) : IO String := do
  return s!"{(← System.FilePath.readDir path).size} entries"
def write (path : String) : IO String := do
  IO.FS.writeFile path "kept"
  return "done"
def append (path : String) : IO String := do
  (← IO.FS.Handle.mk path .append).putStr "x"
  return "done"
def remove (path : String) : IO String := do
  IO.FS.removeFile path
  return "done"
def rename (old new : String) : IO String := do
  IO.FS.rename old new
  return "done"
def create (path : String) : IO String := do
  IO.FS.createDir path
  return "done"
def spawn (program : String) : IO String := do
  let child ← IO.Process.spawn { cmd := program, stdout := .piped }
  return s!"{← child.wait}"
def variable' (name : String) : IO String := do return s!"{(← IO.getEnv name).isSome}"

public def main : IO Unit := do
  attempt "stdin" line
  attempt "folder" folder
  attempt "read workspace" (read "/ws/sub/data.txt")
  attempt "read relative" (read "sub/data.txt")
  attempt "read link inside" (read "/ws/inside")
  attempt "list" (list "/ws/sub")
  attempt "write new" (write "/ws/new.txt")
  attempt "write old" (write "/ws/sub/data.txt")
  attempt "append" (append "/ws/sub/data.txt")
  attempt "write library" (write "/lean/lib/lean/Init.olean")
  attempt "remove" (remove "/ws/sub/data.txt")
  attempt "rename" (rename "/ws/sub/data.txt" "/ws/sub/other.txt")
  attempt "create" (create "/ws/folder")
  attempt "read outside" (read "/etc/passwd")
  attempt "read above" (read "/ws/../../../../etc/passwd")
  attempt "read above relative" (read "../../../../../../etc/passwd")
  attempt "read link outside" (read "/ws/outside")
  attempt "read linked folder" (read "/ws/etc/passwd")
  attempt "list outside" (list "/etc")
  attempt "list linked folder" (list "/ws/etc")
  attempt "list home" (list "/home")
  attempt "list temporary" (list "/tmp")
  attempt "spawn" (spawn "/bin/ls")
  attempt "secret" (variable' "UNSORRY_TEST_SECRET")
  attempt "write memory" (write "/scratch")
  attempt "read memory" (read "/scratch")
  IO.Process.exit 7
"""


async def test_a_good_file(embedded: EmbeddedToolchain, tmp_path: Path) -> None:
    file = tmp_path / "Good.lean"
    file.write_text("theorem t (a b : Nat) : a + b = b + a := by omega\n#check t\n")
    ended = await run_to_end(embedded.lean_command(file, workspace=Workspace.at(tmp_path)))
    assert (ended.code, ended.errors) == (0, "")
    assert ended.output == "t (a b : Nat) : a + b = b + a\n"


async def test_a_bad_file_reports_as_json_with_code_1(
    embedded: EmbeddedToolchain, tmp_path: Path
) -> None:
    file = tmp_path / "sub" / "Bad.lean"
    file.parent.mkdir()
    file.write_text("\nexample : 1 = 2 := rfl\n")
    launch = embedded.lean_command(file, workspace=Workspace.at(tmp_path), json=True)
    ended = await run_to_end(launch)
    assert ended.code == 1
    assert '"fileName":"sub/Bad.lean"' in ended.output
    assert '"severity":"error"' in ended.output


async def test_output_goes_to_the_named_folder_and_nowhere_else(
    embedded: EmbeddedToolchain, tmp_path: Path
) -> None:
    source, output = tmp_path / "source", tmp_path / "output"
    source.mkdir()
    output.mkdir()
    (source / "Module.lean").write_text("def one := 1\n")
    launch = embedded.lean_command(
        source / "Module.lean", workspace=Workspace.at(source), output=output / "Module.olean"
    )
    ended = await run_to_end(launch)
    assert ended.code == 0, ended
    assert (output / "Module.olean").read_bytes()[:5] == b"olean"
    assert [path.name for path in source.iterdir()] == ["Module.lean"]


async def test_what_a_program_may_and_may_not_do(
    embedded: EmbeddedToolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSORRY_TEST_SECRET", "hunter2")
    workspace = tmp_path / "workspace"
    (workspace / "sub").mkdir(parents=True)
    (workspace / "sub" / "data.txt").write_text("data")
    (workspace / "inside").symlink_to(workspace / "sub" / "data.txt")
    (workspace / "outside").symlink_to("/etc/passwd")
    (workspace / "etc").symlink_to("/etc")
    program = tmp_path / "Attempts.lean"
    program.write_text(ATTEMPTS)
    ended = await run_to_end(
        embedded.program_command(program, Workspace.at(workspace)), "first line\nsecond\n"
    )
    assert ended.code == 7, ended
    results = dict(line.split(": ", 1) for line in ended.output.splitlines() if ": " in line)
    allowed = {
        "stdin": "11 characters",
        "folder": "/ws",
        "read workspace": "data.",
        "read relative": "data.",
        "read link inside": "data.",
        "list": "1 entries",
        "list home": "1 entries",  # in memory, made by Emscripten; the host's is not seen
        "list temporary": "0 entries",  # the same
        "secret": "false",
        "write memory": "done",
        "read memory": "kept.",
    }
    assert {name: said for name, said in results.items() if said != "refused"} == allowed
    assert len(results) == ATTEMPTS.count("\n  attempt ")
    assert sorted(path.name for path in workspace.iterdir()) == ["etc", "inside", "outside", "sub"]
    assert (workspace / "sub" / "data.txt").read_text() == "data"


async def test_lean_ends_when_its_parent_is_killed(
    embedded: EmbeddedToolchain, tmp_path: Path
) -> None:
    program = tmp_path / "Wait.lean"
    program.write_text(
        'public def main : IO Unit := do\n  IO.println "up"\n  (← IO.getStdout).flush\n'
        "  let _ ← (← IO.getStdin).getLine\n  IO.Process.exit 0\n"
    )
    launch = embedded.program_command(program, Workspace.at(tmp_path))
    # The parent passes its own stdin on, which stays open: the end of stdin is not what ends Lean
    # here.
    parent_code = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen({launch.argv!r}, cwd={str(launch.cwd)!r},"
        f" env={dict(launch.environment)!r})\n"
        "print(child.pid, flush=True)\nchild.wait()\n"
    )
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        parent_code,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert parent.stdout
    child = psutil.Process(int(await parent.stdout.readline()))
    try:
        line = await asyncio.wait_for(parent.stdout.readline(), 60)
        assert line == b"up\n"
        # Not `parent.wait()`: it waits for the pipes too, which the child holds.
        os.kill(parent.pid, signal.SIGKILL)
        _, alive = await asyncio.to_thread(psutil.wait_procs, [child], 60)
        assert not alive or child.status() == psutil.STATUS_ZOMBIE
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


async def test_a_crash_is_one_line_and_a_code(embedded: EmbeddedToolchain, tmp_path: Path) -> None:
    file = tmp_path / "Deep.lean"
    file.write_text(f"example := {'(' * 20000}1{')' * 20000}\n")
    ended = await run_to_end(embedded.lean_command(file, workspace=Workspace.at(tmp_path)))
    assert ended.code not in (0, None)
    assert "    at " not in ended.errors, "a JavaScript stack is not for users"


def test_the_assembled_driver_is_written_once_under_a_name_of_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNSORRY_CACHE_DIR", str(tmp_path))
    source = assemble_driver("embedded", "4.28.0")
    first = write_driver(source)
    changed = first.stat().st_mtime_ns
    assert write_driver(source) == first and first.stat().st_mtime_ns == changed
    assert write_driver(source + "-- more\n") != first
    first.write_text("damaged")
    assert write_driver(source).read_text() == source


class TestNative:
    """With the stand-ins of `tests/stand_in` on the PATH."""

    @pytest.fixture(autouse=True)
    def _stand_ins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        path = os.pathsep.join(
            [str(STAND_IN), str(Path(sys.executable).parent), os.environ["PATH"]]
        )
        monkeypatch.setenv("PATH", path)
        monkeypatch.setenv("STAND_IN_TOOLCHAINS", "leanprover/lean4:v4.28.0 (default)")

    def project(self, folder: Path, toolchain: str = "leanprover/lean4:v4.28.0") -> Workspace:
        (folder / "lean-toolchain").write_text(toolchain + "\n")
        (folder / "lakefile.toml").write_text('name = "p"\n\n[[lean_lib]]\nname = "P"\n')
        return Workspace.at(folder)

    async def test_it_comes_first(self, embedded: EmbeddedToolchain, tmp_path: Path) -> None:
        found = await find_toolchain(self.project(tmp_path))
        assert (found.name, found.lean_version, found.stands_in_for) == ("native", "4.28.0", "")
        assert str(STAND_IN / "lean") in found.description
        (tmp_path / "Good.lean").write_text("#check Nat.add_comm\n")
        launch = found.lean_command(tmp_path / "Good.lean", workspace=Workspace.at(tmp_path))
        assert launch.cwd == tmp_path
        assert launch.environment["LAKE_STAND_IN"] == "1"
        ended = await run_to_end(launch)
        assert (ended.code, ended.output) == (0, "Nat.add_comm (n m : Nat) : n + m = m + n\n")

    async def test_the_search_path_is_lakes(self, tmp_path: Path) -> None:
        workspace = self.project(tmp_path)
        built = tmp_path / ".lake" / "build" / "lib" / "lean" / "P"
        built.mkdir(parents=True)
        (built / "Basic.olean").touch()
        native = await find_native(workspace)
        assert native.compiled_module("P.Basic") and native.compiled_module("P.Other") is None
        launch = native.driver_command(workspace)
        path = launch.environment["LEAN_PATH"].split(os.pathsep)
        assert path[0] == str(tmp_path / ".lake/build/lib/lean")
        assert not launch.serves_modules

    async def test_a_toolchain_that_is_not_installed_is_not_downloaded(
        self, embedded: EmbeddedToolchain, tmp_path: Path
    ) -> None:
        workspace = self.project(tmp_path, "leanprover/lean4:v4.9.0")
        with pytest.raises(ToolchainError, match=r"elan toolchain install leanprover/lean4:v4.9.0"):
            await find_toolchain(workspace, choice="native")
        found = await find_toolchain(workspace)
        assert (found.name, found.stands_in_for) == ("embedded", "leanprover/lean4:v4.9.0")
        assert "standing in for leanprover/lean4:v4.9.0" in found.description

    async def test_too_old(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STAND_IN_VERSION", "4.8.0")
        with pytest.raises(ToolchainError, match=r"uses Lean 4\.8\.0; Unsorry needs 4\.9"):
            await find_native(self.project(tmp_path))

    async def test_a_dependency_that_is_not_fetched_is_not_fetched(self, tmp_path: Path) -> None:
        workspace = self.project(tmp_path)
        (tmp_path / "lake-manifest.json").write_text(
            '{"packages": [{"name": "mathlib", "rev": "abc", "type": "git"}]}'
        )
        with pytest.raises(ToolchainError, match=r"mathlib .* has not been fetched.*lake build"):
            await find_native(Workspace.at(workspace.root))

    @pytest.mark.parametrize("packages", [".lake/packages", "elsewhere"])
    async def test_a_dependency_is_fetched_to_its_plain_name(
        self, tmp_path: Path, packages: str
    ) -> None:
        workspace = self.project(tmp_path)
        (tmp_path / "lake-manifest.json").write_text(
            f'{{"packagesDir": "{packages}", "packages": [{{"name": "«doc-gen4»", "rev": "abc"}}]}}'
        )
        (tmp_path / packages / "doc-gen4").mkdir(parents=True)
        assert await find_native(Workspace.at(workspace.root))

    @pytest.mark.parametrize(
        ("installed", "shown"),
        [
            ("leanprover/lean4:v4.28.0 (default)", ""),
            ("leanprover/lean4:v4.28.0 (resolved from default 'leanprover/lean4:stable')", ""),
            ("leanprover/lean4:v4.28.0", "leanprover/lean4:v4.28.0 (directory override for '/')"),
            (
                "v4.28.0\nv4.27.0",
                "installed toolchains\n----\n\nv4.27.0\n\nactive toolchain\n----\n\nv4.28.0\nLean",
            ),
        ],
    )
    async def test_what_elan_uses_without_being_asked_for_a_version(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: str, shown: str
    ) -> None:
        monkeypatch.setenv("STAND_IN_TOOLCHAINS", installed)
        monkeypatch.setenv("STAND_IN_SHOWN", shown)
        assert await find_native(Workspace.at(tmp_path))

    @pytest.mark.parametrize(
        ("installed", "shown"),
        [
            ("leanprover/lean4:v4.28.0", "no active toolchain"),
            ("no installed toolchains", "no active toolchain"),
            ("leanprover/lean4:v4.28.0", "leanprover/lean4:v4.29.0\n(toolchain not installed)"),
        ],
    )
    async def test_elan_without_a_default(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: str, shown: str
    ) -> None:
        monkeypatch.setenv("STAND_IN_TOOLCHAINS", installed)
        monkeypatch.setenv("STAND_IN_SHOWN", shown)
        with pytest.raises(ToolchainError, match="no default toolchain"):
            await find_native(Workspace.at(tmp_path))

    @pytest.mark.parametrize(
        ("installed", "shown"),
        [
            ("leanprover/lean4:v4.28.0 (resolved from default 'leanprover/lean4:stable')", ""),
            ("leanprover/lean4:v4.28.0", "leanprover/lean4:v4.28.0 (overridden by '/x')\nLean"),
        ],
    )
    async def test_a_channel_is_what_it_is_resolved_to(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: str, shown: str
    ) -> None:
        monkeypatch.setenv("STAND_IN_TOOLCHAINS", installed)
        monkeypatch.setenv("STAND_IN_SHOWN", shown)
        assert await find_native(self.project(tmp_path, "leanprover/lean4:stable"))
        with pytest.raises(ToolchainError, match=r"asks for leanprover/lean4:v4\.9\.0"):
            await find_native(self.project(tmp_path, "leanprover/lean4:v4.9.0"))

    async def test_a_channel_that_is_not_installed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STAND_IN_SHOWN", "leanprover/lean4:v4.29.0\n(toolchain not installed)")
        with pytest.raises(ToolchainError, match="asks for leanprover/lean4:stable"):
            await find_native(self.project(tmp_path, "leanprover/lean4:stable"))

    async def test_a_bare_folder_gets_the_embedded_one(
        self, embedded: EmbeddedToolchain, tmp_path: Path
    ) -> None:
        assert (await find_toolchain(Workspace.at(tmp_path))).name == "embedded"


async def test_without_elan_and_lean_there_is_no_native_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await find_native(Workspace.at(tmp_path), required=False) is None
    with pytest.raises(ToolchainError, match="There is no native Lean"):
        await find_toolchain(Workspace.at(tmp_path), choice="native")


async def test_long_input_arrives_whole(embedded: EmbeddedToolchain, tmp_path: Path) -> None:
    program = tmp_path / "Length.lean"
    program.write_text(
        "def next : IO Unit := do\n"
        "  let line ← (← IO.getStdin).getLine\n"
        '  IO.println s!"{line.length} {line.utf8ByteSize}"\n'
        "public def main : IO Unit := do\n  next\n  next\n  next\n  IO.Process.exit 0\n"
    )
    launch = embedded.program_command(program, Workspace.at(tmp_path))
    ended = await run_to_end(launch, "a" * 5_000_000 + "\n" + "∀" * 700_000 + "\n")
    assert ended.output.splitlines() == ["5000001 5000001", "700001 2100001", "0 0"], ended
