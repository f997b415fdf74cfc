"""How far each node of a blueprint is, by what Lean says of its declarations.

The words are leanblueprint's; but where it believes the marks in the text, here Lean decides. A
node that names no declaration is not counted as stated, whatever its marks say.
"""

from dataclasses import dataclass

from search.blueprint.declarations import Declarations
from search.blueprint.graph import Critical, Dependencies
from search.blueprint.nodes import Blueprint, Node


@dataclass(frozen=True, slots=True)
class NodeStanding:
    """`stated`: its declarations are there, and what they say is complete. `proved`: none of them
    has a sorry or rests on one (a definition needs no proof). `fully_proved`: nor has anything that
    it rests on in the blueprint. `can_state`, `can_prove`: all that it uses is stated.

    `stated` and `proved` are None when Lean could not read all files and its declaration was in
    none of the others. `reason`: why it is not stated, or not proved.
    """

    node: Node
    stated: bool | None
    proved: bool | None
    can_state: bool = False
    can_prove: bool = False
    fully_proved: bool = False
    reason: str = ""

    @property
    def done(self) -> bool:
        """Is nothing left to do for it?"""
        return bool(self.stated if self.node.defines else self.proved)

    @property
    def word(self) -> str:
        """The furthest that it has come, in a word or two."""
        if self.stated is None:
            return "unknown"
        if self.fully_proved:
            return "fully proved"
        if self.proved:
            return "proved"
        if self.stated:
            return "defined" if self.node.defines else "stated"
        if self.node.notready:
            return "not ready"
        return "can be stated" if self.can_state else "waits"


@dataclass(frozen=True, slots=True)
class Standing:
    """All nodes, and the open ones by how much depends on them."""

    nodes: tuple[NodeStanding, ...]
    critical: tuple[Critical, ...]
    circles: tuple[tuple[str, ...], ...]

    @property
    def statements(self) -> tuple[NodeStanding, ...]:
        """The nodes that want a proof."""
        return tuple(found for found in self.nodes if not found.node.defines)

    @property
    def coverage(self) -> dict[str, tuple[int, int]]:
        """Of how many nodes each is true, and of how many it could be; only of statements it can
        be true that they are proved.
        """
        nodes, statements = self.nodes, self.statements
        return {
            "stated": (sum(bool(found.stated) for found in nodes), len(nodes)),
            "can_state": (sum(found.can_state for found in nodes), len(nodes)),
            "can_prove": (sum(found.can_prove for found in statements), len(statements)),
            "proved": (sum(bool(found.proved) for found in statements), len(statements)),
            "fully_proved": (sum(found.fully_proved for found in nodes), len(nodes)),
        }


def standing_of(blueprint: Blueprint, declarations: Declarations) -> Standing:
    """How far each node is. Raises BlueprintError when networkx is not installed."""
    dependencies = Dependencies(blueprint)
    first = {node.key: _alone(node, declarations) for node in blueprint.nodes}
    stated = {key for key, found in first.items() if found.stated}
    done = {key for key, found in first.items() if found.done}

    def whole(found: NodeStanding) -> NodeStanding:
        node = found.node
        ready = stated.issuperset(used for used in node.uses if used in first)
        ready_proof = stated.issuperset(used for used in node.every_use if used in first)
        return NodeStanding(
            node,
            found.stated,
            found.proved,
            can_state=ready and not node.notready,
            can_prove=ready_proof and bool(found.stated),
            fully_proved=found.done and done.issuperset(dependencies.before(node.key)),
            reason=found.reason,
        )

    nodes = tuple(whole(found) for found in first.values())
    still_open = [found.node.key for found in nodes if not found.done]
    return Standing(
        nodes,
        tuple(dependencies.critical(still_open)),
        tuple(tuple(circle) for circle in dependencies.circles()),
    )


def _alone(node: Node, declarations: Declarations) -> NodeStanding:
    """What is said of a node without looking at others."""
    if node.outside:
        return NodeStanding(node, True, True)
    if not node.lean:
        return NodeStanding(node, False, False, reason="it names no declaration")
    missing = [name for name in node.lean if name not in declarations.found]
    if missing and not declarations.complete:
        return NodeStanding(node, None, None, reason=f"{missing[0]} was not found")
    if missing:
        return NodeStanding(node, False, False, reason=f"Lean knows no {missing[0]}")
    found = [declarations.found[name] for name in node.lean]
    unproved = next((f"{one.name}: {one.open}" for one in found if one.open), "")
    unstated = next(
        (f"{one.name}: {one.statement_open}" for one in found if one.statement_open), ""
    )
    if node.defines:
        unstated = unproved
    return NodeStanding(node, not unstated, not unproved, reason=unstated or unproved)
