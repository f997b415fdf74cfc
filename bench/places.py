"""Where the bench's own data lie, wherever Unsorry is installed."""

from importlib import resources
from pathlib import Path

from lean.workspace import Workspace


def bench_file(name: str) -> Path:
    """A file or folder of the bench, such as `bank.jsonl`."""
    # Unsorry is installed as plain files: its data are never inside an archive.
    return Path(str(resources.files("bench"))) / name


def project_files() -> dict[str, str]:
    """The small realistic files: text by name."""
    return {
        file.name: file.read_text("utf-8") for file in sorted(bench_file("projects").glob("*.lean"))
    }


def bare_workspace() -> Workspace:
    """A workspace that asks for no Lean of its own, so that the usual one answers."""
    return Workspace.at(bench_file("projects"))
