"""Which files of a workspace concern `unsorry bg`, and the log it writes. No Lean runs here."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from lean.workspace import Workspace
from search.incidents import Incident
from server.logs import set_up_logging
from server.sources import imports_any, is_source, label, lean_files, may_have_holes


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        "A.lean",
        "Sub/B.lean",
        ".lake/C.lean",
        "Sub/.git/D.lean",
        "notes.md",
        "Sub/E.lea",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_lean_files_outside_of_hidden_folders_are_sources(root: Path) -> None:
    found = [path.relative_to(root).as_posix() for path in lean_files([root])]
    assert found == ["A.lean", "Sub/B.lean"]
    assert list(lean_files([root / "Sub", root / "A.lean"])) == [
        root / "Sub/B.lean",
        root / "A.lean",
    ]


def test_a_hidden_folder_above_the_workspace_does_not_matter(root: Path) -> None:
    assert is_source(root / ".lake" / "C.lean", [root / ".lake"])
    assert not is_source(root / ".lake" / "C.lean", [root])
    assert not is_source(root / "A.lean", [root / "Sub"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("theorem t : True := by sorry", True),
        ("by\n  admit\n", True),
        ("-- sorry, not yet", True),
        ("theorem sorry' : True := trivial", True),
        ("theorem unsorry_admits : True := trivial", False),
        ("", False),
    ],
)
def test_a_text_without_the_words_has_no_holes(text: str, expected: bool) -> None:
    assert may_have_holes(text) is expected


def test_a_file_is_called_by_its_place_in_the_workspace(root: Path, tmp_path: Path) -> None:
    (root / "Link.lean").symlink_to(root / "A.lean")
    assert label(root, root / "Sub" / "B.lean") == "Sub/B.lean"
    assert label(root, root / "Link.lean") == "Link.lean"
    assert label(root / "Sub", root / "A.lean") == str(root / "A.lean")


def test_imports_are_followed_through_the_project(root: Path) -> None:
    (root / "A.lean").write_text("import Sub.B\n")
    (root / "Sub" / "B.lean").write_text("import Init\nimport A\n")
    workspace = Workspace.at(root)
    assert imports_any(workspace, "import A\n", [root / "Sub" / "B.lean"])
    assert not imports_any(workspace, "import Init\n", [root / "A.lean"])
    assert not imports_any(workspace, "import A\n", [root / "notes.md"])


@pytest.fixture
def restored() -> Iterator[None]:
    """The log of the tests themselves is as it was afterwards."""
    loggers = [logging.getLogger(name) for name in ("", "lean", "search", "server")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


def test_the_log_as_json_has_the_fields_of_an_incident(restored: None) -> None:
    stream = io.StringIO()
    set_up_logging(True, stream)
    Incident.of("session_died", "It ended.", "prove", goal="k").log()
    logging.getLogger("search.other").info("All is %s.", "well")
    logging.getLogger("other").info("Not ours.")
    try:
        raise ValueError("wrong")
    except ValueError:
        logging.getLogger("server").exception("A mistake.")
    first, second, third = map(json.loads, stream.getvalue().splitlines())
    assert (first["level"], first["incident"]["kind"]) == ("warning", "session_died")
    assert first["incident"]["context"] == {"goal": "k"} and first["time"].endswith("Z")
    assert second["message"] == "All is well." and "incident" not in second
    assert "ValueError: wrong" in third["error"]


def test_the_log_for_people_has_warnings_only(restored: None) -> None:
    stream = io.StringIO()
    set_up_logging(False, stream)
    logging.getLogger("search").info("All is well.")
    logging.getLogger("search").warning("Mind the gap.")
    assert stream.getvalue().endswith(" Mind the gap.\n") and "well" not in stream.getvalue()
