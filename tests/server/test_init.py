"""`unsorry init` asks, writes what is missing, and overwrites nothing."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from server import cli
from server.configuration import configure
from server.pull_request.words import template_in

FILES = (
    "unsorry.toml",
    ".github/PULL_REQUEST_TEMPLATE.md",
    ".github/workflows/unsorry.yml",
    ".pre-commit-config.yaml",
)


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    output: str
    complaint: str


def init(*arguments: str, text: str = "") -> Ran:
    done = CliRunner().invoke(cli.main, ["init", *arguments], input=text)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_yes_writes_everything_and_a_second_time_nothing(place: Path) -> None:
    ran = init("--yes", "--source", "someone/unsorry@v9")
    assert ran.code == 0 and ran.output.count("is written.") == 4
    assert "uses: someone/unsorry@v9" in (place / FILES[2]).read_text()
    assert "rev: v9" in (place / FILES[3]).read_text()
    assert "## Verification status" in template_in(place)
    before = {name: (place / name).read_bytes() for name in FILES}
    again = init("--yes", "--source", "other/unsorry")
    assert again.output.count("is there already; it stays as it is.") == 4
    assert {name: (place / name).read_bytes() for name in FILES} == before


def test_the_workflow_passes_actionlint(place: Path) -> None:
    init("--yes", "--source", "someone/unsorry@v9")
    lint = Path(sys.executable).with_name("actionlint")
    done = subprocess.run([lint, place / FILES[2]], cwd=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_settings_are_valid_as_they_are_and_with_every_example(place: Path) -> None:
    init("--yes")
    path = place / "unsorry.toml"
    assert configure(place).profile == 0
    lines = path.read_text().splitlines()
    examples = [
        line.removeprefix("# ") for line in lines if " = " in line or line == "# [features]"
    ]
    path.write_text("\n".join(examples))
    settings = configure(place)
    assert (settings.profile, settings.cpu_target) == (1, 0.5)
    assert settings.frozen == {"library", "induct"}
    assert settings.allowed_axioms == {"MyProject.myAxiom"}


def test_every_file_is_asked_for(place: Path) -> None:
    ran = init("--source", "someone/unsorry", text="n\ny\nn\n\n")
    assert ran.code == 0
    assert [name for name in FILES if (place / name).exists()] == [FILES[1], FILES[3]]


def test_where_nobody_answers_nothing_is_written(place: Path) -> None:
    ran = init()
    assert ran.code == 2 and "There is nobody to ask; --yes" in ran.complaint
    assert not any(place.iterdir())


def test_what_ci_would_install_has_to_be_known(place: Path) -> None:
    ran = init("--yes")
    assert f"{FILES[2]} is not written: say where" in ran.output and not (place / FILES[2]).exists()
    assert "language: system" in (place / FILES[3]).read_text()
    assert init("--source", "https://example.org/x").code == 2


def test_an_old_pre_commit_file_is_kept_and_the_entry_shown(place: Path) -> None:
    old = "repos:\n  - repo: https://github.com/x/y\n"
    (place / FILES[3]).write_text(old)
    ran = init("--yes", "--source", "someone/unsorry@v9")
    assert (place / FILES[3]).read_text() == old
    assert "add below its `repos:`\n  - repo: https://github.com/someone/unsorry\n" in ran.output


def test_the_repository_gets_what_belongs_to_it(place: Path) -> None:
    (place / ".git").mkdir()
    (place / "lean").mkdir()
    (place / "lean" / "lakefile.toml").write_text('name = "demo"\n')
    ran = init("--yes", "lean")
    assert ran.code == 0
    assert (place / "lean" / "unsorry.toml").exists() and (place / FILES[1]).exists()
