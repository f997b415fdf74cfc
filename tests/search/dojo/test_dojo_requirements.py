"""What LeanDojo needs: each thing is found, or missing with what to do about it."""

from pathlib import Path

import pytest

from lean.workspace import Workspace
from search.dojo import requirements as module
from search.dojo.errors import DojoUnusable
from search.dojo.requirements import Requirement, require, requirements
from tests.search.dojo.projects import environment, git, project, stand_ins


async def found(workspace: Workspace) -> dict[str, Requirement]:
    return {one.name: one for one in await requirements(workspace)}


async def test_a_machine_that_has_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_ins(monkeypatch)
    monkeypatch.setattr(module, "NEEDED_BYTES", 1)
    workspace = project(tmp_path / "p")
    environment(workspace.root)
    missing = [one for one in await requirements(workspace) if not one.met]
    assert missing == []
    await require(workspace)


async def test_a_machine_that_has_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bare"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(module, "NEEDED_BYTES", 1 << 62)
    names = [one.name for one in await requirements(Workspace.at(folder)) if not one.met]
    assert names == [
        "git",
        "lake",
        "Lake project",
        "lean-toolchain",
        "native Lean",
        "repository",
        "commit",
        "environment",
        "disk",
    ]
    assert all(one.remedy for one in await requirements(Workspace.at(folder)) if not one.met)
    with pytest.raises(DojoUnusable, match=r"git: not on the PATH\. Install git.*8 more: .*doctor"):
        await require(Workspace.at(folder))


async def test_an_old_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "git"
    old.write_text("#!/bin/sh\necho git version 2.24.1\n")
    old.chmod(0o755)
    workspace = project(tmp_path / "p")
    monkeypatch.setenv("PATH", str(tmp_path))
    git_found = (await found(workspace))["git"]
    assert (git_found.met, git_found.found) == (False, "version 2.24.1")


async def test_uncommitted_lean_files_are_named(tmp_path: Path) -> None:
    workspace = project(tmp_path / "p")
    assert (await found(workspace))["commit"].met
    (workspace.root / "README.md").write_text("no matter")
    assert (await found(workspace))["commit"].met
    (workspace.root / "P.lean").write_text("-- changed\n")
    (workspace.root / "Sub").mkdir()
    (workspace.root / "Sub" / "Grüße.lean").write_text("-- new\n")
    commit = (await found(workspace))["commit"]
    assert not commit.met
    assert commit.found == "not committed: P.lean, Sub/Grüße.lean"
    for number in range(6):
        (workspace.root / f"Q{number}.lean").touch()
    assert (await found(workspace))["commit"].found.endswith("Q3.lean and 3 more")


async def test_a_repository_without_commits_or_around_the_project(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "lakefile.toml").write_text('name = "p"\n')
    there = await found(Workspace.at(inner))
    assert not there["repository"].met and "own root" in there["repository"].remedy
    assert there["commit"].found == "nothing is committed"


@pytest.mark.parametrize(
    ("toolchain", "met"),
    [
        ("leanprover/lean4:v4.17.0", False),
        ("leanprover/lean4:v4.18.0-rc1", True),
        ("leanprover/lean4:v4.26.0", True),
        ("leanprover/lean4:v4.27.0", False),
        ("leanprover/lean4:stable", False),
    ],
)
async def test_the_version_of_lean(tmp_path: Path, toolchain: str, met: bool) -> None:
    wanted = (await found(project(tmp_path / "p", toolchain)))["lean-toolchain"]
    assert (wanted.met, wanted.found) == (met, toolchain)


async def test_dependencies_by_path(tmp_path: Path) -> None:
    workspace = project(tmp_path / "p")
    manifest = workspace.root / "lake-manifest.json"
    manifest.write_text(
        '{"packages": [{"name": "far", "type": "git", "rev": "1"},'
        '{"name": "near", "type": "path", "dir": "../near"}]}'
    )
    by_path = (await found(Workspace.at(workspace.root)))["dependencies"]
    assert (by_path.met, by_path.found) == (False, "by path: near")
    manifest.unlink()
    lakefile = workspace.root / "lakefile.toml"
    for text, met in [
        ('name = "p"\n[[require]]\nname = "a"\npath = "../a"\n', False),
        ('name = "p"\n[[require]]\nname = "a"\ngit = "https://a"\n[[x]]\npath = "y"\n', True),
    ]:
        lakefile.write_text(text)
        assert (await found(Workspace.at(workspace.root)))["dependencies"].met == met
    lakefile.unlink()
    for text, met in [
        ('require a from "../a"\n', False),
        ('require a from git "https://a" @ "main"\n', True),
    ]:
        (workspace.root / "lakefile.lean").write_text(text)
        assert (await found(Workspace.at(workspace.root)))["dependencies"].met == met
