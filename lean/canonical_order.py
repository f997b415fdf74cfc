"""An order of a goal's hypotheses that depends on what they say, not on names or places.

Works on the tokens of the driver's `canonical`; what is made of the order is `lean.goal_key`. Where
colour refinement can't tell two hypotheses apart that no symmetry exchanges, the order may depend
on the one they came in: then one goal has two keys, and two goals still never have one.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence

from lean.protocol import CanonicalGoal, CanonicalHypothesis

TOKEN = re.compile(r"""['$]"(?:[^"\\]|\\.)*"|\S+""")
"""One token: literals of text and names in French quotes are JSON texts, and may hold spaces."""
_COUNTED = "@?"
"""First characters of the marks of universe parameters and of metavariables of both kinds."""


def tokens_of(text: str) -> list[str]:
    """The tokens of a canonical text."""
    return TOKEN.findall(text)


def variable(token: str) -> int | None:
    """The index of the hypothesis that a token stands for."""
    return int(token[1:]) if token[0] == "#" else None


class Ordering:
    """Gives the hypotheses of one goal their places, first those of one set, then of others."""

    def __init__(self, goal: CanonicalGoal) -> None:
        self.order: list[int] = []
        """Indices of the hypotheses that have a place, in order."""
        self._target = tokens_of(goal.target)
        self._said = [_tokens(hypothesis) for hypothesis in goal.hypotheses]
        self._place: dict[int, int] = {}

    def place(self, chosen: Iterable[int]) -> None:
        """Gives places to the hypotheses `chosen`, which must hold what they mention.

        First those that the target mentions, as it mentions them; then always the one with the
        smallest signature. What a hypothesis mentions comes before it.
        """
        waiting = set(chosen) - set(self._place)
        self._visit(self._target, waiting)
        colours = self._colours(waiting)
        while waiting:
            index = min(waiting, key=lambda i: (colours[i], i))
            alone = sum(colours[other] == colours[index] for other in waiting) == 1
            self._visit([f"#{index}"], waiting)
            if not alone:
                colours = self._colours(waiting)

    def texts(self) -> list[str]:
        """Target and hypotheses in order, with variables and universes numbered as they come."""
        numbers: dict[str, dict[str, int]] = {}
        return [
            " ".join(self._numbered(token, numbers) for token in tokens)
            for tokens in [self._target, *(self._said[index] for index in self.order)]
        ]

    def _numbered(self, token: str, numbers: dict[str, dict[str, int]]) -> str:
        if (index := variable(token)) is not None:
            return f"#{self._place[index]}"
        if token[0] in _COUNTED:
            mark = token.rstrip("0123456789")
            same = numbers.setdefault(mark, {})
            return f"{mark}{same.setdefault(token, len(same))}"
        return token

    def _visit(self, tokens: Sequence[str], waiting: set[int]) -> None:
        """Gives places in order of mention, to what is mentioned first."""
        for token in tokens:
            index = variable(token)
            if index is not None and index in waiting:
                waiting.discard(index)
                self._visit(self._said[index], waiting)
                self._place[index] = len(self.order)
                self.order.append(index)

    def _colours(self, waiting: set[int]) -> dict[int, str]:
        """Signatures of those that wait, told apart by all that they mention and are mentioned in.

        Colour refinement (1-dimensional Weisfeiler-Leman) on the graph of mentions.
        """
        colours = dict.fromkeys(waiting, "")
        count = 0
        while len(set(colours.values())) > count:
            count = len(set(colours.values()))
            colours = self._refined(colours)
        return colours

    def _refined(self, colours: dict[int, str]) -> dict[int, str]:
        def painted(token: str) -> str:
            index = variable(token)
            if index is None:
                return token[0] if token[0] in _COUNTED else token
            return f"#{self._place[index]}" if index in self._place else f"#{colours.get(index)}"

        said = {index: [painted(token) for token in self._said[index]] for index in colours}
        mentions: dict[int, list[str]] = {index: [] for index in colours}
        for index in colours:
            for position, token in enumerate(self._said[index]):
                mentioned = variable(token)
                if mentioned in mentions:
                    mentions[mentioned].append(
                        f"{colours[index]}:{position}:{_digest(said[index])}"
                    )
        return {
            index: _digest([colours[index], *said[index], "|", *sorted(mentions[index])])
            for index in colours
        }


def closure(chosen: Iterable[int], needs: Callable[[int], Iterable[int]]) -> set[int]:
    """`chosen`, with all that they need."""
    found: set[int] = set()
    waiting = list(chosen)
    while waiting:
        index = waiting.pop()
        if index not in found:
            found.add(index)
            waiting += needs(index)
    return found


def _tokens(hypothesis: CanonicalHypothesis) -> list[str]:
    value = [":=", *tokens_of(hypothesis.value)] if hypothesis.value else []
    return tokens_of(hypothesis.type) + value


def _digest(parts: Iterable[str]) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
