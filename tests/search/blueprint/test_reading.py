"""Nodes, their proofs and their marks, over several files."""

from pathlib import Path

import pytest

from search.blueprint.errors import BlueprintError
from search.blueprint.nodes import Blueprint
from search.blueprint.reading import read_blueprint


def blueprint(folder: Path, **files: str) -> Blueprint:
    for name, text in files.items():
        (folder / f"{name}.tex").write_text(text, newline="")
    return read_blueprint(folder)


def test_a_node_is_what_its_macros_say(tmp_path: Path) -> None:
    text = r"""
    \begin{lemma}[Title] \label{lem:a} \lean{A.b, A.c} \notready
      \uses{lem:x,%
        lem:y}
      \begin{equation}\label{eq:inside} 1 \end{equation}
    \end{lemma}
    Some words, and \textbf{more}.
    \begin{proof} \leanok \uses{lem:z} Easy. \end{proof}
    \begin{theorem}\leanok No label, no name.\end{theorem}
    """
    found = blueprint(tmp_path, content=text)
    lemma, theorem = found.nodes
    assert (lemma.key, lemma.kind, lemma.line) == ("lem:a", "lemma", 2)
    assert (lemma.lean, lemma.uses) == (["A.b", "A.c"], ["lem:x", "lem:y"])
    assert lemma.every_use == ["lem:x", "lem:y", "lem:z"] and lemma.notready
    assert not lemma.leanok and len(lemma.proofs) == 1 and lemma.marked_proved
    assert theorem.key == "content.tex:9" and theorem.leanok and not theorem.marked_proved
    assert found.problems == tuple(
        f"content.tex:2: lem:a uses {used}, and there is no such label"
        for used in ("lem:x", "lem:y", "lem:z")
    )


def test_files_are_read_where_they_are_included(tmp_path: Path) -> None:
    found = blueprint(
        tmp_path,
        a_proof=r"\begin{proof}\leanok\end{proof}",
        print=r"\newcommand{\leanok}{} \input{content}",
        content=r"\input{first} \input{a_proof} \begin{lemma}\label{l}\end{lemma} \input{nowhere}",
        first=r"\begin{theorem}\label{t}\end{theorem}",
        unused=r"\begin{definition}\label{d}\end{definition}",
    )
    assert [(node.key, len(node.proofs)) for node in found.nodes] == [("t", 1), ("l", 0), ("d", 0)]
    assert found.problems == ("content.tex:1: there is no file nowhere",)


def test_a_proof_can_name_what_it_proves(tmp_path: Path) -> None:
    text = r"""\begin{lemma}\label{a}\end{lemma} \begin{lemma}\label{b}\end{lemma}
    \begin{proof}\proves{a}\leanok\end{proof} \begin{proof}\proves{c}\end{proof}"""
    found = blueprint(tmp_path, content=text)
    assert [len(node.proofs) for node in found.nodes] == [1, 0]
    assert found.problems == ("content.tex:2: a proof of c, which is no node",)


def test_a_proof_with_a_claim_in_it_belongs_to_its_theorem(tmp_path: Path) -> None:
    text = r"""\newtheorem{claim}{Claim}
    \begin{theorem}\label{t}\end{theorem}
    \begin{proof}\leanok
      \begin{claim}\label{c}\lean{C}\end{claim} \begin{proof}\uses{x}\end{proof}
    \end{proof}"""
    theorem, claim = blueprint(tmp_path, content=text).nodes
    assert (theorem.key, claim.key) == ("t", "c")
    assert [bool(proof.leanok) for proof in theorem.proofs] == [True]
    assert [proof.uses for proof in claim.proofs] == [["x"]]


def test_which_environments_are_nodes(tmp_path: Path) -> None:
    preamble = r"\usepackage[thms=defn+lem, showmore]{blueprint}\newtheorem{rem}[lem]{Remark}"
    preamble += r"\newtheorem*{defn}{Definition}\newtheorem{lem}{Lemma}"
    text = r"\begin{defn}\label{d}\leanok\end{defn}\begin{lem}\label{l}\end{lem}"
    text += r"\begin{rem}\label{r}\end{rem}\begin{rem}\label{s}\lean{A}\end{rem}"
    found = blueprint(tmp_path, a=text, web=preamble + r"\input{a}")
    assert [node.key for node in found.nodes] == ["d", "l", "s"]
    assert [node.defines for node in found.nodes] == [True, False, False]


def test_what_is_no_node_may_be_used(tmp_path: Path) -> None:
    text = r"\section{S}\label{sec} \begin{lemma}\label{a}\uses{sec, rem, eq}\end{lemma}"
    text += r"\begin{remark}\label{rem} \[ 1 \label{eq} \]\end{remark}"
    assert blueprint(tmp_path, content=text).problems == ()


def test_a_label_used_twice_is_told(tmp_path: Path) -> None:
    text = "\\begin{lemma}\\label{a}\\end{lemma}\n\\begin{lemma}\\label{a}\\end{lemma}\n"
    found = blueprint(tmp_path, content=text)
    assert found.problems == ("content.tex:2: the label a is used twice",)


def test_nothing_there_and_nothing_readable(tmp_path: Path) -> None:
    with pytest.raises(BlueprintError, match="There is no blueprint in"):
        read_blueprint(tmp_path)
    (tmp_path / "content.tex").write_bytes(b"\xff")
    with pytest.raises(BlueprintError, match="not UTF-8"):
        read_blueprint(tmp_path)
