"""What no search is started for, and engines that nobody needs any more: real ones, and a client
that hears nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from lsprotocol import types

from server.editor import project as projects
from server.editor.client import Client
from server.editor.documents import Document
from server.editor.editor import Editor
from server.editor.options import StartOptions
from server.lsp import UnsorryServer
from tests.server.editor.holes import EASY, FALSE


class Deaf(Client):
    """A client that hears nothing, and tells of nothing by itself."""

    encoding = "utf-16"
    watches_files = True

    def log(self, message: str, kind: types.MessageType = types.MessageType.Info) -> None:
        pass


class Nothing:
    """Shows nothing."""

    def documents(self, editor: Editor, changed: list[Document]) -> None:
        pass

    def status(self, editor: Editor) -> None:
        pass

    async def tickets(self, editor: Editor) -> None:
        pass


@pytest.fixture
async def editor() -> AsyncIterator[Editor]:
    client = Deaf(UnsorryServer(), types.ClientCapabilities())
    editor = Editor(client, StartOptions(), Nothing())
    await editor.run()
    yield editor
    await editor.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(120):
        while not condition():
            await asyncio.sleep(0.05)


def lean_file(path: Path, text: str = EASY) -> str:
    """A file on the disk; its URI."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path.as_uri()


async def test_looking_into_a_dependency_starts_nothing(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "lakefile.toml").write_text('name = "t"\n')
    package = tmp_path / ".lake" / "packages" / "m"
    uri = lean_file(package / "M.lean")
    (package / "lakefile.toml").write_text('name = "m"\n')
    editor.change_folders([tmp_path])
    editor.open(uri, EASY, 1)
    assert not editor.projects and editor.leaves_alone(uri)
    whole = types.TextDocumentContentChangeWholeDocument(f"-- new\n{EASY}")
    editor.change(uri, [whole], 2)
    editor.change_folders([package])
    assert list(editor.projects) == [package], "who opens its folder works on it"
    document = editor.document(uri)
    assert document is not None and document.buffer.text == f"-- new\n{EASY}"
    assert document.buffer.version == 2 and not editor.leaves_alone(uri)


async def test_a_file_beside_the_folders_is_left_alone(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    editor.change_folders([tmp_path / "folder"])
    uri = lean_file(tmp_path / "beside" / "A.lean")
    editor.open(uri, EASY, 1)
    assert not editor.projects
    editor.shut(uri)
    assert not editor.leaves_alone(uri)


async def test_the_rest_of_a_project_whose_part_is_shown_is_searched(
    editor: Editor, tmp_path: Path
) -> None:
    (tmp_path / "lakefile.toml").write_text('name = "t"\n')
    (tmp_path / "part").mkdir()
    editor.change_folders([tmp_path / "part"])
    editor.open(lean_file(tmp_path / "A.lean"), EASY, 1)
    assert list(editor.projects) == [tmp_path]


async def test_an_engine_without_documents_is_closed_after_a_while(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = lean_file(tmp_path / "A.lean")
    editor.open(uri, EASY, 1)
    (project,) = editor.projects.values()
    await until(lambda: project.engine)
    engine = project.engine
    monkeypatch.setattr(projects, "UNUSED", 0.5)
    editor.shut(uri)
    editor.open(uri, EASY, 1)
    await asyncio.sleep(1)
    assert project.engine is engine, "it was used again"
    editor.shut(uri)
    await until(lambda: project.engine is None)
    editor.open(uri, EASY, 1)
    await until(lambda: project.engine)
    document = editor.document(uri)
    await until(lambda: document and document.goals and document.goals[0].proof)


async def test_a_folder_that_is_removed_is_searched_no_more(
    editor: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projects, "UNUSED", 0.5)
    lean_file(tmp_path / "Closed.lean", FALSE)
    editor.change_folders([tmp_path])
    editor.sweep()
    (project,) = editor.projects.values()
    await until(lambda: project.engine and list(editor.documents()))
    editor.change_folders([], [tmp_path])
    assert not list(editor.documents())
    await until(lambda: project.engine is None)
