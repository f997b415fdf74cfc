"""What most of a blueprint waits for comes first in the search."""

from pathlib import Path

import pytest

from search.blueprint.importance import importance
from search.criticality import Criticality

CHAIN = r"""
\begin{definition}\label{d}\lean{A.d}\leanok\end{definition}
\begin{lemma}\label{a}\lean{A.a}\uses{d}\end{lemma} \begin{proof}\leanok\end{proof}
\begin{lemma}\label{b}\lean{A.b, A.b'}\uses{a}\end{lemma}
\begin{lemma}\label{side}\lean{A.side}\uses{a}\end{lemma}
\begin{theorem}\label{t}\lean{A.t}\end{theorem} \begin{proof}\uses{b}\end{proof}
"""


def test_open_declarations_weigh_by_betweenness(tmp_path: Path) -> None:
    source = tmp_path / "blueprint" / "src"
    source.mkdir(parents=True)
    (source / "content.tex").write_text(CHAIN)
    found = importance(tmp_path)
    assert set(found) == {"A.b", "A.b'", "A.side", "A.t"}
    # Over b lead the ways from d and from a to t: 2 of the 4 · 3 pairs of the others.
    assert found["A.b"] == found["A.b'"] == pytest.approx(2 / 12)
    assert found["A.side"] == found["A.t"] == 0
    criticality = Criticality()
    criticality.plan(found)
    assert criticality.planned("A.b") > criticality.planned("A.side") == criticality.planned("x")


def test_without_a_blueprint_or_with_a_broken_one_the_search_goes_on(tmp_path: Path) -> None:
    assert importance(tmp_path) == {}
    source = tmp_path / "blueprint" / "src"
    source.mkdir(parents=True)
    (source / "content.tex").write_bytes(b"\xff")
    assert importance(tmp_path) == {}
