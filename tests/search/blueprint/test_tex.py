"""What is found in TeX, and what is passed over."""

import pytest

from search.blueprint.tex import argument, listed, macros, option


def names(text: str) -> list[str]:
    return [text[macro.start : macro.end] for macro in macros(text)]


def test_macros_have_exact_places() -> None:
    text = "a \\lean{B.c}\\leanok\n\\uses {d}"
    assert names(text) == ["\\lean", "\\leanok", "\\uses"]
    assert [argument(text, macro.end) is not None for macro in macros(text)] == [True, False, True]


@pytest.mark.parametrize(
    "hidden",
    [
        "% \\leanok",
        "\\verb|\\leanok|",
        "\\verb*+\\leanok+",
        "\\begin{verbatim}\n\\leanok\n\\end{verbatim}",
        "\\begin{comment}\\leanok\\end{comment}",
        "\\iffalse \\leanok $p \\iff q$ \\ifmmode x\\fi \\leanok \\fi",
        "\\newcommand{\\leanok}{}",
        "\\renewcommand*\\leanok{\\leanok}",
        "\\newcommand{\\done}[1][x]{\\leanok #1}",
        "\\NewDocumentCommand{\\done}{m}{\\leanok}",
        "\\newenvironment{solved}{\\begin{lemma}\\leanok}{\\end{lemma}}",
        "\\def\\done#1{\\leanok}",
        "\\let\\leanok=\\relax",
        "\\\\leanok",
    ],
)
def test_what_says_nothing_is_passed_over(hidden: str) -> None:
    text = f"\\before {hidden}\n\\after"
    assert [name for name in names(text) if name != "\\fi"] == ["\\before", "\\after"]


@pytest.mark.parametrize(
    "shown", ["\\\\ \\leanok", "100\\% \\leanok", "\\{\\leanok", "\\iffalse\\else\\leanok\\fi"]
)
def test_what_counts_is_found(shown: str) -> None:
    assert "\\leanok" in names(shown)


def test_groups_are_balanced_and_comments_in_them_are_none() -> None:
    text = "% first\n {a {b} % }\n c\\}}d"
    found = argument(text, 0)
    assert found is not None and text[found.end :] == "d"
    assert option("[x {]} y]z", 0) is not None
    assert argument("{never closed", 0) is None


def test_lists_lose_comments_spaces_and_escapes() -> None:
    content = "% two\n A.b\\_c, % first\n\n A.d,\n"
    assert listed(content) == ("A.b_c", "A.d")
