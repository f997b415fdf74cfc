"""How much rests on a declaration: in the workspace, read off its texts, and in the blueprint.

A word count, not an analysis: which declarations mention a name is all that priorities need.
"""

import re
from collections import Counter
from collections.abc import Mapping

_NAME = re.compile(r"[^\W\d][\w'.!?]*")
_DECLARATION = re.compile(
    r"^(?=(?:@\[[^\]]*\]\s*|private |protected |noncomputable |partial |unsafe |local |scoped )*"
    r"(?:theorem|lemma|def|abbrev|instance|example|structure|inductive|class|opaque|axiom)\b)",
    re.MULTILINE,
)


class Criticality:
    """The declarations that mention each name, over all texts seen so far."""

    def __init__(self) -> None:
        self._mentions: dict[str, Counter[str]] = {}
        self._total: Counter[str] = Counter()
        self._planned: Mapping[str, float] = {}

    def plan(self, importance: Mapping[str, float]) -> None:
        """Take what the blueprint says, by declaration, in [0, 1] (`search.blueprint`)."""
        self._planned = importance

    def planned(self, declaration: str) -> float:
        """How much of the blueprint waits for this declaration; 0 when it is not in it."""
        return self._planned.get(declaration, 0.0)

    def see(self, path: str, text: str) -> None:
        """Count `text` as what `path` says now."""
        self.forget(path)
        counted = self._mentions[path] = Counter()
        for declaration in _DECLARATION.split(text)[1:]:
            counted.update(_last_parts(declaration))
        self._total += counted

    def forget(self, path: str) -> None:
        """Count `path` no more."""
        self._total -= self._mentions.pop(path, Counter())

    def of(self, declaration: str) -> int:
        """How many declarations mention this one, itself not counted."""
        return max(0, self._total[declaration.rsplit(".", 1)[-1]] - 1)


def _last_parts(text: str) -> set[str]:
    """Each name as the last part of it, once: `Demo.double` and `xs.double` mention `double`."""
    return {name.rstrip(".").rsplit(".", 1)[-1] for name in _NAME.findall(text)}
