"""The dependency graph of a blueprint: what waits for what, and what most of it waits for.

An edge runs from what is used to what uses it. Needs networkx, which is an extra.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from search.blueprint.errors import BlueprintError
from search.blueprint.nodes import Blueprint

if TYPE_CHECKING:
    from networkx import DiGraph


@dataclass(frozen=True, slots=True)
class Critical:
    """An open node with its betweenness in [0, 1] (the share of the shortest ways through the
    graph that lead over it), and how many open nodes wait for it.
    """

    key: str
    betweenness: float
    waiting: int


class Dependencies:
    """Who uses whom. Raises BlueprintError when networkx is not installed."""

    def __init__(self, blueprint: Blueprint) -> None:
        try:
            import networkx
        except ImportError as error:
            raise BlueprintError(
                "A blueprint's graph needs networkx.", "pip install 'unsorry[blueprint]'"
            ) from error
        self._networkx = networkx
        self.graph: DiGraph[str] = networkx.DiGraph()
        self.graph.add_nodes_from(node.key for node in blueprint.nodes)
        for node in blueprint.nodes:
            for used in node.every_use:
                if used in self.graph and used != node.key:
                    self.graph.add_edge(used, node.key)

    def circles(self) -> list[list[str]]:
        """Nodes that use each other in a circle, each circle once."""
        parts = self._networkx.strongly_connected_components(self.graph)
        return sorted(sorted(part) for part in parts if len(part) > 1)

    def before(self, key: str) -> set[str]:
        """Everything that a node rests on, itself not counted."""
        return set(self._networkx.ancestors(self.graph, key))

    def critical(self, still_open: Collection[str]) -> list[Critical]:
        """The open nodes, those first that lie on most ways; then those most others wait for."""
        between = self._networkx.betweenness_centrality(self.graph)
        found = [
            Critical(
                key,
                between[key],
                len(self._networkx.descendants(self.graph, key).intersection(still_open)),
            )
            for key in still_open
        ]
        return sorted(found, key=lambda node: (-node.betweenness, -node.waiting, node.key))
