"""Which `\\leanok` are added and removed, and that nothing else is. What Lean says is given."""

from pathlib import Path

import pytest

from search.blueprint.declarations import Declarations, Declared
from search.blueprint.marks import changed_texts, changes
from search.blueprint.reading import read_blueprint
from search.blueprint.standing import standing_of

PROVED = Declared("A.proved", "A.lean", 1)
OPEN = Declared("A.open", "A.lean", 2, open="it has a sorry")
UNSTATED = Declared("A.unstated", "A.lean", 3, "it rests on a sorry", "it rests on a sorry")
KNOWN = {known.name: known for known in (PROVED, OPEN, UNSTATED)}


def synced(folder: Path, text: str, declarations: Declarations | None = None) -> str:
    """The text after the marks were made right; once more changes nothing."""
    declarations = declarations or Declarations(dict(KNOWN))
    path = folder / "content.tex"
    path.write_bytes(text.encode())
    for _ in range(2):
        blueprint = read_blueprint(folder)
        wrong = changes(blueprint, standing_of(blueprint, declarations))
        for changed, new in changed_texts(blueprint, wrong).items():
            changed.write_bytes(new.encode())
    assert not wrong
    after = path.read_bytes().decode()
    assert unmarked(after) == unmarked(text)
    return after


def unmarked(text: str) -> str:
    """A text without any mark and without white space: before a letter a mark needs some."""
    return "".join(text.replace("\\leanok", "").split())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\\begin{lemma}\\lean{A.proved}\\end{lemma}", "\\lean{A.proved}\\leanok\\end{lemma}"),
        ("\\begin{lemma}\\lean{A.proved}x\\end{lemma}", "\\lean{A.proved}\\leanok x\\end{lemma}"),
        ("\\begin{lemma}\n  \\lean{A.open}\n  x\n\\end{lemma}", "open}\n  \\leanok\n  x\n"),
        ("\\begin{lemma}\r\n\\lean{A.open}\r\nx\r\n\\end{lemma}", "open}\r\n\\leanok\r\nx\r\n"),
        (
            "\\begin{lemma}\\lean{A.proved}\\leanok\\end{lemma}\n\\begin{proof}\n\tx\n\\end{proof}",
            "\\begin{proof}\n\t\\leanok\n\tx\n",
        ),
        (
            "\\begin{lemma}\\leanok\\lean{A.proved}\\end{lemma}\\begin{proof}[By x] y\\end{proof}",
            "\\begin{proof}[By x]\\leanok y\\end{proof}",
        ),
    ],
)
def test_missing_marks_are_added(before: str, after: str, tmp_path: Path) -> None:
    assert after in synced(tmp_path, before)


@pytest.mark.parametrize(
    ("mark", "left"),
    [
        ("\\lean{A.no}\\leanok", "\\lean{A.no}"),
        ("\\lean{A.unstated} \\leanok \\uses{x}", "\\lean{A.unstated} \\uses{x}"),
        ("\\lean{A.no} \\leanok % really", "\\lean{A.no} % really"),
        ("\\lean{A.no}\n  \\leanok\nx", "\\lean{A.no}\nx"),
        ("\\lean{A.no}\n\\leanok % really", "\\lean{A.no}\n% really"),
        ("\\lean{A.no}\\noindent\\leanok x", "\\lean{A.no}\\noindent x"),
        ("\\lean{A.no}\\noindent\\leanok{}x", "\\lean{A.no}\\noindent x"),
        ("\\lean{A.no}\\noindent\\leanok\\emph{x}", "\\lean{A.no}\\noindent\\emph{x}"),
        ("\\lean{A.no}\\\\noindent\\leanok x", "\\lean{A.no}\\\\noindentx"),
        ("\\lean{A.no} \\leanok{}\nx \\leanok", "\\lean{A.no}\nx"),
    ],
)
def test_wrong_marks_are_removed(mark: str, left: str, tmp_path: Path) -> None:
    text = f"\\begin{{lemma}}\n{mark}\n\\end{{lemma}}\n"
    if "{}" in mark:
        path = tmp_path / "content.tex"
        path.write_text(text)
        blueprint = read_blueprint(tmp_path)
        wrong = changes(blueprint, standing_of(blueprint, Declarations()))
        found = changed_texts(blueprint, wrong)[path.resolve()]
    else:
        found = synced(tmp_path, text)
    assert found == f"\\begin{{lemma}}\n{left}\n\\end{{lemma}}\n"


def test_a_proof_with_a_sorry_loses_its_mark_and_the_statement_keeps_its(tmp_path: Path) -> None:
    text = "\\begin{lemma}\\lean{A.open}\\leanok\\end{lemma}\n\\begin{proof}\\leanok\\end{proof}"
    assert synced(tmp_path, text) == text.replace("{proof}\\leanok", "{proof}")


def test_a_definition_with_a_sorry_is_not_stated(tmp_path: Path) -> None:
    text = "\\begin{definition}\\lean{A.proved, A.open}\\leanok\\end{definition}"
    assert "leanok" not in synced(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        "\\begin{lemma}\\leanok\\end{lemma}\\begin{proof}\\leanok\\end{proof}",
        "\\begin{lemma}\\lean{A.no}\\mathlibok\\end{lemma}",
        "\\leanok \\begin{remark}\\leanok\\end{remark} % \\leanok",
    ],
)
def test_what_lean_can_say_nothing_about_stays(text: str, tmp_path: Path) -> None:
    assert synced(tmp_path, text) == text


def test_what_may_be_in_an_unread_file_stays(tmp_path: Path) -> None:
    text = "\\begin{lemma}\\lean{A.no}\\leanok\\end{lemma}\\begin{lemma}\\lean{A.open}\\end{lemma}"
    found = synced(tmp_path, text, Declarations(dict(KNOWN), {"B.lean": "no imports"}))
    assert found == text.replace("{A.open}", "{A.open}\\leanok")
