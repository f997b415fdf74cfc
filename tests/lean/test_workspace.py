"""Workspaces: roots, module names, headers read without Lean, and compiling what a file imports."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

import psutil
import pytest

from lean.embedded import EmbeddedToolchain
from lean.errors import ImportFailed, WorkspaceError
from lean.imports import PreparedImports, Tainted, modules_folder, prepare_imports
from lean.native import NativeToolchain
from lean.source_header import code_on_import, read_header, without_comments
from lean.workspace import Workspace
from tests.lean.running import run_to_end

STAND_IN = Path(__file__).parent.parent / "stand_in"
BASIC = """/-! Basics. -/
def twice (n : Nat) : Nat := n + n

@[simp] theorem twice_zero : twice 0 = 0 := rfl
theorem later : twice 1 = 3 := by
  sorry
"""
MIDDLE = """import A.Basic
import Std.Data.HashMap  -- of the library

theorem twice_one : twice 1 = 2 := rfl
instance : Inhabited (Fin 3) := ⟨0⟩
"""
TOP = """import Middle
example : twice 0 + twice 1 = 2 := by simp [twice_one]
example : twice 1 = 2 := by decide
#check (default : Fin 3)
"""


def write(folder: Path, **files: str) -> Workspace:
    for name, text in files.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".lean")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return Workspace.at(folder)


class TestFind:
    def test_a_bare_folder(self, tmp_path: Path) -> None:
        write(tmp_path, sub__File="")
        found = Workspace.find(tmp_path / "sub" / "File.lean")
        assert found.root == tmp_path / "sub"
        assert (found.lakefile, found.lean_toolchain, found.asks_for_lean) == (None, "", False)

    @pytest.mark.parametrize("name", ["lakefile.toml", "lakefile.lean", "lean-toolchain"])
    def test_a_project_above(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("" if name.startswith("lake") else "leanprover/lean4:v4.9.0\n")
        write(tmp_path, deep__down__File="")
        found = Workspace.find(tmp_path / "deep" / "down" / "File.lean")
        assert found.root == tmp_path
        assert found.asks_for_lean
        assert found.lean_toolchain in ("", "leanprover/lean4:v4.9.0")

    def test_nothing_there(self, tmp_path: Path) -> None:
        with pytest.raises(WorkspaceError, match="There is no file or folder"):
            Workspace.find(tmp_path / "nothing")

    @pytest.mark.parametrize(
        ("lakefile", "text"),
        [
            ("lakefile.toml", 'name = "p"\n[[lean_lib]]\nname = "P"\nsrcDir = "src"\n'),
            ("lakefile.lean", 'import Lake\nlean_lib P where\n  srcDir := "src"\n'),
        ],
    )
    def test_module_names(self, tmp_path: Path, lakefile: str, text: str) -> None:
        (tmp_path / lakefile).write_text(text)
        workspace = write(tmp_path, src__P__Basic="", Main="")
        file = tmp_path / "src" / "P" / "Basic.lean"
        assert workspace.module_name(file) == "P.Basic"
        assert workspace.module_file("P.Basic") == file
        assert workspace.module_name(tmp_path / "Main.lean") == "Main"
        assert workspace.module_file("P.Other") is None
        assert workspace.module_name(Path("/elsewhere/File.lean")) is None
        assert workspace.module_name(tmp_path / lakefile.replace("lean", "txt")) is None

    def test_revisions_are_in_the_fingerprint(self, tmp_path: Path) -> None:
        manifest = tmp_path / "lake-manifest.json"
        manifest.write_text(
            '{"packages": [{"name": "aesop", "rev": "abc"}, {"name": "x", "dir": "../x"}]}'
        )
        first = Workspace.at(tmp_path)
        assert first.revisions == {"aesop": "abc", "x": "../x"}
        manifest.write_text('{"packages": [{"name": "aesop", "rev": "abd"}]}')
        second = Workspace.at(tmp_path)
        prints = {first.fingerprint("4.28"), second.fingerprint("4.28"), second.fingerprint("4.29")}
        prints.add(second.fingerprint("4.28", [("A", "1")]))
        assert len(prints) == 4

    @pytest.mark.parametrize(
        ("lakefile", "options"),
        [
            ("", ()),
            (
                "[leanOptions]\npp.unicode.fun = true\nautoImplicit = false\n"
                'a.b.c = 3\nweak.linter.all = true\n"weak.x.y" = "text"\n',
                (("a.b.c", "3"), ("autoImplicit", "false"), ("x.y", '"text"')),
            ),
            (
                '[[leanOptions]]\nname = "autoImplicit"\nvalue = false\n',
                (("autoImplicit", "false"),),
            ),
            (
                "leanOptions = {autoImplicit = false}\n"
                '[[lean_lib]]\nname = "A"\nleanOptions = {maxSynthPendingDepth = 3, x = 1}\n'
                '[[lean_lib]]\nname = "B"\nleanOptions = {maxSynthPendingDepth = 3, x = 2}\n',
                (("autoImplicit", "false"), ("maxSynthPendingDepth", "3")),
            ),
            ("leanOptions = {debug.skipKernelTC = true, warn.sorry = false}", ()),
            ("leanOptions = 3", ()),
        ],
    )
    def test_options_that_change_what_a_text_says(
        self, tmp_path: Path, lakefile: str, options: tuple[tuple[str, str], ...]
    ) -> None:
        (tmp_path / "lakefile.toml").write_text(lakefile)
        workspace = Workspace.at(tmp_path)
        assert workspace.lean_options == options
        (tmp_path / "lakefile.toml").write_text("")
        same = workspace.fingerprint("4.28") == Workspace.at(tmp_path).fingerprint("4.28")
        assert same == (not options)

    @pytest.mark.parametrize(
        ("name", "text"),
        [("lake-manifest.json", "{"), ("lake-manifest.json", "[]"), ("lakefile.toml", "a=")],
    )
    def test_broken_files(self, tmp_path: Path, name: str, text: str) -> None:
        (tmp_path / name).write_text(text)
        with pytest.raises(WorkspaceError, match=name):
            Workspace.at(tmp_path)


@pytest.mark.parametrize(
    ("text", "imports", "rest"),
    [
        ("", (), ""),
        ("import A\nimport B.C\ntheorem x", ("A", "B.C"), "\ntheorem x"),
        ("import A import B", ("A", "B"), ""),
        (
            "/- c /- nested -/ -/ import A -- b\n-- import B\n#check 1",
            ("A",),
            " -- b\n-- import B\n#check 1",
        ),
        (
            "module\n\npublic import A\npublic meta import B\nimport all C\nx",
            ("A", "B", "C"),
            "\nx",
        ),
        ("prelude\nimport Init.Core\n", ("Init.Core",), "\n"),
        ("import «My Module».Ünï'\n", ("My Module.Ünï'",), "\n"),
        ("\ufeffimport A\r\nimport B\r\n", ("A", "B"), "\r\n"),
        ('/-- import A -/ def s := "import B"', (), '/-- import A -/ def s := "import B"'),
        ("importA", (), "importA"),
        ("/- import A", (), "/- import A"),
    ],
)
def test_headers(text: str, imports: tuple[str, ...], rest: str) -> None:
    header = read_header(text)
    assert header.imports == imports
    assert text[header.end :] == rest
    assert header.is_module == text.startswith("module")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def a := 1\n", None),
        ('\nmacro "x" : term => `(1)', ("macro", 2)),
        ('scoped notation "x" => 1', ("notation", 1)),
        ('@[simp] infixl:65 " +++ " => f', ("infixl", 1)),
        ('local notation "x" => 1', None),
        ("-- macro\n/- \nnotation -/ def notation' := 1", None),
        ('def s := "\nmacro\n"', None),
        ("theorem macro_rules_are_fine : True := trivial", None),
    ],
)
def test_commands_that_importers_would_run(text: str, found: tuple[str, int] | None) -> None:
    assert code_on_import(text) == found


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('a "--" b -- c', 'a "   b     '),
        ('a \'"\' b "x"', 'a     b "  '),
        ('r#"a " /- "# b', "              b"[-14:]),
        ("x /- y\n-/ z", "x     \n   z"),
    ],
)
def test_comments_become_spaces(text: str, bare: str) -> None:
    assert len(without_comments(text)) == len(text)
    assert without_comments(text).split() == bare.split()


class TestPrepareImports:
    async def test_modules_are_compiled_in_order_and_kept_apart(
        self, embedded: EmbeddedToolchain, tmp_path: Path
    ) -> None:
        workspace = write(tmp_path, A__Basic=BASIC, Middle=MIDDLE, Top=TOP)
        before = sorted(tmp_path.rglob("*"))
        said: list[str] = []
        prepared = await prepare_imports(
            workspace, embedded, ["Middle", "Init"], lambda what, fraction: said.append(what)
        )
        assert [name for name, _ in prepared.modules] == ["A.Basic", "Middle"]
        assert prepared.tainted == (Tainted("A.Basic", "later", 5),)
        launch = embedded.lean_command(tmp_path / "Top.lean", workspace=workspace)
        ended = await run_to_end(launch)
        assert (ended.code, ended.output) == (0, "default : Fin 3\n")
        assert sorted(tmp_path.rglob("*")) == before
        # The second time nothing is compiled; a changed module is, and those that import it.
        said.clear()
        assert (
            await prepare_imports(
                workspace, embedded, ["Middle"], lambda what, _: said.append(what)
            )
            == prepared
        )
        assert said == []
        write(tmp_path, Middle=MIDDLE.replace("twice_one", "twice_uno"))
        again = await prepare_imports(
            workspace, embedded, ["Middle"], lambda what, _: said.append(what)
        )
        assert again.modules[0] == prepared.modules[0] and again.modules[1] != prepared.modules[1]
        assert [what for what in said if what.startswith("compiling")] in ([], ["compiling Middle"])
        ended = await run_to_end(launch)
        assert ended.code == 1 and "twice_one" in ended.output

    async def test_an_error_in_a_module(self, embedded: EmbeddedToolchain, tmp_path: Path) -> None:
        workspace = write(tmp_path, Bad="-- fine\n\ntheorem x : 1 = 2 := rfl\n")
        with pytest.raises(ImportFailed) as caught:
            await prepare_imports(workspace, embedded, ["Bad"])
        assert str(caught.value).startswith(
            f"{tmp_path}/Bad.lean:3: the imported module Bad has an error: "
        )
        assert caught.value.module == "Bad"

    async def test_a_cache_that_takes_nothing_is_said(
        self, embedded: EmbeddedToolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("UNSORRY_CACHE_DIR", str(tmp_path / "cache"))
        workspace = write(tmp_path / "project", A="def one := 1\n")
        # Whoever is root may write everywhere: a file stands where a folder is wanted.
        folder = modules_folder(workspace, embedded.fingerprint)
        folder.parent.mkdir(parents=True)
        folder.touch()
        with pytest.raises(ImportFailed, match="Free some space") as caught:
            await prepare_imports(workspace, embedded, ["A"])
        assert caught.value.module == "A"

    @pytest.mark.parametrize("damaged", ["", '{"tainted": [1]}'])
    async def test_a_damaged_report_is_made_anew(
        self,
        embedded: EmbeddedToolchain,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        damaged: str,
    ) -> None:
        monkeypatch.setenv("UNSORRY_CACHE_DIR", str(tmp_path / "cache"))
        workspace = write(tmp_path / "project", A="theorem a : 1 = 2 := sorry\n")
        prepared = await prepare_imports(workspace, embedded, ["A"])
        (report,) = (tmp_path / "cache").rglob("report.json")
        report.write_text(damaged)
        assert await prepare_imports(workspace, embedded, ["A"]) == prepared
        assert prepared.tainted == (Tainted("A", "a", 1),)

    async def test_a_compilation_does_not_outlive_a_killed_parent(self, tmp_path: Path) -> None:
        folder = tmp_path / "project"
        write(folder, A="")
        endless = tmp_path / "lean"
        endless.write_text(
            f"#!{sys.executable}\nimport os\n"
            f"with open({str(tmp_path / 'pid')!r}, 'w') as file: file.write(str(os.getpid()))\n"
            f"os.rename({str(tmp_path / 'pid')!r}, {str(tmp_path / 'started')!r})\n"
            "while True: pass\n"
        )
        endless.chmod(0o755)
        parent = (
            "import asyncio; from pathlib import Path\n"
            "from lean.imports import prepare_imports; from lean.native import NativeToolchain\n"
            "from lean.workspace import Workspace\n"
            f"lean = NativeToolchain(Path({str(endless)!r}), '4.28.0', '', {{}}, ())\n"
            f"workspace = Workspace.at(Path({str(folder)!r}))\n"
            "asyncio.run(prepare_imports(workspace, lean, ['A']))\n"
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", parent),
            env={**os.environ, "UNSORRY_CACHE_DIR": str(tmp_path / "cache")},
        )
        async with asyncio.timeout(60):
            while not (tmp_path / "started").is_file():
                await asyncio.sleep(0.05)
        child = psutil.Process(int((tmp_path / "started").read_text()))
        try:
            process.kill()
            await process.wait()
            _, alive = await asyncio.to_thread(psutil.wait_procs, [child], 20)
            assert not alive
        finally:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()

    async def test_a_name_too_long_for_a_file_is_left_to_lean(
        self, embedded: EmbeddedToolchain, tmp_path: Path
    ) -> None:
        assert await prepare_imports(Workspace.at(tmp_path), embedded, ["a" * 300]) == (
            PreparedImports()
        )
        assert embedded.compiled_module("a" * 300) is None

    async def test_a_module_is_compiled_with_the_options_of_its_project(
        self, embedded: EmbeddedToolchain, tmp_path: Path
    ) -> None:
        workspace = write(tmp_path, A="theorem a : n + 0 = n := rfl\n")
        assert await prepare_imports(workspace, embedded, ["A"])
        lakefile = "leanOptions = {autoImplicit = false, unknown = 1}"
        (tmp_path / "lakefile.toml").write_text(lakefile)
        with pytest.raises(ImportFailed, match="autoImplicit"):
            await prepare_imports(Workspace.at(tmp_path), embedded, ["A"])

    async def test_a_module_with_notation(
        self, embedded: EmbeddedToolchain, tmp_path: Path
    ) -> None:
        workspace = write(tmp_path, N='\nnotation "foo" => 3\n')
        with pytest.raises(
            ImportFailed, match=r"N\.lean:2: the embedded Lean can't import N.*`notation`"
        ):
            await prepare_imports(workspace, embedded, ["N"])

    async def test_a_circle(self, embedded: EmbeddedToolchain, tmp_path: Path) -> None:
        workspace = write(tmp_path, P="import Q", Q="import R", R="import P")
        with pytest.raises(ImportFailed, match="in a circle: P → Q → R → P"):
            await prepare_imports(workspace, embedded, ["P"])

    async def test_an_unreadable_module(self, embedded: EmbeddedToolchain, tmp_path: Path) -> None:
        (tmp_path / "L.lean").write_bytes(b"-- \xff\n")
        with pytest.raises(ImportFailed, match=r"The module L \(.*\) can't be read"):
            await prepare_imports(Workspace.at(tmp_path), embedded, ["L"])

    async def test_modules_of_the_library_are_left_to_lean(
        self, embedded: EmbeddedToolchain, tmp_path: Path
    ) -> None:
        prepared = await prepare_imports(
            Workspace.at(tmp_path), embedded, ["Init", "Std", "Nowhere"]
        )
        assert prepared == PreparedImports()

    async def test_a_lake_project_builds_its_own(self, tmp_path: Path) -> None:
        (tmp_path / "lakefile.toml").write_text('name = "p"\n')
        workspace = write(tmp_path, P="")
        native = NativeToolchain(Path("/usr/bin/lean"), "4.28.0", "", {}, (tmp_path / "build",))
        with pytest.raises(
            ImportFailed, match=rf"P has not been built. Run `lake build P` in {tmp_path}"
        ):
            await prepare_imports(workspace, native, ["P"])
        (tmp_path / "build").mkdir()
        (tmp_path / "build" / "P.olean").touch()
        (module,) = (await prepare_imports(workspace, native, ["P", "Init"])).modules
        assert module[0] == "P"

    async def test_what_lake_has_built_anew_is_another_module(self, tmp_path: Path) -> None:
        (tmp_path / "lakefile.toml").write_text('name = "p"\n')
        workspace = write(tmp_path, P="import Q\n", Q="")
        native = NativeToolchain(Path("/usr/bin/lean"), "4.28.0", "", {}, (tmp_path / "build",))
        build = tmp_path / "build"
        build.mkdir()
        (build / "P.olean").touch()
        seen = []
        for text in ("one", "another one"):
            (build / "Q.olean").write_text(text)
            seen.append(dict((await prepare_imports(workspace, native, ["P"])).modules))
        assert [sorted(modules) for modules in seen] == [["P", "Q"]] * 2
        assert seen[0]["Q"] != seen[1]["Q"]
        hashes = set()
        for text in ("1", "1", "2"):
            (build / "Q.olean.hash").write_text(text)
            (build / "Q.olean").write_text("made again")
            hashes.add(dict((await prepare_imports(workspace, native, ["P"])).modules)["Q"])
        assert hashes == {"1", "2"}

    async def test_a_source_that_was_written_after_the_build_is_lakes_to_judge(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", f"{STAND_IN}{os.pathsep}{os.environ['PATH']}")
        (tmp_path / "lakefile.toml").write_text('name = "p"\n')
        workspace = write(tmp_path, P="import Q\n", Q="")
        native = NativeToolchain(Path("/usr/bin/lean"), "4.28.0", "", {}, (tmp_path / "build",))
        (tmp_path / "build").mkdir()
        for name in ("P", "Q"):
            (tmp_path / "build" / f"{name}.olean").touch()
        prepared = await prepare_imports(workspace, native, ["P"])
        os.utime(tmp_path / "Q.lean", (2**32, 2**32))
        with pytest.raises(
            ImportFailed,
            match=rf"Q has changed since it was built. Run `lake build Q` in {tmp_path}",
        ):
            await prepare_imports(workspace, native, ["P"])
        # Touched only, or restored from Lake's store: built as it is.
        monkeypatch.setenv("STAND_IN_UP_TO_DATE", "Q")
        assert await prepare_imports(workspace, native, ["P"]) == prepared
        monkeypatch.delenv("STAND_IN_UP_TO_DATE")
        assert await prepare_imports(workspace, native, ["P"]) == prepared, "Lake was asked again"
        os.utime(tmp_path / "P.lean", (2**32, 2**32))
        os.utime(tmp_path / "Q.lean", (2**32 + 1, 2**32 + 1))
        with pytest.raises(ImportFailed, match=r"modules P, Q have changed .*`lake build P Q`"):
            await prepare_imports(workspace, native, ["P"])

    def test_each_workspace_has_its_own_folder(self, tmp_path: Path) -> None:
        one, two = Workspace.at(tmp_path), Workspace.at(tmp_path.parent)
        folders = {modules_folder(one, "a"), modules_folder(one, "b"), modules_folder(two, "a")}
        assert len(folders) == 3
        assert not any(folder.is_relative_to(tmp_path) for folder in folders)
