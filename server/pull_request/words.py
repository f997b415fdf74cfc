"""What is said of a proved lemma: a branch's name, the commit message, the pull request's text."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from server.pull_request.lemmas import Figures, Lemma

BRANCHES = "auto/lem"
ROOT_NAMESPACE = "_root_"
"""Lean's name for what is in no namespace."""
_TEMPLATES = (
    ".github/PULL_REQUEST_TEMPLATE.md",
    ".github/pull_request_template.md",
    "PULL_REQUEST_TEMPLATE.md",
    "pull_request_template.md",
    "docs/PULL_REQUEST_TEMPLATE.md",
    "docs/pull_request_template.md",
)
_UNSAFE = re.compile(r"[\x00-\x20\x7f~^:?*\[\\%]|\.\.|@\{|^[.-]|\.\Z|\.(?=lock\Z)|/")
_HEADING = re.compile(r"^#{1,6}[ \t]+(?P<title>.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_HINT = re.compile(r"\s*<!--.*?-->[ \t]*", re.DOTALL)


def branch_name(lemma: str) -> str:
    """`auto/lem/<namespace>/<lemma>`; what git forbids in a name is written as `%` and its code.

    The namespace is one part, so that no branch lies below another.
    """
    namespace, _, last = _split(lemma)
    return f"{BRANCHES}/{_safe(namespace or ROOT_NAMESPACE)}/{_safe(last)}"


def title(lemma: Lemma) -> str:
    """The first line of the commit message, and the pull request's title."""
    return f"feat(lean): prove {lemma.name}"


def commit_message(lemma: Lemma) -> str:
    """The whole message."""
    figures = lemma.figures
    tokens = "unknown" if figures.tokens is None else str(figures.tokens)
    return "\n".join(
        [
            title(lemma),
            "",
            f"[status] {_status(lemma)}",
            f"[metrics] time={figures.time:.2f}s tactics={figures.tactics} "
            f"strategies={','.join(figures.strategies)}",
            f"[cost] local_cpu_s={figures.cpu:.2f} api_tokens={tokens}",
            "",
        ]
    )


def pull_request_text(lemma: Lemma, template: str) -> str:
    """The template with its sections filled in; those that it lacks are added at the end."""
    for heading, text in _sections(lemma).items():
        template = _filled(template, heading, text)
    return template


def template_in(top: Path) -> str:
    """The repository's own template, or ours."""
    for name in _TEMPLATES:
        if (top / name).is_file():
            return (top / name).read_text("utf-8", errors="replace")
    return (files("server") / "templates" / "PULL_REQUEST_TEMPLATE.md").read_text("utf-8")


def _status(lemma: Lemma) -> str:
    parts = [f"accepted by {lemma.lean}", lemma.caveat, f"axioms: {_axioms(lemma)}"]
    return ", ".join(part for part in parts if part)


def _axioms(lemma: Lemma) -> str:
    axioms = " ".join(lemma.axioms) or "none"
    theorems = "theorem" if lemma.trusted == 1 else "theorems"
    trust = f" (and {lemma.trusted} {theorems} of Lean's library taken on trust)"
    return axioms + (trust if lemma.trusted else "")


def _sections(lemma: Lemma) -> Mapping[str, str]:
    figures: Figures = lemma.figures
    goals = "\n\n".join(lemma.goals)
    scripts = "\n\n".join(lemma.scripts)
    tokens = "unknown" if figures.tokens is None else str(figures.tokens)
    return {
        "Formalization summary": f"`{lemma.name}` in `{lemma.file}` is proved.\n\n"
        f"```lean\n{goals}\n```\n\nby\n\n```lean\n{scripts}\n```",
        "Verification status": f"Accepted by {lemma.lean}"
        f"{f', {lemma.caveat}' if lemma.caveat else ''}, in a fresh elaboration of the whole file: "
        f"no new error, the statement is unchanged. Axioms: {_axioms(lemma)}.",
        "Compute": f"Found in {figures.time:.2f} s by {', '.join(figures.strategies)}; "
        f"{figures.tactics} tactics. All attempts together: {figures.cpu:.2f} s of local CPU, "
        f"{tokens} API tokens.",
        "Cache hits": f"{len(lemma.scripts)} of {len(lemma.scripts)} proofs came from the ledger "
        "and were checked again.",
    }


def _filled(template: str, heading: str, text: str) -> str:
    """The template with a text below its heading, in the place of the hint there."""
    for found in _HEADING.finditer(template):
        if found["title"].casefold() == heading.casefold():
            hint = _HINT.match(template, found.end())
            rest = template[hint.end() if hint else found.end() :].lstrip("\r\n")
            above = template[: found.end()]
            return f"{above}\n\n{text}\n\n{rest}" if rest else f"{above}\n\n{text}\n"
    above = f"{template.rstrip()}\n\n" if template.strip() else ""
    return f"{above}## {heading}\n\n{text}\n"


def _split(name: str) -> tuple[str, str, str]:
    """Namespace, dot and last part; dots between « and » are part of a name."""
    cut = len(name)
    while (cut := name.rfind(".", 0, cut)) >= 0:
        if name.count("«", cut) == name.count("»", cut):
            return name[:cut], ".", name[cut + 1 :]
    return "", "", name


def _safe(part: str) -> str:
    return _UNSAFE.sub(lambda found: "".join(f"%{ord(c):02X}" for c in found.group()), part)
