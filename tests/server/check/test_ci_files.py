"""What others use in their repositories: the action, the hooks, and our own workflows."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.server.check.checked_repository import (
    ENVIRONMENT,
    FALSE,
    PROVABLE,
    TREE,
    WITHIN,
    commit,
    git,
    write,
)

BIN = Path(sys.executable).parent
MANIFEST = ".pre-commit-hooks.yaml"


def loaded(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((TREE / name).read_text("utf-8"))
    return content


def test_the_workflows_pass_actionlint() -> None:
    """It also compares what they give to the action of this repository with its inputs."""
    done = subprocess.run([BIN / "actionlint"], cwd=TREE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_would_find_a_mistake(tmp_path: Path) -> None:
    workflow = (TREE / ".github/workflows/ci.yml").read_text("utf-8")
    write(tmp_path, {".github/workflows/ci.yml": workflow.replace("fail-on:", "fail-in:")})
    write(tmp_path, {"action.yml": (TREE / "action.yml").read_text("utf-8")})
    git(tmp_path, "init", "--quiet")
    done = subprocess.run([BIN / "actionlint"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and '"fail-in" is not defined in action' in done.stdout


class TestTheAction:
    """The command of action.yml, as a runner would start it."""

    def check(self, root: Path, **inputs: str) -> tuple[int, str, str]:
        """Exit code, log and outputs."""
        action = loaded("action.yml")
        (step,) = [step for step in action["runs"]["steps"] if step.get("id") == "check"]
        values = {name: spec["default"] for name, spec in action["inputs"].items()}
        values |= {name.replace("_", "-"): value for name, value in inputs.items()}
        environment = {
            variable: values[expression.removeprefix("${{ inputs.").removesuffix(" }}")]
            for variable, expression in step["env"].items()
        }
        output = root / "output.txt"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
            cwd=root,
            env={
                **ENVIRONMENT,
                **environment,
                "PATH": f"{BIN}:{os.environ['PATH']}",
                "GITHUB_OUTPUT": str(output),
            },
            capture_output=True,
            text=True,
            timeout=WITHIN,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, output.read_text()

    def test_it_annotates_and_fails(self, tmp_path: Path) -> None:
        write(tmp_path, {"Some/Provable.lean": PROVABLE, "False.lean": FALSE})
        code, log, outputs = self.check(tmp_path, paths="Some")
        assert code == 1 and outputs == "exit-code=1\n"
        assert log.startswith("::error file=Some/Provable.lean,line=1,")
        assert (tmp_path / ".unsorry" / "ledger.db").is_file()
        code, log, _ = self.check(
            tmp_path, paths="Some False.lean", fix="true", fail_on="none", sarif="out.sarif"
        )
        assert code == 0 and "3 fixed, 1 refuted" in log
        assert (tmp_path / "out.sarif").is_file()

    def test_an_input_is_never_run(self, tmp_path: Path) -> None:
        write(tmp_path, {"False.lean": FALSE})
        code, _, outputs = self.check(
            tmp_path, fail_on="any; touch stolen", paths="$(touch stolen)"
        )
        assert code == 2 and outputs == "exit-code=2\n"
        assert not (tmp_path / "stolen").exists()


class TestTheHooks:
    """The real pre-commit, with the hooks of this repository from a local git url."""

    @pytest.fixture
    def hooks(self, tmp_path: Path) -> Path:
        """A repository with our hooks; Unsorry itself is installed already."""
        hooks = write(tmp_path / "hooks", {MANIFEST: (TREE / MANIFEST).read_text("utf-8")})
        git(hooks, "init", "--quiet")
        commit(hooks)
        return hooks

    def repository(self, hooks: Path, hook: str) -> Path:
        config = {
            "repos": [
                {
                    "repo": hooks.as_uri(),
                    "rev": git(hooks, "rev-parse", "HEAD").strip(),
                    "hooks": [{"id": hook, "language": "system"}],
                }
            ]
        }
        root = write(
            hooks.parent / "work",
            {
                ".pre-commit-config.yaml": yaml.safe_dump(config),
                ".gitignore": ".unsorry\n",
                "Provable.lean": PROVABLE,
                "lakefile.lean": "import Lake\n",
                "notes.txt": "sorry\n",
            },
        )
        git(root, "init", "--quiet")
        git(root, "add", "--all")
        return root

    def commits(self, root: Path) -> "subprocess.CompletedProcess[str]":
        """`git commit`, with the hooks that pre-commit has installed."""
        environment = {
            **ENVIRONMENT,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(root.parent / "pre-commit"),
        }
        subprocess.run([BIN / "pre-commit", "install"], cwd=root, env=environment, check=True)
        return subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "-m", "more"],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=WITHIN,
        )

    def test_a_provable_sorry_is_not_committed(self, hooks: Path) -> None:
        root = self.repository(hooks, "unsorry-check")
        done = self.commits(root)
        assert done.returncode == 1 and "3 provable" in done.stderr, done.stdout + done.stderr
        assert "lakefile" not in done.stderr
        write(root, {"Provable.lean": FALSE})
        git(root, "add", "--all")
        done = self.commits(root)
        assert done.returncode == 0 and "Passed" in done.stderr, done.stdout + done.stderr

    def test_it_is_filled_in(self, hooks: Path) -> None:
        root = self.repository(hooks, "unsorry-fix")
        done = self.commits(root)
        assert done.returncode == 1 and "files were modified" in done.stderr, done.stderr
        assert "sorry" not in (root / "Provable.lean").read_text("utf-8")
        git(root, "add", "--all")
        done = self.commits(root)
        assert done.returncode == 0, done.stdout + done.stderr
