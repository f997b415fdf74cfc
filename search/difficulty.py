"""How hard a goal looks, from 0 to 1: logistic in the counts of its feature vector.

Difficulty is the estimated probability that the light strategies do not prove the goal within its
budget; before it is fitted, that no single closer does. It orders goals and opens the way to heavy
strategies; it says nothing about which strategy to take (that is `search.bandit`).
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lean.errors import LeanError, WorkspaceError
from search.features import COUNTS

FORMAT = 1
LEAST_ROWS = 40
"""Goals needed for a fit, and LEAST_EACH of either kind: about three for each weight."""
LEAST_EACH = 8
RIDGE = 1.0
"""Pull of the fitted weights towards 0 (L2, on standardised features); the constant is free."""
STEPS = 30
"""Newton steps at most; a fit converges in fewer than ten."""
CONVERGED = 1e-6

DEFAULT_WEIGHTS: Mapping[str, float] = {
    "size": 0.1,
    "facts": -0.2,
    "alternations": 2.0,
    "definitions": 1.0,
    "recursive_definitions": 0.6,
    "user_inductives": 0.6,
    "recursive_variables": 0.2,
}
"""Before anything is fitted: rounded from what tells goals that no single closer proves from
others in `bench/recorded.jsonl` (area under the curve 0.80). Quantifiers that alternate call for
witnesses, the document's own functions and types for unfolding and induction; facts help.
"""
DEFAULT_CONSTANT = -1.8
"""So that a goal of 30 nodes without anything special is at 0.2."""


class TooFewRows(LeanError):
    """The ledger can't teach difficulty yet."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """The model: a weight for each count of `search.features`, a constant, and the rows behind it.

    `rows` is 0 for the documented default.
    """

    weights: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    constant: float = DEFAULT_CONSTANT
    rows: int = 0

    def of(self, vector: Mapping[str, float]) -> float:
        """The difficulty of a goal, in [0, 1]."""
        return _logistic(
            self.constant
            + sum(weight * vector.get(name, 0.0) for name, weight in self.weights.items())
        )

    def save(self, path: Path) -> None:
        """Write the model as JSON. Raises OSError."""
        content = {
            "format": FORMAT,
            "rows": self.rows,
            "constant": self.constant,
            "weights": dict(self.weights),
        }
        path.write_text(json.dumps(content, indent=2) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> "Difficulty":
        """The model in a file that `save` wrote; the default where there is none.

        Raises WorkspaceError when the file is something else.
        """
        try:
            content = json.loads(path.read_text("utf-8"))
            if content["format"] != FORMAT:
                raise ValueError(f"format {content['format']}")
            weights = {name: float(content["weights"][name]) for name in content["weights"]}
            return cls(weights, float(content["constant"]), int(content["rows"]))
        except FileNotFoundError:
            return cls()
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WorkspaceError(
                f"{path} is no fitted difficulty: {error}.", "Delete it and run `unsorry fit`."
            ) from error


def fit(rows: Iterable[tuple[Mapping[str, float], bool]]) -> Difficulty:
    """The difficulty learned from goals, each a vector and whether the light strategies proved it.

    Ridge-penalised logistic regression by Newton's method (iteratively reweighted least squares;
    Hastie, Tibshirani, Friedman, The Elements of Statistical Learning, 4.4.1). Raises TooFewRows.
    """
    vectors, proved = [], []
    for vector, was_proved in rows:
        vectors.append(vector)
        proved.append(was_proved)
    _enough(len(proved), sum(proved))
    means, spreads = _scales(vectors)
    table = [[1.0] + [(v.get(n, 0.0) - means[n]) / spreads[n] for n in COUNTS] for v in vectors]
    fitted = _newton(table, [0.0 if was_proved else 1.0 for was_proved in proved])
    weights = {n: w / spreads[n] for n, w in zip(COUNTS, fitted[1:], strict=True)}
    constant = fitted[0] - sum(weights[n] * means[n] for n in COUNTS)
    return Difficulty(weights, constant, len(proved))


def _enough(rows: int, proved: int) -> None:
    if rows < LEAST_ROWS or proved < LEAST_EACH or rows - proved < LEAST_EACH:
        raise TooFewRows(
            f"There are {rows} finished goals, {proved} of them proved; a fit needs {LEAST_ROWS}, "
            f"with at least {LEAST_EACH} proved and {LEAST_EACH} not.",
            "Search more goals first.",
        )


def _scales(vectors: Sequence[Mapping[str, float]]) -> tuple[dict[str, float], dict[str, float]]:
    """Mean and standard deviation of each count; 1 where a count never varies."""
    means, spreads = {}, {}
    for name in COUNTS:
        values = [vector.get(name, 0.0) for vector in vectors]
        means[name] = mean = math.fsum(values) / len(values)
        spreads[name] = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / len(values)) or 1.0
    return means, spreads


def _newton(table: Sequence[Sequence[float]], targets: Sequence[float]) -> list[float]:
    """The weights (the constant first) that maximise the penalised likelihood."""
    width = len(table[0])
    weights = [0.0] * width
    for _ in range(STEPS):
        slope = [0.0] + [-RIDGE * weight for weight in weights[1:]]
        curve = [[RIDGE * (i == j > 0) for j in range(width)] for i in range(width)]
        for row, target in zip(table, targets, strict=True):
            chance = _logistic(sum(w * x for w, x in zip(weights, row, strict=True)))
            weight = chance * (1 - chance)
            for i, x in enumerate(row):
                slope[i] += (target - chance) * x
                for j in range(width):
                    curve[i][j] += weight * x * row[j]
        step = _solved(curve, slope)
        weights = [w + s for w, s in zip(weights, step, strict=True)]
        if max(map(abs, step)) < CONVERGED:
            break
    return weights


def _solved(matrix: list[list[float]], right: Sequence[float]) -> list[float]:
    """x with `matrix` x = `right`, by Gaussian elimination with pivoting; `matrix` is used up."""
    size = len(right)
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for k in range(i + 1, size):
            factor = rows[k][i] / rows[i][i]
            rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    found = [0.0] * size
    for i in reversed(range(size)):
        rest = sum(rows[i][j] * found[j] for j in range(i + 1, size))
        found[i] = (rows[i][size] - rest) / rows[i][i]
    return found


def _logistic(value: float) -> float:
    """1 / (1 + e^-value), without overflow."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else 1 - 1 / (1 + math.exp(value))
