"""One ranking from several: by reciprocal rank.

After Cormack, Clarke and Büttcher, "Reciprocal rank fusion" (2009). Scores of different rankers
can't be compared; places can.
"""

from collections.abc import Mapping, Sequence

SMOOTHING = 5.0
"""How little it matters whether something is first or second. Their paper has 60, for documents of
which many are relevant; here it is one or two (`bench.premises`: recall@12 0.71 against 0.77)."""


def fused(
    rankings: Mapping[str, Sequence[int]],
    weights: Mapping[str, float] | None = None,
    smoothing: float = SMOOTHING,
) -> list[tuple[int, float]]:
    """All numbers of the rankings, each with the sum of `weight / (smoothing + place)`, best first.

    Places count from 1; a ranking without a weight weighs 1.
    """
    scores: dict[int, float] = {}
    for name, ranking in rankings.items():
        weight = (weights or {}).get(name, 1.0)
        for place, number in enumerate(ranking, 1):
            scores[number] = scores.get(number, 0.0) + weight / (smoothing + place)
    return sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))
