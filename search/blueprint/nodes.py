"""The nodes of a blueprint, as its TeX tells them: statements, their proofs, and every `\\leanok`.

Values only; `search.blueprint.reading` makes them.
"""

from dataclasses import dataclass, field
from pathlib import Path

DEFINITION = "definition"


@dataclass(frozen=True, slots=True)
class Place:
    """Something in a file: [`start`, `end`) are indices of its text."""

    path: Path
    start: int
    end: int


@dataclass(slots=True)
class Proof:
    """A `proof` environment. `begin` is its `\\begin{proof}` with the options."""

    begin: Place
    uses: list[str] = field(default_factory=list)
    leanok: list[Place] = field(default_factory=list)
    proves: str = ""


@dataclass(slots=True)
class Node:
    """A statement. `key` is its label, or else what it can be told by; `line` counts from 1.

    `kind` is the environment; `lean` are the declarations it names, `named` the last `\\lean{…}`
    with them; `uses` are labels, those that the proofs use apart. `outside`: `\\mathlibok`.
    """

    begin: Place
    kind: str
    line: int
    key: str = ""
    defines: bool = False
    lean: list[str] = field(default_factory=list)
    named: Place | None = None
    uses: list[str] = field(default_factory=list)
    leanok: list[Place] = field(default_factory=list)
    notready: bool = False
    outside: bool = False
    proofs: list[Proof] = field(default_factory=list)

    @property
    def every_use(self) -> list[str]:
        """What the statement and the proofs use, each label once."""
        used = [*self.uses, *(label for proof in self.proofs for label in proof.uses)]
        return list(dict.fromkeys(used))

    @property
    def marked_proved(self) -> bool:
        """Do its marks say that nothing is left to do?"""
        if self.outside or self.defines:
            return self.outside or bool(self.leanok)
        return any(proof.leanok for proof in self.proofs)


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All nodes in the order of the document, the text of every file that was read, and what the
    author should look at.
    """

    folder: Path
    nodes: tuple[Node, ...]
    texts: dict[Path, str]
    problems: tuple[str, ...] = ()

    @property
    def by_key(self) -> dict[str, Node]:
        """The nodes by their keys."""
        return {node.key: node for node in self.nodes}

    @property
    def declarations(self) -> list[str]:
        """Every declaration that a node names, once."""
        return list(dict.fromkeys(name for node in self.nodes for name in node.lean))
