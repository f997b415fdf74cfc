"""Compiles the project modules that a file imports, into Unsorry's own cache and never beside the
user's files.

For bare workspaces, and for the embedded Lean on any workspace. In a Lake project with a native
Lean the modules are Lake's: here it is only checked that they are built.
"""

import asyncio
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import AsyncFileLock

from lean.cache import FOLDER_VARIABLE, cache_folder, writable_folder
from lean.errors import ImportFailed
from lean.lake import Doubtful, doubtful, require_current
from lean.namespaces import whole_names
from lean.process import die_with_parent, kill_group
from lean.source_header import SourceHeader, code_on_import, read_header
from lean.toolchain import Launch, Progress, Toolchain, silent
from lean.workspace import Workspace

_COMPILE_WITHIN = 300.0
"""Seconds for one module."""
_EDITION = "2"  # to be raised when what is kept of a module changes
_REPORT = "report.json"
_SORRY = re.compile(r"declaration uses ['`]sorry['`]")
_NAME = re.compile(r"[^\s:({\[⦃:=|]+")


@dataclass(frozen=True, slots=True)
class Tainted:
    """A declaration (its whole name) of an imported module that uses `sorry`; `line` counts from 1
    in its file.
    """

    module: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class PreparedImports:
    """The project modules behind some imports: name and content hash of each, and what of them uses
    `sorry`. Of modules that Lake builds that is left to Lean, which sees their proofs.
    """

    modules: tuple[tuple[str, str], ...] = ()
    tainted: tuple[Tainted, ...] = ()


@dataclass(frozen=True, slots=True)
class _Module:
    """A project module that has to be compiled; `key` covers its text and all it imports."""

    name: str
    file: Path
    text: str
    header: SourceHeader
    key: str


async def prepare_imports(
    workspace: Workspace, toolchain: Toolchain, imports: Iterable[str], progress: Progress = silent
) -> PreparedImports:
    """Make `imports` importable: afterwards Lean finds the project's modules in `modules_folder`.

    Modules that are no project files are left to Lean. Raises ImportFailed: a cycle, an error in a
    module (with file and line), a module that this Lean can't import, or in a Lake project one that
    is not built, or was built from another text.
    """
    if workspace.lakefile is not None and toolchain.name == "native":
        built, doubts = await asyncio.to_thread(_built, workspace, toolchain, imports)
        await require_current(workspace, doubts)
        return PreparedImports(built)
    modules = await asyncio.to_thread(_closure, workspace, toolchain, tuple(imports))
    tainted: list[Tainted] = []
    for module in modules:
        tainted += await _compiled(workspace, toolchain, module, progress)
    return PreparedImports(tuple((module.name, module.key) for module in modules), tuple(tainted))


def modules_folder(workspace: Workspace, toolchain_fingerprint: str) -> Path:
    """Where this workspace's compiled modules are found by Lean; always the same folder, perhaps
    not there yet.
    """
    facts = f"{_EDITION}\0{workspace.root}\0{toolchain_fingerprint}"
    return cache_folder() / "modules" / hashlib.sha256(facts.encode()).hexdigest()[:24]


def _closure(workspace: Workspace, toolchain: Toolchain, imports: Sequence[str]) -> list[_Module]:
    """Return the project modules behind `imports`, each after those it imports."""
    # Without options a module keeps the key that it had before there were any.
    options = [workspace.lean_options] if workspace.lean_options else []
    done: dict[str, _Module] = {}
    path: list[str] = []

    def visit(name: str) -> None:
        file = workspace.module_file(name)
        if file is None or name in done:
            return
        if name in path:
            circle = " → ".join([*path[path.index(name) :], name])
            raise ImportFailed(
                f"These modules import each other in a circle: {circle}.", module=name
            )
        path.append(name)
        try:
            text = file.read_text("utf-8-sig").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            raise ImportFailed(
                f"The module {name} ({file}) can't be read: {error}.", module=name
            ) from error
        header = read_header(text)
        for imported in header.imports:
            visit(imported)
        path.pop()
        dependencies = [done[imported].key for imported in header.imports if imported in done]
        facts = [_EDITION, toolchain.fingerprint, name, text, dependencies, *options]
        done[name] = _Module(
            name, file, text, header, hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]
        )

    for name in imports:
        visit(name)
    return list(done.values())


async def _compiled(
    workspace: Workspace, toolchain: Toolchain, module: _Module, progress: Progress
) -> list[Tainted]:
    """Compile one module unless its like is in the store, and put it where Lean finds it."""
    store = writable_folder("compiled") / module.key
    try:
        tainted = _reported(store, module.name)
        if tainted is None:
            async with AsyncFileLock(f"{store}.lock"):
                tainted = _reported(store, module.name)
                if tainted is None:
                    progress(f"compiling {module.name}", None)
                    tainted = await _compile(workspace, toolchain, module, store)
        folder = modules_folder(workspace, toolchain.fingerprint)
        place = folder.joinpath(*module.name.split(".")).parent
        place.mkdir(parents=True, exist_ok=True)
        for file in store.glob("Module.*"):
            _link(file, place / (module.name.split(".")[-1] + file.name.removeprefix("Module")))
    except OSError as error:
        raise ImportFailed(
            f"The module {module.name} can't be compiled into {cache_folder()}: "
            f"{error.strerror or error}.",
            f"Free some space, or name another folder in {FOLDER_VARIABLE}.",
            module.name,
        ) from error
    return tainted


def _reported(store: Path, module: str) -> list[Tainted] | None:
    """What is known of a compiled module; None when it has to be compiled, also when what was kept
    is damaged.
    """
    try:
        report = json.loads((store / _REPORT).read_text("utf-8"))
        return [Tainted(module, str(name), int(line)) for name, line in report["tainted"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


async def _compile(
    workspace: Workspace, toolchain: Toolchain, module: _Module, store: Path
) -> list[Tainted]:
    if toolchain.name == "embedded" and (found := code_on_import(module.text)):
        keyword, line = found
        raise ImportFailed(
            f"{module.file}:{line}: the embedded Lean can't import {module.name}, "
            f"because it has a `{keyword}`.",
            "Move that command into the file that uses it, or install a native Lean (elan).",
            module.name,
        )
    folder = Path(tempfile.mkdtemp(dir=store.parent, prefix="tmp-"))
    try:
        source = folder.joinpath("source", *module.name.split(".")).with_suffix(".lean")
        source.parent.mkdir(parents=True)
        text = _visible(module) if toolchain.name == "embedded" else module.text
        source.write_text(text, "utf-8")
        launch = toolchain.lean_command(
            source,
            workspace=workspace,
            output=folder / "Module.olean",
            json=True,
            root=folder / "source",
        )
        code, messages = await _run(launch, module)
        _raise_errors(module, code, messages)
        shutil.rmtree(folder / "source")
        # A long text takes its time.
        tainted = await asyncio.to_thread(_whole, module.text, _tainted(text, messages))
        (folder / _REPORT).write_text(json.dumps({"tainted": tainted}), "utf-8")
        shutil.rmtree(store, ignore_errors=True)
        os.replace(folder, store)  # noqa: PTH105 - a rename is not worth a thread
        return [Tainted(module.name, name, line) for name, line in tainted]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _visible(module: _Module) -> str:
    """The module's text, made visible to importers on a Lean that takes every file for a `module`.

    The addition stands on the header's last line, so that line numbers stay right.
    """
    if module.header.is_module:
        return module.text
    end = module.header.end
    return f"{module.text[:end]} @[expose] public section {module.text[end:]}"


async def _run(launch: Launch, module: _Module) -> tuple[int, list[dict[str, Any]]]:
    try:
        process = await asyncio.create_subprocess_exec(
            *launch.argv,
            cwd=launch.cwd,
            env=dict(launch.environment),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
    except OSError as error:
        raise ImportFailed(
            f"Lean can't be started: {error.filename or launch.argv[0]}: {error.strerror}.",
            "Run 'unsorry toolchain show' to see which Lean is used, and where it should be.",
            module.name,
        ) from error
    try:
        said, complaint = await asyncio.wait_for(process.communicate(), _COMPILE_WITHIN)
    except TimeoutError:
        raise ImportFailed(
            f"Compiling {module.name} ({module.file}) took longer than {_COMPILE_WITHIN:.0f} s.",
            "Import less, or install a native Lean (elan).",
            module.name,
        ) from None
    finally:
        if process.returncode is None:
            kill_group(process)
            await process.wait()
    messages = [json.loads(line) for line in said.splitlines() if line.startswith(b"{")]
    code = process.returncode or 0
    if code and not any(message["severity"] == "error" for message in messages):
        text = complaint.decode(errors="replace").strip()[-400:] or f"Lean ended with code {code}"
        messages.append({"severity": "error", "pos": {"line": 1, "column": 0}, "data": text})
    return code, messages


def _raise_errors(module: _Module, code: int, messages: list[dict[str, Any]]) -> None:
    errors = [message for message in messages if message["severity"] == "error"]
    if errors or code:
        first = errors[0]
        text = " ".join(str(first["data"]).split())[:300]
        raise ImportFailed(
            f"{module.file}:{first['pos']['line']}: the imported module {module.name} "
            f"has an error: {text}",
            module=module.name,
        )


def _tainted(text: str, messages: list[dict[str, Any]]) -> list[tuple[str, int]]:
    lines = text.split("\n")
    result = []
    for message in messages:
        if _SORRY.search(message["data"]):
            line, column = message["pos"]["line"], message["pos"]["column"]
            name = _NAME.match(lines[line - 1], column) if line <= len(lines) else None
            result.append((name.group() if name else "", line))
    return result


def _whole(text: str, declared: list[tuple[str, int]]) -> list[tuple[str, int]]:
    if not declared:
        return []
    names = whole_names(text, [(line, name) for name, line in declared])
    return [(name, line) for name, (_, line) in zip(names, declared, strict=True)]


def _built(
    workspace: Workspace, toolchain: Toolchain, imports: Iterable[str]
) -> tuple[tuple[tuple[str, str], ...], list[Doubtful]]:
    """The project modules behind `imports` as Lake has built them: what changes when they do; and
    those that may have been built from another text.
    """
    found: dict[str, str] = {}
    doubts: list[Doubtful] = []
    waiting = list(imports)
    while waiting:
        name = waiting.pop()
        source = workspace.module_file(name)
        if source is None or name in found:
            continue
        compiled = toolchain.compiled_module(name)
        if compiled is None:
            raise ImportFailed(
                f"The module {name} has not been built.",
                f"Run `lake build {name}` in {workspace.root}.",
                name,
            )
        try:
            found[name] = _as_built(compiled)
            if doubt := doubtful(name, source, compiled):
                doubts.append(doubt)
            waiting += read_header(source.read_text("utf-8-sig", errors="replace")).imports
        except OSError as error:
            raise ImportFailed(f"The module {name} can't be read: {error}.", module=name) from error
    return tuple(sorted(found.items())), doubts


def _as_built(compiled: Path) -> str:
    """Lake's own hash of a compiled module, or when it was made."""
    hashed = compiled.with_name(f"{compiled.name}.hash")
    if hashed.is_file():
        return hashed.read_text("utf-8").strip()
    status = compiled.stat()
    return f"{status.st_mtime_ns} {status.st_size}"


def _link(source: Path, target: Path) -> None:
    """Put a file in its place atomically, sharing its bytes where the file system can."""
    if target.exists() and target.samefile(source):
        return
    temporary = Path(tempfile.mkdtemp(dir=target.parent, prefix=".tmp-"))
    try:
        try:
            os.link(source, temporary / "file")
        except OSError:
            shutil.copyfile(source, temporary / "file")
        (temporary / "file").replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
