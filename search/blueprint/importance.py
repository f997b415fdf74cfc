"""How much of a blueprint waits for a declaration, for the order in which goals are searched.

By the marks in the text alone, because it is asked before any Lean runs.
"""

import logging
from pathlib import Path

from search.blueprint.errors import BlueprintError
from search.blueprint.graph import Dependencies
from search.blueprint.reading import SOURCES, has_blueprint, read_blueprint

logger = logging.getLogger(__name__)


def importance(root: Path) -> dict[str, float]:
    """By declaration of an open node: its betweenness, in [0, 1]. Empty without a blueprint in
    `root`, and, with a line in the log, when that can't be read.
    """
    if not has_blueprint(root):
        return {}
    try:
        blueprint = read_blueprint(root / SOURCES)
        dependencies = Dependencies(blueprint)
    except BlueprintError as error:
        logger.warning("The blueprint does not count: %s", error)
        return {}
    still_open = [node.key for node in blueprint.nodes if node.lean and not node.marked_proved]
    nodes = blueprint.by_key
    found: dict[str, float] = {}
    for critical in dependencies.critical(still_open):
        for name in nodes[critical.key].lean:
            found[name] = max(found.get(name, 0.0), critical.betweenness)
    return found
