"""What is said of a proved lemma. No Lean runs here."""

import subprocess
from dataclasses import replace

import pytest

from server.pull_request.lemmas import Figures, Lemma
from server.pull_request.words import branch_name, commit_message, pull_request_text

LEMMA = Lemma(
    name="Tree.size_pos",
    file="Tree.lean",
    line=3,
    goals=("⊢ 0 < t.size",),
    before="",
    after="",
    scripts=("simp",),
    axioms=("propext",),
    trusted=1,
    lean="Lean 4.28.0 (embedded)",
    caveat="not confirmed by v4.30.0",
    figures=Figures(1.5, 1, ("simplify",), 12.25, 0),
)


@pytest.mark.parametrize(
    ("lemma", "branch"),
    [
        ("Tree.size_pos", "auto/lem/Tree/size_pos"),
        ("A.B.c'", "auto/lem/A.B/c'"),
        ("add_comm₂", "auto/lem/_root_/add_comm₂"),
        ("List.get?", "auto/lem/List/get%3F"),
        ("A.«b.c d»", "auto/lem/A/«b.c%20d»"),
        ("«A/B».c.lock", "auto/lem/«A%2FB».c/lock"),
        ("A.«-x»", "auto/lem/A/«-x»"),
        ("x.lock.y", "auto/lem/x%2Elock/y"),
    ],
)
def test_branches_have_names_that_git_takes(lemma: str, branch: str) -> None:
    assert branch_name(lemma) == branch
    subprocess.run(["git", "check-ref-format", f"refs/heads/{branch}"], check=True)


def test_the_commit_message() -> None:
    assert commit_message(LEMMA) == (
        "feat(lean): prove Tree.size_pos\n\n"
        "[status] accepted by Lean 4.28.0 (embedded), not confirmed by v4.30.0, axioms: propext "
        "(and 1 theorem of Lean's library taken on trust)\n"
        "[metrics] time=1.50s tactics=1 strategies=simplify\n"
        "[cost] local_cpu_s=12.25 api_tokens=0\n"
    )
    unknown = replace(LEMMA, figures=replace(LEMMA.figures, tokens=None))
    assert "api_tokens=unknown" in commit_message(unknown)


def test_the_template_is_filled_in_and_keeps_what_else_it_says() -> None:
    template = "# Thanks\n\n## verification Status ##\n<!-- say\nwhich -->\n\n## Checklist\n- [ ]\n"
    text = pull_request_text(LEMMA, template)
    assert text.startswith("# Thanks\n\n## verification Status ##\n\nAccepted by Lean 4.28.0")
    assert "<!--" not in text and "\n\n## Checklist\n- [ ]\n\n## Formalization summary\n" in text
    assert text.index("## Compute") < text.index("## Cache hits")
    assert "```lean\n⊢ 0 < t.size\n```" in text
